//! The vendors of a run without mocks: calls go out through the egress gate, with the values of a file of connections.
//!
//! ```json
//! { "virustotal": { "api_key": "…" }, "my-jira": { "parameterValues": { "serviceUrl": "https://jira.example" } } }
//! ```
//!
//! A connection is named by its key in `$connections`, by its resource's name, or by its managed API.

use super::call::Call as Called;
use super::script;
use crate::exit::Problem;
use riposte_connector::{
    Call, CallContext, CallError, Connection, Exchange, IncomingResponse, OutgoingRequest, Transfer,
    build_request, catalogue, http_action, read_response,
};
use riposte_diagnostic::Diagnostic;
use riposte_egress::{CallOptions, Egress, EgressError, EgressPolicy, Gate};
use riposte_value::{Object, Text, Value};
use riposte_workflow::{Command, CommandKind, Outcome};
use std::collections::BTreeMap;
use std::path::Path;

/// The vendors, behind the gate.
pub struct Vendors {
    gate: Gate,
    /// Values of connections, by name in lower case.
    connections: BTreeMap<String, Connection>,
    /// The managed API and key of each connection of the playbook, by the connection's id in lower case.
    apis: BTreeMap<String, String>,
    run_id: String,
}

impl Vendors {
    /// Reads the file of connections and opens the gate as `RIPOSTE_EGRESS_ALLOW` says.
    pub fn new(file: Option<&Path>, apis: BTreeMap<String, String>, run_id: &str) -> Result<Self, Problem> {
        let connections = file.map(read_connections).transpose()?.unwrap_or_default();
        let allow = std::env::var("RIPOSTE_EGRESS_ALLOW").unwrap_or_default();
        let allow: Vec<String> = allow.split(',').map(str::trim).map(str::to_owned).collect();
        let policy = EgressPolicy::parse(&allow).map_err(|error| {
            Problem::usage(
                Diagnostic::error("InvalidEgressRule", error.to_string())
                    .help("correct RIPOSTE_EGRESS_ALLOW"),
            )
        })?;
        let gate = Gate::new(policy).map_err(|error| {
            Problem::failed(Diagnostic::error("EgressUnavailable", format!("calls cannot go out: {error}")))
        })?;
        Ok(Self { gate, connections, apis, run_id: run_id.to_owned() })
    }

    /// Calls what a command asks for.
    pub async fn call(&self, command: &Command) -> Outcome {
        if let CommandKind::Script { code, context } = &command.kind {
            let (code, context) = (code.clone(), context.clone());
            let run = tokio::task::spawn_blocking(move || script::run(&code, &context)).await;
            return run.unwrap_or_else(|_| script::failed("it went down"));
        }
        match self.try_call(command).await {
            Ok(response) => {
                let content = read_response(&response);
                Outcome::Response {
                    status_code: content.status_code,
                    headers: content.headers,
                    body: content.body,
                }
            }
            Err(outcome) => outcome,
        }
    }

    async fn try_call(&self, command: &Command) -> Result<IncomingResponse, Outcome> {
        let context = CallContext::new(format!("{}/{}", self.run_id, command.id));
        match self.build(command, &context).map_err(|error| refused(&error))? {
            Call::Ready(request) => self.exchange(request, command.settings.chunked).await,
            Call::NeedsToken { request, token } => {
                let Some(fetch) = token.request() else {
                    let error =
                        CallError::new("NotSupported", "a run without a server has no managed identity");
                    return Err(refused(&error));
                };
                let answer = self.send(fetch).await?;
                let token = token.read(&answer).map_err(|error| refused(&error))?;
                self.exchange(request.with_bearer(&token.secret), command.settings.chunked).await
            }
        }
    }

    /// Sends a request, or the requests that it comes to.
    async fn exchange(&self, request: OutgoingRequest, chunked: bool) -> Result<IncomingResponse, Outcome> {
        let bytes_max = CallOptions::default().response_bytes_max;
        let (mut transfer, mut request) = Transfer::begin(request, chunked, bytes_max);
        loop {
            match transfer.next(self.send(request).await?).map_err(|error| refused(&error))? {
                Exchange::Send(next) => request = next,
                Exchange::Done(response) => return Ok(response),
            }
        }
    }

    fn build(&self, command: &Command, context: &CallContext) -> Result<Call, CallError> {
        match &command.kind {
            CommandKind::Http { inputs } => http_action::build(inputs, context),
            CommandKind::ApiConnection { connection, inputs } => {
                let api = self.apis.get(&connection.to_lowercase()).map_or("", String::as_str);
                let definition = catalogue::find(api).ok_or_else(|| {
                    CallError::new("ConnectorNotFound", format!("there is no connector `{api}`"))
                        .help("mock the call, or call the vendor with an `Http` action")
                })?;
                build_request(definition, &self.connection(connection, api), inputs, context)
            }
            _ => {
                let kind = Called::of(command).kind;
                Err(CallError::new(
                    "NotSupported",
                    format!("a run without a server cannot carry out `{kind}`"),
                )
                .help("import the playbook into a server, or mock the call"))
            }
        }
    }

    fn connection(&self, id: &str, api: &str) -> Connection {
        let name = id.rsplit('/').next().unwrap_or_default().to_lowercase();
        let found = self.connections.get(&name).or_else(|| self.connections.get(&api.to_lowercase()));
        found.cloned().unwrap_or_default()
    }

    async fn send(&self, request: OutgoingRequest) -> Result<IncomingResponse, Outcome> {
        self.gate.send(request, CallOptions::default()).await.map_err(|error| unanswered(&error))
    }
}

fn read_connections(file: &Path) -> Result<BTreeMap<String, Connection>, Problem> {
    let value = crate::input::value(file)?;
    let refuse = |message: String| {
        Problem::usage(
            Diagnostic::error("InvalidConnections", message)
                .in_file(file.display().to_string())
                .help("an object such as {\"virustotal\": {\"api_key\": \"…\"}}"),
        )
    };
    let Some(object) = value.as_object() else {
        return Err(refuse("connections are an object".to_owned()));
    };
    let mut connections = BTreeMap::new();
    for (name, values) in object {
        let values = values.get_ignore_case("parameterValues").unwrap_or(values);
        let values: Object = values
            .as_object()
            .cloned()
            .ok_or_else(|| refuse(format!("the connection `{name}` is an object of values")))?;
        connections.insert(name.to_lowercase(), Connection::new(values));
    }
    Ok(connections)
}

fn refused(error: &CallError) -> Outcome {
    // What the workflow takes as permanent is not tried again; faults of the call itself are.
    let permanent = riposte_workflow::PERMANENT_CODES.contains(&error.code.as_ref());
    let code = if permanent { Text::new(&error.code) } else { Text::new_static("InvalidRequest") };
    Outcome::NoResponse { code, message: error.to_string() }
}

fn unanswered(error: &EgressError) -> Outcome {
    let code = if matches!(error, EgressError::Denied(_)) { "EgressRefused" } else { error.code() };
    let help =
        if matches!(error, EgressError::Denied(_)) { ": allow it with RIPOSTE_EGRESS_ALLOW" } else { "" };
    Outcome::NoResponse { code: Text::new_static(code), message: format!("{error}{help}") }
}

/// The managed APIs of a playbook's connections, by the connection's id in lower case.
pub fn apis(connections: &Value) -> BTreeMap<String, String> {
    let entries = connections.as_object().into_iter().flatten().filter_map(|(key, entry)| {
        let id = entry.get_ignore_case("connectionId")?.as_str()?.to_lowercase();
        let api = entry.get_ignore_case("id").and_then(Value::as_str).unwrap_or(key);
        Some((id, api.rsplit('/').next().unwrap_or(api).to_owned()))
    });
    entries.collect()
}
