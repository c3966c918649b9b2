//! Automation rules: what they are, when they apply, what they decide about an incident, and what they do about it.
//!
//! A rule is read from the `properties` of its ARM resource, compiled as it is read, and evaluated on a [`Subject`]:
//! an incident with its alerts and entities and, for an update, the change. The outcome explains itself. Nothing here
//! carries an action out, reads a clock or a store.
//!
//! ```
//! use riposte_incident::{Actor, ActorKind, Incident, IncidentPatch};
//! use riposte_rules::{ActionKind, AutomationRule, Subject, evaluate, plan};
//! use riposte_value::value;
//!
//! let (rule, told) = AutomationRule::from_arm("escalate", &value!({
//!     "displayName": "Escalate AiTM",
//!     "order": 1,
//!     "triggeringLogic": {
//!         "isEnabled": true,
//!         "triggersOn": "Incidents",
//!         "triggersWhen": "Created",
//!         "conditions": [{
//!             "conditionType": "Property",
//!             "conditionProperties": {
//!                 "propertyName": "IncidentTitle", "operator": "Contains", "propertyValues": ["aitm"]
//!             }
//!         }]
//!     },
//!     "actions": [{
//!         "order": 1, "actionType": "ModifyProperties", "actionConfiguration": { "severity": "High" }
//!     }]
//! }));
//! assert!(told.is_empty());
//! let rule = rule.unwrap();
//!
//! let ana = Actor::new(ActorKind::User, "ana");
//! let at = "2026-03-01T08:00:00Z".parse().unwrap();
//! let patch = IncidentPatch::default().titled("AiTM sign-in");
//! let incident = Incident::create("one", 1, &patch, &ana, at).unwrap();
//! let subject = Subject { incident: Some(&incident), ..Subject::default() };
//! let decision = evaluate(&rule, &subject);
//! assert!(decision.matched);
//! assert_eq!(decision.why(), "IncidentTitle contains aitm (was AiTM sign-in)");
//! assert!(matches!(plan(&rule)[0].action, ActionKind::ModifyProperties(_)));
//! ```

mod condition;
mod decision;
mod failure;
mod index;
mod json;
mod names;
mod order;
mod property;
mod reference;
mod rule;
mod subject;
mod unmet;
mod watchlists;

pub use condition::{ChangeTest, Condition, Extended, Needle, Network, Operand, Pattern, Schedule};
pub use decision::{ConditionOutcome, Decision, evaluate, evaluate_prepared, matches};
pub use failure::{
    PlaybookFailure, RuleRunStatus, playbook_failure, property_subject_not_found, property_throttled,
    task_limit_reached, task_subject_not_found,
};
pub use index::RuleIndex;
pub use names::{
    ActionType, ArrayChangeType, ArrayConditionType, ArrayType, BooleanOperator, ChangeType, ChangedArray,
    ChangedProperty, ConditionType, ExtendedActionType, ExtendedCondition, MembershipOperator, Mode,
    NumberOperator, Operator, PatternOperator, PlaybookWait, PresenceOperator, ScheduleOperator, TriggersOn,
    TriggersWhen, Weekday,
};
pub use order::{Cursor, PlannedAction, applicable, next_after, order, plan};
pub use property::Property;
pub use rule::{
    ACTIONS_MAX, Action, ActionKind, AutomationRule, CONDITIONS_MAX, DISPLAY_NAME_MAX, EXTENSION,
    FILE_RULES_MAX, ORDER, RULE_TYPE, RULES_MAX, Stamp, TASK_TITLE_MAX, Trigger, WorkspaceScope, lint_set,
};
pub use subject::{Prepared, Subject};
pub use unmet::{first_unmet, looked_at, undecided};
pub use watchlists::{AskedWatchlist, MissingWatchlist, Watchlist, Watchlists};
