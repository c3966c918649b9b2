//! Incidents: every change takes the one way through [`change`], so that the incident, the row in SecurityIncident,
//! the timeline and the event for the automation rules are committed together.

mod alerts;
pub(crate) mod change;
mod comments;
mod facets;
mod incident;
mod ingest;
mod list;
mod narrowed;
mod parts;
mod relations;
mod tasks;
mod timeline;
pub(crate) mod view;

pub(crate) use alerts::StoredAlert;
pub(crate) use facets::Facets;
pub use facets::{FacetTest, Fold, IncidentFacet, IncidentTime, Narrowing};
pub use incident::{check_new_incident, incident_remarks};
pub use ingest::Ingested;
pub use list::IncidentBounds;

use crate::document::decode;
use crate::error::{Error, Result};
use riposte_incident::Incident;
use riposte_store::{Read, WorkspaceKey};

/// The incident of a GUID or a number.
pub(crate) fn find(tx: &dyn Read, workspace: WorkspaceKey, guid_or_number: &str) -> Result<Incident> {
    // A name may be all digits, and is a name all the same.
    let text = match (tx.incident(workspace, guid_or_number)?, guid_or_number.parse::<i64>()) {
        (None, Ok(number)) => tx.incident_by_number(workspace, number)?,
        (named, _) => named,
    };
    decode("incident", &text.ok_or_else(|| absent(guid_or_number))?)
}

/// The incident of a name, as ARM ids have it.
pub(crate) fn find_named(tx: &dyn Read, workspace: WorkspaceKey, name: &str) -> Result<Incident> {
    decode("incident", &tx.incident(workspace, name)?.ok_or_else(|| absent(name))?)
}

fn absent(incident: &str) -> Error {
    Error::new(crate::ErrorKind::NotFound, "NotFound", format!("Incident '{incident}' does not exist."))
}
