//! Every playbook at a glance: what starts it, whether it is on, and what its last run came to.

use super::document_of;
use super::fitting::sentinel;
use crate::Engine;
use crate::clock::time_text;
use crate::error::Result;
use riposte_store::{ResourceKey, RunRow};
use riposte_value::{Object, Value};
use riposte_workflow::TriggerKind;

impl Engine {
    /// Every playbook: `{id, name, type, properties: {state, triggers, lastRun}}`. One whose definition cannot be used
    /// has no triggers.
    pub async fn playbooks_at_a_glance(&self) -> Result<Vec<Value>> {
        let shared = std::sync::Arc::clone(&self.shared);
        self.shared
            .store
            .read(move |tx| {
                let list = || {
                    let mut shown = Vec::new();
                    for row in tx.playbooks(&ResourceKey::new("/"))? {
                        let document = document_of(&row)?;
                        let program = shared.load_version(tx, &row.resource, row.version)?;
                        let triggers = program.iter().flat_map(|(program, _)| program.triggers());
                        let triggers: Vec<Value> =
                            triggers.map(|trigger| told(&trigger.name, &trigger.kind)).collect();
                        let last = tx.runs(&row.resource, None, 1)?.into_iter().next();
                        let mut properties = Object::new();
                        properties.insert("state", document.state.as_str());
                        properties.insert("triggers", triggers);
                        properties.insert("lastRun", Value::from(last.map(|run| told_run(&run))));
                        shown.push(Value::object([
                            ("id", Value::from(&document.id)),
                            ("name", Value::from(document.id.rsplit('/').next().unwrap_or_default())),
                            ("type", Value::from("Microsoft.Logic/workflows")),
                            ("properties", Value::from(properties)),
                        ]));
                    }
                    Ok(shown)
                };
                Ok(list())
            })
            .await?
    }
}

/// `{name, kind, entityType?}`; the kind is `incident`, `alert`, `entity`, `request`, `recurrence`, or the type as it is
/// written.
fn told(name: &str, kind: &TriggerKind) -> Value {
    let mut told = Object::new();
    told.insert("name", name);
    match (sentinel(kind), kind) {
        (Some((kind, entity)), _) => {
            told.insert("kind", kind);
            if let Some(entity) = entity {
                told.insert("entityType", entity);
            }
        }
        (None, TriggerKind::Other(kind)) => drop(told.insert("kind", kind)),
        (None, TriggerKind::Recurrence) => drop(told.insert("kind", "recurrence")),
        (None, _) => drop(told.insert("kind", "request")),
    }
    Value::from(told)
}

fn told_run(run: &RunRow) -> Value {
    let time = |at: i64| time_text(crate::clock::from_nanoseconds(at));
    Value::object([
        ("name", Value::from(&run.id)),
        ("status", Value::from(&run.status)),
        ("startTime", Value::from(time(run.started))),
        ("endTime", Value::from(run.ended.map(time))),
    ])
}
