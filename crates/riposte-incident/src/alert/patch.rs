//! Changing an alert: what the action *Update Alert* of enhanced alert rules can set.
//!
//! Source: the action's members as Defender names them (status, classification, determination, assignee); the names of
//! classifications and determinations are those of Microsoft Graph's `alert` resource, in Pascal case.

use super::Alert;
use crate::fields::Fields;
use crate::json::put_some;
use crate::names::{AlertClassification, AlertDetermination, AlertStatus};
use crate::text::same;
use riposte_diagnostic::Diagnostic;
use riposte_value::{Object, Text, Value};
use serde::Serialize;

/// What to set on an alert; what is none stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AlertPatch {
    /// Where the work stands.
    pub status: Option<AlertStatus>,
    /// What it turned out to be.
    pub classification: Option<AlertClassification>,
    /// What kind of thing it was.
    pub determination: Option<AlertDetermination>,
    /// Who sees to it; empty text takes the person away.
    pub assignee: Option<Text>,
}

/// One property of an alert before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AlertFieldChange {
    /// Its name: `status`, `classification`, `determination`, `assignee`.
    pub property: &'static str,
    /// What it was; none if it had no value.
    pub old: Option<Text>,
    /// What it is; none if it has no value.
    pub new: Option<Text>,
}

impl AlertFieldChange {
    /// `status New → Resolved`.
    pub fn summary(&self) -> String {
        let text = |side: &Option<Text>| side.as_deref().unwrap_or("none").to_owned();
        format!("{} {} → {}", self.property, text(&self.old), text(&self.new))
    }
}

impl AlertPatch {
    /// Reads the action's configuration, which lies at `path`; what is wrong is told. Null is as good as absent.
    pub fn read(configuration: &Value, path: &str, told: &mut Vec<Diagnostic>) -> Self {
        let Some(fields) = Fields::of(configuration, path, told) else { return Self::default() };
        fields.warn_unknown(&["status", "classification", "determination", "assignee"], told);
        Self {
            status: fields.name("status", told),
            classification: fields.name("classification", told),
            determination: fields.name("determination", told),
            assignee: fields.text("assignee", told).map(|text| Text::new(text.trim())),
        }
    }

    /// Writes the configuration: what [`AlertPatch::read`] reads back to the same patch.
    pub fn to_value(&self) -> Value {
        let mut configuration = Object::new();
        put_some(&mut configuration, "status", self.status);
        put_some(&mut configuration, "classification", self.classification);
        put_some(&mut configuration, "determination", self.determination);
        put_some(&mut configuration, "assignee", self.assignee.as_ref());
        Value::from(configuration)
    }

    /// Whether it changes nothing on any alert.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Changes an alert; answers what is other than it was.
    pub fn apply(&self, alert: &mut Alert) -> Vec<AlertFieldChange> {
        let mut changes = Vec::new();
        let mut note = |property, old: Option<&str>, new: Option<&str>| {
            if old != new {
                changes.push(AlertFieldChange { property, old: old.map(Text::new), new: new.map(Text::new) });
            }
        };
        if let Some(status) = self.status {
            note("status", Some(alert.status.as_str()), Some(status.as_str()));
            alert.status = status;
        }
        if let Some(classification) = self.classification {
            note(
                "classification",
                alert.classification.map(AlertClassification::as_str),
                Some(classification.as_str()),
            );
            alert.classification = Some(classification);
        }
        if let Some(determination) = self.determination {
            note(
                "determination",
                alert.determination.map(AlertDetermination::as_str),
                Some(determination.as_str()),
            );
            alert.determination = Some(determination);
        }
        if let Some(assignee) = &self.assignee {
            let new = Some(assignee).filter(|assignee| !assignee.is_empty());
            let unchanged = match (&alert.assignee, new) {
                (Some(old), Some(new)) => same(old, new),
                (old, new) => old.is_none() && new.is_none(),
            };
            if !unchanged {
                note("assignee", alert.assignee.as_deref(), new.map(Text::as_str));
                alert.assignee = new.cloned();
            }
        }
        changes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use riposte_value::value;

    #[test]
    fn a_patch_sets_what_it_names_and_says_so() {
        let mut alert = Alert::read(&value!({"SystemAlertId": "a", "DisplayName": "x"})).unwrap();
        let mut told = Vec::new();
        let given = value!({"status": "resolved", "classification": "truePositive", "determination": "malware", "assignee": "ana@contoso.com"});
        let patch = AlertPatch::read(&given, "$", &mut told);
        assert_eq!(told, []);
        let summary = |changes: Vec<AlertFieldChange>| {
            changes.iter().map(AlertFieldChange::summary).collect::<Vec<_>>()
        };
        assert_eq!(
            summary(patch.apply(&mut alert)),
            [
                "status New → Resolved",
                "classification none → TruePositive",
                "determination none → Malware",
                "assignee none → ana@contoso.com"
            ]
        );
        assert_eq!(patch.apply(&mut alert), [], "the same again changes nothing");
        assert_eq!(AlertPatch::read(&patch.to_value(), "$", &mut told), patch);
        let nobody = AlertPatch::read(&value!({"assignee": ""}), "$", &mut told);
        assert_eq!(summary(nobody.apply(&mut alert)), ["assignee ana@contoso.com → none"]);
        assert_eq!(told, []);
        let stored: Alert = serde_json::from_str(&serde_json::to_string(&alert).unwrap()).unwrap();
        assert_eq!(stored, alert);
        AlertPatch::read(&value!({"status": "Gone", "owner": "x"}), "$", &mut told);
        let codes: Vec<&str> = told.iter().map(|told| told.code.as_ref()).collect();
        assert_eq!(codes, ["UnknownProperty", "BadRequest"]);
    }
}
