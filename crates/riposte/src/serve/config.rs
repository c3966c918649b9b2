//! The server's configuration: a TOML file, the environment over it, arguments over both.

use super::services::{self, ServiceFile};
use super::store::Place;
use crate::exit::Problem;
use riposte_diagnostic::Diagnostic;
use riposte_egress::EgressPolicy;
use riposte_engine::{Config, Identity, KeepEvaluations, NodeConfig, PlaybookWait, Services};
use riposte_server::Options;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The address that is listened on when nobody names one.
const LISTEN_DEFAULT: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8700);

/// What the server is told at its start.
#[derive(Debug, Clone)]
pub struct Configuration {
    /// Where everything that is kept is.
    pub place: Place,
    /// The URL of the store that the file names.
    pub store_url: Option<String>,
    /// How the server takes part in a database that several share.
    pub node: NodeConfig,
    /// Where to listen.
    pub listen: SocketAddr,
    /// How connections are protected; `None`: not on loopback, else with a certificate of the server's own making.
    pub tls: Option<Tls>,
    /// What callback addresses begin with; `None`: the address that is listened on.
    pub public_url: Option<String>,
    /// What may be called.
    pub egress: EgressPolicy,
    /// How rules wait for the playbooks that they start.
    pub playbook_wait: PlaybookWait,
    /// How long it is kept why rules did not match.
    pub evaluations: KeepEvaluations,
    /// What stands for the managed identity of playbooks.
    pub identity: Option<Identity>,
    /// Where the functions and managed APIs are that playbooks call.
    pub services: Services,
    insecure: bool,
    trust_forwarded_proto: bool,
}

/// How connections are protected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tls {
    /// Not at all.
    Off,
    /// With a certificate of the server's own making.
    Auto,
    /// With a certificate and its key.
    Files(PathBuf, PathBuf),
}

impl Tls {
    /// Reads `auto`, `off` or `CERT,KEY`.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        match text.split_once(',') {
            Some((cert, key)) if !cert.trim().is_empty() && !key.trim().is_empty() => {
                Ok(Self::Files(cert.trim().into(), key.trim().into()))
            }
            None if text.eq_ignore_ascii_case("auto") => Ok(Self::Auto),
            None if text.eq_ignore_ascii_case("off") => Ok(Self::Off),
            _ => Err(Problem::usage(
                Diagnostic::error("InvalidTls", format!("`{text}` is no way to protect connections"))
                    .help("auto, off, or two files: --tls cert.pem,key.pem"),
            )),
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct File {
    server: Server,
    store: Store,
    node: Node,
    egress: Egress,
    rules: Rules,
    identity: Option<IdentityFile>,
    function_apps: BTreeMap<String, ServiceFile>,
    api_management: BTreeMap<String, ServiceFile>,
}

/// The application that stands for the managed identity of playbooks. Its secret lies in a file of its own.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct IdentityFile {
    token_url: String,
    client_id: String,
    client_secret_file: PathBuf,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Server {
    listen: Option<SocketAddr>,
    tls: Option<String>,
    public_url: Option<String>,
    insecure: bool,
    trust_forwarded_proto: bool,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Store {
    url: Option<String>,
}

/// The URL may hold a password.
impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Store")
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Node {
    name: Option<String>,
    lease_seconds: Option<NonZeroU32>,
}

impl Node {
    /// A lease is renewed five times before it lapses.
    fn config(self) -> NodeConfig {
        let unsaid = NodeConfig::default();
        let lease =
            self.lease_seconds.map_or(unsaid.lease, |seconds| Duration::from_secs(seconds.get().into()));
        NodeConfig { name: self.name.unwrap_or(unsaid.name), lease, renewal: lease / 5 }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Egress {
    allow: Vec<String>,
    deny: Vec<String>,
    default: Unlisted,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Unlisted {
    #[default]
    Public,
    Deny,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Rules {
    playbook_wait: Wait,
    evaluations_days: Option<u16>,
    evaluations_rows: Option<usize>,
}

impl Rules {
    fn evaluations(&self) -> KeepEvaluations {
        let unsaid = KeepEvaluations::default();
        let day = Duration::from_hours(24);
        KeepEvaluations {
            age: self.evaluations_days.map_or(unsaid.age, |days| day.saturating_mul(days.into())),
            rows: self.evaluations_rows.unwrap_or(unsaid.rows),
        }
    }
}

/// How rules wait for the playbooks that they start.
#[derive(Debug, Default, Clone, Copy, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Wait {
    /// Until they complete, two minutes at the most, as Sentinel does.
    #[default]
    Sentinel,
    /// Until they complete.
    Completion,
    /// Not at all.
    None,
}

impl From<Wait> for PlaybookWait {
    fn from(wait: Wait) -> Self {
        match wait {
            Wait::Sentinel => Self::Sentinel,
            Wait::Completion => Self::Completion,
            Wait::None => Self::None,
        }
    }
}

impl Configuration {
    /// Reads the file, if there is one, and the environment.
    pub fn read(file: Option<&Path>) -> Result<Self, Problem> {
        let written = match file {
            Some(file) => read(file)?,
            None => File::default(),
        };
        let shown = file.map(|file| file.display().to_string());
        let mut allow = written.egress.allow;
        let environment = std::env::var("RIPOSTE_EGRESS_ALLOW").unwrap_or_default();
        allow
            .extend(environment.split(',').map(str::trim).filter(|rule| !rule.is_empty()).map(str::to_owned));
        let egress = policy(&allow, &written.egress.deny, written.egress.default).map_err(|message| {
            let diagnostic = Diagnostic::error("InvalidEgressRule", message)
                .help("a host, host:port, *.domain, an address, or a network such as 10.0.0.0/8");
            Problem::usage(shown.iter().fold(diagnostic, Diagnostic::in_file))
        })?;
        let tls = written.server.tls.as_deref().map(Tls::parse).transpose().map_err(|mut problem| {
            for diagnostic in &mut problem.diagnostics {
                diagnostic.location.file.clone_from(&shown);
            }
            problem
        })?;
        Ok(Self {
            place: Place::default(),
            store_url: written.store.url,
            node: written.node.config(),
            listen: written.server.listen.unwrap_or(LISTEN_DEFAULT),
            tls,
            public_url: written.server.public_url,
            egress,
            playbook_wait: written.rules.playbook_wait.into(),
            evaluations: written.rules.evaluations(),
            identity: written.identity.map(identity).transpose()?,
            services: services::read(&written.function_apps, &written.api_management)?,
            insecure: written.server.insecure,
            trust_forwarded_proto: written.server.trust_forwarded_proto,
        })
    }

    /// Takes a free port where port 0 was asked for, since the engine must know the address before the server binds it.
    pub fn settle(mut self) -> Result<Self, Problem> {
        if self.place.data.is_none() && self.protection() == Tls::Auto {
            let homeless =
                Diagnostic::error("InvalidTls", "a store in memory has no place for a certificate");
            return Err(Problem::usage(homeless.help("name one: --tls cert.pem,key.pem")));
        }
        if self.listen.port() == 0 {
            self.listen = TcpListener::bind(self.listen)
                .and_then(|listener| listener.local_addr())
                .map_err(|error| super::not_served(&error.to_string(), self.listen))?;
        }
        Ok(self)
    }

    fn protection(&self) -> Tls {
        let unsaid = if self.listen.ip().is_loopback() { Tls::Off } else { Tls::Auto };
        self.tls.clone().unwrap_or(unsaid)
    }

    /// What the engine is told.
    pub fn engine(&self) -> Config {
        let scheme = if self.protection() == Tls::Off { "http" } else { "https" };
        Config {
            data: self.place.data.clone(),
            store: self.place.database.clone(),
            node: self.node.clone(),
            secret_key: std::env::var("RIPOSTE_SECRET_KEY").ok().filter(|key| !key.trim().is_empty()),
            egress: self.egress.clone(),
            public_url: self.public_url.clone().unwrap_or_else(|| format!("{scheme}://{}", self.listen)),
            playbook_wait: self.playbook_wait,
            evaluations: self.evaluations,
            identity: self.identity.clone(),
            services: self.services.clone(),
            ..Config::default()
        }
    }

    /// What the server is told.
    pub fn options(&self) -> Options {
        let tls = match self.protection() {
            Tls::Off => riposte_server::Tls::Off,
            Tls::Files(cert, key) => riposte_server::Tls::Files { cert, key },
            Tls::Auto => {
                let data = self.place.data.clone().unwrap_or_default();
                riposte_server::Tls::Auto { folder: data.join("tls") }
            }
        };
        Options {
            tls,
            insecure: self.insecure,
            trust_forwarded_proto: self.trust_forwarded_proto,
            public_url: self.public_url.clone(),
            ..Options::new(self.listen)
        }
    }
}

fn read(file: &Path) -> Result<File, Problem> {
    let text = crate::input::text(file)?;
    toml::from_str(&text).map_err(|error| {
        let before = text.get(..error.span().map_or(0, |span| span.start)).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        let narrow = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let message = error.message().lines().next().unwrap_or_default().to_owned();
        Problem::usage(
            Diagnostic::error("InvalidConfiguration", message)
                .in_file(file.display().to_string())
                .at_line(narrow(line), narrow(column))
                .help("`riposte serve --help` shows all that can be set"),
        )
    })
}

fn identity(written: IdentityFile) -> Result<Identity, Problem> {
    let secret = crate::input::text(&written.client_secret_file)?;
    Ok(Identity {
        token_url: written.token_url,
        client_id: written.client_id,
        client_secret: secret.trim().to_owned(),
    })
}

fn policy(allow: &[String], deny: &[String], unlisted: Unlisted) -> Result<EgressPolicy, String> {
    let policy = EgressPolicy::parse(allow)
        .and_then(|policy| policy.with_deny(deny))
        .map_err(|error| error.to_string())?;
    Ok(if unlisted == Unlisted::Deny { policy.default_deny() } else { policy })
}
