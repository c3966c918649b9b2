//! What the vendor thinks of an indicator. Nothing but the indicator counts, so that demonstrations and tests can be
//! written down:
//!
//! | indicator | malicious | suspicious |
//! | --- | --- | --- |
//! | IPv4 address | 203.0.113.0/24 | 198.51.100.0/24 |
//! | IPv6 address | `2001:db8:bad::/48` | `2001:db8:5::/48` |
//! | domain | a label with `malicious`, `evil` or `phish` | a label with `suspicious` |
//! | file | EICAR, and hashes that begin with `bad` | hashes that begin with `ace` |
//! | URL | as its host | as its host |
//!
//! Everything else is clean. The address ranges and `2001:db8::/32` are set aside for documentation.

use std::net::IpAddr;

/// What the vendor thinks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Malicious,
    Suspicious,
    Clean,
}

/// How many engines have looked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stats {
    pub(super) malicious: u64,
    pub(super) suspicious: u64,
    pub(super) undetected: u64,
    pub(super) harmless: u64,
}

/// How many engines there are.
const ENGINES: u64 = 94;

/// The hashes of the EICAR test file: MD5, SHA-1, SHA-256.
const EICAR: [&str; 3] = [
    "44d88612fea8a8f36de82e1278abb02f",
    "3395856ce81f2b7382dee72602f798b642f14140",
    "275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f",
];

impl Verdict {
    pub(super) fn of_address(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(v4) => match v4.octets() {
                [203, 0, 113, _] => Self::Malicious,
                [198, 51, 100, _] => Self::Suspicious,
                _ => Self::Clean,
            },
            IpAddr::V6(v6) => match v6.segments() {
                [0x2001, 0xdb8, 0xbad, ..] => Self::Malicious,
                [0x2001, 0xdb8, 0x5, ..] => Self::Suspicious,
                _ => Self::Clean,
            },
        }
    }

    pub(super) fn of_domain(domain: &str) -> Self {
        let domain = domain.to_ascii_lowercase();
        if ["malicious", "evil", "phish"].iter().any(|part| domain.contains(part)) {
            Self::Malicious
        } else if domain.contains("suspicious") {
            Self::Suspicious
        } else {
            Self::Clean
        }
    }

    pub(super) fn of_hash(hash: &str) -> Self {
        let hash = hash.to_ascii_lowercase();
        if EICAR.contains(&hash.as_str()) || hash.starts_with("bad") {
            Self::Malicious
        } else if hash.starts_with("ace") {
            Self::Suspicious
        } else {
            Self::Clean
        }
    }

    /// As its host; the scheme may be missing.
    pub(super) fn of_url(url: &str) -> Self {
        let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let bare = match host.strip_prefix('[') {
            Some(inside) => inside.split(']').next().unwrap_or_default(),
            None => host.split(':').next().unwrap_or_default(),
        };
        bare.parse().map_or_else(|_| Self::of_domain(bare), Self::of_address)
    }

    /// Numbers of engines that fit the verdict, varied by the indicator.
    pub(super) fn stats(self, indicator: &str) -> Stats {
        let seed = fnv1a(indicator.as_bytes());
        let (malicious, suspicious) = match self {
            Self::Malicious => (9 + seed % 13, seed % 3),
            Self::Suspicious => (seed % 2, 2 + seed % 4),
            Self::Clean => (0, 0),
        };
        let undetected = 20 + seed % 11;
        Stats { malicious, suspicious, undetected, harmless: ENGINES - malicious - suspicious - undetected }
    }

    /// The community's score.
    pub(super) fn reputation(self, indicator: &str) -> i64 {
        let seed = i64::try_from(fnv1a(indicator.as_bytes()) % 20).unwrap_or(0);
        match self {
            Self::Malicious => -20 - seed,
            Self::Suspicious => -3,
            Self::Clean => seed / 4,
        }
    }
}

/// FNV-1a, 64 bits: the same everywhere and forever, which the standard library's hashers do not promise.
pub(super) fn fnv1a(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}
