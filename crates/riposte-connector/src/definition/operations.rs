//! `paths`: the operations of a definition.

use super::Operation;
use super::parameter::{Declared, Parameter, read as read_parameter};
use super::schema::InternalDefaults;
use crate::path::PathTemplate;
use riposte_diagnostic::{Diagnostic, join_index, join_path};
use riposte_value::{Object, Text, Value};

/// The methods that a path may have.
const METHODS: &[&str] = &["get", "put", "post", "delete", "options", "head", "patch"];

/// Reads every operation; what is no operation is reported and left out.
pub(super) fn read(swagger: &Value, diagnostics: &mut Vec<Diagnostic>) -> Vec<Operation> {
    let Some(paths) = swagger.get("paths").and_then(Value::as_object) else {
        diagnostics.push(
            Diagnostic::error("InvalidConnector", "the definition has no object `paths`")
                .at("$.paths")
                .help("a connector definition is an OpenAPI 2.0 document"),
        );
        return Vec::new();
    };
    let common = texts(swagger.get("consumes"));
    let mut operations = Vec::new();
    for (path, item) in paths {
        let at = join_path("$.paths", path);
        let Some(item) = item.as_object() else {
            if !path.starts_with("x-") {
                diagnostics.push(
                    Diagnostic::warning("InvalidOperation", format!("path `{path}` is no object")).at(at),
                );
            }
            continue;
        };
        for (method, operation) in item {
            let lower = method.to_ascii_lowercase();
            if METHODS.contains(&lower.as_str()) {
                let reader = Reader { swagger, path, item, common: &common, at: join_path(&at, method) };
                operations.push(reader.read(&lower, operation, diagnostics));
            } else if lower != "parameters" && !lower.starts_with("x-") {
                diagnostics.push(
                    Diagnostic::warning("InvalidOperation", format!("`{method}` is not a method"))
                        .at(join_path(&at, method)),
                );
            }
        }
    }
    operations
}

struct Reader<'a> {
    swagger: &'a Value,
    path: &'a Text,
    item: &'a Object,
    common: &'a [Text],
    at: String,
}

impl Reader<'_> {
    fn read(&self, method: &str, operation: &Value, diagnostics: &mut Vec<Diagnostic>) -> Operation {
        let text =
            |name: &str| operation.get(name).and_then(Value::as_str).map(str::trim).unwrap_or_default();
        let mut parameters: Vec<Parameter> = Vec::new();
        let mut body_defaults = None;
        // An operation's own parameter stands over the path's of the same name and place.
        for (list, at) in [
            (operation.get("parameters"), join_path(&self.at, "parameters")),
            (self.item.get("parameters"), join_path(&join_path("$.paths", self.path), "parameters")),
        ] {
            for (index, declaration) in list.and_then(Value::as_array).unwrap_or_default().iter().enumerate()
            {
                match read_parameter(declaration, self.swagger, &join_index(&at, index), diagnostics) {
                    Some(Declared::Body(schema)) if body_defaults.is_none() => {
                        body_defaults = InternalDefaults::read(schema, self.swagger);
                    }
                    Some(Declared::Parameter(parameter)) => {
                        let same = |held: &Parameter| {
                            held.name == parameter.name && held.location == parameter.location
                        };
                        if !parameters.iter().any(same) {
                            parameters.push(parameter);
                        }
                    }
                    _ => {}
                }
            }
        }
        let consumes = texts(operation.get("consumes"));
        let summary = if text("summary").is_empty() { text("description") } else { text("summary") };
        Operation {
            id: Text::new(text("operationId")),
            method: Text::from(method.to_ascii_uppercase()),
            path: self.path.clone(),
            summary: Text::new(summary),
            template: PathTemplate::read(self.path),
            parameters,
            consumes: if consumes.is_empty() { self.common.to_vec() } else { consumes },
            body_defaults,
        }
    }
}

fn texts(list: Option<&Value>) -> Vec<Text> {
    let items = list.and_then(Value::as_array).unwrap_or_default();
    items.iter().filter_map(|item| item.as_str().map(Text::new)).collect()
}
