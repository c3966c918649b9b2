//! A context made of values.

use crate::context::{Context, NameKind};
use crate::time::{DateTime, Ticks};
use riposte_value::{Object, Text, Value};
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
    values: Value,
    now: Ticks,
    random: Cell<u64>,
}

impl Default for MapContext {
    fn default() -> Self {
        Self::new(Value::from(Object::new()))
    }
}

impl MapContext {
    /// A context from an object with any of the properties `parameters`, `variables`, `actions`, `items`,
    /// `iterationIndexes`, `result`, `appSettings` (objects by name), `trigger`, `action`, `item`, `workflow`,
    /// `callbackUrl` and `utcNow`. The time is 1970 unless `utcNow` says otherwise.
    pub fn new(values: Value) -> Self {
        let now = values.get("utcNow").and_then(Value::as_str).and_then(|text| DateTime::parse(text).ok());
        Self { values, now: now.map_or(Ticks::UNIX_EPOCH, DateTime::ticks), random: Cell::new(1) }
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

    fn named(&self, group: &str, name: &str) -> Option<&Value> {
        self.values.get(group)?.get_ignore_case(name)
    }
}

impl Context for MapContext {
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
        self.values.get("trigger").cloned()
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
        self.named("iterationIndexes", until)?.as_i64()
    }
    fn result(&self, scope: &str) -> Option<Value> {
        self.named("result", scope).cloned()
    }
    fn current_action(&self) -> Option<Value> {
        self.values.get("action").cloned()
    }
    fn workflow(&self) -> Option<Value> {
        self.values.get("workflow").cloned()
    }
    fn callback_url(&self) -> Option<Value> {
        self.values.get("callbackUrl").cloned()
    }
    fn app_setting(&self, name: &str) -> Option<Value> {
        self.named("appSettings", name).cloned()
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
            NameKind::Parameter => "parameters",
            NameKind::Variable => "variables",
            NameKind::Action => "actions",
            NameKind::Loop => "items",
            NameKind::Until => "iterationIndexes",
            NameKind::Scope => "result",
        };
        self.values
            .get(group)
            .and_then(Value::as_object)
            .map_or_else(Vec::new, |object| object.keys().cloned().collect())
    }

    fn parameter_ref(&self, name: &str) -> Option<&Value> {
        self.named("parameters", name)
    }
    fn variable_ref(&self, name: &str) -> Option<&Value> {
        self.named("variables", name)
    }
    fn action_ref(&self, name: &str) -> Option<&Value> {
        self.named("actions", name)
    }
    fn action_outputs_ref(&self, name: &str) -> Option<&Value> {
        Some(self.action_ref(name)?.get("outputs").unwrap_or(&NULL))
    }
    fn trigger_outputs_ref(&self) -> Option<&Value> {
        Some(self.values.get("trigger")?.get("outputs").unwrap_or(&NULL))
    }
    fn item_ref(&self) -> Option<&Value> {
        self.values.get("item")
    }
    fn items_ref(&self, loop_name: &str) -> Option<&Value> {
        self.named("items", loop_name)
    }
}
