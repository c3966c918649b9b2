//! A rule as Azure takes it: without what Riposte adds, and without becoming broader by that.

use super::{ActionKind, AutomationRule, EXTENSION, WorkspaceScope};
use crate::names::Mode;
use jiff::Timestamp;
use riposte_diagnostic::Diagnostic;
use riposte_value::{Text, Value};

/// What taking one part of the extension away does to a rule.
struct Loss {
    part: &'static str,
    message: String,
    /// The rule could do more than before.
    broader: bool,
}

impl AutomationRule {
    /// The `properties` for Azure: without the extension, and what that changes.
    ///
    /// A rule that could do more without its extension (it has further conditions, it only observes, it sees to other
    /// workspaces) is turned off in the result and a warning says so. A rule whose only actions are such that Azure
    /// does not know cannot be had: then there are no properties, and an error says why.
    pub fn to_strict_arm_properties(&self, now: Option<Timestamp>) -> (Option<Value>, Vec<Diagnostic>) {
        let losses = self.losses();
        let broader = losses.iter().any(|loss| loss.broader);
        let mut told: Vec<Diagnostic> = losses.into_iter().map(|loss| loss.tell(self.is_enabled)).collect();
        if self.actions.iter().all(|action| action.kind.is_extended()) {
            let message = format!(
                "rule `{}` cannot be had without its extension: Azure knows none of its actions",
                self.name
            );
            told.push(Diagnostic::error("ExtensionLeftOut", message).at("$.actions"));
            return (None, told);
        }
        let mut properties = self.to_arm_properties(now);
        if let Some(object) = properties.as_object_mut() {
            object.remove(EXTENSION);
            let logic = object.get_mut("triggeringLogic").and_then(Value::as_object_mut);
            if let (Some(logic), true) = (logic, broader) {
                logic.insert(Text::new_static("isEnabled"), false);
            }
        }
        (Some(properties), told)
    }

    fn losses(&self) -> Vec<Loss> {
        let mut losses = Vec::new();
        let mut lose =
            |part, broader, message: &str| losses.push(Loss { part, message: message.to_owned(), broader });
        if !self.extended_conditions.is_empty() {
            lose("conditions", true, "its conditions that Azure does not know are left out");
        }
        if self.mode == Mode::Observe {
            lose("mode", true, "it only observes, which Azure does not know");
        }
        match &self.workspaces {
            WorkspaceScope::Own => {}
            WorkspaceScope::All => {
                lose("workspaces", false, "it will see to the alerts of one workspace alone");
            }
            WorkspaceScope::Listed(_) => {
                lose(
                    "workspaces",
                    true,
                    "it will see to the alerts of its own workspace, not to those of the listed ones",
                );
            }
        }
        if self.playbook_wait.is_some() {
            lose("playbookWait", false, "the next rule will wait for its playbooks as Sentinel does");
        }
        if self.actions.iter().any(|action| action.kind.is_extended()) {
            lose("actions", false, "its actions that Azure does not know are left out");
        }
        losses
    }
}

impl Loss {
    fn tell(self, was_on: bool) -> Diagnostic {
        let off =
            if self.broader && was_on { "; so that it does not do more, the rule is turned off" } else { "" };
        let path = format!("$.{EXTENSION}.{}", self.part);
        Diagnostic::warning("ExtensionLeftOut", format!("{}{off}", self.message)).at(path)
    }
}

impl ActionKind {
    /// Whether Riposte adds it to Sentinel's.
    pub const fn is_extended(&self) -> bool {
        matches!(self, Self::UpdateAlert(_))
    }
}
