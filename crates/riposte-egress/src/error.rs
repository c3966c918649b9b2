//! Why there is no response.

use crate::address::AddressClass;
use std::fmt;
use std::net::IpAddr;

/// A call without a response. Messages name hosts and addresses, never paths, queries, headers or bodies.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EgressError {
    /// The gate does not let the call out.
    #[error("{0}")]
    Denied(Denied),
    /// The name does not resolve.
    #[error("The provided host name '{0}' could not be resolved.")]
    UnresolvableHostName(String),
    /// No connection, a broken connection, a failed TLS handshake, an answer that is not HTTP.
    #[error("the call to `{host}` failed: {why}")]
    BadGateway {
        /// The host and port.
        host: String,
        /// The innermost cause.
        why: String,
    },
    /// Nothing, or not all of it, came in time.
    #[error("`{host}` did not answer within {seconds} s")]
    RequestTimeout {
        /// The host and port.
        host: String,
        /// The limit.
        seconds: u64,
    },
    /// The body is larger than allowed.
    #[error("the response of `{host}` is larger than {bytes_max} bytes")]
    ResponseTooLarge {
        /// The host and port.
        host: String,
        /// The limit.
        bytes_max: usize,
    },
    /// A redirect after the tenth.
    #[error("`{0}` redirected more than 10 times")]
    TooManyRedirects(String),
    /// What the request holds cannot be sent.
    #[error("{0}")]
    BadRequest(String),
}

impl EgressError {
    /// The `code` of the action's error.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Denied(_) => "EgressDenied",
            Self::UnresolvableHostName(_) => "UnresolvableHostName",
            Self::BadGateway { .. } => "BadGateway",
            Self::RequestTimeout { .. } => "RequestTimeout",
            Self::ResponseTooLarge { .. } => "ResponseTooLarge",
            Self::TooManyRedirects(_) => "TooManyRedirects",
            Self::BadRequest(_) => "BadRequest",
        }
    }

    /// Whether the same call may succeed later, so that a retry policy applies: connections and time, not what the gate
    /// or the request says.
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::UnresolvableHostName(_) | Self::BadGateway { .. } | Self::RequestTimeout { .. })
    }
}

/// A call that the gate did not let out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denied {
    /// The host as the address names it.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The address that it stands for, where it was looked up.
    pub address: Option<IpAddr>,
    /// Why.
    pub reason: DenialReason,
}

/// Why a call was not let out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DenialReason {
    /// The address is not public, and no rule allows it.
    Class(AddressClass),
    /// A rule of the deny list.
    DenyList,
    /// Only what is on the allow list may be called.
    NotListed,
}

impl fmt::Display for Denied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port, address, reason } = self;
        write!(f, "egress to `{host}:{port}`")?;
        if let Some(address) = address.filter(|address| address.to_string() != host.trim_matches(['[', ']']))
        {
            write!(f, " (address {address})")?;
        }
        match reason {
            DenialReason::DenyList => f.write_str(" is denied: the deny list names it"),
            DenialReason::NotListed => {
                write!(
                    f,
                    " is denied: it is not on the allow list; add \"{host}:{port}\" to `[egress] allow`"
                )
            }
            DenialReason::Class(class) if class.needs_address_rule() => {
                let shown = address.map_or_else(|| host.clone(), |address| address.to_string());
                write!(
                    f,
                    " is denied: {class}; only a rule for the address opens it: add \"{shown}\" to `[egress] allow`"
                )
            }
            DenialReason::Class(class) => {
                write!(f, " is denied: {class}; add \"{host}:{port}\" to `[egress] allow`")
            }
        }
    }
}

impl std::error::Error for Denied {}
