//! What an event is about, as it stands now: an incident with what hangs on it, or an alert.

use super::event::Event;
use crate::document::decode_some;
use crate::error::{ErrorKind, Result};
use crate::incidents::view::IncidentView;
use crate::incidents::{StoredAlert, find};
use crate::workspaces::Workspace;
use riposte_incident::{Alert, Entity, Incident, read_entities};
use riposte_rules::{Subject, Watchlists};
use riposte_store::{EventSubject, Read, SubjectKind};

/// What an event is about.
pub(crate) enum Matter {
    /// An incident.
    Incident(Box<IncidentView>),
    /// An alert, with the incident that it was put into.
    Alert {
        /// The one alert.
        alert: Box<Alert>,
        /// Its entities.
        entities: Vec<Entity>,
        /// Its incident, if it has one.
        incident: Option<Box<Incident>>,
    },
}

impl Matter {
    /// Reads it; none if it is gone.
    pub(crate) fn load(
        tx: &dyn Read,
        ws: &Workspace,
        subject: &EventSubject,
        event: &Event,
    ) -> Result<Option<Self>> {
        match subject.kind {
            SubjectKind::Incident => {
                let Some(incident) = incident_of(tx, ws, &subject.name)? else { return Ok(None) };
                Ok(Some(Self::Incident(Box::new(IncidentView::load(tx, ws, incident)?))))
            }
            SubjectKind::Alert => {
                let stored: Option<StoredAlert> = decode_some("alert", tx.alert(ws.key, &subject.name)?)?;
                let Some(stored) = stored else { return Ok(None) };
                let incident = match stored.incident.as_deref().or(event.incident.as_deref()) {
                    Some(name) => incident_of(tx, ws, name)?,
                    None => None,
                };
                Ok(Some(Self::alert(ws, stored.alert, incident)))
            }
        }
    }

    /// An alert, with the incident that it was put into.
    pub(crate) fn alert(ws: &Workspace, alert: Alert, incident: Option<Incident>) -> Self {
        let entities = read_entities(&alert.entities, &ws.reference.id);
        Self::Alert { alert: Box::new(alert), entities, incident: incident.map(Box::new) }
    }

    /// What conditions look at. An alert is looked at by itself: what its incident is called or holds besides is no
    /// condition on the alert.
    pub(crate) fn subject<'a>(&'a self, event: &'a Event, watchlists: &'a Watchlists) -> Subject<'a> {
        let (change, updated_by) = event.update().unzip();
        match self {
            Self::Incident(view) => Subject {
                incident: Some(&view.incident),
                alerts: &view.alerts,
                entities: &view.entities,
                change,
                updated_by,
                now: Some(event.at),
                watchlists: Some(watchlists),
            },
            Self::Alert { alert, entities, .. } => Subject {
                alerts: std::slice::from_ref(&**alert),
                entities,
                now: Some(event.at),
                watchlists: Some(watchlists),
                ..Subject::default()
            },
        }
    }

    /// The incident.
    pub(crate) fn incident(&self) -> Option<&Incident> {
        match self {
            Self::Incident(view) => Some(&view.incident),
            Self::Alert { incident, .. } => incident.as_deref(),
        }
    }

    /// The incident, to be changed.
    pub(crate) fn incident_mut(&mut self) -> Option<&mut Incident> {
        match self {
            Self::Incident(view) => Some(&mut view.incident),
            Self::Alert { incident, .. } => incident.as_deref_mut(),
        }
    }

    /// What records say that a rule was triggered on.
    pub(crate) const fn triggered_on(&self) -> &'static str {
        match self {
            Self::Incident(_) => "Incident",
            Self::Alert { .. } => "Alert",
        }
    }
}

fn incident_of(tx: &dyn Read, ws: &Workspace, name: &str) -> Result<Option<Incident>> {
    match find(tx, ws.key, name) {
        Ok(incident) => Ok(Some(incident)),
        Err(error) if error.kind == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
