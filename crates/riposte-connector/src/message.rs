//! A request on its way out and a response on its way in, as plain values.

use crate::secret::Secret;
use riposte_value::Text;
use std::fmt;

/// A request, ready for the egress gate.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct OutgoingRequest {
    /// The method in upper case.
    pub method: Text,
    /// The absolute address, already encoded.
    pub url: String,
    /// Header names and values in order; a name may occur more than once.
    pub headers: Vec<(Text, Text)>,
    /// The body; empty for none.
    pub body: Vec<u8>,
    /// Names of the headers that carry credentials, beside `Authorization` and `Cookie`: they stay behind when a
    /// redirect leads to another origin, and are masked wherever the request is shown.
    pub credential_headers: Vec<Text>,
}

/// A response as it came, body decoded from its transfer and content encoding.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct IncomingResponse {
    /// The status code.
    pub status: u16,
    /// Header names and values in order; a name may occur more than once.
    pub headers: Vec<(Text, Text)>,
    /// The body; empty for none.
    pub body: Vec<u8>,
}

impl OutgoingRequest {
    /// The first value of a header, whatever the case of its name.
    pub fn header(&self, name: &str) -> Option<&str> {
        find_header(&self.headers, name)
    }

    /// Sets a header, in place of every one of that name.
    pub fn set_header(&mut self, name: &str, value: impl Into<Text>) {
        set_header(&mut self.headers, name, value.into());
    }

    /// Whether a header carries credentials and must not reach another origin.
    pub fn is_credential(&self, name: &str) -> bool {
        is_credential_header(name)
            || self.credential_headers.iter().any(|held| held.eq_ignore_ascii_case(name))
    }

    /// The request with `Authorization: Bearer …`.
    pub fn with_bearer(mut self, token: &Secret) -> Self {
        self.set_header("Authorization", format!("Bearer {}", token.expose()));
        self
    }
}

impl IncomingResponse {
    /// The first value of a header, whatever the case of its name.
    pub fn header(&self, name: &str) -> Option<&str> {
        find_header(&self.headers, name)
    }
}

/// Headers that carry credentials whoever made the request.
pub(crate) fn is_credential_header(name: &str) -> bool {
    ["authorization", "cookie", "proxy-authorization"].iter().any(|known| name.eq_ignore_ascii_case(known))
}

pub(crate) fn find_header<'a>(headers: &'a [(Text, Text)], name: &str) -> Option<&'a str> {
    headers.iter().find(|(held, _)| held.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

pub(crate) fn set_header(headers: &mut Vec<(Text, Text)>, name: &str, value: Text) {
    headers.retain(|(held, _)| !held.eq_ignore_ascii_case(name));
    headers.push((Text::new(name), value));
}

/// Shows the method, the address without user and query, the names of headers and the size of the body.
impl fmt::Debug for OutgoingRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutgoingRequest")
            .field("method", &self.method)
            .field("url", &shown_url(&self.url))
            .field("headers", &names(&self.headers))
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// Shows the status, the names of headers and the size of the body.
impl fmt::Debug for IncomingResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IncomingResponse")
            .field("status", &self.status)
            .field("headers", &names(&self.headers))
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

fn names(headers: &[(Text, Text)]) -> Vec<&str> {
    headers.iter().map(|(name, _)| name.as_str()).collect()
}

/// An address as it may be shown: scheme, host, port and path.
fn shown_url(url: &str) -> String {
    let Ok(mut parsed) = url::Url::parse(url) else { return "(not an address)".to_owned() };
    parsed.set_query(None);
    parsed.set_fragment(None);
    // A scheme that cannot have a user has none to hide.
    let _ = parsed.set_username("");
    let _ = parsed.set_password(None);
    parsed.to_string()
}
