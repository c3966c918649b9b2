//! `riposte simulate`: a vendor to try playbooks against.

use crate::exit::{Exit, Outcome, Problem};
use crate::output;
use crate::serve::asked_to_stop;
use crate::simulate::{self, Faults, SimulateOptions};
use clap::Args;
use riposte_diagnostic::Diagnostic;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// Run a simulated threat-intelligence vendor, to try playbooks against.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  riposte simulate
  riposte simulate --listen 127.0.0.1:9000 --log calls.jsonl --throttle-every 5
  curl -H 'x-apikey: any' http://127.0.0.1:9000/api/v3/ip_addresses/203.0.113.7

It speaks the shapes of VirusTotal's API version 3, and says of one indicator
always the same. GET /__log gives every call as a JSON line. When ready, one
line `listening on URL` is printed.")]
pub struct Arguments {
    /// The address to listen on; port 0 takes a free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8800")]
    listen: SocketAddr,
    /// A file that each call is appended to as a JSON line.
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,
    /// How long every answer takes, at least.
    #[arg(long, value_name = "MS", default_value_t = 0)]
    latency_ms: u64,
    /// Answer every nth call with 503.
    #[arg(long, value_name = "N", default_value_t = 0)]
    fail_every: u64,
    /// Answer every nth call with 429.
    #[arg(long, value_name = "N", default_value_t = 0)]
    throttle_every: u64,
}

/// Carries the command out. The variable `RIPOSTE_SIMULATE_KEY` names the only API key that is accepted.
pub fn run(arguments: &Arguments) -> Outcome {
    crate::runtime::block_on(async {
        let listen = arguments.listen;
        let refuse = |error: &std::io::Error| {
            let message = format!("cannot listen on `{listen}`: {error}");
            Problem::failed(
                Diagnostic::error("AddressInUse", message).help("name another address with --listen"),
            )
        };
        let listener = tokio::net::TcpListener::bind(listen).await.map_err(|error| refuse(&error))?;
        let address = listener.local_addr().map_err(|error| refuse(&error))?;
        output::line(format_args!("listening on http://{address}"));
        let faults = Faults {
            latency: Duration::from_millis(arguments.latency_ms),
            fail_every: arguments.fail_every,
            throttle_every: arguments.throttle_every,
            ..Faults::default()
        };
        let api_key = std::env::var("RIPOSTE_SIMULATE_KEY").ok().filter(|key| !key.is_empty());
        let options = SimulateOptions { api_key, log_file: arguments.log.clone(), faults };
        tokio::select! {
            served = simulate::serve(listener, options) => served.map_err(|error| {
                Problem::failed(Diagnostic::error("SimulatorFailed", format!("the simulator broke off: {error}")))
            })?,
            () = asked_to_stop() => {}
        }
        Ok(Exit::Done)
    })
}
