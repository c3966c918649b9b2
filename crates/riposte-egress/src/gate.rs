//! The gate itself.

use crate::body;
use crate::error::{Denied, EgressError};
use crate::policy::{EgressPolicy, NameVerdict};
use crate::redirect::{self, Hop, REDIRECTS_MAX};
use crate::resolve::{CheckedResolver, LookUp, SystemLookUp, Unresolved};
use crate::{CallOptions, Egress, Redirects};
use futures_util::future::BoxFuture;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use riposte_connector::{IncomingResponse, OutgoingRequest};
use std::collections::BTreeMap;
use std::error::Error;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use url::{Host, Url};

/// How long a connection may take, within the limit of the whole call.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);

/// How long a connection that nobody uses is kept.
const IDLE_TIMEOUT: Duration = Duration::from_mins(1);

/// The gate: HTTP and HTTPS to where the policy allows. Connections are kept and used again; a kept one was checked when
/// it was made. No proxy is used, whatever the environment says.
pub struct Gate {
    policy: Arc<EgressPolicy>,
    /// A client for each way in which names are judged: a resolver is told the name but not the port, so that calls to
    /// ports which rules for addresses name have a client of their own.
    clients: BTreeMap<(bool, u16), reqwest::Client>,
}

/// Whom a message may name: host and port.
fn label(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

impl Gate {
    /// A gate with this policy and the system's resolver.
    ///
    /// # Errors
    /// The system's TLS roots cannot be read.
    pub fn new(policy: EgressPolicy) -> io::Result<Self> {
        let system: Arc<dyn LookUp> = Arc::new(SystemLookUp);
        Self::with_look_up(policy, &system)
    }

    /// A gate that looks names up by other means.
    ///
    /// # Errors
    /// The system's TLS roots cannot be read.
    pub fn with_look_up(policy: EgressPolicy, look_up: &Arc<dyn LookUp>) -> io::Result<Self> {
        let policy = Arc::new(policy);
        let mut clients = BTreeMap::new();
        for port in std::iter::once(0).chain(policy.address_ports()) {
            for verdict in [NameVerdict::Named, NameVerdict::ByAddress] {
                let resolver = CheckedResolver {
                    policy: Arc::clone(&policy),
                    look_up: Arc::clone(look_up),
                    verdict,
                    port,
                };
                clients.insert((verdict == NameVerdict::Named, port), client(resolver)?);
            }
        }
        Ok(Self { policy, clients })
    }

    async fn call(
        &self,
        request: OutgoingRequest,
        options: CallOptions,
    ) -> Result<IncomingResponse, EgressError> {
        let mut hop = first_hop(&request)?;
        let began = Instant::now();
        let outcome = tokio::time::timeout(options.timeout, self.follow(&mut hop, &request, options)).await;
        let host = label(&hop.url);
        let elapsed_ms = began.elapsed().as_millis();
        match &outcome {
            Ok(Ok(response)) => {
                tracing::debug!(%host, method = %request.method, status = response.status, elapsed_ms, "call");
            }
            Ok(Err(error)) => {
                tracing::debug!(%host, method = %request.method, code = error.code(), elapsed_ms, "call failed");
            }
            Err(_) => tracing::debug!(%host, method = %request.method, elapsed_ms, "call timed out"),
        }
        outcome.unwrap_or(Err(EgressError::RequestTimeout { host, seconds: options.timeout.as_secs() }))
    }

    async fn follow(
        &self,
        hop: &mut Hop,
        request: &OutgoingRequest,
        options: CallOptions,
    ) -> Result<IncomingResponse, EgressError> {
        let mut redirects = 0;
        loop {
            let response = self.once(hop).await?;
            let next = match options.redirects {
                Redirects::Follow => redirect::next(hop, request, response.status(), response.headers()),
                Redirects::Return => None,
            };
            let Some(next) = next else {
                let read = body::read(response, options.response_bytes_max).await;
                return read.map_err(|error| error.at(&label(&hop.url), options.response_bytes_max));
            };
            if redirects == REDIRECTS_MAX {
                return Err(EgressError::TooManyRedirects(label(&hop.url)));
            }
            redirects += 1;
            *hop = next;
        }
    }

    /// One request, no redirects.
    async fn once(&self, hop: &Hop) -> Result<reqwest::Response, EgressError> {
        let port = hop.url.port_or_known_default().unwrap_or(0);
        let client = self.client_for(&hop.url, port)?;
        let mut request = reqwest::Request::new(hop.method.clone(), hop.url.clone());
        *request.headers_mut() = hop.headers.clone();
        if !hop.body.is_empty() {
            *request.body_mut() = Some(hop.body.clone().into());
        }
        client.execute(request).await.map_err(|error| read_error(&error, &hop.url, port))
    }

    /// The client for an address, if the policy lets it out.
    fn client_for(&self, url: &Url, port: u16) -> Result<&reqwest::Client, EgressError> {
        let host = url.host_str().unwrap_or_default();
        let verdict = match url.host() {
            Some(Host::Ipv4(address)) => self.judge_literal(host, port, address.into())?,
            Some(Host::Ipv6(address)) => self.judge_literal(host, port, address.into())?,
            _ => self.policy.judge_name(host, port).map_err(EgressError::Denied)?,
        };
        let named = verdict == NameVerdict::Named;
        self.clients
            .get(&(named, port))
            .or_else(|| self.clients.get(&(named, 0)))
            .ok_or_else(|| EgressError::BadRequest("the gate has no client".to_owned()))
    }

    fn judge_literal(&self, host: &str, port: u16, address: IpAddr) -> Result<NameVerdict, EgressError> {
        self.policy
            .judge_address(NameVerdict::ByAddress, host, port, address)
            .map(|()| NameVerdict::ByAddress)
            .map_err(EgressError::Denied)
    }
}

impl Egress for Gate {
    fn send(
        &self,
        request: OutgoingRequest,
        options: CallOptions,
    ) -> BoxFuture<'_, Result<IncomingResponse, EgressError>> {
        Box::pin(self.call(request, options))
    }
}

fn client(resolver: CheckedResolver) -> io::Result<reqwest::Client> {
    reqwest::Client::builder()
        .dns_resolver(Arc::new(resolver))
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .referer(false)
        .connect_timeout(CONNECT_TIMEOUT)
        .pool_idle_timeout(IDLE_TIMEOUT)
        .build()
        .map_err(|error| io::Error::other(innermost(&error)))
}

fn first_hop(request: &OutgoingRequest) -> Result<Hop, EgressError> {
    let refuse = |why: &str| EgressError::BadRequest(why.to_owned());
    let url = Url::parse(&request.url).map_err(|_| refuse("the request has no absolute address"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
        return Err(refuse("only `http` and `https` addresses can be called"));
    }
    let method =
        Method::from_bytes(request.method.as_bytes()).map_err(|_| refuse("the method is none of HTTP"))?;
    let mut headers = HeaderMap::with_capacity(request.headers.len());
    for (name, value) in &request.headers {
        let parsed =
            HeaderName::from_bytes(name.as_bytes()).ok().zip(HeaderValue::from_bytes(value.as_bytes()).ok());
        let Some((parsed, mut value)) = parsed else {
            return Err(refuse(&format!("header `{name}` holds what HTTP does not allow")));
        };
        // The client knows both better; a second length would let a request be smuggled.
        if parsed == header::HOST || parsed == header::CONTENT_LENGTH || parsed == header::TRANSFER_ENCODING {
            continue;
        }
        value.set_sensitive(request.is_credential(name));
        headers.append(parsed, value);
    }
    Ok(Hop { method, url, headers, body: request.body.clone() })
}

/// What a client's error means.
fn read_error(error: &reqwest::Error, url: &Url, port: u16) -> EgressError {
    if let Some(denied) = find::<Denied>(error) {
        // The resolver does not know the port.
        return EgressError::Denied(Denied { port, ..denied.clone() });
    }
    if let Some(Unresolved(host)) = find::<Unresolved>(error) {
        return EgressError::UnresolvableHostName(host.clone());
    }
    if error.is_timeout() {
        return EgressError::RequestTimeout { host: label(url), seconds: CONNECT_TIMEOUT.as_secs() };
    }
    EgressError::BadGateway { host: label(url), why: innermost(error) }
}

/// The error and what caused it, outermost first.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    let mut next = Some(error);
    std::iter::from_fn(move || {
        let error = next?;
        next = error.source();
        Some(error)
    })
}

/// The cause of a certain type.
fn find<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    causes(error).find_map(|error| error.downcast_ref::<E>())
}

/// The text of the innermost cause. Outer texts hold the address with its query.
pub(crate) fn innermost(error: &(dyn Error + 'static)) -> String {
    let innermost = causes(error).last();
    match innermost.and_then(|error| error.downcast_ref::<reqwest::Error>()) {
        Some(_) => "the connection broke".to_owned(),
        None => innermost.map_or_else(String::new, ToString::to_string),
    }
}
