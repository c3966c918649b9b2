//! Networks by their length, so that an address costs one look-up for each length that there is.

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use ipnet::IpNet;
use std::net::IpAddr;

/// The rules for each network.
#[derive(Debug, Default)]
pub(super) struct Networks {
    /// The lengths that there are, of IPv4 and of IPv6.
    lengths: [Vec<u8>; 2],
    rules: HashMap<IpNet, Vec<u32>, FixedState>,
}

impl Networks {
    pub(super) fn insert(&mut self, net: IpNet, rule: u32) {
        let [v4, v6] = &mut self.lengths;
        let lengths = if net.addr().is_ipv4() { v4 } else { v6 };
        if !lengths.contains(&net.prefix_len()) {
            lengths.push(net.prefix_len());
        }
        self.rules.entry(net.trunc()).or_default().push(rule);
    }

    /// Shows the rules of each network that an address lies in.
    pub(super) fn each(&self, address: IpAddr, show: &mut impl FnMut(&[u32])) {
        let [v4, v6] = &self.lengths;
        for length in if address.is_ipv4() { v4 } else { v6 } {
            let net = IpNet::new(address, *length).map(|net| net.trunc());
            if let Some(rules) = net.ok().and_then(|net| self.rules.get(&net)) {
                show(rules);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Networks;

    #[test]
    fn an_address_finds_the_networks_that_it_lies_in() {
        let mut networks = Networks::default();
        let nets =
            ["10.0.0.0/8", "10.1.2.3/16", "10.1.2.3/32", "2001:db8::/32", "::/0", "0.0.0.0/0", "11.0.0.0/8"];
        for (rule, net) in (0..).zip(nets) {
            networks.insert(net.parse().unwrap(), rule);
        }
        let of = |address: &str| {
            let mut found = Vec::new();
            networks.each(address.parse().unwrap(), &mut |rules| found.extend_from_slice(rules));
            found.sort_unstable();
            found
        };
        assert_eq!(of("10.1.2.3"), [0, 1, 2, 5]);
        assert_eq!(of("10.1.9.9"), [0, 1, 5]);
        assert_eq!(of("192.0.2.1"), [5]);
        assert_eq!(of("2001:db8::1"), [3, 4]);
        assert_eq!(of("fe80::1"), [4]);
    }
}
