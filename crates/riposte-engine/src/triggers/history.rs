//! A trigger's history: the runs that it began, and its occurrences without one, newest first.

use super::access::trigger_not_found;
use super::fire::{Fired, Happening};
use crate::access::Caller;
use crate::document::decode;
use crate::error::{Error, ErrorKind, Result};
use crate::playbooks::NotStartable;
use crate::runs::{Beginning, RunHistory, TriggeredBy};
use crate::{Engine, Page};
use riposte_store::{Read, ResourceKey};
use riposte_value::{Object, Value, json};
use riposte_workflow::trigger::Occurrence;

/// How many runs are looked through for one page: a playbook with several triggers has those of all in one row.
const RUNS_SEARCHED_MAX: usize = 2_000;

impl Engine {
    /// A page of a trigger's history, after the entry named `after`.
    pub async fn trigger_histories(
        &self,
        playbook: &str,
        trigger: &str,
        after: Option<String>,
        top: usize,
    ) -> Result<Page> {
        let (key, trigger) = (ResourceKey::new(playbook), trigger.to_owned());
        let name = self.trigger_name(playbook, &trigger).await?;
        let id = format!("{playbook}/triggers/{name}/histories");
        let entries = self
            .shared
            .store
            .read(move |tx| Ok(entries(tx, &key, &name, after.as_deref().unwrap_or(""), top + 1)))
            .await??;
        let more = entries.len() > top;
        let next = if more { entries.get(top.saturating_sub(1)).map(|(name, _)| name.clone()) } else { None };
        let items = entries.into_iter().take(top).map(|(name, properties)| entry(&id, &name, properties));
        Ok(Page { items: items.collect(), next })
    }

    /// An entry of a trigger's history.
    pub async fn trigger_history(&self, playbook: &str, trigger: &str, history: &str) -> Result<Value> {
        let (key, history) = (ResourceKey::new(playbook), history.to_owned());
        let name = self.trigger_name(playbook, trigger).await?;
        let id = format!("{playbook}/triggers/{name}/histories");
        let wanted = history.clone();
        let found = self
            .shared
            .store
            .read(move |tx| {
                if let Some(row) = tx.run(&wanted)?.filter(|row| row.resource == key) {
                    return Ok(run_entry(&name, row));
                }
                // The name before it in the order of text.
                let rows = tx.trigger_history(&key, &name, "", usize::MAX)?;
                let row = rows.into_iter().find(|(name, _)| *name == wanted);
                Ok(row
                    .map(|(_, doc)| json::parse(&doc).map_err(|e| Error::internal(e.to_string())))
                    .transpose())
            })
            .await??;
        let properties = found.ok_or_else(|| Error::not_found("The trigger history", &history))?;
        Ok(entry(&id, &history, properties))
    }

    /// Starts a run with what another one was started with, by the playbook as it is now: the one that `trigger`
    /// started under the name `history`. Nobody waits for its Response action. Answers the name of the run; empty if
    /// it waits for its turn.
    pub async fn resubmit(
        &self,
        playbook: &str,
        trigger: &str,
        history: &str,
        caller: &Caller,
    ) -> Result<String> {
        let (key, id) = (ResourceKey::new(playbook), playbook.to_owned());
        let (trigger, history) = (trigger.to_owned(), history.to_owned());
        let by = TriggeredBy::caller(caller);
        self.shared
            .transact(move |t| {
                let missing = || {
                    let why = format!(
                        "The history '{history}' of workflow trigger '{trigger}' could not be found."
                    );
                    Error::new(ErrorKind::NotFound, "WorkflowTriggerHistoryNotFound", why)
                };
                let row = t.tx.run(&history)?.filter(|row| row.resource == key).ok_or_else(missing)?;
                let beginning: Beginning = decode("run", &row.doc)?;
                if !beginning.trigger.name.eq_ignore_ascii_case(&trigger) {
                    return Err(missing());
                }
                let beginning = beginning.opened(&t.shared.secret, &history)?;
                let playbook = t.shared.startable(&*t.tx, &key)?.map_err(|why| not_startable(&id, &why))?;
                let program = std::sync::Arc::clone(&playbook.program);
                let trigger = program.trigger(&trigger).ok_or_else(|| trigger_not_found(&trigger))?;
                let mut occurrence = Occurrence::with_outputs(beginning.trigger.outputs);
                occurrence.inputs = beginning.trigger.inputs;
                let mut happening = Happening::of(trigger, occurrence);
                happening.by = by;
                happening.incident = row.incident;
                happening.origin = Some(beginning.trigger.history_name);
                // What was split stays split: the run's outputs are one item.
                let fired = t.fire_unsplit(&playbook, trigger, &happening)?;
                run_of(fired)
            })
            .await
    }

    pub(super) async fn trigger_name(&self, playbook: &str, trigger: &str) -> Result<String> {
        let definition = self.playbook(playbook).await?;
        let triggers = definition.at(&["properties", "definition", "triggers"]).and_then(Value::as_object);
        let name = triggers.and_then(|triggers| triggers.get_key_value_ignore_case(trigger));
        name.map(|(name, _)| name.to_string()).ok_or_else(|| trigger_not_found(trigger))
    }
}

/// The run that an occurrence began, or why it began none.
pub(super) fn run_of(fired: Fired) -> Result<String> {
    match fired {
        Fired::Runs(runs) => Ok(runs.into_iter().next().unwrap_or_default()),
        Fired::Skipped => Ok(String::new()),
        Fired::Failed(failure) => {
            Err(Error::new(ErrorKind::BadRequest, failure.code.as_str(), failure.message))
        }
        Fired::Full => Err(Error::new(
            ErrorKind::TooManyRequests,
            super::fire::FULL,
            "The number of waiting runs has reached its limit.",
        )),
    }
}

/// Why a playbook cannot be started, in the service's words.
pub(super) fn not_startable(id: &str, why: &NotStartable) -> Error {
    match why {
        NotStartable::NotFound => Error::resource_not_found(id),
        NotStartable::Disabled => Error::new(
            ErrorKind::Conflict,
            "WorkflowTriggerIsNotEnabled",
            format!("The workflow '{id}' is not enabled."),
        ),
        NotStartable::Invalid => Error::new(
            ErrorKind::Conflict,
            "InvalidTemplate",
            format!("The workflow '{id}' cannot be run; its diagnostics say why."),
        ),
    }
}

/// Entries with their names, newest first.
fn entries(
    tx: &dyn Read,
    key: &ResourceKey,
    trigger: &str,
    after: &str,
    limit: usize,
) -> Result<Vec<(String, Value)>> {
    let mut found: Vec<(String, Value)> = Vec::new();
    let mut last = after.to_owned();
    let mut searched = 0;
    while found.len() < limit && searched < RUNS_SEARCHED_MAX {
        let rows = tx.runs(key, Some(&last), limit)?;
        let Some(end) = rows.last().map(|row| row.id.clone()) else { break };
        searched += rows.len();
        for row in rows {
            let name = row.id.clone();
            if let Some(properties) = run_entry(trigger, row)? {
                found.push((name, properties));
            }
        }
        last = end;
    }
    for (name, doc) in tx.trigger_history(key, trigger, after, limit)? {
        found.push((name, json::parse(&doc).map_err(|error| Error::internal(error.to_string()))?));
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found.truncate(limit);
    Ok(found)
}

/// What history shows of an occurrence that began a run; none if another trigger did.
fn run_entry(trigger: &str, row: riposte_store::RunRow) -> Result<Option<Value>> {
    let history = RunHistory::read(row, &[])?;
    if !history.beginning.trigger.name.eq_ignore_ascii_case(trigger) {
        return Ok(None);
    }
    let run = history.to_arm();
    let shown = run.at(&["properties", "trigger"]).and_then(Value::as_object).cloned();
    let mut properties = shown.unwrap_or_default();
    for name in ["name", "originHistoryName"] {
        properties.remove_ignore_case(name);
    }
    properties.insert("fired", true);
    let reference = ["id", "name", "type"].map(|name| (name, run.get(name).cloned().unwrap_or_default()));
    properties.insert("run", Value::object(reference));
    Ok(Some(Value::from(properties)))
}

fn entry(id: &str, name: &str, properties: Value) -> Value {
    let mut entry = Object::new();
    entry.insert("id", format!("{id}/{name}"));
    entry.insert("name", name);
    entry.insert("type", "Microsoft.Logic/workflows/triggers/histories");
    entry.insert("properties", properties);
    Value::from(entry)
}
