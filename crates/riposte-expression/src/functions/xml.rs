//! XML: to and from JSON, and XPath.

use super::{Family, Function, Invocation, example};
use crate::content::{self, Envelope};
use crate::error::Failure;
use crate::limits::Bound;
use crate::xml::{self, Bounds, Document, Malformed, NodeKind};
use crate::xpath::{self, Found};
use riposte_value::Value;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::value(Family::Conversion, "xml", "value", to_xml).takes(1, 1).says(
        "XML content from text, or from an object with one root property.",
        &[example(r#"string(xml(json('{"a": {"@id": 1, "b": ["x", null]}}')))"#, r#""<a id=\"1\"><b>x</b><b /></a>""#)],
    ),
    Function::value(Family::Manipulation, "xpath", "xml, xpath", select).takes(2, 2).says(
        "What an XPath 1.0 expression selects in XML content: an array of nodes, a number, a text or a boolean.",
        &[
            example("xpath(xml('<a><b>1</b><b>2</b></a>'), '/a/b/text()')", r#"["1", "2"]"#),
            example("xpath(xml('<a><b>1</b><b>2</b></a>'), 'sum(/a/b)')", "3.0"),
        ],
    ),
];

fn not_valid(call: &Invocation<'_, '_>, why: &Malformed) -> Failure {
    let bound = why.0.contains("a document has at most").then(|| Bound::XmlNodes.advice());
    call.fails(format_args!(
        "parameter is not valid. The provided value cannot be converted to XML: '{}'",
        why.0
    ))
    .advised(bound)
}

fn bounds(call: &Invocation<'_, '_>) -> Bounds {
    let limits = call.environment.limits;
    Bounds { nodes_max: limits.xml_nodes_max, depth_max: limits.depth_max }
}

fn to_xml(call: &Invocation<'_, '_>) -> Result<Value, Failure> {
    let value = call.argument(0);
    // Content is said to be XML; it is read when something is asked of it.
    if let Some(envelope) = Envelope::of(value) {
        return Ok(content::envelope(content::XML, &envelope.bytes));
    }
    let document = match value {
        Value::String(text) => xml::read(text, bounds(call)),
        Value::Object(object) => xml::from_json(object, bounds(call)),
        _ => return Err(call.wrong(0, "to be a string or an object")),
    };
    let text = xml::write_document(&document.map_err(|why| not_valid(call, &why))?);
    call.check_length(text.len())?;
    Ok(content::envelope(content::XML, text.as_bytes()))
}

/// The JSON of XML content.
pub(super) fn to_json(call: &Invocation<'_, '_>, envelope: &Envelope) -> Result<Value, Failure> {
    let document = document(call, envelope)?;
    Ok(xml::to_json(&document))
}

fn document(call: &Invocation<'_, '_>, envelope: &Envelope) -> Result<Document, Failure> {
    let document = xml::read(&envelope.text(), bounds(call)).map_err(|why| not_valid(call, &why))?;
    let encoding = document.children(0).iter().find_map(|child| match document.kind(*child) {
        NodeKind::Declaration(parts) => {
            parts.iter().find(|part| part.name == "encoding").map(|part| &part.value)
        }
        _ => None,
    });
    let known = ["utf-8", "us-ascii", "ascii", "iso-8859-1", "latin1", "windows-1252"];
    match encoding {
        Some(name) if !known.iter().any(|known| known.eq_ignore_ascii_case(name)) => {
            let why = Malformed(format!("'{name}' is not a supported encoding here: the text is UTF-8."));
            Err(not_valid(call, &why))
        }
        _ => Ok(document),
    }
}

fn select(call: &Invocation<'_, '_>) -> Result<Value, Failure> {
    let envelope = Envelope::of(call.argument(0)).ok_or_else(|| call.wrong(0, "to be an XML object"))?;
    let path = call.string(1)?;
    let document = document(call, &envelope)?;
    let visits_max = call.environment.limits.xpath_visits_max;
    let found = xpath::evaluate(&document, path, visits_max).map_err(|why| {
        let bound = why.starts_with("it visits more than").then(|| Bound::XPath.advice());
        call.fails(format_args!("was invoked with an XPath expression '{path}' that is not valid: {why}."))
            .advised(bound)
    })?;
    Ok(match found {
        Found::Number(number) => Value::Float(number),
        Found::Text(text) => Value::from(text),
        Found::Boolean(b) => Value::Bool(b),
        Found::Nodes(nodes) => {
            call.check_items(nodes.len())?;
            let mut bytes = 0;
            let mut items = Vec::with_capacity(nodes.len());
            for node in nodes {
                let value = match node.in_tree() {
                    Some(0) => content::envelope(content::XML, xml::write_document(&document).as_bytes()),
                    Some(index) if document.element(index).is_some() => {
                        content::envelope(content::XML, xml::write_element(&document, index).as_bytes())
                    }
                    _ => Value::from(node.text(&document, &mut 0)),
                };
                bytes += value.str_at(&["$content"]).or(value.as_str()).map_or(0, str::len);
                call.check_length(bytes)?;
                items.push(value);
            }
            Value::from(items)
        }
    })
}
