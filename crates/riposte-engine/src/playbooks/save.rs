//! Saving a playbook: compile, collect what there is to say, seal what is secret, add a version if the definition
//! or its parameters changed.

use super::connections::Announced;
use super::{Playbook, PlaybookDocument, PlaybookState, PlaybookVersion, envelope, to_hex};
use crate::access::Caller;
use crate::document::{decode, decode_some, encode};
use crate::error::{Error, Result};
use crate::shared::Shared;
use crate::transaction::Transaction;
use crate::{Engine, Written};
use riposte_diagnostic::{Diagnostic, has_errors, nearest};
use riposte_store::ResourceKey;
use riposte_value::{Object, Text, Value};
use riposte_workflow::{Program, compile};
use std::sync::Arc;

/// What keeps a playbook from running here and would not keep Azure from saving it.
const NOT_AZURES: [&str; 4] =
    ["UnsupportedActionType", "TriggerNotServed", "IntegrationAccountNotSupported", "UnknownConnection"];

/// A playbook as it will be saved.
pub(crate) struct PreparedPlaybook {
    pub(crate) key: ResourceKey,
    id: String,
    location: Option<Text>,
    tags: Value,
    identity: Value,
    wanted: PlaybookState,
    version: PlaybookVersion,
    /// Its definition, compiled; none if it cannot be run.
    program: Option<Arc<Program>>,
    /// What its parameters say in clear; compared with what is stored, never stored.
    clear: Object,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

impl PreparedPlaybook {
    /// Reads an ARM resource. Only what is no workflow at all is refused; one that cannot be run is disabled.
    /// `announced` are the connections that are made together with it.
    ///
    /// # Errors
    /// `AuthorizationFailed` if it uses connections that the caller may not join to a playbook.
    pub(crate) fn new(
        shared: &Shared,
        id: &str,
        body: &Value,
        announced: &Announced,
        caller: &Caller,
    ) -> Result<Self> {
        let key = ResourceKey::new(id);
        let wanted = envelope::read(body)?;
        let properties = body.get_ignore_case("properties");
        let property = |name: &str| properties.and_then(|p| p.get_ignore_case(name));
        let Some(definition) = property("definition").filter(|d| d.as_object().is_some()) else {
            return Err(Error::invalid(vec![
                Diagnostic::error("InvalidTemplate", "a workflow needs an object `definition`")
                    .at("$.properties.definition"),
            ]));
        };
        let (program, diagnostics) = compile(definition);
        let mut diagnostics: Vec<Diagnostic> =
            diagnostics.into_iter().map(|d| below(d, "$.properties.definition")).collect();
        let clear = parameter_values(property("parameters"));
        if let Some(program) = &program {
            check_parameters(program, &clear, &mut diagnostics);
            check_connections(shared, program, &clear, announced, &mut diagnostics);
        }
        authorize_connections(shared, &clear, caller)?;
        authorize_calls(shared, program.as_ref(), caller)?;
        let version = seal_version(shared, &key, definition, &clear)?;
        Ok(Self {
            key,
            id: id.to_owned(),
            location: body.get_ignore_case("location").and_then(Value::as_str).map(Text::new),
            tags: body.get_ignore_case("tags").cloned().unwrap_or_default(),
            identity: body.get_ignore_case("identity").cloned().unwrap_or_default(),
            wanted,
            version,
            program: program.map(Arc::new),
            clear,
            diagnostics,
        })
    }

    /// Refuses what Azure refuses to save, in its words. What Azure would run and Riposte cannot is no such fault.
    ///
    /// # Errors
    /// `InvalidTemplate`.
    pub(super) fn check_template(&self) -> Result<()> {
        let is_azures = |d: &&Diagnostic| d.is_error() && !NOT_AZURES.contains(&d.code.as_ref());
        let Some(first) = self.diagnostics.iter().find(is_azures) else { return Ok(()) };
        let place = first.location.path.as_deref().unwrap_or("$.properties.definition");
        let message = format!("The template validation failed: '{place}: {}'.", first.message);
        Err(Error { code: "InvalidTemplate".into(), message, ..Error::invalid(self.diagnostics.clone()) })
    }

    /// The state in which it will be saved.
    pub(crate) fn state(&self) -> PlaybookState {
        if has_errors(&self.diagnostics) { PlaybookState::Disabled } else { self.wanted }
    }
}

/// A diagnostic of the definition, as one of the resource.
fn below(mut diagnostic: Diagnostic, prefix: &str) -> Diagnostic {
    let path = diagnostic.location.path.take();
    let path = path.as_deref().and_then(|path| path.strip_prefix('$')).unwrap_or_default();
    diagnostic.location.path = Some(format!("{prefix}{path}"));
    diagnostic
}

/// `{name: {"value": …}}` as `{name: …}`.
fn parameter_values(parameters: Option<&Value>) -> Object {
    let Some(parameters) = parameters.and_then(Value::as_object) else { return Object::new() };
    let given = |value: &Value| value.get_ignore_case("value").cloned();
    parameters.iter().filter_map(|(name, value)| Some((name.clone(), given(value)?))).collect()
}

/// Every declared parameter has a value or a default, and every value has a declaration.
fn check_parameters(program: &Program, values: &Object, diagnostics: &mut Vec<Diagnostic>) {
    for parameter in program.parameters() {
        if parameter.default.is_none() && values.get_ignore_case(&parameter.name).is_none() {
            let message =
                format!("parameter `{}` of the workflow has neither a value nor a default", parameter.name);
            diagnostics.push(
                Diagnostic::error("MissingWorkflowParameter", message).at("$.properties.parameters").help(
                    format!("add `\"{0}\": {{\"value\": …}}` to `properties.parameters`", parameter.name),
                ),
            );
        }
    }
    for name in values.keys() {
        let declared = program.parameters().iter().map(|p| p.name.as_str());
        if !declared.clone().any(|declared| declared.eq_ignore_ascii_case(name)) {
            let mut diagnostic = Diagnostic::warning(
                "UnknownWorkflowParameter",
                format!("the definition declares no parameter `{name}`"),
            )
            .at(riposte_diagnostic::join_path("$.properties.parameters", name));
            if let Some(near) = nearest(name, declared) {
                diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
            }
            diagnostics.push(diagnostic);
        }
    }
}

/// Every connection that the actions name is given, and exists or is made together with the playbook.
fn check_connections(
    shared: &Shared,
    program: &Program,
    values: &Object,
    announced: &Announced,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let given = values.get_ignore_case("$connections");
    for name in program.connectors() {
        let path = riposte_diagnostic::join_path("$.properties.parameters.$connections.value", name);
        let Some(connection) = given.and_then(|given| given.get_ignore_case(name)) else {
            let mut diagnostic = Diagnostic::error(
                "UnknownConnection",
                format!("the actions use connection `{name}`, which is not given"),
            )
            .at("$.properties.parameters.$connections");
            let names = given.and_then(Value::as_object).into_iter().flat_map(Object::keys).map(Text::as_str);
            diagnostic = diagnostic.help(match nearest(name, names) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("add `{name}` to `properties.parameters.$connections.value`"),
            });
            diagnostics.push(diagnostic);
            continue;
        };
        let Some(id) = connection.get_ignore_case("connectionId").and_then(Value::as_str) else {
            diagnostics.push(
                Diagnostic::error("UnknownConnection", format!("connection `{name}` has no `connectionId`"))
                    .at(path),
            );
            continue;
        };
        let new = announced.get(&ResourceKey::new(id));
        let state = new.cloned().flatten().or_else(|| shared.connection_state(id));
        if let Some(state) = &state
            && !shared.knows_connector(state, announced)
        {
            let message = format!("connector `{}` is not known; actions through it will fail", state.api);
            diagnostics.push(
                Diagnostic::warning("UnknownConnector", message)
                    .at(path)
                    .help("import its definition as a `Microsoft.Web/customApis` resource"),
            );
        } else if new.is_none() && state.is_none() {
            diagnostics.push(
                Diagnostic::error("UnknownConnection", format!("connection `{id}` does not exist"))
                    .at(path)
                    .help("import the template of the connection first, or together with the playbook"),
            );
        }
    }
}

/// Who lets a playbook use a connection must be allowed to: its credentials act in the playbook's hands.
fn authorize_connections(shared: &Shared, values: &Object, caller: &Caller) -> Result<()> {
    let given = values.get_ignore_case("$connections").and_then(Value::as_object);
    for (_, connection) in given.into_iter().flatten() {
        if let Some(id) = connection.get_ignore_case("connectionId").and_then(Value::as_str) {
            shared.authorize(caller, "Microsoft.Web/connections/join/action", id)?;
        }
    }
    Ok(())
}

/// Who saves a playbook that calls others must be allowed to start those (Azure asks for the right to list their
/// callback addresses).
fn authorize_calls(shared: &Shared, program: Option<&Program>, caller: &Caller) -> Result<()> {
    for id in program.into_iter().flat_map(Program::called_workflows) {
        shared.authorize(caller, "Microsoft.Logic/workflows/triggers/listCallbackUrl/action", id)?;
    }
    Ok(())
}

/// A version with the values of secure parameters sealed.
fn seal_version(
    shared: &Shared,
    key: &ResourceKey,
    definition: &Value,
    clear: &Object,
) -> Result<PlaybookVersion> {
    let declared = definition.get_ignore_case("parameters");
    let mut version = PlaybookVersion { definition: definition.clone(), ..PlaybookVersion::default() };
    for (name, value) in clear {
        let declaration = declared.and_then(|declared| declared.get_ignore_case(name));
        let kind =
            declaration.and_then(|d| d.get_ignore_case("type")).and_then(Value::as_str).unwrap_or_default();
        if kind.to_lowercase().starts_with("secure") {
            let sealed = shared.secret.seal(&format!("{key}#{name}"), encode(value)?.as_bytes())?;
            version.sealed.insert(name.clone(), to_hex(&sealed));
        } else {
            version.parameters.insert(name.clone(), value.clone());
        }
    }
    Ok(version)
}

impl Transaction<'_> {
    /// Saves a playbook; answers whether it is new and whether anything changed.
    pub(crate) fn save_playbook(
        &mut self,
        prepared: &PreparedPlaybook,
        caller: &Caller,
    ) -> Result<(bool, bool)> {
        let row = self.tx.playbook(&prepared.key)?;
        caller.precondition.check_put_without_etag(&prepared.id, row.is_some())?;
        let shown = self.shown_playbook(&prepared.key)?;
        let before: Option<PlaybookDocument> =
            row.as_ref().map(|row| decode("playbook", &row.doc)).transpose()?;
        let same_version = match &row {
            None => false,
            Some(row) => self.has_version(prepared, row.version)?,
        };
        let version = match &row {
            Some(row) if same_version => row.version,
            // Versions of a playbook that was removed stay for its runs.
            _ => self.tx.last_playbook_version(&prepared.key)?.unwrap_or(0) + 1,
        };
        let document = PlaybookDocument {
            id: prepared.id.clone(),
            location: prepared.location.clone(),
            tags: prepared.tags.clone(),
            identity: prepared.identity.clone(),
            state: prepared.state(),
            diagnostics: prepared.diagnostics.clone(),
            created: before.as_ref().map_or(self.now, |before| before.created),
            changed: self.now,
        };
        let same_document = before.as_ref().is_some_and(|before| {
            before.location == document.location
                && before.tags == document.tags
                && before.identity == document.identity
                && before.state == document.state
                && before.diagnostics == document.diagnostics
        });
        if same_version && same_document {
            return Ok((false, false));
        }
        if !same_version {
            let saved = PlaybookVersion { saved: Some(self.now), ..prepared.version.clone() };
            self.tx.put_playbook_version(&prepared.key, version, &encode(&saved)?)?;
        }
        self.tx.put_playbook(&prepared.key, version, &encode(&document)?)?;
        // Not by way of the table of compiled versions: this one is not committed yet.
        let enabled = document.state == PlaybookState::Enabled;
        let playbook = prepared.program.as_ref().filter(|_| enabled).map(|program| Playbook {
            id: document.id.clone(),
            resource: prepared.key.clone(),
            version,
            document,
            program: Arc::clone(program),
            parameters: prepared.clear.clone(),
        });
        self.arm_triggers(&prepared.key, playbook.as_ref())?;
        self.audit_playbook(&prepared.key, caller, shown.as_ref())?;
        Ok((row.is_none(), true))
    }

    /// Whether the stored version has the prepared definition and values.
    fn has_version(&self, prepared: &PreparedPlaybook, version: i64) -> Result<bool> {
        let text = self.tx.playbook_definition(&prepared.key, version)?;
        let Some(stored) = decode_some::<PlaybookVersion>("playbook version", text)? else {
            return Ok(false);
        };
        if stored.definition != prepared.version.definition {
            return Ok(false);
        }
        // One that does not open with this key is written anew.
        Ok(self.shared.open_parameters(&prepared.key, &stored).is_ok_and(|clear| clear == prepared.clear))
    }
}

impl Engine {
    /// Checks a playbook as saving it would, and changes nothing.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn validate_playbook(&self, id: &str, body: &Value, caller: &Caller) -> Result<Vec<Diagnostic>> {
        let prepared = PreparedPlaybook::new(&self.shared, id, body, &Announced::new(), caller)?;
        if has_errors(&prepared.diagnostics) {
            return Err(Error::invalid(prepared.diagnostics));
        }
        Ok(prepared.diagnostics)
    }

    /// Makes or replaces a playbook. What Azure refuses is refused and changes nothing; what only Riposte cannot run is
    /// told, and disables it.
    ///
    /// # Errors
    /// `InvalidTemplate`, or what is wrong with the resource.
    pub async fn put_playbook(
        &self,
        id: &str,
        body: &Value,
        caller: &Caller,
    ) -> Result<(Written, Vec<Diagnostic>)> {
        let prepared = PreparedPlaybook::new(&self.shared, id, body, &Announced::new(), caller)?;
        prepared.check_template()?;
        let diagnostics = prepared.diagnostics.clone();
        let caller = caller.clone();
        let (created, _) = self.shared.transact(move |t| t.save_playbook(&prepared, &caller)).await?;
        Ok((Written { created, resource: self.playbook(id).await? }, diagnostics))
    }
}
