//! Text that must not be seen: passwords, keys, tokens.

use crate::mask::SANITIZED;
use riposte_value::Text;
use std::fmt;

/// A secret. It prints as `*sanitized*`; only [`Secret::expose`] gives the text.
///
/// ```
/// let secret = riposte_connector::Secret::new("hunter2");
/// assert_eq!(format!("{secret} {secret:?}"), "*sanitized* *sanitized*");
/// assert_eq!(secret.expose(), "hunter2");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Text);

impl Secret {
    /// Wraps a secret text.
    pub fn new(text: impl Into<Text>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the one place that sends it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(SANITIZED)
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(SANITIZED)
    }
}
