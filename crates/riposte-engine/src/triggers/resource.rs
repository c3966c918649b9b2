//! Triggers as ARM resources, and what can be done to them.

use super::access::trigger_not_found;
use super::fire::Happening;
use super::history::{not_startable, run_of};
use super::state::{Phase, Waiting};
use crate::Engine;
use crate::access::Caller;
use crate::clock::{from_nanoseconds, time_text};
use crate::document::decode_some;
use crate::error::{Error, ErrorKind, Result};
use crate::playbooks::{PlaybookDocument, PlaybookVersion, document_of};
use crate::runs::TriggeredBy;
use riposte_store::{Read, ResourceKey};
use riposte_value::{Object, Value};
use riposte_workflow::trigger::{Occurrence, Starter};

/// A playbook's triggers, as the store has them.
struct Shown {
    document: PlaybookDocument,
    version: i64,
    definition: Value,
    waiting: Vec<Waiting>,
}

impl Engine {
    /// The triggers of a playbook.
    pub async fn triggers(&self, playbook: &str) -> Result<Vec<Value>> {
        let shown = self.shown(playbook).await?;
        let triggers = shown.definition.get_ignore_case("triggers").and_then(Value::as_object);
        Ok(triggers.into_iter().flatten().map(|(name, trigger)| shown.to_arm(name, trigger)).collect())
    }

    /// A trigger of a playbook.
    pub async fn trigger(&self, playbook: &str, name: &str) -> Result<Value> {
        let shown = self.shown(playbook).await?;
        let triggers = shown.definition.get_ignore_case("triggers").and_then(Value::as_object);
        let found = triggers.and_then(|triggers| triggers.get_key_value_ignore_case(name));
        found.map(|(name, trigger)| shown.to_arm(name, trigger)).ok_or_else(|| trigger_not_found(name))
    }

    /// The JSON schema of what a trigger takes: `{title, content}`.
    pub async fn trigger_schema(&self, playbook: &str, name: &str) -> Result<Value> {
        let shown = self.shown(playbook).await?;
        let triggers = shown.definition.get_ignore_case("triggers").and_then(Value::as_object);
        let found = triggers.and_then(|triggers| triggers.get_key_value_ignore_case(name));
        let (name, trigger) = found.ok_or_else(|| trigger_not_found(name))?;
        let schema = trigger
            .get_ignore_case("inputs")
            .and_then(|inputs| inputs.get_ignore_case("schema"))
            .cloned()
            .unwrap_or_else(|| Value::from(Object::new()));
        let content = riposte_value::json::to_string(&schema);
        Ok(Value::object([("title", Value::from(name)), ("content", Value::from(content))]))
    }

    /// Lets a trigger fire now, as if by itself: a schedule begins a run, a poll is made at once, a request comes
    /// without a body. Answers the run's name, if one has begun already.
    pub async fn run_trigger(
        &self,
        playbook: &str,
        name: &str,
        body: Option<Value>,
        caller: &Caller,
    ) -> Result<Option<String>> {
        let (key, id, name) = (ResourceKey::new(playbook), playbook.to_owned(), name.to_owned());
        let by = TriggeredBy::caller(caller);
        self.shared
            .transact(move |t| {
                let playbook = t.shared.startable(&*t.tx, &key)?.map_err(|why| not_startable(&id, &why))?;
                let program = std::sync::Arc::clone(&playbook.program);
                let trigger = program.trigger(&name).ok_or_else(|| trigger_not_found(&name))?;
                if matches!(trigger.plan.starter, Some(Starter::HttpPoll | Starter::ConnectorPoll)) {
                    if let Some(row) = t.tx.trigger_state(&key, &trigger.name)? {
                        let mut waiting = Waiting::read(row)?;
                        if waiting.state.phase != Phase::Polling {
                            let why =
                                format!("The trigger '{name}' cannot be seen to; its history says why.");
                            return Err(Error::new(ErrorKind::Conflict, "WorkflowTriggerNotRunnable", why));
                        }
                        waiting.set_due(Some(t.now));
                        t.tx.put_trigger_state(&waiting.to_row()?)?;
                    }
                    t.after.triggers = true;
                    return Ok(None);
                }
                let outputs = match (trigger.plan.starter, body) {
                    (_, Some(body)) => Value::object([("body", body)]),
                    (Some(Starter::Recurrence), None) => Value::Null,
                    (_, None) => Value::from(Object::new()),
                };
                let mut happening = Happening::of(trigger, Occurrence::with_outputs(outputs));
                happening.by = by;
                run_of(t.fire(&playbook, trigger, &happening)?)
                    .map(|run| Some(run).filter(|run| !run.is_empty()))
            })
            .await
    }

    /// Lets a trigger begin anew, as if its playbook had just been saved.
    pub async fn reset_trigger(&self, playbook: &str, name: &str) -> Result<()> {
        let (key, id, name) = (ResourceKey::new(playbook), playbook.to_owned(), name.to_owned());
        self.trigger_name(&id, &name).await?;
        self.shared
            .transact(move |t| {
                if let Some(row) = t.tx.trigger_state(&key, &name)? {
                    t.disarm(Waiting::read(row)?)?;
                }
                let playbook = t.shared.startable(&*t.tx, &key)?;
                t.arm_triggers(&key, playbook.ok().as_ref())
            })
            .await
    }

    /// Lets a trigger wait for what another one waits for: `source` is the id of a trigger of the same type.
    pub async fn set_trigger_state(
        &self,
        playbook: &str,
        name: &str,
        source: &str,
        caller: &Caller,
    ) -> Result<()> {
        self.shared.authorize(caller, "Microsoft.Logic/workflows/triggers/read", source)?;
        let (key, name, source) = (ResourceKey::new(playbook), name.to_owned(), source.to_owned());
        self.trigger_name(playbook, &name).await?;
        self.shared
            .transact(move |t| {
                let lower = ResourceKey::new(&source);
                let (workflow, trigger) = lower
                    .as_str()
                    .rsplit_once("/triggers/")
                    .ok_or_else(|| Error::bad_request("`source.id` must be the id of a trigger"))?;
                let row = t.tx.trigger_state(&ResourceKey::new(workflow), trigger)?;
                let theirs = row.ok_or_else(|| trigger_not_found(trigger)).and_then(Waiting::read)?;
                let row = t.tx.trigger_state(&key, &name)?.ok_or_else(|| trigger_not_found(&name))?;
                let mut waiting = Waiting::read(row)?;
                if waiting.state.phase != theirs.state.phase || theirs.state.phase == Phase::Subscribed {
                    let why = "the state of a trigger can be given to one of the same kind, and none that subscribes";
                    return Err(Error::new(ErrorKind::Conflict, "TriggerStateNotTransferable", why));
                }
                waiting.state.armed = theirs.state.armed;
                waiting.state.slot = theirs.state.slot;
                waiting.state.location = theirs.state.location;
                waiting.due = theirs.due;
                t.after.triggers = true;
                Ok(t.tx.put_trigger_state(&waiting.to_row()?)?)
            })
            .await
    }

    async fn shown(&self, playbook: &str) -> Result<Shown> {
        let key = ResourceKey::new(playbook);
        let found = self.shared.store.read(move |tx| Ok(read(tx, &key))).await??;
        found.ok_or_else(|| Error::resource_not_found(playbook))
    }
}

fn read(tx: &dyn Read, key: &ResourceKey) -> Result<Option<Shown>> {
    let Some(row) = tx.playbook(key)? else { return Ok(None) };
    let text = tx.playbook_definition(key, row.version)?;
    let version: Option<PlaybookVersion> = decode_some("playbook version", text)?;
    let waiting = tx.trigger_states(key)?.into_iter().map(Waiting::read).collect::<Result<_>>()?;
    Ok(Some(Shown {
        document: document_of(&row)?,
        version: row.version,
        definition: version.unwrap_or_default().definition,
        waiting,
    }))
}

impl Shown {
    fn to_arm(&self, name: &str, trigger: &Value) -> Value {
        let waiting = self.waiting.iter().find(|waiting| waiting.row.eq_ignore_ascii_case(name));
        let workflow = &self.document.id;
        let failed = waiting.is_some_and(|waiting| {
            waiting.state.phase == Phase::Broken
                || (waiting.state.phase == Phase::Subscribing && waiting.state.attempts > 0)
        });
        let mut properties = Object::new();
        properties.insert("provisioningState", if failed { "Failed" } else { "Succeeded" });
        properties.insert("createdTime", time_text(self.document.created));
        properties.insert("changedTime", time_text(self.document.changed));
        properties.insert("state", self.document.state.as_str());
        if let Some(due) = waiting.and_then(|waiting| waiting.due) {
            properties.insert("nextExecutionTime", time_text(from_nanoseconds(due)));
        }
        if let Some(recurrence) = trigger.get_ignore_case("recurrence") {
            properties.insert("recurrence", recurrence.clone());
        }
        let version = format!("{:020}", self.version);
        properties.insert(
            "workflow",
            Value::object([
                ("id", Value::from(format!("{workflow}/versions/{version}"))),
                ("name", Value::from(version)),
                ("type", Value::from("Microsoft.Logic/workflows/versions")),
            ]),
        );
        Value::object([
            ("id", Value::from(format!("{workflow}/triggers/{name}"))),
            ("name", Value::from(name)),
            ("type", Value::from("Microsoft.Logic/workflows/triggers")),
            ("properties", Value::from(properties)),
        ])
    }
}
