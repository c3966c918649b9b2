//! A trigger's history: the runs that it began, and its occurrences without one, newest first.

use super::access::trigger_not_found;
use super::fire::{Fired, Happening};
use crate::access::Caller;
use crate::document::decode;
use crate::error::{Error, ErrorKind, Result};
use crate::playbooks::NotStartable;
use crate::runs::{Beginning, Links, RunHistory, TriggeredBy};
use crate::shared::Shared;
use crate::{Engine, Page};
use riposte_store::{Read, ResourceKey};
use riposte_value::{Value, json};
use riposte_workflow::trigger::Occurrence;

/// How many runs are looked through for one page: a playbook with several triggers has those of all in one row.
const RUNS_SEARCHED_MAX: usize = 2_000;

/// An occurrence in a trigger's history.
enum Entry {
    /// It began a run.
    Run(Box<RunHistory>),
    /// It began none: its name and properties.
    Alone(String, Value),
}

impl Entry {
    fn name(&self) -> &str {
        match self {
            Self::Run(run) => &run.row.id,
            Self::Alone(name, _) => name,
        }
    }
}

impl Engine {
    /// A page of a trigger's history, after the entry named `after`. A page may be short, and even empty, where there
    /// is more.
    pub async fn trigger_histories(
        &self,
        playbook: &str,
        trigger: &str,
        after: Option<String>,
        top: usize,
    ) -> Result<Page> {
        let key = ResourceKey::new(playbook);
        let name = self.trigger_name(playbook, trigger).await?;
        let id = format!("{playbook}/triggers/{name}/histories");
        let (shared, top) = (std::sync::Arc::clone(&self.shared), top.clamp(1, 1000));
        let read = move |tx: &dyn Read| entries(&shared, tx, (&key, &name), &after.unwrap_or_default(), top);
        let (entries, next) = self.shared.store.read(move |tx| Ok(read(tx))).await??;
        Ok(Page { items: entries.into_iter().map(|entry| self.entry(&id, entry)).collect(), next })
    }

    /// An entry of a trigger's history.
    pub async fn trigger_history(&self, playbook: &str, trigger: &str, history: &str) -> Result<Value> {
        let (key, wanted) = (ResourceKey::new(playbook), history.to_owned());
        let name = self.trigger_name(playbook, trigger).await?;
        let id = format!("{playbook}/triggers/{name}/histories");
        let shared = std::sync::Arc::clone(&self.shared);
        let read = move |tx: &dyn Read| {
            if let Some(row) = tx.run(&wanted)?.filter(|row| row.resource == key) {
                return run_entry(&shared, tx, &name, row);
            }
            // What is kept is bounded.
            let mut rows = tx.trigger_history(&key, &name, "", usize::MAX)?.into_iter();
            rows.find(|(name, _)| *name == wanted).map(alone).transpose()
        };
        let found = self.shared.store.read(move |tx| Ok(read(tx))).await??;
        let found = found.ok_or_else(|| history_not_found(trigger, history))?;
        Ok(self.entry(&id, found))
    }

    fn entry(&self, id: &str, entry: Entry) -> Value {
        let name = entry.name().to_owned();
        let properties = match entry {
            Entry::Run(run) => run_properties(&run, &self.links(&run.row.id)),
            Entry::Alone(_, properties) => properties,
        };
        Value::object([
            ("id", Value::from(format!("{id}/{name}"))),
            ("name", Value::from(name)),
            ("type", Value::from("Microsoft.Logic/workflows/triggers/histories")),
            ("properties", properties),
        ])
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
                let missing = || history_not_found(&trigger, &history);
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

fn history_not_found(trigger: &str, history: &str) -> Error {
    let why = format!("The history '{history}' of workflow trigger '{trigger}' could not be found.");
    Error::new(ErrorKind::NotFound, "WorkflowTriggerHistoryNotFound", why)
}

/// At most `top` entries after one, newest first, and after which there is more.
fn entries(
    shared: &Shared,
    tx: &dyn Read,
    (key, trigger): (&ResourceKey, &str),
    after: &str,
    top: usize,
) -> Result<(Vec<Entry>, Option<String>)> {
    let mut found: Vec<Entry> = Vec::new();
    let mut last = after.to_owned();
    let mut searched = 0;
    // Up to where all runs have been looked at; to the end without it.
    let mut horizon = None;
    while found.len() <= top {
        let rows = tx.runs(key, Some(&last), top + 1)?;
        let Some(end) = rows.last().map(|row| row.id.clone()) else { break };
        searched += rows.len();
        let is_last = rows.len() <= top;
        for row in rows {
            found.extend(run_entry(shared, tx, trigger, row)?);
        }
        if is_last {
            break;
        }
        last = end;
        if searched >= RUNS_SEARCHED_MAX {
            horizon = Some(last.clone());
            break;
        }
    }
    for row in tx.trigger_history(key, trigger, after, top + 1)? {
        if horizon.as_ref().is_none_or(|horizon| row.0 <= *horizon) {
            found.push(alone(row)?);
        }
    }
    found.sort_by(|a, b| a.name().cmp(b.name()));
    let more = found.len() > top;
    found.truncate(top);
    let next = if more { found.last().map(|entry| entry.name().to_owned()) } else { horizon };
    Ok((found, next))
}

fn alone((name, doc): (String, String)) -> Result<Entry> {
    let properties = json::parse(&doc).map_err(|error| Error::internal(error.to_string()))?;
    Ok(Entry::Alone(name, properties))
}

/// An occurrence that began a run; none if another trigger did.
fn run_entry(
    shared: &Shared,
    tx: &dyn Read,
    trigger: &str,
    row: riposte_store::RunRow,
) -> Result<Option<Entry>> {
    let history = RunHistory::read(shared, tx, row, &[])?;
    let fits = history.beginning.trigger.name.eq_ignore_ascii_case(trigger);
    Ok(fits.then(|| Entry::Run(Box::new(history))))
}

/// What history shows of an occurrence that began a run.
fn run_properties(history: &RunHistory, links: &Links<'_>) -> Value {
    let mut properties = history.trigger_value(links).as_object().cloned().unwrap_or_default();
    for name in ["name", "originHistoryName"] {
        properties.remove_ignore_case(name);
    }
    properties.insert("fired", true);
    let reference = Value::object([
        ("id", Value::from(format!("{}/runs/{}", history.beginning.playbook_id, history.row.id))),
        ("name", Value::from(&history.row.id)),
        ("type", Value::from("Microsoft.Logic/workflows/runs")),
    ]);
    properties.insert("run", reference);
    Value::from(properties)
}
