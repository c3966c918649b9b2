//! `ParseJson`: reads text as JSON, or takes a value as it is, and holds it against a schema.
//!
//! ```json
//! { "type": "ParseJson", "inputs": { "content": "@body('Get')", "schema": { "type": "object", "required": ["id"] } } }
//! ```
//!
//! Measured: null or empty content fails as a template does, blank text is null, text that is no JSON fails with
//! `InvalidJSON`, a value against the schema with `ValidationFailed` and the errors as outputs. `pattern` and
//! `patternProperties` in a schema are not supported by the service: the action fails with `ActionSchemaNotSupported`.

mod reader;
mod schema;

use super::{Completion, Kind};
use crate::ErrorBody;
use crate::interpreter::{Machine, Run};
use crate::program::Reader;
use crate::state::Here;
use riposte_diagnostic::join_path;
use riposte_expression::Template;
use riposte_value::{Object, Value};
use schema::Schema;

#[derive(Debug)]
pub(crate) struct ParseJson {
    content: Template,
    schema: Option<Schema>,
    /// The schema as written, for history.
    written: Option<Value>,
}

pub(crate) fn read(reader: &mut Reader<'_, '_>) -> Option<Kind> {
    let inputs = reader.inputs_object()?;
    let content = reader.required_input(inputs, "content")?;
    let path = reader.path_of("inputs");
    let content = reader.template(content, &join_path(&path, "content"))?;
    let written = inputs.get_ignore_case("schema").cloned();
    let schema = written.as_ref().and_then(|written| match Schema::new(written) {
        Ok(schema) => schema,
        Err(reason) => {
            let message = format!("the schema cannot be used, so nothing is held against it: {reason}");
            reader.warning("InvalidSchema", message, join_path(&path, "schema"));
            None
        }
    });
    Some(Kind::ParseJson(ParseJson { content, schema, written }))
}

impl ParseJson {
    pub fn run(&self, machine: &mut Machine<'_>, here: Here) -> Run {
        let content = machine.evaluate(here, &self.content)?;
        if content.is_null() || content.as_str() == Some("") {
            return Err(machine
                .invalid_inputs(here, "Required property 'content' expects a value but got null. Path ''."));
        }
        if content
            .as_object()
            .is_some_and(|object| object.contains_key("$content-type") && object.contains_key("$content"))
        {
            let detail = "The 'content' property of actions of type 'ParseJson' must be valid JSON. The provided value is binary content.";
            return Err(machine.invalid_inputs(here, detail));
        }
        let mut inputs = Object::with_capacity(2);
        inputs.insert("content", content.clone());
        if let Some(written) = &self.written {
            inputs.insert("schema", written.clone());
        }
        let fail = |code: &'static str, message: String| {
            Completion::failed(code, ErrorBody::new(code, message)).inputs(Value::from(inputs.clone()))
        };
        let parsed = match &content {
            Value::String(text) => reader::read(text).map_err(|reason| {
                let message = format!(
                    "The 'content' property of actions of type 'ParseJson' must be valid JSON. The provided value cannot be parsed: '{reason}'."
                );
                Box::new(fail("InvalidJSON", message))
            })?,
            other => other.clone(),
        };
        match self.schema.as_ref().map(|schema| schema.check(&parsed)) {
            None => {}
            Some(Err(keyword)) => {
                let message = format!("The schema of the action uses '{keyword}', which is not supported.");
                return Err(Box::new(fail("ActionSchemaNotSupported", message)));
            }
            Some(Ok(errors)) if errors.is_empty() => {}
            Some(Ok(errors)) => {
                let failure = fail("ValidationFailed", "The schema validation failed.".to_owned());
                return Err(Box::new(failure.outputs(Value::object([("errors", Value::from(errors))]))));
            }
        }
        Ok(Completion::succeeded("OK").inputs(Value::from(inputs)).body(parsed))
    }
}

/// Why a value does not fit a schema, in the service's words: none if it does, or if the schema holds nothing. A schema
/// that cannot be read fits nothing.
pub(crate) fn schema_errors(schema: &Value, value: &Value) -> Vec<String> {
    let checked = Schema::new(schema).map(|schema| schema.map(|schema| schema.check(value)));
    match checked {
        Err(reason) => vec![reason],
        Ok(None) => Vec::new(),
        Ok(Some(Err(keyword))) => vec![format!("The schema keyword '{keyword}' is not supported.")],
        Ok(Some(Ok(errors))) => errors
            .iter()
            .map(|error| error.get("message").and_then(Value::as_str).unwrap_or_default().to_owned())
            .collect(),
    }
}
