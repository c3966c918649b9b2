//! An incident as it stood before a change.

use crate::change::{Change, FieldChange, IncidentProperty};
use crate::incident::{Incident, Label, Owner};
use crate::names::{Classification, ClassificationReason, IncidentStatus, Severity};
use crate::text::same;
use crate::time::parse_time;
use riposte_value::Text;

impl Change {
    /// Takes the change back, in an incident as it stood after it. What depends on alerts alone (analytics rules,
    /// products) is the caller's to tell, who has the alerts; the order of what was removed is not known any more.
    pub fn undo(&self, incident: &mut Incident) {
        self.fields.iter().for_each(|field| undo_field(field, incident));
        incident.labels.retain(|label| !has(&self.labels_added, &label.name));
        for name in &self.labels_removed {
            if !incident.has_label(name) {
                incident.labels.push(Label::user(name));
            }
        }
        undo_list(&mut incident.alert_ids, &self.alerts_added, &self.alerts_removed);
        undo_list(&mut incident.bookmark_ids, &self.bookmarks_added, &self.bookmarks_removed);
        undo_list(&mut incident.tactics, &self.tactics_added, &[]);
        undo_list(&mut incident.techniques, &self.techniques_added, &[]);
        undo_count(&mut incident.comments_count, &self.comments_added, &self.comments_removed);
        undo_count(&mut incident.tasks_count, &self.tasks_added, &self.tasks_removed);
    }
}

fn undo_field(field: &FieldChange, incident: &mut Incident) {
    let old = &field.old;
    let text = old.as_str().map(Text::new);
    let name = old.as_str().unwrap_or_default();
    match field.property {
        IncidentProperty::Title => incident.title = text.unwrap_or_default(),
        IncidentProperty::Description => incident.description = text,
        IncidentProperty::Severity => incident.severity = Severity::parse(name).unwrap_or(incident.severity),
        IncidentProperty::Status => incident.status = IncidentStatus::parse(name).unwrap_or(incident.status),
        IncidentProperty::Classification => incident.classification = Classification::parse(name),
        IncidentProperty::ClassificationReason => {
            incident.classification_reason = ClassificationReason::parse(name);
        }
        IncidentProperty::ClassificationComment => incident.classification_comment = text,
        IncidentProperty::Owner => incident.owner = Owner::from_value(old),
        IncidentProperty::FirstActivityTime => incident.first_activity = parse_time(name),
        IncidentProperty::LastActivityTime => incident.last_activity = parse_time(name),
    }
}

fn has(list: &[Text], wanted: &str) -> bool {
    list.iter().any(|text| same(text, wanted))
}

fn undo_list(list: &mut Vec<Text>, added: &[Text], removed: &[Text]) {
    list.retain(|text| !has(added, text));
    for text in removed {
        if !has(list, text) {
            list.push(text.clone());
        }
    }
}

fn undo_count(count: &mut u32, added: &[Text], removed: &[Text]) {
    let number = |list: &[Text]| u32::try_from(list.len()).unwrap_or(u32::MAX);
    *count = count.saturating_add(number(removed)).saturating_sub(number(added));
}

#[cfg(test)]
mod tests {
    use crate::{Actor, ActorKind, Incident, IncidentPatch, apply, from_arm_put};
    use riposte_value::value;

    #[test]
    fn what_was_changed_is_taken_back() {
        let ana = Actor::new(ActorKind::User, "ana");
        let at = "2026-03-01T08:00:00Z".parse().unwrap();
        let patch = IncidentPatch::default().titled("before");
        let before = Incident::create("one", 1, &patch, &ana, at).unwrap();
        for properties in [
            value!({ "title": "after", "severity": "High", "status": "Active" }),
            value!({ "title": "before", "description": "d", "severity": "Low", "status": "Closed",
                "classification": "TruePositive", "classificationReason": "SuspiciousActivity",
                "classificationComment": "c" }),
            value!({ "title": "before", "severity": "Medium", "status": "New",
                "owner": { "objectId": "0b1e1e5a-0000-4000-8000-000000000007" },
                "labels": [{ "labelName": "a" }, { "labelName": "B" }],
                "firstActivityTimeUtc": "2026-03-01T07:00:00Z", "lastActivityTimeUtc": "2026-03-01T07:30:00Z" }),
        ] {
            let mut after = before.clone();
            let put = from_arm_put(&value!({ "properties": properties.clone() })).unwrap();
            let change = apply(&mut after, &put.patch, &ana, at).unwrap();
            assert!(!change.is_empty(), "{properties}");
            change.undo(&mut after);
            // Who wrote it last, and how often, is no matter of the change.
            let undone = Incident {
                revision: before.revision,
                etag: before.etag.clone(),
                last_modified: before.last_modified,
                first_modified: before.first_modified,
                closed: before.closed,
                ..after
            };
            assert_eq!(undone, before, "{properties}");
        }
    }
}
