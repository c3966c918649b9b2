//! The command as a process: what it prints, where, and with which exit code.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]

mod check;
#[cfg(unix)]
mod compatibility;
mod eval;
mod manual;
mod play;
mod playbook_test;
mod process;
mod rules;
mod server;
mod simulate;
#[cfg(unix)]
mod terminal;
mod up;
mod usage;
