//! SentinelAudit: who changed which object, and what of it. Sentinel keeps such rows for analytics rules alone; here
//! every object that somebody can write has them: rules, playbooks, connections, role assignments, workspaces,
//! watchlists, bookmarks. A row is part of the transaction that makes the change, so that there is never one without
//! the other. Source of the columns: the documented table.
//!
//! What a row shows of an object is what reading it shows: no credential and no value of a secure parameter; and of an
//! object outside the workspace's resource group only that it was written, and by whom.

use crate::access::Caller;
use crate::clock::{nanoseconds, new_guid, time_text};
use crate::error::Result;
use crate::transaction::Transaction;
use crate::workspaces::{Workspace, of_row};
use crate::{Engine, LogQuery};
use riposte_store::{Log, ResourceKey};
use riposte_value::{Difference, Object, Value, differences};

/// How much of an object's state a row holds, in bytes; more is left out, and the row says so.
const STATE_BYTES: usize = 64 << 10;

/// How much a row holds of why a write was refused, in characters.
const REASON_CHARACTERS: usize = 1_000;

/// Members that change with every write, and say nothing of what was changed.
const VOLATILE: [&str; 12] = [
    "etag",
    "id",
    "type",
    "properties.lastModifiedTimeUtc",
    "properties.lastModifiedBy",
    "properties.lastModifiedUtc",
    "properties.createdTimeUtc",
    "properties.createdBy",
    "properties.changedTime",
    "properties.createdTime",
    "properties.version",
    "properties.updated",
];

/// An object that somebody changes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Audited<'a> {
    /// Its ARM id.
    pub(crate) id: &'a str,
    /// `Microsoft.SecurityInsights/automationRules`, …: what operations are named by.
    pub(crate) kind: &'static str,
    /// The table's `SentinelResourceType`: `Automation rule`, `Playbook`, ….
    pub(crate) resource_type: &'static str,
    /// The workspace that it belongs to; none for what lies in a resource group.
    pub(crate) workspace: Option<&'a Workspace>,
}

/// What became of a write.
struct Outcome {
    operation: &'static str,
    status: &'static str,
    description: String,
    resource_kind: Value,
    properties: Value,
}

/// The writes that are told of also if they were refused, by their actions: Sentinel's table does so for analytics rules.
const REFUSED: [(&str, &str, &str, &str); 4] = [
    ("alertRules/write", "Microsoft.SecurityInsights/alertRules", "Analytics rule", "Write"),
    ("alertRules/delete", "Microsoft.SecurityInsights/alertRules", "Analytics rule", "Delete"),
    ("automationRules/write", "Microsoft.SecurityInsights/automationRules", "Automation rule", "Write"),
    ("automationRules/delete", "Microsoft.SecurityInsights/automationRules", "Automation rule", "Delete"),
];

fn refused(action: &str) -> Option<(&'static str, &'static str, &'static str)> {
    let action = action.strip_prefix("Microsoft.SecurityInsights/")?;
    let found = REFUSED.iter().find(|(known, ..)| *known == action)?;
    Some((found.1, found.2, found.3))
}

/// Whether SentinelAudit tells of a write also if it was refused.
pub fn is_audited_if_refused(action: &str) -> bool {
    refused(action).is_some()
}

/// What changed of an object, without what changes with every write.
pub(crate) fn changes(before: Option<&Value>, after: Option<&Value>) -> Vec<Difference> {
    let empty = Value::from(Object::new());
    let all = differences(before.unwrap_or(&empty), after.unwrap_or(&empty));
    let is_volatile = |path: &str| {
        VOLATILE.iter().any(|name| {
            path.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        })
    };
    all.into_iter().filter(|difference| !is_volatile(&difference.path)).collect()
}

impl Transaction<'_> {
    /// Notes that an object was made, changed or removed; `before` and `after` are the object as reading it shows.
    /// Nothing is noted where nothing but its times changed.
    pub(crate) fn audit(
        &mut self,
        object: Audited<'_>,
        caller: &Caller,
        before: Option<&Value>,
        after: Option<&Value>,
    ) -> Result<()> {
        let changed = changes(before, after);
        if changed.is_empty() {
            return Ok(());
        }
        let operation = if after.is_some() { "Write" } else { "Delete" };
        let shown = after.or(before);
        let name = display_name(shown, object.id);
        for ws in self.workspaces_of(&object)? {
            // Who may read a workspace need not be allowed to read what lies outside of its resource group.
            let is_its_own = object.workspace.is_some() || is_within(&ws, object.id);
            let shown_states = if is_its_own { (before, after) } else { (None, None) };
            let told = if is_its_own { changed.as_slice() } else { &[] };
            let outcome = Outcome {
                operation,
                status: "Success",
                description: describe(object.resource_type, before, after),
                resource_kind: kind_of(shown),
                properties: properties(&object, &ws, caller, shown_states, told, (&name, "")),
            };
            self.append_audit(&object, &ws, &name, outcome)?;
        }
        Ok(())
    }

    fn append_audit(
        &mut self,
        object: &Audited<'_>,
        ws: &Workspace,
        name: &str,
        outcome: Outcome,
    ) -> Result<()> {
        let row = Value::object([
            ("TenantId", Value::from(&ws.reference.id)),
            ("TimeGenerated", Value::from(time_text(self.now))),
            ("OperationName", Value::from(format!("{}/{}", object.kind, outcome.operation))),
            ("SentinelResourceId", Value::from(object.id)),
            ("SentinelResourceName", Value::from(name)),
            ("Status", Value::from(outcome.status)),
            ("Description", Value::from(outcome.description)),
            ("WorkspaceId", Value::from(&ws.reference.id)),
            ("SentinelResourceType", Value::from(object.resource_type)),
            ("SentinelResourceKind", outcome.resource_kind),
            ("CorrelationId", Value::from(new_guid())),
            ("ExtendedProperties", outcome.properties),
            ("SourceSystem", Value::from("Azure")),
            ("Type", Value::from("SentinelAudit")),
            ("_BilledSize", Value::from(0)),
            ("_IsBillable", Value::from("False")),
        ]);
        let text = riposte_value::json::to_string(&row);
        Ok(self.tx.append_log(ws.key, Log::SentinelAudit, nanoseconds(self.now), &text)?)
    }

    /// Notes a write that was refused, if the workspace that it was meant for is there.
    fn audit_refused(
        &mut self,
        caller: &Caller,
        (kind, resource_type, operation): (&'static str, &'static str, &'static str),
        id: &str,
        reason: &str,
    ) -> Result<()> {
        let lower = id.to_lowercase();
        let Some((workspace, _)) = lower.split_once("/providers/microsoft.securityinsights/") else {
            return Ok(());
        };
        let Some(row) = self.tx.workspace_by_resource(&ResourceKey::new(workspace))? else { return Ok(()) };
        let ws = of_row(&row)?;
        let object = Audited { id, kind, resource_type, workspace: Some(&ws) };
        let name = display_name(None, id);
        let reason: String = reason.chars().take(REASON_CHARACTERS).collect();
        let outcome = Outcome {
            operation,
            status: "Failure",
            description: format!("{resource_type} was not changed: {reason}"),
            resource_kind: Value::from(""),
            properties: properties(&object, &ws, caller, (None, None), &[], (&name, &reason)),
        };
        self.append_audit(&object, &ws, &name, outcome)
    }

    /// The workspaces whose audit tells of an object: its own; for what lies in a resource group those of the group,
    /// else those of the subscription, else the oldest, so that no change goes untold.
    fn workspaces_of(&self, object: &Audited<'_>) -> Result<Vec<Workspace>> {
        if let Some(ws) = object.workspace {
            return Ok(vec![ws.clone()]);
        }
        let rows = self.tx.workspaces()?;
        let key = ResourceKey::new(object.id);
        let group = key.resource_group();
        let subscription = group.as_ref().and_then(|group| group.as_str().split("/resourcegroups/").next());
        let scopes = [group.as_ref().map(ResourceKey::as_str), subscription];
        for scope in scopes.into_iter().flatten() {
            let below = |id: &str| id.strip_prefix(scope).is_some_and(|rest| rest.starts_with('/'));
            let found: Vec<_> = rows.iter().filter(|row| below(row.resource.as_str())).collect();
            if !found.is_empty() {
                return found.into_iter().map(of_row).collect();
            }
        }
        rows.first().map(of_row).into_iter().collect()
    }
}

/// Whether an object lies in the resource group of a workspace.
fn is_within(ws: &Workspace, id: &str) -> bool {
    let own = ResourceKey::new(&ws.reference.arm_id()).resource_group();
    own.is_some() && ResourceKey::new(id).resource_group() == own
}

/// What people call an object.
fn display_name(shown: Option<&Value>, id: &str) -> String {
    let named = shown.and_then(|shown| shown.str_at(&["properties", "displayName"]));
    named.unwrap_or_else(|| id.trim_end_matches('/').rsplit('/').next().unwrap_or_default()).to_owned()
}

fn kind_of(shown: Option<&Value>) -> Value {
    Value::from(shown.and_then(|shown| shown.str_at(&["kind"])).unwrap_or_default())
}

fn describe(resource_type: &str, before: Option<&Value>, after: Option<&Value>) -> String {
    let did = match (before, after) {
        (None, _) => "created",
        (Some(_), Some(_)) => "updated",
        (Some(_), None) => "deleted",
    };
    format!("{resource_type} was {did}.")
}

fn properties(
    object: &Audited<'_>,
    ws: &Workspace,
    caller: &Caller,
    (before, after): (Option<&Value>, Option<&Value>),
    changed: &[Difference],
    (name, reason): (&str, &str),
) -> Value {
    let place = |segment: &str, own: &str| {
        let mut segments = object.id.split('/');
        let found = segments.by_ref().find(|part| part.eq_ignore_ascii_case(segment));
        found.and_then(|_| segments.next()).unwrap_or(own).to_owned()
    };
    Value::object([
        ("CallerIpAddress", Value::from(caller.address.as_deref().unwrap_or_default())),
        ("CallerName", Value::from(&caller.principal.name)),
        ("CallerObjectId", Value::from(&caller.principal.id)),
        ("OriginalResourceState", state(before)),
        ("UpdatedResourceState", state(after)),
        ("Reason", Value::from(reason)),
        ("ResourceDiffMemberNames", Value::array(changed.iter().map(|one| Value::from(&one.path)))),
        ("ResourceDisplayName", Value::from(name)),
        ("ResourceGroupName", Value::from(place("resourceGroups", &ws.reference.resource_group))),
        ("ResourceId", Value::from(object.id)),
        ("SubscriptionId", Value::from(place("subscriptions", &ws.reference.subscription))),
        ("Uri", Value::from(object.id)),
        ("WorkspaceId", Value::from(&ws.reference.id)),
        ("WorkspaceName", Value::from(&ws.reference.name)),
    ])
}

/// A state as text, as the table has it; one that is too long is told by its length.
fn state(shown: Option<&Value>) -> Value {
    let Some(shown) = shown else { return Value::from("") };
    let text = riposte_value::json::to_string(shown);
    if text.len() <= STATE_BYTES {
        return Value::from(text);
    }
    Value::from(format!("(left out: {} bytes)", text.len()))
}

impl Engine {
    /// Notes that a write was refused: the action that it needed, the ARM id that it was meant for, and why.
    pub async fn audit_refusal(&self, caller: &Caller, action: &str, id: &str, reason: &str) -> Result<()> {
        let Some(what) = refused(action) else { return Ok(()) };
        let (caller, id, reason) = (caller.clone(), id.to_owned(), reason.to_owned());
        self.shared.transact(move |t| t.audit_refused(&caller, what, &id, &reason)).await
    }

    /// Rows of SentinelAudit, the latest first.
    pub async fn audit(&self, ws: &Workspace, query: LogQuery) -> Result<Vec<Value>> {
        self.log(ws, Log::SentinelAudit, query).await
    }
}
