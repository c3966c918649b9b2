//! One declared parameter of an operation.

use super::schema::{internal_default, resolve};
use riposte_diagnostic::Diagnostic;
use riposte_value::{Text, Value};

/// A parameter that is not the body.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Parameter {
    pub(super) name: Text,
    pub(super) location: Location,
    /// Sent where the playbook says nothing.
    pub(super) default: Option<Value>,
    pub(super) collection: Collection,
    pub(super) encoding: Encoding,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Location {
    Path,
    Query,
    Header,
    Form,
}

/// `collectionFormat`: how a list is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Collection {
    Separated(&'static str),
    Multi,
}

/// `x-ms-url-encoding`: how often a playbook has encoded a value of the path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Single,
    Double,
}

/// A declared parameter: one of its own, or the body's schema.
pub(super) enum Declared<'a> {
    Parameter(Parameter),
    Body(&'a Value),
}

/// Reads a declaration; what cannot be used is warned about.
pub(super) fn read<'a>(
    declaration: &'a Value,
    swagger: &'a Value,
    path: &str,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Declared<'a>> {
    let mut warn = |message: String| {
        diagnostics.push(Diagnostic::warning("InvalidParameter", message).at(path));
        None
    };
    let Some(declaration) = resolve(declaration, swagger) else {
        return warn("the parameter's `$ref` leads nowhere".to_owned());
    };
    let text = |name: &str| declaration.get(name).and_then(Value::as_str).unwrap_or_default();
    let location = match text("in").to_ascii_lowercase().as_str() {
        "path" => Location::Path,
        "query" => Location::Query,
        "header" => Location::Header,
        "formdata" => Location::Form,
        "body" => return Some(Declared::Body(declaration.get("schema").unwrap_or(&Value::Null))),
        other => return warn(format!("a parameter cannot be in `{other}`")),
    };
    let name = text("name");
    if name.is_empty() {
        return warn("a parameter has no `name`".to_owned());
    }
    Some(Declared::Parameter(Parameter {
        name: Text::new(name),
        location,
        default: internal_default(declaration),
        collection: match text("collectionFormat").to_ascii_lowercase().as_str() {
            "ssv" => Collection::Separated(" "),
            "tsv" => Collection::Separated("\t"),
            "pipes" => Collection::Separated("|"),
            "multi" => Collection::Multi,
            _ => Collection::Separated(","),
        },
        encoding: if text("x-ms-url-encoding").eq_ignore_ascii_case("double") {
            Encoding::Double
        } else {
            Encoding::Single
        },
    }))
}
