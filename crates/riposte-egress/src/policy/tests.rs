use super::{EgressPolicy, NameVerdict};
use std::net::IpAddr;

fn texts(rules: &[&str]) -> Vec<String> {
    rules.iter().map(|&rule| rule.to_owned()).collect()
}

/// What happens to a call: `None` let out, else the message of the denial. `address` is what the host resolves to.
fn judge(policy: &EgressPolicy, host: &str, port: u16, address: &str) -> Option<String> {
    let address: IpAddr = address.parse().unwrap();
    let verdict = match host.trim_matches(['[', ']']).parse::<IpAddr>() {
        Ok(_) => NameVerdict::ByAddress,
        Err(_) => match policy.judge_name(host, port) {
            Ok(verdict) => verdict,
            Err(denied) => return Some(denied.to_string()),
        },
    };
    policy.judge_address(verdict, host, port, address).err().map(|denied| denied.to_string())
}

#[test]
fn what_is_let_out() {
    /// Allow list, deny list, host, port, address, whether it is let out.
    type Case<'a> = (&'a [&'a str], &'a [&'a str], &'a str, u16, &'a str, bool);
    let cases: &[Case<'_>] = &[
        (&[], &[], "vendor.example", 443, "93.184.216.34", true),
        (&[], &[], "vendor.example", 443, "10.0.0.1", false),
        (&[], &[], "localhost", 80, "127.0.0.1", false),
        (&[], &[], "127.0.0.1", 80, "127.0.0.1", false),
        (&[], &[], "vendor.example", 443, "::ffff:10.0.0.1", false),
        (&["localhost"], &[], "localhost", 80, "127.0.0.1", true),
        (&["localhost"], &[], "localhost.", 80, "127.0.0.1", true),
        (&["LocalHost"], &[], "localhost", 80, "::1", true),
        (&["localhost:8080"], &[], "localhost", 8080, "127.0.0.1", true),
        (&["localhost:8080"], &[], "localhost", 8081, "127.0.0.1", false),
        (&["127.0.0.1:8080"], &[], "127.0.0.1", 8080, "127.0.0.1", true),
        (&["127.0.0.1:8080"], &[], "127.0.0.1", 8081, "127.0.0.1", false),
        (&["127.0.0.1:8080"], &[], "rebind.example", 8081, "127.0.0.1", false),
        (&["127.0.0.1"], &[], "127.0.0.1", 9, "::ffff:127.0.0.1", true),
        (&["[::1]:8080"], &[], "[::1]", 8080, "::1", true),
        (&["10.0.0.0/8"], &[], "vault.corp", 8200, "10.1.2.3", true),
        (&["10.0.0.0/8"], &[], "vault.corp", 8200, "192.168.0.1", false),
        (&["*.corp.example"], &[], "vault.corp.example", 443, "10.1.2.3", true),
        (&["*.corp.example"], &[], "a.b.corp.example", 443, "10.1.2.3", true),
        (&["*.corp.example"], &[], "corp.example", 443, "10.1.2.3", false),
        (&["*.corp.example"], &[], "evilcorp.example", 443, "10.1.2.3", false),
        (&["*.corp.example:443"], &[], "vault.corp.example", 80, "10.1.2.3", false),
        (&["bücher.example"], &[], "xn--bcher-kva.example", 80, "10.1.2.3", true),
        // A name's owner cannot point it at a metadata service.
        (&["*.corp.example"], &[], "x.corp.example", 80, "169.254.169.254", false),
        (&["0.0.0.0/0"], &[], "x.example", 80, "169.254.169.254", false),
        (&["0.0.0.0/0"], &[], "x.example", 80, "10.0.0.1", true),
        (&["::/0"], &[], "x.example", 80, "fe80::1", false),
        (&["169.254.169.254"], &[], "169.254.169.254", 80, "169.254.169.254", true),
        (&["169.254.0.0/16"], &[], "x.example", 80, "169.254.169.254", true),
        (&["203.0.113.0/24"], &[], "x.example", 80, "203.0.113.9", true),
        // The deny list wins.
        (&[], &["bad.example"], "bad.example", 443, "93.184.216.34", false),
        (&[], &["*.bad.example"], "a.bad.example.", 443, "93.184.216.34", false),
        (&["x.example"], &["93.184.216.0/24"], "x.example", 443, "93.184.216.34", false),
        (&["10.0.0.0/8"], &["10.9.0.0/16"], "10.9.0.1", 443, "10.9.0.1", false),
    ];
    for (allow, deny, host, port, address, out) in cases {
        let policy = EgressPolicy::parse(&texts(allow)).unwrap().with_deny(&texts(deny)).unwrap();
        let denied = judge(&policy, host, *port, address);
        assert_eq!(
            denied.is_none(),
            *out,
            "allow {allow:?} deny {deny:?}: {host}:{port} at {address}: {denied:?}"
        );
    }
}

#[test]
fn only_the_list() {
    let listed = EgressPolicy::parse(&texts(&["vendor.example"])).unwrap().default_deny();
    assert_eq!(judge(&listed, "vendor.example", 443, "93.184.216.34"), None);
    // Refused before it is looked up.
    assert!(listed.judge_name("other.example", 443).is_err());
    let network = EgressPolicy::parse(&texts(&["93.184.216.0/24"])).unwrap().default_deny();
    assert_eq!(judge(&network, "any.example", 443, "93.184.216.34"), None);
    assert!(judge(&network, "any.example", 443, "8.8.8.8").is_some());
}

#[test]
fn messages_say_how_to_allow() {
    let policy = EgressPolicy::default();
    let cases = [
        (
            "vault.corp",
            8200,
            "10.0.0.1",
            "egress to `vault.corp:8200` (address 10.0.0.1) is denied: a private address; add \"vault.corp:8200\" to `[egress] allow`",
        ),
        (
            "127.0.0.1",
            80,
            "127.0.0.1",
            "egress to `127.0.0.1:80` is denied: a loopback address; add \"127.0.0.1:80\" to `[egress] allow`",
        ),
        (
            "x.example",
            80,
            "169.254.169.254",
            "egress to `x.example:80` (address 169.254.169.254) is denied: a link-local or metadata address; only a rule for the address opens it: add \"169.254.169.254\" to `[egress] allow`",
        ),
    ];
    for (host, port, address, message) in cases {
        assert_eq!(judge(&policy, host, port, address).as_deref(), Some(message));
    }
}

#[test]
fn what_is_no_rule() {
    for text in [
        "10.0.0.0/33",
        "a b",
        "host:0",
        "host:99999",
        "host:port",
        "*",
        "*.",
        "http://a.example",
        "a/b",
        "user@a.example",
        "a.*.example",
        "[::1",
    ] {
        assert!(EgressPolicy::parse(&texts(&[text])).is_err(), "{text}");
    }
    // Blank entries come from a trailing comma.
    assert_eq!(EgressPolicy::parse(&texts(&["", " "])).unwrap(), EgressPolicy::default());
}
