//! What the tests are made on.

use jiff::Timestamp;
use riposte_incident::{Actor, ActorKind, Incident, WorkspaceRef, from_arm_put};
use riposte_value::{Value, value};

pub fn workspace() -> WorkspaceRef {
    WorkspaceRef {
        subscription: "00000000-0000-4000-8000-0000000005b5".into(),
        resource_group: "soc".into(),
        name: "main".into(),
        id: "00000000-0000-4000-8000-000000000a11".into(),
        tenant: "00000000-0000-4000-8000-0000000007e7".into(),
    }
}

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub fn ana() -> Actor {
    Actor {
        object_id: Some("0b1e1e5a-0000-4000-8000-00000000a17a".into()),
        email: Some("ana@contoso.com".into()),
        upn: Some("ana@contoso.com".into()),
        ..Actor::new(ActorKind::User, "Ana")
    }
}

pub fn rule() -> Actor {
    Actor::new(ActorKind::AutomationRule, "Escalate")
}

/// An incident from the writable properties of its PUT body; title, severity and status may be left out.
pub fn incident(properties: &Value) -> Incident {
    let mut all = value!({"title": "Sign-in from Tor", "severity": "Medium", "status": "New"});
    let object = all.as_object_mut().unwrap();
    object.extend(properties.as_object().unwrap().iter().map(|(name, value)| (name.clone(), value.clone())));
    let put = from_arm_put(&value_of("properties", all)).unwrap();
    let at = at("2026-03-01T08:00:00Z");
    Incident::create("6f0c1a52-0000-4000-8000-000000000001", 7, &put.patch, &ana(), at).unwrap()
}

fn value_of(name: &str, value: Value) -> Value {
    Value::object([(name, value)])
}

/// What of `expected` does not stand in `got`: objects may have more properties, the rest must be equal.
pub fn missing(expected: &Value, got: &Value, path: &str) -> Vec<String> {
    match (expected, got) {
        (Value::Object(wanted), Value::Object(_)) => wanted
            .iter()
            .flat_map(|(name, inner)| {
                let path = format!("{path}.{name}");
                match got.get(name) {
                    Some(value) => missing(inner, value, &path),
                    None if inner.is_null() => Vec::new(),
                    None => vec![format!("{path}: wanted {inner}, is absent")],
                }
            })
            .collect(),
        _ if expected == got => Vec::new(),
        _ => vec![format!("{path}: wanted {expected}, got {got}")],
    }
}

/// Compares diagnostics with `"path: message"` lines.
pub fn same_errors(expected: &[String], got: &[riposte_diagnostic::Diagnostic]) -> Result<(), String> {
    let got: Vec<String> = got
        .iter()
        .map(|told| format!("{}: {}", told.location.path.as_deref().unwrap_or_default(), told.message))
        .collect();
    if got == expected { Ok(()) } else { Err(format!("wanted {expected:#?}, got {got:#?}")) }
}
