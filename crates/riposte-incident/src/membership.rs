//! Which alerts and bookmarks an incident holds, and what it takes over from its alerts.

use crate::actor::Actor;
use crate::alert::Alert;
use crate::change::Change;
use crate::incident::Incident;
use crate::patch::{Field, IncidentPatch};
use crate::text::{add_unique, same};
use crate::time::truncate;
use crate::workspace::WorkspaceRef;
use jiff::Timestamp;
use riposte_value::Text;

impl Incident {
    /// Puts an alert into the incident and takes over what it tells: tactics, techniques, product, analytics rules,
    /// first and last activity. An alert that is in it already changes nothing.
    ///
    /// The wall of [`crate::ALERTS_MAX`] alerts is the caller's: what to do beyond it depends on the rule.
    pub fn add_alert(
        &mut self,
        alert: &Alert,
        workspace: &WorkspaceRef,
        actor: &Actor,
        at: Timestamp,
    ) -> Change {
        if self.has_alert(&alert.system_alert_id) {
            return Change::default();
        }
        self.alert_ids.push(alert.system_alert_id.clone());
        let change = self.take_over(alert, workspace);
        self.touch(actor, truncate(at));
        Change { alerts_added: vec![alert.system_alert_id.clone()], ..change }
    }

    /// Takes an alert out of the incident. What the incident took over from its alerts is made anew from those that
    /// remain, given in their order; the times of activity stay.
    pub fn remove_alert<'a>(
        &mut self,
        system_alert_id: &str,
        remaining: impl IntoIterator<Item = &'a Alert>,
        workspace: &WorkspaceRef,
        actor: &Actor,
        at: Timestamp,
    ) -> Change {
        let Some(place) = self.alert_ids.iter().position(|id| same(id, system_alert_id)) else {
            return Change::default();
        };
        let removed = self.alert_ids.remove(place);
        let times = (self.first_activity, self.last_activity);
        self.tactics.clear();
        self.techniques.clear();
        self.alert_product_names.clear();
        self.related_analytic_rule_ids.clear();
        for alert in remaining {
            self.take_over(alert, workspace);
        }
        (self.first_activity, self.last_activity) = times;
        self.touch(actor, truncate(at));
        Change { alerts_removed: vec![removed], ..Change::default() }
    }

    /// Puts a bookmark into the incident. One that is in it already changes nothing.
    pub fn add_bookmark(&mut self, name: &str, actor: &Actor, at: Timestamp) -> Change {
        let name = Text::new(name);
        if !add_unique(&mut self.bookmark_ids, &name) {
            return Change::default();
        }
        self.touch(actor, truncate(at));
        Change { bookmarks_added: vec![name], ..Change::default() }
    }

    /// Takes a bookmark out of the incident.
    pub fn remove_bookmark(&mut self, name: &str, actor: &Actor, at: Timestamp) -> Change {
        let Some(place) = self.bookmark_ids.iter().position(|id| same(id, name)) else {
            return Change::default();
        };
        let removed = self.bookmark_ids.remove(place);
        self.touch(actor, truncate(at));
        Change { bookmarks_removed: vec![removed], ..Change::default() }
    }

    /// Makes the incident of an alert: title (unless another is given), description, severity and tactics are the
    /// alert's, and the alert is in it.
    pub fn from_alert(
        name: impl AsRef<str>,
        number: i64,
        alert: &Alert,
        title: Option<&str>,
        workspace: &WorkspaceRef,
        at: Timestamp,
    ) -> Self {
        let actor = Actor::new(crate::ActorKind::AlertGrouping, "Alert grouping");
        let mut incident = Self::blank(name.as_ref(), number, &actor, truncate(at));
        let title = title.filter(|title| !title.trim().is_empty()).unwrap_or(&alert.display_name);
        // an alert need not have a name, an incident must have a title
        incident.title =
            Text::new(if title.trim().is_empty() { alert.system_alert_id.as_str() } else { title });
        incident.description.clone_from(&alert.description);
        incident.severity = alert.severity;
        incident.alert_ids.push(alert.system_alert_id.clone());
        incident.take_over(alert, workspace);
        incident
    }

    fn take_over(&mut self, alert: &Alert, workspace: &WorkspaceRef) -> Change {
        let mut change = Change::default();
        for tactic in &alert.tactics {
            if add_unique(&mut self.tactics, tactic) {
                change.tactics_added.push(tactic.clone());
            }
        }
        for technique in &alert.techniques {
            if add_unique(&mut self.techniques, technique) {
                change.techniques_added.push(technique.clone());
            }
        }
        if let Some(product) = &alert.product_name {
            add_unique(&mut self.alert_product_names, product);
        }
        for rule in alert.analytic_rule_ids(workspace) {
            add_unique(&mut self.related_analytic_rule_ids, &rule);
        }
        let (start, end) =
            (alert.start_time.or(alert.time_generated), alert.end_time.or(alert.time_generated));
        self.first_activity = [self.first_activity, start].into_iter().flatten().min();
        self.last_activity = [self.last_activity, end].into_iter().flatten().max();
        change
    }
}

impl IncidentPatch {
    /// Sets the labels to add.
    #[must_use]
    pub fn adding_labels(mut self, labels: impl IntoIterator<Item = Text>) -> Self {
        self.labels =
            crate::patch::LabelPatch::Edit { add: labels.into_iter().collect(), remove: Vec::new() };
        self
    }

    /// Sets the title.
    #[must_use]
    pub fn titled(mut self, title: impl AsRef<str>) -> Self {
        self.title = Field::Set(Text::new(title));
        self
    }
}
