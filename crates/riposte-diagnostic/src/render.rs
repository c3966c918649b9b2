//! How a diagnostic looks on a terminal.

use crate::excerpt::{self, Line};
use crate::{Diagnostic, Severity};
use std::fmt;

/// What makes a part of a diagnostic stand out, as ANSI codes.
const BOLD_RED: &str = "1;31";
const BOLD_YELLOW: &str = "1;33";
const BOLD: &str = "1";
const DIM: &str = "2";
const CYAN: &str = "36";

/// The text form: one line with severity, place, message and code; the source with the faulty part underlined;
/// notes and the help.
///
/// ```
/// use riposte_diagnostic::Diagnostic;
/// let text = Diagnostic::error("InvalidTemplate", "function `trigerBody` is not known")
///     .in_file("playbook.json")
///     .at("$.actions.Compose.inputs")
///     .in_source("trigerBody()", 0, 10)
///     .help("did you mean `triggerBody`?")
///     .to_string();
/// assert_eq!(
///     text,
///     "error: playbook.json: $.actions.Compose.inputs: function `trigerBody` is not known [InvalidTemplate]\n  \
///      | trigerBody()\n  | ^^^^^^^^^^\n  = help: did you mean `triggerBody`?"
/// );
/// ```
impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, false)
    }
}

impl Diagnostic {
    /// The text form with colours, for a terminal.
    pub fn coloured(&self) -> impl fmt::Display {
        Coloured(self)
    }

    fn write(&self, f: &mut fmt::Formatter<'_>, colour: bool) -> fmt::Result {
        let style = match self.severity {
            Severity::Error => BOLD_RED,
            Severity::Warning => BOLD_YELLOW,
            Severity::Info => BOLD,
        };
        write!(f, "{}: ", paint(colour, style, self.severity.as_str()))?;
        if let Some(file) = &self.location.file {
            match self.location.line {
                Some((line, column)) => write!(f, "{}:{line}:{column}: ", flat(file))?,
                None => write!(f, "{}: ", flat(file))?,
            }
        } else if let Some((line, column)) = self.location.line {
            write!(f, "line {line}, column {column}: ")?;
        }
        if let Some(path) = &self.location.path {
            write!(f, "{}: ", flat(path))?;
        }
        write!(f, "{} {}", flat(&self.message), paint(colour, DIM, &format!("[{}]", self.code)))?;
        if let (Some(source), Some(span)) = (&self.location.source, self.location.span) {
            underline(f, &excerpt::lines(source, span), colour, style)?;
        }
        let mark = paint(colour, DIM, "=");
        for note in &self.notes {
            write!(f, "\n  {mark} {}: {}", paint(colour, BOLD, "note"), flat(note))?;
        }
        if let Some(help) = &self.help {
            write!(f, "\n  {mark} {}: {}", paint(colour, CYAN, "help"), flat(help))?;
        }
        Ok(())
    }
}

struct Coloured<'a>(&'a Diagnostic);

impl fmt::Display for Coloured<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.write(f, true)
    }
}

/// Shows the lines of an excerpt, each with its part underlined. Lines are numbered where the text has several.
fn underline(f: &mut fmt::Formatter<'_>, lines: &[Line], colour: bool, style: &str) -> fmt::Result {
    let highest = lines.iter().filter_map(|line| match line {
        Line::Shown { number, .. } => *number,
        Line::Gap => None,
    });
    let digits = highest.max().map_or(0, |number| number.to_string().len());
    let bar = paint(colour, DIM, "|");
    // Without numbers the bar stands where it does beside notes and help.
    let margin = if digits == 0 { " ".to_owned() } else { " ".repeat(digits + 2) };
    for line in lines {
        match line {
            Line::Gap => write!(f, "\n{}{}", " ".repeat(digits + 2), paint(colour, DIM, "⋮"))?,
            Line::Shown { number, text, underline: (before, columns) } => {
                let gutter = match number {
                    Some(number) => format!(" {number:>digits$} "),
                    None => margin.clone() + " ",
                };
                let marks = paint(colour, style, &"^".repeat(*columns));
                write!(f, "\n{}{bar} {text}", paint(colour, DIM, &gutter))?;
                let blank = " ".repeat(gutter.chars().count());
                write!(f, "\n{blank}{bar} {}{marks}", " ".repeat(*before))?;
            }
        }
    }
    Ok(())
}

fn paint(colour: bool, style: &str, text: &str) -> String {
    if colour { format!("\x1b[{style}m{text}\x1b[0m") } else { text.to_owned() }
}

/// One line, whatever the user's input in it holds: control characters become spaces, and what turns the direction of
/// the text around U+FFFD.
fn flat(text: &str) -> String {
    let plain = |c: char| match c {
        c if c.is_control() => ' ',
        c if is_direction(c) => '\u{fffd}',
        c => c,
    };
    text.chars().map(plain).collect()
}

/// Whether a character turns the direction of the text after it around, so that it reads as another.
pub fn is_direction(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What stands under the first line.
    fn shown(source: &str, marked: &str) -> String {
        let start = source.find(marked).unwrap();
        let text = Diagnostic::error("C", "m").in_source(source, start, start + marked.len()).to_string();
        text.split_once('\n').unwrap().1.to_owned()
    }

    #[test]
    fn the_faulty_part_is_underlined() {
        for (source, marked, expected) in [
            ("add(1,)", ")", "  | add(1,)\n  |       ^"),
            // wide characters take two columns, accents none
            ("concat('漢字', x)", "x", "  | concat('漢字', x)\n  |                ^"),
            ("concat('漢字')", "'漢字'", "  | concat('漢字')\n  |        ^^^^^^"),
            ("e\u{301}(x)", "x", "  | e\u{301}(x)\n  |   ^"),
            // what would move the cursor is drawn
            ("a\tb\u{1b}[2J(x)", "x", "  | a b␛[2J(x)\n  |         ^"),
            ("a\u{202e}b", "b", "  | a\u{fffd}b\n  |   ^"),
            // one line of several
            ("add(\n  1,\n  foo(2)\n)", "foo(2)", " 3 |   foo(2)\n   |   ^^^^^^"),
            ("add(1,\r\n  foo(2))\r\n", "foo(2)", " 2 |   foo(2))\n   |   ^^^^^^"),
            // a span of several lines
            (
                "if(x,\n  foo(1,\n    2),\n 3)",
                "foo(1,\n    2)",
                " 2 |   foo(1,\n   |   ^^^^^^\n 3 |     2),\n   |     ^^",
            ),
        ] {
            assert_eq!(shown(source, marked), expected, "{source:?}");
        }
    }

    #[test]
    fn an_empty_part_and_one_behind_the_end_have_a_mark() {
        for (source, at, expected) in [
            ("", 0, "  | \n  | ^"),
            ("add(1,", 6, "  | add(1,\n  |       ^"),
            ("add(1,\n", 7, "  | add(1,\n  |       ^"),
            ("add(1,\n ", 8, " 2 |  \n   |  ^"),
            ("a", 9, "  | a\n  |  ^"),
            ("a\nb", 2, " 2 | b\n   | ^"),
        ] {
            let text = Diagnostic::error("C", "m").in_source(source, at, at).to_string();
            assert_eq!(text.split_once('\n').unwrap().1, expected, "{source:?}");
        }
    }

    #[test]
    fn long_lines_are_shortened_around_the_part() {
        let lead = "x".repeat(500);
        let text = shown(&format!("{lead}(BAD){lead}"), "BAD");
        let x = |count| "x".repeat(count);
        let blank = " ".repeat(21);
        assert_eq!(text, format!("  | …{}(BAD){}…\n  | {blank}^^^", x(19), x(19)));
        // A long part keeps its beginning and its end.
        let long = format!("<{}>", "漢".repeat(300));
        let text = shown(&format!("{long}[9]"), &long);
        let (first, second) = text.split_once('\n').unwrap();
        assert_eq!(first, format!("  | <{0}…{0}>[9]", "漢".repeat(13)));
        assert_eq!(second, format!("  | {}", "^".repeat(55)));
    }

    #[test]
    fn a_part_of_many_lines_shows_its_ends() {
        let source = format!("f(1,\n{}2)", "a,\n".repeat(20));
        let text = shown(&source, &source);
        assert_eq!(
            text,
            "  1 | f(1,\n    | ^^^^\n  2 | a,\n    | ^^\n    ⋮\n 21 | a,\n    | ^^\n 22 | 2)\n    | ^^"
        );
    }

    #[test]
    fn colours_are_for_terminals_and_messages_stay_on_their_line() {
        let diagnostic =
            Diagnostic::error("C", "two\nlines\u{1b}[2J\u{202e}").in_source("f(x)", 2, 3).note("n").help("h");
        assert_eq!(
            diagnostic.to_string(),
            "error: two lines [2J\u{fffd} [C]\n  | f(x)\n  |   ^\n  = note: n\n  = help: h"
        );
        let coloured = diagnostic.coloured().to_string();
        assert!(
            coloured.starts_with("\u{1b}[1;31merror\u{1b}[0m: two lines [2J\u{fffd} \u{1b}[2m[C]"),
            "{coloured:?}"
        );
        assert!(coloured.contains("\u{1b}[1;31m^\u{1b}[0m"), "{coloured:?}");
    }
}
