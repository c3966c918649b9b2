//! How a run begins: a row in the transaction that wants it, and what is needed to take it up after the commit.

use super::tokens::Identified;
use crate::access::Caller;
use crate::clock::{nanoseconds, new_guid, run_name};
use crate::document::{decode, encode};
use crate::error::{Error, Result};
use crate::playbooks::{Playbook, PlaybookDocument, from_hex, to_hex};
use crate::transaction::Transaction;
use crate::triggers::NEVER;
use jiff::Timestamp;
use riposte_store::{ResourceKey, RunRow, SecretKey, WorkspaceKey};
use riposte_value::{Object, Text, Value};
use riposte_workflow::{
    EventKind, Program, RunStart, State, Status, Trigger, TriggerOccurrence, secured_marker,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Who started a run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TriggeredBy {
    /// `AutomationRule` or `User` or `Application`.
    pub(crate) kind: String,
    /// The rule's display name, or who it was.
    pub(crate) name: String,
    /// The rule's name, or the principal's id.
    pub(crate) id: String,
}

impl TriggeredBy {
    /// A person or program that asked for it.
    pub(crate) fn caller(caller: &Caller) -> Self {
        Self {
            kind: caller.actor.kind.as_str().to_owned(),
            name: caller.principal.name.clone(),
            id: caller.principal.id.clone(),
        }
    }
}

/// The run and the command that called a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Parent {
    pub(crate) run: String,
    pub(crate) command: String,
    /// How many calls lie above.
    pub(crate) depth: u32,
}

/// What a run began with, as the store keeps it: everything but the values of parameters, which stay with the
/// playbook's version.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Beginning {
    /// The playbook's ARM id as it is spelled.
    pub(crate) playbook_id: String,
    /// What the trigger gave.
    pub(crate) trigger: TriggerOccurrence,
    /// What `workflow()` gives.
    pub(crate) workflow: Value,
    /// Who started it.
    pub(crate) triggered_by: TriggeredBy,
    /// The automation rules whose actions led here, for loop protection.
    #[serde(default)]
    pub(crate) chain: Vec<String>,
    /// The slot of the schedule that it stands for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) scheduled: Option<Timestamp>,
    /// Until when somebody waits for a Response.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) caller_waits_until: Option<Timestamp>,
    /// Who called it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) parent: Option<Parent>,
    /// What the trigger gave and the definition declares secure, sealed, as hexadecimal text: the trigger itself then holds a
    /// marker in its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sealed: Option<String>,
}

/// What of a trigger is kept sealed.
#[derive(Serialize, Deserialize)]
struct Secured {
    inputs: Option<Value>,
    outputs: Option<Value>,
}

impl Beginning {
    /// As it is kept and shown: what the trigger's definition declares secure is sealed.
    fn to_keep(&self, secret: &SecretKey, id: &str, trigger: Option<&Trigger>) -> Result<Self> {
        let secures = |what: &str| trigger.is_some_and(|trigger| trigger.secures(what));
        let mut kept = self.clone();
        let inputs = secures("inputs").then(|| std::mem::replace(&mut kept.trigger.inputs, secured_marker()));
        let outputs =
            secures("outputs").then(|| std::mem::replace(&mut kept.trigger.outputs, secured_marker()));
        if inputs.is_some() || outputs.is_some() {
            let text = encode(&Secured { inputs, outputs })?;
            kept.sealed = Some(to_hex(&secret.seal(&place(id), text.as_bytes())?));
        }
        Ok(kept)
    }

    /// As the run needs it, of what is kept.
    pub(crate) fn opened(mut self, secret: &SecretKey, id: &str) -> Result<Self> {
        let Some(sealed) = self.sealed.take() else { return Ok(self) };
        let sealed = from_hex(&sealed).ok_or_else(|| Error::internal("a run's trigger cannot be read"))?;
        let text = secret.open(&place(id), &sealed)?;
        let Secured { inputs, outputs } = decode("run", &String::from_utf8_lossy(&text))?;
        self.trigger.inputs = inputs.unwrap_or(self.trigger.inputs);
        self.trigger.outputs = outputs.unwrap_or(self.trigger.outputs);
        Ok(self)
    }
}

/// What a sealed trigger is bound to.
fn place(id: &str) -> String {
    format!("{id}#trigger")
}

/// A run to be taken up.
pub(crate) struct Launch {
    pub(crate) id: String,
    pub(crate) program: Arc<Program>,
    /// The incident that it was started for.
    pub(crate) incident: Option<(WorkspaceKey, String)>,
    pub(crate) beginning: Arc<Beginning>,
    /// What of the installation it may use.
    pub(crate) reach: Arc<Reach>,
    /// Taken when the run is taken up.
    pub(crate) entry: Option<Entry>,
}

/// What of the installation a run may use: the connections that its playbook was given, and whether it may call in
/// the name of the installation's identity. An expression can name any connection; only these are used.
pub(crate) struct Reach {
    connections: BTreeSet<ResourceKey>,
    playbooks: BTreeSet<ResourceKey>,
    pub(crate) identified: Identified,
}

impl Reach {
    pub(crate) fn new(program: &Program, parameters: &Object, document: Option<&PlaybookDocument>) -> Self {
        let given = parameters.get_ignore_case("$connections").and_then(Value::as_object);
        let ids = given.into_iter().flatten().filter_map(|(_, connection)| {
            connection.get_ignore_case("connectionId").and_then(Value::as_str).map(ResourceKey::new)
        });
        let identified = identified(document);
        let playbooks = program.called_workflows().map(ResourceKey::new).collect();
        Self { connections: ids.collect(), playbooks, identified }
    }

    /// The reach of a single call, through one connection.
    pub(crate) fn through(connection: Option<&str>, document: Option<&PlaybookDocument>) -> Self {
        let connections = connection.into_iter().map(ResourceKey::new).collect();
        Self { connections, playbooks: BTreeSet::new(), identified: identified(document) }
    }

    /// Whether the run may call another playbook.
    pub(crate) fn calls(&self, playbook: &str) -> bool {
        self.playbooks.contains(&ResourceKey::new(playbook))
    }

    /// Whether the run may use a connection.
    pub(crate) fn reaches(&self, connection: &str) -> bool {
        self.connections.contains(&ResourceKey::new(connection))
    }
}

fn identified(document: Option<&PlaybookDocument>) -> Identified {
    let kind =
        document.and_then(|document| document.identity.get_ignore_case("type")).and_then(Value::as_str);
    match kind {
        Some(kind) if !kind.eq_ignore_ascii_case("None") => Identified::Yes,
        _ => Identified::No,
    }
}

/// Where a run is taken up.
pub(crate) enum Entry {
    /// At its start.
    Start(Box<RunStart>),
    /// Where the store says that it stands.
    Resume {
        /// The state after the last committed step.
        state: Box<State>,
        /// What is committed but not yet seen.
        inbox: Vec<EventKind>,
    },
}

/// What a trigger hands to a run, and for which incident.
#[derive(Default)]
pub(crate) struct Occasion {
    /// The trigger's name; the first trigger without it.
    pub(crate) trigger: Option<Text>,
    pub(crate) inputs: Value,
    pub(crate) outputs: Value,
    /// What the run belongs to; its own name without it.
    pub(crate) tracking: Option<Text>,
    /// The slot of the schedule that it stands for.
    pub(crate) scheduled: Option<Timestamp>,
    /// Until when somebody waits for a Response.
    pub(crate) caller_waits_until: Option<Timestamp>,
    pub(crate) incident: Option<(WorkspaceKey, String)>,
    pub(crate) triggered_by: TriggeredBy,
    pub(crate) chain: Vec<String>,
    /// The entry of history that it repeats; it is one of its own without it.
    pub(crate) origin: Option<Text>,
    /// The run that calls it.
    pub(crate) parent: Option<Parent>,
}

impl Transaction<'_> {
    /// Begins a run: its row is committed with this transaction, and it is taken up after the commit, or when it is
    /// its turn.
    pub(crate) fn begin_run(&mut self, playbook: &Playbook, occasion: Occasion) -> Result<String> {
        let id = run_name(self.now, self.shared.clock.random());
        let triggers = playbook.program.triggers();
        let trigger = match &occasion.trigger {
            Some(name) => playbook.program.trigger(name),
            None => triggers.first(),
        };
        let waits_for = match trigger {
            Some(trigger) if self.must_wait(playbook, trigger)? => Some(trigger.name.clone()),
            _ => None,
        };
        let name = occasion.trigger.or_else(|| trigger.map(|trigger| trigger.name.clone()));
        let beginning = Beginning {
            playbook_id: playbook.id.clone(),
            trigger: TriggerOccurrence {
                name: name.unwrap_or_else(|| Text::new_static("manual")),
                inputs: occasion.inputs,
                outputs: occasion.outputs,
                start: self.now,
                end: self.now,
                tracking_id: Text::from(new_guid()),
                client_tracking_id: occasion.tracking.unwrap_or_else(|| Text::new(&id)),
                history_name: occasion.origin.unwrap_or_else(|| Text::new(&id)),
            },
            workflow: playbook.workflow_object(&id),
            triggered_by: occasion.triggered_by,
            chain: occasion.chain,
            scheduled: occasion.scheduled,
            caller_waits_until: occasion.caller_waits_until,
            parent: occasion.parent,
            sealed: None,
        };
        let kept = beginning.to_keep(&self.shared.secret, &id, trigger)?;
        self.tx.add_run(&RunRow {
            id: id.clone(),
            resource: playbook.resource.clone(),
            version: playbook.version,
            incident: occasion.incident.clone(),
            status: if waits_for.is_some() { Status::Waiting } else { Status::Running }.as_str().to_owned(),
            started: nanoseconds(self.now),
            ended: None,
            doc: encode(&kept)?,
            outcome: None,
        })?;
        if let Some(trigger) = waits_for {
            self.tx.park_run(&id, NEVER)?;
            self.tx.add_waiting_run(&playbook.resource, &trigger, &id)?;
            return Ok(id);
        }
        let start = start_of(&id, &beginning, playbook.parameters.clone(), &self.shared.public_url);
        let beginning = kept;
        self.after.launches.push(Launch {
            id: id.clone(),
            program: Arc::clone(&playbook.program),
            incident: occasion.incident,
            beginning: Arc::new(beginning),
            reach: Arc::new(Reach::new(&playbook.program, &playbook.parameters, Some(&playbook.document))),
            entry: Some(Entry::Start(Box::new(start))),
        });
        Ok(id)
    }
}

/// The first event's content.
pub(crate) fn start_of(id: &str, beginning: &Beginning, parameters: Object, public_url: &str) -> RunStart {
    RunStart {
        run_id: Text::new(id),
        workflow: beginning.workflow.clone(),
        parameters,
        trigger: beginning.trigger.clone(),
        callback_base: Text::from(format!("{public_url}/callbacks/{id}/")),
        caller_waits_until: beginning.caller_waits_until,
    }
}

/// The name in a playbook's ARM id.
pub(crate) fn playbook_name(id: &str) -> &str {
    id.rsplit('/').next().unwrap_or_default()
}
