//! How a rule fares: whether what it needs is there, as things stand now, and what its last runs came to.

use super::obstacle::{Obstacle, missing_assignment};
use super::resource::analytics_rule_absent;
use super::watchlists::{KnownWatchlists, watchlist_code, watchlist_help};
use crate::Engine;
use crate::error::{Error, Result};
use crate::shared::Shared;
use crate::workspaces::Workspace;
use jiff::Timestamp;
use riposte_rules::{
    ActionKind, AskedWatchlist, AutomationRule, MissingWatchlist, RuleRunStatus, Trigger, TriggersOn,
};
use riposte_store::{Read, WorkspaceKey};
use riposte_value::{Object, Value, json};
use riposte_workflow::TriggerKind;
use std::collections::BTreeMap;

/// What was found of what rules need, so that it is not looked for again.
#[derive(Default)]
pub(crate) struct Found {
    /// Of playbooks, by id and whether they are to be started on alerts.
    playbooks: BTreeMap<(String, bool), Option<Obstacle>>,
    watchlists: BTreeMap<WorkspaceKey, KnownWatchlists>,
}

impl Found {
    /// What keeps a playbook that was looked for from being started.
    pub(super) fn obstacle(&self, playbook: &str, on_alert: bool) -> Option<&Obstacle> {
        self.playbooks.get(&(playbook.to_lowercase(), on_alert)).and_then(Option::as_ref)
    }
}

/// A workspace that a rule sees to, with its name where the rule sees to several.
pub(super) type SeenTo = (WorkspaceKey, Option<String>);

impl Shared {
    /// What keeps a playbook from being started by rules on alerts or on incidents.
    pub(super) fn obstacle(
        &self,
        tx: &dyn Read,
        id: &str,
        on_alert: bool,
        found: &mut Found,
    ) -> Result<Option<Obstacle>> {
        let key = (id.to_lowercase(), on_alert);
        if let Some(known) = found.playbooks.get(&key) {
            return Ok(known.clone());
        }
        let wanted = if on_alert { TriggerKind::SentinelAlert } else { TriggerKind::SentinelIncident };
        let obstacle = self.ready(tx, id, &|kind| *kind == wanted)?.err();
        found.playbooks.insert(key, obstacle.clone());
        Ok(obstacle)
    }

    /// What is wrong with a rule now.
    fn problems(
        &self,
        tx: &dyn Read,
        (ws, workspaces): (Option<&Workspace>, &[SeenTo]),
        rule: &AutomationRule,
        found: &mut Found,
    ) -> Result<Vec<Value>> {
        let on_alert = rule.triggers_on == TriggersOn::Alerts;
        let mut problems = Vec::new();
        for asked in rule.asked_watchlists() {
            for (key, name) in workspaces {
                let known = found.watchlists.entry(*key).or_default();
                if let Some(missing) = self.missing_watchlist(tx, *key, &asked, known)? {
                    problems.push(watchlist_problem(&asked, &missing, name.as_deref()));
                }
            }
        }
        for (index, action) in rule.actions.iter().enumerate() {
            let ActionKind::RunPlaybook { logic_app_resource_id: id, .. } = &action.kind else { continue };
            if let Some(obstacle) = self.obstacle(tx, id, on_alert, found)? {
                problems.push(problem(index, id, &obstacle));
            }
        }
        problems.extend(ws.map(|ws| self.absent_analytics_rules(ws, rule)).unwrap_or_default());
        Ok(problems)
    }

    /// The analytics rules that a rule names and that are not there.
    fn absent_analytics_rules(&self, ws: &Workspace, rule: &AutomationRule) -> Vec<Value> {
        let known = self.analytics_of(ws.key);
        let named = rule.analytics_rules().into_iter();
        let absent = named.filter(|id| known.with_id(id, &ws.reference).is_none());
        absent
            .map(|id| {
                let told = analytics_rule_absent(&id);
                Value::object([
                    ("code", Value::from(told.code.as_ref())),
                    ("message", Value::from(told.message)),
                    ("path", Value::from(told.location.path.unwrap_or_default())),
                    ("analyticsRule", Value::from(&id)),
                    ("help", Value::from(told.help.unwrap_or_default())),
                ])
            })
            .collect()
    }

    /// A rule as it is shown, with how it fares.
    pub(crate) fn rule_resource(
        &self,
        tx: &dyn Read,
        ws: &Workspace,
        name: &str,
        now: Timestamp,
    ) -> Result<Value> {
        let id = ws.reference.resource_id("automationRules", name);
        let text = tx.automation_rule(ws.key, name)?.ok_or_else(|| Error::resource_not_found(&id))?;
        let (stored, rule) = self.compiled_rule(ws.key, &text)?;
        let runs: Vec<String> = tx.rule_runs(ws.key, Some(name))?.into_iter().map(|(_, doc)| doc).collect();
        let own = [(ws.key, None)];
        let of = (Some(ws), own.as_slice());
        let health = self.health_of(tx, of, (&rule, &runs), now, &mut Found::default())?;
        Ok(marked(stored.arm_of(ws, &rule, now), health))
    }

    /// How a rule fares, of its workspace if it has one alone and of those that it sees to, with what its last runs came
    /// to: `{status, problems, lastRun?, lastFailure?}`.
    pub(super) fn health_of(
        &self,
        tx: &dyn Read,
        of: (Option<&Workspace>, &[SeenTo]),
        (rule, runs): (&AutomationRule, &[String]),
        now: Timestamp,
        found: &mut Found,
    ) -> Result<Value> {
        let problems = self.problems(tx, of, rule, found)?;
        let mut runs: Vec<Value> = runs.iter().filter_map(|doc| json::parse(doc).ok()).collect();
        runs.sort_by(|a, b| a.str_at(&["time"]).cmp(&b.str_at(&["time"])));
        let has_failed = |run: &&Value| {
            let status = run.str_at(&["status"]).unwrap_or_default();
            [RuleRunStatus::Failure, RuleRunStatus::PartialSuccess].iter().any(|bad| bad.as_str() == status)
        };
        let last = runs.last();
        let is_unhealthy = !problems.is_empty() || last.iter().any(has_failed);
        let mut health = Object::new();
        health.insert("status", if is_unhealthy { "Unhealthy" } else { "Healthy" });
        health.insert("isInForce", rule.is_enabled && !rule.is_expired(now));
        health.insert("problems", Value::array(problems));
        if let Some(last) = last {
            health.insert("lastRun", last.clone());
        }
        if let Some(failed) = runs.iter().rev().find(has_failed) {
            health.insert("lastFailure", failed.clone());
        }
        Ok(Value::from(health))
    }
}

/// Adds problems to how a rule fares.
pub(super) fn add_problems(health: &mut Value, more: Vec<Value>) {
    let Some(health) = health.as_object_mut().filter(|_| !more.is_empty()) else { return };
    let known = health.get("problems").and_then(Value::as_array).unwrap_or_default().to_vec();
    health.insert("problems", Value::array(known.into_iter().chain(more)));
    health.insert("status", "Unhealthy");
}

fn problem(index: usize, playbook: &str, obstacle: &Obstacle) -> Value {
    let mut problem = Object::new();
    problem.insert("code", obstacle.code());
    problem.insert("message", obstacle.text(playbook));
    problem.insert("path", format!("$.properties.actions[{index}]"));
    problem.insert("playbook", playbook);
    problem.insert("help", obstacle.help());
    if *obstacle == Obstacle::NotPermitted
        && let Some(assignment) = missing_assignment(playbook)
    {
        problem.insert("missingAssignment", assignment);
    }
    Value::from(problem)
}

fn watchlist_problem(asked: &AskedWatchlist, missing: &MissingWatchlist, workspace: Option<&str>) -> Value {
    let place = workspace.map(|name| format!(" in workspace `{name}`")).unwrap_or_default();
    let mut problem = Object::new();
    problem.insert("code", watchlist_code(missing));
    problem.insert("message", format!("{missing}{place}, so it cannot be said whether the condition holds"));
    problem.insert("path", asked.path.replacen('$', "$.properties", 1));
    problem.insert("watchlist", &missing.alias);
    if let Some(column) = &missing.column {
        problem.insert("column", column);
    }
    if let Some(workspace) = workspace {
        problem.insert("workspace", workspace);
    }
    problem.insert("help", watchlist_help(missing));
    Value::from(problem)
}

/// The same resource with how the rule fares, beside what Azure has in it.
pub(crate) fn marked(mut resource: Value, health: Value) -> Value {
    if let Some(object) = resource.as_object_mut() {
        object.insert("riposte", Value::object([("health", health)]));
    }
    resource
}

impl Engine {
    /// Whether a rule can do what it says, as things stand: `{id, displayName, trigger, health}`; what is missing is named
    /// with what would put it right.
    pub async fn check_automation_rule(&self, ws: &Workspace, name: &str) -> Result<Value> {
        let (shared, ws, name) = (std::sync::Arc::clone(&self.shared), ws.clone(), name.to_owned());
        let now = shared.clock.now();
        let check = move |tx: &dyn Read| {
            let id = ws.reference.resource_id("automationRules", &name);
            let text = tx.automation_rule(ws.key, &name)?.ok_or_else(|| Error::resource_not_found(&id))?;
            let (stored, rule) = shared.compiled_rule(ws.key, &text)?;
            let runs: Vec<String> =
                tx.rule_runs(ws.key, Some(&name))?.into_iter().map(|(_, doc)| doc).collect();
            let own = [(ws.key, None)];
            let of = (Some(&ws), own.as_slice());
            let health = shared.health_of(tx, of, (&rule, &runs), now, &mut Found::default())?;
            let Trigger { on, when } = rule.trigger();
            Ok(Value::object([
                ("id", Value::from(ws.reference.resource_id("automationRules", &stored.name))),
                ("displayName", Value::from(&rule.display_name)),
                ("triggersOn", Value::from(on.as_str())),
                ("triggersWhen", Value::from(when.as_str())),
                ("health", health),
            ]))
        };
        self.shared.store.read(move |tx| Ok(check(tx))).await?
    }

    /// The automation rules of a workspace, by name, each with how it fares.
    pub async fn automation_rules(&self, ws: &Workspace) -> Result<Vec<Value>> {
        let (shared, ws) = (std::sync::Arc::clone(&self.shared), ws.clone());
        let now = shared.clock.now();
        let list = move |tx: &dyn Read| {
            let mut runs: BTreeMap<String, Vec<String>> = BTreeMap::new();
            for (rule, doc) in tx.rule_runs(ws.key, None)? {
                runs.entry(rule).or_default().push(doc);
            }
            let mut found = Found::default();
            let mut shown = Vec::new();
            for text in tx.automation_rules(ws.key)? {
                let (stored, rule) = shared.compiled_rule(ws.key, &text)?;
                let runs = runs.get(&stored.name.to_lowercase()).map(Vec::as_slice).unwrap_or_default();
                let own = [(ws.key, None)];
                let of = (Some(&ws), own.as_slice());
                let health = shared.health_of(tx, of, (&rule, runs), now, &mut found)?;
                shown.push(marked(stored.arm_of(&ws, &rule, now), health));
            }
            Ok(shown)
        };
        self.shared.store.read(move |tx| Ok(list(tx))).await?
    }

    /// An automation rule, with how it fares.
    pub async fn automation_rule(&self, ws: &Workspace, name: &str) -> Result<Value> {
        let (shared, ws, name) = (std::sync::Arc::clone(&self.shared), ws.clone(), name.to_owned());
        let now = shared.clock.now();
        self.shared.store.read(move |tx| Ok(shared.rule_resource(tx, &ws, &name, now))).await?
    }
}
