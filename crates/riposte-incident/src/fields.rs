//! Reading the properties of a JSON object: names without regard to case, wrong types and missing properties told
//! with their JSON path, all of them and not only the first.

use crate::names::Name;
use crate::time::parse_time;
use jiff::Timestamp;
use riposte_diagnostic::{Diagnostic, join_path, nearest};
use riposte_value::{Object, Text, Value};

/// The properties of one object, at a JSON path.
#[derive(Debug, Clone)]
pub struct Fields<'v> {
    object: &'v Object,
    path: String,
}

impl<'v> Fields<'v> {
    /// The properties of `value`, which lies at `path`; told and `None` if it is no object.
    pub fn of(value: &'v Value, path: &str, told: &mut Vec<Diagnostic>) -> Option<Self> {
        match value {
            Value::Object(object) => Some(Self { object, path: path.to_owned() }),
            other => {
                told.push(wrong_type(path, "an object", other));
                None
            }
        }
    }

    /// Where the object lies.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Where a property of it lies.
    pub fn path_of(&self, name: &str) -> String {
        join_path(&self.path, name)
    }

    /// A property; `null` is as good as absent.
    pub fn value(&self, name: &str) -> Option<&'v Value> {
        self.object.get_ignore_case(name).filter(|value| !value.is_null())
    }

    /// A text. Empty text is text.
    pub fn text(&self, name: &str, told: &mut Vec<Diagnostic>) -> Option<Text> {
        match self.value(name)? {
            Value::String(text) => Some(text.clone()),
            other => self.wrong(name, "a text", other, told),
        }
    }

    /// A text that must be there and hold more than blanks.
    pub fn required_text(&self, name: &str, told: &mut Vec<Diagnostic>) -> Option<Text> {
        let before = told.len();
        let text = self.text(name, told);
        match text {
            Some(text) if !text.trim().is_empty() => Some(text),
            Some(_) => {
                let message = format!("`{name}` is empty");
                told.push(Diagnostic::error("BadRequest", message).at(self.path_of(name)));
                None
            }
            None => {
                if told.len() == before {
                    told.push(self.missing(name));
                }
                None
            }
        }
    }

    /// One of a closed list of names.
    pub fn name<N: Name>(&self, name: &str, told: &mut Vec<Diagnostic>) -> Option<N> {
        let text = self.text(name, told)?;
        let value = N::parse(text.trim());
        if value.is_none() {
            told.push(unknown_name::<N>(name, &text).at(self.path_of(name)));
        }
        value
    }

    /// One of a closed list of names, which must be there.
    pub fn required_name<N: Name>(&self, name: &str, told: &mut Vec<Diagnostic>) -> Option<N> {
        if self.value(name).is_none() {
            told.push(self.missing(name).help(format!("one of {}", N::allowed())));
            return None;
        }
        self.name(name, told)
    }

    /// A truth value, which must be there.
    pub fn required_bool(&self, name: &str, told: &mut Vec<Diagnostic>) -> Option<bool> {
        match self.value(name) {
            Some(Value::Bool(truth)) => Some(*truth),
            Some(other) => self.wrong(name, "`true` or `false`", other, told),
            None => {
                told.push(self.missing(name));
                None
            }
        }
    }

    /// A truth value.
    pub fn bool(&self, name: &str, told: &mut Vec<Diagnostic>) -> Option<bool> {
        match self.value(name)? {
            Value::Bool(truth) => Some(*truth),
            other => self.wrong(name, "`true` or `false`", other, told),
        }
    }

    /// An integer, which must be there. A double without a fraction is one, as for the service's reader.
    #[expect(clippy::cast_possible_truncation, reason = "checked to be whole and small")]
    pub fn required_integer(&self, name: &str, told: &mut Vec<Diagnostic>) -> Option<i64> {
        match self.value(name) {
            Some(Value::Int(integer)) => Some(*integer),
            Some(Value::Float(float)) if float.fract() == 0.0 && float.abs() < 1e15 => Some(*float as i64),
            Some(other) => self.wrong(name, "an integer", other, told),
            None => {
                told.push(self.missing(name));
                None
            }
        }
    }

    /// A point in time as ISO 8601 text.
    pub fn time(&self, name: &str, told: &mut Vec<Diagnostic>) -> Option<Timestamp> {
        let text = self.text(name, told)?;
        let time = parse_time(&text);
        if time.is_none() {
            let message = format!("`{text}` is not a point in time");
            let help = "write it as `2026-01-31T08:00:00Z`";
            told.push(Diagnostic::error("BadRequest", message).at(self.path_of(name)).help(help));
        }
        time
    }

    /// An array.
    pub fn array(&self, name: &str, told: &mut Vec<Diagnostic>) -> Option<&'v [Value]> {
        match self.value(name)? {
            Value::Array(items) => Some(items),
            other => self.wrong(name, "an array", other, told),
        }
    }

    /// An object.
    pub fn object(&self, name: &str, told: &mut Vec<Diagnostic>) -> Option<Self> {
        let value = self.value(name)?;
        Self::of(value, &self.path_of(name), told)
    }

    /// An object, which must be there.
    pub fn required_object(&self, name: &str, told: &mut Vec<Diagnostic>) -> Option<Self> {
        if self.value(name).is_none() {
            told.push(self.missing(name));
            return None;
        }
        self.object(name, told)
    }

    /// That a property is missing.
    pub fn missing(&self, name: &str) -> Diagnostic {
        Diagnostic::error("BadRequest", format!("`{name}` is missing")).at(&self.path)
    }

    /// Warns of the properties whose names are not among `known`.
    pub fn warn_unknown(&self, known: &[&str], told: &mut Vec<Diagnostic>) {
        for name in self.unknown(known) {
            let message = format!("property `{name}` is not known and is left out");
            let diagnostic = Diagnostic::warning("UnknownProperty", message).at(self.path_of(name));
            told.push(match nearest(name, known.iter().copied()) {
                Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
                None => diagnostic,
            });
        }
    }

    /// Refuses the properties whose names are not among `known`: where leaving one out would change what is meant.
    pub fn refuse_unknown(&self, known: &[&str], told: &mut Vec<Diagnostic>) {
        for name in self.unknown(known) {
            let message = format!("property `{name}` is not known here");
            let help = match nearest(name, known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => {
                    let names: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
                    format!("known are {}", names.join(", "))
                }
            };
            told.push(Diagnostic::error("BadRequest", message).at(self.path_of(name)).help(help));
        }
    }

    fn unknown<'f>(&'f self, known: &'f [&str]) -> impl Iterator<Item = &'f Text> {
        self.object.keys().filter(|name| !known.iter().any(|known| known.eq_ignore_ascii_case(name)))
    }

    fn wrong<T>(&self, name: &str, wanted: &str, got: &Value, told: &mut Vec<Diagnostic>) -> Option<T> {
        told.push(wrong_type(&self.path_of(name), wanted, got));
        None
    }
}

/// That a value at a path is not of the type that is wanted.
pub fn wrong_type(path: &str, wanted: &str, got: &Value) -> Diagnostic {
    let name = path.rsplit(['.', '$']).next().unwrap_or(path);
    let subject = if name.is_empty() { "the body".to_owned() } else { format!("`{name}`") };
    let message = format!("{subject} must be {wanted}, not {}", kind_in_words(got));
    Diagnostic::error("BadRequest", message).at(path)
}

/// That a text is not one of a closed list of names.
pub fn unknown_name<N: Name>(property: &str, text: &str) -> Diagnostic {
    let diagnostic = Diagnostic::error("BadRequest", format!("`{text}` is no value of `{property}`"));
    diagnostic.help(format!("one of {}", N::allowed()))
}

pub(crate) const fn kind_in_words(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a truth value",
        Value::Int(_) | Value::Float(_) | Value::Decimal(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}
