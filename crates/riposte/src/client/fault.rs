//! What is said when the server does not answer, or refuses.

use crate::exit::Problem;
use reqwest::StatusCode;
use riposte_diagnostic::Diagnostic;
use riposte_value::{Value, json};

/// There was no answer.
pub fn unreachable(base: &str, error: &reqwest::Error) -> Problem {
    let diagnostic = if error.is_timeout() {
        Diagnostic::error("ServerTimeout", format!("the server at `{base}` did not answer in time"))
    } else if error.is_connect() {
        Diagnostic::error("ServerUnreachable", format!("no connection to `{base}`: {}", root(error)))
            .help("is the server running there? start one with `riposte serve`, or name another with --url or RIPOSTE_URL")
    } else {
        Diagnostic::error("ServerUnreachable", format!("the call of `{base}` broke off: {}", root(error)))
    };
    Problem::failed(diagnostic)
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
