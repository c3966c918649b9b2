//! Which alerts and bookmarks an incident holds, and what it takes over from its alerts.

use crate::actor::Actor;
use crate::alert::Alert;
use crate::change::{Change, compare};
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

    /// Puts alerts into the incident that are in no incident yet, as one write. It takes over what each tells, as in
    /// [`Self::add_alert`].
    pub fn add_new_alerts<'a>(
        &mut self,
        alerts: impl IntoIterator<Item = &'a Alert>,
        workspace: &WorkspaceRef,
        actor: &Actor,
        at: Timestamp,
    ) -> Change {
        let change = self.begin_with(alerts, workspace);
        if !change.is_empty() {
            self.touch(actor, truncate(at));
        }
        change
    }

    /// As [`Self::add_new_alerts`] for an incident that is being made: it is no write of its own.
    pub fn begin_with<'a>(
        &mut self,
        alerts: impl IntoIterator<Item = &'a Alert>,
        workspace: &WorkspaceRef,
    ) -> Change {
        let mut change = Change::default();
        for alert in alerts {
            self.alert_ids.push(alert.system_alert_id.clone());
            let taken = self.take_over(alert, workspace);
            change.alerts_added.push(alert.system_alert_id.clone());
            change.tactics_added.extend(taken.tactics_added);
            change.techniques_added.extend(taken.techniques_added);
        }
        change
    }

    /// Takes over anew what the alerts of the incident tell, after some of them have changed: `edited` are these as
    /// they were, `alerts` all of them as they are. Title, description and severity are the incident's own by now.
    pub fn refresh_alerts<'a>(
        &mut self,
        edited: &[Alert],
        alerts: impl IntoIterator<Item = &'a Alert>,
        workspace: &WorkspaceRef,
        actor: &Actor,
        at: Timestamp,
    ) -> Change {
        let before = self.clone();
        self.forget_named(edited, workspace);
        self.tactics.clear();
        self.techniques.clear();
        self.alert_product_names.clear();
        for alert in alerts {
            self.take_over(alert, workspace);
        }
        let new = |now: &[Text], before: &[Text]| -> Vec<Text> {
            now.iter().filter(|text| !before.iter().any(|known| same(known, text))).cloned().collect()
        };
        let change = Change {
            alerts_edited: edited.iter().map(|alert| alert.system_alert_id.clone()).collect(),
            tactics_added: new(&self.tactics, &before.tactics),
            techniques_added: new(&self.techniques, &before.techniques),
            ..compare(&before, self)
        };
        if !change.is_empty() {
            self.touch(actor, truncate(at));
        }
        change
    }

    /// Forgets the analytics rules that alerts name. One that made the incident without being named stays.
    fn forget_named<'a>(&mut self, alerts: impl IntoIterator<Item = &'a Alert>, workspace: &WorkspaceRef) {
        let named: Vec<Text> =
            alerts.into_iter().flat_map(|alert| alert.analytic_rule_ids(workspace)).collect();
        self.related_analytic_rule_ids.retain(|id| !named.iter().any(|named| same(named, id)));
    }

    /// Notes an analytics rule that made the incident of alerts which do not name it.
    pub fn relate_analytics_rule(&mut self, name: &str, workspace: &WorkspaceRef) {
        add_unique(&mut self.related_analytic_rule_ids, &Text::from(workspace.alert_rule_id(name)));
    }

    /// Takes the details of another incident, which is full: title, description and severity.
    pub fn continue_incident(&mut self, full: &Self) {
        self.title.clone_from(&full.title);
        self.description.clone_from(&full.description);
        self.severity = full.severity;
    }

    /// Takes an alert out of the incident. What the incident took over from its alerts, given in their order and the one
    /// to remove among them, is made anew from those that remain; the times of activity stay, and so do the analytics
    /// rules that no alert names.
    pub fn remove_alert<'a>(
        &mut self,
        system_alert_id: &str,
        alerts: impl IntoIterator<Item = &'a Alert>,
        workspace: &WorkspaceRef,
        actor: &Actor,
        at: Timestamp,
    ) -> Change {
        let Some(place) = self.alert_ids.iter().position(|id| same(id, system_alert_id)) else {
            return Change::default();
        };
        let removed = self.alert_ids.remove(place);
        let times = (self.first_activity, self.last_activity);
        let (gone, remaining): (Vec<&Alert>, Vec<&Alert>) =
            alerts.into_iter().partition(|alert| alert.is_same(system_alert_id));
        self.forget_named(gone, workspace);
        self.tactics.clear();
        self.techniques.clear();
        self.alert_product_names.clear();
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
