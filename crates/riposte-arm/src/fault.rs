//! Why something could not be evaluated, before it is known where it stands.

use crate::expression::Span;

/// The outcome of evaluating something.
pub type Evaluated<T> = Result<T, Fault>;

/// Why something could not be evaluated.
#[derive(Debug, Clone)]
pub enum Fault {
    /// It leans on something that a diagnostic was given for already.
    Reported,
    /// What to tell.
    Told(Box<Told>),
}

/// What to tell about a fault.
#[derive(Debug, Clone)]
pub struct Told {
    pub code: &'static str,
    pub message: String,
    pub help: Option<String>,
    pub span: Option<Span>,
}

impl Fault {
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self::Told(Box::new(Told { code, message: message.into(), help: None, span: None }))
    }

    /// An expression that cannot be evaluated.
    pub fn expression(message: impl Into<String>) -> Self {
        Self::new("InvalidTemplateExpression", message)
    }

    /// A template that breaks a rule.
    pub fn template(message: impl Into<String>) -> Self {
        Self::new("InvalidTemplate", message)
    }

    /// More than Riposte evaluates.
    pub fn limit(message: impl Into<String>) -> Self {
        Self::new("TemplateTooLarge", message)
    }

    pub fn help(mut self, help: impl Into<String>) -> Self {
        if let Self::Told(told) = &mut self {
            told.help = Some(help.into());
        }
        self
    }

    /// Points it at part of an expression, unless it points somewhere already.
    pub fn within(mut self, span: Span) -> Self {
        if let Self::Told(told) = &mut self {
            told.span.get_or_insert(span);
        }
        self
    }
}
