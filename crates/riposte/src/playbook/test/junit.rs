//! `JUnit` XML, as CI systems read it: a `testsuite` a file, a `testcase` a test, what failed in `failure`.
//!
//! `time` is the time of the run's virtual clock: the tests themselves take none that matters.

use super::report::{File, Tested, Verdicts};
use std::fmt::Write;

/// The document.
pub fn document(verdicts: &Verdicts) -> String {
    let all = || verdicts.files().iter().flat_map(|file| &file.tests);
    let failed =
        |tests: &mut dyn Iterator<Item = &Tested>| tests.filter(|test| !test.failures.is_empty()).count();
    let errors = verdicts.refused().len();
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    line(
        &mut out,
        0,
        &format!(
            "<testsuites name=\"riposte playbook test\" tests=\"{}\" failures=\"{}\" errors=\"{errors}\">",
            all().count() + errors,
            failed(&mut all())
        ),
    );
    for file in verdicts.files() {
        suite(file, failed(&mut file.tests.iter()), &mut out);
    }
    for (file, diagnostics) in verdicts.refused() {
        let name = escaped(file);
        line(&mut out, 1, &format!("<testsuite name=\"{name}\" tests=\"1\" failures=\"0\" errors=\"1\">"));
        line(&mut out, 2, &format!("<testcase name=\"the file can be read\" classname=\"{name}\">"));
        let told: Vec<String> = diagnostics.iter().map(ToString::to_string).collect();
        line(
            &mut out,
            3,
            &format!("<error message=\"the file could not be read\">{}</error>", escaped(&told.join("\n"))),
        );
        line(&mut out, 2, "</testcase>");
        line(&mut out, 1, "</testsuite>");
    }
    line(&mut out, 0, "</testsuites>");
    out
}

fn suite(file: &File, failed: usize, out: &mut String) {
    let name = escaped(&file.name);
    line(
        out,
        1,
        &format!(
            "<testsuite name=\"{name}\" tests=\"{}\" failures=\"{failed}\" errors=\"0\">",
            file.tests.len()
        ),
    );
    for test in &file.tests {
        let time = test.took.map_or(0.0, |took| took.as_secs_f64());
        let head =
            format!("<testcase name=\"{}\" classname=\"{name}\" time=\"{time:.3}\"", escaped(&test.name));
        if test.failures.is_empty() {
            line(out, 2, &format!("{head}/>"));
            continue;
        }
        line(out, 2, &format!("{head}>"));
        for failure in &test.failures {
            let text = format!("{}\n{}", failure.place, failure.told());
            let failure =
                format!("<failure message=\"{}\">{}</failure>", escaped(&failure.told()), escaped(&text));
            line(out, 3, &failure);
        }
        line(out, 2, "</testcase>");
    }
    line(out, 1, "</testsuite>");
}

fn line(out: &mut String, depth: usize, text: &str) {
    // Writing to a string does not fail.
    let _ = writeln!(out, "{}{text}", "  ".repeat(depth));
}

/// Text for XML 1.0: markup escaped, characters that XML does not allow replaced.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => {
                let _ = write!(out, "&#{};", u32::from(c));
            }
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_does_not_allow_is_replaced() {
        assert_eq!(
            escaped("a<b> & \"c\"\n\u{1}\u{ffff}é"),
            "a&lt;b&gt; &amp; &quot;c&quot;&#10;\u{fffd}\u{fffd}é"
        );
    }
}
