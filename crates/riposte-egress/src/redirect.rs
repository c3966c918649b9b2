//! Redirects, one hop at a time.

use http::{HeaderMap, Method, StatusCode, header};
use riposte_connector::OutgoingRequest;
use url::Url;

/// How many redirects are followed.
pub(crate) const REDIRECTS_MAX: usize = 10;

/// Headers that describe a body and go with it.
const BODY_HEADERS: &[header::HeaderName] =
    &[header::CONTENT_TYPE, header::CONTENT_ENCODING, header::CONTENT_LANGUAGE, header::CONTENT_LENGTH];

/// One request on its way.
#[derive(Debug, Clone)]
pub(crate) struct Hop {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

/// The next hop, if the response is a redirect that is followed. 303 turns into GET, as do 301 and 302 of a POST; a step
/// down from https to http, and an address that is none, are handed back as the response (as .NET's client does). What
/// carries credentials stays behind when the origin changes.
pub(crate) fn next(
    hop: &mut Hop,
    request: &OutgoingRequest,
    status: StatusCode,
    headers: &HeaderMap,
) -> Option<Hop> {
    if !matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let location = headers.get(header::LOCATION)?.to_str().ok()?;
    let mut url = hop.url.join(location).ok()?;
    let downgraded = hop.url.scheme() == "https" && url.scheme() == "http";
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) || downgraded {
        return None;
    }
    if url.fragment().is_none() {
        url.set_fragment(hop.url.fragment());
    }
    let mut next = Hop { method: hop.method.clone(), url, headers: hop.headers.clone(), body: Vec::new() };
    let to_get = match status.as_u16() {
        303 => !matches!(hop.method, Method::GET | Method::HEAD),
        301 | 302 => hop.method == Method::POST,
        _ => false,
    };
    if to_get {
        next.method = Method::GET;
        for name in BODY_HEADERS {
            next.headers.remove(name);
        }
    } else {
        next.body = std::mem::take(&mut hop.body);
    }
    if next.url.origin() != hop.url.origin() {
        let held: Vec<header::HeaderName> =
            next.headers.keys().filter(|name| request.is_credential(name.as_str())).cloned().collect();
        for name in held {
            next.headers.remove(name);
        }
    }
    Some(next)
}

#[cfg(test)]
mod tests;
