//! The `riposte` command.

fn main() {}
