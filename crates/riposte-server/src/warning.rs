//! The header `Riposte-Warning`: one for each remark about what was accepted.

use http::{HeaderName, HeaderValue};
use riposte_diagnostic::{Diagnostic, Severity};
use std::fmt::Write;

/// `Riposte-Warning: CODE [path: ]message[; help]`
pub(crate) const HEADER: HeaderName = HeaderName::from_static("riposte-warning");

/// Many clients refuse an answer with more than a hundred headers or with very long ones.
const WARNINGS_MAX: usize = 20;
const CHARACTERS_MAX: usize = 400;

/// The header's values: warnings, not what is only remarked. The last one counts what found no place.
pub(crate) fn header_values(diagnostics: &[Diagnostic]) -> Vec<HeaderValue> {
    let warnings: Vec<&Diagnostic> = diagnostics.iter().filter(|d| d.severity > Severity::Info).collect();
    let first = warnings.iter().take(WARNINGS_MAX);
    let mut values: Vec<HeaderValue> = first.filter_map(|d| HeaderValue::from_str(&text(d)).ok()).collect();
    if let Some(more) = warnings.len().checked_sub(WARNINGS_MAX).filter(|more| *more > 0)
        && let Ok(value) =
            HeaderValue::from_str(&format!("MoreWarnings {more} further warnings are not shown"))
    {
        values.push(value);
    }
    values
}

fn text(diagnostic: &Diagnostic) -> String {
    let mut text = format!("{} ", diagnostic.code);
    if let Some(path) = &diagnostic.location.path {
        let _ = write!(text, "{path}: ");
    }
    text.push_str(&diagnostic.message);
    if let Some(help) = &diagnostic.help {
        let _ = write!(text, "; {help}");
    }
    ascii(&text)
}

/// What a header can carry: other characters as JSON escapes them.
fn ascii(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars().take(CHARACTERS_MAX) {
        if c == ' ' || c.is_ascii_graphic() {
            safe.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(safe, "\\u{unit:04x}");
            }
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_warning_is_ascii_whatever_the_name_in_it() {
        let diagnostic = Diagnostic::warning("LongName", "name `Übung\n😀` is long")
            .at("$.properties.displayName")
            .help("shorten");
        let values = header_values(&[diagnostic]);
        assert_eq!(
            values,
            ["LongName $.properties.displayName: name `\\u00dcbung\\u000a\\ud83d\\ude00` is long; shorten"]
        );
    }

    #[test]
    fn many_warnings_are_counted_not_sent() {
        let many: Vec<_> = (0..25).map(|i| Diagnostic::warning("W", format!("number {i}"))).collect();
        let values = header_values(&many);
        assert_eq!(values.len(), 21);
        assert_eq!(values[20], "MoreWarnings 5 further warnings are not shown");
    }
}
