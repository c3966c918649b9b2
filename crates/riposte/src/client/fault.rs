//! What is said when the server does not answer, or refuses.

use crate::exit::Problem;
use reqwest::StatusCode;
use riposte_diagnostic::Diagnostic;
use riposte_value::{Value, json};
use std::path::Path;

/// There was no answer.
pub fn unreachable(base: &str, error: &reqwest::Error) -> Problem {
    let diagnostic = if let Some(told) = unsafe_connection(base, &causes(error)) {
        told
    } else if error.is_timeout() {
        Diagnostic::error("ServerTimeout", format!("the server at `{base}` did not answer in time"))
    } else if error.is_connect() {
        Diagnostic::error("ServerUnreachable", format!("no connection to `{base}`: {}", root(error)))
            .help("is the server running there? start one with `riposte serve`, or name another with --url or RIPOSTE_URL")
    } else {
        Diagnostic::error("ServerUnreachable", format!("the call of `{base}` broke off: {}", root(error)))
    };
    Problem::failed(diagnostic)
}

/// Every cause of an error, the outermost first.
fn causes(error: &reqwest::Error) -> Vec<String> {
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    std::iter::from_fn(|| {
        let this = cause?;
        cause = this.source();
        Some(this.to_string())
    })
    .collect()
}

/// What is wrong with the server's certificate, or with what answers instead of TLS; none if it is neither.
fn unsafe_connection(base: &str, causes: &[String]) -> Option<Diagnostic> {
    const BAD: &str = "invalid peer certificate: ";
    if let Some(why) = causes.iter().find_map(|cause| cause.split_once(BAD).map(|(_, why)| why)) {
        let told = |what: &str| {
            let message = format!("the certificate of `{base}` {what}: {}", why.trim());
            Diagnostic::error("CertificateNotTrusted", message)
        };
        let lower = why.to_ascii_lowercase();
        let is = |words: &[&str]| words.iter().any(|word| lower.contains(word));
        return Some(if is(&["not valid for name", "notvalidforname"]) {
            told("is for another name").help("name the server with --url as its certificate names it")
        } else if is(&["expired", "notvalidyet", "not valid yet"]) {
            told("is not valid at this time").help("renew it, or set the clock of this machine right")
        } else {
            told("is not signed by an authority that is trusted here").help(
                "give the authority's certificate with --ca-file or RIPOSTE_CA_FILE; a server with `--tls auto` keeps \
                 its own in DATA/tls/ca.pem",
            )
        });
    }
    let is_plain = |cause: &String| cause.contains("received corrupt message of type");
    causes.iter().any(is_plain).then(|| {
        Diagnostic::error("NoTls", format!("what answers at `{base}` does not speak TLS"))
            .help("write the address with http://, or start the server with `--tls auto`")
    })
}

/// Refuses a file that holds no certificate: it would make the server's look untrusted.
pub fn check_authority(pem: &str, file: &Path) -> Result<(), Problem> {
    if pem.contains("-----BEGIN CERTIFICATE-----") {
        return Ok(());
    }
    let shown = file.display().to_string();
    let message = format!("`{shown}` holds no certificate in PEM");
    Err(Problem::usage(Diagnostic::error("InvalidCertificate", message).in_file(shown).help(
        "it begins with -----BEGIN CERTIFICATE-----; a server with `--tls auto` keeps one in DATA/tls/ca.pem",
    )))
}

/// The innermost cause, in the system's words.
fn root(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    let text = cause.to_string();
    text.split(" (os error").next().unwrap_or(&text).to_owned()
}

/// What answered was no JSON.
pub fn unreadable(base: &str, error: &json::Error) -> Problem {
    Problem::failed(
        Diagnostic::error("InvalidAnswer", format!("what answers at `{base}` does not speak JSON: {error}"))
            .help("is it a Riposte server?"),
    )
}

/// The server refused: code, message and details of its error, and what to do.
pub fn refused(base: &str, status: StatusCode, answer: Option<&Value>) -> Problem {
    let error = answer.and_then(|answer| answer.get("error"));
    let code = error
        .and_then(|error| error.str_at(&["code"]))
        .map_or_else(|| format!("Http{}", status.as_u16()), str::to_owned);
    let message = error
        .and_then(|error| error.str_at(&["message"]))
        .map_or_else(|| format!("`{base}` answered {status}"), |message| message.trim_end().to_owned());
    let mut first = Diagnostic::error(code, message);
    if let Some(help) = advice(status) {
        first = first.help(help);
    }
    let mut diagnostics = vec![first];
    let details = error.and_then(|error| error.get("details")).and_then(Value::as_array).unwrap_or_default();
    for told in details {
        // What to do about it stands among the details, under a code of its own.
        match (told.str_at(&["code"]), told.str_at(&["message"]), diagnostics.last_mut()) {
            (Some("Help"), Some(help), Some(last)) => last.help = Some(help.to_owned()),
            _ => diagnostics.push(detail(told)),
        }
    }
    Problem::all(diagnostics)
}

fn detail(detail: &Value) -> Diagnostic {
    let text = |name: &str| detail.get(name).and_then(Value::as_str);
    let code = text("code").unwrap_or("Detail").to_owned();
    let message = text("message").map_or_else(|| json::to_string(detail), str::to_owned);
    let mut diagnostic = match text("severity") {
        Some("warning") => Diagnostic::warning(code, message),
        Some("info") => Diagnostic::info(code, message),
        _ => Diagnostic::error(code, message),
    };
    if let Some(file) = text("file") {
        diagnostic = diagnostic.in_file(file);
    }
    if let Some(path) = text("path").or_else(|| text("target")) {
        diagnostic = diagnostic.at(path);
    }
    match text("help") {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    }
}

fn advice(status: StatusCode) -> Option<&'static str> {
    match status.as_u16() {
        401 => {
            Some("the token is not known there: export RIPOSTE_TOKEN=$(cat DATA/owner.token) of that server")
        }
        413 => Some("send less at once"),
        503 => Some("the server is busy or shutting down: try again in a moment"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_that_is_not_trusted_is_told_as_that() {
        let bad =
            |why: &str| vec!["error sending request".to_owned(), format!("invalid peer certificate: {why}")];
        // The causes, the code, what the message and the help tell.
        let cases = [
            (bad("UnknownIssuer"), "CertificateNotTrusted", "not signed by an authority", "--ca-file"),
            (
                bad("certificate not valid for name \"x\"; certificate is only valid for DnsName(\"y\")"),
                "CertificateNotTrusted",
                "is for another name",
                "--url",
            ),
            (
                bad("certificate expired: verification time 2 (UNIX)"),
                "CertificateNotTrusted",
                "at this time",
                "renew",
            ),
            (
                vec!["received corrupt message of type InvalidContentType".to_owned()],
                "NoTls",
                "does not speak TLS",
                "http://",
            ),
        ];
        for (causes, code, message, help) in cases {
            let told = unsafe_connection("https://h", &causes).unwrap();
            assert_eq!(told.code, code);
            assert!(told.message.contains(message), "{told:?}");
            assert!(told.help.as_deref().unwrap().contains(help), "{told:?}");
        }
        assert!(unsafe_connection("https://h", &["Connection refused".to_owned()]).is_none());
    }
}
