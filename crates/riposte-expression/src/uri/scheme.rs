//! What .NET knows of schemes. One that it does not know may have everything.

/// Whether `//host` follows the scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Authority {
    Required,
    Optional,
    /// `//` is a part of the path.
    Never,
}

#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "the columns of a table")]
pub(super) struct Scheme {
    name: &'static str,
    /// -1 if it has none.
    pub port: i64,
    pub authority: Authority,
    pub query: bool,
    /// `user@` may stand before the host.
    pub user: bool,
    /// `:80` may stand after the host.
    pub ports: bool,
    pub empty_host: bool,
    /// `127.1` and `0x7f000001` are addresses.
    pub numeric_hosts: bool,
    /// `\` in a path is `/`.
    pub backslashes: bool,
    /// `.` and `..` are resolved.
    pub dots: bool,
    /// `%2f` in a path is `/`.
    pub plain_slashes: bool,
}

const WEB: Scheme = Scheme {
    name: "http",
    port: 80,
    authority: Authority::Required,
    query: true,
    user: true,
    ports: true,
    empty_host: false,
    numeric_hosts: true,
    backslashes: true,
    dots: true,
    plain_slashes: false,
};

/// Nothing of a path is rewritten, and there is no query.
const OLD: Scheme = Scheme { query: false, backslashes: false, dots: false, ..WEB };

const SCHEMES: &[Scheme] = &[
    WEB,
    Scheme { name: "https", port: 443, ..WEB },
    Scheme { name: "ws", ..WEB },
    Scheme { name: "wss", port: 443, ..WEB },
    Scheme { name: "ftp", port: 21, query: false, ..WEB },
    Scheme { name: "file", port: -1, user: false, ports: false, plain_slashes: true, ..WEB },
    Scheme { name: "gopher", port: 70, ..OLD },
    Scheme { name: "nntp", port: 119, ..OLD },
    Scheme { name: "telnet", port: 23, ..OLD },
    Scheme { name: "ldap", port: 389, query: true, empty_host: true, ..OLD },
    Scheme { name: "news", port: -1, authority: Authority::Never, ..OLD },
    Scheme { name: "uuid", port: -1, authority: Authority::Never, ..OLD },
    Scheme { name: "mailto", port: 25, authority: Authority::Never, query: true, ..OLD },
    Scheme { name: "net.tcp", port: 808, user: false, plain_slashes: true, ..WEB },
    Scheme { name: "net.pipe", port: -1, user: false, ports: false, plain_slashes: true, ..WEB },
];

const UNKNOWN: Scheme = Scheme {
    name: "",
    port: -1,
    authority: Authority::Optional,
    empty_host: true,
    numeric_hosts: false,
    ..WEB
};

pub(super) fn of(name: &str) -> &'static Scheme {
    SCHEMES.iter().find(|scheme| scheme.name == name).unwrap_or(&UNKNOWN)
}
