//! What a definition says of trying again, as far as it is no expression. At run time, what cannot be used takes its
//! default, so this warns.
//!
//! Documented: `type` is `none`, `fixed`, `exponential` or `default`; `count` lies between 1 and 90; intervals are ISO
//! 8601 durations from 5 seconds to a day, and the two other types need `count` and `interval`.

use super::check::Check;
use crate::duration;
use jiff::SignedDuration;
use riposte_diagnostic::{Diagnostic, join_path, nearest};
use riposte_value::{Object, Value};

const TYPES: [&str; 4] = ["none", "fixed", "exponential", "default"];
const COUNT_MAX: i64 = 90;
const SHORTEST: SignedDuration = SignedDuration::from_secs(5);
const LONGEST: SignedDuration = SignedDuration::from_hours(24);

/// Checks the policy in an action's inputs, or in the inputs' `subscribe`.
pub(super) fn check(check: &mut Check<'_>, definition: &Object, path: &str) {
    let Some(inputs) = definition.get_ignore_case("inputs") else { return };
    let inputs_path = join_path(path, "inputs");
    for (holder, path) in [
        (Some(inputs), inputs_path.clone()),
        (inputs.get_ignore_case("subscribe"), join_path(&inputs_path, "subscribe")),
    ] {
        let policy =
            holder.and_then(|holder| holder.get_ignore_case("retryPolicy")).and_then(Value::as_object);
        if let Some(policy) = policy {
            faults(policy, &join_path(&path, "retryPolicy"), &mut check.diagnostics);
        }
    }
}

fn faults(policy: &Object, path: &str, told: &mut Vec<Diagnostic>) {
    let mut tell = |member: &str, message: String, help: Option<String>| {
        let diagnostic = Diagnostic::warning("InvalidRetryPolicy", message).at(join_path(path, member));
        told.push(match help {
            Some(help) => diagnostic.help(help),
            None => diagnostic,
        });
    };
    // an expression has its value only when the action runs
    let constant = |member: &str| {
        let value = policy.get_ignore_case(member)?;
        value.as_str().is_none_or(|text| !text.contains('@')).then_some(value)
    };
    if let Some(kind) = constant("type") {
        let text = kind.as_str().unwrap_or_default();
        if !TYPES.iter().any(|there| there.eq_ignore_ascii_case(text)) {
            let help = nearest(text, TYPES).map(|near| format!("did you mean `{near}`?"));
            tell("type", format!("{kind} is no type of retry policy; `default` is used"), help);
        }
    }
    if let Some(count) = constant("count") {
        let number = count.as_i64().or_else(|| count.as_str()?.trim().parse().ok());
        if !number.is_some_and(|number| (1..=COUNT_MAX).contains(&number)) {
            tell("count", format!("`count` must be a number from 1 to {COUNT_MAX}, and is {count}"), None);
        }
    }
    for member in ["interval", "minimumInterval", "maximumInterval"] {
        let Some(given) = constant(member) else { continue };
        let time = given.as_str().and_then(duration::parse);
        if !time.is_some_and(|time| (SHORTEST..=LONGEST).contains(&time)) {
            let message = format!("`{member}` must be a duration from PT5S to P1D, and is {given}");
            let help =
                time.is_none().then(|| "write it as ISO 8601 has it: `PT20S`, `PT5M`, `PT1H`".to_owned());
            tell(member, message, help);
        }
    }
}
