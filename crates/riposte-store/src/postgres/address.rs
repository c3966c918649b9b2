//! Where the database is, and how to get in: the URL that libpq reads, its environment variables for the password,
//! and how the connection is protected.
//!
//! | `sslmode` | encrypted | the server's certificate |
//! | --- | --- | --- |
//! | `disable` | no | |
//! | `prefer` (without a word) | if the server can | not looked at |
//! | `require` | yes | not looked at; as `verify-ca` where `sslrootcert` is given |
//! | `verify-ca` | yes | signed by `sslrootcert`, or by who the system trusts |
//! | `verify-full` | yes | likewise, and made out to the host's name |

use super::passfile;
use super::tls::Verify;
use crate::{Error, Result};
use std::path::PathBuf;
use std::time::Duration;
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;

/// How long a host may take to answer.
const CONNECT_MAX: Duration = Duration::from_secs(10);
/// After how long without a word the other side is asked whether it is there.
const KEEPALIVE: Duration = Duration::from_secs(10);
/// How long sent data may stay without an answer.
const UNANSWERED_MAX: Duration = Duration::from_secs(20);

/// How to get to the database.
pub(super) struct Address {
    pub(super) config: Config,
    pub(super) tls: MakeRustlsConnect,
}

impl Address {
    /// Reads a URL. What is said of faults does not show it, since it may hold a password.
    pub(super) fn read(url: &str) -> Result<Self> {
        let (url, options) = take_tls_options(url)?;
        let mut config: Config = url
            .parse()
            .map_err(|error| Error::Address(format!("the URL of the store cannot be read: {error}")))?;
        config.ssl_mode(options.mode);
        config.application_name("riposte").connect_timeout(CONNECT_MAX);
        config.keepalives_idle(KEEPALIVE).tcp_user_timeout(UNANSWERED_MAX);
        if config.get_hosts().is_empty() {
            config.host("localhost");
        }
        if config.get_password().is_none()
            && let Some(password) = std::env::var("PGPASSWORD").ok().filter(|text| !text.is_empty())
        {
            config.password(password);
        }
        if config.get_password().is_none()
            && let Some(password) = passfile::password(options.passfile, &config)?
        {
            config.password(password);
        }
        let tls = super::tls::connector(options.verify, options.roots.as_deref())?;
        Ok(Self { config, tls })
    }

    /// What to call the database in a message: hosts and name, never how to get in.
    pub(super) fn shown(&self) -> String {
        let hosts: Vec<String> = self
            .config
            .get_hosts()
            .iter()
            .map(|host| match host {
                Host::Tcp(name) => name.clone(),
                #[cfg(unix)]
                Host::Unix(path) => path.display().to_string(),
            })
            .collect();
        format!("{}/{}", hosts.join(","), self.config.get_dbname().unwrap_or_default())
    }
}

/// What the client library does not read itself.
struct Options {
    mode: SslMode,
    verify: Verify,
    roots: Option<PathBuf>,
    passfile: Option<PathBuf>,
}

/// Takes `sslmode`, `sslrootcert` and `passfile` out of a URL's query.
fn take_tls_options(url: &str) -> Result<(String, Options)> {
    let mut options = Options { mode: SslMode::Prefer, verify: Verify::Nothing, roots: None, passfile: None };
    let Some((place, query)) = url.split_once('?') else { return Ok((url.to_owned(), options)) };
    let mut sslmode = None;
    let mut rest = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        match pair.split_once('=') {
            Some(("sslmode", mode)) => sslmode = Some(mode),
            Some(("sslrootcert", file)) => options.roots = Some(decoded(file).into()),
            Some(("passfile", file)) => options.passfile = Some(decoded(file).into()),
            _ => rest.push(pair),
        }
    }
    (options.mode, options.verify) = match sslmode {
        None | Some("prefer" | "allow") => (SslMode::Prefer, Verify::Nothing),
        Some("disable") => (SslMode::Disable, Verify::Nothing),
        Some("require") if options.roots.is_none() => (SslMode::Require, Verify::Nothing),
        Some("require" | "verify-ca") => (SslMode::Require, Verify::Chain),
        Some("verify-full") => (SslMode::Require, Verify::ChainAndName),
        Some(other) => {
            return Err(Error::Address(format!(
                "`sslmode={other}` is not known: disable, prefer, require, verify-ca or verify-full"
            )));
        }
    };
    let query = if rest.is_empty() { String::new() } else { format!("?{}", rest.join("&")) };
    Ok((format!("{place}{query}"), options))
}

/// Text of a URL with `%2F` and the like read.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let read = (*first == b'%')
            .then(|| after.get(..2))
            .flatten()
            .and_then(|pair| std::str::from_utf8(pair).ok())
            .and_then(|pair| u8::from_str_radix(pair, 16).ok());
        bytes.push(read.unwrap_or(*first));
        rest = if read.is_some() { after.get(2..).unwrap_or_default() } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_to_protect_a_connection() {
        let of = |query: &str| {
            let (url, options) = take_tls_options(&format!("postgres://u@h/d{query}")).unwrap();
            (url, options.mode, options.verify)
        };
        let plain = "postgres://u@h/d";
        for (query, rest, mode, verify) in [
            ("", "", SslMode::Prefer, Verify::Nothing),
            ("?sslmode=disable", "", SslMode::Disable, Verify::Nothing),
            ("?sslmode=require&application_name=x", "?application_name=x", SslMode::Require, Verify::Nothing),
            ("?sslmode=require&sslrootcert=%2Fca", "", SslMode::Require, Verify::Chain),
            ("?sslmode=verify-ca", "", SslMode::Require, Verify::Chain),
            ("?a=b&sslmode=verify-full", "?a=b", SslMode::Require, Verify::ChainAndName),
        ] {
            assert_eq!(of(query), (format!("{plain}{rest}"), mode, verify), "{query}");
        }
        assert!(take_tls_options("postgres://h/d?sslmode=maybe").is_err());
        assert_eq!(decoded("%2Fetc%2fca%zz%"), "/etc/ca%zz%");
    }

    #[test]
    fn faults_do_not_show_the_password() {
        for url in [
            "postgres://u:hunter2@h:port/d",
            "postgres://u:hunter2@h/d?sslmode=x",
            "postgres://u:hunter2@h/d?bad=1",
        ] {
            let told = Address::read(url).err().unwrap().to_string();
            assert!(!told.contains("hunter2"), "{told}");
        }
    }
}
