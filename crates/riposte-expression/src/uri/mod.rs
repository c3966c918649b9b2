//! URIs as .NET's `System.Uri` takes them apart, and percent encoding as it writes and reads it.

use std::fmt::Write as _;

/// The parts of an absolute URI.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Uri {
    pub scheme: String,
    pub host: String,
    /// -1 if the scheme has none of its own.
    pub port: i64,
    pub path: String,
    pub query: String,
}

/// The schemes that have a port of their own.
const PORTS: &[(&str, i64)] = &[
    ("http", 80),
    ("https", 443),
    ("ftp", 21),
    ("ws", 80),
    ("wss", 443),
    ("gopher", 70),
    ("nntp", 119),
    ("telnet", 23),
    ("ldap", 389),
    ("net.tcp", 808),
];

impl Uri {
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (scheme, rest) = text.split_once(':')?;
        let scheme = scheme.to_ascii_lowercase();
        let well_formed = scheme.starts_with(|c: char| c.is_ascii_lowercase())
            && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'));
        if !well_formed {
            return None;
        }
        let rest = rest.split_once('#').map_or(rest, |(before, _)| before);
        let own_port = PORTS.iter().find(|(name, _)| *name == scheme).map(|(_, port)| *port);
        let Some(hierarchy) = rest.strip_prefix("//") else {
            if own_port.is_some() || rest.is_empty() {
                return None;
            }
            let (path, query) = split_query(rest);
            if scheme == "mailto" {
                let host = path.rsplit_once('@').map_or("", |(_, host)| host).to_lowercase();
                return Some(Self { scheme, host, port: 25, path: String::new(), query: normal(query) });
            }
            return Some(Self {
                scheme,
                host: String::new(),
                port: -1,
                path: normal(path),
                query: normal(query),
            });
        };
        let end = hierarchy.find(['/', '?', '\\']).unwrap_or(hierarchy.len());
        let (authority, tail) = hierarchy.split_at_checked(end)?;
        let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let (host, port) = split_port(authority)?;
        if host.is_empty() && own_port.is_some() {
            return None;
        }
        let (path, query) = split_query(tail);
        let path = path.replace('\\', "/");
        let path = if path.is_empty() { "/".to_owned() } else { remove_dots(&normal(&path)) };
        // A file on a drive is named without the slash that begins every other path.
        let drive = scheme == "file" && path.as_bytes().get(2) == Some(&b':');
        let path = if drive { path.trim_start_matches('/').to_owned() } else { path };
        let port = port.or(own_port).unwrap_or(-1);
        Some(Self { scheme, host: host.to_lowercase(), port, path, query: normal(query) })
    }
}

fn split_query(text: &str) -> (&str, &str) {
    text.split_at_checked(text.find('?').unwrap_or(text.len())).unwrap_or((text, ""))
}

/// The host and the port; an IPv6 address keeps its brackets.
fn split_port(authority: &str) -> Option<(&str, Option<i64>)> {
    let bracket = authority.rfind(']').map_or(0, |at| at + 1);
    let Some(colon) = authority.get(bracket..)?.find(':').map(|at| at + bracket) else {
        return valid_host(authority).then_some((authority, None));
    };
    let (host, port) = (authority.get(..colon)?, authority.get(colon + 1..)?);
    let port = match port {
        "" => None,
        digits if digits.bytes().all(|b| b.is_ascii_digit()) => {
            Some(digits.parse::<i64>().ok().filter(|port| *port <= 65_535)?)
        }
        _ => return None,
    };
    valid_host(host).then_some((host, port))
}

fn valid_host(host: &str) -> bool {
    !host.contains([' ', '<', '>', '"', '^', '`', '{', '}', '|', '%'])
}

/// Percent-encodes what may not stand in a path or query, and decodes what needs no encoding.
fn normal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let escape = rest.get(1..3).filter(|code| c == '%' && code.bytes().all(|b| b.is_ascii_hexdigit()));
        if let Some(code) = escape {
            let byte = u8::from_str_radix(code, 16).unwrap_or(0);
            if is_unreserved(byte) {
                out.push(char::from(byte));
            } else {
                out.push('%');
                out.push_str(code);
            }
            rest = rest.get(3..).unwrap_or_default();
            continue;
        }
        match c {
            '%' | ' ' | '"' | '<' | '>' | '^' | '`' | '{' | '}' | '|' | '\\' => push_escaped(c, &mut out),
            c if c.is_ascii_control() || !c.is_ascii() => push_escaped(c, &mut out),
            c => out.push(c),
        }
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
    }
    out
}

fn push_escaped(c: char, out: &mut String) {
    let mut buffer = [0; 4];
    for byte in c.encode_utf8(&mut buffer).bytes() {
        // Writing to a String cannot fail.
        let _ = write!(out, "%{byte:02X}");
    }
}

/// Takes `.` and `..` out of a path.
fn remove_dots(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    let last = segments.len().saturating_sub(1);
    for (at, segment) in segments.iter().enumerate() {
        match *segment {
            "." => {
                if at == last {
                    kept.push("");
                }
            }
            ".." => {
                kept.pop();
                if at == last {
                    kept.push("");
                }
            }
            other => kept.push(other),
        }
    }
    format!("/{}", kept.join("/"))
}

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~')
}

/// Appends text with everything encoded but letters, digits, `-`, `_`, `.` and `~`.
pub(crate) fn escape(text: &str, out: &mut String) {
    for byte in text.bytes() {
        if is_unreserved(byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
}

/// The bytes of percent-encoded text; what is no encoding stays.
pub(crate) fn unescape_bytes(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    loop {
        match rest {
            [b'%', high, low, tail @ ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                let digit =
                    |b: u8| char::from(b).to_digit(16).and_then(|d| u8::try_from(d).ok()).unwrap_or(0);
                out.push(digit(*high) << 4 | digit(*low));
                rest = tail;
            }
            [byte, tail @ ..] => {
                out.push(*byte);
                rest = tail;
            }
            [] => return out,
        }
    }
}

/// Percent-encoded text as text. Bytes that are no UTF-8 stay encoded, as .NET leaves them.
pub(crate) fn unescape(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let bytes = unescape_bytes(text);
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        for byte in chunk.invalid() {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}
