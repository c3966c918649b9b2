//! The `riposte` command.

mod alert;
mod client;
mod eval;
mod exit;
mod export;
mod health;
mod html;
mod import;
mod incident;
mod input;
mod output;
mod playbook;
mod rule;
mod run;
mod runtime;
mod serve;
mod service_principal;
mod simulate;
mod simulate_command;
mod table;
mod timeline;
mod timing;
mod tree;
mod up;
mod workspace;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Runs Microsoft Sentinel automation rules and playbooks, unmodified, on your own machine.
#[derive(Debug, Parser)]
#[command(
    name = "riposte",
    version,
    propagate_version = true,
    arg_required_else_help = true,
    max_term_width = 110,
    after_help = "Begin with `riposte up`: it shows an incident being answered.

Client commands (import, export, incident, alert, run, health, workspace,
service-principal, playbook list) find the server by RIPOSTE_URL and RIPOSTE_TOKEN. Exit codes: 0 done, 1 the thing asked
about failed, 2 wrong usage or unreadable input."
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Up(up::Arguments),
    Serve(serve::Arguments),
    Simulate(simulate_command::Arguments),
    Eval(eval::Arguments),
    #[command(subcommand)]
    Playbook(playbook::Command),
    #[command(subcommand)]
    Rule(rule::Command),
    Import(import::Arguments),
    Export(export::Arguments),
    #[command(subcommand)]
    Incident(incident::Command),
    #[command(subcommand)]
    Alert(alert::Command),
    #[command(subcommand)]
    Run(run::Command),
    #[command(subcommand)]
    Health(health::Command),
    #[command(subcommand)]
    Workspace(workspace::Command),
    #[command(subcommand)]
    ServicePrincipal(service_principal::Command),
}

fn main() -> ExitCode {
    let outcome = match &Arguments::parse().command {
        Command::Up(arguments) => up::run(arguments),
        Command::Serve(arguments) => serve::run(arguments),
        Command::Simulate(arguments) => simulate_command::run(arguments),
        Command::Eval(arguments) => eval::run(arguments),
        Command::Playbook(command) => playbook::run(command),
        Command::Rule(command) => rule::run(command),
        Command::Import(arguments) => import::run(arguments),
        Command::Export(arguments) => export::run(arguments),
        Command::Incident(command) => incident::run(command),
        Command::Alert(command) => alert::run(command),
        Command::Run(command) => run::run(command),
        Command::Health(command) => health::run(command),
        Command::Workspace(command) => workspace::run(command),
        Command::ServicePrincipal(command) => service_principal::run(command),
    };
    match outcome {
        Ok(exit) => exit.into(),
        Err(problem) => {
            output::diagnose(&problem.diagnostics);
            problem.exit.into()
        }
    }
}
