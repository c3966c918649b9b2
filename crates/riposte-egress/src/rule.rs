//! One rule of a list: `host`, `host:port`, `*.example.com`, `10.0.0.0/8`, `192.0.2.1:8080`, `[::1]:8080`.

use crate::address::{AddressClass, embedded_v4};
use ipnet::IpNet;
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// A rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    place: Place,
    /// `None` for every port.
    port: Option<u16>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    /// In lower case, without a dot at the end.
    Host(String),
    /// `*.example.com` as `.example.com`: every name under it, not it itself.
    Under(String),
    Network(IpNet),
}

/// The shortest prefix of a network that opens addresses which need a rule of their own.
const OWN_RULE_PREFIX_MIN: u8 = 8;

/// Text that is no rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidRule(String);

impl fmt::Display for InvalidRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is no rule for egress", self.0)
    }
}

impl InvalidRule {
    /// What a rule looks like.
    pub const HELP: &'static str = "write `host`, `host:port`, `*.example.com`, an address, `address:port` or a network such as `10.0.0.0/8`";
}

impl std::error::Error for InvalidRule {}

impl Rule {
    /// Whether the rule names this host (in lower case, without a dot at the end) and port.
    pub(crate) fn names(&self, host: &str, port: u16) -> bool {
        let named = match &self.place {
            Place::Host(name) => name == host,
            Place::Under(suffix) => host.len() > suffix.len() && host.ends_with(suffix.as_str()),
            Place::Network(_) => false,
        };
        named && self.port.is_none_or(|own| own == port)
    }

    /// Whether the rule holds this address and port.
    pub(crate) fn holds(&self, address: IpAddr, port: u16) -> bool {
        let Place::Network(network) = &self.place else { return false };
        self.port.is_none_or(|own| own == port)
            && (network.contains(&address) || network.contains(&embedded_v4(address)))
    }

    /// Whether the rule lets this address and port be called. One that needs a rule of its own is only opened by a network
    /// of its class: `0.0.0.0/0` does not open a metadata service.
    pub(crate) fn opens(&self, address: IpAddr, port: u16, class: AddressClass) -> bool {
        let Place::Network(network) = &self.place else { return false };
        let meant =
            AddressClass::of(network.network()) == class && network.prefix_len() >= OWN_RULE_PREFIX_MIN;
        self.holds(address, port) && (meant || !class.needs_address_rule())
    }

    /// Whether the rule is for addresses.
    pub(crate) fn is_network(&self) -> bool {
        matches!(self.place, Place::Network(_))
    }

    /// The port of a rule for addresses: such rules make the check of a name depend on the port.
    pub(crate) fn address_port(&self) -> Option<u16> {
        matches!(self.place, Place::Network(_)).then_some(self.port).flatten()
    }
}

impl FromStr for Rule {
    type Err = InvalidRule;

    fn from_str(text: &str) -> Result<Self, InvalidRule> {
        let text = text.trim();
        read(text).ok_or_else(|| InvalidRule(text.to_owned()))
    }
}

fn read(text: &str) -> Option<Rule> {
    if let Some(network) = read_network(text) {
        return Some(Rule { place: Place::Network(network), port: None });
    }
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) => (host, Some(port.parse().ok().filter(|port| *port != 0)?)),
        None => (text, None),
    };
    let unbracketed = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
    if let Some(network) = read_network(unbracketed) {
        return Some(Rule { place: Place::Network(network), port });
    }
    let host = host.trim_end_matches('.');
    let place = match host.strip_prefix("*.") {
        Some(parent) => Place::Under(format!(".{}", read_name(parent)?)),
        None => Place::Host(read_name(host)?),
    };
    Some(Rule { place, port })
}

/// A network, or one address as the network of itself.
fn read_network(text: &str) -> Option<IpNet> {
    text.parse::<IpNet>().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

/// A host name as addresses spell it: lower case, international names in their ASCII form.
fn read_name(text: &str) -> Option<String> {
    let plain = !text.is_empty() && !text.contains(['/', '@', '?', '#', '*', ':', '[', ']', '\\', ' ', '%']);
    match url::Host::parse(text).ok()? {
        url::Host::Domain(name) if plain => Some(name),
        _ => None,
    }
}
