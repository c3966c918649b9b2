//! Sign-in for Azure's client libraries: OAuth 2.0 client credentials, and the documents that lead to them.
//!
//! Programs ask `/{tenant}/oauth2/v2.0/token` (or `/{tenant}/oauth2/token`, as older ones do) with a client id and a
//! secret, in the form or by HTTP Basic. Any tenant, scope and resource is taken: there is one tenant, and what a token
//! opens, role assignments say. Faults have OAuth's form: `{error, error_description, …}` (RFC 6749 §5.2).

use crate::answer::Answer;
use crate::query::Query;
use crate::refusal::Refusal;
use crate::request::Request;
use crate::route::Route;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, Method, StatusCode, header};
use percent_encoding::percent_decode_str;
use riposte_engine::{ErrorKind, Issued};
use riposte_value::{Object, Value};

const TOKEN_REASON: &str = "the client id and secret in the request are asked for";
const DOCUMENT_REASON: &str =
    "clients read it before they can sign in, and it says nothing of what is kept here";

pub(super) fn routes() -> Vec<Route> {
    let token = |path, handler| {
        let summary = "Gives a program a token for its client id and secret (OAuth 2.0 client credentials).";
        Route { method: Method::POST, ..Route::public(path, TOKEN_REASON, summary, handler) }.small()
    };
    let summary = "Tells where programs sign in (OpenID Connect discovery).";
    vec![
        token("/{tenant}/oauth2/v2.0/token", |r| Box::pin(give(r, Version::V2))),
        token("/{tenant}/oauth2/token", |r| Box::pin(give(r, Version::V1))),
        Route::public("/{tenant}/v2.0/.well-known/openid-configuration", DOCUMENT_REASON, summary, |r| {
            Box::pin(async move { configuration(&r, Version::V2) })
        }),
        Route::public("/{tenant}/.well-known/openid-configuration", DOCUMENT_REASON, summary, |r| {
            Box::pin(async move { configuration(&r, Version::V1) })
        }),
        Route::public(
            "/{tenant}/discovery/instance",
            DOCUMENT_REASON,
            "Tells clients that look for the cloud of an authority that it is this one.",
            |r| Box::pin(async move { Ok(instance(&r)) }),
        ),
        Route::public(
            "/{tenant}/discovery/v2.0/keys",
            DOCUMENT_REASON,
            "The keys that sign tokens: none, tokens are no more than random texts.",
            |_| Box::pin(async { Ok(Answer::ok(Value::object([("keys", Value::array([]))]))) }),
        ),
    ]
}

/// Of the two families of addresses that Microsoft's identity platform has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Version {
    V1,
    V2,
}

/// A fault in OAuth's form.
struct Fault {
    status: StatusCode,
    error: &'static str,
    why: String,
}

fn fault(error: &'static str, why: impl Into<String>) -> Fault {
    Fault { status: StatusCode::BAD_REQUEST, error, why: why.into() }
}

async fn give(request: Request, version: Version) -> Result<Answer, Refusal> {
    let form = Query::parse(&String::from_utf8_lossy(&request.body.bytes));
    let asked = match Asked::read(&form, &request.headers) {
        Ok(asked) => asked,
        Err(fault) => return Ok(refused(&fault)),
    };
    match request.engine.sign_in_application(&asked.client_id, &asked.secret).await {
        Ok(Some(issued)) => Ok(Answer::ok(Value::from(token(&issued, version, form.get_filled("resource"))))),
        Ok(None) => Ok(refused(&Fault {
            status: StatusCode::UNAUTHORIZED,
            error: "invalid_client",
            why: "the client id and the client secret do not belong together, or the secret is over"
                .to_owned(),
        })),
        Err(error) if error.kind == ErrorKind::TooManyRequests => {
            let status = StatusCode::TOO_MANY_REQUESTS;
            let fault = Fault { status, error: "temporarily_unavailable", why: error.message };
            let mut answer = refused(&fault);
            answer.headers.push((header::RETRY_AFTER, header::HeaderValue::from_static("60")));
            Ok(answer)
        }
        Err(error) => Err(error.into()),
    }
}

/// What a request for a token says.
struct Asked {
    client_id: String,
    secret: String,
}

impl Asked {
    fn read(form: &Query, headers: &HeaderMap) -> Result<Self, Fault> {
        for (at, (name, _)) in form.pairs().enumerate() {
            if form.pairs().take(at).any(|(other, _)| other == name) {
                let shown: String = name.chars().take(40).collect();
                return Err(fault("invalid_request", format!("`{shown}` stands there twice")));
            }
        }
        match form.get_filled("grant_type") {
            Some("client_credentials") => {}
            Some(other) => {
                let shown: String = other.chars().take(40).collect();
                let why = format!("`grant_type` is `{shown}`; only `client_credentials` is offered");
                return Err(fault("unsupported_grant_type", why));
            }
            None => return Err(fault("invalid_request", "`grant_type` is missing; the body is a form")),
        }
        if let Some(basic) = basic(headers)? {
            return Ok(basic);
        }
        let given = |name: &str| form.get(name).filter(|value| !value.is_empty()).map(str::to_owned);
        match (given("client_id"), given("client_secret")) {
            (Some(client_id), Some(secret)) => Ok(Self { client_id, secret }),
            (None, _) => Err(fault("invalid_request", "`client_id` is missing")),
            (_, None) => Err(fault(
                "invalid_request",
                "`client_secret` is missing; signing in with a certificate is not offered",
            )),
        }
    }
}

/// The client id and secret of HTTP Basic; each is encoded as in a form (RFC 6749 §2.3.1).
fn basic(headers: &HeaderMap) -> Result<Option<Asked>, Fault> {
    let Some(value) = headers.get(header::AUTHORIZATION) else { return Ok(None) };
    let pair = || {
        let (scheme, encoded) = value.to_str().ok()?.trim().split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("basic") {
            return None;
        }
        let text = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
        let (id, secret) = text.split_once(':')?;
        let decoded =
            |text: &str| percent_decode_str(text).decode_utf8().ok().map(std::borrow::Cow::into_owned);
        Some(Asked { client_id: decoded(id)?, secret: decoded(secret)? })
    };
    match pair() {
        Some(asked) => Ok(Some(asked)),
        None => Err(Fault {
            status: StatusCode::UNAUTHORIZED,
            error: "invalid_client",
            why: "the `Authorization` header is not `Basic` with a client id and a secret".to_owned(),
        }),
    }
}

/// The answer's fields. Numbers are texts in the older version.
fn token(issued: &Issued, version: Version, resource: Option<&str>) -> Object {
    let seconds = issued.seconds;
    let number = |number: i64| match version {
        Version::V1 => Value::text(number.to_string()),
        Version::V2 => Value::from(number),
    };
    let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
    let mut fields = Object::new();
    fields.insert("token_type", "Bearer");
    fields.insert("expires_in", number(seconds));
    fields.insert("ext_expires_in", number(seconds));
    if version == Version::V1 {
        fields.insert("expires_on", number(issued.at.as_second().saturating_add(seconds)));
        fields.insert("not_before", number(issued.at.as_second()));
        fields.insert("resource", Value::from(resource));
    }
    fields.insert("access_token", &issued.token);
    fields
}

fn refused(fault: &Fault) -> Answer {
    let body = [("error", Value::text(fault.error)), ("error_description", Value::text(&fault.why))];
    let mut answer = Answer::new(fault.status, Value::object(body));
    if fault.status == StatusCode::UNAUTHORIZED {
        let challenge = header::HeaderValue::from_static("Basic realm=\"Riposte\"");
        answer.headers.push((header::WWW_AUTHENTICATE, challenge));
    }
    answer
}

fn configuration(request: &Request, version: Version) -> Result<Answer, Refusal> {
    let base = format!("{}/{}", request.base_url, request.variable("tenant")?);
    let (part, issuer) = match version {
        Version::V1 => ("oauth2", format!("{base}/")),
        Version::V2 => ("oauth2/v2.0", format!("{base}/v2.0")),
    };
    let texts = |texts: &[&str]| Value::array(texts.iter().map(Value::text));
    Ok(Answer::ok(Value::object([
        ("issuer", Value::text(issuer)),
        ("authorization_endpoint", Value::text(format!("{base}/{part}/authorize"))),
        ("token_endpoint", Value::text(format!("{base}/{part}/token"))),
        ("jwks_uri", Value::text(format!("{base}/discovery/v2.0/keys"))),
        ("token_endpoint_auth_methods_supported", texts(&["client_secret_post", "client_secret_basic"])),
        ("grant_types_supported", texts(&["client_credentials"])),
        ("response_types_supported", texts(&["token"])),
        ("subject_types_supported", texts(&["pairwise"])),
        ("id_token_signing_alg_values_supported", texts(&["RS256"])),
        ("scopes_supported", texts(&[".default"])),
        ("tenant_region_scope", Value::Null),
        ("cloud_instance_name", Value::text(host(&request.base_url))),
    ])))
}

fn instance(request: &Request) -> Answer {
    let host = host(&request.base_url);
    let tenant = request.variable("tenant").unwrap_or("common");
    let own = Value::object([
        ("preferred_network", Value::text(host)),
        ("preferred_cache", Value::text(host)),
        ("aliases", Value::array([Value::text(host)])),
    ]);
    let document = format!("{}/{tenant}/v2.0/.well-known/openid-configuration", request.base_url);
    Answer::ok(Value::object([
        ("tenant_discovery_endpoint", Value::text(document)),
        ("api-version", Value::text("1.1")),
        ("metadata", Value::array([own])),
    ]))
}

/// `host:port` of an address.
fn host(base_url: &str) -> &str {
    base_url.split_once("://").map_or(base_url, |(_, host)| host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_for_tokens() {
        let read = |form: &str| Asked::read(&Query::parse(form), &HeaderMap::new());
        let asked =
            read("grant_type=client_credentials&client_id=a&client_secret=b%2Bc+d&client_info=1").ok();
        let asked = asked.unwrap();
        assert_eq!((asked.client_id.as_str(), asked.secret.as_str()), ("a", "b+c d"));
        for (form, error) in [
            ("", "invalid_request"),
            ("{}", "invalid_request"),
            ("grant_type=password&username=a", "unsupported_grant_type"),
            ("grant_type=client_credentials", "invalid_request"),
            ("grant_type=client_credentials&client_id=a", "invalid_request"),
            ("grant_type=client_credentials&client_id=a&client_secret=", "invalid_request"),
            ("grant_type=client_credentials&client_id=a&client_id=b&client_secret=c", "invalid_request"),
        ] {
            let Err(fault) = read(form) else { panic!("{form} is taken") };
            assert_eq!(fault.error, error, "{form}");
        }
    }

    #[test]
    fn basic_is_decoded_as_a_form() {
        let headers = |value: &str| HeaderMap::from_iter([(header::AUTHORIZATION, value.parse().unwrap())]);
        // `a%20b:c%3Ad`
        let asked = basic(&headers("Basic YSUyMGI6YyUzQWQ=")).ok().flatten().unwrap();
        assert_eq!((asked.client_id.as_str(), asked.secret.as_str()), ("a b", "c:d"));
        assert!(basic(&HeaderMap::new()).ok().flatten().is_none());
        for wrong in ["Bearer x", "Basic", "Basic !!", "Basic YWI="] {
            assert!(basic(&headers(wrong)).is_err(), "{wrong}");
        }
    }
}
