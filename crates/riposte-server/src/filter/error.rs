//! What is wrong with a filter, and where.

use crate::refusal::Refusal;

/// A filter that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Error {
    /// One lower-case line.
    pub(crate) message: String,
    /// The character at which it goes wrong, counted from one; 0 where there is no place to name.
    pub(crate) at: usize,
    /// What to do.
    pub(crate) help: Option<String>,
}

impl Error {
    pub(super) fn new(message: impl Into<String>, at: usize) -> Self {
        Self { message: message.into(), at, help: None }
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// As the answer to the request, with the parameter's name.
    pub(crate) fn into_refusal(self, code: &'static str, parameter: &str) -> Refusal {
        let message = match self.at {
            0 => format!("`{parameter}`: {}", self.message),
            at => format!("`{parameter}`: {} at character {at}", self.message),
        };
        let refusal = Refusal::bad_request(code, message);
        match self.help {
            Some(help) => refusal.help(help),
            None => refusal,
        }
    }
}
