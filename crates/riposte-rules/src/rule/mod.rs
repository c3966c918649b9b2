//! Automation rules: the model.

mod extension;
mod lint;
mod portal;
mod read;
mod render;
mod strict;

pub use extension::{EXTENSION, WorkspaceScope};
pub use lint::lint_set;
pub(crate) use portal::offered;
pub use render::RULE_TYPE;

use crate::condition::{Condition, Extended};
use crate::decision::EXTENDED_PATH;
use crate::names::{ActionType, ExtendedActionType, Mode, Operator, PlaybookWait, TriggersOn, TriggersWhen};
use crate::watchlists::AskedWatchlist;
use jiff::Timestamp;
use riposte_diagnostic::join_index;
use riposte_incident::{Actor, AlertPatch, IncidentPatch};
use riposte_value::Text;

/// How many rules Azure takes in a workspace.
pub const RULES_MAX: usize = 512;
/// How many actions Azure takes in a rule.
pub const ACTIONS_MAX: usize = 20;
/// How many conditions Azure takes in a rule.
pub const CONDITIONS_MAX: usize = 50;
/// How many rules Azure takes in one file that is imported.
pub const FILE_RULES_MAX: usize = 50;
/// How long the title of a task is said to be at the most, in characters. Azure documents no limit.
pub const TASK_TITLE_MAX: usize = 150;
/// How long a display name Azure takes, in characters.
pub const DISPLAY_NAME_MAX: usize = 500;
/// The lowest and the highest order.
pub const ORDER: (i64, i64) = (1, 1000);

/// An automation rule, compiled as it is read.
#[derive(Debug, Clone, PartialEq)]
pub struct AutomationRule {
    /// The name that ends its ARM id.
    pub name: Text,
    /// What people call it.
    pub display_name: Text,
    /// Its place among the rules of its trigger, 1 to 1000.
    pub order: u16,
    /// Whether it is on.
    pub is_enabled: bool,
    /// When it turns itself off.
    pub expiration: Option<Timestamp>,
    /// What it looks at.
    pub triggers_on: TriggersOn,
    /// What must have happened.
    pub triggers_when: TriggersWhen,
    /// What must hold, all of it: Sentinel's conditions.
    pub conditions: Vec<Condition>,
    /// What must hold besides: the conditions of the extension.
    pub extended_conditions: Vec<Condition>,
    /// What it does, as written, Sentinel's actions before those of the extension; [`crate::plan`] puts it in order.
    pub actions: Vec<Action>,
    /// Whether it does anything at all when it matches.
    pub mode: Mode,
    /// How long the next rule waits for the playbooks that it starts; none means as the server is set.
    pub playbook_wait: Option<PlaybookWait>,
    /// The workspaces whose alerts it sees to.
    pub workspaces: WorkspaceScope,
    /// Who made it, and when.
    pub created: Option<Stamp>,
    /// Who changed it last, and when.
    pub last_modified: Option<Stamp>,
}

/// Who did something, and when.
#[derive(Debug, Clone, PartialEq)]
pub struct Stamp {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: Actor,
}

/// One action of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// Its place among the actions of its rule.
    pub order: i64,
    /// What it does.
    pub kind: ActionKind,
}

/// What an action does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ActionKind {
    /// Changes the incident.
    ModifyProperties(Box<IncidentPatch>),
    /// Starts a playbook.
    RunPlaybook {
        /// The ARM id of the playbook.
        logic_app_resource_id: Text,
        /// The tenant that the playbook is in.
        tenant_id: Option<Text>,
    },
    /// Adds a task to the incident.
    AddIncidentTask {
        /// What to do.
        title: Text,
        /// More about it.
        description: Option<Text>,
    },
    /// Changes the alert that the rule was started for. Riposte adds it to Sentinel's.
    UpdateAlert(AlertPatch),
}

impl ActionKind {
    /// The name of its type.
    pub const fn action_type(&self) -> &'static str {
        match self {
            Self::ModifyProperties(_) => ActionType::ModifyProperties.as_str(),
            Self::RunPlaybook { .. } => ActionType::RunPlaybook.as_str(),
            Self::AddIncidentTask { .. } => ActionType::AddIncidentTask.as_str(),
            Self::UpdateAlert(_) => ExtendedActionType::UpdateAlert.as_str(),
        }
    }
}

/// What happened: a rule is looked at if it asks for this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Trigger {
    /// To what.
    pub on: TriggersOn,
    /// What.
    pub when: TriggersWhen,
}

impl Trigger {
    /// An incident was made.
    pub const INCIDENT_CREATED: Self = Self { on: TriggersOn::Incidents, when: TriggersWhen::Created };
    /// An incident was changed.
    pub const INCIDENT_UPDATED: Self = Self { on: TriggersOn::Incidents, when: TriggersWhen::Updated };
    /// An alert was raised.
    pub const ALERT_CREATED: Self = Self { on: TriggersOn::Alerts, when: TriggersWhen::Created };
}

impl AutomationRule {
    /// What it asks for.
    pub const fn trigger(&self) -> Trigger {
        Trigger { on: self.triggers_on, when: self.triggers_when }
    }

    /// Whether it has turned itself off by a time.
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.expiration.is_some_and(|expiration| expiration <= now)
    }

    /// The playbooks that it starts: their ARM ids, in action order.
    pub fn playbooks(&self) -> Vec<Text> {
        let planned = crate::plan(self);
        let ids = planned.into_iter().filter_map(|planned| match planned.action {
            ActionKind::RunPlaybook { logic_app_resource_id, .. } => Some(logic_app_resource_id),
            _ => None,
        });
        ids.collect()
    }

    /// The aliases of the watchlists that its conditions ask, each once, in order.
    pub fn watchlists(&self) -> Vec<Text> {
        let mut aliases: Vec<Text> = Vec::new();
        for asked in self.asked_watchlists() {
            if !aliases.iter().any(|known| riposte_incident::same(known, &asked.alias)) {
                aliases.push(asked.alias);
            }
        }
        aliases
    }

    /// Every condition that asks a watchlist, in order.
    pub fn asked_watchlists(&self) -> Vec<AskedWatchlist> {
        let mut asked = Vec::new();
        let mut note = |condition: &Condition, path: &str| {
            if let Condition::Extended(Extended::Watchlist { alias, column, .. }) = condition {
                asked.push(AskedWatchlist {
                    path: path.to_owned(),
                    alias: alias.text().clone(),
                    column: column.as_ref().map(|column| column.text().clone()),
                });
            }
        };
        // Sentinel's own conditions cannot hold one.
        for (at, condition) in self.extended_conditions.iter().enumerate() {
            condition.visit_at(&join_index(EXTENDED_PATH, at), &mut note);
        }
        asked
    }

    /// The analytics rules that its conditions name, by ARM id or by name, each once, in order.
    pub fn analytics_rules(&self) -> Vec<Text> {
        let mut named: Vec<Text> = Vec::new();
        let mut note = |condition: &Condition| {
            let Condition::Property { property, operator, values } = condition else { return };
            let is_whole = matches!(
                operator,
                Operator::Equals | Operator::NotEquals | Operator::Contains | Operator::NotContains
            );
            if is_whole && property.is_set_of_analytics_rules() {
                for value in values {
                    if !named.iter().any(|known| riposte_incident::same(known, value.text())) {
                        named.push(value.text().clone());
                    }
                }
            }
        };
        self.all_conditions().for_each(|condition| condition.visit(&mut note));
        named
    }

    /// Its conditions, Sentinel's before those of the extension, without what is nested in them.
    pub fn all_conditions(&self) -> impl Iterator<Item = &Condition> {
        self.conditions.iter().chain(&self.extended_conditions)
    }
}
