//! What looks after the repository itself: tidy checks over the tree, seeds for fuzzing.
//!
//! Run as `cargo run -p xtask -- tidy`; the same checks are tests of this package, so that `make test` and an
//! editor's test button find them without knowing of the command.

pub mod seeds;
pub mod tidy;
