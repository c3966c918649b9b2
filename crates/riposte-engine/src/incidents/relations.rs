//! Relations: which alerts lie in an incident, as resources of their own.

use super::change::Cause;
use super::find;
use crate::access::Caller;
use crate::clock::new_guid;
use crate::document::{decode, decode_some, encode};
use crate::error::{Error, ErrorKind, Result};
use crate::workspaces::Workspace;
use crate::{Engine, Written};
use riposte_incident::{Related, Relation};
use riposte_store::Part;
use riposte_value::{Text, Value};

impl Engine {
    /// Relates an alert to an incident, which puts it into the incident.
    pub async fn put_relation(
        &self,
        ws: &Workspace,
        incident: &str,
        name: &str,
        body: &Value,
        caller: &Caller,
    ) -> Result<Written> {
        let (related_resource_id, _) = Relation::from_arm(body).map_err(Error::invalid)?;
        let (ws, incident, name) = (ws.clone(), incident.to_owned(), name.to_owned());
        let cause = Cause::of(&caller.actor);
        self.shared
            .transact(move |t| {
                let mut incident = find(&*t.tx, ws.key, &incident)?;
                let relation =
                    Relation { name: Text::new(&name), etag: Text::from(new_guid()), related_resource_id };
                let Related::Alert(alert) = relation.related() else {
                    return Err(Error::bad_request(
                        "`relatedResourceId` is not the id of an alert: …/entities/{SystemAlertId}",
                    ));
                };
                let known: Option<Relation> =
                    decode_some("relation", t.tx.part(ws.key, &incident.name, Part::Relation, &name)?)?;
                if let Some(known) = known {
                    if known.related() != relation.related() {
                        return Err(Error::new(
                            ErrorKind::Conflict,
                            "Conflict",
                            format!(
                                "Failed to create relation. Relation with name {name} already exists in incident {} \
                                 to different alert {}.",
                                incident.name, known.related_resource_id
                            ),
                        ));
                    }
                    return Ok(Written { created: false, resource: known.to_arm(&ws.reference, &incident.name) });
                }
                if incident.has_alert(&alert) {
                    return Err(Error::bad_request(format!(
                        "Failed to create relation. Alert {alert} already exists in incident {}.",
                        incident.name
                    )));
                }
                t.tx.put_part(ws.key, &incident.name, Part::Relation, &name, &encode(&relation)?)?;
                t.relate_alert(&ws, &mut incident, &alert, &cause)?;
                Ok(Written { created: true, resource: relation.to_arm(&ws.reference, &incident.name) })
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
                Ok(find(tx, ws.key, &incident).and_then(|incident| {
                    let texts = tx.parts(ws.key, &incident.name, Part::Relation)?;
                    let mut relations: Vec<Relation> =
                        texts.iter().map(|text| decode("relation", text)).collect::<Result<_>>()?;
                    let named: Vec<Related> = relations.iter().map(Relation::related).collect();
                    let others = incident
                        .alert_ids
                        .iter()
                        .filter(|id| !named.contains(&Related::Alert((*id).clone())));
                    relations.extend(others.map(|id| Relation {
                        name: Text::from(format!("{}_{id}", incident.name)),
                        etag: incident.etag.clone(),
                        related_resource_id: Text::from(ws.reference.entity_id(id)),
                    }));
                    Ok(relations
                        .iter()
                        .map(|relation| relation.to_arm(&ws.reference, &incident.name))
                        .collect())
                }))
            })
            .await?
    }

    /// Removes a relation, and the alert from the incident; whether it was there.
    pub async fn delete_relation(
        &self,
        ws: &Workspace,
        incident: &str,
        name: &str,
        caller: &Caller,
    ) -> Result<bool> {
        let related = match self.relation(ws, incident, name).await {
            Ok(relation) => relation,
            Err(error) if error.kind == ErrorKind::NotFound && error.message.starts_with("Relation") => {
                return Ok(false);
            }
            Err(error) => return Err(error),
        };
        let alert = related.str_at(&["properties", "relatedResourceName"]).unwrap_or_default().to_owned();
        let (ws, incident, name) = (ws.clone(), incident.to_owned(), name.to_owned());
        let cause = Cause::of(&caller.actor);
        self.shared
            .transact(move |t| {
                let mut incident = find(&*t.tx, ws.key, &incident)?;
                t.tx.delete_part(ws.key, &incident.name, Part::Relation, &name)?;
                t.unrelate_alert(&ws, &mut incident, &alert, &cause)?;
                Ok(true)
            })
            .await
    }
}
