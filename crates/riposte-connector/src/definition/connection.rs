//! A connection: the values that a person gave for a connector.

use crate::error::CallError;
use crate::query::scalar_text;
use riposte_value::{Object, Text};
use std::fmt;

/// The values of a connection, credentials among them. It prints names only.
#[derive(Clone, Default, PartialEq)]
pub struct Connection {
    /// `parameterValues`. The value `serviceUrl`, an absolute `http` or `https` address, points the connector at
    /// another place: see [`crate::build_request`].
    pub parameters: Object,
    /// Where the connection uses the installation's identity (`parameterValueType: Alternative`, or
    /// `authentication: {type: ManagedServiceIdentity}`).
    pub managed_identity: Option<ManagedIdentity>,
}

/// The identity that a connection uses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ManagedIdentity {
    /// A user-assigned identity; `None` is the system-assigned one.
    pub identity: Option<Text>,
    /// What its tokens are for, where the connection says so; else the definition does.
    pub audience: Option<Text>,
}

/// The value that points a connection at another address.
pub(crate) const SERVICE_URL: &str = "serviceUrl";

impl Connection {
    /// A connection with these values.
    pub fn new(parameters: Object) -> Self {
        Self { parameters, managed_identity: None }
    }

    /// A value as text, whatever the case of its name; `None` where it is missing or empty.
    pub(crate) fn value(&self, name: &str) -> Option<String> {
        self.parameters.get_ignore_case(name).map(scalar_text).filter(|text| !text.is_empty())
    }

    /// What a call without a needed value fails with.
    pub(crate) fn missing(name: &str) -> CallError {
        CallError::new("ConnectionParameterMissing", format!("the connection has no value `{name}`"))
            .help(format!("set `{name}` in the connection's `parameterValues`"))
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("parameters", &self.parameters.keys().collect::<Vec<_>>())
            .field("managed_identity", &self.managed_identity)
            .finish()
    }
}
