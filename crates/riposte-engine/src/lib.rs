//! The engine: it loads, calls a pure step, commits, and carries out.
//!
//! Everything that changes goes through a transaction of the store: an incident's change is committed together with
//! its row in SecurityIncident, its timeline entry and the event for the automation rules; a playbook's step together
//! with its action records and the operations that it does on incidents. What has to follow is done after the
//! commit, and found again in the store if the process dies before.

mod access;
mod analytics;
mod audit;
mod clock;
mod collections;
mod dispatch;
mod document;
mod engine;
mod entities;
mod error;
mod export;
mod import;
mod incidents;
mod keyset;
mod mirror;
mod node;
mod opening;
mod playbooks;
mod precondition;
mod principals;
mod records;
mod role_definitions;
mod rules;
mod runs;
mod sentinel;
mod service_principals;
mod shared;
mod signature;
mod tokens;
mod transaction;
mod triggers;
mod workspaces;

pub use access::{Caller, Principal, PrincipalKind};
pub use analytics::{RuleResults, check_analytics_rule};
pub use audit::is_audited_if_refused;
pub use clock::{Clock, SystemClock};
pub use collections::{Collection, ItemPlace, check_item};
pub use engine::{Config, Engine};
pub use error::{Error, ErrorKind, Result};
pub use export::{ExportKind, ExportRequest};
pub use import::{ImportFile, ImportRequest};
pub use incidents::{
    FacetTest, Fold, IncidentBounds, IncidentFacet, IncidentTime, Ingested, Narrowing, check_new_incident,
    incident_remarks,
};
pub use keyset::{Keyed, key_part, page_by_key};
pub use node::NodeConfig;
pub use playbooks::{PlaybookState, StartOn};
pub use precondition::Precondition;
pub use records::LogQuery;
pub use riposte_incident::{IncidentStatus, Severity, parse_time};
pub use rules::{Backtest, KeepEvaluations, PlaybookWait, check_automation_rule};
pub use runs::{Callback, ContentRequest, Identity, RunExpansion, Services};
pub use tokens::Issued;
pub use triggers::{CallbackRequest, Invocation, Invoked, KeyType};
pub use workspaces::{Workspace, WorkspaceSettings};

use riposte_value::Value;

/// A resource that was written.
#[derive(Debug, Clone)]
pub struct Written {
    /// Whether it is new.
    pub created: bool,
    /// The resource as it stands now.
    pub resource: Value,
}

/// A page of a list.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// The resources.
    pub items: Vec<Value>,
    /// What to give as skip token for the next page, if there is one.
    pub next: Option<String>,
}

/// Which resource to show.
pub type Filter = Box<dyn Fn(&Value) -> bool + Send>;

/// What to list.
pub struct ListQuery {
    /// Which resources; all without it.
    pub filter: Option<Filter>,
    /// What the filter says of all that pass it.
    pub bounds: IncidentBounds,
    /// The same filter as far as what is kept in memory of incidents tells.
    pub narrowing: Narrowing,
    /// In which order; the latest first without it.
    pub order_by: Option<OrderBy>,
    /// How many on a page.
    pub top: usize,
    /// Where the page begins: what the page before gave as `next`.
    pub skip_token: Option<String>,
}

/// By which property to sort.
#[derive(Debug, Clone)]
pub struct OrderBy {
    /// The names on the way to it.
    pub path: Vec<String>,
    /// Whether the largest comes first.
    pub descending: bool,
    /// By what those are sorted that are equal so far.
    pub then: Vec<OrderBy>,
}
