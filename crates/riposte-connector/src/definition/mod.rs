//! Connector definitions in Microsoft's custom connector format: OpenAPI 2.0 with `x-ms-*`, and `apiProperties.json`.

pub(crate) mod build;
pub(crate) mod connection;
mod credentials;
mod operations;
mod parameter;
mod properties;
mod read;
mod schema;

use crate::path::PathTemplate;
use crate::policy::Policy;
use credentials::CredentialScheme;
use parameter::Parameter;
use properties::Scripts;
use riposte_diagnostic::Diagnostic;
use riposte_value::{Text, Value};
use schema::InternalDefaults;

/// A connector: where its vendor is, what can be called, how credentials get into a call.
#[derive(Debug, Clone, PartialEq)]
pub struct ConnectorDefinition {
    /// `info.title`
    pub title: Text,
    /// `info.description`
    pub description: Text,
    /// What can be called, in the order of the definition.
    pub operations: Vec<Operation>,
    /// What a connection is asked for.
    pub connection_parameters: Vec<ConnectionParameter>,
    /// What happens to a call that no operation fits.
    pub unlisted_paths: UnlistedPaths,
    /// Scheme, host and base path without a slash at the end; `None` where the definition names no usable host.
    base: Option<Text>,
    credentials: Vec<CredentialScheme>,
    /// What a token for this connector is for (`resourceUri` of the OAuth settings).
    audience: Option<Text>,
    policies: Vec<Policy>,
    scripts: Scripts,
}

/// What happens to a call that no operation fits: `x-riposte-unlisted-paths` of a definition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnlistedPaths {
    /// It is refused as `OperationNotFound`. The default.
    Refuse,
    /// `identity`: the path goes to the vendor's host as it is.
    Identity,
}

/// One operation.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    /// `operationId`
    pub id: Text,
    /// The method in upper case.
    pub method: Text,
    /// The path template as the definition spells it.
    pub path: Text,
    /// `summary`, else the description.
    pub summary: Text,
    template: PathTemplate,
    parameters: Vec<Parameter>,
    /// The operation's own `consumes`, else the definition's.
    consumes: Vec<Text>,
    body_defaults: Option<InternalDefaults>,
}

/// What a connection is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionParameter {
    /// The name, as in `parameterValues`.
    pub name: Text,
    /// Its kind.
    pub kind: ParameterKind,
    /// Whether a connection cannot do without.
    pub required: bool,
    /// `uiDefinition.displayName`
    pub display_name: Text,
}

/// The kind of a connection parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParameterKind {
    /// `securestring`: a secret.
    SecureString,
    /// `string`, `int`, `bool` and whatever else is a plain value.
    Plain,
    /// `oauthSetting`: a token.
    OAuth,
    /// `gatewaySetting`: an on-premises gateway, which this engine does not need.
    Gateway,
}

impl ConnectorDefinition {
    /// Reads a definition: `swagger` is the OpenAPI 2.0 document, `properties` the content of `apiProperties.json` (or
    /// of an ARM `customApis` resource, whose `properties` hold the same). Collects everything there is to say; without
    /// a document that could be used at all there is no definition.
    pub fn read(swagger: &Value, properties: Option<&Value>) -> (Option<Self>, Vec<Diagnostic>) {
        read::read(swagger, properties)
    }

    /// The definition with another address of the vendor: `backendService.serviceUrl` of a `customApis` resource. Text
    /// that is no `http` or `https` address changes nothing.
    #[must_use]
    pub fn with_service_url(mut self, service_url: &str) -> Self {
        if let Some(base) = read::service_base(service_url) {
            self.base = Some(base);
        }
        self
    }

    /// Scheme, host and base path of the vendor, where the definition names them.
    pub fn base_url(&self) -> Option<&str> {
        self.base.as_deref()
    }

    /// Why an operation cannot run here (a script, a policy that is not supported), if so.
    pub fn refusal(&self, operation: &Operation) -> Option<String> {
        build::refusal(self, Some(operation))
    }
}
