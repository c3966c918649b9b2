//! The core function library of XPath 1.0, and its numbers.

use super::evaluate::{Evaluator, Focus, Found};
use super::node::NodeId;
use super::parse::Expression;
use crate::utf16;
use crate::xml::Document;
use riposte_value::number::float_text;
use std::collections::BTreeMap;

/// The number that a text is: an optional minus, digits, a point; anything else is not a number, but for what .NET
/// writes of the infinite.
pub(super) fn number_of(text: &str) -> f64 {
    let text = text.trim_matches(is_space);
    match text {
        "Infinity" => return f64::INFINITY,
        "-Infinity" => return f64::NEG_INFINITY,
        _ => {}
    }
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain =
        digits.bytes().all(|b| b.is_ascii_digit() || b == b'.') && digits.bytes().any(|b| b.is_ascii_digit());
    if plain { text.parse().unwrap_or(f64::NAN) } else { f64::NAN }
}

/// The text of a number, with an exponent where .NET writes one, though XPath knows none. Zero has no sign.
pub(super) fn text_of(number: f64) -> String {
    if number == 0.0 { "0".into() } else { float_text(number) }
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

/// Whether a number names a place.
#[expect(clippy::cast_precision_loss, reason = "a document has far fewer than 2^53 nodes")]
pub(super) fn is_position(number: f64, position: usize) -> bool {
    (number - position as f64).abs() < f64::EPSILON
}

#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
fn count(n: usize) -> Found {
    Found::Number(n as f64)
}

/// To the nearest whole number, halves up.
fn round(number: f64) -> f64 {
    (number + 0.5).floor()
}

/// A call with its arguments evaluated. An argument that is not given is the node looked at.
struct Call<'c> {
    evaluator: &'c Evaluator<'c>,
    name: &'c str,
    values: Vec<Found>,
    focus: Focus,
}

impl Call<'_> {
    fn value(&self, at: usize) -> Found {
        self.values.get(at).cloned().unwrap_or_else(|| Found::Nodes(vec![self.focus.node]))
    }

    fn text(&self, at: usize) -> Result<String, String> {
        self.evaluator.text(&self.value(at))
    }

    fn number(&self, at: usize) -> Result<f64, String> {
        self.evaluator.number(&self.value(at))
    }

    fn boolean(&self) -> bool {
        self.values.first().is_some_and(Found::boolean)
    }

    fn nodes(&self) -> Result<Vec<NodeId>, String> {
        match self.value(0) {
            Found::Nodes(nodes) => Ok(nodes),
            _ => Err(format!("{}() takes a set of nodes", self.name)),
        }
    }

    /// A text about the first node, empty if there is none.
    fn about(&self, tell: impl Fn(NodeId, &Document) -> String) -> Result<Found, String> {
        let first = self.nodes()?.first().copied();
        Ok(Found::Text(first.map(|node| tell(node, self.evaluator.document)).unwrap_or_default()))
    }
}

pub(super) fn call(
    evaluator: &Evaluator<'_>,
    name: &str,
    arguments: &[Expression],
    focus: Focus,
) -> Result<Found, String> {
    let values = arguments.iter().map(|a| evaluator.expression(a, focus)).collect::<Result<Vec<_>, _>>()?;
    let call = Call { evaluator, name, values, focus };
    match (name, call.values.len()) {
        ("last", 0) => Ok(count(focus.size)),
        ("position", 0) => Ok(count(focus.position)),
        ("count", 1) => Ok(count(call.nodes()?.len())),
        // No document type is read, so nothing is an identifier.
        ("id", 1) => Ok(Found::Nodes(Vec::new())),
        ("local-name", 0 | 1) => call.about(|node, document| node.local_name(document).to_owned()),
        ("namespace-uri", 0 | 1) => call.about(|node, document| node.namespace(document).to_owned()),
        ("name", 0 | 1) => call.about(|node, document| node.name(document).to_owned()),
        ("boolean", 1) => Ok(Found::Boolean(call.boolean())),
        ("not", 1) => Ok(Found::Boolean(!call.boolean())),
        ("true", 0) => Ok(Found::Boolean(true)),
        ("false", 0) => Ok(Found::Boolean(false)),
        ("lang", 1) => Ok(Found::Boolean(speaks(evaluator, focus.node, &call.text(0)?)?)),
        ("number", 0 | 1) => Ok(Found::Number(call.number(0)?)),
        ("sum", 1) => {
            let add = |sum: f64, node| Ok::<f64, String>(sum + evaluator.number(&Found::Nodes(vec![node]))?);
            Ok(Found::Number(call.nodes()?.into_iter().try_fold(0.0, add)?))
        }
        ("floor", 1) => Ok(Found::Number(call.number(0)?.floor())),
        ("ceiling", 1) => Ok(Found::Number(call.number(0)?.ceil())),
        ("round", 1) => Ok(Found::Number(round(call.number(0)?))),
        _ => call_on_text(&call),
    }
}

fn call_on_text(call: &Call<'_>) -> Result<Found, String> {
    let text = |at: usize| call.text(at);
    match (call.name, call.values.len()) {
        ("string", 0 | 1) => Ok(Found::Text(text(0)?)),
        ("concat", 2..) => Ok(Found::Text((0..call.values.len()).map(text).collect::<Result<String, _>>()?)),
        ("starts-with", 2) => Ok(Found::Boolean(text(0)?.starts_with(&text(1)?))),
        ("contains", 2) => Ok(Found::Boolean(text(0)?.contains(&text(1)?))),
        ("substring-before", 2) => Ok(Found::Text(
            text(0)?.split_once(&text(1)?).map_or_else(String::new, |(before, _)| before.to_owned()),
        )),
        ("substring-after", 2) => Ok(Found::Text(
            text(0)?.split_once(&text(1)?).map_or_else(String::new, |(_, after)| after.to_owned()),
        )),
        ("substring", 2 | 3) => {
            let length = if call.values.len() == 3 { Some(call.number(2)?) } else { None };
            Ok(Found::Text(substring(&text(0)?, call.number(1)?, length)))
        }
        ("string-length", 0 | 1) => Ok(count(utf16::length(&text(0)?))),
        ("normalize-space", 0 | 1) => {
            let text = text(0)?;
            let words: Vec<&str> = text.split(is_space).filter(|word| !word.is_empty()).collect();
            Ok(Found::Text(words.join(" ")))
        }
        ("translate", 3) => Ok(Found::Text(translate(&text(0)?, &text(1)?, &text(2)?))),
        (name, given) => Err(format!("there is no function '{name}' that takes {given} arguments")),
    }
}

/// The characters whose place, counted from 1, is at least the rounded start and less than that plus the rounded
/// length. As everywhere in .NET, a character beyond the first 65,536 counts twice.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "both are between 1 and the length"
)]
#[expect(clippy::cast_precision_loss, reason = "texts are far shorter than 2^53")]
fn substring(text: &str, start: f64, length: Option<f64>) -> String {
    let beyond = utf16::length(text) as f64 + 1.0;
    let start = round(start);
    let end = length.map_or(beyond, |length| (start + round(length)).min(beyond));
    // A place that is not a number is before and after none; `min` and `max` would pass over it.
    let placed = start < beyond && length.is_none_or(|length| !(start + round(length)).is_nan());
    let from = start.max(1.0);
    if placed && from < end {
        utf16::slice(text, from as usize - 1, end as usize - 1).into_owned()
    } else {
        String::new()
    }
}

fn translate(text: &str, from: &str, to: &str) -> String {
    let mut table: BTreeMap<char, Option<char>> = BTreeMap::new();
    let mut targets = to.chars();
    for c in from.chars() {
        let target = targets.next();
        // The first mention of a character counts.
        table.entry(c).or_insert(target);
    }
    text.chars().filter_map(|c| table.get(&c).copied().unwrap_or(Some(c))).collect()
}

/// Whether the nearest `xml:lang` is a language or one of its dialects.
fn speaks(evaluator: &Evaluator<'_>, node: NodeId, language: &str) -> Result<bool, String> {
    let document = evaluator.document;
    let mut at = Some(node);
    while let Some(node) = at {
        evaluator.visit(1 + evaluator.attribute_count(node))?;
        let attributes = node.attributes(document);
        let found = attributes.iter().filter_map(|a| a.as_attribute(document)).find(|a| a.name == "xml:lang");
        if let Some(attribute) = found {
            let value = attribute.value.to_ascii_lowercase();
            let wanted = language.to_ascii_lowercase();
            return Ok(
                value == wanted || value.strip_prefix(&wanted).is_some_and(|rest| rest.starts_with('-'))
            );
        }
        at = node.parent(document);
    }
    Ok(false)
}
