//! A chunk of alerts in one transaction: each is known already, or finds its incident. What they change is gathered in
//! memory, and in the end each incident is written once, with one event.

use super::groups::Groups;
use super::incoming::{Grouped, Incoming};
use crate::clock::{nanoseconds, new_guid};
use crate::document::{decode, decode_some, encode};
use crate::error::{Error, Result};
use crate::incidents::StoredAlert;
use crate::incidents::change::Cause;
use crate::transaction::Transaction;
use crate::workspaces::Workspace;
use jiff::Timestamp;
use riposte_diagnostic::Diagnostic;
use riposte_incident::{
    Actor, ActorKind, Alert, AlertStatus, Candidate, Change, Field, Incident, IncidentPatch, IncidentStatus,
    Placement, apply, place,
};
use riposte_store::Log;
use riposte_value::{Object, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The alerts of a chunk, and the incidents that they touch.
pub(super) struct Batch<'b> {
    ws: &'b Workspace,
    cause: Cause,
    groups: Groups<'b>,
    /// By name in lower case; none where it is gone.
    incidents: BTreeMap<String, Option<Held<'b>>>,
    /// The incidents that were touched, in the order in which they were.
    touched: Vec<String>,
    /// Alerts that are new, with their incidents.
    created: Vec<(&'b Alert, Option<String>)>,
    /// When the incidents that the chunk makes are made, and the number of the last of them.
    made: Option<(Timestamp, i64)>,
    /// The ids of alerts that are in the store, or are about to be: only those are looked for.
    known: BTreeSet<String>,
    /// New alerts that are not written yet: their ids and documents, and their rows.
    unwritten: Vec<(&'b str, String, &'b str)>,
}

/// An incident with what the chunk does to it.
struct Held<'b> {
    incident: Incident,
    is_new: bool,
    is_touched: bool,
    /// Alerts that it takes.
    added: Vec<&'b Alert>,
    /// Alerts of it that are told anew, as they were.
    edited: Vec<Alert>,
    /// What else changes.
    change: Change,
}

/// What became of an alert.
pub(super) struct Taken<'b> {
    alert: &'b Alert,
    remarks: &'b [Diagnostic],
    status: &'static str,
    /// The name of its incident, in lower case.
    incident: Option<String>,
}

impl<'b> Batch<'b> {
    pub(super) fn new(t: &Transaction<'_>, ws: &'b Workspace, alerts: &'b [Incoming]) -> Result<Self> {
        let grouping = Actor::new(ActorKind::AlertGrouping, "Alert grouping");
        let ids: Vec<&str> = alerts.iter().map(|alert| alert.id.as_str()).collect();
        Ok(Self {
            ws,
            cause: Cause::of(&grouping),
            groups: Groups::new(alerts),
            incidents: BTreeMap::new(),
            touched: Vec::new(),
            created: Vec::new(),
            made: None,
            known: t.tx.known_alerts(ws.key, &ids)?.into_iter().collect(),
            unwritten: Vec::new(),
        })
    }

    /// Takes one alert in.
    pub(super) fn take(&mut self, t: &mut Transaction<'_>, incoming: &'b Incoming) -> Result<Taken<'b>> {
        if let Some(known) = self.known(t, incoming)? {
            let (alert, remarks) = (&incoming.alert, incoming.remarks.as_slice());
            let incident = known.incident.clone();
            let status = if self.update(t, incoming, &known)? { "updated" } else { "duplicate" };
            if let Some(name) = &incident {
                self.hold(t, name)?;
            }
            let incident = incident.map(|name| name.to_lowercase());
            return Ok(Taken { alert, remarks, status, incident });
        }
        let incident = match (&incoming.group, incoming.makes_incident) {
            (_, false) => None,
            (None, true) => Some(self.begin(t, incoming)?),
            (Some(grouped), true) => Some(self.join(t, incoming, grouped)?),
        };
        self.unwritten.push((&incoming.id, incoming.document(incident.as_deref())?, &incoming.row));
        self.known.insert(incoming.id.clone());
        self.created.push((&incoming.alert, incident.clone()));
        Ok(Taken { alert: &incoming.alert, remarks: &incoming.remarks, status: "created", incident })
    }

    /// The alert as it is kept, if it is. One that came earlier in the chunk is written first.
    fn known(&mut self, t: &mut Transaction<'_>, incoming: &Incoming) -> Result<Option<StoredAlert>> {
        if !self.known.contains(&incoming.id) {
            return Ok(None);
        }
        self.write_alerts(t)?;
        decode_some("alert", t.tx.alert(self.ws.key, &incoming.id)?)
    }

    /// Writes the new alerts that are not written yet, with their rows.
    fn write_alerts(&mut self, t: &mut Transaction<'_>) -> Result<()> {
        let (mut alerts, mut rows) = (Vec::new(), Vec::new());
        for (id, document, row) in self.unwritten.drain(..) {
            alerts.push((id, document));
            rows.push(row);
        }
        t.tx.add_alerts(self.ws.key, &alerts)?;
        Ok(t.tx.append_logs(self.ws.key, Log::SecurityAlert, nanoseconds(t.now), &rows)?)
    }

    /// What its provider tells anew of a known alert counts if it was told later; whether it does. What was set on the
    /// alert here stays where the provider says nothing of it.
    fn update(
        &mut self,
        t: &mut Transaction<'_>,
        incoming: &'b Incoming,
        known: &StoredAlert,
    ) -> Result<bool> {
        let is_later = incoming.is_timed && incoming.alert.time_generated > known.alert.time_generated;
        // The spelling of the id is no news.
        let mut alert =
            Alert { system_alert_id: known.alert.system_alert_id.clone(), ..incoming.alert.clone() };
        keep_what_was_set(&mut alert, &known.alert);
        let same_time = Alert { time_generated: known.alert.time_generated, ..alert.clone() };
        if !is_later || same_time == known.alert {
            return Ok(false);
        }
        let stored = StoredAlert { alert, ..known.clone() };
        t.tx.put_alert(self.ws.key, &incoming.id, &encode(&stored)?)?;
        t.append_alert_row(self.ws, &json::to_string(&stored.alert.to_row(&self.ws.reference)))?;
        for name in known.incidents() {
            if let Some(held) = self.touch(t, name)? {
                held.edited.push(known.alert.clone());
            }
        }
        Ok(true)
    }

    /// Puts an alert into the incident of its group.
    fn join(
        &mut self,
        t: &mut Transaction<'_>,
        incoming: &'b Incoming,
        grouped: &'b Grouped,
    ) -> Result<String> {
        let placement = self.place(t, incoming, grouped)?;
        let (at, chosen) = match placement {
            Placement::New { instead_of } => {
                let name = self.begin(t, incoming)?;
                self.groups.begin(grouped, incoming.at, &name, instead_of);
                return Ok(name);
            }
            Placement::Overflow(full) => {
                let name = self.begin(t, incoming)?;
                let full_one = self.group_name(t, grouped, full)?;
                self.continue_incident(&name, &full_one);
                self.groups.begin(grouped, incoming.at, &name, Some(full));
                return Ok(name);
            }
            Placement::Join(chosen) | Placement::Reopen(chosen) => (incoming.at, chosen),
        };
        let name = self.group_name(t, grouped, chosen)?;
        if let Some(group) = self.groups.of(t, self.ws, grouped)?.get_mut(chosen) {
            group.window = group.window.with(at);
        }
        let (now, actor) = (t.now, self.cause.actor.clone());
        let held =
            self.touch(t, &name)?.ok_or_else(|| Error::internal(format!("incident {name} is gone")))?;
        if matches!(placement, Placement::Reopen(_)) {
            let patch = IncidentPatch { status: Field::Set(IncidentStatus::New), ..IncidentPatch::default() };
            let reopened = apply(&mut held.incident, &patch, &actor, now).map_err(Error::invalid)?;
            held.change.merge(reopened);
        }
        held.added.push(&incoming.alert);
        Ok(name)
    }

    /// Which incident of its group takes an alert. Groups whose incidents are gone are forgotten.
    fn place(
        &mut self,
        t: &mut Transaction<'_>,
        incoming: &Incoming,
        grouped: &'b Grouped,
    ) -> Result<Placement> {
        let lookback = grouped.configuration.lookback.duration();
        let near: Vec<String> = self
            .groups
            .of(t, self.ws, grouped)?
            .iter()
            .filter(|group| group.window.takes(incoming.at, lookback))
            .map(|group| group.incident.clone())
            .collect();
        for name in &near {
            self.hold(t, name)?;
        }
        let incidents = &self.incidents;
        self.groups.forget(grouped, |name| incidents.get(name).is_some_and(Option::is_none));
        let groups = self.groups.of(t, self.ws, grouped)?;
        let candidates: Vec<Candidate> = groups
            .iter()
            .map(|group| {
                // Those that are not held are out of time, and not asked further.
                let held = incidents.get(&group.incident).and_then(Option::as_ref);
                Candidate {
                    window: group.window,
                    alerts: held.map_or(0, |held| held.incident.alert_ids.len() + held.added.len()),
                    is_closed: held.is_some_and(|held| held.incident.status == IncidentStatus::Closed),
                }
            })
            .collect();
        Ok(place(&grouped.configuration, incoming.at, &candidates))
    }

    fn group_name(&mut self, t: &Transaction<'_>, grouped: &'b Grouped, place: usize) -> Result<String> {
        let group = self.groups.of(t, self.ws, grouped)?.get(place);
        group.map(|group| group.incident.clone()).ok_or_else(|| Error::internal("a group is gone".to_owned()))
    }

    /// Makes an incident of an alert; its name.
    fn begin(&mut self, t: &mut Transaction<'_>, incoming: &'b Incoming) -> Result<String> {
        let name = new_guid();
        let (title, reference) = (incoming.title.as_deref(), &self.ws.reference);
        // Nobody else takes a number as long as this transaction is the one that writes.
        let (at, number) = match self.made {
            Some((at, last)) => (at, last.saturating_add(1)),
            None => {
                let number = t.tx.last_incident_number(self.ws.key)?.saturating_add(1);
                (t.time_of_creation(self.ws.key, number)?, number)
            }
        };
        self.made = Some((at, number));
        let mut incident = Incident::from_alert(&name, number, &incoming.alert, title, reference, at);
        if let Some(rule) = &incoming.product_rule {
            incident.relate_analytics_rule(rule, reference);
        }
        let held = Held { is_new: true, is_touched: true, ..Held::of(incident) };
        self.incidents.insert(name.clone(), Some(held));
        self.touched.push(name.clone());
        Ok(name)
    }

    /// Gives a new incident the details of one that is full.
    fn continue_incident(&mut self, new: &str, full: &str) {
        let full = self.incidents.get(full).and_then(Option::as_ref).map(|held| held.incident.clone());
        if let (Some(full), Some(Some(new))) = (full, self.incidents.get_mut(new)) {
            new.incident.continue_incident(&full);
        }
    }

    /// An incident that is to be written; none if it is gone.
    fn touch(&mut self, t: &Transaction<'_>, name: &str) -> Result<Option<&mut Held<'b>>> {
        let name = name.to_lowercase();
        self.hold(t, &name)?;
        let Some(Some(held)) = self.incidents.get_mut(&name) else { return Ok(None) };
        if !held.is_touched {
            held.is_touched = true;
            self.touched.push(name);
        }
        Ok(Some(held))
    }

    /// Reads an incident, unless it has been read.
    fn hold(&mut self, t: &Transaction<'_>, name: &str) -> Result<()> {
        let name = name.to_lowercase();
        if !self.incidents.contains_key(&name) {
            let text = t.tx.incident(self.ws.key, &name)?;
            let held = text.map(|text| decode("incident", &text)).transpose()?.map(Held::of);
            self.incidents.insert(name, held);
        }
        Ok(())
    }

    /// Writes what the chunk has changed.
    pub(super) fn write(&mut self, t: &mut Transaction<'_>) -> Result<()> {
        self.write_alerts(t)?;
        self.groups.write(t, self.ws)?;
        if let Some((_, last)) = self.made {
            t.tx.put_incident_count(self.ws.key, last)?;
        }
        let touched = std::mem::take(&mut self.touched);
        let mut made = Vec::new();
        for name in &touched {
            if let Some(Some(held)) = self.incidents.get_mut(name) {
                held.take_up(t, self.ws, &self.cause)?;
                made.extend(held.is_new.then_some(name));
            }
        }
        let made = made.into_iter().filter_map(|name| Some(&self.incidents.get(name)?.as_ref()?.incident));
        t.incidents_created(self.ws, &made.collect::<Vec<_>>(), &self.cause)?;
        for (alert, incident) in self.created.drain(..) {
            t.alert_created(self.ws, alert, incident.as_deref())?;
        }
        Ok(())
    }

    /// The answer for an alert.
    pub(super) fn answer(&self, taken: &Taken<'_>) -> Value {
        // An incident that an alert went into may have been removed since.
        let held = taken.incident.as_ref().and_then(|name| self.incidents.get(name)?.as_ref());
        let incident = held.map(|held| {
            Value::object([
                ("id", Value::from(self.ws.reference.incident_id(&held.incident.name))),
                ("incidentNumber", Value::from(held.incident.number)),
            ])
        });
        let mut answer = Object::new();
        answer.insert("systemAlertId", &taken.alert.system_alert_id);
        answer.insert("status", taken.status);
        answer.insert("incident", incident.unwrap_or_default());
        if !taken.remarks.is_empty() {
            answer.insert("warnings", Value::array(taken.remarks.iter().map(remark)));
        }
        Value::from(answer)
    }
}

/// `{code, message, path}`
fn remark(told: &Diagnostic) -> Value {
    Value::object([
        ("code", Value::from(told.code.as_ref())),
        ("message", Value::from(&told.message)),
        ("path", Value::from(told.location.path.as_deref().unwrap_or_default())),
    ])
}

/// Takes over what rules and people have set on an alert, where what its provider tells anew does not say it. Whoever
/// says no status says that it is new, so that this one takes nothing back either.
fn keep_what_was_set(alert: &mut Alert, known: &Alert) {
    alert.classification = alert.classification.or(known.classification);
    alert.determination = alert.determination.or(known.determination);
    if alert.assignee.is_none() {
        alert.assignee.clone_from(&known.assignee);
    }
    if alert.status == AlertStatus::New {
        alert.status = known.status;
    }
}

impl Held<'_> {
    fn of(incident: Incident) -> Self {
        Self {
            incident,
            is_new: false,
            is_touched: false,
            added: Vec::new(),
            edited: Vec::new(),
            change: Change::default(),
        }
    }

    /// Has the incident take what it was given; one that was there before is written.
    fn take_up(&mut self, t: &mut Transaction<'_>, ws: &Workspace, cause: &Cause) -> Result<()> {
        let added = std::mem::take(&mut self.added);
        let edited = std::mem::take(&mut self.edited);
        let mut change = std::mem::take(&mut self.change);
        if self.is_new {
            self.incident.begin_with(added, &ws.reference);
        } else {
            change.merge(self.incident.add_new_alerts(added, &ws.reference, &cause.actor, t.now));
        }
        if !edited.is_empty() {
            let alerts = t.alerts_of(ws, &self.incident)?;
            let told = self.incident.refresh_alerts(&edited, &alerts, &ws.reference, &cause.actor, t.now);
            change.merge(told);
        }
        if self.is_new { Ok(()) } else { t.incident_changed(ws, &self.incident, change, cause) }
    }
}

impl Transaction<'_> {
    /// What follows from an alert that has come, once it and its incident are written: the one place that knows.
    fn alert_created(&mut self, ws: &Workspace, alert: &Alert, incident: Option<&str>) -> Result<()> {
        self.run_attached_playbooks(ws, alert, incident)?;
        self.raise_alert(ws, alert, incident)
    }

    fn append_alert_row(&mut self, ws: &Workspace, row: &str) -> Result<()> {
        Ok(self.tx.append_log(ws.key, Log::SecurityAlert, nanoseconds(self.now), row)?)
    }

    fn alerts_of(&self, ws: &Workspace, incident: &Incident) -> Result<Vec<Alert>> {
        let mut alerts = Vec::with_capacity(incident.alert_ids.len());
        for id in &incident.alert_ids {
            let stored: Option<StoredAlert> = decode_some("alert", self.tx.alert(ws.key, id)?)?;
            alerts.extend(stored.map(|stored| stored.alert));
        }
        Ok(alerts)
    }
}
