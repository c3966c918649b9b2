//! An alert that is read and judged, with everything that the transaction writes of it but the incident.

use super::govern::govern;
use crate::analytics::AnalyticsRules;
use crate::clock::{from_nanoseconds, nanoseconds};
use crate::document::encode;
use crate::error::{Error, Result};
use crate::workspaces::Workspace;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiff::Timestamp;
use riposte_diagnostic::Diagnostic;
use riposte_incident::{
    Alert, GroupKey, GroupingConfiguration, MatchingMethod, entity_remarks, read_entities,
};
use riposte_value::{Object, Text, Value, json};
use sha2::{Digest as _, Sha256};

/// How long the id of an alert may be, in bytes. It is a key of the store, and databases keep no key of any length.
const ID_MAX: usize = 512;

/// An alert of a request, or what is wrong with it.
pub(super) type Judged = std::result::Result<Incoming, Rejection>;

/// An alert that is refused.
pub(super) struct Rejection {
    /// Its id, as far as it can be read.
    id: Value,
    error: Error,
}

/// An alert that is ready to be written.
pub(super) struct Incoming {
    /// The alert; it always says when it was raised.
    pub(super) alert: Alert,
    /// Its id in lower case.
    pub(super) id: String,
    /// Whether it came with its time. Without one it replaces nothing.
    pub(super) is_timed: bool,
    /// When it was raised, as precisely as the store keeps times.
    pub(super) at: Timestamp,
    /// The name of the rule that makes an incident of it without being named by it.
    pub(super) product_rule: Option<Text>,
    /// Whether it becomes, or joins, an incident.
    pub(super) makes_incident: bool,
    /// The title of its incident, where that is not its own.
    pub(super) title: Option<Text>,
    /// What it is grouped by, where it is.
    pub(super) group: Option<Grouped>,
    /// What of its entities is passed over.
    pub(super) remarks: Vec<Diagnostic>,
    /// The alert as the store keeps it.
    text: String,
    /// Its row in `SecurityAlert`.
    pub(super) row: String,
}

/// What an alert is grouped by.
pub(super) struct Grouped {
    /// The rule's name in lower case.
    pub(super) rule: String,
    /// What it has in common with the others of its incident, hashed.
    pub(super) key: String,
    pub(super) configuration: GroupingConfiguration,
}

impl Incoming {
    /// Reads and judges an alert.
    pub(super) fn read(value: &Value, ws: &Workspace, rules: &AnalyticsRules, now: Timestamp) -> Judged {
        let refused = |error| Rejection { id: id_of(value), error };
        // What no database keeps is refused here: the others of the chunk shall not suffer from it.
        let mut told = unstorable_id(value);
        let alert = match Alert::read(value) {
            Ok(alert) if told.is_empty() => alert,
            Ok(_) => return Err(refused(Error::invalid(told))),
            Err(faults) => {
                told.splice(..0, faults);
                return Err(refused(Error::invalid(told)));
            }
        };
        Self::judge(alert, ws, rules, now).map_err(refused)
    }

    /// Judges an alert.
    pub(super) fn judge(
        mut alert: Alert,
        ws: &Workspace,
        rules: &AnalyticsRules,
        now: Timestamp,
    ) -> Result<Self> {
        let is_timed = alert.time_generated.is_some();
        let at = from_nanoseconds(nanoseconds(*alert.time_generated.get_or_insert(now)));
        rules.link(&mut alert, &ws.reference);
        let governed = govern(rules, &alert, ws);
        let group = governed.grouping().and_then(|configuration| {
            let rule = governed.rule?.name.to_lowercase();
            let key = hashed(&group_key(&configuration, &alert, ws));
            Some(Grouped { rule, key, configuration })
        });
        Ok(Self {
            id: alert.system_alert_id.to_lowercase(),
            is_timed,
            at,
            makes_incident: governed.makes_incident,
            product_rule: governed
                .rule
                .filter(|rule| rule.product_filter().is_some())
                .map(|rule| rule.name.clone()),
            title: governed.title,
            group,
            remarks: entity_remarks(&alert.entities),
            text: encode(&alert)?,
            row: json::to_string(&alert.to_row(&ws.reference)),
            alert,
        })
    }

    /// The same, judged by other rules.
    pub(super) fn judged_again(self, ws: &Workspace, rules: &AnalyticsRules) -> Result<Self> {
        Ok(Self { is_timed: self.is_timed, ..Self::judge(self.alert, ws, rules, self.at)? })
    }

    /// The document that the store keeps of an alert that came into an incident, or into none.
    pub(super) fn document(&self, incident: Option<&str>) -> Result<String> {
        Ok(format!("{{\"alert\":{},\"incident\":{}}}", self.text, encode(&incident)?))
    }
}

fn group_key(configuration: &GroupingConfiguration, alert: &Alert, ws: &Workspace) -> GroupKey {
    let needs_entities = match configuration.matching {
        MatchingMethod::AnyAlert => false,
        MatchingMethod::AllEntities => true,
        MatchingMethod::Selected => !configuration.by_entities.is_empty(),
    };
    let entities = if needs_entities { read_entities(&alert.entities, &ws.reference.id) } else { Vec::new() };
    GroupKey::of(configuration, alert, &entities)
}

fn hashed(key: &GroupKey) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(key.as_str().as_bytes()))
}

/// The id of an alert, under the name that it has there.
fn named_id(value: &Value) -> Option<(&'static str, &Text)> {
    let named = |name| match value.get_ignore_case(name) {
        Some(Value::String(id)) => Some((name, id)),
        _ => None,
    };
    named("SystemAlertId").or_else(|| named("id"))
}

/// The id of an alert that cannot be read, as far as it can.
fn id_of(value: &Value) -> Value {
    named_id(value).map(|(_, id)| Value::from(id)).unwrap_or_default()
}

/// What keeps the store from keeping an alert under its id.
fn unstorable_id(value: &Value) -> Vec<Diagnostic> {
    let Some((name, id)) = named_id(value) else { return Vec::new() };
    let fault = |message: String| vec![Diagnostic::error("BadRequest", message).at(format!("$.{name}"))];
    if id.trim().chars().any(char::is_control) {
        return fault(format!("`{name}` has control characters"));
    }
    match id.trim().len() {
        bytes if bytes > ID_MAX => fault(format!("`{name}` has {bytes} bytes; at most {ID_MAX} are kept")),
        _ => Vec::new(),
    }
}

impl Rejection {
    /// The answer: code and message, and in `details` every fault with the path of the property in the request's body.
    pub(super) fn answer(self, place: &str) -> Value {
        let Error { code, message, diagnostics, .. } = self.error;
        let below = |path: &str| format!("{place}{}", path.strip_prefix('$').unwrap_or_default());
        let details: Vec<Value> = diagnostics
            .iter()
            .filter(|told| told.is_error())
            .map(|told| {
                let target = below(told.location.path.as_deref().unwrap_or("$"));
                Value::object([
                    ("code", Value::from(told.code.as_ref())),
                    ("message", Value::from(with_help(told))),
                    ("target", Value::from(target)),
                ])
            })
            .collect();
        let first = details.first().map(|first| {
            let text = |name| first.get(name).and_then(Value::as_str).unwrap_or_default();
            format!("{}: {}", text("target"), text("message"))
        });
        let message = match (first, details.len()) {
            (None, _) => message,
            (Some(first), 1) => first,
            (Some(first), count) => format!("{first} (the first of {count} faults)"),
        };
        let mut error = Object::new();
        error.insert("code", code);
        error.insert("message", message);
        if !details.is_empty() {
            error.insert("details", details);
        }
        Value::object([
            ("systemAlertId", self.id),
            ("status", Value::from("rejected")),
            ("incident", Value::Null),
            ("error", Value::from(error)),
        ])
    }
}

fn with_help(told: &Diagnostic) -> String {
    match &told.help {
        Some(help) => format!("{}; {help}", told.message),
        None => told.message.clone(),
    }
}
