//! The address under which the client reached us, for absolute links: Azure's clients follow `nextLink` on the host
//! that it names.

use crate::options::{Options, Tls};
use http::{HeaderMap, header};
use std::net::SocketAddr;

/// `scheme://host`, without a slash at the end.
///
/// A request to the host of the public URL is answered with that URL, whatever the proxy in between speaks. Else the
/// host is what the request's `Host` header says, if that is a host at all, or the address we listen on; and the scheme
/// is that of the connection, where `X-Forwarded-Proto` counts only if the options trust it.
pub(crate) fn base_url(headers: &HeaderMap, options: &Options, local: SocketAddr) -> String {
    let host = headers.get(header::HOST).and_then(|value| value.to_str().ok()).filter(|host| is_host(host));
    let public = options.public_url.as_deref().map(|url| url.trim_end_matches('/'));
    if let (Some(host), Some(public)) = (host, public)
        && host_of(public).is_some_and(|(of, port)| is_at(host, of, port))
    {
        return public.to_owned();
    }
    let own = if options.tls == Tls::Off { "http" } else { "https" };
    let forwarded = options
        .trust_forwarded_proto
        .then(|| headers.get("x-forwarded-proto").and_then(|value| value.to_str().ok()))
        .flatten()
        .and_then(|scheme| {
            ["http", "https"].into_iter().find(|known| known.eq_ignore_ascii_case(scheme.trim()))
        });
    match host {
        Some(host) => format!("{}://{host}", forwarded.unwrap_or(own)),
        None => format!("{}://{local}", forwarded.unwrap_or(own)),
    }
}

/// The host (with its port, if it is told) of an address, and the port that its scheme has.
fn host_of(url: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = url.split_once("://")?;
    let port = if scheme.eq_ignore_ascii_case("https") { ":443" } else { ":80" };
    rest.split('/').next().map(|host| (host, port))
}

/// Whether a `Host` header names a host, where either may leave out the port of the scheme.
fn is_at(header: &str, host: &str, port: &str) -> bool {
    let bare = |text: &str| text.strip_suffix(port).unwrap_or(text).to_ascii_lowercase();
    bare(header) == bare(host)
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
    fn the_public_url_is_given_to_who_asks_at_its_host() {
        let local: SocketAddr = "127.0.0.1:8700".parse().unwrap();
        for (public, host, expected) in [
            ("https://soar.example/base/", "soar.example", "https://soar.example/base"),
            ("https://soar.example", "SOAR.example:443", "https://soar.example"),
            ("https://soar.example:443", "soar.example", "https://soar.example:443"),
            ("https://soar.example", "soar.example:8700", "http://soar.example:8700"),
            ("https://soar.example", "127.0.0.1:8700", "http://127.0.0.1:8700"),
            ("http://soar.example:8080", "soar.example:8080", "http://soar.example:8080"),
            ("nonsense", "soar.example", "http://soar.example"),
        ] {
            let headers = [(header::HOST, HeaderValue::from_static(host))].into_iter().collect();
            let options = Options { public_url: Some(public.to_owned()), ..Options::new(local) };
            assert_eq!(base_url(&headers, &options, local), expected, "{public} {host}");
        }
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
