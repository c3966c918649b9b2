//! What changed between two values, as a list of places.

use crate::{Object, Value};

/// A place where two values differ.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// Where: `properties.actions[0].order`; empty for the whole value.
    pub path: String,
    /// What stood there before, if anything did.
    pub before: Option<Value>,
    /// What stands there after, if anything does.
    pub after: Option<Value>,
}

/// The places where `after` differs from `before`, in the order of `after`, then what is gone. Objects are compared
/// name by name, whatever their order; lists place by place; `null` differs from what is not there.
///
/// ```
/// use riposte_value::{differences, value};
/// let before = value!({"order": 1, "tags": ["a", "b"], "old": true});
/// let after = value!({"order": 2, "tags": ["a", "c"], "new": null});
/// let paths: Vec<String> = differences(&before, &after).into_iter().map(|d| d.path).collect();
/// assert_eq!(paths, ["order", "tags[1]", "new", "old"]);
/// ```
pub fn differences(before: &Value, after: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    compare(String::new(), before, after, &mut found);
    found
}

fn compare(path: String, before: &Value, after: &Value, found: &mut Vec<Difference>) {
    match (before, after) {
        (Value::Object(old), Value::Object(new)) => compare_objects(&path, old, new, found),
        (Value::Array(old), Value::Array(new)) => compare_lists(&path, old, new, found),
        (old, new) if old == new => {}
        (old, new) => found.push(Difference { path, before: Some(old.clone()), after: Some(new.clone()) }),
    }
}

fn compare_objects(path: &str, old: &Object, new: &Object, found: &mut Vec<Difference>) {
    let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    for (name, after) in new {
        match old.get(name) {
            Some(before) => compare(below(name), before, after, found),
            None => {
                found.push(Difference { path: below(name), before: None, after: Some(after.clone()) });
            }
        }
    }
    for (name, before) in old.iter().filter(|(name, _)| !new.contains_key(name)) {
        found.push(Difference { path: below(name), before: Some(before.clone()), after: None });
    }
}

fn compare_lists(path: &str, old: &[Value], new: &[Value], found: &mut Vec<Difference>) {
    for at in 0..old.len().max(new.len()) {
        let path = format!("{path}[{at}]");
        match (old.get(at), new.get(at)) {
            (Some(before), Some(after)) => compare(path, before, after, found),
            (before, after) => {
                found.push(Difference { path, before: before.cloned(), after: after.cloned() });
            }
        }
    }
}
