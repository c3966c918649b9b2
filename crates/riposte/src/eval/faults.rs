//! Errors of the expression language as diagnostics with the faulty part underlined.

use super::evidence;
use riposte_diagnostic::Diagnostic;
use riposte_expression::{CompileError, Context, EvaluationError, Limits, ParseError};

/// A text that is no expression.
pub fn parsing(error: &ParseError) -> Diagnostic {
    let diagnostic = Diagnostic::error("InvalidTemplate", error.message.clone()).in_source(
        error.expression.to_string(),
        error.span.start,
        error.span.end,
    );
    helped(diagnostic, error.help.as_deref())
}

/// A string of a template that cannot be compiled.
pub fn compilation(error: &CompileError) -> Diagnostic {
    let diagnostic = parsing(&error.error);
    if error.path == "$" { diagnostic } else { diagnostic.at(error.path.clone()) }
}

/// An expression without a value, and the values that were there instead.
pub fn evaluation(error: &EvaluationError, context: &dyn Context, limits: Limits) -> Diagnostic {
    let diagnostic = Diagnostic::error(error.code, error.message.clone()).in_source(
        error.expression.clone(),
        error.span.start,
        error.span.end,
    );
    let notes = evidence::of(error, context, limits);
    helped(notes.into_iter().fold(diagnostic, Diagnostic::note), error.help.as_deref())
}

fn helped(diagnostic: Diagnostic, help: Option<&str>) -> Diagnostic {
    match help {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    }
}
