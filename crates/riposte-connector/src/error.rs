//! Why a call could not be made.

use std::borrow::Cow;
use std::fmt;

/// A call that was not made: the `error` of the action's record. Never holds a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallError {
    /// A stable name (`BadRequest`, `OperationNotFound`, …).
    pub code: Cow<'static, str>,
    /// What is wrong, in one line.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl CallError {
    /// An error with a code and a message.
    pub fn new(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self { code: code.into(), message: message.into(), help: None }
    }

    /// Inputs that cannot be sent, whatever the vendor is.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new("BadRequest", message)
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.help {
            Some(help) => write!(f, ": {help}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for CallError {}
