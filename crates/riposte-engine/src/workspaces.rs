//! Workspaces: where incidents and automation rules live.

use crate::Engine;
use crate::access::Caller;
use crate::audit::Audited;
use crate::document::{decode, encode};
use crate::error::{Error, ErrorKind, Result};
use crate::shared::Shared;
use crate::transaction::Transaction;
use riposte_incident::WorkspaceRef;
use riposte_incident::fields::Fields;
use riposte_store::{ResourceKey, WorkspaceKey, WorkspaceRow};
use riposte_value::{Text, Value};
use serde::{Deserialize, Serialize};

/// The tenant of an installation that has no directory of its own.
pub(crate) const TENANT: &str = "5e9d1e11-0000-4000-8000-5ec0a7000000";

/// A workspace.
#[derive(Debug, Clone)]
pub struct Workspace {
    /// Its key in the store.
    pub key: WorkspaceKey,
    /// Where it is and what it is called.
    pub reference: WorkspaceRef,
    /// How it is set.
    pub settings: WorkspaceSettings,
}

/// The settings of a workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct WorkspaceSettings {
    /// Whether an alert that no analytics rule governs becomes an incident of its own.
    pub incidents_from_ungoverned_alerts: bool,
}

impl Default for WorkspaceSettings {
    fn default() -> Self {
        Self { incidents_from_ungoverned_alerts: true }
    }
}

impl WorkspaceSettings {
    /// `{"incidentsFromUngovernedAlerts": true}`.
    pub fn to_value(self) -> Value {
        Value::object([("incidentsFromUngovernedAlerts", Value::from(self.incidents_from_ungoverned_alerts))])
    }

    /// Reads what [`Self::to_value`] writes; what is left out has its default.
    fn read(body: &Value) -> Result<Self> {
        let mut told = Vec::new();
        let Some(fields) = Fields::of(body, "$", &mut told) else { return Err(Error::invalid(told)) };
        fields.refuse_unknown(&["incidentsFromUngovernedAlerts"], &mut told);
        let mut settings = Self::default();
        if let Some(truth) = fields.bool("incidentsFromUngovernedAlerts", &mut told) {
            settings.incidents_from_ungoverned_alerts = truth;
        }
        if told.is_empty() { Ok(settings) } else { Err(Error::invalid(told)) }
    }
}

/// A workspace as the store keeps it.
#[derive(Serialize, Deserialize)]
struct StoredWorkspace {
    #[serde(flatten)]
    reference: WorkspaceRef,
    #[serde(default)]
    settings: WorkspaceSettings,
}

impl Workspace {
    /// The ARM resource.
    pub fn to_arm(&self) -> Value {
        let reference = &self.reference;
        Value::object([
            ("id", Value::from(reference.arm_id())),
            ("name", Value::from(&reference.name)),
            ("type", Value::from("Microsoft.OperationalInsights/workspaces")),
            ("location", Value::from("local")),
            (
                "properties",
                Value::object([
                    ("customerId", Value::from(&reference.id)),
                    ("provisioningState", Value::from("Succeeded")),
                ]),
            ),
        ])
    }
}

pub(crate) fn of_row(row: &WorkspaceRow) -> Result<Workspace> {
    let StoredWorkspace { reference, settings } = decode("workspace", &row.doc)?;
    Ok(Workspace { key: row.key, reference, settings })
}

impl Shared {
    /// The workspace of a key.
    pub(crate) fn workspace_of(&self, tx: &dyn riposte_store::Read, key: WorkspaceKey) -> Result<Workspace> {
        if let Some(known) = self.workspaces.read().get(&key) {
            return Ok(known.clone());
        }
        let row = tx.workspaces()?.into_iter().find(|row| row.key == key);
        let workspace = of_row(&row.ok_or_else(|| Error::internal(format!("{key} is gone")))?)?;
        self.workspaces.write().insert(key, workspace.clone());
        Ok(workspace)
    }
}

impl Engine {
    /// Every workspace, oldest first.
    pub async fn workspaces(&self) -> Result<Vec<Workspace>> {
        let rows = self.shared.store.read(|tx| tx.workspaces()).await?;
        rows.iter().map(of_row).collect()
    }

    /// Makes a workspace; whether it is new, and its ARM resource. `properties.customerId` may give its GUID.
    pub async fn put_workspace(
        &self,
        subscription: &str,
        resource_group: &str,
        name: &str,
        body: &Value,
        caller: &Caller,
    ) -> Result<(bool, Value)> {
        let guid = body.str_at(&["properties", "customerId"]).map(str::to_owned);
        let (created, workspace) =
            self.make_workspace(subscription, resource_group, name, guid, caller).await?;
        caller.precondition.check_put_without_etag(name, !created)?;
        Ok((created, workspace.to_arm()))
    }

    /// The workspace at a place.
    pub async fn workspace_at(
        &self,
        subscription: &str,
        resource_group: &str,
        name: &str,
    ) -> Result<Workspace> {
        let id = arm_id(subscription, resource_group, name);
        let key = ResourceKey::new(&id);
        let row = self.shared.store.read(move |tx| tx.workspace_by_resource(&key)).await?;
        of_row(&row.ok_or_else(|| Error::resource_not_found(&id))?)
    }

    /// The workspace at a place, made if it is not there: what the first write of an owner does.
    pub async fn workspace_or_create(
        &self,
        subscription: &str,
        resource_group: &str,
        name: &str,
        caller: &Caller,
    ) -> Result<Workspace> {
        match self.workspace_at(subscription, resource_group, name).await {
            Err(error) if error.kind == ErrorKind::NotFound => {
                Ok(self.make_workspace(subscription, resource_group, name, None, caller).await?.1)
            }
            found => found,
        }
    }

    /// The workspace of a GUID or a name. A name that resource groups share is refused, naming the GUIDs.
    pub async fn workspace_named(&self, guid_or_name: &str) -> Result<Workspace> {
        let wanted = guid_or_name.to_owned();
        let rows = self.shared.store.read(move |tx| tx.workspaces_by_name(&wanted)).await?;
        match rows.as_slice() {
            [] => Err(Error::not_found("Workspace", guid_or_name)),
            [row] => of_row(row),
            rows => {
                let guids: Vec<String> = rows.iter().map(|row| row.id.clone()).collect();
                Err(ambiguous(guid_or_name, &guids))
            }
        }
    }

    /// The workspace of a GUID or a name, for somebody who may do `action` there. Who may not is refused in the same words
    /// whether there is such a workspace or not.
    pub async fn workspace_for(
        &self,
        caller: &Caller,
        action: &str,
        guid_or_name: &str,
    ) -> Result<Workspace> {
        let wanted = guid_or_name.to_owned();
        let rows = self.shared.store.read(move |tx| tx.workspaces_by_name(&wanted)).await?;
        let count = rows.len();
        let mut allowed = Vec::with_capacity(count);
        for row in &rows {
            let workspace = of_row(row)?;
            if self.authorize(caller, action, &workspace.reference.arm_id()).is_ok() {
                allowed.push(workspace);
            }
        }
        let guids: Vec<String> = allowed.iter().map(|workspace| workspace.reference.id.to_string()).collect();
        match allowed.pop() {
            Some(workspace) if count == 1 => Ok(workspace),
            Some(_) => Err(ambiguous(guid_or_name, &guids)),
            None if self.authorize(caller, action, "/").is_ok() => {
                Err(Error::not_found("Workspace", guid_or_name))
            }
            None => Err(Error::forbidden(caller, action, &format!("/api/workspaces/{guid_or_name}"))),
        }
    }

    /// Sets a workspace's settings; what the body leaves out has its default again. The settings as they are then.
    pub async fn put_workspace_settings(
        &self,
        ws: &Workspace,
        body: &Value,
        caller: &Caller,
    ) -> Result<Value> {
        let settings = WorkspaceSettings::read(body)?;
        let (id, caller) = (ws.reference.arm_id(), caller.clone());
        let written = self
            .shared
            .transact(move |t| {
                let key = ResourceKey::new(&id);
                let row = t.tx.workspace_by_resource(&key)?.ok_or_else(|| Error::resource_not_found(&id))?;
                let before = of_row(&row)?;
                let ws = Workspace { settings, ..before.clone() };
                let stored = StoredWorkspace { reference: ws.reference.clone(), settings };
                t.tx.put_workspace(&key, &ws.reference.id, &ws.reference.name, &encode(&stored)?)?;
                let audited = Audited {
                    id: &id,
                    kind: "Microsoft.OperationalInsights/workspaces",
                    resource_type: "Workspace",
                    workspace: Some(&ws),
                };
                let shown = |ws: &Workspace| Value::object([("settings", ws.settings.to_value())]);
                t.audit(audited, &caller, Some(&shown(&before)), Some(&shown(&ws)))?;
                Ok(ws.settings.to_value())
            })
            .await?;
        self.shared.refresh().await?;
        Ok(written)
    }

    /// Removes a workspace; whether it was there. Azure removes what is in it, too; here only an empty one goes.
    pub async fn delete_workspace(
        &self,
        subscription: &str,
        resource_group: &str,
        name: &str,
        caller: &Caller,
    ) -> Result<bool> {
        let key = ResourceKey::new(&arm_id(subscription, resource_group, name));
        let caller = caller.clone();
        let removed = self.shared.transact(move |t| t.remove_workspace(&key, &caller)).await?;
        self.shared.refresh().await?;
        Ok(removed)
    }

    async fn make_workspace(
        &self,
        subscription: &str,
        resource_group: &str,
        name: &str,
        guid: Option<String>,
        caller: &Caller,
    ) -> Result<(bool, Workspace)> {
        let reference = new_reference(subscription, resource_group, name, guid)?;
        let caller = caller.clone();
        let made = self.shared.transact(move |t| t.ensure_workspace(&reference, &caller)).await?;
        // Rules that hold for several workspaces hold for this one from its first alert on.
        self.shared.refresh().await?;
        Ok(made)
    }
}

/// What a new workspace is to be called. `guid` is its id, if it is given.
pub(crate) fn new_reference(
    subscription: &str,
    resource_group: &str,
    name: &str,
    guid: Option<String>,
) -> Result<WorkspaceRef> {
    check_name(name)?;
    if let Some(guid) = &guid
        && uuid::Uuid::try_parse(guid).is_err()
    {
        return Err(Error::bad_request(format!("`customerId` '{guid}' is not a GUID")));
    }
    Ok(WorkspaceRef {
        subscription: Text::new(subscription),
        resource_group: Text::new(resource_group),
        name: Text::new(name),
        id: Text::from(guid.unwrap_or_else(crate::clock::new_guid).to_lowercase()),
        tenant: Text::new_static(TENANT),
    })
}

impl Transaction<'_> {
    /// The workspace at a place, made if it is not there; whether it is new.
    pub(crate) fn ensure_workspace(
        &mut self,
        reference: &WorkspaceRef,
        caller: &Caller,
    ) -> Result<(bool, Workspace)> {
        let key = ResourceKey::new(&reference.arm_id());
        if let Some(row) = self.tx.workspace_by_resource(&key)? {
            return Ok((false, of_row(&row)?));
        }
        if self.tx.workspaces_by_name(&reference.id)?.iter().any(|row| row.id == reference.id.as_str()) {
            let message = format!("`customerId` '{}' is another workspace's", reference.id);
            return Err(Error::new(ErrorKind::Conflict, "Conflict", message));
        }
        let made = self.tx.put_workspace(&key, &reference.id, &reference.name, &encode(reference)?)?;
        let ws =
            Workspace { key: made, reference: reference.clone(), settings: WorkspaceSettings::default() };
        let object = Audited {
            id: &reference.arm_id(),
            kind: "Microsoft.OperationalInsights/workspaces",
            resource_type: "Workspace",
            workspace: Some(&ws),
        };
        self.audit(object, caller, None, Some(&ws.to_arm()))?;
        Ok((true, ws))
    }
}

impl Transaction<'_> {
    fn remove_workspace(&mut self, key: &ResourceKey, caller: &Caller) -> Result<bool> {
        let Some(row) = self.tx.workspace_by_resource(key)? else { return Ok(false) };
        let ws = of_row(&row)?;
        let held = self.tx.workspace_contents(ws.key)?;
        if !held.is_empty() {
            let message = format!(
                "The workspace '{}' is not empty: it holds {}. Azure would remove them with it; here they are removed first.",
                ws.reference.name,
                held.join(", ")
            );
            return Err(Error::new(ErrorKind::Conflict, "WorkspaceNotEmpty", message));
        }
        self.tx.delete_workspace(ws.key)?;
        let object = Audited {
            id: &ws.reference.arm_id(),
            kind: "Microsoft.OperationalInsights/workspaces",
            resource_type: "Workspace",
            // Its own records are gone: another workspace's tell of it.
            workspace: None,
        };
        self.audit(object, caller, Some(&ws.to_arm()), None)?;
        Ok(true)
    }
}

fn ambiguous(name: &str, guids: &[String]) -> Error {
    let message = format!("several workspaces are named '{name}': use one of {}", guids.join(", "));
    Error::new(ErrorKind::Conflict, "AmbiguousWorkspace", message)
}

/// The ARM id of the workspace at a place.
pub(crate) fn arm_id(subscription: &str, resource_group: &str, name: &str) -> String {
    format!(
        "/subscriptions/{subscription}/resourceGroups/{resource_group}\
         /providers/Microsoft.OperationalInsights/workspaces/{name}"
    )
}

/// Azure's rule: letters, digits and hyphens, 1 to 90 of them, none of the hyphens at an end.
fn check_name(name: &str) -> Result<()> {
    let inner = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let ends = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    // A name that reads as a GUID could stand for another workspace's.
    let is_guid = uuid::Uuid::try_parse(name).is_ok();
    if !is_guid
        && name.len() <= 90
        && name.chars().all(inner)
        && ends(name.chars().next())
        && ends(name.chars().next_back())
    {
        return Ok(());
    }
    Err(Error::bad_request(format!(
        "'{name}' is not a workspace name: letters, digits and hyphens, 1 to 90 of them, no hyphen at an end, no GUID"
    )))
}
