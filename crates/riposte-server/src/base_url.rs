//! The address under which the client reached us, for absolute links: Azure's clients follow `nextLink` on the host
//! that it names.

use crate::options::{Options, Tls};
use http::{HeaderMap, header};
use std::net::SocketAddr;

/// `scheme://host`, without a slash at the end.
///
/// The host is what the request's `Host` header says, if that is a host at all, else the address we listen on. The
/// scheme is that of the connection; `X-Forwarded-Proto` counts only where the options trust it.
pub(crate) fn base_url(headers: &HeaderMap, options: &Options, local: SocketAddr) -> String {
    let own = if options.tls == Tls::Off { "http" } else { "https" };
    let forwarded = options
        .trust_forwarded_proto
        .then(|| headers.get("x-forwarded-proto").and_then(|value| value.to_str().ok()))
        .flatten()
        .and_then(|scheme| {
            ["http", "https"].into_iter().find(|known| known.eq_ignore_ascii_case(scheme.trim()))
        });
    let host = headers.get(header::HOST).and_then(|value| value.to_str().ok()).filter(|host| is_host(host));
    match host {
        Some(host) => format!("{}://{host}", forwarded.unwrap_or(own)),
        None => format!("{}://{local}", forwarded.unwrap_or(own)),
    }
}

fn is_host(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 260
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_:[]".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn url(headers: &[(&'static str, &'static str)], trust: bool, tls: Tls) -> String {
        let headers =
            headers.iter().map(|(k, v)| (k.parse().unwrap(), HeaderValue::from_static(v))).collect();
        let local: SocketAddr = "127.0.0.1:8700".parse().unwrap();
        base_url(&headers, &Options { trust_forwarded_proto: trust, tls, ..Options::new(local) }, local)
    }

    #[test]
    fn the_host_is_the_clients_and_the_scheme_is_ours() {
        let files = || Tls::Files { cert: "c".into(), key: "k".into() };
        let forwarded = ("x-forwarded-proto", "https");
        assert_eq!(url(&[("host", "soar.local:8443")], false, Tls::Off), "http://soar.local:8443");
        assert_eq!(url(&[("host", "[::1]:80")], false, files()), "https://[::1]:80");
        assert_eq!(url(&[("host", "a"), forwarded], false, Tls::Off), "http://a");
        assert_eq!(url(&[("host", "a"), forwarded], true, Tls::Off), "https://a");
        assert_eq!(url(&[("host", "a"), ("x-forwarded-proto", "javascript")], true, Tls::Off), "http://a");
        assert_eq!(url(&[("host", "a/../b?c")], false, Tls::Off), "http://127.0.0.1:8700");
        assert_eq!(url(&[], false, Tls::Off), "http://127.0.0.1:8700");
    }
}
