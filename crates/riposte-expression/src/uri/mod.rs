//! URIs as .NET's `System.Uri` takes them apart, and percent encoding as it writes and reads it.
//!
//! What is accepted and how it is written differ from RFC 3986 and from the URL standard of browsers, and from scheme to
//! scheme: see the table in [`scheme`]. Checked against .NET over some thousand URIs; where it asks the operating
//! system, Windows is meant, on which the service runs: `/a/b` is no absolute URI, `//a/b` is a share.

mod escape;
mod host;
mod scheme;

pub(crate) use escape::{escape, unescape, unescape_bytes};

use escape::normal;
use scheme::{Authority, Scheme};

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

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

/// Whether a text begins with a drive, a colon or bar and a slash: `C:\`, `c|/`.
fn is_drive(text: &str) -> bool {
    matches!(text.as_bytes(), [letter, b':' | b'|', b'/' | b'\\', ..] if letter.is_ascii_alphabetic())
}

impl Uri {
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim_matches(is_blank);
        if is_drive(text) {
            return Some(Self::drive(text, ""));
        }
        if let Some(share) = text.strip_prefix("\\\\").or_else(|| text.strip_prefix("//")) {
            return Self::share(share, "");
        }
        let (name, rest) = text.split_once(':')?;
        let name = name.to_ascii_lowercase();
        // A single letter is a drive, and those are dealt with.
        let well_formed = name.len() > 1
            && name.starts_with(|c: char| c.is_ascii_lowercase())
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'));
        if !well_formed {
            return None;
        }
        let rest = rest.split_once('#').map_or(rest, |(before, _)| before);
        match name.as_str() {
            "file" => Self::file(rest),
            "mailto" => Self::mail(rest),
            _ => Self::with_scheme(name, rest),
        }
    }

    fn with_scheme(name: String, rest: &str) -> Option<Self> {
        let scheme = scheme::of(&name);
        let hierarchy = rest.strip_prefix("//").filter(|_| scheme.authority != Authority::Never);
        let Some(hierarchy) = hierarchy else {
            if scheme.authority == Authority::Required {
                return None;
            }
            let (path, query) = split_query(rest, scheme);
            let path = normal(path).replace('?', "%3F");
            return Some(Self { scheme: name, host: String::new(), port: scheme.port, path, query });
        };
        let end = hierarchy.find(['/', '?']).unwrap_or(hierarchy.len());
        let (authority, tail) = hierarchy.split_at_checked(end)?;
        let (user, place) = match authority.split_once('@') {
            Some((user, place)) if scheme.user => (Some(user), place),
            _ => (None, authority),
        };
        let (host, port) = host::split_port(place)?;
        if port.is_some() && !scheme.ports {
            return None;
        }
        let empty_is_allowed = scheme.empty_host && user.is_none() && !place.contains(':');
        let host = match host {
            "" if empty_is_allowed => String::new(),
            host => host::normal(host, scheme.numeric_hosts)?,
        };
        // Where the scheme has no port of its own, 0 reads as none.
        let port = port.filter(|port| *port != 0 || scheme.port >= 0).unwrap_or(scheme.port);
        let (path, query) = split_query(tail, scheme);
        Some(Self { scheme: name, host, port, path: rooted(path, scheme), query })
    }

    /// `user@host`, with a path and a query if need be.
    fn mail(rest: &str) -> Option<Self> {
        let (place, tail) = rest.split_at_checked(rest.find(['/', '?']).unwrap_or(rest.len()))?;
        let host = place.split_once('@').map_or(place, |(_, host)| host);
        let host = if place.is_empty() { String::new() } else { host::normal(host, true)? };
        let scheme = scheme::of("mailto");
        let (path, query) = split_query(tail, scheme);
        Some(Self { scheme: "mailto".into(), host, port: scheme.port, path: normal(path), query })
    }

    /// A drive, a share, or a file of a host. A single slash is followed by a drive.
    fn file(rest: &str) -> Option<Self> {
        let scheme = scheme::of("file");
        let (body, query) = split_query(rest, scheme);
        let slashes = body.len() - body.trim_start_matches(['/', '\\']).len();
        let (_, bare) = body.split_at_checked(slashes)?;
        if is_drive(bare) && slashes <= 3 {
            return Some(Self::drive(bare, &query));
        }
        match slashes {
            0 | 1 => None,
            // Three slashes lead to a file of no host, two and more than three to a share.
            3 if bare.as_bytes().get(1) == Some(&b':') => None,
            3 => {
                let path = rooted(body.get(2..)?, scheme);
                Some(Self { scheme: "file".into(), host: String::new(), port: -1, path, query })
            }
            _ => Self::share(bare, &query),
        }
    }

    /// `C:\folder\file`: what follows the drive is a path throughout.
    fn drive(text: &str, query: &str) -> Self {
        let (letter, tail) = text.split_at_checked(1).unwrap_or((text, ""));
        let tail = rooted(tail.get(1..).unwrap_or_default(), scheme::of("file"));
        let path = format!("{letter}:{}", tail.replace('#', "%23"));
        Self { scheme: "file".into(), host: String::new(), port: -1, path, query: query.to_owned() }
    }

    /// `host\folder\file`, what follows two slashes.
    fn share(text: &str, query: &str) -> Option<Self> {
        let (host, path) = text.split_at_checked(text.find(['/', '\\']).unwrap_or(text.len()))?;
        if host.contains(':') && !host.starts_with('[') {
            return None;
        }
        let host = host::normal(host, true)?;
        let path = rooted(path, scheme::of("file"));
        Some(Self { scheme: "file".into(), host, port: -1, path, query: query.to_owned() })
    }
}

/// The path and the query, which some schemes do not have.
fn split_query<'t>(text: &'t str, scheme: &Scheme) -> (&'t str, String) {
    match text.find('?').filter(|_| scheme.query).and_then(|at| text.split_at_checked(at)) {
        Some((path, query)) => (path, normal(query)),
        None => (text, String::new()),
    }
}

/// A path after an authority.
fn rooted(path: &str, scheme: &Scheme) -> String {
    let slashed = if scheme.backslashes { path.replace('\\', "/") } else { path.to_owned() };
    let mut path = normal(&slashed).replace('?', "%3F");
    if !path.starts_with('/') {
        path.insert(0, '/');
    }
    if scheme.plain_slashes {
        path = path.replace("%2f", "/").replace("%2F", "/");
    }
    if scheme.dots { remove_dots(&path) } else { path }
}

/// Takes `.` and `..` out of a path.
fn remove_dots(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let mut segments = path.split('/').skip(1).peekable();
    while let Some(segment) = segments.next() {
        let last = segments.peek().is_none();
        match segment {
            "." => {}
            ".." => {
                kept.pop();
            }
            other => {
                kept.push(other);
                continue;
            }
        }
        if last {
            kept.push("");
        }
    }
    format!("/{}", kept.join("/"))
}
