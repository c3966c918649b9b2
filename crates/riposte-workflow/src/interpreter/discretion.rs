//! What errors may say of what is secret: nothing. The service's words quote values ("The provided value '…' cannot be
//! parsed"), and errors stand in history.
//!
//! Of an action whose inputs are secured, an error tells its code alone, unless it is of those that quote nothing; in
//! every other error the values of secure parameters are masked.

use super::Machine;
use crate::ErrorBody;
use crate::actions::MASK;
use crate::program::Action;
use riposte_value::Value;

/// Codes whose messages name actions, statuses and limits only.
const QUOTES_NOTHING: [&str; 8] = [
    "ActionBranchingConditionNotSatisfied",
    "ActionConditionFailed",
    "ActionDependencyFailed",
    "ActionFailed",
    "ActionResponseAlreadyDefined",
    "ActionResponseSkipped",
    "ActionTimedOut",
    "ActionUntilConditionFailed",
];
/// A shorter value may stand in a message by chance, and masking it would tell that it is right.
const SECRET_BYTES_MIN: usize = 4;

impl Machine<'_> {
    /// The error as history may show it.
    pub fn discreet(&self, action: &Action, error: ErrorBody) -> ErrorBody {
        if action.settings.secure_inputs && !QUOTES_NOTHING.contains(&error.code.as_str()) {
            let message = format!(
                "The action '{}' failed; why is not shown, because its inputs are secured.",
                action.name
            );
            return ErrorBody { message, ..error };
        }
        self.without_secrets(error)
    }

    /// The error without the values of secure parameters.
    pub fn without_secrets(&self, mut error: ErrorBody) -> ErrorBody {
        for parameter in self.program.parameters().iter().filter(|parameter| parameter.is_secure()) {
            let given =
                self.start_of_run().and_then(|start| start.parameters.get_ignore_case(&parameter.name));
            if let Some(value) = given.or(parameter.default.as_ref()) {
                mask(&mut error.message, value);
            }
        }
        error
    }
}

/// Masks the texts of a value.
fn mask(message: &mut String, secret: &Value) {
    match secret {
        Value::String(text) if text.len() >= SECRET_BYTES_MIN && message.contains(text.as_str()) => {
            *message = message.replace(text.as_str(), MASK);
        }
        Value::Array(items) => items.iter().for_each(|item| mask(message, item)),
        Value::Object(object) => object.values().for_each(|item| mask(message, item)),
        _ => {}
    }
}
