//! `riposte rule test`: what automation rules would make of an incident, and why.

use super::{in_words, read};
use crate::exit::{Exit, Outcome, Problem};
use crate::input;
use crate::output::{self, Format, Style, paint, plain};
use crate::playbook::World;
use clap::Args;
use jiff::Timestamp;
use riposte_diagnostic::{Diagnostic, has_errors};
use riposte_incident::{Actor, ActorKind, Change, apply, from_arm_put};
use riposte_rules::{AutomationRule, Decision, Subject, Trigger, TriggersOn, applicable, evaluate};
use riposte_value::{Object, Value, json};
use std::path::{Path, PathBuf};

/// Say what automation rules would make of an incident, condition by condition.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  riposte rule test rule.json --incident incident.json
  riposte rule test rules.json --incident after.json --before before.json

The incident is an ARM resource as Azure's API shows it (with `alerts` and
`relatedEntities` among its properties, if rules ask for them), or the body of
an incident trigger. With --before the incident was changed from that: rules
that ask for updates apply. Exit code 1 says that no rule matched.")]
pub struct Arguments {
    /// A file with automation rules.
    file: PathBuf,
    /// The incident.
    #[arg(long, value_name = "FILE")]
    incident: PathBuf,
    /// The incident before it was changed.
    #[arg(long, value_name = "FILE")]
    before: Option<PathBuf>,
    /// A template parameter; may be given several times.
    #[arg(long = "param", value_name = "NAME=VALUE")]
    parameters: Vec<String>,
    /// How the result is printed.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Carries the command out.
pub fn run(arguments: &Arguments) -> Outcome {
    let parameters = crate::import::parameters(&arguments.parameters, None)?;
    let (source, rules) = read(&arguments.file, &parameters)?;
    if rules.is_empty() && !has_errors(&source.diagnostics) {
        let none = Diagnostic::error("NothingToTest", "the file holds no automation rule");
        return Err(Problem::failed(none.in_file(arguments.file.display().to_string())));
    }
    if has_errors(&source.diagnostics) {
        return Err(Problem::all(source.diagnostics));
    }
    output::diagnose(&source.diagnostics);
    let now = Timestamp::now();
    let (world, value) = incident(&arguments.incident, now)?;
    let change = arguments.before.as_deref().map(|before| change(before, &value, now)).transpose()?;
    let trial = Trial { world: &world, change: change.as_ref(), now };
    let verdicts: Vec<Verdict> = rules.iter().map(|rule| trial.verdict(rule)).collect();
    match arguments.format {
        Format::Json => {
            let rules = verdicts.iter().map(Verdict::described);
            output::line(json::to_string(&Value::object([("rules", Value::array(rules))])));
        }
        Format::Text => verdicts.iter().for_each(Verdict::show),
    }
    Ok(if verdicts.iter().any(Verdict::matched) { Exit::Done } else { Exit::Failed })
}

fn incident(file: &Path, now: Timestamp) -> Result<(World, Value), Problem> {
    let value = input::value(file)?;
    let world = World::of_incident(&value, now).map_err(|diagnostics| unreadable(file, diagnostics))?;
    Ok((world, value))
}

fn unreadable(file: &Path, diagnostics: Vec<Diagnostic>) -> Problem {
    let shown = file.display().to_string();
    Problem { exit: Exit::Usage, diagnostics: diagnostics.into_iter().map(|d| d.in_file(&shown)).collect() }
}

/// What changed between two states of an incident.
fn change(before: &Path, after: &Value, now: Timestamp) -> Result<Change, Problem> {
    let (world, _) = incident(before, now)?;
    let mut incident = world.incident;
    let actor = Actor::new(ActorKind::User, "user");
    let object = after.get_ignore_case("object").unwrap_or(after);
    let changed = from_arm_put(object).and_then(|put| apply(&mut incident, &put.patch, &actor, now));
    let mut change = changed.map_err(|diagnostics| unreadable(before, diagnostics))?;
    let told = World::of_incident(after, now).map_err(|diagnostics| unreadable(before, diagnostics))?;
    let added = |alert: &&riposte_incident::Alert| {
        !world.alerts.iter().any(|held| riposte_incident::same(&held.system_alert_id, &alert.system_alert_id))
    };
    change.alerts_added =
        told.alerts.iter().filter(added).map(|alert| alert.system_alert_id.clone()).collect();
    let tactics = told.incident.tactics.iter().filter(|tactic| !incident.tactics.contains(tactic));
    change.tactics_added = tactics.cloned().collect();
    Ok(change)
}

struct Trial<'a> {
    world: &'a World,
    change: Option<&'a Change>,
    now: Timestamp,
}

/// What became of a rule.
struct Verdict<'a> {
    rule: &'a AutomationRule,
    /// Why it was not even looked at.
    passed_over: Option<&'static str>,
    decision: Decision,
}

impl<'a> Trial<'a> {
    fn verdict(&self, rule: &'a AutomationRule) -> Verdict<'a> {
        let actor = Actor::new(ActorKind::User, "user");
        let about_alert = rule.triggers_on == TriggersOn::Alerts;
        let subject = Subject {
            incident: (!about_alert).then_some(&self.world.incident),
            alerts: &self.world.alerts,
            entities: &self.world.entities,
            change: self.change,
            updated_by: self.change.map(|_| &actor),
            now: Some(self.now),
            watchlists: None,
        };
        let happened = match (about_alert, self.change) {
            (true, _) => Trigger::ALERT_CREATED,
            (false, Some(_)) => Trigger::INCIDENT_UPDATED,
            (false, None) => Trigger::INCIDENT_CREATED,
        };
        let passed_over = if applicable(rule, happened, self.now) {
            None
        } else if !rule.is_enabled {
            Some("the rule is turned off")
        } else if rule.is_expired(self.now) {
            Some("the rule has expired")
        } else if self.change.is_some() {
            Some("the rule asks for created incidents, and this one was updated")
        } else {
            Some("the rule asks for updated incidents; give the incident as it was with --before")
        };
        Verdict { rule, passed_over, decision: evaluate(rule, &subject) }
    }
}

impl Verdict<'_> {
    fn matched(&self) -> bool {
        self.passed_over.is_none() && self.decision.matched
    }

    fn why(&self) -> &str {
        self.passed_over.unwrap_or_else(|| self.decision.why())
    }

    fn described(&self) -> Value {
        let condition = |outcome: &riposte_rules::ConditionOutcome| {
            Value::object([
                ("path", Value::text(&outcome.path)),
                ("condition", Value::text(&outcome.text)),
                ("actual", Value::text(&outcome.actual)),
                ("matched", Value::from(outcome.matched)),
            ])
        };
        let actions =
            riposte_rules::plan(self.rule).into_iter().map(|planned| Value::from(in_words(&planned.action)));
        let mut shown = Object::new();
        shown.insert("name", &self.rule.name);
        shown.insert("displayName", &self.rule.display_name);
        shown.insert("order", self.rule.order);
        shown.insert("matched", self.matched());
        shown.insert("why", self.why());
        shown.insert("conditions", Value::array(self.decision.explanation.iter().map(condition)));
        shown.insert("actions", Value::array(actions));
        Value::from(shown)
    }

    fn show(&self) {
        let colour = output::colours(&std::io::stdout());
        let word = if self.matched() {
            paint(colour, Style::Green, "✓ matches")
        } else {
            paint(colour, Style::Red, "✗ does not match")
        };
        let title = paint(colour, Style::Bold, &plain(&self.rule.display_name));
        output::line(format_args!("{word}  {title}: {}", plain(self.why())));
        for outcome in &self.decision.explanation {
            let mark = if outcome.matched { "✓" } else { "✗" };
            let depth = outcome.path.matches(".innerConditions").count()
                + outcome.path.matches(".itemConditions").count();
            let indent = "  ".repeat(depth + 1);
            let actual = Some(&outcome.actual).filter(|actual| !actual.is_empty());
            let actual = actual.map_or_else(String::new, |actual| format!("  (was {})", plain(actual)));
            output::line(format_args!(
                "{indent}{mark} {}{}",
                plain(&outcome.text),
                paint(colour, Style::Dim, &actual)
            ));
        }
        if self.matched() {
            for planned in riposte_rules::plan(self.rule) {
                output::line(format_args!("  then {}", plain(&in_words(&planned.action))));
            }
        }
    }
}
