//! What kind of place an address is. Sources: the IANA special-purpose address registries.

use ipnet::IpNet;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr};

/// What kind of place an address is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AddressClass {
    /// Reachable over the internet.
    Public,
    /// This machine.
    Loopback,
    /// A private network (RFC 1918, IPv6 unique local and site-local).
    Private,
    /// Carrier-grade NAT, 100.64.0.0/10.
    Shared,
    /// Link-local, and the metadata services of clouds, which hand out credentials.
    LinkLocal,
    /// Multicast.
    Multicast,
    /// 0.0.0.0/8 and `::`.
    Unspecified,
    /// Broadcast, documentation, benchmarking and what else is set aside.
    Reserved,
}

impl AddressClass {
    /// The class of an address. An IPv6 address that carries an IPv4 one (mapped, NAT64, 6to4) is what it carries.
    pub fn of(address: IpAddr) -> Self {
        match embedded_v4(address) {
            IpAddr::V4(v4) => classify(IpAddr::V4(v4), V4),
            IpAddr::V6(v6) => classify(IpAddr::V6(v6), V6),
        }
    }

    /// Whether a rule that names a host does not open addresses of this class, so that a name's owner cannot point it at
    /// a metadata service.
    pub const fn needs_address_rule(self) -> bool {
        matches!(self, Self::LinkLocal | Self::Multicast | Self::Unspecified | Self::Reserved)
    }
}

impl fmt::Display for AddressClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Public => "a public address",
            Self::Loopback => "a loopback address",
            Self::Private => "a private address",
            Self::Shared => "an address of carrier-grade NAT",
            Self::LinkLocal => "a link-local or metadata address",
            Self::Multicast => "a multicast address",
            Self::Unspecified => "an unspecified address",
            Self::Reserved => "a reserved address",
        })
    }
}

/// Networks that are not public; the first that holds the address decides.
const V4: &[(&str, AddressClass)] = &[
    ("168.63.129.16/32", AddressClass::LinkLocal),
    ("169.254.0.0/16", AddressClass::LinkLocal),
    ("100.100.100.200/32", AddressClass::LinkLocal),
    ("127.0.0.0/8", AddressClass::Loopback),
    ("10.0.0.0/8", AddressClass::Private),
    ("172.16.0.0/12", AddressClass::Private),
    ("192.168.0.0/16", AddressClass::Private),
    ("100.64.0.0/10", AddressClass::Shared),
    ("224.0.0.0/4", AddressClass::Multicast),
    ("0.0.0.0/8", AddressClass::Unspecified),
    ("192.0.0.0/24", AddressClass::Reserved),
    ("192.0.2.0/24", AddressClass::Reserved),
    ("192.88.99.0/24", AddressClass::Reserved),
    ("198.18.0.0/15", AddressClass::Reserved),
    ("198.51.100.0/24", AddressClass::Reserved),
    ("203.0.113.0/24", AddressClass::Reserved),
    ("240.0.0.0/4", AddressClass::Reserved),
];

const V6: &[(&str, AddressClass)] = &[
    ("::1/128", AddressClass::Loopback),
    ("::/128", AddressClass::Unspecified),
    ("fd00:ec2::254/128", AddressClass::LinkLocal),
    ("fd20:ce::254/128", AddressClass::LinkLocal),
    ("fe80::/10", AddressClass::LinkLocal),
    ("fc00::/7", AddressClass::Private),
    ("fec0::/10", AddressClass::Private),
    ("64:ff9b:1::/48", AddressClass::Private),
    ("ff00::/8", AddressClass::Multicast),
    ("2001::/23", AddressClass::Reserved),
    ("2001:db8::/32", AddressClass::Reserved),
    ("3fff::/20", AddressClass::Reserved),
    ("5f00::/16", AddressClass::Reserved),
    ("100::/64", AddressClass::Reserved),
    // What is outside global unicast is nobody's on the internet.
    ("::/3", AddressClass::Reserved),
    ("4000::/2", AddressClass::Reserved),
    ("8000::/1", AddressClass::Reserved),
];

fn classify(address: IpAddr, networks: &[(&str, AddressClass)]) -> AddressClass {
    networks
        .iter()
        .find(|(network, _)| network.parse::<IpNet>().is_ok_and(|network| network.contains(&address)))
        .map_or(AddressClass::Public, |(_, class)| *class)
}

/// The IPv4 address that an IPv6 address stands for, else the address itself.
pub(crate) fn embedded_v4(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address else { return address };
    let carried = match v6.segments() {
        // Mapped, NAT64, 6to4.
        [0, 0, 0, 0, 0, 0xffff, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
        | [0x2002, high, low, ..] => Some((high, low)),
        // The compatible form that preceded the mapped one; `::` and `::1` are their own.
        [0, 0, 0, 0, 0, 0, high, low] if high != 0 => Some((high, low)),
        _ => None,
    };
    carried.map_or(IpAddr::V6(v6), |(high, low)| IpAddr::V4(join(high, low)))
}

fn join(high: u16, low: u16) -> Ipv4Addr {
    Ipv4Addr::from_bits((u32::from(high) << 16) | u32::from(low))
}

#[cfg(test)]
mod tests {
    use super::AddressClass;
    use std::net::IpAddr;

    #[test]
    fn classes() {
        let cases = [
            ("93.184.216.34", AddressClass::Public),
            ("8.8.8.8", AddressClass::Public),
            ("127.0.0.1", AddressClass::Loopback),
            ("127.255.255.254", AddressClass::Loopback),
            ("10.1.2.3", AddressClass::Private),
            ("172.15.255.255", AddressClass::Public),
            ("172.31.255.255", AddressClass::Private),
            ("172.32.0.0", AddressClass::Public),
            ("192.168.1.1", AddressClass::Private),
            ("100.64.0.1", AddressClass::Shared),
            ("100.127.255.255", AddressClass::Shared),
            ("100.128.0.0", AddressClass::Public),
            ("100.100.100.200", AddressClass::LinkLocal),
            ("169.254.169.254", AddressClass::LinkLocal),
            ("168.63.129.16", AddressClass::LinkLocal),
            ("0.0.0.0", AddressClass::Unspecified),
            ("0.1.2.3", AddressClass::Unspecified),
            ("224.0.0.1", AddressClass::Multicast),
            ("255.255.255.255", AddressClass::Reserved),
            ("203.0.113.7", AddressClass::Reserved),
            ("::1", AddressClass::Loopback),
            ("::", AddressClass::Unspecified),
            ("::ffff:127.0.0.1", AddressClass::Loopback),
            ("::ffff:169.254.169.254", AddressClass::LinkLocal),
            ("::ffff:8.8.8.8", AddressClass::Public),
            ("::7f00:1", AddressClass::Loopback),
            ("64:ff9b::7f00:1", AddressClass::Loopback),
            ("64:ff9b::808:808", AddressClass::Public),
            ("2002:7f00:1::", AddressClass::Loopback),
            ("2002:a00:1::1", AddressClass::Private),
            ("fe80::1", AddressClass::LinkLocal),
            ("fd12:3456::1", AddressClass::Private),
            ("fd00:ec2::254", AddressClass::LinkLocal),
            ("fec0::1", AddressClass::Private),
            ("ff02::1", AddressClass::Multicast),
            ("2001:db8::1", AddressClass::Reserved),
            ("2606:4700::1111", AddressClass::Public),
            ("9000::1", AddressClass::Reserved),
        ];
        for (address, class) in cases {
            assert_eq!(AddressClass::of(address.parse::<IpAddr>().unwrap()), class, "{address}");
        }
    }
}
