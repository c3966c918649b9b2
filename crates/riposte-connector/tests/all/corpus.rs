//! Other people's definitions, where they are at hand: they are read, and a call of each operation is built or refused
//! with a reason.

use riposte_connector::{CallContext, Connection, ConnectorDefinition, build_request, catalogue};
use riposte_testing::shared;
use riposte_value::{Object, Value, json, value};
use std::path::{Path, PathBuf};

#[test]
fn definitions_of_others_are_read_and_called() {
    let Some(root) = shared("corpus/connectors") else { return };
    let (mut read, mut unreadable, mut built, mut refused) = (0, Vec::new(), 0, 0);
    for folder in folders(&root) {
        let Some(swagger) = file(&folder, "definition") else { continue };
        let properties = file(&folder, "properties");
        let (definition, diagnostics) = ConnectorDefinition::read(&swagger, properties.as_ref());
        let Some(definition) = definition else {
            unreadable.push((folder, diagnostics));
            continue;
        };
        read += 1;
        let (ok, not) = call_all(&definition, &folder);
        built += ok;
        refused += not;
    }
    println!(
        "{read} definitions read, {built} operations called, {refused} refused, {} unreadable",
        unreadable.len()
    );
    assert!(read > 80 && built > 600, "read {read}, built {built}");
    assert!(unreadable.is_empty(), "{unreadable:?}");
    assert!(refused * 10 < built, "{refused} refused");
}

#[test]
fn the_forms_that_playbooks_use_are_built() {
    let Some(path) = shared("conformance/connector_ops.json") else { return };
    let forms = json::parse_bytes_lenient(&std::fs::read(path).unwrap()).unwrap();
    let (mut built, mut refused) = (0, Vec::new());
    for name in catalogue::names() {
        for form in
            forms.get(name).and_then(|connector| connector.get("used")?.as_array()).unwrap_or_default()
        {
            let (method, path) = (form.str_at(&["method"]).unwrap(), form.str_at(&["path"]).unwrap());
            // Some are ARM expressions around the path.
            let path = path.trim_start_matches("[concat('").trim_end_matches("')]").replace("{}", "a%40b");
            let inputs = Value::object([("method", Value::text(method)), ("path", Value::text(&path))]);
            let values =
                value!({ "api_key": "k", "username": "u", "token": "t", "instance": "i", "site": "s" });
            let connection = Connection::new(values.as_object().unwrap().clone());
            match build_request(catalogue::find(name).unwrap(), &connection, &inputs, &CallContext::new("k"))
            {
                Ok(_) => built += 1,
                Err(error) => refused.push(format!("{name} {method} {path}: {error}")),
            }
        }
    }
    assert!(refused.is_empty() && built > 40, "{built} built, {refused:#?}");
}

/// Builds a call of each operation with plausible values.
fn call_all(definition: &ConnectorDefinition, folder: &Path) -> (usize, usize) {
    let mut parameters = Object::new();
    for parameter in &definition.connection_parameters {
        parameters.insert(parameter.name.clone(), "value");
    }
    parameters.insert("serviceUrl", "https://vendor.example/base");
    let connection = Connection::new(parameters);
    let (mut built, mut refused) = (0, 0);
    for operation in &definition.operations {
        // A value for each parameter of the path.
        let path = operation.path.replace('{', "v-").replace('}', "");
        let inputs = Value::object([
            ("method", value!(operation.method.to_lowercase())),
            ("path", Value::text(&path)),
            ("body", value!({ "a": 1 })),
        ]);
        match build_request(definition, &connection, &inputs, &CallContext::new("k")) {
            Ok(call) => {
                assert!(
                    call.request().url.starts_with("https://vendor.example/base"),
                    "{}",
                    call.request().url
                );
                built += 1;
            }
            Err(error) => {
                assert_eq!(error.code, "OperationNotSupported", "{} {path}: {error}", folder.display());
                refused += 1;
            }
        }
    }
    (built, refused)
}

fn folders(root: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for kind in std::fs::read_dir(root).unwrap() {
        let kind = kind.unwrap().path();
        if kind.is_dir() {
            found.extend(
                std::fs::read_dir(kind)
                    .unwrap()
                    .map(|entry| entry.unwrap().path())
                    .filter(|path| path.is_dir()),
            );
        }
    }
    found.sort();
    found
}

/// The file of a folder whose name holds a word; the names vary in case.
fn file(folder: &Path, word: &str) -> Option<Value> {
    let path = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).find(|path| {
        let name = path.file_name().unwrap().to_string_lossy().to_lowercase();
        name.contains(word)
            && path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"))
    })?;
    json::parse_bytes_lenient(&std::fs::read(path).unwrap()).ok()
}
