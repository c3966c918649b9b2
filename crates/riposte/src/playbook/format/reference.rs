//! The reference page and the JSON schema of the format, made from the table.

use super::check::wanted;
use super::{Form, Kind, SUITE};
use crate::playbook::matcher::MATCHERS;
use riposte_value::{Object, Value};
use std::fmt::Write;

/// The forms that a kind leads to, each once, in the order in which they come up.
fn forms(kind: Kind, out: &mut Vec<&'static Form>) {
    match kind {
        Kind::Object(form) if out.iter().all(|known| known.name != form.name) => {
            out.push(form);
            form.fields.iter().for_each(|field| forms(field.kind, out));
        }
        Kind::Map(inner) | Kind::List(inner) => forms(*inner, out),
        Kind::Either(kinds) => kinds.iter().for_each(|kind| forms(*kind, out)),
        _ => {}
    }
}

fn all() -> Vec<&'static Form> {
    let mut all = Vec::new();
    forms(Kind::Object(&SUITE), &mut all);
    all
}

/// The tables of the reference page, in Markdown.
pub fn reference() -> String {
    let mut out = String::new();
    for form in all() {
        let mut heading = form.name.to_owned();
        if let Some(first) = heading.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        // Writing to a string does not fail.
        let _ = write!(
            out,
            "\n## {heading}\n\n{}\n\n| field | takes | means |\n| --- | --- | --- |\n",
            form.about
        );
        for field in form.fields {
            let needed = if field.required { " (required)" } else { "" };
            let _ = writeln!(
                out,
                "| `{}`{needed} | {} | {} |",
                field.name,
                cell(&wanted(field.kind)),
                cell(field.about)
            );
        }
    }
    out.push_str("\n## Matchers\n\nAn object whose names all begin with `$` stands for what fits; several in one object have to hold together.\n\n| matcher | takes | fits |\n| --- | --- | --- |\n");
    for matcher in MATCHERS {
        let _ = writeln!(out, "| `{}` | {} | {} |", matcher.name, cell(matcher.takes), cell(matcher.about));
    }
    out
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

/// The JSON schema (draft 2020-12) of a test file.
pub fn schema() -> Value {
    let definitions = all().into_iter().map(|form| (id(form), object(form))).collect::<Object>();
    let mut schema = Object::new();
    schema.insert("$schema", "https://json-schema.org/draft/2020-12/schema");
    schema.insert("title", "Riposte playbook tests");
    schema.insert("$ref", format!("#/$defs/{}", id(&SUITE)));
    schema.insert("$defs", definitions);
    Value::from(schema)
}

/// The name of a form among the definitions: `a test file` → `testFile`.
fn id(form: &Form) -> riposte_value::Text {
    let words = form.name.split([' ', '\'']).filter(|word| !matches!(*word, "a" | "an" | "s"));
    let mut id = String::new();
    for word in words {
        let mut word = word.to_owned();
        if !id.is_empty()
            && let Some(first) = word.get_mut(..1)
        {
            first.make_ascii_uppercase();
        }
        id.push_str(&word);
    }
    riposte_value::Text::new(id)
}

fn object(form: &Form) -> Value {
    let fields = form.fields.iter().map(|field| {
        let mut schema = kind(field.kind);
        schema.insert("description", field.about);
        (riposte_value::Text::new_static(field.name), Value::from(schema))
    });
    let mut schema = Object::new();
    schema.insert("type", "object");
    schema.insert("description", form.about);
    schema.insert("properties", fields.collect::<Object>());
    schema.insert("additionalProperties", false);
    let required = form.fields.iter().filter(|field| field.required).map(|field| Value::text(field.name));
    schema.insert("required", Value::array(required));
    Value::from(schema)
}

fn kind(of: Kind) -> Object {
    let mut schema = Object::new();
    let mut typed = |name: &str| drop(schema.insert("type", name));
    match of {
        Kind::Any | Kind::Matched => {}
        Kind::Text => typed("string"),
        // A row of a table may stand for any value.
        Kind::Flag => typed("boolean"),
        Kind::Number(least, most) => {
            typed("integer");
            schema.insert("minimum", least);
            if most < i64::MAX {
                schema.insert("maximum", most);
            }
        }
        Kind::Time => {
            typed("string");
            schema.insert("format", "date-time");
        }
        Kind::Delay => {
            drop(schema.insert("type", Value::array([Value::text("number"), Value::text("string")])));
        }
        Kind::Word(words) => drop(schema.insert("enum", Value::array(words.iter().map(Value::text)))),
        Kind::Object(form) => drop(schema.insert("$ref", format!("#/$defs/{}", id(form)))),
        Kind::Map(inner) => {
            typed("object");
            schema.insert("additionalProperties", kind(*inner));
        }
        Kind::List(inner) => {
            typed("array");
            schema.insert("items", kind(*inner));
        }
        Kind::Either(kinds) => {
            schema.insert("anyOf", Value::array(kinds.iter().map(|one| Value::from(kind(*one)))));
        }
    }
    schema
}
