//! A call that a playbook's action makes through a connector: definition, connection and inputs to a request.

use crate::definition::build;
use crate::error::CallError;
use crate::message::OutgoingRequest;
use crate::token::TokenRequest;
use crate::{CallContext, Connection, ConnectorDefinition};
use riposte_value::Value;

/// A call, built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Call {
    /// Ready to send.
    Ready(OutgoingRequest),
    /// Ready but for an access token: fetch `token`, then send [`OutgoingRequest::with_bearer`].
    NeedsToken {
        /// The request without its `Authorization` header.
        request: OutgoingRequest,
        /// How to get the token.
        token: TokenRequest,
    },
}

impl Call {
    /// The request as far as it is built.
    pub fn request(&self) -> &OutgoingRequest {
        match self {
            Self::Ready(request) | Self::NeedsToken { request, .. } => request,
        }
    }

    /// A call from a request and the token that it may need.
    pub(crate) fn new(request: OutgoingRequest, token: Option<TokenRequest>) -> Self {
        match token {
            None => Self::Ready(request),
            Some(token) => Self::NeedsToken { request, token },
        }
    }
}

/// Builds the request of an `ApiConnection` action.
///
/// `inputs` are the action's evaluated inputs: `method`, `path`, `queries`, `headers`, `body`. The path is split at its
/// slashes, matched against the definition without regard to the case of its literal parts, each segment decoded once
/// (twice where the parameter says `x-ms-url-encoding: double`) and encoded anew.
///
/// Where the call goes, from weakest to strongest: the definition's `schemes`, `host` and `basePath`; the definition's
/// policies; the value `serviceUrl` of the connection, an absolute `http` or `https` address that stands for scheme,
/// host, port and base path alike. So any connector can be pointed at a proxy, a sandbox or a simulator.
///
/// # Errors
/// * `OperationNotFound`: the definition has no operation for the method and path, and does not pass others on.
/// * `OperationNotSupported`: the operation needs a policy or script that is not supported.
/// * `ConnectionParameterMissing`: the connection lacks a value that the definition needs.
/// * `BadRequest`: the inputs cannot be made into a request.
pub fn build_request(
    definition: &ConnectorDefinition,
    connection: &Connection,
    inputs: &Value,
    context: &CallContext,
) -> Result<Call, CallError> {
    build::build(definition, connection, inputs, context)
}
