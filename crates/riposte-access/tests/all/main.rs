//! The tests of the access crate.

#[cfg(test)]
mod check;
