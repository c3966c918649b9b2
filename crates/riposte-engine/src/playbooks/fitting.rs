//! Which playbooks can be started by hand on an incident, an alert or an entity: those whose trigger is for it.

use super::{PlaybookState, document_of};
use crate::Engine;
use crate::error::Result;
use crate::triggers::is_for;
use riposte_access::SERVICE_ACCOUNT;
use riposte_incident::EntityKind;
use riposte_store::ResourceKey;
use riposte_value::{Object, Value};
use riposte_workflow::TriggerKind;

/// On what a playbook is to be started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StartOn {
    /// On an incident.
    Incident,
    /// On an alert.
    Alert,
    /// On an entity: of this kind, or of any.
    Entity(Option<String>),
}

impl StartOn {
    fn fits(&self, trigger: &TriggerKind) -> bool {
        match (self, trigger) {
            (Self::Incident, TriggerKind::SentinelIncident)
            | (Self::Alert, TriggerKind::SentinelAlert)
            | (Self::Entity(None), TriggerKind::SentinelEntity { .. }) => true,
            (Self::Entity(Some(kind)), trigger) => is_for(trigger, &EntityKind::parse(kind)),
            _ => false,
        }
    }
}

impl Engine {
    /// The playbooks with a Sentinel trigger, or with one that fits; of each whether automation may start it, and the
    /// role assignment that is missing if it may not.
    pub async fn startable_playbooks(&self, on: Option<StartOn>) -> Result<Vec<Value>> {
        let shared = std::sync::Arc::clone(&self.shared);
        self.shared
            .store
            .read(move |tx| {
                let list = || {
                    let mut fitting = Vec::new();
                    for row in tx.playbooks(&ResourceKey::new("/"))? {
                        let Some((program, _)) = shared.load_version(tx, &row.resource, row.version)? else {
                            continue;
                        };
                        let found = program.triggers().iter().find_map(|trigger| {
                            let (kind, entity) = sentinel(&trigger.kind)?;
                            let fits = on.as_ref().is_none_or(|on| on.fits(&trigger.kind));
                            fits.then(|| (trigger.name.clone(), kind, entity.map(str::to_owned)))
                        });
                        let Some((trigger, kind, entity)) = found else { continue };
                        let document = document_of(&row)?;
                        let mut shown = Object::new();
                        shown.insert("name", trigger);
                        shown.insert("kind", kind);
                        if let Some(entity) = entity {
                            shown.insert("entityType", entity);
                        }
                        let mut properties = Object::new();
                        properties.insert("state", document.state.as_str());
                        properties.insert("trigger", shown);
                        let is_permitted = shared.may_automate(&row.resource);
                        let can_run = is_permitted && document.state == PlaybookState::Enabled;
                        properties.insert("canRun", can_run);
                        if !is_permitted {
                            properties.insert("missingRoleAssignment", missing(&row.resource));
                        }
                        fitting.push(Value::object([
                            ("id", Value::from(&document.id)),
                            ("name", Value::from(document.id.rsplit('/').next().unwrap_or_default())),
                            ("type", Value::from("Microsoft.Logic/workflows")),
                            ("properties", Value::from(properties)),
                        ]));
                    }
                    Ok(fitting)
                };
                Ok(list())
            })
            .await?
    }
}

pub(super) fn sentinel(kind: &TriggerKind) -> Option<(&'static str, Option<&str>)> {
    match kind {
        TriggerKind::SentinelIncident => Some(("incident", None)),
        TriggerKind::SentinelAlert => Some(("alert", None)),
        TriggerKind::SentinelEntity { entity } => Some(("entity", Some(entity))),
        TriggerKind::Request | TriggerKind::Recurrence | TriggerKind::Other(_) => None,
    }
}

fn missing(playbook: &ResourceKey) -> Value {
    Value::object([
        ("roleDefinitionName", Value::from("Microsoft Sentinel Automation Contributor")),
        ("principalId", Value::from(SERVICE_ACCOUNT)),
        ("scope", Value::from(playbook.resource_group().map(|group| group.to_string()))),
    ])
}
