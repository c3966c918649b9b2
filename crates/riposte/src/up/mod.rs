//! `riposte up`: the demo. A server with example content and a simulated vendor; one incident is played through.

mod demo;
mod follow;
mod guide;

use crate::client::Client;
use crate::exit::{Exit, Outcome, Problem};
use crate::output;
use crate::serve::{self, Configuration};
use crate::simulate::{self, Faults, SimulateOptions};
use clap::Args;
use riposte_diagnostic::Diagnostic;
use riposte_egress::EgressPolicy;
use riposte_engine::Engine;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// How long the simulated vendor takes to answer: as long as a near one would.
const LATENCY: Duration = Duration::from_millis(80);

/// See an incident being answered: a server, demo content, a simulated vendor and one incident.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  riposte up
  riposte up --data /tmp/demo --listen 127.0.0.1:0 --once

What is shown: the incident is created, an automation rule matches and says
why, raises the severity and starts a playbook, which asks the vendor about
each address and writes what it learned into the incident. Then the server goes
on until Ctrl-C. Nothing but the simulated vendor on loopback can be called.")]
pub struct Arguments {
    /// The folder that holds everything the server keeps.
    #[arg(long, value_name = "DIR", default_value = "data")]
    data: PathBuf,
    /// The address to listen on; port 0 takes a free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8700")]
    listen: SocketAddr,
    /// End when the incident is answered: exit code 0 if all went well, else 1.
    #[arg(long)]
    once: bool,
}

/// Carries the command out.
pub fn run(arguments: &Arguments) -> Outcome {
    serve::start_logging("warn");
    if !arguments.listen.ip().is_loopback() {
        let message = format!("the demo listens on loopback only, not on `{}`", arguments.listen);
        return Err(Problem::usage(
            Diagnostic::error("NotLoopback", message).help("`riposte serve` listens where you say, with TLS"),
        ));
    }
    crate::runtime::all_cores()?.block_on(up(arguments))
}

async fn up(arguments: &Arguments) -> Outcome {
    let vendor = start_vendor().await?;
    let configuration = configuration(arguments, vendor)?;
    let server = Server::start(&configuration).await?;
    output::line(format_args!("vendor  http://{vendor}, a simulated threat-intelligence vendor"));
    output::line(format_args!("server  {}, data in {}", server.url, arguments.data.display()));
    let outcome = tokio::select! {
        outcome = show(arguments, &server.url, vendor) => outcome,
        () = serve::asked_to_stop() => Ok(Exit::Done),
    };
    server.stop().await;
    outcome
}

/// Plays the incident through, and goes on until somebody ends it.
async fn show(arguments: &Arguments, url: &str, vendor: SocketAddr) -> Outcome {
    let client = Client::at(url, serve::token(&arguments.data)?)?;
    let incident = demo::play(&client, vendor).await?;
    let answered = follow::until_answered(&client, &incident).await?;
    if arguments.once {
        return Ok(if answered { Exit::Done } else { Exit::Failed });
    }
    guide::show(url, &arguments.data, &incident);
    std::future::pending().await
}

/// The demo's server may call the simulated vendor and nothing else.
fn configuration(arguments: &Arguments, vendor: SocketAddr) -> Result<Configuration, Problem> {
    let egress = EgressPolicy::parse(&[vendor.to_string()])
        .map_err(|error| Problem::failed(Diagnostic::error("InvalidEgressRule", error.to_string())))?;
    let mut configuration = Configuration::read(None)?;
    configuration.place.data = Some(arguments.data.clone());
    configuration.listen = arguments.listen;
    configuration.egress = egress.default_deny();
    configuration.settle()
}

/// Starts the vendor on a free port of loopback.
async fn start_vendor() -> Result<SocketAddr, Problem> {
    let failed = |error: std::io::Error| {
        Problem::failed(Diagnostic::error(
            "SimulatorFailed",
            format!("the simulated vendor cannot listen: {error}"),
        ))
    };
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let options = SimulateOptions {
        faults: Faults { latency: LATENCY, ..Faults::default() },
        ..SimulateOptions::default()
    };
    tokio::spawn(async move {
        if let Err(error) = simulate::serve(listener, options).await {
            tracing::error!(%error, "the simulated vendor broke off");
        }
    });
    Ok(address)
}

/// The server, in this process.
struct Server {
    engine: Engine,
    url: String,
    stop: oneshot::Sender<()>,
    served: JoinHandle<Result<(), riposte_server::Error>>,
}

impl Server {
    async fn start(configuration: &Configuration) -> Result<Self, Problem> {
        // Whoever asks for an address that is taken should hear that before anything else is done.
        if let Err(error) = TcpListener::bind(configuration.listen) {
            return Err(serve::not_served(&error.to_string(), configuration.listen));
        }
        let engine = serve::open(configuration).await?;
        let (told, ready) = oneshot::channel();
        let (stop, stopped) = oneshot::channel::<()>();
        let (served, options) = (engine.clone(), configuration.options());
        let served = tokio::spawn(async move {
            // Nobody waits any more only when the start has been given up.
            let ready = |url| drop(told.send(url));
            riposte_server::serve(served, options, ready, async { drop(stopped.await) }).await
        });
        match ready.await {
            Ok(url) => Ok(Self { engine, url, stop, served }),
            Err(_) => {
                engine.shutdown().await;
                let why = match served.await {
                    Ok(Err(error)) => error.to_string(),
                    _ => "the server ended at once".to_owned(),
                };
                Err(serve::not_served(&why, configuration.listen))
            }
        }
    }

    async fn stop(self) {
        drop(self.stop);
        if let Ok(Err(error)) = self.served.await {
            output::diagnose(&[Diagnostic::error("ServerFailed", error.to_string())]);
        }
        self.engine.shutdown().await;
    }
}
