//! How a diagnostic looks on a terminal.

use crate::{Diagnostic, Span};
use std::fmt;

/// The text form: one line with severity, place, message and code; the source with the faulty part underlined;
/// the help.
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
        write!(f, "{}: ", self.severity.as_str())?;
        if let Some(file) = &self.location.file {
            match self.location.line {
                Some((line, column)) => write!(f, "{file}:{line}:{column}: ")?,
                None => write!(f, "{file}: ")?,
            }
        } else if let Some((line, column)) = self.location.line {
            write!(f, "line {line}, column {column}: ")?;
        }
        if let Some(path) = &self.location.path {
            write!(f, "{path}: ")?;
        }
        write!(f, "{} [{}]", self.message, self.code)?;
        if let (Some(source), Some(span)) = (&self.location.source, self.location.span) {
            underline(f, source, span)?;
        }
        if let Some(help) = &self.help {
            write!(f, "\n  = help: {help}")?;
        }
        Ok(())
    }
}

/// Shows the line of `source` that holds `span`, with the span underlined.
fn underline(f: &mut fmt::Formatter<'_>, source: &str, span: Span) -> fmt::Result {
    let before = source.get(..span.start).unwrap_or(source);
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let line = source.get(line_start..).unwrap_or_default().lines().next().unwrap_or_default();
    let lead = before.get(line_start..).unwrap_or_default().chars().count();
    let marked = source.get(span.start..span.end).unwrap_or_default();
    let width = marked.lines().next().unwrap_or_default().chars().count().max(1);
    write!(f, "\n  | {line}\n  | {}{}", " ".repeat(lead), "^".repeat(width))
}
