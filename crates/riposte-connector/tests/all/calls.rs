//! Requests of Http actions and of connector calls.

use crate::{WantedError, WantedRequest, shown};
use riposte_connector::{
    Call, CallContext, CallError, Connection, ConnectorDefinition, WorkflowIdentity, build_request,
    catalogue, http_action,
};
use riposte_testing::Cases;
use riposte_value::{Value, value};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HttpCase {
    #[serde(rename = "name")]
    _name: String,
    inputs: Value,
    request: Option<WantedRequest>,
    token: Option<String>,
    error: Option<WantedError>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ConnectorCase {
    #[serde(rename = "name")]
    _name: String,
    connector: Option<String>,
    definition: Option<WrittenDefinition>,
    connection: Value,
    inputs: Value,
    request: Option<WantedRequest>,
    token: Option<String>,
    error: Option<WantedError>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenDefinition {
    swagger: Value,
    properties: Option<Value>,
    service_url: Option<String>,
}

fn context() -> CallContext {
    CallContext {
        idempotency_key: "key-1".into(),
        workflow: Some(WorkflowIdentity {
            id: "w".into(),
            version: "v".into(),
            run_id: "r".into(),
            operation_name: "Call".into(),
            ..WorkflowIdentity::default()
        }),
    }
}

#[test]
fn http_actions() {
    Cases::<HttpCase>::load("conformance/connector/http").check(|case| {
        let built = http_action::build(&case.inputs, &context());
        check(built, case.request.as_ref(), case.token.as_deref(), case.error.as_ref())
    });
}

#[test]
fn connector_calls() {
    Cases::<ConnectorCase>::load("conformance/connector/calls").check(|case| {
        let written = case.definition.as_ref().map(|written| {
            let (definition, diagnostics) =
                ConnectorDefinition::read(&written.swagger, written.properties.as_ref());
            let definition = definition.ok_or_else(|| format!("{diagnostics:?}"))?;
            Ok::<_, String>(match &written.service_url {
                Some(url) => definition.with_service_url(url),
                None => definition,
            })
        });
        let written = written.transpose()?;
        let shipped = case.connector.as_ref().map(|name| catalogue::find(name).expect("in the catalogue"));
        let definition = written.as_ref().or(shipped).ok_or("a definition or the name of one")?;
        let connection =
            Connection::new(case.connection.as_object().ok_or("values of the connection")?.clone());
        let built = build_request(definition, &connection, &case.inputs, &context());
        check(built, case.request.as_ref(), case.token.as_deref(), case.error.as_ref())
    });
}

fn check(
    built: Result<Call, CallError>,
    wanted: Option<&WantedRequest>,
    token: Option<&str>,
    error: Option<&WantedError>,
) -> Result<(), String> {
    match (built, wanted, error) {
        (Ok(call), Some(wanted), None) => {
            check_request(&call, wanted)?;
            let got = match &call {
                Call::NeedsToken { token, .. } => Some(token.cache_key()),
                Call::Ready(_) => None,
            };
            equal("token", &got.as_deref(), &token)
        }
        (Err(got), None, Some(wanted)) => {
            equal("code", &*got.code, wanted.code.as_str())?;
            equal("message", &got.message, &wanted.message)
        }
        (got, wanted, error) => Err(format!("got {got:?}, wanted {wanted:?} or {error:?}")),
    }
}

fn check_request(call: &Call, wanted: &WantedRequest) -> Result<(), String> {
    let request = call.request();
    equal("method", &request.method, &wanted.method)?;
    equal("url", &request.url, &wanted.url)?;
    for (header, value) in &wanted.headers {
        equal(&format!("header {header}"), &request.header(header), &value.as_deref())?;
    }
    match &wanted.body {
        Some(body) => equal("body", &*String::from_utf8_lossy(&request.body), body.as_str()),
        None => Ok(()),
    }
}

fn equal<T: PartialEq + std::fmt::Debug + ?Sized>(what: &str, got: &T, wanted: &T) -> Result<(), String> {
    if got == wanted { Ok(()) } else { Err(format!("{what}: got {got:?}, wanted {wanted:?}")) }
}

#[test]
fn suppressed_headers_leave_the_key() {
    let inputs = value!({ "method": "GET", "uri": "https://a.example" });
    let call = http_action::build(&inputs, &CallContext::new("k")).unwrap();
    let names: Vec<&str> = call.request().headers.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["User-Agent", "Idempotency-Key", "x-ms-client-request-id"]);
    assert_eq!(call.request().header("user-agent"), Some("azure-logic-apps/1.0"));
}

#[test]
fn credential_headers_are_named() {
    let connection = Connection::new(value!({ "api_key": "k" }).as_object().unwrap().clone());
    let inputs = value!({ "method": "get", "path": "/api/v3/files/1" });
    let virustotal = catalogue::find("virustotal").unwrap();
    let call = build_request(virustotal, &connection, &inputs, &CallContext::new("k")).unwrap();
    assert!(call.request().is_credential("X-APIKEY"));
    assert!(!call.request().is_credential("Idempotency-Key"));
    assert!(!format!("{connection:?} {call:?}").contains("\"k\""), "{connection:?} {call:?}");
}

#[test]
fn a_managed_identity_uses_the_definitions_audience() {
    let identity = riposte_connector::ManagedIdentity::default();
    let connection = Connection { managed_identity: Some(identity), ..Connection::default() };
    let inputs = value!({ "method": "get", "path": "/v1.0/users/u%40a.example" });
    let call =
        build_request(catalogue::find("azuread").unwrap(), &connection, &inputs, &CallContext::new("k"))
            .unwrap();
    let Call::NeedsToken { request, token } = call else { panic!("{}", shown(&inputs)) };
    assert_eq!(token.cache_key(), "identity  https://graph.microsoft.com");
    assert_eq!(request.url, "https://graph.microsoft.com/v1.0/users/u%40a.example");
    assert!(token.request().is_none());
}

#[test]
fn tokens_are_asked_for_and_read() {
    let inputs = value!({ "method": "GET", "uri": "https://a.example", "authentication": {
        "type": "ActiveDirectoryOAuth", "tenant": "t", "audience": "https://aud", "clientId": "c", "secret": "s&1" } });
    let Call::NeedsToken { request, token } = http_action::build(&inputs, &CallContext::new("k")).unwrap()
    else {
        panic!("needs a token")
    };
    let asked = token.request().unwrap();
    assert_eq!(asked.url, "https://login.microsoftonline.com/t/oauth2/token");
    assert_eq!(
        String::from_utf8_lossy(&asked.body),
        "grant_type=client_credentials&client_id=c&client_secret=s%261&resource=https%3A%2F%2Faud"
    );
    assert!(!format!("{token:?} {asked:?}").contains("s&1"));
    let answer = |status, body: &str| riposte_connector::IncomingResponse {
        status,
        headers: vec![("content-type".into(), "application/json".into())],
        body: body.as_bytes().to_vec(),
    };
    let read = token.read(&answer(200, r#"{"access_token":"abc","expires_in":"3599"}"#)).unwrap();
    assert_eq!((read.secret.expose(), read.expires_in_s), ("abc", 3599));
    assert_eq!(request.with_bearer(&read.secret).header("authorization"), Some("Bearer abc"));
    let refused =
        token.read(&answer(401, r#"{"error":"invalid_client","error_description":"s&1"}"#)).unwrap_err();
    assert_eq!(refused.message, "the token endpoint answered 401 (invalid_client)");
}

#[test]
fn hints() {
    let connection = Connection::new(value!({ "api_key": "k" }).as_object().unwrap().clone());
    let help = |method: &str, path: &str| {
        let inputs = value!({ "method": method, "path": path });
        build_request(catalogue::find("virustotal").unwrap(), &connection, &inputs, &CallContext::new("k"))
            .unwrap_err()
            .help
            .unwrap()
    };
    assert_eq!(help("delete", "/api/v3/files/1"), "the path is there with GET");
    assert_eq!(help("get", "/api/v3/domain/{domain}"), "did you mean `/api/v3/domains/{domain}`?");
}
