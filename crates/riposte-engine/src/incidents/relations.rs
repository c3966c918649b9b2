//! Relations: which alerts and bookmarks lie in an incident, as resources of their own.
//!
//! Refusals are in Azure's words (documented with relating alerts to incidents).

use super::change::Cause;
use super::find;
use crate::access::Caller;
use crate::clock::new_guid;
use crate::collections::BOOKMARKS_MAX;
use crate::document::{decode, decode_some, encode};
use crate::error::{Error, ErrorKind, Result};
use crate::transaction::Transaction;
use crate::workspaces::Workspace;
use crate::{Engine, Written};
use riposte_diagnostic::Diagnostic;
use riposte_incident::{Incident, Related, Relation, same};
use riposte_store::{Part, Read, WorkspaceKey};
use riposte_value::{Text, Value};

impl Engine {
    /// Relates an alert or a bookmark to an incident, which puts it into the incident; answers also what there is to say
    /// of it.
    pub async fn put_relation(
        &self,
        ws: &Workspace,
        incident: &str,
        name: &str,
        body: &Value,
        caller: &Caller,
    ) -> Result<(Written, Vec<Diagnostic>)> {
        let (related_resource_id, etag) = Relation::from_arm(body).map_err(Error::invalid)?;
        let (ws, incident, name) = (ws.clone(), incident.to_owned(), name.to_owned());
        let (cause, asked) = (Cause::of(&caller.actor), caller.precondition.clone());
        self.shared
            .transact(move |t| {
                let mut incident = incident_of(&*t.tx, ws.key, &incident)?;
                let relation =
                    Relation { name: Text::new(&name), etag: Text::from(new_guid()), related_resource_id };
                let known = t.tx.part(ws.key, &incident.name, Part::Relation, &name)?;
                if let Some(known) = decode_some::<Relation>("relation", known)? {
                    check_known(&known, &relation, &incident)?;
                    asked.check_put(&known.name, Some(&known.etag), etag.as_deref())?;
                    let resource = known.to_arm(&ws.reference, &incident.name);
                    return Ok((Written { created: false, resource }, Vec::new()));
                }
                asked.check_put(&name, None, etag.as_deref())?;
                check_workspace(&ws, &relation.related_resource_id)?;
                t.relate(&ws, &mut incident, &relation, &cause)?;
                t.tx.put_part(ws.key, &incident.name, Part::Relation, &name, &encode(&relation)?)?;
                let resource = relation.to_arm(&ws.reference, &incident.name);
                Ok((Written { created: true, resource }, remarks(&incident)))
            })
            .await
    }

    /// A relation.
    pub async fn relation(&self, ws: &Workspace, incident: &str, name: &str) -> Result<Value> {
        let relations = self.relations(ws, incident).await?;
        let is_it =
            |relation: &Value| relation.str_at(&["name"]).is_some_and(|n| n.eq_ignore_ascii_case(name));
        relations.into_iter().find(is_it).ok_or_else(|| Error::not_found("Relation", name))
    }

    /// The relations of an incident: those that were made as such, then one for each other alert in it.
    pub async fn relations(&self, ws: &Workspace, incident: &str) -> Result<Vec<Value>> {
        let (ws, incident) = (ws.clone(), incident.to_owned());
        self.shared
            .store
            .read(move |tx| {
                Ok(incident_of(tx, ws.key, &incident).and_then(|incident| {
                    let relations = relations_of(tx, &ws, &incident)?;
                    Ok(relations.iter().map(|one| one.to_arm(&ws.reference, &incident.name)).collect())
                }))
            })
            .await?
    }

    /// Removes a relation, and what it relates from the incident; whether it was there.
    pub async fn delete_relation(
        &self,
        ws: &Workspace,
        incident: &str,
        name: &str,
        caller: &Caller,
    ) -> Result<bool> {
        let (ws, incident, name) = (ws.clone(), incident.to_owned(), name.to_owned());
        let (cause, asked) = (Cause::of(&caller.actor), caller.precondition.clone());
        self.shared
            .transact(move |t| {
                let mut incident = incident_of(&*t.tx, ws.key, &incident)?;
                let known = relations_of(&*t.tx, &ws, &incident)?;
                let Some(relation) = known.into_iter().find(|relation| same(&relation.name, &name)) else {
                    return Ok(false);
                };
                asked.check_delete(&relation.name, &relation.etag)?;
                t.tx.delete_part(ws.key, &incident.name, Part::Relation, &name)?;
                match relation.related() {
                    Related::Alert(alert) => t.unrelate_alert(&ws, &mut incident, &alert, &cause)?,
                    Related::Bookmark(bookmark) => {
                        t.unrelate_bookmark(&ws, &mut incident, &bookmark, &cause)?;
                    }
                    Related::Other => {}
                }
                Ok(true)
            })
            .await
    }
}

impl Transaction<'_> {
    fn relate(
        &mut self,
        ws: &Workspace,
        incident: &mut Incident,
        relation: &Relation,
        cause: &Cause,
    ) -> Result<()> {
        let held = |what: &str, id: &str, incident: &Incident| {
            let incident = &incident.name;
            failed(&format!("{what} {id} already exists in incident {incident}."))
        };
        match relation.related() {
            Related::Alert(alert) if incident.has_alert(&alert) => Err(held("Alert", &alert, incident)),
            Related::Alert(alert) => self.relate_alert(ws, incident, &alert, cause),
            Related::Bookmark(name) if incident.bookmark_ids.iter().any(|known| same(known, &name)) => {
                Err(held("Bookmark", &name, incident))
            }
            Related::Bookmark(name) => self.relate_bookmark(ws, incident, &name, &relation.name, cause),
            Related::Other => Err(Error::bad_request(
                "`relatedResourceId` is neither the id of an alert (…/entities/{SystemAlertId}) nor of a bookmark \
                 (…/bookmarks/{name})",
            )),
        }
    }
}

/// Those that were made as such, then one for each other alert.
fn relations_of(tx: &dyn Read, ws: &Workspace, incident: &Incident) -> Result<Vec<Relation>> {
    let texts = tx.parts(ws.key, &incident.name, Part::Relation)?;
    let mut relations: Vec<Relation> =
        texts.iter().map(|(_, text)| decode("relation", text)).collect::<Result<_>>()?;
    let named: Vec<Related> = relations.iter().map(Relation::related).collect();
    let is_named =
        |id: &Text| named.iter().any(|related| matches!(related, Related::Alert(alert) if same(alert, id)));
    let others = incident.alert_ids.iter().filter(|id| !is_named(id));
    relations.extend(others.map(|id| Relation {
        name: Text::from(format!("{}_{id}", incident.name)),
        etag: incident.etag.clone(),
        related_resource_id: Text::from(ws.reference.entity_id(id)),
    }));
    Ok(relations)
}

/// A name leads to one thing for as long as it is there.
fn check_known(known: &Relation, new: &Relation, incident: &Incident) -> Result<()> {
    let (name, incident) = (&new.name, &incident.name);
    match (known.related(), new.related()) {
        (Related::Alert(old), Related::Alert(new)) | (Related::Bookmark(old), Related::Bookmark(new))
            if same(&old, &new) =>
        {
            Ok(())
        }
        (Related::Alert(old), Related::Alert(_)) => Err(different(name, incident, "alert", &old)),
        (Related::Bookmark(old), Related::Bookmark(_)) => Err(different(name, incident, "bookmark", &old)),
        _ => Err(failed(&format!(
            "Different relation type with name {name} already exists in incident {incident}."
        ))),
    }
}

fn different(name: &str, incident: &str, what: &str, id: &str) -> Error {
    let message = format!(
        "Failed to create relation. Relation with name {name} already exists in incident {incident} to different \
         {what} {id}."
    );
    Error::new(ErrorKind::Conflict, "Conflict", message)
}

fn failed(why: &str) -> Error {
    Error::bad_request(format!("Failed to create relation. {why}"))
}

/// An id that names a workspace must name the incident's.
fn check_workspace(ws: &Workspace, related: &str) -> Result<()> {
    let related = related.to_lowercase();
    let Some((workspace, _)) = related.split_once("/providers/microsoft.securityinsights/") else {
        return Ok(());
    };
    if workspace.is_empty() || workspace == ws.reference.arm_id().to_lowercase() {
        return Ok(());
    }
    Err(failed("Related resource and incident should belong to the same workspace."))
}

fn incident_of(tx: &dyn Read, workspace: WorkspaceKey, incident: &str) -> Result<Incident> {
    find(tx, workspace, incident).map_err(|error| match error.kind {
        ErrorKind::NotFound => Error::new(ErrorKind::NotFound, "NotFound", "Incident doesn't exist."),
        _ => error,
    })
}

/// What Azure would not have taken.
fn remarks(incident: &Incident) -> Vec<Diagnostic> {
    let count = incident.bookmark_ids.len();
    if count <= BOOKMARKS_MAX {
        return Vec::new();
    }
    let message = format!("the incident has {count} bookmarks; Azure takes {BOOKMARKS_MAX}");
    vec![Diagnostic::warning("AzureLimit", message)]
}
