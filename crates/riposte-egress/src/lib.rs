//! The one gate that opens sockets to the outside.
//!
//! Public addresses may be called, everything else (loopback, private networks, link-local addresses and the metadata
//! services behind them, …) only where the configuration allows it. The check is made on the addresses that a name
//! resolves to, at the moment of connecting, and again for each hop of a redirect.
//!
//! ```
//! use riposte_egress::EgressPolicy;
//!
//! let allow = ["vault.corp.example:8200", "10.20.0.0/16", "*.lab.example"].map(String::from);
//! assert!(EgressPolicy::parse(&allow).is_ok());
//! let wrong = EgressPolicy::parse(&["10.20.0.0/33".to_owned()]).unwrap_err();
//! assert_eq!(wrong.to_string(), "`10.20.0.0/33` is no rule for egress");
//! ```

mod address;
mod body;
mod error;
mod gate;
mod options;
mod policy;
mod redirect;
mod resolve;
mod rule;

pub use address::AddressClass;
pub use error::{DenialReason, Denied, EgressError};
pub use gate::Gate;
pub use options::{CallOptions, Redirects};
pub use policy::{EgressPolicy, Unlisted};
pub use resolve::{LookUp, SystemLookUp};
pub use rule::{InvalidRule, Rule};

use futures_util::future::BoxFuture;
use riposte_connector::{IncomingResponse, OutgoingRequest};

/// What sends a request to the outside: the [`Gate`], or a stand-in for tests and dry runs.
pub trait Egress: Send + Sync {
    /// Sends a request and reads the whole response. Any status is a response; an error means that there was none.
    fn send(
        &self,
        request: OutgoingRequest,
        options: CallOptions,
    ) -> BoxFuture<'_, Result<IncomingResponse, EgressError>>;
}
