//! Compares a value with the table: every field that is not known, of another type or missing is told, with its place.

use super::{Form, Kind};
use crate::playbook::matcher;
use crate::playbook::mock::delay_of;
use riposte_diagnostic::{Diagnostic, join_index, join_path, nearest};
use riposte_value::Value;

/// What is wrong with a value, by JSON path. Text with `${name}` in it stands for anything: rows of a table fill it in.
pub fn check(value: &Value, kind: Kind, path: &str, out: &mut Vec<Diagnostic>) {
    if value.as_str().is_some_and(|text| text.contains("${")) {
        return;
    }
    if let Err(what) = takes(kind, value) {
        let message = format!("{what}, not {}", shown(value));
        out.push(Diagnostic::error("InvalidField", message).at(path));
        return;
    }
    match (kind, value) {
        (Kind::Object(form), Value::Object(_)) => fields(value, form, path, out),
        (Kind::Map(inner), Value::Object(object)) => {
            object.iter().for_each(|(name, value)| check(value, *inner, &join_path(path, name), out));
        }
        (Kind::List(inner), Value::Array(items)) => {
            for (at, item) in items.iter().enumerate() {
                check(item, *inner, &join_index(path, at), out);
            }
        }
        (Kind::Either(kinds), _) => {
            if let Some(kind) = kinds.iter().find(|kind| takes(**kind, value).is_ok()) {
                check(value, *kind, path, out);
            }
        }
        (Kind::Matched, _) => matcher::check(value, path, out),
        _ => {}
    }
}

fn fields(value: &Value, form: &Form, path: &str, out: &mut Vec<Diagnostic>) {
    let names = || form.fields.iter().map(|field| field.name);
    for (name, inner) in value.as_object().into_iter().flatten() {
        let here = join_path(path, name);
        match form.fields.iter().find(|field| field.name == name.as_str()) {
            Some(field) => check(inner, field.kind, &here, out),
            None => {
                let help = match nearest(name, names()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("it may have {}", names().collect::<Vec<_>>().join(", ")),
                };
                let message = format!("unknown field `{name}` of {}", form.name);
                out.push(Diagnostic::error("UnknownField", message).at(here).help(help));
            }
        }
    }
    for field in form.fields.iter().filter(|field| field.required && value.get(field.name).is_none()) {
        let message = format!("{} needs `{}`", form.name, field.name);
        out.push(Diagnostic::error("MissingField", message).at(path).help(field.about));
    }
}

/// Whether a kind takes a value of this type; else what it takes.
fn takes(kind: Kind, value: &Value) -> Result<(), String> {
    let fits = match kind {
        Kind::Any | Kind::Matched => true,
        Kind::Text => matches!(value, Value::String(_)),
        Kind::Flag => matches!(value, Value::Bool(_)),
        Kind::Number(least, most) => value.as_i64().is_some_and(|n| (least..=most).contains(&n)),
        Kind::Time => value.as_str().is_some_and(|text| text.parse::<jiff::Timestamp>().is_ok()),
        Kind::Delay => delay_of(value).is_some(),
        Kind::Word(words) => value.as_str().is_some_and(|text| words.contains(&text)),
        Kind::Object(_) | Kind::Map(_) => matches!(value, Value::Object(_)),
        Kind::List(_) => matches!(value, Value::Array(_)),
        Kind::Either(kinds) => kinds.iter().any(|kind| takes(*kind, value).is_ok()),
    };
    if fits { Ok(()) } else { Err(wanted(kind)) }
}

/// What a kind takes, in words.
pub fn wanted(kind: Kind) -> String {
    match kind {
        Kind::Any => "any value".to_owned(),
        Kind::Matched => "any value, with matchers".to_owned(),
        Kind::Text => "text".to_owned(),
        Kind::Flag => "true or false".to_owned(),
        Kind::Number(least, i64::MAX) => format!("a whole number from {least}"),
        Kind::Number(least, most) => format!("a whole number from {least} to {most}"),
        Kind::Time => "a time such as `2026-01-01T00:00:00Z`".to_owned(),
        Kind::Delay => "seconds, or a duration such as `PT5S`".to_owned(),
        Kind::Word(words) => words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", "),
        Kind::Object(form) => form.name.to_owned(),
        Kind::Map(inner) => format!("an object by name: {}", wanted(*inner)),
        Kind::List(inner) => format!("a list: {}", wanted(*inner)),
        Kind::Either(kinds) => kinds.iter().map(|kind| wanted(*kind)).collect::<Vec<_>>().join("; or "),
    }
}

fn shown(value: &Value) -> String {
    crate::output::cut(&riposte_value::json::to_string(value), 60)
}
