//! A context made of values.

use crate::context::{Context, NameKind};
use crate::limits::Limits;
use crate::time::{DateTime, Ticks};
use riposte_value::{Text, Value};
use std::cell::Cell;

static NULL: Value = Value::Null;

/// A [`Context`] over plain values, for tests and for evaluating an expression by hand.
///
/// ```
/// use riposte_expression::{MapContext, Template};
/// use riposte_value::value;
/// let context = MapContext::new(value!({ "variables": { "who": "Ada" } }));
/// let template = Template::compile(&value!("Hello @{variables('WHO')}")).unwrap();
/// assert_eq!(template.evaluate(&context).unwrap(), value!("Hello Ada"));
/// ```
#[derive(Debug, Clone)]
pub struct MapContext {
    groups: Groups,
    now: Ticks,
    random: Cell<u64>,
    limits: Limits,
}

/// What the context holds, taken apart once so that no look-up searches for its group.
#[derive(Debug, Clone, Default)]
struct Groups {
    parameters: Value,
    variables: Value,
    actions: Value,
    items: Value,
    iteration_indexes: Value,
    result: Value,
    app_settings: Value,
    trigger: Option<Value>,
    trigger_outputs: Option<Value>,
    action: Option<Value>,
    item: Option<Value>,
    workflow: Option<Value>,
    callback_url: Option<Value>,
}

impl Default for MapContext {
    fn default() -> Self {
        Self {
            groups: Groups::default(),
            now: Ticks::UNIX_EPOCH,
            random: Cell::new(1),
            limits: Limits::default(),
        }
    }
}

impl MapContext {
    /// A context from an object with any of the properties `parameters`, `variables`, `actions`, `items`,
    /// `iterationIndexes`, `result`, `appSettings` (objects by name), `trigger`, `action`, `item`, `workflow`,
    /// `callbackUrl` and `utcNow`. The time is 1970 unless `utcNow` says otherwise.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "the context owns its values, whatever it does with them"
    )]
    pub fn new(values: Value) -> Self {
        let now = values.get("utcNow").and_then(Value::as_str).and_then(|text| DateTime::parse(text).ok());
        let one = |name: &str| values.get(name).cloned();
        let group = |name: &str| one(name).unwrap_or_default();
        let outputs = |trigger: &Value| trigger.get("outputs").cloned().unwrap_or_default();
        let groups = Groups {
            parameters: group("parameters"),
            variables: group("variables"),
            actions: group("actions"),
            items: group("items"),
            iteration_indexes: group("iterationIndexes"),
            result: group("result"),
            app_settings: group("appSettings"),
            trigger: one("trigger"),
            trigger_outputs: values.get("trigger").map(outputs),
            action: one("action"),
            item: one("item"),
            workflow: one("workflow"),
            callback_url: one("callbackUrl"),
        };
        Self { groups, now: now.map_or(Ticks::UNIX_EPOCH, DateTime::ticks), ..Self::default() }
    }

    /// Sets the seed of the random numbers.
    #[must_use]
    pub fn seeded(self, seed: u64) -> Self {
        self.random.set(seed);
        self
    }

    /// Sets the time.
    #[must_use]
    pub fn at(mut self, now: Ticks) -> Self {
        self.now = now;
        self
    }

    /// Sets how much an expression may make.
    #[must_use]
    pub fn within(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }
}

impl Context for MapContext {
    fn limits(&self) -> &Limits {
        &self.limits
    }
    fn parameter(&self, name: &str) -> Option<Value> {
        self.parameter_ref(name).cloned()
    }
    fn variable(&self, name: &str) -> Option<Value> {
        self.variable_ref(name).cloned()
    }
    fn action(&self, name: &str) -> Option<Value> {
        self.action_ref(name).cloned()
    }
    fn action_outputs(&self, name: &str) -> Option<Value> {
        self.action_outputs_ref(name).cloned()
    }
    fn trigger(&self) -> Option<Value> {
        self.groups.trigger.clone()
    }
    fn trigger_outputs(&self) -> Option<Value> {
        self.trigger_outputs_ref().cloned()
    }
    fn item(&self) -> Option<Value> {
        self.item_ref().cloned()
    }
    fn items(&self, loop_name: &str) -> Option<Value> {
        self.items_ref(loop_name).cloned()
    }
    fn iteration_index(&self, until: &str) -> Option<i64> {
        self.groups.iteration_indexes.get_ignore_case(until)?.as_i64()
    }
    fn result(&self, scope: &str) -> Option<Value> {
        self.groups.result.get_ignore_case(scope).cloned()
    }
    fn current_action(&self) -> Option<Value> {
        self.groups.action.clone()
    }
    fn workflow(&self) -> Option<Value> {
        self.groups.workflow.clone()
    }
    fn callback_url(&self) -> Option<Value> {
        self.groups.callback_url.clone()
    }
    fn app_setting(&self, name: &str) -> Option<Value> {
        self.groups.app_settings.get_ignore_case(name).cloned()
    }
    fn utc_now(&self) -> Ticks {
        self.now
    }
    /// The numbers of `SplitMix64`.
    fn random(&self) -> u64 {
        let state = self.random.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
        self.random.set(state);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
    fn names(&self, kind: NameKind) -> Vec<Text> {
        let group = match kind {
            NameKind::Parameter => &self.groups.parameters,
            NameKind::Variable => &self.groups.variables,
            NameKind::Action => &self.groups.actions,
            NameKind::Loop => &self.groups.items,
            NameKind::Until => &self.groups.iteration_indexes,
            NameKind::Scope => &self.groups.result,
        };
        group.as_object().map_or_else(Vec::new, |object| object.keys().cloned().collect())
    }

    fn parameter_ref(&self, name: &str) -> Option<&Value> {
        self.groups.parameters.get_ignore_case(name)
    }
    fn variable_ref(&self, name: &str) -> Option<&Value> {
        self.groups.variables.get_ignore_case(name)
    }
    fn action_ref(&self, name: &str) -> Option<&Value> {
        self.groups.actions.get_ignore_case(name)
    }
    fn action_outputs_ref(&self, name: &str) -> Option<&Value> {
        Some(self.action_ref(name)?.get("outputs").unwrap_or(&NULL))
    }
    fn trigger_outputs_ref(&self) -> Option<&Value> {
        self.groups.trigger_outputs.as_ref()
    }
    fn item_ref(&self) -> Option<&Value> {
        self.groups.item.as_ref()
    }
    fn items_ref(&self, loop_name: &str) -> Option<&Value> {
        self.groups.items.get_ignore_case(loop_name)
    }
}
