//! Incidents, alerts, entities, comments and tasks: what they are, how a write changes them, and the shapes in which
//! Azure's interfaces, tables and playbook triggers show them.
//!
//! Nothing here reads a clock or a store: a write is a function from an incident, a patch, an actor and a time to the
//! incident as it is then and the [`Change`] that was made.
//!
//! ```
//! use riposte_incident::{Actor, ActorKind, Incident, WorkspaceRef, apply, from_arm_put};
//! use riposte_value::{json, value};
//!
//! let ana = Actor::new(ActorKind::User, "ana@contoso.com");
//! let at = "2026-03-01T08:00:00Z".parse().unwrap();
//! let put = from_arm_put(&value!({
//!     "properties": { "title": "Sign-in from Tor", "severity": "medium", "status": "New" }
//! }))
//! .unwrap();
//! let mut incident = Incident::create("6f0c1a52-0000-4000-8000-000000000001", 1, &put.patch, &ana, at).unwrap();
//!
//! let rule = Actor::new(ActorKind::AutomationRule, "Escalate");
//! let patch = riposte_incident::IncidentPatch {
//!     severity: riposte_incident::Field::Set(riposte_incident::Severity::High),
//!     ..Default::default()
//! };
//! let change = apply(&mut incident, &patch, &rule, at).unwrap();
//! assert_eq!(change.summary(), "severity Medium → High");
//! assert!(apply(&mut incident, &patch, &rule, at).unwrap().is_empty());
//! ```

mod actor;
mod alert;
mod analytics;
mod arm;
mod change;
mod comment;
mod entity;
pub mod fields;
mod grouping;
mod incident;
mod json;
mod membership;
mod names;
mod patch;
mod relation;
mod row;
mod task;
mod text;
mod time;
mod trigger;
mod undo;
mod workspace;

pub use actor::Actor;
pub use alert::{Alert, AlertFieldChange, AlertPatch};
pub use analytics::{
    ALERTS_PER_NRT_RUN, ALERTS_PER_RUN, ANALYTICS_RULE_TYPE, AlertDetailsOverride, AlertProperty,
    AnalyticsKind, AnalyticsRule, BuiltIn, EntityMapping, EntityMappingType, EventGrouping, FieldMapping,
    GroupByDetail, GroupingConfiguration, IncidentConfiguration, Lapse, MatchingMethod, ProductDecision,
    ProductFilter, QueryResults, QueryRule, QueryRun, RuleSettings, RunOutput, Schedule, SecurityProduct,
    Tactic, TriggerOperator, build_alerts, etag_of, product_decision, title_of,
};
pub use arm::INCIDENT_TYPE;
pub use change::{Change, FieldChange, IncidentProperty};
pub use comment::{COMMENTS_MAX, Comment, MESSAGE_MAX};
pub use entity::{
    ENTITY_TYPE, Entity, EntityGetter, EntityKind, EntityLink, entities_get, entities_to_v3, entity_remarks,
    merge_entities, read_entities,
};
pub use grouping::{Candidate, GroupKey, Placement, Window, place};
pub use incident::{ALERTS_MAX, Incident, Label, Owner};
pub use names::{
    ActorKind, AlertClassification, AlertDetermination, AlertStatus, Classification, ClassificationReason,
    ConfidenceLevel, IncidentStatus, LabelType, Name, OwnerType, Severity, TaskStatus,
};
pub use patch::{
    ArmPut, ConnectorWrite, Field, IncidentPatch, LabelPatch, apply, from_arm_put, from_connector_create,
    from_connector_update, from_modify_properties, modify_properties_to_arm,
};
pub use relation::{Related, Relation};
pub use row::security_incident_row;
pub use task::{TASKS_MAX, Task, TaskWrite};
pub use text::{fold, same};
pub use time::{parse_time, time_text};
pub use trigger::{IncidentContext, alert_trigger_body, entity_trigger_body, incident_trigger_body};
pub use workspace::{PROVIDER, WorkspaceRef};
