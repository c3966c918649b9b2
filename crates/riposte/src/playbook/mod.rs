//! `riposte playbook`: playbooks without a server, and those of a server at a glance.

mod call;
mod check;
mod document;
mod format;
mod list;
mod matcher;
mod mock;
mod play;
mod run;
mod sample;
mod script;
mod source;
mod start;
mod survey;
mod test;
mod vendors;

pub use check::diagnostic as diagnostic_to_value;
pub use sample::World;
pub use source::{Source, Workflow};

use crate::exit::Outcome;
use clap::Subcommand;

/// Check and try playbooks without a server; list those of one.
#[derive(Debug, Subcommand)]
pub enum Command {
    Check(check::Arguments),
    Run(run::Arguments),
    Test(test::Arguments),
    Survey(survey::Arguments),
    List(list::Arguments),
}

/// Carries the command out.
pub fn run(command: &Command) -> Outcome {
    match command {
        Command::Check(arguments) => check::run(arguments),
        Command::Run(arguments) => run::run(arguments),
        Command::Test(arguments) => test::run(arguments),
        Command::Survey(arguments) => survey::run(arguments),
        Command::List(arguments) => list::run(arguments),
    }
}
