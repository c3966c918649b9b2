//! Connector definitions; requests built and responses read as values.
//!
//! Nothing here opens a socket. A workflow action's evaluated inputs become an [`OutgoingRequest`]; what the
//! vendor answered, an [`IncomingResponse`], becomes the action's outputs. What lies between, the egress gate, is
//! another crate.
//!
//! ```
//! use riposte_connector::{Call, CallContext, IncomingResponse, http_action, read_response};
//! use riposte_value::value;
//!
//! let inputs = value!({ "method": "GET", "uri": "https://vendor.example/ip", "queries": { "q": "203.0.113.7" } });
//! let context = CallContext::new("run/action/0/1");
//! let Call::Ready(request) = http_action::build(&inputs, &context).unwrap() else { unreachable!() };
//! assert_eq!(request.url, "https://vendor.example/ip?q=203.0.113.7");
//! assert_eq!(request.header("idempotency-key"), Some("run/action/0/1"));
//!
//! let response = IncomingResponse {
//!     status: 200,
//!     headers: vec![("content-type".into(), "application/json".into())],
//!     body: br#"{"malicious":7}"#.to_vec(),
//! };
//! assert_eq!(read_response(&response).outputs().get("body"), Some(&value!({ "malicious": 7 })));
//! ```

mod call;
pub mod catalogue;
mod content;
mod context;
mod definition;
mod error;
pub mod http_action;
mod mask;
mod message;
mod path;
mod policy;
mod query;
mod response;
mod secret;
pub mod service_call;
mod token;
mod transfer;

pub use call::{Call, build_request};
pub use content::{Encoded, encode_body};
pub use context::{CallContext, WorkflowIdentity};
pub use definition::{
    ConnectionParameter, ConnectorDefinition, Operation, ParameterKind, UnlistedPaths,
    connection::Connection, connection::ManagedIdentity,
};
pub use error::CallError;
pub use mask::{SANITIZED, mask_headers, mask_inputs};
pub use message::{IncomingResponse, OutgoingRequest};
pub use response::{ResponseContent, read_response};
pub use secret::Secret;
pub use token::{Token, TokenRequest};
pub use transfer::{Exchange, Transfer};
