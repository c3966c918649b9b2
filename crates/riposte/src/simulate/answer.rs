//! The vendor's paths.

use super::verdict::{Verdict, fnv1a};
use super::{Answer, Call, report};
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use riposte_connector::{IncomingResponse, read_response};
use riposte_value::Value;

/// Answers a call; `path` is its path without the query.
pub(super) fn answer(call: &Call, path: &str) -> Answer {
    let segments: Vec<String> = path.split('/').skip(1).map(decode).collect();
    let names: Vec<&str> = segments.iter().map(String::as_str).collect();
    match (call.method.as_str(), names.as_slice()) {
        ("GET", ["api", "v3", "ip_addresses", address]) => match address.parse() {
            Ok(address) => Answer::json(200, &report::ip_address(address)),
            Err(_) => invalid(&format!("\"{address}\" is not a valid IP address")),
        },
        ("GET", ["api", "v3", "domains", domain]) if is_domain(domain) => {
            Answer::json(200, &report::domain(domain))
        }
        ("GET", ["api", "v3", "domains", domain]) => {
            invalid(&format!("\"{domain}\" is not a valid domain pattern"))
        }
        ("GET", ["api", "v3", "files", hash]) if is_hash(hash) => Answer::json(200, &report::file(hash)),
        ("GET", ["api", "v3", "files", hash]) => not_found(&format!("File \"{hash}\" not found")),
        ("GET", ["api", "v3", "urls", id]) => url_of(id).map_or_else(
            || not_found(&format!("URL \"{id}\" not found")),
            |url| Answer::json(200, &report::url(&url)),
        ),
        ("POST", ["api", "v3", "urls"]) => submit_url(call),
        ("POST", ["api", "v3", "files"]) => {
            let id = format!("f-{:016x}", fnv1a(&call.body));
            Answer::json(200, &report::submitted(&id))
        }
        ("GET", ["api", "v3", "analyses", id]) => analysis(id),
        _ => not_found("Resource not found."),
    }
}

/// A URL comes as a field `url` of a form or of a multipart body.
fn submit_url(call: &Call) -> Answer {
    let headers =
        call.content_type.iter().map(|text| ("Content-Type".into(), text.as_str().into())).collect();
    let read = read_response(&IncomingResponse { status: 200, headers, body: call.body.clone() });
    let body = read.body.unwrap_or_default();
    let from_form =
        body.get("$formdata").and_then(Value::as_array).unwrap_or_default().iter().find_map(|field| {
            (field.str_at(&["key"]) == Some("url"))
                .then(|| field.str_at(&["value"]).map(str::to_owned))
                .flatten()
        });
    let from_parts = || {
        let parts = body.get("$multipart").and_then(Value::as_array)?;
        let named = |part: &&Value| {
            let disposition =
                part.get("headers").and_then(|headers| headers.get_ignore_case("Content-Disposition"));
            disposition
                .and_then(Value::as_str)
                .is_some_and(|text| text.contains("name=\"url\"") || text.contains("name=url"))
        };
        let part = parts.iter().find(named).or_else(|| parts.first())?;
        // A part without a content type is bytes; a URL in it is text all the same.
        let text = part.str_at(&["body"]).map(str::to_owned);
        text.or_else(|| {
            decode_base64(part.str_at(&["body", "$content"])?, &base64::engine::general_purpose::STANDARD)
        })
    };
    match from_form.or_else(from_parts).filter(|url| !url.trim().is_empty()) {
        Some(url) => Answer::json(200, &report::submitted(&format!("u-{}", report::url_id(url.trim())))),
        None => invalid("Unable to canonicalize url"),
    }
}

fn analysis(id: &str) -> Answer {
    match id.split_once('-') {
        Some(("u", encoded)) => match url_of(encoded) {
            Some(url) => Answer::json(200, &report::analysis(id, Verdict::of_url(&url), &url)),
            None => not_found(&format!("Analysis \"{id}\" not found")),
        },
        Some(("f", hash)) => Answer::json(200, &report::analysis(id, Verdict::of_hash(hash), hash)),
        _ => not_found(&format!("Analysis \"{id}\" not found")),
    }
}

/// The URL of an identifier. Playbooks also ask for a report with the id of an analysis.
fn url_of(id: &str) -> Option<String> {
    let encoded = id.strip_prefix("u-").unwrap_or(id).trim_end_matches('=');
    decode_base64(encoded, &URL_SAFE_NO_PAD).filter(|url| url.contains('.') || url.contains(':'))
}

fn decode_base64(text: &str, engine: &impl base64::Engine) -> Option<String> {
    String::from_utf8(engine.decode(text).ok()?).ok()
}

fn is_hash(text: &str) -> bool {
    matches!(text.len(), 32 | 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn is_domain(text: &str) -> bool {
    text.contains('.')
        && text.split('.').all(|label| {
            !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'))
        })
}

fn invalid(message: &str) -> Answer {
    Answer::error(400, "InvalidArgumentError", message)
}

fn not_found(message: &str) -> Answer {
    Answer::error(404, "NotFoundError", message)
}

/// Decodes a segment of a path; what is no encoding stays.
fn decode(segment: &str) -> String {
    percent_encoding::percent_decode_str(segment).decode_utf8_lossy().into_owned()
}
