//! Parameters: what a template declares, what a parameters file or a command line gives, and whether they fit.

use crate::fault::{Evaluated, Fault};
use riposte_diagnostic::{Diagnostic, join_path};
use riposte_value::{Object, Text, Value, json};

/// A parameter as a template declares it.
#[derive(Debug, Clone, PartialEq)]
pub struct ParameterDeclaration {
    /// The name, as spelt.
    pub name: Text,
    /// What values it takes.
    pub kind: ParameterKind,
    /// Whether its values must not be shown (`securestring`, `secureobject`).
    pub secure: bool,
    /// The default, unevaluated.
    pub default: Option<Value>,
    /// The only values it takes, if it names them.
    pub allowed: Option<Vec<Value>>,
    /// The least number.
    pub min_value: Option<i64>,
    /// The greatest number.
    pub max_value: Option<i64>,
    /// The least length of a text or array.
    pub min_length: Option<i64>,
    /// The greatest length of a text or array.
    pub max_length: Option<i64>,
    /// `metadata.description`.
    pub description: Option<Text>,
}

/// What values a parameter takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParameterKind {
    /// `string`, `securestring`
    String,
    /// `int`
    Int,
    /// `bool`
    Bool,
    /// `array`
    Array,
    /// `object`, `secureobject`
    Object,
}

impl ParameterKind {
    /// The type's name, as a template writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Int => "int",
            Self::Bool => "bool",
            Self::Array => "array",
            Self::Object => "object",
        }
    }
}

impl ParameterDeclaration {
    /// Reads one declaration.
    pub(crate) fn read(name: &str, declared: &Value) -> Evaluated<Self> {
        let Value::Object(object) = declared else {
            return Err(Fault::template(format!("parameter `{name}` is not declared by an object")));
        };
        let word = object.get_ignore_case("type").and_then(Value::as_str).unwrap_or_default();
        let (kind, secure) = match word.to_lowercase().as_str() {
            "string" => (ParameterKind::String, false),
            "securestring" => (ParameterKind::String, true),
            "int" => (ParameterKind::Int, false),
            "bool" => (ParameterKind::Bool, false),
            "array" => (ParameterKind::Array, false),
            "object" => (ParameterKind::Object, false),
            "secureobject" => (ParameterKind::Object, true),
            "" => return Err(Fault::template(format!("parameter `{name}` has no type"))),
            _ => {
                return Err(Fault::template(format!("parameter `{name}` has the unknown type `{word}`"))
                    .help("types are `string`, `securestring`, `int`, `bool`, `array`, `object` and `secureobject`"));
            }
        };
        let number = |property: &str| object.get_ignore_case(property).and_then(Value::as_i64);
        let allowed =
            object.get_ignore_case("allowedValues").and_then(Value::as_array).map(<[Value]>::to_vec);
        let description = object.get_ignore_case("metadata").and_then(|m| m.get_ignore_case("description"));
        Ok(Self {
            name: Text::new(name),
            kind,
            secure,
            default: object.get_ignore_case("defaultValue").cloned(),
            allowed: allowed.filter(|allowed| !allowed.is_empty()),
            min_value: number("minValue"),
            max_value: number("maxValue"),
            min_length: number("minLength"),
            max_length: number("maxLength"),
            description: description.and_then(Value::as_str).map(Text::new),
        })
    }

    /// What to say when no value was given.
    pub(crate) fn missing(&self) -> Fault {
        let name = &self.name;
        let help = format!("give it with `--param {name}=VALUE` or in a parameters file");
        let about =
            self.description.as_ref().map(|about| about.split_whitespace().collect::<Vec<_>>().join(" "));
        let help = match about.filter(|about| !about.is_empty()) {
            Some(about) => {
                format!("{help}; the template says of it: {}", about.chars().take(200).collect::<String>())
            }
            None => help,
        };
        Fault::new("MissingParameter", format!("parameter `{name}` has no value and no default")).help(help)
    }
}

/// The parameters that a template declares at its top, in order; declarations that cannot be read are left out.
pub fn parameter_declarations(template: &Value) -> Vec<ParameterDeclaration> {
    let declared = template.get_ignore_case("parameters").and_then(Value::as_object);
    let readable = declared
        .into_iter()
        .flatten()
        .filter_map(|(name, value)| ParameterDeclaration::read(name, value).ok());
    readable.collect()
}

/// The given value as the declared type, checked against what the declaration allows.
///
/// Text is accepted for every type and read as JSON, since a command line gives nothing else.
pub(crate) fn coerce(declaration: &ParameterDeclaration, value: Value) -> Evaluated<Value> {
    let name = &declaration.name;
    let value = match (declaration.kind, value) {
        (ParameterKind::String, Value::String(text)) => Value::String(text),
        (ParameterKind::String, value @ (Value::Int(_) | Value::Float(_) | Value::Bool(_))) => {
            Value::from(json::to_string(&value))
        }
        (ParameterKind::Int, Value::Int(number)) => Value::Int(number),
        (ParameterKind::Bool, Value::Bool(flag)) => Value::Bool(flag),
        (ParameterKind::Array, value @ Value::Array(_))
        | (ParameterKind::Object, value @ Value::Object(_)) => value,
        (kind, Value::String(text)) => {
            read_text(kind, &text).ok_or_else(|| wrong_type(declaration, "String"))?
        }
        (_, value) => return Err(wrong_type(declaration, value.kind().as_str())),
    };
    let shown = |value: &Value| if declaration.secure { "…".to_owned() } else { value.to_string() };
    let refuse = |message: String| Err(Fault::new("InvalidParameter", message));
    if let Some(allowed) = &declaration.allowed
        && !allowed.contains(&value)
        && !every_item_allowed(allowed, &value)
    {
        let listed: Vec<String> = allowed.iter().take(24).map(Value::to_string).collect();
        let message = format!("parameter `{name}` does not take the value `{}`", shown(&value));
        return Err(Fault::new("InvalidParameter", message).help(format!("it takes {}", listed.join(", "))));
    }
    if let Some(number) = value.as_i64() {
        if let Some(least) = declaration.min_value.filter(|least| number < *least) {
            return refuse(format!("parameter `{name}` is `{number}`, below its least value `{least}`"));
        }
        if let Some(most) = declaration.max_value.filter(|most| number > *most) {
            return refuse(format!("parameter `{name}` is `{number}`, above its greatest value `{most}`"));
        }
    }
    let length = match &value {
        Value::String(text) => i64::try_from(text.chars().count()).ok(),
        Value::Array(items) => i64::try_from(items.len()).ok(),
        _ => None,
    };
    if let Some(length) = length {
        if let Some(least) = declaration.min_length.filter(|least| length < *least) {
            return refuse(format!(
                "parameter `{name}` has the length {length}, below its least length {least}"
            ));
        }
        if let Some(most) = declaration.max_length.filter(|most| length > *most) {
            return refuse(format!(
                "parameter `{name}` has the length {length}, above its greatest length {most}"
            ));
        }
    }
    Ok(value)
}

/// An array parameter may hold any selection of its allowed values.
fn every_item_allowed(allowed: &[Value], value: &Value) -> bool {
    value.as_array().is_some_and(|items| items.iter().all(|item| allowed.contains(item)))
}

fn wrong_type(declaration: &ParameterDeclaration, kind: &str) -> Fault {
    let (name, wanted) = (&declaration.name, declaration.kind.as_str());
    Fault::new(
        "InvalidParameter",
        format!("parameter `{name}` is of type `{wanted}`, the value is of type `{kind}`"),
    )
}

fn read_text(kind: ParameterKind, text: &str) -> Option<Value> {
    let value = match kind {
        ParameterKind::Bool => match text.to_lowercase().as_str() {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            _ => return None,
        },
        _ => json::parse_lenient(text).ok()?,
    };
    let fits = matches!(
        (kind, &value),
        (ParameterKind::Int, Value::Int(_))
            | (ParameterKind::Bool, Value::Bool(_))
            | (ParameterKind::Array, Value::Array(_))
            | (ParameterKind::Object, Value::Object(_))
    );
    fits.then_some(value)
}

/// Reads a parameters file: `{"parameters": {name: {"value": …}}}`, or the bare map, or names with plain values.
///
/// ```
/// use riposte_arm::read_parameters;
/// let given = read_parameters(r#"{ "parameters": { "Name": { "value": "Enrich" } } }"#).unwrap();
/// assert_eq!(given.get("Name").unwrap().as_str(), Some("Enrich"));
/// assert_eq!(read_parameters(r#"{ "Name": "Enrich" }"#).unwrap(), given);
/// ```
pub fn read_parameters(text: &str) -> Result<Object, Vec<Diagnostic>> {
    let value = json::parse_lenient(text).map_err(|error| {
        vec![
            Diagnostic::error("InvalidJson", format!("the parameters file is not JSON: {}", error.message))
                .at_line(error.line, error.column),
        ]
    })?;
    let Value::Object(file) = &value else {
        let help = "write `{\"parameters\": {\"NAME\": {\"value\": …}}}`";
        return Err(vec![
            Diagnostic::error("InvalidParameter", "a parameters file holds an object").help(help),
        ]);
    };
    let (map, base) = match file.get_key_value_ignore_case("parameters") {
        Some((name, Value::Object(map))) => (map, join_path("$", name)),
        _ => (file, "$".to_owned()),
    };
    let mut given = Object::new();
    let mut diagnostics = Vec::new();
    for (name, value) in map.iter() {
        let wrapped = value.as_object().filter(|object| object.len() == 1);
        if wrapped.is_some_and(|object| object.get_ignore_case("reference").is_some()) {
            diagnostics.push(
                Diagnostic::error(
                    "InvalidParameter",
                    format!("parameter `{name}` refers to a key vault, which is not read"),
                )
                .at(join_path(&base, name))
                .help(format!("give the value with `--param {name}=VALUE`")),
            );
            continue;
        }
        let inner = wrapped.and_then(|object| object.get_ignore_case("value"));
        given.insert(name.clone(), inner.unwrap_or(value).clone());
    }
    if diagnostics.is_empty() { Ok(given) } else { Err(diagnostics) }
}
