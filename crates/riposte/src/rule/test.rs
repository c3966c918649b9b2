//! `riposte rule test`: what automation rules would make of an incident or an alert, and why.

use super::setting::{self, Setting};
use super::{in_words, read, refuse_unusable};
use crate::exit::{Exit, Outcome, Problem};
use crate::output::{self, Format, Style, paint, plain};
use clap::Args;
use jiff::Timestamp;
use riposte_diagnostic::Diagnostic;
use riposte_rules::{AutomationRule, Decision, Mode, Trigger, TriggersOn, applicable, evaluate};
use riposte_value::{Object, Value, json};
use std::path::PathBuf;

/// Say what automation rules would make of an incident or an alert, condition by condition.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  riposte rule test rule.json --incident incident.json
  riposte rule test rules.json --incident after.json --before before.json
  riposte rule test rule.json --incident incident.json --change change.json \\
      --updated-by Playbook
  riposte rule test rule.json --alert alert.json --watchlists lists.json \\
      --at 2026-03-01T23:30:00Z

The incident is an ARM resource as Azure's API shows it (with `alerts` and
`relatedEntities` among its properties, if rules ask for them), or the body of
an incident trigger. With --before or --change the incident was changed: rules
that ask for updates apply. A change is such as
  {\"fields\": [{\"property\": \"Severity\", \"old\": \"Low\", \"new\": \"High\"}],
   \"labelsAdded\": [\"vip\"], \"alertsAdded\": [], \"tacticsAdded\": [],
   \"commentsAdded\": []}
An alert is a row of SecurityAlert, or has the shape of Graph's alerts v2.
Watchlists are such as
  {\"vips\": {\"searchKey\": \"upn\", \"rows\": [{\"upn\": \"ana@contoso.com\"}]}}

The answer names, rule by rule, each condition with what it looked at (✓ holds,
✗ does not), and what a rule that matches would do. A rule that is turned off,
has expired or asks for something else is not asked. Nothing is changed
anywhere. Exit code 1 says that no rule matched.")]
pub struct Arguments {
    /// A file with automation rules.
    file: PathBuf,
    /// The incident.
    #[arg(long, value_name = "FILE", required_unless_present = "alert")]
    incident: Option<PathBuf>,
    /// The alert that was raised, for rules on alerts.
    #[arg(long, value_name = "FILE", conflicts_with = "incident")]
    alert: Option<PathBuf>,
    /// The incident before it was changed.
    #[arg(long, value_name = "FILE", requires = "incident", conflicts_with = "change")]
    before: Option<PathBuf>,
    /// What was changed of the incident.
    #[arg(long, value_name = "FILE", requires = "incident")]
    change: Option<PathBuf>,
    /// Who changed it: `User`, `Application`, `AlertGrouping`, `Playbook`, `AutomationRule`, …
    #[arg(long, value_name = "SOURCE", default_value = "User")]
    updated_by: String,
    /// The watchlists that conditions can ask.
    #[arg(long, value_name = "FILE")]
    watchlists: Option<PathBuf>,
    /// When it happened, for conditions on the time and for expiry; now if it is not given.
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
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
    refuse_unusable(&arguments.file, &source, &rules, arguments.format)?;
    output::diagnose(&source.diagnostics);
    let setting = read_setting(arguments)?;
    let verdicts: Vec<Verdict> = rules.iter().map(|rule| Verdict::new(rule, &setting)).collect();
    match arguments.format {
        Format::Json => {
            let rules = verdicts.iter().map(Verdict::described);
            output::line(json::to_string(&Value::object([("rules", Value::array(rules))])));
        }
        Format::Text => verdicts.iter().for_each(Verdict::show),
    }
    Ok(if verdicts.iter().any(Verdict::matched) { Exit::Done } else { Exit::Failed })
}

fn read_setting(arguments: &Arguments) -> Result<Setting, Problem> {
    let now = match &arguments.at {
        None => Timestamp::now(),
        Some(text) => riposte_incident::parse_time(text).ok_or_else(|| {
            let message = format!("`{text}` is not a point in time");
            Problem::usage(
                Diagnostic::error("BadRequest", message).help("write it as `2026-01-31T08:00:00Z`"),
            )
        })?,
    };
    let actor = setting::actor(&arguments.updated_by)?;
    let watchlists = arguments.watchlists.as_deref().map(setting::watchlists).transpose()?;
    let (before, change) = (arguments.before.as_deref(), arguments.change.as_deref());
    let happened = match (&arguments.incident, &arguments.alert) {
        (Some(file), _) => setting::incident(file, before, change, &actor, now)?,
        (None, Some(file)) => setting::alert(file, now)?,
        (None, None) => {
            let told = Diagnostic::error("BadRequest", "there is neither an incident nor an alert");
            return Err(Problem::usage(told));
        }
    };
    Ok(Setting { happened, actor, watchlists: watchlists.unwrap_or_default(), now })
}

/// What became of a rule.
struct Verdict<'a> {
    rule: &'a AutomationRule,
    /// Why it was not even looked at.
    passed_over: Option<&'static str>,
    decision: Decision,
}

impl<'a> Verdict<'a> {
    fn new(rule: &'a AutomationRule, setting: &Setting) -> Self {
        let passed_over = passed_over(rule, setting);
        Self { rule, passed_over, decision: evaluate(rule, &setting.subject(rule)) }
    }
}

/// Why a rule would not even be looked at.
fn passed_over(rule: &AutomationRule, setting: &Setting) -> Option<&'static str> {
    let happened = setting.trigger();
    // a rule for alerts may be tried on the alerts of a new incident
    let tried_on_alerts = happened == Trigger::INCIDENT_CREATED && rule.trigger() == Trigger::ALERT_CREATED;
    let happened = if tried_on_alerts { Trigger::ALERT_CREATED } else { happened };
    if applicable(rule, happened, setting.now) {
        None
    } else if !rule.is_enabled {
        Some("the rule is turned off")
    } else if rule.is_expired(setting.now) {
        Some("the rule has expired")
    } else if happened.on != rule.triggers_on {
        Some(match rule.triggers_on {
            TriggersOn::Alerts => "the rule asks for alerts; give one with --alert",
            TriggersOn::Incidents => "the rule asks for incidents; give one with --incident",
        })
    } else if happened == Trigger::INCIDENT_UPDATED {
        Some("the rule asks for created incidents, and this one was updated")
    } else {
        Some("the rule asks for updated incidents; give the incident as it was with --before")
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
        let decided = self.decision.decided_by().map(|outcome| Value::text(&outcome.path));
        shown.insert("decidedBy", decided.unwrap_or_default());
        shown.insert("mode", self.rule.mode);
        shown.insert("conditions", Value::array(self.decision.explanation.iter().map(condition)));
        shown.insert("actions", Value::array(actions));
        Value::from(shown)
    }

    fn show(&self) {
        let colour = output::colours(&std::io::stdout());
        let word = match (self.passed_over, self.matched()) {
            (Some(_), _) => paint(colour, Style::Dim, "– is not asked"),
            (None, true) => paint(colour, Style::Green, "✓ matches"),
            (None, false) => paint(colour, Style::Red, "✗ does not match"),
        };
        let title = paint(colour, Style::Bold, &plain(&self.rule.display_name));
        // The word says that it does not match.
        let why = self.why().trim_start_matches("not matched: ");
        output::line(format_args!("{word}  {title}: {}", plain(why)));
        for outcome in &self.decision.explanation {
            let mark = if outcome.matched { "✓" } else { "✗" };
            let depth = outcome.path.matches(".innerConditions").count()
                + outcome.path.matches(".conditionProperties.condition").count();
            let indent = "  ".repeat(depth + 1);
            let actual = Some(&outcome.actual).filter(|actual| !actual.is_empty());
            let actual = actual.map_or_else(String::new, |actual| format!("  (was {})", plain(actual)));
            output::line(format_args!(
                "{indent}{mark} {}{}",
                plain(&outcome.text),
                paint(colour, Style::Dim, &actual)
            ));
        }
        if self.matched() && self.rule.mode == Mode::Observe {
            output::line("  and would do nothing, for it only observes; enforced, it would");
        }
        if self.matched() {
            for planned in riposte_rules::plan(self.rule) {
                output::line(format_args!("  then {}", plain(&in_words(&planned.action))));
            }
        }
    }
}
