//! What keeps a playbook from being started by a rule or by hand, found in the same way when it is to be started and
//! when somebody asks how a rule fares.

use crate::access::automation_grant;
use crate::document::decode;
use crate::error::Result;
use crate::playbooks::{NotStartable, Playbook, PlaybookDocument};
use crate::runs::playbook_name;
use crate::shared::Shared;
use riposte_rules::{PlaybookFailure, playbook_failure};
use riposte_store::{Read, ResourceKey};
use riposte_value::{Text, Value};
use riposte_workflow::TriggerKind;

/// What keeps a playbook from being started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Obstacle {
    /// The id is not that of a playbook.
    InvalidId,
    /// There is no such playbook.
    NotFound,
    /// The service account has no role on the playbook's resource group.
    NotPermitted,
    /// The playbook is off.
    Disabled,
    /// Its definition does not compile.
    InvalidDefinition,
    /// It begins with another trigger.
    WrongTrigger,
}

impl Obstacle {
    /// The documented reason.
    pub(crate) const fn failure(&self) -> PlaybookFailure {
        match self {
            Self::InvalidId => PlaybookFailure::InvalidId,
            Self::NotFound | Self::NotPermitted => PlaybookFailure::NotFoundOrNoPermission,
            Self::Disabled => PlaybookFailure::PlaybookDisabled,
            Self::InvalidDefinition => PlaybookFailure::InvalidTemplate,
            Self::WrongTrigger => PlaybookFailure::UnsupportedTrigger,
        }
    }

    /// The documented text.
    pub(crate) fn text(&self, playbook: &str) -> String {
        playbook_failure(playbook_name(playbook), self.failure())
    }

    /// What it is called where the documented text does not tell it from others.
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::InvalidId => "PlaybookIdInvalid",
            Self::NotFound => "PlaybookNotFound",
            Self::NotPermitted => "AutomationNotPermitted",
            Self::Disabled => "PlaybookDisabled",
            Self::InvalidDefinition => "PlaybookInvalid",
            Self::WrongTrigger => "PlaybookTriggerUnfit",
        }
    }

    /// What to do about it.
    pub(crate) const fn help(&self) -> &'static str {
        match self {
            Self::InvalidId => {
                "write /subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Logic/workflows/{name}"
            }
            Self::NotFound => "import the playbook, or correct its id in the rule",
            Self::NotPermitted => {
                "assign the missing role to the service account on the playbook's resource group"
            }
            Self::Disabled => "enable the playbook",
            Self::InvalidDefinition => "correct the playbook; its diagnostics say what is wrong",
            Self::WrongTrigger => {
                "rules on incidents start playbooks with the incident trigger, rules on alerts those with the alert \
                 trigger"
            }
        }
    }
}

/// The id of a playbook as the playbook spells it itself, if there is one.
pub(crate) fn own_playbook_id(tx: &dyn Read, id: &str) -> Result<Option<String>> {
    let Some(row) = tx.playbook(&ResourceKey::new(id))? else { return Ok(None) };
    let stored: PlaybookDocument = decode("playbook", &row.doc)?;
    Ok(Some(stored.id))
}

impl Shared {
    /// The playbook of an id with the name of its first trigger that fits, or why it cannot be started. Playbooks are
    /// run by the service account, whoever asks.
    pub(crate) fn ready(
        &self,
        tx: &dyn Read,
        id: &str,
        fits: &dyn Fn(&TriggerKind) -> bool,
    ) -> Result<std::result::Result<(Playbook, Text), Obstacle>> {
        let key = ResourceKey::new(id);
        if !is_playbook_id(&key) {
            return Ok(Err(Obstacle::InvalidId));
        }
        if tx.playbook(&key)?.is_none() {
            return Ok(Err(Obstacle::NotFound));
        }
        if !self.may_automate(&key) {
            return Ok(Err(Obstacle::NotPermitted));
        }
        let playbook = match self.startable(tx, &key)? {
            Ok(playbook) => playbook,
            Err(NotStartable::NotFound) => return Ok(Err(Obstacle::NotFound)),
            Err(NotStartable::Disabled) => return Ok(Err(Obstacle::Disabled)),
            Err(NotStartable::Invalid) => return Ok(Err(Obstacle::InvalidDefinition)),
        };
        let trigger = playbook.program.triggers().iter().find(|trigger| fits(&trigger.kind));
        let name = trigger.map(|trigger| trigger.name.clone());
        Ok(name.map(|name| (playbook, name)).ok_or(Obstacle::WrongTrigger))
    }
}

/// Whether a key is that of a Consumption or a Standard playbook.
fn is_playbook_id(key: &ResourceKey) -> bool {
    let segments: Vec<&str> = key.as_str().split('/').skip(1).collect();
    match segments.as_slice() {
        ["subscriptions", s, "resourcegroups", g, "providers", "microsoft.logic", "workflows", name] => {
            ![s, g, name].iter().any(|part| part.is_empty())
        }
        ["subscriptions", s, "resourcegroups", g, "providers", "microsoft.web", "sites", name, ..] => {
            ![s, g, name].iter().any(|part| part.is_empty())
        }
        _ => false,
    }
}

/// The role assignment that a playbook's resource group lacks: what it is, and the call that makes it.
pub(crate) fn missing_assignment(playbook: &str) -> Option<Value> {
    // The group as the id spells it.
    let mut segments = playbook.trim().trim_matches('/').split('/');
    let parts: Vec<&str> = segments.by_ref().take(4).collect();
    let scope = (parts.len() == 4).then(|| format!("/{}", parts.join("/")))?;
    let assignment = automation_grant(&scope).to_arm();
    let path = assignment.str_at(&["id"])?.to_owned();
    let properties = assignment.get("properties")?;
    let definition = properties.str_at(&["roleDefinitionId"])?.to_owned();
    let principal = properties.str_at(&["principalId"])?.to_owned();
    Some(Value::object([
        ("roleName", Value::from(crate::access::AUTOMATION_CONTRIBUTOR)),
        ("roleDefinitionId", Value::from(&definition)),
        ("scope", Value::from(&scope)),
        ("principalId", Value::from(&principal)),
        ("principalName", Value::from("Azure Security Insights")),
        ("command", Value::from("riposte rule check --server --grant")),
        (
            "request",
            Value::object([
                ("method", Value::from("PUT")),
                ("path", Value::from(format!("{path}?api-version=2022-04-01"))),
                (
                    "body",
                    Value::object([(
                        "properties",
                        Value::object([
                            ("roleDefinitionId", Value::from(definition)),
                            ("principalId", Value::from(principal)),
                            ("principalType", Value::from("ServicePrincipal")),
                        ]),
                    )]),
                ),
            ]),
        ),
    ]))
}
