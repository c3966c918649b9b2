//! JSON Schema, with errors as the service words them (those of Newtonsoft.Json.Schema).

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::paths::{Location, LocationSegment};
use jsonschema::{Draft, JsonType, ValidationError, Validator};
use riposte_value::{Object, Text, Value};

/// A schema that values are held against.
#[derive(Debug)]
pub(super) struct Schema {
    /// A keyword in it that the service does not support.
    unsupported: Option<&'static str>,
    validator: Validator,
}

impl Schema {
    /// Reads a schema; none if it holds nothing to check. References lead nowhere outside the schema.
    pub fn new(written: &Value) -> Result<Option<Self>, String> {
        if written.is_null() || written.as_object().is_some_and(Object::is_empty) {
            return Ok(None);
        }
        let schema = serde_json::to_value(written).map_err(|error| error.to_string())?;
        let options = jsonschema::options().offline().should_validate_formats(false);
        let options =
            if schema.get("$schema").is_some() { options } else { options.with_draft(Draft::Draft7) };
        let validator = options.build(&schema).map_err(|error| error.to_string())?;
        Ok(Some(Self { unsupported: unsupported(written, false), validator }))
    }

    /// The errors of a value, none if it fits; or the keyword of the schema that is not supported.
    pub fn check(&self, value: &Value) -> Result<Vec<Value>, &'static str> {
        if let Some(keyword) = self.unsupported {
            return Err(keyword);
        }
        let instance = serde_json::to_value(value).unwrap_or_default();
        if self.validator.is_valid(&instance) {
            return Ok(Vec::new());
        }
        Ok(entries(self.validator.iter_errors(&instance)))
    }
}

/// `pattern` or `patternProperties`, where they are keywords and not names of properties.
fn unsupported(schema: &Value, names: bool) -> Option<&'static str> {
    match schema {
        Value::Array(items) => items.iter().find_map(|item| unsupported(item, false)),
        Value::Object(object) => object.iter().find_map(|(name, inner)| match name.as_str() {
            "pattern" if !names && inner.as_str().is_some() => Some("pattern"),
            "patternProperties" if !names => Some("patternProperties"),
            "enum" | "const" | "default" | "examples" if !names => None,
            "properties" | "definitions" | "$defs" | "dependencies" if !names => unsupported(inner, true),
            _ => unsupported(inner, false),
        }),
        _ => None,
    }
}

/// One entry for each error; missing properties of one object make one.
fn entries<'e>(errors: impl Iterator<Item = ValidationError<'e>>) -> Vec<Value> {
    let mut entries: Vec<Value> = Vec::new();
    let mut missing: Vec<(String, String, Vec<Value>, usize)> = Vec::new();
    for error in errors {
        let (path, schema_id) = (path(error.instance_path()), schema_id(error.schema_path()));
        if let ValidationErrorKind::Required { property } = error.kind() {
            let name = Value::text(property.as_str().unwrap_or_default());
            if let Some((_, _, names, _)) =
                missing.iter_mut().find(|(at, id, ..)| *at == path && *id == schema_id)
            {
                names.push(name);
            } else {
                missing.push((path, schema_id, vec![name], entries.len()));
                entries.push(Value::Null);
            }
            continue;
        }
        let (message, error_type, children) = describe(&error);
        let value = Value::from(error.instance().as_ref().clone());
        entries.push(entry(&message, &path, value, &schema_id, error_type, children));
    }
    for (path, schema_id, names, place) in missing {
        let list: Vec<&str> = names.iter().filter_map(Value::as_str).collect();
        let message = format!("Required properties are missing from object: {}.", list.join(", "));
        if let Some(there) = entries.get_mut(place) {
            *there = entry(&message, &path, Value::from(names), &schema_id, "required", Vec::new());
        }
    }
    entries
}

fn entry(
    message: &str,
    path: &str,
    value: Value,
    schema_id: &str,
    error_type: &str,
    children: Vec<Value>,
) -> Value {
    let mut entry = Object::with_capacity(8);
    entry.insert("message", message);
    entry.insert("lineNumber", 0);
    entry.insert("linePosition", 0);
    entry.insert("path", path);
    entry.insert("value", value);
    entry.insert("schemaId", schema_id);
    entry.insert("errorType", error_type);
    entry.insert("childErrors", Value::from(children));
    Value::from(entry)
}

/// `Entities[0].name`
fn path(location: &Location) -> String {
    use std::fmt::Write as _;
    let mut text = String::new();
    for segment in location.segments() {
        // Writing to a String cannot fail.
        let _ = match segment {
            LocationSegment::Index(index) => write!(text, "[{index}]"),
            LocationSegment::Property(name) => {
                write!(text, "{}{name}", if text.is_empty() { "" } else { "." })
            }
        };
    }
    text
}

/// The schema that holds the keyword: `#/properties/name`.
fn schema_id(location: &Location) -> String {
    let text = location.as_str();
    let holder = text.rsplit_once('/').map_or("", |(holder, _)| holder);
    format!("#{holder}")
}

/// Message, type and inner errors.
fn describe(error: &ValidationError<'_>) -> (String, &'static str, Vec<Value>) {
    let value = error.instance();
    let shown = Text::from(value.to_string());
    let plain = value.as_str().map_or_else(|| shown.clone(), Text::new);
    let found = type_name(value);
    let text = match error.kind() {
        ValidationErrorKind::Type { kind } => {
            (format!("Invalid type. Expected {} but got {found}.", type_names(kind)), "type")
        }
        ValidationErrorKind::Enum { .. } => (format!("Value {shown} is not defined in enum."), "enum"),
        ValidationErrorKind::Constant { .. } => (format!("Value {shown} does not match const."), "const"),
        ValidationErrorKind::Minimum { limit } => {
            (format!("{found} {shown} is less than minimum value of {limit}."), "minimum")
        }
        ValidationErrorKind::ExclusiveMinimum { limit } => (
            format!("{found} {shown} equals minimum value of {limit} and exclusive minimum is true."),
            "minimum",
        ),
        ValidationErrorKind::Maximum { limit } => {
            (format!("{found} {shown} exceeds maximum value of {limit}."), "maximum")
        }
        ValidationErrorKind::ExclusiveMaximum { limit } => (
            format!("{found} {shown} equals maximum value of {limit} and exclusive maximum is true."),
            "maximum",
        ),
        ValidationErrorKind::MultipleOf { multiple_of } => {
            (format!("{found} {shown} is not a multiple of {multiple_of}."), "multipleOf")
        }
        ValidationErrorKind::MinLength { limit } => {
            (format!("String '{plain}' is less than minimum length of {limit}."), "minimumLength")
        }
        ValidationErrorKind::MaxLength { limit } => {
            (format!("String '{plain}' exceeds maximum length of {limit}."), "maximumLength")
        }
        ValidationErrorKind::MinItems { limit } => (
            format!("Array item count {} is less than minimum count of {limit}.", count(value)),
            "minimumItems",
        ),
        ValidationErrorKind::MaxItems { limit } => {
            (format!("Array item count {} exceeds maximum count of {limit}.", count(value)), "maximumItems")
        }
        ValidationErrorKind::MinProperties { limit } => (
            format!("Object property count {} is less than minimum count of {limit}.", count(value)),
            "minimumProperties",
        ),
        ValidationErrorKind::MaxProperties { limit } => (
            format!("Object property count {} exceeds maximum count of {limit}.", count(value)),
            "maximumProperties",
        ),
        ValidationErrorKind::UniqueItems => ("Non-unique array item.".to_owned(), "uniqueItems"),
        ValidationErrorKind::AdditionalProperties { unexpected } => (
            format!(
                "Property '{}' has not been defined and the schema does not allow additional properties.",
                unexpected.join("', '")
            ),
            "additionalProperties",
        ),
        ValidationErrorKind::AdditionalItems { .. } => (
            "Index has not been defined and the schema does not allow additional items.".to_owned(),
            "additionalItems",
        ),
        ValidationErrorKind::Contains => ("No items match contains.".to_owned(), "contains"),
        ValidationErrorKind::Not { .. } => ("JSON is valid against schema from 'not'.".to_owned(), "not"),
        other => return describe_choice(error, other),
    };
    (text.0, text.1, Vec::new())
}

fn describe_choice(
    error: &ValidationError<'_>,
    kind: &ValidationErrorKind,
) -> (String, &'static str, Vec<Value>) {
    let (message, error_type, context) = match kind {
        ValidationErrorKind::AnyOf { context } => {
            ("JSON does not match any schemas from 'anyOf'.", "anyOf", context)
        }
        ValidationErrorKind::OneOfNotValid { context } => {
            ("JSON is valid against no schemas from 'oneOf'.", "oneOf", context)
        }
        ValidationErrorKind::OneOfMultipleValid { context } => {
            ("JSON is valid against more than one schema from 'oneOf'.", "oneOf", context)
        }
        _ => return (error.to_string(), "none", Vec::new()),
    };
    let children = context.iter().flatten().map(|error| {
        let (message, error_type, children) = describe(error);
        let value = Value::from(error.instance().as_ref().clone());
        entry(
            &message,
            &path(error.instance_path()),
            value,
            &schema_id(error.schema_path()),
            error_type,
            children,
        )
    });
    (message.to_owned(), error_type, children.collect())
}

fn count(value: &serde_json::Value) -> usize {
    value.as_array().map(Vec::len).or_else(|| value.as_object().map(serde_json::Map::len)).unwrap_or(0)
}

fn type_name(value: &serde_json::Value) -> &'static str {
    match value {
        serde_json::Value::Null => "Null",
        serde_json::Value::Bool(_) => "Boolean",
        serde_json::Value::Number(number) if number.is_f64() => "Number",
        serde_json::Value::Number(_) => "Integer",
        serde_json::Value::String(_) => "String",
        serde_json::Value::Array(_) => "Array",
        serde_json::Value::Object(_) => "Object",
    }
}

/// The order in which the service lists types.
const ORDER: [JsonType; 7] = [
    JsonType::String,
    JsonType::Number,
    JsonType::Integer,
    JsonType::Boolean,
    JsonType::Object,
    JsonType::Array,
    JsonType::Null,
];

fn type_names(kind: &TypeKind) -> String {
    let name = |kind: JsonType| match kind {
        JsonType::Null => "Null",
        JsonType::Boolean => "Boolean",
        JsonType::Integer => "Integer",
        JsonType::Number => "Number",
        JsonType::String => "String",
        JsonType::Array => "Array",
        JsonType::Object => "Object",
    };
    match kind {
        TypeKind::Single(kind) => name(*kind).to_owned(),
        TypeKind::Multiple(kinds) => {
            let names: Vec<&str> = ORDER.into_iter().filter(|kind| kinds.contains(*kind)).map(name).collect();
            names.join(", ")
        }
    }
}
