//! Looking names up, and letting through only the addresses that the policy allows. The HTTP client connects to what
//! this hands it and to nothing else, so that a name cannot change its address between check and connection.

use crate::error::Denied;
use crate::policy::{EgressPolicy, NameVerdict};
use futures_util::future::BoxFuture;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// What turns names into addresses.
pub trait LookUp: Send + Sync {
    /// The addresses of a host name.
    fn look_up(&self, host: &str) -> BoxFuture<'static, io::Result<Vec<IpAddr>>>;
}

/// The operating system's resolver.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemLookUp;

impl LookUp for SystemLookUp {
    fn look_up(&self, host: &str) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
        let host = host.to_owned();
        Box::pin(async move {
            Ok(tokio::net::lookup_host((host, 0)).await?.map(|address| address.ip()).collect())
        })
    }
}

/// The resolver of one HTTP client.
pub(crate) struct CheckedResolver {
    pub(crate) policy: Arc<EgressPolicy>,
    pub(crate) look_up: Arc<dyn LookUp>,
    pub(crate) verdict: NameVerdict,
    /// The port of the calls that the client is for; 0 where no rule makes a difference by port.
    pub(crate) port: u16,
}

impl Resolve for CheckedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let host = name.as_str().to_owned();
        let (policy, verdict, port) = (Arc::clone(&self.policy), self.verdict, self.port);
        let found = self.look_up.look_up(&host);
        Box::pin(async move {
            let found = found.await.map_err(|_| Unresolved(host.clone()))?;
            let allowed = allowed(&policy, verdict, &host, port, found)?;
            let addresses: Addrs = Box::new(allowed.into_iter().map(|address| SocketAddr::new(address, 0)));
            Ok(addresses)
        })
    }
}

/// The addresses that may be called.
fn allowed(
    policy: &EgressPolicy,
    verdict: NameVerdict,
    host: &str,
    port: u16,
    found: Vec<IpAddr>,
) -> Result<Vec<IpAddr>, Box<dyn std::error::Error + Send + Sync>> {
    let mut allowed = Vec::with_capacity(found.len());
    let mut denied: Option<Denied> = None;
    for address in found {
        match policy.judge_address(verdict, host, port, address) {
            Ok(()) => allowed.push(address),
            Err(why) => denied = denied.or(Some(why)),
        }
    }
    match denied {
        Some(denied) if allowed.is_empty() => Err(Box::new(denied)),
        None if allowed.is_empty() => Err(Box::new(Unresolved(host.to_owned()))),
        _ => Ok(allowed),
    }
}

/// A name without addresses.
#[derive(Debug)]
pub(crate) struct Unresolved(pub(crate) String);

impl fmt::Display for Unresolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` has no address", self.0)
    }
}

impl std::error::Error for Unresolved {}
