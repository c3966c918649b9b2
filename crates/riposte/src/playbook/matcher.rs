//! Comparing what was expected with what came: parts of JSON, and matchers.
//!
//! An object whose names all begin with `$` is a matcher: `{$regex: "^CVE-"}`. Several in one object have to hold
//! together.

use riposte_diagnostic::{Diagnostic, join_index, join_path, nearest};
use riposte_value::{Value, json};

/// Something that did not come as expected.
#[derive(Debug, Clone, PartialEq)]
pub struct Mismatch {
    /// What it is about: `actions.Get_report.status`.
    pub what: String,
    /// The JSON path of the expectation in the test file.
    pub path: String,
    /// What was expected.
    pub expected: String,
    /// What came.
    pub came: String,
}

/// A kind of matcher.
#[derive(Debug)]
pub struct Matcher {
    /// Its name, with `$`.
    pub name: &'static str,
    /// What it takes.
    pub takes: &'static str,
    /// What it matches.
    pub about: &'static str,
    valid: fn(&Value) -> bool,
    holds: fn(&Value, Option<&Value>) -> bool,
}

/// All matchers.
pub static MATCHERS: &[Matcher] = &[
    Matcher {
        name: "$any",
        takes: "`true`",
        about: "there is a value, whatever it is",
        valid: |value| *value == Value::Bool(true),
        holds: |_, came| came.is_some(),
    },
    Matcher {
        name: "$absent",
        takes: "`true`",
        about: "there is no value",
        valid: |value| *value == Value::Bool(true),
        holds: |_, came| came.is_none(),
    },
    Matcher {
        name: "$regex",
        takes: "a pattern",
        about: "text in which the pattern is found; `^…$` for all of it, `(?i)` for any case",
        valid: |value| value.as_str().is_some_and(|text| regex::Regex::new(text).is_ok()),
        holds: |expected, came| {
            let pattern = expected.as_str().and_then(|text| regex::Regex::new(text).ok());
            pattern.is_some_and(|pattern| {
                came.and_then(Value::as_str).is_some_and(|text| pattern.is_match(text))
            })
        },
    },
    Matcher {
        name: "$contains",
        takes: "text or a value",
        about: "text with that part, in any case; or a list with an item that fits",
        valid: |_| true,
        holds: contains,
    },
    Matcher {
        name: "$length",
        takes: "a number or a matcher",
        about: "the length of text, of a list, or the number of an object's properties",
        valid: |value| value.as_i64().is_some() || is_matcher(value),
        holds: |expected, came| {
            let length = match came {
                Some(Value::String(text)) => text.chars().count(),
                Some(Value::Array(items)) => items.len(),
                Some(Value::Object(object)) => object.len(),
                _ => return false,
            };
            fits(expected, Some(&Value::from(length)))
        },
    },
    Matcher {
        name: "$type",
        takes: "`null`, `boolean`, `integer`, `float`, `string`, `array` or `object`",
        about: "a value of that type",
        valid: |value| {
            let types = ["null", "boolean", "integer", "float", "string", "array", "object"];
            value.as_str().is_some_and(|name| types.contains(&name)) || value.is_null()
        },
        holds: |expected, came| {
            let name = expected.as_str().unwrap_or("null");
            came.is_some_and(|came| came.kind().as_str().eq_ignore_ascii_case(name))
        },
    },
    Matcher {
        name: "$gt",
        takes: "a number",
        about: "a greater number",
        valid: is_number,
        holds: |e, c| order(e, c, std::cmp::Ordering::is_gt),
    },
    Matcher {
        name: "$gte",
        takes: "a number",
        about: "a number at least as great",
        valid: is_number,
        holds: |e, c| order(e, c, std::cmp::Ordering::is_ge),
    },
    Matcher {
        name: "$lt",
        takes: "a number",
        about: "a smaller number",
        valid: is_number,
        holds: |e, c| order(e, c, std::cmp::Ordering::is_lt),
    },
    Matcher {
        name: "$lte",
        takes: "a number",
        about: "a number at most as great",
        valid: is_number,
        holds: |e, c| order(e, c, std::cmp::Ordering::is_le),
    },
    Matcher {
        name: "$oneOf",
        takes: "a list",
        about: "what fits one of the values",
        valid: |value| value.as_array().is_some(),
        holds: |expected, came| expected.as_array().into_iter().flatten().any(|one| fits(one, came)),
    },
    Matcher {
        name: "$all",
        takes: "a list",
        about: "what fits all of the values",
        valid: |value| value.as_array().is_some(),
        holds: |expected, came| expected.as_array().into_iter().flatten().all(|one| fits(one, came)),
    },
    Matcher {
        name: "$each",
        takes: "a value",
        about: "a list whose every item fits",
        valid: |_| true,
        holds: |expected, came| {
            came.and_then(Value::as_array)
                .is_some_and(|items| items.iter().all(|item| fits(expected, Some(item))))
        },
    },
    Matcher {
        name: "$not",
        takes: "a value",
        about: "what does not fit the value",
        valid: |_| true,
        holds: |expected, came| !fits(expected, came),
    },
    Matcher {
        name: "$exact",
        takes: "a value",
        about: "exactly this value: no more properties, and names that begin with `$` are names",
        valid: |_| true,
        holds: |expected, came| came == Some(expected),
    },
];

fn is_number(value: &Value) -> bool {
    value.as_f64().is_some()
}

fn order(expected: &Value, came: Option<&Value>, holds: fn(std::cmp::Ordering) -> bool) -> bool {
    let both = came.and_then(Value::as_f64).zip(expected.as_f64());
    both.and_then(|(came, expected)| came.partial_cmp(&expected)).is_some_and(holds)
}

fn contains(expected: &Value, came: Option<&Value>) -> bool {
    match (expected, came) {
        (Value::String(part), Some(Value::String(text))) => {
            text.to_lowercase().contains(&part.to_lowercase())
        }
        (_, Some(Value::Array(items))) => items.iter().any(|item| fits(expected, Some(item))),
        _ => false,
    }
}

/// Whether an expected value is a matcher.
fn is_matcher(value: &Value) -> bool {
    value
        .as_object()
        .is_some_and(|object| !object.is_empty() && object.keys().all(|name| name.starts_with('$')))
}

/// Tells matchers that are not known or take something else.
pub fn check(expected: &Value, path: &str, out: &mut Vec<Diagnostic>) {
    match expected {
        Value::Object(object) if is_matcher(expected) => {
            for (name, value) in object.iter() {
                let here = join_path(path, name);
                match MATCHERS.iter().find(|matcher| matcher.name == name.as_str()) {
                    None => {
                        let known = nearest(name, MATCHERS.iter().map(|matcher| matcher.name));
                        let help = known.map_or_else(
                            || "names that begin with `$` are matchers; put the value into `$exact` if they are names".to_owned(),
                            |near| format!("did you mean `{near}`?"),
                        );
                        out.push(
                            Diagnostic::error("UnknownMatcher", format!("unknown matcher `{name}`"))
                                .at(here)
                                .help(help),
                        );
                    }
                    Some(matcher) if !(matcher.valid)(value) => {
                        let message = format!("`{name}` takes {}, not {}", matcher.takes, shown(value));
                        out.push(Diagnostic::error("InvalidField", message).at(here));
                    }
                    Some(matcher) if matcher.name == "$exact" => {}
                    Some(_) => check(value, &here, out),
                }
            }
        }
        Value::Object(object) => {
            object.iter().for_each(|(name, value)| check(value, &join_path(path, name), out));
        }
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                check(item, &join_index(path, at), out);
            }
        }
        _ => {}
    }
}

/// Whether what came fits.
pub fn fits(expected: &Value, came: Option<&Value>) -> bool {
    let mut out = Vec::new();
    compare(expected, came, "", "", &mut out);
    out.is_empty()
}

/// Adds what does not fit: each innermost part by itself.
pub fn compare(expected: &Value, came: Option<&Value>, what: &str, path: &str, out: &mut Vec<Mismatch>) {
    let mut differ = |expected: String, came: Option<&Value>| {
        out.push(Mismatch {
            what: what.to_owned(),
            path: path.to_owned(),
            expected,
            came: shown_or_nothing(came),
        });
    };
    if is_matcher(expected) {
        for (name, value) in expected.as_object().into_iter().flatten() {
            let holds = MATCHERS.iter().find(|matcher| matcher.name == name.as_str());
            if !holds.is_some_and(|matcher| (matcher.holds)(value, came)) {
                differ(format!("{{{name}: {}}}", shown(value)), came);
            }
        }
        return;
    }
    match (expected, came) {
        (Value::Object(parts), Some(Value::Object(whole))) => {
            for (name, part) in parts.iter() {
                compare(part, whole.get(name), &join(what, name), &join_path(path, name), out);
            }
        }
        (Value::Array(parts), Some(Value::Array(whole))) if parts.len() == whole.len() => {
            for (at, (part, item)) in parts.iter().zip(whole.iter()).enumerate() {
                compare(part, Some(item), &format!("{what}[{at}]"), &join_index(path, at), out);
            }
        }
        (Value::Array(parts), Some(Value::Array(whole))) => {
            let note = format!("{} items: {}", parts.len(), shown(expected));
            out.push(Mismatch {
                what: what.to_owned(),
                path: path.to_owned(),
                expected: note,
                came: format!("{} items: {}", whole.len(), shown_or_nothing(came)),
            });
        }
        (expected, Some(came)) if same(expected, came) => {}
        _ => differ(shown(expected), came),
    }
}

fn same(expected: &Value, came: &Value) -> bool {
    expected == came || expected.as_f64().zip(came.as_f64()).is_some_and(|(a, b)| a.total_cmp(&b).is_eq())
}

fn join(what: &str, name: &str) -> String {
    if what.is_empty() { name.to_owned() } else { format!("{what}.{name}") }
}

/// A value in a message: as JSON.
pub fn shown(value: &Value) -> String {
    json::to_string(value)
}

fn shown_or_nothing(value: Option<&Value>) -> String {
    value.map_or_else(|| "nothing".to_owned(), shown)
}

/// Whether text fits a pattern in which `*` stands for any text, without regard to case.
pub fn wildcard(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.to_lowercase(), text.to_lowercase());
    let mut pieces = pattern.split('*');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut pieces: Vec<&str> = pieces.collect();
    let Some(last) = pieces.pop() else { return rest.is_empty() };
    for piece in pieces {
        let Some((_, after)) = rest.split_once(piece) else { return false };
        rest = after;
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use riposte_value::value;

    #[test]
    fn patterns() {
        for (pattern, text, fits) in [
            ("https://a.example/ip/*", "https://A.example/ip/203.0.113.7", true),
            ("https://a.example/ip/*", "https://b.example/ip/1", false),
            ("*", "", true),
            ("/comment", "/comment", true),
            ("/comment", "/comments", false),
            ("*/ip/*/report", "https://a.example/ip/1/report", true),
            ("*/ip/*/report", "https://a.example/ip/1/reports", false),
        ] {
            assert_eq!(wildcard(pattern, text), fits, "{pattern} {text}");
        }
    }

    #[test]
    fn parts_and_matchers() {
        let came = value!({"a": 1, "b": ["x", "Yes"], "c": {"d": null, "e": "CVE-2026-1"}});
        for (expected, holds) in [
            (value!({}), true),
            (value!({"a": 1.0}), true),
            (value!({"a": "1"}), false),
            (value!({"b": ["x"]}), false),
            (value!({"b": {"$contains": "Yes"}}), true),
            (value!({"b": {"$contains": {"$regex": "^y"}}}), false),
            (value!({"b": {"$length": 2, "$each": {"$type": "string"}}}), true),
            (value!({"b": {"$length": {"$gt": 2}}}), false),
            (value!({"c": {"d": null, "x": {"$absent": true}}}), true),
            (value!({"c": {"x": null}}), false),
            (value!({"c": {"e": {"$regex": "^CVE-\\d+"}}}), true),
            (value!({"c": {"$exact": {"e": "CVE-2026-1"}}}), false),
            (value!({"c": {"e": {"$contains": "cve"}}}), true),
            (value!({"a": {"$oneOf": [2, 1], "$not": 3, "$any": true}}), true),
            (value!({"a": {"$lte": 0}}), false),
        ] {
            assert_eq!(fits(&expected, Some(&came)), holds, "{}", shown(&expected));
        }
    }

    #[test]
    fn differences_name_their_place() {
        let mut out = Vec::new();
        compare(
            &value!({"a": {"b": [1, 2]}}),
            Some(&value!({"a": {"b": [1, 3]}})),
            "body",
            "$.expect.body",
            &mut out,
        );
        let [one] = out.as_slice() else { panic!("{out:?}") };
        assert_eq!((one.what.as_str(), one.path.as_str()), ("body.a.b[1]", "$.expect.body.a.b[1]"));
        assert_eq!((one.expected.as_str(), one.came.as_str()), ("2", "3"));
    }

    #[test]
    fn unknown_matchers_are_told() {
        let mut out = Vec::new();
        check(
            &value!({"a": {"$regexp": "x"}, "b": {"$regex": "("}, "c": {"$exact": {"$ref": "5"}}}),
            "$",
            &mut out,
        );
        let told: Vec<_> =
            out.iter().map(|d| (d.message.as_str(), d.help.as_deref().unwrap_or_default())).collect();
        assert_eq!(told[0], ("unknown matcher `$regexp`", "did you mean `$regex`?"));
        assert_eq!(told[1].0, "`$regex` takes a pattern, not \"(\"");
        assert_eq!(told.len(), 2, "{told:?}");
    }
}
