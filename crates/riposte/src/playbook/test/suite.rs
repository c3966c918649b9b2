//! A test file: read, checked against its form, its tables turned into single tests.

use crate::exit::{Exit, Problem};
use crate::playbook::document::Document;
use crate::playbook::format::{self, Kind};
use riposte_diagnostic::{Diagnostic, join_index, nearest};
use riposte_value::{Object, Value};
use std::path::{Path, PathBuf};

/// A test file.
#[derive(Debug)]
pub struct Suite {
    /// The file.
    pub document: Document,
    /// The folder that its paths are seen from.
    pub folder: PathBuf,
    /// Its tests, one for each row of a table.
    pub tests: Vec<Test>,
}

/// A test.
#[derive(Debug, Clone)]
pub struct Test {
    /// Its name, with what the row says.
    pub name: String,
    /// Where it stands in the file, as a JSON path.
    pub path: String,
    /// What the file says of it, with what the row says.
    pub value: Value,
}

impl Suite {
    /// Reads a test file. A fault in it is told with its place, and nothing of it runs.
    pub fn read(file: &Path) -> Result<Self, Problem> {
        let document = Document::read(file)?;
        let mut faults = Vec::new();
        let tests = tests(&document.value, &mut faults);
        examine(&document.value, &tests, &mut faults);
        if !faults.is_empty() {
            let placed = |fault: Diagnostic| {
                let path = fault.location.path.clone().unwrap_or_else(|| "$".to_owned());
                document.diagnose(fault, &path)
            };
            return Err(Problem { exit: Exit::Usage, diagnostics: faults.into_iter().map(placed).collect() });
        }
        let folder = file.parent().map(Path::to_path_buf).unwrap_or_default();
        Ok(Self { document, folder, tests })
    }

    /// What a test says of a field, or else its file; with the place.
    pub fn setting<'a>(&'a self, test: &'a Test, name: &str) -> Option<(&'a Value, String)> {
        let own = test.value.get(name).map(|value| (value, format!("{}.{name}", test.path)));
        own.or_else(|| self.document.value.get(name).map(|value| (value, format!("$.{name}"))))
    }

    /// An object that a test adds to what its file says.
    pub fn merged(&self, test: &Test, name: &str) -> Object {
        let object = |value: &Value| value.get(name).and_then(Value::as_object).cloned().unwrap_or_default();
        let mut merged = object(&self.document.value);
        merged.extend(object(&test.value));
        merged
    }
}

/// The tests of a file, rows filled in.
fn tests(suite: &Value, faults: &mut Vec<Diagnostic>) -> Vec<Test> {
    let mut tests = Vec::new();
    for (at, value) in suite.get("tests").and_then(Value::as_array).into_iter().flatten().enumerate() {
        let path = join_index("$.tests", at);
        let mut add = |value: Value| {
            let name = value.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
            tests.push(Test { name, path: path.clone(), value });
        };
        match value.get("each").and_then(Value::as_array) {
            Some(rows) => {
                for row in rows {
                    let row = row.as_object().cloned().unwrap_or_default();
                    add(filled(value, &row, &path, faults));
                }
            }
            None => add(value.clone()),
        }
    }
    tests
}

/// Checks the file once with the first row of each table, and every other row by itself.
fn examine(suite: &Value, tests: &[Test], faults: &mut Vec<Diagnostic>) {
    let mut whole = suite.as_object().cloned().unwrap_or_default();
    let listed = suite.get("tests").and_then(Value::as_array).unwrap_or_default();
    let first = listed.iter().enumerate().map(|(at, value)| {
        let path = join_index("$.tests", at);
        tests.iter().find(|test| test.path == path).map_or_else(|| value.clone(), |test| test.value.clone())
    });
    let first = Value::array(first);
    if suite.get("tests").is_some_and(|tests| tests.as_array().is_some()) {
        whole.insert("tests", first);
    }
    let whole = if suite.as_object().is_some() { Value::from(whole) } else { suite.clone() };
    format::check(&whole, Kind::Object(&format::SUITE), "$", faults);
    for test in tests {
        let mut more = Vec::new();
        format::check(&test.value, Kind::Object(&format::TEST), &test.path, &mut more);
        for fault in more {
            if !faults.contains(&fault) {
                faults.push(fault);
            }
        }
    }
}

/// A value in which `${name}` stands for what the row says.
fn filled(value: &Value, row: &Object, path: &str, faults: &mut Vec<Diagnostic>) -> Value {
    match value {
        Value::String(text) => filled_text(text, row, path, faults),
        Value::Array(items) => {
            let items =
                items.iter().enumerate().map(|(at, item)| filled(item, row, &join_index(path, at), faults));
            Value::array(items.collect::<Vec<_>>())
        }
        Value::Object(object) => {
            let fields = object.iter().map(|(name, inner)| {
                let here = riposte_diagnostic::join_path(path, name);
                // the rows themselves are not filled in
                let inner = if name == "each" { inner.clone() } else { filled(inner, row, &here, faults) };
                (name.clone(), inner)
            });
            Value::from(fields.collect::<Object>())
        }
        other => other.clone(),
    }
}

fn filled_text(text: &str, row: &Object, path: &str, faults: &mut Vec<Diagnostic>) -> Value {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        out.push_str(before);
        let Some((name, after)) = after.split_once('}') else {
            out.push_str("${");
            rest = after;
            continue;
        };
        let Some(value) = row.get(name) else {
            let near = nearest(name, row.keys().map(AsRef::as_ref));
            let help = near.map_or_else(
                || "each row has to have it".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            let message = format!("the row has no `{name}`");
            let fault = Diagnostic::error("UnknownField", message).at(path).help(help);
            if !faults.contains(&fault) {
                faults.push(fault);
            }
            return Value::text(text);
        };
        if out.is_empty() && before.is_empty() && after.is_empty() {
            return value.clone();
        }
        match value {
            Value::String(text) => out.push_str(text),
            other => out.push_str(&riposte_value::json::to_string(other)),
        }
        rest = after;
    }
    out.push_str(rest);
    Value::from(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use riposte_value::value;

    #[test]
    fn rows_fill_in_text_and_whole_values() {
        let suite = value!({"tests": [{"name": "at ${score} of ${who}", "each": [{"score": 9, "who": "a"}, {"score": 1.5, "who": "b"}],
            "expect": {"status": "${score}", "outputs": ["${who}!", "$", "${"]}}]});
        let mut faults = Vec::new();
        let made = tests(&suite, &mut faults);
        let names: Vec<_> = made.iter().map(|test| test.name.as_str()).collect();
        assert_eq!(names, ["at 9 of a", "at 1.5 of b"]);
        assert_eq!(made[1].value.get("expect"), Some(&value!({"status": 1.5, "outputs": ["b!", "$", "${"]})));
        assert!(faults.is_empty(), "{faults:?}");
        tests(&value!({"tests": [{"name": "${whom}", "each": [{"who": 1}]}]}), &mut faults);
        assert_eq!(faults[0].message, "the row has no `whom`");
        assert_eq!(faults[0].help.as_deref(), Some("did you mean `who`?"));
    }
}
