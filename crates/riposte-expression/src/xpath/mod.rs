//! XPath 1.0 over [`crate::xml`] documents, as .NET evaluates it without a namespace manager: a prefix in a name test
//! is an error, a name without one is in no namespace.

mod core;
mod evaluate;
mod node;
mod parse;
mod scan;

pub(crate) use evaluate::{Found, evaluate};
