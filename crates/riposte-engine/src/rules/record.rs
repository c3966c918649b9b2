//! What a rule leaves in the records: entries of the incident's timeline, its row in SentinelHealth, and what its last
//! runs came to.

use super::act::Match;
use super::event::{Event, Loop, Prevented};
use super::matter::Matter;
use super::set::LoadedRule;
use super::watchlists::watchlist_code;
use crate::clock::time_text;
use crate::error::Result;
use crate::incidents::change::{TimelineEntry, engine_actor};
use crate::playbooks::Playbook;
use crate::records::{HealthRow, incident_properties};
use crate::runs::TriggeredBy;
use crate::transaction::Transaction;
use crate::workspaces::Workspace;
use riposte_incident::{Actor, ActorKind, Change, Incident};
use riposte_rules::{ActionKind, MissingWatchlist, PlaybookFailure, RuleRunStatus, plan, playbook_failure};
use riposte_value::{Object, Text, Value};
use std::sync::Arc;

/// An action that failed.
pub(crate) struct Failure {
    /// Its place in the rule's list, counted from 0.
    pub(crate) index: usize,
    pub(crate) kind: &'static str,
    /// Why, in Sentinel's words.
    pub(crate) text: String,
}

/// What a rule's actions came to.
#[derive(Default)]
pub(crate) struct Tally {
    /// How many there are.
    pub(crate) total: usize,
    pub(crate) succeeded: usize,
    pub(crate) failures: Vec<Failure>,
    pub(crate) change: Change,
    /// Started playbooks: run and playbook.
    pub(crate) runs: Vec<(String, String)>,
}

impl Transaction<'_> {
    /// Appends to the timeline of the incident that a matter is or belongs to, if there is one.
    pub(super) fn note(
        &mut self,
        ws: &Workspace,
        incident: Option<&Incident>,
        entry: &TimelineEntry<'_>,
    ) -> Result<()> {
        match incident {
            Some(incident) => self.append_timeline(ws, incident, entry),
            None => Ok(()),
        }
    }

    /// Notes that a rule matched, and why; of one that observes, what it would have done.
    pub(crate) fn note_match(
        &mut self,
        matched: &Match<'_>,
        matter: &Matter,
        why: &str,
        would: Option<&[Value]>,
    ) -> Result<()> {
        let rule = matched.rule();
        let mut details = Object::new();
        details.insert("order", i64::from(rule.order));
        details.insert("triggeredOn", matter.triggered_on());
        details.insert("triggeredWhen", matched.event.happening.trigger().when.as_str());
        if let Matter::Alert { alert, .. } = matter {
            details.insert("alert", &alert.system_alert_id);
        }
        let mut summary = format!("rule {} matched: {why}", rule.display_name);
        if let Some(would) = would {
            details.insert("observed", true);
            details.insert("wouldHaveDone", Value::array(would.iter().cloned()));
            summary = format!("rule {} matched and observes: {why}", rule.display_name);
        }
        self.note(
            matched.ws,
            matter.incident(),
            &TimelineEntry {
                kind: "ruleMatched",
                actor: &matched.cause.actor,
                summary,
                object: ("automationRule", &matched.rule_id),
                details: Value::from(details),
            },
        )
    }

    /// Notes that an action failed.
    pub(crate) fn note_failure_of(
        &mut self,
        matched: &Match<'_>,
        matter: &Matter,
        failure: &Failure,
        action: &ActionKind,
    ) -> Result<()> {
        let object = match action {
            ActionKind::RunPlaybook { logic_app_resource_id, .. } => {
                ("playbook", logic_app_resource_id.as_str())
            }
            _ => ("automationRule", matched.rule_id.as_str()),
        };
        self.note(
            matched.ws,
            matter.incident(),
            &TimelineEntry {
                kind: "ruleFailed",
                actor: &matched.cause.actor,
                summary: failure.text.clone(),
                object,
                details: Value::object([
                    ("rule", Value::from(&matched.rule_id)),
                    ("action", Value::from(i64::try_from(failure.index + 1).unwrap_or(i64::MAX))),
                    ("actionType", Value::from(failure.kind)),
                ]),
            },
        )?;
        match (object, matter) {
            (("playbook", id), Matter::Incident(view)) => {
                let by = matched.triggered_by();
                self.playbook_triggered(
                    matched.ws,
                    Some(&view.incident),
                    "Incident",
                    id,
                    Err(&failure.text),
                    &by,
                )
            }
            _ => Ok(()),
        }
    }

    /// Records a rule that could not be carried out at all.
    pub(crate) fn rule_failed(&mut self, matched: &Match<'_>, matter: &Matter, why: &str) -> Result<()> {
        let rule = matched.rule();
        self.note(
            matched.ws,
            matter.incident(),
            &TimelineEntry {
                kind: "ruleFailed",
                actor: &matched.cause.actor,
                summary: format!("rule {} could not be carried out: {why}", rule.display_name),
                object: ("automationRule", &matched.rule_id),
                details: Value::Null,
            },
        )?;
        let actions = plan(rule);
        let mut tally = Tally { total: actions.len(), ..Tally::default() };
        tally.failures.extend(actions.first().map(|action| Failure {
            index: action.index,
            kind: action.action.action_type(),
            text: why.to_owned(),
        }));
        self.record_rule(matched, matter, &tally)
    }

    /// Records a rule that observes: that it matched, and what it would have done.
    pub(crate) fn rule_observed(
        &mut self,
        matched: &Match<'_>,
        matter: &Matter,
        would: &[Value],
    ) -> Result<()> {
        let texts: Vec<&str> = would.iter().filter_map(|one| one.str_at(&["text"])).collect();
        let description = format!("The rule observes and did nothing. It would: {}.", texts.join("; "));
        let mut properties = rule_properties(matched, matter);
        properties.insert("ActionsTriggeredSuccessfully", 0);
        properties.insert("TotalActions", matched.rule().actions.len());
        properties.insert("TriggeredPlaybooks", Value::array([]));
        properties.insert("Observed", true);
        properties.insert("WouldHaveDone", Value::array(would.iter().cloned()));
        self.keep_last_run(matched, matter, "Observed", &description)?;
        self.append_rule_row(matched, RuleRunStatus::Success.as_str(), description, "Observed", properties)
    }

    /// Records that a rule was kept from running in circles. The timeline tells of it when the event is seen to, of all
    /// such rules together.
    pub(crate) fn loop_prevented(
        &mut self,
        matched: &Match<'_>,
        matter: &Matter,
        why: Loop,
    ) -> Result<Prevented> {
        let rule = matched.rule();
        let name = rule.display_name.to_string();
        let summary = not_run_again(&[&name], why);
        let chain = chain_of(matched.event);
        let mut properties = rule_properties(matched, matter);
        properties.insert("ActionsTriggeredSuccessfully", 0);
        properties.insert("TotalActions", rule.actions.len());
        properties.insert("RuleChain", chain);
        self.append_rule_row(matched, "Informational", summary, "LoopPrevented", properties)?;
        Ok(Prevented { id: matched.rule_id.clone(), name, why })
    }

    /// Notes the rules that were kept from running in circles for an event: one entry for each reason.
    pub(super) fn note_prevented(&mut self, ws: &Workspace, matter: &Matter, event: &Event) -> Result<()> {
        for why in [Loop::RanAlready, Loop::TooLong] {
            let rules: Vec<&Prevented> = event.prevented.iter().filter(|one| one.why == why).collect();
            let Some(first) = rules.first() else { continue };
            let names: Vec<&str> = rules.iter().map(|one| one.name.as_str()).collect();
            let shown = rules.iter().map(|one| {
                Value::object([("id", Value::from(&one.id)), ("displayName", Value::from(&one.name))])
            });
            let entry = TimelineEntry {
                kind: "loopPrevented",
                actor: &engine_actor(),
                summary: not_run_again(&names, why),
                object: ("automationRule", &first.id),
                details: Value::object([("chain", chain_of(event)), ("rules", Value::array(shown))]),
            };
            self.note(ws, matter.incident(), &entry)?;
        }
        Ok(())
    }

    /// Records rules whose conditions could not be evaluated, since they ask what is not there. That is no run of the rule:
    /// it is well again when what is missing has come.
    pub(super) fn record_undecided(
        &mut self,
        ws: &Workspace,
        event: &Event,
        matter: &Matter,
        undecided: Vec<(Arc<LoadedRule>, Vec<MissingWatchlist>)>,
    ) -> Result<()> {
        for (loaded, missing) in undecided {
            let matched = Match::new(ws, &loaded, event);
            let texts: Vec<String> = missing.iter().map(ToString::to_string).collect();
            let mut properties = rule_properties(&matched, matter);
            properties.insert("ActionsTriggeredSuccessfully", 0);
            properties.insert("TotalActions", loaded.rule.actions.len());
            properties.insert("TriggeredPlaybooks", Value::array([]));
            properties
                .insert("MissingWatchlists", Value::array(missing.iter().map(|one| Value::from(&one.alias))));
            let description = format!("The conditions could not be evaluated: {}.", texts.join("; "));
            let reason = missing.first().map_or("", watchlist_code);
            let status = RuleRunStatus::Failure.as_str();
            self.append_rule_row(&matched, status, description, reason, properties)?;
        }
        Ok(())
    }

    /// The rule's row in SentinelHealth, and what its run came to. Source: the documented statuses and properties.
    pub(crate) fn record_rule(&mut self, matched: &Match<'_>, matter: &Matter, tally: &Tally) -> Result<()> {
        let texts: Vec<&str> = tally.failures.iter().map(|failure| failure.text.as_str()).collect();
        let (status, description) = match (tally.succeeded, texts.as_slice()) {
            (_, []) => {
                (RuleRunStatus::Success, "Rule executed successfully, triggering all actions.".to_owned())
            }
            (0, texts) => (RuleRunStatus::Failure, texts.join(" ")),
            (_, texts) => (RuleRunStatus::PartialSuccess, texts.join(" ")),
        };
        let mut properties = rule_properties(matched, matter);
        properties.insert("ActionsTriggeredSuccessfully", tally.succeeded);
        properties.insert("TotalActions", tally.total);
        let playbooks = tally.runs.iter().map(|(run, playbook)| {
            Value::object([("RunId", Value::from(run)), ("WorkflowId", Value::from(playbook))])
        });
        properties.insert("TriggeredPlaybooks", Value::array(playbooks));
        if !tally.failures.is_empty() {
            let failed = tally.failures.iter().map(|failure| {
                Value::object([
                    ("Action", Value::from(i64::try_from(failure.index + 1).unwrap_or(i64::MAX))),
                    ("ActionType", Value::from(failure.kind)),
                    ("Description", Value::from(&failure.text)),
                ])
            });
            properties.insert("FailedActions", Value::array(failed));
        }
        self.keep_last_run(matched, matter, status.as_str(), &description)?;
        let reason = if tally.failures.is_empty() { "" } else { "ActionFailed" };
        self.append_rule_row(matched, status.as_str(), description, reason, properties)
    }

    /// Keeps what a rule's run came to, in the place of the last one of this status.
    fn keep_last_run(
        &mut self,
        matched: &Match<'_>,
        matter: &Matter,
        status: &str,
        description: &str,
    ) -> Result<()> {
        let mut run = Object::new();
        run.insert("time", time_text(self.now));
        run.insert("status", status);
        run.insert("description", description);
        run.insert("triggeredOn", matter.triggered_on());
        run.insert("triggeredWhen", matched.event.happening.trigger().when.as_str());
        if let Some(incident) = matter.incident() {
            run.insert("incident", matched.ws.reference.incident_id(&incident.name));
            run.insert("incidentNumber", incident.number);
        }
        if let Matter::Alert { alert, .. } = matter {
            run.insert("alert", &alert.system_alert_id);
        }
        let name = matched.loaded.key();
        Ok(self.tx.put_rule_run(matched.ws.key, &name, status, &Value::from(run).to_string())?)
    }

    fn append_rule_row(
        &mut self,
        matched: &Match<'_>,
        status: &'static str,
        description: String,
        reason: &str,
        properties: Object,
    ) -> Result<()> {
        self.append_health(
            matched.ws,
            HealthRow {
                operation: "Automation rule run",
                resource_id: &matched.rule_id,
                resource_name: &matched.rule().display_name,
                resource_type: "Automation rule",
                resource_kind: "",
                status,
                description,
                reason,
                properties: Value::from(properties),
            },
        )
    }

    /// Starts a playbook, with its entry in the timeline of the incident that it is about. None where the conditions of
    /// its trigger are not met; what the trigger fails with is said in its own words.
    pub(crate) fn start_playbook(
        &mut self,
        ws: &Workspace,
        incident: Option<&Incident>,
        (playbook, trigger): (&Playbook, &Text),
        body: Value,
        by: &TriggeredBy,
        chain: Vec<String>,
    ) -> Result<std::result::Result<Option<String>, String>> {
        let program = std::sync::Arc::clone(&playbook.program);
        let Some(trigger) = program.trigger(trigger) else {
            return Ok(Err(playbook_failure(playbook.name(), PlaybookFailure::UnsupportedTrigger)));
        };
        let place = incident.map(|incident| (ws.key, incident.name.to_lowercase()));
        let run = match self.fire_sentinel(playbook, trigger, body, place, (by.clone(), chain))? {
            Ok(run) => run,
            Err(why) => return Ok(Err(why)),
        };
        let kind = match by.kind.as_str() {
            "AutomationRule" => ActorKind::AutomationRule,
            "Application" => ActorKind::Application,
            _ => ActorKind::User,
        };
        let mut details = Object::new();
        details.insert("playbook", &playbook.id);
        let (summary, object) = match &run {
            None => (
                format!(
                    "playbook {}: the conditions of its trigger are not met, no run begins",
                    playbook.name()
                ),
                ("playbook", playbook.id.as_str()),
            ),
            Some(run) => {
                details.insert("runId", run);
                (format!("playbook {} started by {}", playbook.name(), by.name), ("run", run.as_str()))
            }
        };
        let actor = Actor::new(kind, &by.name);
        let details = Value::from(details);
        let entry = TimelineEntry { kind: "playbookTriggered", actor: &actor, summary, object, details };
        self.note(ws, incident, &entry)?;
        Ok(Ok(run))
    }
}

fn rule_properties(matched: &Match<'_>, matter: &Matter) -> Object {
    let mut properties =
        matter.incident().map_or_else(Object::new, |found| incident_properties(matched.ws, found));
    if let Matter::Alert { alert, .. } = matter {
        properties.insert("SystemAlertId", &alert.system_alert_id);
    }
    properties.insert("TriggeredOn", matter.triggered_on());
    properties.insert("TriggeredWhen", matched.event.happening.trigger().when.as_str());
    properties
}

/// The rules whose actions led to an event.
fn chain_of(event: &Event) -> Value {
    let rules = event.chain.iter().map(|link| link.rsplit_once('@').map_or(link.as_str(), |(rule, _)| rule));
    Value::array(rules.map(Value::from))
}

/// That rules were not run again, and why.
fn not_run_again(names: &[&str], why: Loop) -> String {
    let (rules, they) = if names.len() == 1 { ("rule", "it") } else { ("rules", "they") };
    let why = match why {
        Loop::RanAlready => format!("{they} ran in this chain already"),
        Loop::TooLong => "the chain of rules is too long".to_owned(),
    };
    format!("{rules} {} not run again: {why}", names.join(", "))
}
