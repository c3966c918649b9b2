//! What can be wrong with an expression: when it is parsed, when a template is compiled, when it is evaluated.

use crate::path;
use riposte_diagnostic::{Diagnostic, Span};
use std::fmt;
use std::sync::Arc;

/// Why text is not an expression, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseError {
    /// What is wrong, in the words of the service: `expected token 'RightParenthesis' and actual 'Identifier'`.
    pub message: String,
    /// The text that was parsed.
    pub expression: Box<str>,
    /// The faulty part, in bytes of [`Self::expression`].
    pub span: Span,
    /// What to do about it.
    pub help: Option<Box<str>>,
}

impl ParseError {
    pub(crate) fn new(text: &str, span: Span, message: impl Into<String>) -> Self {
        Self { message: message.into(), expression: text.into(), span, help: None }
    }

    #[must_use]
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into().into());
        self
    }
}

/// `Unable to parse template language expression '…': ….`
impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Unable to parse template language expression '{}': {}.", self.expression, self.message)
    }
}

impl std::error::Error for ParseError {}

/// A string in a template that cannot be compiled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompileError {
    /// Where the string stands in the template: a JSON path that begins with `$`.
    pub path: String,
    /// What is wrong with it.
    pub error: ParseError,
    /// The string as written.
    pub expression: String,
}

impl fmt::Display for CompileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl std::error::Error for CompileError {}

impl From<&CompileError> for Diagnostic {
    /// `InvalidTemplate`, pointing at the faulty part of the expression.
    fn from(error: &CompileError) -> Self {
        let ParseError { message, expression, span, help } = &error.error;
        let diagnostic =
            Self::error("InvalidTemplate", format!("the expression cannot be parsed: {message}"))
                .at(&error.path)
                .in_source(expression.to_string(), span.start, span.end);
        match help {
            Some(help) => diagnostic.help(help.to_string()),
            None => diagnostic,
        }
    }
}

/// Why an expression has no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvaluationError {
    /// The code that the service gives: `InvalidTemplate`.
    pub code: &'static str,
    /// The service's wording, without the sentence around it that names the action.
    pub message: String,
    /// The bare expression that failed.
    pub expression: String,
    /// The faulty part, in bytes of [`Self::expression`].
    pub span: Span,
    /// What to do about it.
    pub help: Option<Box<str>>,
    /// Where the string with the expression stands in the template: a JSON path that begins with `$`.
    pub path: Box<str>,
}

impl fmt::Display for EvaluationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for EvaluationError {}

impl From<&EvaluationError> for Diagnostic {
    /// The service's code and message, pointing at the faulty part of the expression.
    fn from(error: &EvaluationError) -> Self {
        let diagnostic = Self::error(error.code, error.message.clone()).at(error.path.to_string()).in_source(
            error.expression.clone(),
            error.span.start,
            error.span.end,
        );
        match &error.help {
            Some(help) => diagnostic.help(help.to_string()),
            None => diagnostic,
        }
    }
}

/// An error on its way out of a function or a step, before it is known which expression it belongs to.
///
/// Boxed, as every step of an evaluation hands out a result: with the words in it, a result was 64 bytes, else it is 24.
#[derive(Debug, Clone)]
pub(crate) struct Failure(Box<Details>);

#[derive(Debug, Clone)]
struct Details {
    message: String,
    help: Option<Box<str>>,
    span: Option<Span>,
}

/// An expression in a template.
#[derive(Debug)]
pub(crate) struct Place {
    /// The bare expression.
    pub text: Arc<str>,
    /// The JSON path of the string that holds it.
    pub path: Arc<str>,
}

impl Place {
    /// The span of the whole expression.
    pub fn whole(&self) -> Span {
        Span { start: 0, end: self.text.len() }
    }
}

impl Failure {
    #[cold]
    pub fn new(message: impl Into<String>) -> Self {
        Self(Box::new(Details { message: message.into(), help: None, span: None }))
    }

    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.0.help = Some(help.into().into());
        self
    }

    /// As [`Self::help`], if there is something to say.
    pub fn advised(self, help: Option<&str>) -> Self {
        match help {
            Some(help) => self.help(help),
            None => self,
        }
    }

    /// Points it at a part of the expression, unless a deeper part is named already.
    pub fn at(mut self, span: Span) -> Self {
        self.0.span.get_or_insert(span);
        self
    }

    /// The error as the caller of a template sees it: of the expression that was being evaluated, in the part that the
    /// failure names or else in the one that was begun last.
    #[cold]
    pub fn into_error(self, place: Option<&Place>, begun: Span) -> EvaluationError {
        let Details { message, help, span } = *self.0;
        let span = span.unwrap_or(begun);
        let (text, path) = place.map_or(("", "$"), |place| (&place.text, &place.path));
        EvaluationError {
            code: "InvalidTemplate",
            message: path::message(message, text),
            expression: text.to_owned(),
            span,
            help,
            path: path.into(),
        }
    }
}
