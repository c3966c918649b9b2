//! Files that people write for `riposte playbook test` and `--mock`: YAML 1.2 (core schema) or JSON, with the place of
//! every field, so that a message can name line and column.
//!
//! Anchors and aliases are understood; merge keys, tags and more than one document in a file are not. `007` is text: only
//! what JSON would take for a number is one.

use crate::exit::Problem;
use crate::input;
use riposte_diagnostic::{Diagnostic, join_index, join_path};
use riposte_value::{Object, Text, Value, json};
use saphyr_parser::{Event, Parser, ScalarStyle, Span};
use std::collections::BTreeMap;
use std::path::Path;

/// How deep a document may nest.
const DEPTH_MAX: usize = 128;
/// How much aliases may make of a document, in values.
const VALUES_MAX: usize = 1_000_000;

/// A file as read.
#[derive(Debug, Clone)]
pub struct Document {
    /// Its name, as messages show it.
    pub file: String,
    /// What it holds.
    pub value: Value,
    places: BTreeMap<String, (u32, u32)>,
}

impl Document {
    /// Reads a file; one that ends in `.json` as JSON, leniently, any other as YAML.
    pub fn read(path: &Path) -> Result<Self, Problem> {
        let file = path.display().to_string();
        let text = input::text(path)?;
        let is_json = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
        let composed = Composer::new(&text).compose();
        let (value, places) = if is_json {
            let value =
                json::parse_lenient(&text).map_err(|error| Problem::usage(input::not_json(&error, &file)))?;
            // JSON is YAML, save for what `parse_lenient` forgives: then places are not known.
            (value, composed.map(|(_, places)| places).unwrap_or_default())
        } else {
            composed.map_err(|fault| Problem::usage(fault.in_file(&file)))?
        };
        Ok(Self { file, value, places })
    }

    /// Line and column of what a JSON path names, or of the nearest thing around it.
    pub fn place(&self, path: &str) -> Option<(u32, u32)> {
        let mut path = path;
        loop {
            if let Some(place) = self.places.get(path) {
                return Some(*place);
            }
            path = path.get(..path.rfind(['.', '['])?)?;
        }
    }

    /// `file:line:column` of what a JSON path names.
    pub fn shown_place(&self, path: &str) -> String {
        match self.place(path) {
            Some((line, column)) => format!("{}:{line}:{column}", self.file),
            None => format!("{}: {path}", self.file),
        }
    }

    /// A diagnostic about a part of the file.
    pub fn diagnose(&self, diagnostic: Diagnostic, path: &str) -> Diagnostic {
        let diagnostic = diagnostic.in_file(&self.file).at(path);
        match self.place(path) {
            Some((line, column)) => diagnostic.at_line(line, column),
            None => diagnostic,
        }
    }
}

/// Makes a value of the parser's events.
struct Composer<'a> {
    parser: Parser<'a, saphyr_parser::StrInput<'a>>,
    anchors: BTreeMap<usize, Value>,
    places: BTreeMap<String, (u32, u32)>,
    values: usize,
}

type Composed<T> = Result<T, Box<Diagnostic>>;

/// Line and column by JSON path.
type Places = BTreeMap<String, (u32, u32)>;

impl<'a> Composer<'a> {
    fn new(text: &'a str) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        Self {
            parser: Parser::new_from_str(text),
            anchors: BTreeMap::new(),
            places: BTreeMap::new(),
            values: 0,
        }
    }

    fn compose(mut self) -> Composed<(Value, Places)> {
        let mut found = None;
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::StreamEnd => return Ok((found.unwrap_or_default(), self.places)),
                Event::StreamStart | Event::Nothing | Event::DocumentEnd => {}
                Event::DocumentStart(_) if found.is_some() => {
                    return Err(fault("the file holds more than one document", &span));
                }
                Event::DocumentStart(_) => found = Some(Value::Null),
                event => found = Some(self.value(event, &span, "$", 0)?),
            }
        }
    }

    fn next(&mut self) -> Composed<(Event<'a>, Span)> {
        match self.parser.next_event() {
            Some(Ok(event)) => Ok(event),
            Some(Err(error)) => {
                let (line, column) = position(error.marker());
                Err(Box::new(Diagnostic::error("InvalidYaml", error.info()).at_line(line, column)))
            }
            None => Ok((Event::StreamEnd, Span::default())),
        }
    }

    fn value(&mut self, event: Event<'a>, span: &Span, path: &str, depth: usize) -> Composed<Value> {
        if depth > DEPTH_MAX {
            return Err(fault(format!("values nest deeper than {DEPTH_MAX}"), span));
        }
        self.values += 1;
        self.places.entry(path.to_owned()).or_insert_with(|| position(&span.start));
        let (anchor, value) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                let forced = tag.is_some_and(|tag| tag.is_yaml_core_schema() && tag.suffix == "str");
                let plain = style == ScalarStyle::Plain && !forced;
                (anchor, if plain { scalar(&text) } else { Value::text(text) })
            }
            Event::SequenceStart(anchor, _) => (anchor, self.sequence(path, depth)?),
            Event::MappingStart(anchor, _) => (anchor, self.mapping(path, depth)?),
            Event::Alias(anchor) => {
                let value = self.anchors.get(&anchor).cloned();
                let value = value.ok_or_else(|| fault("an alias stands inside its own anchor", span))?;
                self.values = self.values.saturating_add(count(&value));
                (0, value)
            }
            _ => return Err(fault("a value is missing", span)),
        };
        if self.values > VALUES_MAX {
            return Err(fault(format!("the document holds more than {VALUES_MAX} values"), span));
        }
        if anchor > 0 {
            self.anchors.insert(anchor, value.clone());
        }
        Ok(value)
    }

    fn sequence(&mut self, path: &str, depth: usize) -> Composed<Value> {
        let mut items = Vec::new();
        loop {
            let (event, span) = self.next()?;
            if event == Event::SequenceEnd {
                return Ok(Value::array(items));
            }
            let item = self.value(event, &span, &join_index(path, items.len()), depth + 1)?;
            items.push(item);
        }
    }

    fn mapping(&mut self, path: &str, depth: usize) -> Composed<Value> {
        let mut object = Object::new();
        loop {
            let (key, span) = self.next()?;
            let name = match key {
                Event::MappingEnd => return Ok(Value::from(object)),
                Event::Scalar(name, ..) => Text::new(name),
                _ => return Err(fault("a name is text", &span)),
            };
            let path = join_path(path, &name);
            if object.contains_key(&name) {
                return Err(fault(format!("`{name}` stands here twice"), &span));
            }
            self.places.insert(path.clone(), position(&span.start));
            let (event, span) = self.next()?;
            let value = self.value(event, &span, &path, depth + 1)?;
            object.insert(name, value);
        }
    }
}

fn fault(message: impl Into<String>, span: &Span) -> Box<Diagnostic> {
    let (line, column) = position(&span.start);
    Box::new(Diagnostic::error("InvalidYaml", message).at_line(line, column))
}

/// Line and column from one; the parser counts columns from zero.
fn position(marker: &saphyr_parser::Marker) -> (u32, u32) {
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    (number(marker.line()), number(marker.col()).saturating_add(1))
}

fn count(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.iter().map(count).fold(1, usize::saturating_add),
        Value::Object(object) => object.values().map(count).fold(1, usize::saturating_add),
        _ => 1,
    }
}

/// A scalar without quotes.
fn scalar(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ if text.starts_with(|c: char| c == '-' || c.is_ascii_digit()) => {
            json::parse(text).unwrap_or_else(|_| Value::text(text))
        }
        _ => Value::text(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use riposte_value::value;

    fn yaml(text: &str) -> Result<Value, String> {
        Composer::new(text).compose().map(|(value, _)| value).map_err(|fault| fault.message)
    }

    #[test]
    fn values_of_the_core_schema() {
        let text = "a: 1\nb: [true, ~, -2.5, '7', 007, 2026-01-01, \"x\\ty\"]\nc: {d: no, e: |\n    two\n    lines\n  }\n";
        let text =
            text.replace("{d: no, e: |\n    two\n    lines\n  }", "\n  d: no\n  e: |\n    two\n    lines");
        assert_eq!(
            yaml(&text).unwrap(),
            value!({"a": 1, "b": [true, null, -2.5, "7", "007", "2026-01-01", "x\ty"], "c": {"d": "no", "e": "two\nlines\n"}})
        );
        assert_eq!(yaml("x: &a {k: 1}\ny: *a\n").unwrap(), value!({"x": {"k": 1}, "y": {"k": 1}}));
        assert_eq!(yaml("").unwrap(), Value::Null);
        assert_eq!(yaml("{\n\t\"a\": [1,\n\t\t2]\n}").unwrap(), value!({"a": [1, 2]}), "JSON with tabs");
    }

    #[test]
    fn what_is_refused() {
        assert_eq!(yaml("a: 1\na: 2").unwrap_err(), "`a` stands here twice");
        assert_eq!(yaml("a: 1\n---\nb: 2").unwrap_err(), "the file holds more than one document");
        assert!(yaml("a: [1").is_err() && yaml("a: *b").is_err());
        assert!(yaml(&"[".repeat(5000)).is_err());
        let doubled: Vec<String> =
            (1..40).map(|n| format!("a{n}: &a{n} [*a{}, *a{}]", n - 1, n - 1)).collect();
        let error = yaml(&format!("a0: &a0 x\n{}", doubled.join("\n"))).unwrap_err();
        assert!(error.contains("more than 1000000 values"), "{error}");
    }

    #[test]
    fn places_are_those_of_names_and_items() {
        let (_, places) = Composer::new("a:\n  b c: 1\n  d:\n    - x\n    - y\n").compose().unwrap();
        assert_eq!(places.get("$.a['b c']").or(places.get("$.a[\"b c\"]")), Some(&(2, 3)), "{places:?}");
        assert_eq!(places.get("$.a.d[1]"), Some(&(5, 7)), "{places:?}");
    }
}
