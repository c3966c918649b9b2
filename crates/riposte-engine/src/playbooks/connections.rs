//! Connections (`Microsoft.Web/connections`) and custom connectors (`Microsoft.Web/customApis`): what a playbook may
//! call, with which credentials. Credentials are sealed in the store and open only here.

use crate::access::Caller;
use crate::audit::Audited;
use crate::document::{decode, encode};
use crate::error::{Error, Result};
use crate::shared::Shared;
use crate::{Engine, Written};
use riposte_connector::{CallError, Connection, ConnectorDefinition, ManagedIdentity};
use riposte_store::{ConnectionRow, Read, ResourceKey};
use riposte_value::{Object, Text, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The names under which the Sentinel connector is known.
const SENTINEL_APIS: [&str; 2] = ["azuresentinel", "microsoftsentinel"];

/// A connection, ready for use.
pub(crate) struct ConnectionState {
    /// The connector's name: `azuresentinel`, `virustotal`, or a custom connector's.
    pub(crate) api: Text,
    /// The id of the custom connector, if it is one.
    custom_api: Option<ResourceKey>,
    /// The values of its parameters, credentials among them.
    pub(crate) connection: Connection,
    /// For a custom connector: what it offers.
    definition: Option<Arc<ConnectorDefinition>>,
    /// What it was made from; none while it is only announced.
    row: Option<ConnectionRow>,
}

/// Connections and custom connectors that an import is about to make, by their keys.
pub(crate) type Announced = BTreeMap<ResourceKey, Option<Arc<ConnectionState>>>;

/// What a connector offers: shipped with the product, or imported.
pub(crate) enum Definition {
    Shipped(&'static ConnectorDefinition),
    Custom(Arc<ConnectorDefinition>),
}

impl std::ops::Deref for Definition {
    type Target = ConnectorDefinition;
    fn deref(&self) -> &ConnectorDefinition {
        match self {
            Self::Shipped(definition) => definition,
            Self::Custom(definition) => definition,
        }
    }
}

impl ConnectionState {
    /// A connection that an import is about to make, without its credentials; none if it cannot be one.
    pub(crate) fn announced(resource: &Value) -> Option<Self> {
        connection_state(resource, Object::new()).ok()
    }

    /// Whether calls through it are carried out in this process.
    pub(crate) fn is_sentinel(&self) -> bool {
        SENTINEL_APIS.iter().any(|name| self.api.eq_ignore_ascii_case(name))
    }
}

impl Shared {
    /// The connection of an ARM id.
    pub(crate) fn connection_state(&self, id: &str) -> Option<Arc<ConnectionState>> {
        self.connections.read().get(&ResourceKey::new(id)).cloned()
    }

    /// What the connector of a connection offers.
    pub(crate) fn connector_definition(
        &self,
        state: &ConnectionState,
    ) -> std::result::Result<Definition, CallError> {
        let custom = state
            .custom_api
            .as_ref()
            .and_then(|api| self.connections.read().get(api).and_then(|api| api.definition.clone()));
        let shipped = || riposte_connector::catalogue::find(&state.api).map(Definition::Shipped);
        custom.map(Definition::Custom).or_else(shipped).ok_or_else(|| {
            CallError::new("NotSupported", format!("connector `{}` is not known", state.api))
                .help("import its definition as a Microsoft.Web/customApis resource")
        })
    }

    /// Whether it is known what the connector of a connection offers; `announced` are made together with it.
    pub(crate) fn knows_connector(&self, state: &ConnectionState, announced: &Announced) -> bool {
        let custom = state.custom_api.as_ref();
        state.is_sentinel()
            || custom.is_some_and(|api| announced.contains_key(api))
            || self.connector_definition(state).is_ok()
    }

    /// Reads all connections into memory. What has not changed is not read again.
    pub(crate) fn load_connections(&self, tx: &dyn Read) -> Result<()> {
        let rows = tx.connections(&ResourceKey::new(""))?;
        let before = self.connections.read().clone();
        let mut now = BTreeMap::new();
        for row in rows {
            let state = match before.get(&row.resource).filter(|known| known.row.as_ref() == Some(&row)) {
                Some(known) => Arc::clone(known),
                None => match self.open_connection(&row) {
                    Ok(state) => Arc::new(state),
                    Err(error) => {
                        tracing::error!(connection = %row.resource, %error, "the connection cannot be used");
                        continue;
                    }
                },
            };
            now.insert(row.resource, state);
        }
        *self.connections.write() = now;
        Ok(())
    }

    fn open_connection(&self, row: &ConnectionRow) -> Result<ConnectionState> {
        let resource: Value = decode("connection", &row.doc)?;
        let secrets = match &row.secret {
            None => Object::new(),
            Some(sealed) => match self.secret.open(row.resource.as_str(), sealed) {
                Ok(opened) => decode("credentials", &String::from_utf8_lossy(&opened))?,
                Err(error) => {
                    // The rest of the installation goes on; calls through this connection are refused by the vendor.
                    tracing::error!(connection = %row.resource, %error, "enter the connection's credentials again");
                    Object::new()
                }
            },
        };
        Ok(ConnectionState { row: Some(row.clone()), ..connection_state(&resource, secrets)? })
    }
}

fn connection_state(resource: &Value, secrets: Object) -> Result<ConnectionState> {
    let properties = resource.get_ignore_case("properties");
    let property = |name: &str| properties.and_then(|p| p.get_ignore_case(name));
    let api_id = property("api").and_then(|api| api.get_ignore_case("id")).and_then(Value::as_str);
    let api_name = property("api").and_then(|api| api.get_ignore_case("name")).and_then(Value::as_str);
    let api =
        api_id.and_then(|id| id.trim_end_matches('/').rsplit('/').next()).or(api_name).unwrap_or_default();
    let custom_api =
        api_id.filter(|id| id.to_lowercase().contains("/microsoft.web/customapis/")).map(ResourceKey::new);
    let mut parameters =
        property("nonSecretParameterValues").and_then(Value::as_object).cloned().unwrap_or_default();
    parameters.extend(secrets);
    let mut connection = Connection::new(parameters);
    let by_identity = property("parameterValueType")
        .and_then(Value::as_str)
        .is_some_and(|kind| kind.eq_ignore_ascii_case("Alternative"));
    if by_identity {
        connection.managed_identity = Some(ManagedIdentity::default());
    }
    let definition = match property("swagger") {
        None => None,
        Some(swagger) => {
            let (definition, diagnostics) = ConnectorDefinition::read(swagger, properties);
            if definition.is_none() {
                return Err(Error::invalid(diagnostics));
            }
            definition.map(Arc::new)
        }
    };
    Ok(ConnectionState { api: Text::new(api), custom_api, connection, definition, row: None })
}

/// The properties that may be kept and shown as they come. Everything else in `properties` may hold a credential: it is
/// sealed if it is a bag of values, and dropped if it is anything else.
const SHOWN: [&str; 14] = [
    "displayName",
    "api",
    "parameterValueType",
    "nonSecretParameterValues",
    "description",
    "iconUri",
    "brandColor",
    "capabilities",
    "apiType",
    "backendService",
    "swagger",
    "connectionParameters",
    "connectionParameterSets",
    "policyTemplateInstances",
];

/// Parts a resource's properties into those that may be shown, by their canonical names, and credentials.
fn part(properties: &Object) -> (Object, Object) {
    let (mut shown, mut secrets) = (Object::new(), Object::new());
    for (name, value) in properties {
        if let Some(canonical) = SHOWN.iter().find(|known| known.eq_ignore_ascii_case(name)) {
            shown.insert(*canonical, value.clone());
        } else if let Some(values) = value.as_object() {
            // `parameterValueSet` nests its values: {name, values: {key: {value}}}.
            let nested = value.get_ignore_case("values").and_then(Value::as_object);
            for (name, value) in nested.unwrap_or(values) {
                let value = value.get_ignore_case("value").unwrap_or(value);
                secrets.insert(name.clone(), value.clone());
            }
        }
    }
    (shown, secrets)
}

impl Engine {
    /// Makes or replaces a connection or custom connector. What `parameterValues` holds is sealed and never shown.
    pub async fn put_connection(&self, id: &str, body: &Value, caller: &Caller) -> Result<Written> {
        let prepared = PreparedConnection::new(&self.shared, id, body)?;
        let caller = caller.clone();
        let (created, row) = self.shared.transact(move |t| t.save_connection(&prepared, &caller)).await?;
        self.shared.refresh().await?;
        Ok(Written { created, resource: decode("connection", &row.doc)? })
    }

    /// The connection of an ARM id, without its credentials.
    pub async fn connection(&self, id: &str) -> Result<Value> {
        let key = ResourceKey::new(id);
        let row = self.shared.store.read(move |tx| tx.connection(&key)).await?;
        decode("connection", &row.ok_or_else(|| Error::resource_not_found(id))?.doc)
    }

    /// The connections below a scope, by id.
    pub async fn connections(&self, scope: &str) -> Result<Vec<Value>> {
        let scope = ResourceKey::new(scope);
        let rows = self.shared.store.read(move |tx| tx.connections(&scope)).await?;
        rows.iter().map(|row| decode("connection", &row.doc)).collect()
    }

    /// Removes a connection with its credentials; whether it was there.
    pub async fn delete_connection(&self, id: &str, caller: &Caller) -> Result<bool> {
        let (key, caller) = (ResourceKey::new(id), caller.clone());
        let removed = self
            .shared
            .transact(move |t| {
                let Some(row) = t.tx.connection(&key)? else { return Ok(false) };
                let shown: Value = decode("connection", &row.doc)?;
                audit_connection(t, &key, &caller, Some(&shown), None)?;
                Ok(t.tx.delete_connection(&key)?)
            })
            .await?;
        self.shared.refresh().await?;
        Ok(removed)
    }
}

/// A connection as it will be stored.
pub(crate) struct PreparedConnection {
    key: ResourceKey,
    resource: Value,
    sealed: Option<Vec<u8>>,
}

impl PreparedConnection {
    /// The key of the connection.
    pub(crate) fn key(&self) -> &ResourceKey {
        &self.key
    }

    /// Whether it brings credentials.
    pub(crate) fn has_secret(&self) -> bool {
        self.sealed.is_some()
    }

    /// Takes the credentials out of a resource and seals them; refuses what cannot be a connection.
    pub(crate) fn new(shared: &Shared, id: &str, body: &Value) -> Result<Self> {
        let key = ResourceKey::new(id);
        if body.as_object().is_none() {
            return Err(Error::bad_request("a connection is an object"));
        }
        let properties = body.get_ignore_case("properties").and_then(Value::as_object);
        let (shown, secrets) = properties.map(part).unwrap_or_default();
        let kind = if key.as_str().contains("/customapis/") { "customApis" } else { "connections" };
        let mut resource = Object::new();
        resource.insert("id", id);
        resource.insert("name", id.trim_end_matches('/').rsplit('/').next().unwrap_or_default());
        resource.insert("type", format!("Microsoft.Web/{kind}"));
        for name in ["location", "kind", "tags"] {
            if let Some(value) = body.get_ignore_case(name) {
                resource.insert(name, value.clone());
            }
        }
        resource.insert("properties", Value::from(shown));
        let resource = Value::from(resource);
        let sealed = if secrets.is_empty() {
            None
        } else {
            Some(shared.secret.seal(key.as_str(), encode(&secrets)?.as_bytes())?)
        };
        // What cannot be used is refused now, not at the first call.
        connection_state(&resource, Object::new())?;
        Ok(Self { key, resource, sealed })
    }

    /// The resource as audit shows it: that credentials came with it, and not which.
    fn audited(&self) -> Value {
        let mut shown = self.resource.clone();
        if let (true, Some(object)) = (self.has_secret(), shown.as_object_mut()) {
            object.insert("credentials", "given anew");
        }
        shown
    }

    /// Whether stored credentials may stay with the connection: only if it still leads to where they were given for.
    fn keeps_secret(&self, before: &Value) -> bool {
        let place = |resource: &Value| {
            let property = |name: &str| resource.at(&["properties", name]).cloned();
            (property("api"), property("nonSecretParameterValues"), property("parameterValueType"))
        };
        place(&self.resource) == place(before)
    }
}

impl crate::transaction::Transaction<'_> {
    /// Saves a prepared connection; answers whether it is new, and its row.
    pub(crate) fn save_connection(
        &mut self,
        prepared: &PreparedConnection,
        caller: &Caller,
    ) -> Result<(bool, ConnectionRow)> {
        let before = self.tx.connection(&prepared.key)?;
        let created = before.is_none();
        caller.precondition.check_put_without_etag(prepared.key.as_str(), !created)?;
        let shown: Option<Value> =
            before.as_ref().map(|before| decode("connection", &before.doc)).transpose()?;
        let secret = match (&prepared.sealed, before, &shown) {
            (Some(sealed), ..) => Some(sealed.clone()),
            (None, Some(before), Some(shown)) => before.secret.filter(|_| prepared.keeps_secret(shown)),
            (None, ..) => None,
        };
        let after = prepared.audited();
        audit_connection(self, &prepared.key, caller, shown.as_ref(), Some(&after))?;
        self.tx.put_connection(&prepared.key, &encode(&prepared.resource)?, secret.as_deref())?;
        let row =
            self.tx.connection(&prepared.key)?.ok_or_else(|| Error::internal("the connection is gone"))?;
        Ok((created, row))
    }
}

fn audit_connection(
    t: &mut crate::transaction::Transaction<'_>,
    key: &ResourceKey,
    caller: &Caller,
    before: Option<&Value>,
    after: Option<&Value>,
) -> Result<()> {
    let shown = after.or(before);
    let id = shown.and_then(|shown| shown.str_at(&["id"])).unwrap_or(key.as_str());
    let (kind, resource_type) = if key.as_str().contains("/customapis/") {
        ("Microsoft.Web/customApis", "Custom connector")
    } else {
        ("Microsoft.Web/connections", "Connection")
    };
    t.audit(Audited { id, kind, resource_type, workspace: None }, caller, before, after)
}
