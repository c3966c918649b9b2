//! Who asks, and whether they may: tokens and role assignments.

use crate::audit::Audited;
use crate::clock::new_guid;
use crate::document::{decode, encode};
use crate::error::{Error, Result};
use crate::precondition::Precondition;
use crate::role_definitions::no_such_role;
use crate::shared::Shared;
use crate::tokens::{StoredToken, new_secret, token_hash};
use crate::transaction::Transaction;
use crate::{Engine, Written};
use riposte_access::{Assignment, PrincipalType, RoleDefinition, SERVICE_ACCOUNT, built_in_role, check};
use riposte_diagnostic::Diagnostic;
use riposte_incident::{Actor, ActorKind};
use riposte_store::{Read, ResourceKey};
use riposte_value::{Text, Value};
use serde::{Deserialize, Serialize};

/// The built-in role of who sets up an installation.
const OWNER: &str = "Owner";
/// The built-in role that lets automation rules start playbooks.
pub(crate) const AUTOMATION_CONTRIBUTOR: &str = "Microsoft Sentinel Automation Contributor";
/// Where the store notes that the owner's token was made.
const OWNER_MADE: &str = "owner-token-made";

/// What a principal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PrincipalKind {
    /// A person.
    User,
    /// A program.
    ServicePrincipal,
}

/// Who is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Principal {
    /// The object id.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// What it is.
    pub kind: PrincipalKind,
}

/// Who asks, as permissions and as history see it.
#[derive(Debug, Clone)]
pub struct Caller {
    /// For the access check.
    pub principal: Principal,
    /// For history.
    pub actor: Actor,
    /// What the request asks of a resource before it writes it.
    pub precondition: Precondition,
    /// Where the request came from, for the audit.
    pub address: Option<String>,
}

impl Caller {
    /// The caller that a principal is.
    pub fn new(principal: Principal) -> Self {
        let kind = match principal.kind {
            PrincipalKind::User => ActorKind::User,
            PrincipalKind::ServicePrincipal => ActorKind::Application,
        };
        let mut actor = Actor::new(kind, &principal.name);
        actor.object_id = Some(Text::new(&principal.id));
        Self { principal, actor, precondition: Precondition::default(), address: None }
    }

    /// The same caller, whose write has to find the resource so.
    #[must_use]
    pub fn on_condition(self, precondition: Precondition) -> Self {
        Self { precondition, ..self }
    }
}

/// The role assignments, in memory.
#[derive(Default)]
pub(crate) struct AccessTable {
    assignments: Vec<Assignment>,
    definitions: Vec<RoleDefinition>,
}

impl Shared {
    /// Reads the role assignments into memory.
    pub(crate) fn load_access(&self, tx: &dyn Read) -> Result<()> {
        let texts = tx.role_assignments()?;
        let assignments = texts
            .iter()
            .map(|text| decode("role assignment", text))
            .collect::<Result<Vec<StoredAssignment>>>()?;
        self.access.write().assignments = assignments.into_iter().map(|stored| stored.assignment).collect();
        Ok(())
    }

    /// Refuses what no role assignment allows, in Azure's words.
    pub(crate) fn authorize(&self, caller: &Caller, action: &str, scope: &str) -> Result<()> {
        let principal = &caller.principal;
        let kind = match principal.kind {
            PrincipalKind::User => PrincipalType::User,
            PrincipalKind::ServicePrincipal => PrincipalType::ServicePrincipal,
        };
        let who = riposte_access::Principal { id: principal.id.clone(), kind, groups: Vec::new() };
        if self.is_allowed(&who, action, scope) {
            return Ok(());
        }
        Err(Error::forbidden(caller, action, scope))
    }

    /// Refuses who may not do something anywhere.
    fn authorize_somewhere(&self, caller: &Caller, action: &str) -> Result<()> {
        let id = &caller.principal.id;
        let who = riposte_access::Principal::user(id);
        let table = self.access.read();
        let allows = |own: &Assignment| {
            check(&who, action, &own.scope, std::slice::from_ref(own), &table.definitions).is_allowed()
        };
        if table.assignments.iter().any(|own| who.is(&own.principal_id) && allows(own)) {
            return Ok(());
        }
        Err(Error::forbidden(caller, action, "/"))
    }

    /// Whether automation rules may start the playbook: the service account needs the automation role on the
    /// playbook's resource group.
    pub(crate) fn may_automate(&self, playbook: &ResourceKey) -> bool {
        let Some(group) = playbook.resource_group() else { return false };
        let account = riposte_access::Principal::service_account();
        self.is_allowed(&account, "Microsoft.Logic/workflows/triggers/listCallbackUrl/action", group.as_str())
    }

    fn is_allowed(&self, who: &riposte_access::Principal, action: &str, scope: &str) -> bool {
        let table = self.access.read();
        check(who, action, scope, &table.assignments, &table.definitions).is_allowed()
    }
}

/// A role assignment as the store keeps it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct StoredAssignment {
    id: String,
    assignment: Assignment,
    #[serde(default)]
    principal_type: Option<String>,
}

impl StoredAssignment {
    fn to_arm(&self) -> Value {
        let Assignment { name, principal_id, role, scope } = &self.assignment;
        Value::object([
            ("id", Value::from(&self.id)),
            ("name", Value::from(name)),
            ("type", Value::from("Microsoft.Authorization/roleAssignments")),
            (
                "properties",
                Value::object([
                    ("principalId", Value::from(principal_id)),
                    ("principalType", Value::from(self.principal_type.as_deref())),
                    (
                        "roleDefinitionId",
                        Value::from(format!("/providers/Microsoft.Authorization/roleDefinitions/{role}")),
                    ),
                    ("scope", Value::from(scope)),
                ]),
            ),
        ])
    }
}

/// A role assignment as it will be stored.
pub(crate) struct PreparedAssignment(StoredAssignment);

const ASSIGNMENTS: &str = "/providers/microsoft.authorization/roleassignments/";

impl PreparedAssignment {
    /// Reads a PUT body: `{"properties": {principalId, roleDefinitionId, principalType?}}`. The scope is what the id
    /// extends.
    pub(crate) fn new(id: &str, body: &Value) -> Result<Self> {
        let Some(at) = id.to_ascii_lowercase().find(ASSIGNMENTS) else {
            return Err(Error::bad_request(format!("'{id}' is not the id of a role assignment")));
        };
        let scope = id.get(..at).filter(|scope| !scope.is_empty()).unwrap_or("/");
        let name = id.get(at + ASSIGNMENTS.len()..).unwrap_or_default();
        let properties = body.get_ignore_case("properties");
        let text = |name: &str| {
            let value = properties.and_then(|p| p.get_ignore_case(name)).and_then(Value::as_str);
            value.filter(|text| !text.is_empty()).ok_or_else(|| {
                let diagnostic = Diagnostic::error("BadRequest", format!("a role assignment needs `{name}`"));
                Error::invalid(vec![diagnostic.at("$.properties")])
            })
        };
        let definition = text("roleDefinitionId")?;
        let role = built_in_role(definition).ok_or_else(|| {
            let error = no_such_role(definition);
            let told = Diagnostic::error("RoleDefinitionDoesNotExist", error.message.clone())
                .at("$.properties.roleDefinitionId")
                .help("`GET …/providers/Microsoft.Authorization/roleDefinitions` lists those that there are");
            Error { diagnostics: vec![told], ..error }
        })?;
        let assignment = Assignment {
            name: name.to_owned(),
            principal_id: text("principalId")?.to_owned(),
            role: role.id.to_owned(),
            scope: scope.to_owned(),
        };
        let principal_type = text("principalType").ok().map(str::to_owned);
        Ok(Self(StoredAssignment { id: id.to_owned(), assignment, principal_type }))
    }

    /// The ARM id.
    pub(crate) fn id(&self) -> &str {
        &self.0.id
    }

    /// The ARM resource.
    pub(crate) fn to_arm(&self) -> Value {
        self.0.to_arm()
    }

    /// Whose it is.
    pub(crate) fn principal_id(&self) -> &str {
        &self.0.assignment.principal_id
    }

    /// What its principal is, if the body says so.
    pub(crate) fn principal_type(&self) -> Option<&str> {
        self.0.principal_type.as_deref()
    }

    /// Where it holds.
    pub(crate) fn scope(&self) -> &str {
        &self.0.assignment.scope
    }
}

/// Lets the service account start the playbooks of a resource group. The name is made from the scope, so that
/// granting twice grants once.
pub(crate) fn automation_grant(scope: &str) -> PreparedAssignment {
    let key = format!("{AUTOMATION_CONTRIBUTOR} {}", scope.to_lowercase());
    let name = uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_URL, key.as_bytes()).to_string();
    let role = built_in_role(AUTOMATION_CONTRIBUTOR).map(|role| role.id).unwrap_or_default();
    PreparedAssignment(StoredAssignment {
        id: format!("{scope}/providers/Microsoft.Authorization/roleAssignments/{name}"),
        assignment: Assignment {
            name,
            principal_id: SERVICE_ACCOUNT.to_owned(),
            role: role.to_owned(),
            scope: scope.to_owned(),
        },
        principal_type: Some("ServicePrincipal".to_owned()),
    })
}

impl Transaction<'_> {
    /// Saves a role assignment; whether it is new.
    pub(crate) fn save_assignment(&mut self, prepared: &PreparedAssignment, caller: &Caller) -> Result<bool> {
        let key = ResourceKey::new(prepared.id());
        let known = self.assignment(&key)?;
        caller.precondition.check_put_without_etag(prepared.id(), known.is_some())?;
        self.tx.put_role_assignment(&key, &encode(&prepared.0)?)?;
        let (before, after) = (known.as_ref().map(StoredAssignment::to_arm), prepared.0.to_arm());
        self.audit(audited(prepared.id()), caller, before.as_ref(), Some(&after))?;
        let Assignment { principal_id, role, scope, .. } = &prepared.0.assignment;
        let automates = built_in_role(AUTOMATION_CONTRIBUTOR).is_some_and(|known| known.id == role);
        if automates && principal_id.eq_ignore_ascii_case(SERVICE_ACCOUNT) {
            self.granted.push(scope.clone());
        }
        Ok(known.is_none())
    }

    /// Removes a role assignment; whether it was there.
    fn remove_assignment(&mut self, key: &ResourceKey, caller: &Caller) -> Result<bool> {
        let Some(known) = self.assignment(key)? else { return Ok(false) };
        self.tx.delete_role_assignment(key)?;
        self.audit(audited(&known.id), caller, Some(&known.to_arm()), None)?;
        Ok(true)
    }

    fn assignment(&self, key: &ResourceKey) -> Result<Option<StoredAssignment>> {
        let texts = self.tx.role_assignments()?;
        let all = texts.iter().filter_map(|text| decode::<StoredAssignment>("role assignment", text).ok());
        Ok(all.into_iter().find(|stored| ResourceKey::new(&stored.id) == *key))
    }
}

fn audited(id: &str) -> Audited<'_> {
    Audited {
        id,
        kind: "Microsoft.Authorization/roleAssignments",
        resource_type: "Role assignment",
        workspace: None,
    }
}

impl Engine {
    /// At the first start: makes the owner's token, or takes the given one, and answers a made one's text, once.
    pub async fn ensure_owner_token(&self, given: Option<String>) -> Result<Option<String>> {
        let made = given.is_none();
        let token = match given {
            Some(token) if token.trim().len() < 16 => {
                return Err(Error::bad_request("a bootstrap token has at least 16 characters"));
            }
            Some(token) => token.trim().to_owned(),
            None => new_secret("rip_"),
        };
        let owner = Principal { id: new_guid(), name: "owner".to_owned(), kind: PrincipalKind::User };
        let hash = token_hash(&token);
        let fresh = self
            .shared
            .transact(move |t| {
                let known_owner = t.tx.meta(OWNER_MADE)?;
                if known_owner.is_some() && (made || t.tx.token(&hash)?.is_some()) {
                    return Ok(false);
                }
                // A new bootstrap token is another way in for the same owner.
                let owner = match &known_owner {
                    Some(text) => decode("owner", text)?,
                    None => owner,
                };
                if known_owner.is_some() {
                    tracing::warn!("a bootstrap token that was not known is now a token of the owner");
                }
                t.tx.put_token(&hash, None, &encode(&StoredToken::lasting(&owner))?)?;
                t.tx.put_meta(OWNER_MADE, &encode(&owner)?)?;
                let assignment = Assignment::new(&owner.id, OWNER, "/")
                    .ok_or_else(|| Error::internal("the role `Owner` is not built in"))?;
                let id = format!("/providers/Microsoft.Authorization/roleAssignments/{}", owner.id);
                let assignment = Assignment { name: owner.id.clone(), ..assignment };
                let stored = StoredAssignment { id, assignment, principal_type: Some("User".to_owned()) };
                t.tx.put_role_assignment(&ResourceKey::new(&stored.id), &encode(&stored)?)?;
                Ok(true)
            })
            .await?;
        self.shared.refresh().await?;
        Ok((fresh && made).then_some(token))
    }

    /// Refuses what no role assignment allows.
    pub fn authorize(&self, caller: &Caller, action: &str, scope: &str) -> Result<()> {
        self.shared.authorize(caller, action, scope)
    }

    /// Refuses what no role assignment allows, wherever it holds. Who is let through is asked again about what it touches.
    pub fn authorize_somewhere(&self, caller: &Caller, action: &str) -> Result<()> {
        self.shared.authorize_somewhere(caller, action)
    }

    /// Makes or replaces a role assignment; answers also what there is to say of it.
    pub async fn put_role_assignment(
        &self,
        id: &str,
        body: &Value,
        caller: &Caller,
    ) -> Result<(Written, Vec<Diagnostic>)> {
        let prepared = PreparedAssignment::new(id, body)?;
        let (resource, caller) = (prepared.0.to_arm(), caller.clone());
        let (created, told) = self
            .shared
            .transact(move |t| {
                let told = t.check_principal(&prepared)?;
                Ok((t.save_assignment(&prepared, &caller)?, told))
            })
            .await?;
        self.shared.refresh().await?;
        Ok((Written { created, resource }, told))
    }

    /// The role assignments at a scope, above it and below it.
    pub async fn role_assignments(&self, scope: &str) -> Result<Vec<Value>> {
        let scope = scope.to_owned();
        let texts = self.shared.store.read(|tx| tx.role_assignments()).await?;
        let mut shown = Vec::new();
        for text in &texts {
            let stored: StoredAssignment = decode("role assignment", text)?;
            let own = &stored.assignment.scope;
            if riposte_access::covers(own, &scope) || riposte_access::covers(&scope, own) {
                shown.push(stored.to_arm());
            }
        }
        Ok(shown)
    }

    /// Removes a role assignment; whether it was there.
    pub async fn delete_role_assignment(&self, id: &str, caller: &Caller) -> Result<bool> {
        let (key, caller) = (ResourceKey::new(id), caller.clone());
        let removed = self.shared.transact(move |t| t.remove_assignment(&key, &caller)).await?;
        self.shared.refresh().await?;
        Ok(removed)
    }
}
