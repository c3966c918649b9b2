//! What an expression may ask of the run it is evaluated in.

use crate::limits::Limits;
use crate::time::Ticks;
use riposte_value::{Text, Value};

/// The kinds of names that an expression can mention.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NameKind {
    /// `parameters('…')`
    Parameter,
    /// `variables('…')`
    Variable,
    /// `actions('…')`, `outputs('…')`, `body('…')` and the form data functions
    Action,
    /// `items('…')`
    Loop,
    /// `iterationIndexes('…')`
    Until,
    /// `result('…')`
    Scope,
}

impl NameKind {
    /// The noun for messages: `parameter`, `variable`, `action`, `loop`, `until`, `scope`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Parameter => "parameter",
            Self::Variable => "variable",
            Self::Action => "action",
            Self::Loop => "loop",
            Self::Until => "until",
            Self::Scope => "scope",
        }
    }
}

/// What an expression may ask for. The implementor looks names up without regard to case; `None` says that there is
/// no such thing. The `…_ref` forms lend a value instead of copying it: an implementor that owns the values should
/// give them too, the evaluator asks them first.
pub trait Context {
    /// A workflow parameter.
    fn parameter(&self, name: &str) -> Option<Value>;
    /// A variable.
    fn variable(&self, name: &str) -> Option<Value>;
    /// The whole record of an action: `{name, inputs, outputs, status, code, error?, startTime, endTime, …}`.
    fn action(&self, name: &str) -> Option<Value>;
    /// The outputs of an action; null when the action exists without outputs.
    fn action_outputs(&self, name: &str) -> Option<Value>;
    /// The whole record of the trigger.
    fn trigger(&self) -> Option<Value>;
    /// The outputs of the trigger; null when it has none.
    fn trigger_outputs(&self) -> Option<Value>;
    /// The item of the innermost loop, or of the Select, Query or Table that is being evaluated.
    fn item(&self) -> Option<Value>;
    /// The item of the Foreach of that name.
    fn items(&self, loop_name: &str) -> Option<Value>;
    /// The zero-based turn of the Until (or Foreach) of that name.
    fn iteration_index(&self, until: &str) -> Option<i64>;
    /// The records of the actions in a scope.
    fn result(&self, scope: &str) -> Option<Value>;
    /// The record of the action being evaluated, where `action()` is allowed.
    fn current_action(&self) -> Option<Value>;
    /// `{id, name, type, location, tags, run: {id, name, type}}`
    fn workflow(&self) -> Option<Value>;
    /// The callback URL, in webhook triggers and actions.
    fn callback_url(&self) -> Option<Value>;
    /// An application setting, where settings exist.
    fn app_setting(&self, name: &str) -> Option<Value>;
    /// The time of this step.
    fn utc_now(&self) -> Ticks;
    /// 64 random bits; the shell seeds them.
    fn random(&self) -> u64;
    /// The names that exist, for hints.
    fn names(&self, kind: NameKind) -> Vec<Text>;

    /// How much an expression may make; the defaults unless whoever runs it has set others.
    fn limits(&self) -> &Limits {
        &Limits::DEFAULT
    }

    /// As [`Self::parameter`], lent.
    fn parameter_ref(&self, _name: &str) -> Option<&Value> {
        None
    }
    /// As [`Self::variable`], lent.
    fn variable_ref(&self, _name: &str) -> Option<&Value> {
        None
    }
    /// As [`Self::action`], lent.
    fn action_ref(&self, _name: &str) -> Option<&Value> {
        None
    }
    /// As [`Self::action_outputs`], lent.
    fn action_outputs_ref(&self, _name: &str) -> Option<&Value> {
        None
    }
    /// As [`Self::trigger_outputs`], lent.
    fn trigger_outputs_ref(&self) -> Option<&Value> {
        None
    }
    /// As [`Self::item`], lent.
    fn item_ref(&self) -> Option<&Value> {
        None
    }
    /// As [`Self::items`], lent.
    fn items_ref(&self, _loop_name: &str) -> Option<&Value> {
        None
    }
}
