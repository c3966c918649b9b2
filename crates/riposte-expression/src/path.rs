//! The steps of a path, `?['x'].y[0]`, taken by reference, and why one leads nowhere.

use crate::error::Failure;
use crate::functions::Environment;
use crate::program::Node;
use crate::shown::listed;
use riposte_diagnostic::{Span, nearest};
use riposte_value::{Kind, LastPlace, Object, Text, Value};

static NULL: Value = Value::Null;

/// One step of a path.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    pub safe: bool,
    pub key: StepKey,
    pub span: Span,
}

#[derive(Debug, Clone)]
pub(crate) enum StepKey {
    Name(Property),
    Index(i64),
    Computed(Node),
}

/// A name that is known when the expression is compiled.
#[derive(Debug, Clone)]
pub(crate) struct Property {
    name: Text,
    /// Whether the name may be a path of its own; see [`select_slashed`].
    slashed: bool,
    last: LastPlace,
}

impl Property {
    pub fn new(name: Text) -> Self {
        Self { slashed: name.contains('/'), name, last: LastPlace::default() }
    }

    fn find<'v>(&self, value: &'v Value, safe: bool) -> Option<&'v Value> {
        let Value::Object(object) = value else {
            return (safe && value.is_null()).then_some(&NULL);
        };
        let found = object.get_ignore_case_at_last(&self.name, &self.last);
        let found = if self.slashed { found.or_else(|| select_slashed(object, &self.name)) } else { found };
        found.or_else(|| safe.then_some(&NULL))
    }
}

/// Takes the steps; the failure names the first that cannot be taken.
pub(crate) fn walk<'v, 'a>(
    start: &'v Value,
    steps: &'a [Step],
    span: Span,
    environment: &Environment<'a>,
) -> Result<&'v Value, Failure>
where
    'a: 'v,
{
    steps.iter().try_fold(start, |value, step| {
        let taken = match &step.key {
            StepKey::Name(property) => {
                property.find(value, step.safe).ok_or_else(|| not_found(value, &property.name))
            }
            StepKey::Index(index) => select_index(value, *index, step.safe),
            StepKey::Computed(node) => select(value, &node.evaluate(environment)?, step.safe),
        };
        taken.map_err(|why| step.failure(why, span))
    })
}

/// Why a step leads nowhere: the sentence after "cannot be evaluated because", and a hint.
struct Blocked {
    reason: String,
    help: Option<String>,
}

impl Step {
    /// Takes the step if nothing needs to be evaluated for it and it leads somewhere.
    pub fn take<'v>(&self, value: &'v Value) -> Option<&'v Value> {
        match &self.key {
            StepKey::Name(property) => property.find(value, self.safe),
            StepKey::Index(index) => find_index(value, *index, self.safe),
            StepKey::Computed(_) => None,
        }
    }

    /// A failure that spans the path up to this step. [`crate::template`] puts the text of the path in the place of
    /// the mark, as only it has the text.
    fn failure(&self, why: Blocked, path: Span) -> Failure {
        let failure = Failure::new(format!("{PATH_MARK}{}", why.reason));
        let failure = match why.help {
            Some(help) => failure.help(help),
            None => failure,
        };
        failure.at(Span { start: path.start, end: path.end.max(self.span.end) })
    }
}

/// Stands for `The template language expression '…' cannot be evaluated because` until the text is known.
const PATH_MARK: char = '\u{0}';

/// The message of a failure. The service quotes the whole expression in it, not only the path that leads nowhere.
pub(crate) fn message(message: String, expression: &str) -> String {
    match message.strip_prefix(PATH_MARK) {
        Some(reason) => format!(
            "The template language expression '{expression}' cannot be evaluated because {reason} Please see https://aka.ms/logicexpressions for usage details."
        ),
        None => message,
    }
}

fn select<'v>(value: &'v Value, key: &Value, safe: bool) -> Result<&'v Value, Blocked> {
    match key {
        Value::String(name) => select_name(value, name, safe),
        Value::Int(index) => select_index(value, *index, safe),
        Value::Null if safe && value.is_null() => Ok(&NULL),
        other => match crate::number::whole(other) {
            Some(index) => select_index(value, index, safe),
            None => Err(Blocked {
                reason: format!("the key of type '{}' cannot select a property or an element.", other.kind()),
                help: Some("a name selects a property, an integer an item".to_owned()),
            }),
        },
    }
}

fn find_name<'v>(value: &'v Value, name: &str, safe: bool) -> Option<&'v Value> {
    match value {
        Value::Object(object) => object
            .get_ignore_case(name)
            .or_else(|| select_slashed(object, name))
            .or_else(|| safe.then_some(&NULL)),
        Value::Null if safe => Some(&NULL),
        _ => None,
    }
}

fn select_name<'v>(value: &'v Value, name: &str, safe: bool) -> Result<&'v Value, Blocked> {
    find_name(value, name, safe).ok_or_else(|| not_found(value, name))
}

#[cold]
fn not_found(value: &Value, name: &str) -> Blocked {
    match value {
        Value::Object(object) => missing(object, name),
        Value::Array(_) => Blocked {
            reason: format!(
                "property '{name}' cannot be selected. Array elements can only be selected using an integer index."
            ),
            help: Some(
                "select an item first, such as `first(…)` or `[0]`, or go through them with a Foreach or Select"
                    .to_owned(),
            ),
        },
        other => not_selectable(name, other),
    }
}

fn find_index(value: &Value, index: i64, safe: bool) -> Option<&Value> {
    match value {
        Value::Array(items) => usize::try_from(index)
            .ok()
            .and_then(|index| items.get(index))
            .or_else(|| (safe && index >= 0).then_some(&NULL)),
        Value::Null if safe => Some(&NULL),
        _ => None,
    }
}

fn select_index(value: &Value, index: i64, safe: bool) -> Result<&Value, Blocked> {
    find_index(value, index, safe).ok_or_else(|| match value {
        Value::Array(items) => outside(items.len(), index),
        Value::Object(object) => Blocked {
            reason: format!(
                "property '{index}' cannot be selected. Object properties can only be selected using a property name."
            ),
            help: Some(format!("its properties are: {}", listed(object.keys().map(Text::as_str)))),
        },
        other => not_selectable(&index.to_string(), other),
    })
}

/// A name with slashes that no property has, such as `body/value`, is a path through nested objects (the aliased
/// outputs of Power Automate; measured on the service).
fn select_slashed<'v>(object: &'v Object, name: &str) -> Option<&'v Value> {
    let (first, rest) = name.split_once('/')?;
    rest.split('/').try_fold(object.get_ignore_case(first)?, |value, part| value.get_ignore_case(part))
}

fn outside(length: usize, index: i64) -> Blocked {
    let last = i64::try_from(length).map_or(i64::MAX, |length| length - 1);
    let count = match length {
        0 => "no items".to_owned(),
        1 => "1 item".to_owned(),
        _ => format!("{length} items"),
    };
    let advice = if index < 0 {
        "indexes begin at 0, and `last(…)` gives the last item".to_owned()
    } else {
        format!("write `?[{index}]` if it may be absent")
    };
    Blocked {
        reason: format!("array index '{index}' is outside bounds (0, {last}) of array."),
        help: Some(format!("the array has {count}; {advice}")),
    }
}

fn missing(object: &Object, name: &str) -> Blocked {
    let available = listed(object.keys().map(Text::as_str));
    let advice = format!("write `?['{name}']` if it may be absent");
    let help = match nearest(name, object.keys().map(Text::as_str)) {
        Some(near) => format!("did you mean `{near}`? Or {advice}"),
        None => advice,
    };
    Blocked {
        reason: format!("property '{name}' doesn't exist, available properties are '{available}'."),
        help: Some(help),
    }
}

fn not_selectable(name: &str, value: &Value) -> Blocked {
    let kind = value.kind();
    let cannot = format!("property '{name}' cannot be selected.");
    if kind == Kind::Null {
        // Of null the service says no more than that.
        let help = format!("the value before it is null; write `?['{name}']` if it may be");
        return Blocked { reason: cannot, help: Some(help) };
    }
    let json = value.as_str().is_some_and(|text| text.trim_start().starts_with(['{', '[']));
    Blocked {
        reason: format!("{cannot} Property selection is not supported on values of type '{kind}'."),
        help: json.then(|| "it is JSON in a text: parse it with `json(…)`".to_owned()),
    }
}
