//! The command as a process: what it prints, where, and with which exit code.

mod check;
mod eval;
mod play;
mod process;
mod rules;
mod server;
mod up;
mod usage;
