//! How many regular expressions a rule may have. They are counted before the first one is compiled: compiling is what
//! costs time and memory.

use crate::names::ExtendedCondition;
use riposte_diagnostic::Diagnostic;
use riposte_value::{Object, Value};

/// How many regular expressions a rule may have.
const PATTERNS_MAX: usize = 100;
/// How long they may be together, in bytes.
const PATTERNS_TEXT_MAX: usize = 64_000;

/// An error if conditions have more regular expressions than a rule may have.
pub(in crate::condition) fn too_many_patterns(conditions: &[Value]) -> Option<Diagnostic> {
    let mut patterns = Patterns::default();
    for condition in conditions {
        patterns.count(condition);
    }
    let message = if patterns.number > PATTERNS_MAX {
        format!("the rule has {} regular expressions; it may have {PATTERNS_MAX}", patterns.number)
    } else if patterns.bytes > PATTERNS_TEXT_MAX {
        format!(
            "the regular expressions of the rule are {} bytes long together; they may be {PATTERNS_TEXT_MAX}",
            patterns.bytes
        )
    } else {
        return None;
    };
    let help = "join several by `|`, ask for plain texts by `Contains`, or divide the rule";
    Some(Diagnostic::error("InvalidRegex", message).help(help))
}

#[derive(Default)]
struct Patterns {
    number: usize,
    bytes: usize,
}

impl Patterns {
    /// Counts those of a condition, and of whatever lies inside it.
    fn count(&mut self, condition: &Value) {
        match condition {
            Value::Object(object) => {
                self.count_own(object);
                object.values().for_each(|inner| self.count(inner));
            }
            Value::Array(items) => items.iter().for_each(|inner| self.count(inner)),
            _ => {}
        }
    }

    fn count_own(&mut self, condition: &Object) {
        let kind = condition.get_ignore_case("conditionType").and_then(Value::as_str);
        if kind.and_then(|kind| ExtendedCondition::parse(kind.trim())) != Some(ExtendedCondition::Regex) {
            return;
        }
        let properties = condition.get_ignore_case("conditionProperties");
        let values = properties.and_then(|properties| properties.get_ignore_case("propertyValues"));
        let texts = values.and_then(Value::as_array).unwrap_or_default().iter().filter_map(Value::as_str);
        for text in texts {
            self.number += 1;
            self.bytes += text.len();
        }
    }
}
