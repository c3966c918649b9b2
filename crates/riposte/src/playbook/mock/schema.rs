//! A plausible value for a JSON schema (that of a `ParseJson` action, of a Request trigger, of a connector's response).

use riposte_value::{Object, Text, Value};

/// How deep a sample goes; what lies deeper is an empty object.
const DEPTH_MAX: usize = 24;

/// A value that fits the schema: examples, defaults and allowed values where the schema gives them, every property,
/// one item in each array.
pub fn sample(schema: &Value) -> Value {
    // A schema that says nothing of its type stands for an object, as a rule: what its author had pasted is none.
    let untyped = [
        "type",
        "properties",
        "items",
        "const",
        "enum",
        "example",
        "examples",
        "default",
        "oneOf",
        "anyOf",
        "allOf",
    ];
    if !untyped.iter().any(|word| schema.get(word).is_some()) {
        return Value::from(Object::new());
    }
    made(schema, "", 0)
}

/// A text of which nothing is known.
pub(super) const ANY_TEXT: &str = "sample";

fn made(schema: &Value, name: &str, depth: usize) -> Value {
    if depth > DEPTH_MAX {
        return Value::from(Object::new());
    }
    let given = ["const", "example", "default"].iter().find_map(|word| schema.get(word));
    let listed = || ["enum", "examples"].iter().find_map(|word| schema.get(word)?.item(0));
    if let Some(value) = given.or_else(listed) {
        return value.clone();
    }
    // beside properties of its own, alternatives say which of them are required
    let own = ["properties", "items"].iter().any(|word| schema.get(word).is_some());
    for word in ["oneOf", "anyOf", "allOf"].iter().filter(|_| !own) {
        if let Some(alternatives) = schema.get(word).and_then(Value::as_array) {
            return alternatives.first().map_or(Value::Null, |first| made(first, name, depth + 1));
        }
    }
    match kind(schema) {
        "object" => object(schema, depth),
        "array" => match schema.get("items") {
            Some(Value::Array(items)) => Value::array(items.iter().map(|item| made(item, name, depth + 1))),
            Some(items) => Value::array([made(items, name, depth + 1)]),
            None => Value::array([]),
        },
        "integer" | "number" => schema.get("minimum").cloned().unwrap_or(Value::Int(1)),
        "boolean" => Value::Bool(true),
        "null" => Value::Null,
        _ => text(schema.str_at(&["format"]).unwrap_or_default(), name),
    }
}

/// A plausible text for a property of this name.
pub fn sample_text(name: &str) -> Value {
    text("", name)
}

/// The type; of several the first that is not null. A schema with properties and no type is that of an object.
fn kind(schema: &Value) -> &str {
    match schema.get("type") {
        Some(Value::String(kind)) => kind,
        Some(Value::Array(kinds)) => {
            kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null").unwrap_or("null")
        }
        _ if schema.get("properties").is_some() => "object",
        _ if schema.get("items").is_some() => "array",
        _ => "string",
    }
}

fn object(schema: &Value, depth: usize) -> Value {
    let properties = schema.get("properties").and_then(Value::as_object);
    let made = properties.into_iter().flat_map(Object::iter).map(|(name, schema)| {
        let name: Text = name.clone();
        let value = made(schema, &name, depth + 1);
        (name, value)
    });
    Value::from(made.collect::<Object>())
}

fn text(format: &str, name: &str) -> Value {
    let lower = name.to_lowercase();
    Value::text(match format {
        "date-time" => "2026-01-01T00:00:00Z",
        "date" => "2026-01-01",
        "uuid" => "00000000-0000-4000-8000-000000000001",
        "uri" | "url" => "https://sample.example/",
        "email" => "sample@sample.example",
        "ipv4" => "203.0.113.7",
        _ if lower.ends_with("time") || lower.ends_with("date") || lower.contains("timestamp") => {
            "2026-01-01T00:00:00Z"
        }
        _ if lower == "ip" || lower.ends_with("ipaddress") || lower.ends_with("ip_address") => "203.0.113.7",
        _ if lower == "url" || lower == "uri" || lower.ends_with("link") => "https://sample.example/",
        _ if lower.contains("mail") || lower.contains("upn") => "sample@sample.example",
        _ if lower == "domain" || lower.contains("hostname") => "sample.example",
        _ => ANY_TEXT,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use riposte_value::value;

    #[test]
    fn schemas_that_say_little() {
        for (schema, made) in [
            (value!({}), value!({})),
            (value!({"count": {"type": "integer"}}), value!({})),
            (value!({"type": "string"}), value!("sample")),
            (
                value!({"properties": {"a": {"type": "string"}}, "oneOf": [{"required": ["a"]}]}),
                value!({"a": "sample"}),
            ),
        ] {
            assert_eq!(sample(&schema), made, "{schema}");
        }
    }

    #[test]
    fn samples_fit_their_schema() {
        let schema = value!({"type": "object", "properties": {
            "data": {"type": "array", "items": {"type": "object", "properties": {
                "score": {"type": ["null", "integer"]}, "ip": {"type": "string"}, "verdict": {"enum": ["bad", "good"]}
            }}},
            "ok": {"type": "boolean"}, "created_time": {"type": "string"}, "free": {}
        }});
        assert_eq!(
            sample(&schema),
            value!({
                "data": [{"score": 1, "ip": "203.0.113.7", "verdict": "bad"}],
                "ok": true, "created_time": "2026-01-01T00:00:00Z", "free": "sample"
            })
        );
    }
}
