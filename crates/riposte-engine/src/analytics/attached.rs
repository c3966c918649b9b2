//! Starting the playbooks that are attached to an analytics rule, when it has made an alert.
//!
//! They begin in the transaction that keeps the alert. Only playbooks with the alert trigger are started, by the service
//! account, which needs the automation role on their resource group. What could not be started is told in the records in
//! the documented words.

use crate::error::Result;
use crate::incidents::change::TimelineEntry;
use crate::incidents::find;
use crate::records::{HealthRow, incident_properties};
use crate::runs::{TriggeredBy, playbook_name};
use crate::transaction::Transaction;
use crate::workspaces::Workspace;
use riposte_incident::{Actor, ActorKind, Alert, Incident, alert_trigger_body};
use riposte_value::Value;

impl Transaction<'_> {
    /// Starts the playbooks that are attached to the rule of an alert that was just created.
    pub(crate) fn run_attached_playbooks(
        &mut self,
        ws: &Workspace,
        alert: &Alert,
        incident: Option<&str>,
    ) -> Result<()> {
        let rules = self.shared.analytics_of(ws.key);
        let Some(known) = rules.of_alert(alert).filter(|known| !known.playbooks.is_empty()) else {
            return Ok(());
        };
        if !known.rule.kind().is_query() {
            return Ok(());
        }
        let by = TriggeredBy {
            kind: "AnalyticsRule".to_owned(),
            name: known.rule.display_name.to_string(),
            id: known.rule.name.to_string(),
        };
        let incident = incident.map(|name| find(&*self.tx, ws.key, name)).transpose()?;
        for playbook in &known.playbooks {
            let body = alert_trigger_body(alert, &ws.reference);
            let place = incident.as_ref().map(|incident| (ws.key, incident.name.to_lowercase()));
            match self.start_on_alert(playbook, body, place, by.clone())? {
                Ok(None) => {}
                Ok(Some(run)) => self.attached(ws, alert, incident.as_ref(), playbook, Ok(&run), &by)?,
                Err(why) => self.attached(ws, alert, incident.as_ref(), playbook, Err(&why), &by)?,
            }
        }
        Ok(())
    }

    /// Records that a playbook was started, or why it could not be: in SentinelHealth, and in the timeline of the
    /// incident if there is one.
    fn attached(
        &mut self,
        ws: &Workspace,
        alert: &Alert,
        incident: Option<&Incident>,
        playbook: &str,
        run: std::result::Result<&str, &str>,
        by: &TriggeredBy,
    ) -> Result<()> {
        let name = playbook_name(playbook);
        let mut properties = incident.map(|incident| incident_properties(ws, incident)).unwrap_or_default();
        let triggered_by = Value::object([("Name", Value::from(&by.name)), ("Kind", Value::from(&by.kind))]);
        properties.insert("TriggeredByName", triggered_by);
        properties.insert("TriggeredOn", "Alert");
        properties.insert("SystemAlertId", &alert.system_alert_id);
        let (status, description, reason) = match run {
            Ok(run) => {
                properties.insert("RunId", run);
                ("Success", "Playbook was triggered successfully.".to_owned(), "")
            }
            Err(why) => ("Failure", why.to_owned(), "PlaybookNotTriggered"),
        };
        if let Some(incident) = incident {
            let (kind, summary, object) = match run {
                Ok(run) => {
                    ("playbookTriggered", format!("playbook {name} started by {}", by.name), ("run", run))
                }
                Err(why) => ("ruleFailed", why.to_owned(), ("playbook", playbook)),
            };
            let actor = Actor::new(ActorKind::Other, &by.name);
            let details = Value::object([
                ("playbook", Value::from(playbook)),
                ("systemAlertId", Value::from(&alert.system_alert_id)),
            ]);
            let entry = TimelineEntry { kind, actor: &actor, summary, object, details };
            self.append_timeline(ws, incident, &entry)?;
        }
        let row = HealthRow {
            operation: "Playbook was triggered",
            resource_id: playbook,
            resource_name: name,
            resource_type: "Playbook",
            resource_kind: "",
            status,
            description,
            reason,
            properties: Value::from(properties),
        };
        self.append_health(ws, row)
    }
}
