//! XPath 1.0 over [`crate::xml`] documents, as .NET evaluates it without a namespace manager: a prefix in a name test
//! is an error, a name without one is in no namespace.
//!
//! Why not a crate: `sxd-xpath` is XPath 1.0 and unmaintained since 2019; `xee-xpath` is XPath 3.1, whose sequences give
//! other results; `xpath-eval` (0.2, MIT, no dependencies, over any tree) is 1.0 and of this year, has no bound on the
//! work of an expression, and follows the recommendation where .NET departs from it: `Infinity` as a number, exponents
//! in the text of numbers, lengths in UTF-16 units, names without a namespace manager. What remains to write beside a
//! crate (a tree, those departures, the bounds) is most of this module, which agrees with .NET on some 5,000
//! expressions. To be looked at again when a crate counts its steps.

mod core;
mod evaluate;
mod node;
mod parse;
mod scan;

pub(crate) use evaluate::{Found, evaluate};
