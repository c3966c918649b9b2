//! Who made a change.

use crate::json::object;
use crate::names::ActorKind;
use riposte_value::{Text, Value};
use serde::{Deserialize, Serialize};

/// Who or what made a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Actor {
    /// What it is.
    pub kind: ActorKind,
    /// What it is called: a person's name, a rule's display name, a playbook's name.
    pub name: Text,
    /// The object id of the person or service principal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object_id: Option<Text>,
    /// The mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Text>,
    /// The user principal name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upn: Option<Text>,
}

impl Actor {
    /// An actor of which nothing but the name is known.
    pub fn new(kind: ActorKind, name: impl AsRef<str>) -> Self {
        Self { kind, name: Text::new(name), object_id: None, email: None, upn: None }
    }

    /// The `ClientInfo` of the REST interface: `{objectId, email, name, userPrincipalName}`.
    pub fn client_info(&self) -> Value {
        object([
            ("objectId", self.object_id.as_ref().into()),
            ("email", self.email.as_ref().into()),
            ("name", (&self.name).into()),
            ("userPrincipalName", self.upn.as_ref().into()),
        ])
    }

    /// The text of the column `ModifiedBy`. A rule's holds `Automation rule`, so that the documented filter
    /// `ModifiedBy contains "Automation"` finds it.
    pub fn modified_by(&self) -> String {
        match self.kind {
            ActorKind::AutomationRule => format!("Automation rule - {}", self.name),
            ActorKind::Playbook => format!("Playbook - {}", self.name),
            ActorKind::AlertGrouping => "Alert grouping".to_owned(),
            ActorKind::MicrosoftDefenderXdr => "Microsoft Defender XDR".to_owned(),
            ActorKind::User | ActorKind::Application | ActorKind::Other => {
                self.upn.as_ref().or(self.email.as_ref()).unwrap_or(&self.name).to_string()
            }
        }
    }
}

impl ActorKind {
    /// The kind that a value of the condition `IncidentUpdatedBySource` names: the short form (`AutomationRule`) or
    /// a label of the portal (`Automation rule`, `Alert grouping by analytics rules`), without regard to case and
    /// blanks.
    pub fn from_source(text: &str) -> Option<Self> {
        let plain: String = text.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase();
        Some(match plain.as_str() {
            "user" | "sentineluser" | "microsoftsentineluser" => Self::User,
            "application" | "app" => Self::Application,
            "alertgrouping"
            | "alertgroupingbyanalyticsrules"
            | "alertgroupinganalyticsrulesandxdrcorrelation" => Self::AlertGrouping,
            "playbook" => Self::Playbook,
            "automationrule" => Self::AutomationRule,
            "microsoftdefenderxdr" | "microsoftxdr" | "microsoft365defender" | "air" => {
                Self::MicrosoftDefenderXdr
            }
            "other" => Self::Other,
            _ => return None,
        })
    }

    /// The label of the portal.
    pub const fn label(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Application => "Application",
            Self::AlertGrouping => "Alert grouping",
            Self::Playbook => "Playbook",
            Self::AutomationRule => "Automation rule",
            Self::MicrosoftDefenderXdr => "Microsoft Defender XDR",
            Self::Other => "Other",
        }
    }
}
