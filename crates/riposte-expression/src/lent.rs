//! Look-ups by a name that is known when the expression is compiled.
//!
//! Nearly every path of a playbook begins with one. What the context can lend is taken from it by reference, without
//! the arguments, the record of the call and the result that a function has. Where there is nothing to lend, the function
//! is called and says why.

use crate::context::Context;
use crate::functions::Function;
use riposte_value::Value;

/// Takes what has a name from the context.
pub(crate) type Lend = for<'a> fn(&'a dyn Context, &str) -> Option<&'a Value>;

static NULL: Value = Value::Null;

/// The functions that look something up, each with what it lends.
const LENT: &[(&str, Lend)] = &[
    ("actionBody", |context, name| context.action_outputs_ref(name).and_then(body)),
    ("actionOutputs", |context, name| context.action_outputs_ref(name)),
    ("actions", |context, name| context.action_ref(name)),
    ("body", |context, name| context.action_outputs_ref(name).and_then(body)),
    ("item", |context, _| context.item_ref()),
    ("items", |context, name| context.items_ref(name)),
    ("outputs", |context, name| context.action_outputs_ref(name)),
    ("parameters", |context, name| context.parameter_ref(name)),
    ("triggerBody", |context, _| context.trigger_outputs_ref().and_then(body)),
    ("triggerOutputs", |context, _| context.trigger_outputs_ref()),
    ("variables", |context, name| context.variable_ref(name)),
];

/// How the value of this function is lent, if it is a look-up.
pub(crate) fn lend_of(function: &Function) -> Option<Lend> {
    LENT.iter().find(|(name, _)| *name == function.name).map(|(_, lend)| *lend)
}

/// The body among the properties of outputs; what is no object is left to the function.
fn body(outputs: &Value) -> Option<&Value> {
    outputs.as_object().map(|outputs| outputs.get_ignore_case("body").unwrap_or(&NULL))
}
