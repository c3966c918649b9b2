//! `riposte serve`: the server.

mod config;
mod logging;
mod owner;
mod services;
mod store;

pub use config::{Configuration, Tls};
pub use logging::start as start_logging;
pub use owner::{token, token_file};

use crate::exit::{Exit, Outcome, Problem};
use crate::output;
use clap::Args;
use riposte_diagnostic::Diagnostic;
use riposte_engine::Engine;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;

/// Run the server.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  riposte serve
  riposte serve --data /var/lib/riposte --listen 0.0.0.0:8700 --tls auto
  RIPOSTE_EGRESS_ALLOW=api.vendor.example,10.0.0.0/8 riposte serve
  riposte serve --config riposte.toml
  riposte serve --store 'postgres://soar@db/soar?sslmode=verify-full'

riposte.toml, all of it optional:
  [server]
  listen = \"127.0.0.1:8700\"
  tls = \"off\"                           # auto, off, or \"cert.pem,key.pem\"
  public_url = \"https://soar.example\"   # where clients reach the server
  [store]
  url = \"postgres://soar@db.example/soar?sslmode=verify-full\"
  [node]                                # where several share a database
  name = \"soar-1\"                     # default: host and process
  lease_seconds = 15                    # silent for longer: others take over
  [egress]
  allow = [\"api.vendor.example\", \"10.0.0.0/8\", \"127.0.0.1:9000\"]
  default = \"deny\"                      # what `allow` does not name: deny, or
                                        # public (any public address)
  [rules]
  playbook_wait = \"sentinel\"            # sentinel, completion or none
  evaluations_days = 7                  # how long it is kept why rules did not
  evaluations_rows = 200000             # match, and how much of it; 0: nothing
  [identity]                            # for playbooks' managed identity
  token_url = \"https://login.microsoftonline.com/TENANT/oauth2/token\"
  client_id = \"…\"
  client_secret_file = \"identity.secret\"
  [function_apps.enrich]                # where the functions of an app are
  url = \"https://enrich.example\"
  key_file = \"enrich.key\"
  [api_management.\"svc/intel\"]        # where a managed API is
  url = \"https://intel.example/v1\"

At first start the owner's token is written to DATA/owner.token, unless
RIPOSTE_BOOTSTRAP_TOKEN gives one. The key that secrets are encrypted with is
in DATA/secret.key, unless RIPOSTE_SECRET_KEY gives one; servers that share a
database need the same. The database's password comes from the URL, PGPASSWORD,
or a password file (passfile=FILE, PGPASSFILE, ~/.pgpass). RIPOSTE_LOG sets how
much is logged (error, warn, info, debug). When ready, one line `listening on
URL` is printed.")]
pub struct Arguments {
    /// The folder that holds everything the server keeps, or its key and token beside a database [default: data].
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// The store: `sqlite:DIR`, the same as --data DIR, or `postgres://USER@HOST/NAME`, which several servers may share.
    #[arg(long, value_name = "URL", env = "RIPOSTE_STORE", hide_env_values = true)]
    store: Option<String>,
    /// The address to listen on; port 0 takes a free one [default: 127.0.0.1:8700].
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
    /// `auto` (a certificate of its own making), `CERT,KEY` (files), or `off` [default: off on loopback, else auto].
    #[arg(long, value_name = "MODE")]
    tls: Option<String>,
    /// How long the next rule waits for the playbooks that a rule starts [default: sentinel].
    #[arg(long, value_name = "POLICY", value_enum)]
    playbook_wait: Option<config::Wait>,
    /// A configuration file (TOML).
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// Carries the command out.
pub fn run(arguments: &Arguments) -> Outcome {
    let mut configuration = Configuration::read(arguments.config.as_deref())?;
    let store = arguments.store.as_ref().or(configuration.store_url.as_ref());
    configuration.place = store::place(arguments.data.clone(), store.map(String::as_str))?;
    if let Some(listen) = arguments.listen {
        configuration.listen = listen;
    }
    if let Some(tls) = &arguments.tls {
        configuration.tls = Some(Tls::parse(tls)?);
    }
    if let Some(wait) = arguments.playbook_wait {
        configuration.playbook_wait = wait.into();
    }
    start_logging("info");
    crate::runtime::all_cores()?.block_on(async {
        let configuration = configuration.settle()?;
        let engine = open(&configuration).await?;
        let ready = |url: String| output::line(format_args!("listening on {url}"));
        let served =
            riposte_server::serve(engine.clone(), configuration.options(), ready, asked_to_stop()).await;
        engine.shutdown().await;
        served.map_err(|error| not_served(&error.to_string(), configuration.listen))?;
        Ok(Exit::Done)
    })
}

/// Opens the engine, whose runs go on, and gives it its owner.
pub async fn open(configuration: &Configuration) -> Result<Engine, Problem> {
    let data = configuration.place.data.as_deref();
    owner::prepare(data)?;
    let engine = Engine::open(configuration.engine()).await.map_err(|error| {
        let message = format!("the store cannot be opened: {}", error.message);
        let mut diagnostics = vec![Diagnostic::error(error.code, message)];
        diagnostics.extend(error.diagnostics);
        Problem { exit: Exit::Usage, diagnostics }
    })?;
    if let Err(problem) = owner::ensure(&engine, data).await {
        engine.shutdown().await;
        return Err(problem);
    }
    Ok(engine)
}

/// Why the server could not listen.
pub fn not_served(error: &str, listen: SocketAddr) -> Problem {
    let taken = TcpListener::bind(listen).is_err_and(|error| error.kind() == std::io::ErrorKind::AddrInUse);
    let diagnostic = if taken {
        Diagnostic::error("AddressInUse", format!("`{listen}` is taken by another program"))
            .help("end that program, or name another address with --listen 127.0.0.1:0")
    } else {
        Diagnostic::error("ServerFailed", error.to_owned())
    };
    Problem::failed(diagnostic)
}

/// Waits for Ctrl-C or SIGTERM.
pub async fn asked_to_stop() {
    let interrupted = async {
        if tokio::signal::ctrl_c().await.is_err() {
            // Without a handler the signal ends the process as it is; there is nothing to wait for.
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminated) = signal(SignalKind::terminate()) {
            tokio::select! {
                () = interrupted => {}
                _ = terminated.recv() => {}
            }
            return;
        }
    }
    interrupted.await;
}
