//! Triggers: which kind of happening starts runs.

use crate::trigger::TriggerPlan;
use riposte_diagnostic::Diagnostic;
use riposte_expression::Template;
use riposte_value::{Object, Text, Value};

/// What kind of happening starts runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TriggerKind {
    /// The Sentinel connector's incident trigger: an `ApiConnectionWebhook` on `/incident-creation`.
    SentinelIncident,
    /// The Sentinel connector's alert trigger: an `ApiConnectionWebhook` on `/subscribe`.
    SentinelAlert,
    /// The Sentinel connector's entity trigger: an `ApiConnectionWebhook` on `/entity/…`.
    SentinelEntity {
        /// The kind of entity as the path names it: `Account`, `Host`, `IP`, `FileHash`, `UrlEntity`, `DNS`.
        entity: Text,
    },
    /// An HTTP request.
    Request,
    /// A schedule.
    Recurrence,
    /// Another kind: the trigger's type as written.
    Other(Text),
}

/// A trigger of a workflow.
#[derive(Debug)]
pub struct Trigger {
    /// Its name.
    pub name: Text,
    /// What it waits for.
    pub kind: TriggerKind,
    /// Its definition, for whoever provides it (recurrence, schema, conditions, splitOn, …).
    pub definition: Value,
    /// What the definition says, read.
    pub plan: TriggerPlan,
}

impl Trigger {
    /// A trigger of this definition; what is wrong with it goes to `told`, with paths below `path`.
    pub(crate) fn read(name: &Text, definition: &Object, path: &str, told: &mut Vec<Diagnostic>) -> Self {
        let kind = TriggerKind::of(definition);
        let sentinel = matches!(
            kind,
            TriggerKind::SentinelIncident | TriggerKind::SentinelAlert | TriggerKind::SentinelEntity { .. }
        );
        let plan = TriggerPlan::read(definition, sentinel, path, told);
        Self { name: name.clone(), kind, definition: Value::from(definition.clone()), plan }
    }
}

impl Trigger {
    /// Whether `runtimeConfiguration.secureData` names its `inputs` or its `outputs`: history does not show them, and they
    /// are not kept in clear.
    pub fn secures(&self, what: &str) -> bool {
        let properties = ["runtimeConfiguration", "secureData", "properties"];
        let named = properties.iter().try_fold(&self.definition, |value, name| value.get_ignore_case(name));
        let mut named = named.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        named.any(|named| named.eq_ignore_ascii_case(what))
    }
}

impl TriggerKind {
    /// The kind of a trigger definition.
    pub(crate) fn of(definition: &Object) -> Self {
        let trigger_type = definition.get_ignore_case("type").and_then(Value::as_str).unwrap_or_default();
        if trigger_type.eq_ignore_ascii_case("Request") {
            return Self::Request;
        }
        if trigger_type.eq_ignore_ascii_case("Recurrence") {
            return Self::Recurrence;
        }
        let sentinel = trigger_type
            .eq_ignore_ascii_case("ApiConnectionWebhook")
            .then(|| definition.get_ignore_case("inputs")?.get_ignore_case("path")?.as_str())
            .flatten()
            .and_then(sentinel);
        sentinel.unwrap_or_else(|| Self::Other(Text::new(trigger_type)))
    }
}

/// The Sentinel trigger that a path stands for. Documented paths; playbooks write them in any case.
fn sentinel(path: &str) -> Option<TriggerKind> {
    let path = path.trim_end_matches('/');
    if path.eq_ignore_ascii_case("/incident-creation") {
        return Some(TriggerKind::SentinelIncident);
    }
    if path.eq_ignore_ascii_case("/subscribe") {
        return Some(TriggerKind::SentinelAlert);
    }
    let (start, entity) = path.split_at_checked("/entity/".len())?;
    let entity = start.eq_ignore_ascii_case("/entity/").then_some(entity)?;
    // `@{encodeURIComponent('Account')}`: constant, so its value is known without a run
    let template = Template::compile(&Value::text(entity)).ok()?;
    let constant = template.constant().and_then(Value::as_str).map(Text::new);
    Some(TriggerKind::SentinelEntity { entity: constant.unwrap_or_else(|| quoted(entity)) })
}

/// What stands between the first quotes, else the whole text.
fn quoted(text: &str) -> Text {
    Text::new(text.split('\'').nth(1).unwrap_or(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use riposte_value::value;

    #[test]
    fn kinds() {
        let webhook = |path: &str| value!({ "type": "apiconnectionwebhook", "inputs": { "path": path } });
        let table = [
            (webhook("/Incident-Creation"), TriggerKind::SentinelIncident),
            (webhook("/subscribe"), TriggerKind::SentinelAlert),
            (
                webhook("/entity/@{encodeURIComponent('Account')}"),
                TriggerKind::SentinelEntity { entity: "Account".into() },
            ),
            (webhook("/entity/IP"), TriggerKind::SentinelEntity { entity: "IP".into() }),
            (
                webhook("/Microsoft.Security/Alert/subscribe"),
                TriggerKind::Other("apiconnectionwebhook".into()),
            ),
            (value!({ "type": "request", "kind": "Http" }), TriggerKind::Request),
            (value!({ "type": "recurrence" }), TriggerKind::Recurrence),
            (value!({ "type": "Batch" }), TriggerKind::Other("Batch".into())),
        ];
        for (definition, kind) in table {
            assert_eq!(TriggerKind::of(definition.as_object().unwrap()), kind, "{definition}");
        }
    }
}
