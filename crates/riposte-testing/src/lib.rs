//! What tests share: cases kept as data, places in the tree, a clock that a test moves, randomness with a seed.
//!
//! Used from the `tests/` folders of the crates, never from their own `#[cfg(test)]` modules (those would see a
//! second copy of their crate). A table of cases is a folder of JSON files under `conformance/`; a test says what
//! a case looks like and what must hold for it, [`Cases`] does the rest:
//!
//! ```no_run
//! use riposte_testing::Cases;
//! use serde::Deserialize;
//!
//! #[derive(Deserialize)]
//! #[serde(deny_unknown_fields)]
//! struct Sum {
//!     name: String,
//!     of: Vec<i64>,
//!     is: i64,
//! }
//!
//! Cases::<Sum>::load("conformance/sums").check(|case| {
//!     let sum: i64 = case.of.iter().sum();
//!     if sum == case.is { Ok(()) } else { Err(format!("got {sum}, expected {}", case.is)) }
//! });
//! ```
//!
//! A test fails by panicking, and so do these helpers: they are no part of the product.

mod case_files;
mod cases;
mod clock;
mod known_failures;
mod places;
mod postgres;
mod random;

pub use case_files::Nothing;
pub use cases::Cases;
pub use clock::FakeClock;
pub use known_failures::KnownFailures;
pub use places::{files_below, repository_root, shared, shared_dir, skip};
pub use postgres::Postgres;
pub use random::{Random, seeded};

#[track_caller]
#[expect(clippy::panic, reason = "a test fails by panicking")]
fn fail(report: &str) -> ! {
    panic!("{report}")
}
