//! JSON as XML, in the way of Json.NET's converter; see [`super::to_json`] for the shape.

use super::{Attribute, DEPTH_MAX, Document, DocumentType, Element, Malformed, NodeKind, encode_name};
use riposte_value::{Object, Text, Value, number};

/// The document of an object with one root property.
pub(crate) fn from_json(object: &Object) -> Result<Document, Malformed> {
    let mut document = Document::new();
    let mut roots = 0;
    for (name, value) in object {
        if name == "?xml" {
            document.add(0, NodeKind::Declaration(declaration(value)));
        } else if name == "!DOCTYPE" {
            document.add(0, NodeKind::DocumentType(document_type(value)));
        } else {
            if name.starts_with(['@', '#']) {
                return Err(Malformed(format!("the property '{name}' cannot stand at the root")));
            }
            roots += items(value).len();
            add(&mut document, 0, name, value, 0)?;
        }
    }
    if roots == 1 {
        return Ok(document);
    }
    Err(Malformed(
        "a JSON object that becomes XML has exactly one root property, which is not an array".into(),
    ))
}

/// The values of a property: the items of an array, or the value itself.
fn items(value: &Value) -> &[Value] {
    match value {
        Value::Array(items) => items,
        other => std::slice::from_ref(other),
    }
}

fn part<'v>(value: &'v Value, name: &str) -> Option<&'v str> {
    value.str_at(&[name])
}

fn declaration(value: &Value) -> Vec<Attribute> {
    let names = ["version", "encoding", "standalone"];
    let found = names.into_iter().filter_map(|name| Some((name, part(value, &format!("@{name}"))?)));
    found.map(|(name, value)| Attribute { name: name.to_owned(), value: value.to_owned() }).collect()
}

fn document_type(value: &Value) -> DocumentType {
    let text = |name: &str| part(value, name).map(str::to_owned);
    DocumentType {
        name: text("@name").unwrap_or_default(),
        public: text("@public"),
        system: text("@system"),
        internal_subset: text("@internalSubset"),
    }
}

/// A name with its local part encoded.
fn qualified(name: &str) -> Result<String, Malformed> {
    if name.is_empty() {
        return Err(Malformed("a property that becomes XML has a name".into()));
    }
    Ok(match name.split_once(':') {
        Some((prefix, local)) if !prefix.is_empty() && !local.is_empty() => {
            format!("{}:{}", encode_name(prefix), encode_name(local))
        }
        _ => encode_name(name),
    })
}

/// Adds the elements of a property.
fn add(
    document: &mut Document,
    parent: usize,
    name: &Text,
    value: &Value,
    depth: usize,
) -> Result<(), Malformed> {
    if depth >= DEPTH_MAX {
        return Err(Malformed(format!("elements are nested deeper than {DEPTH_MAX} levels")));
    }
    if let Some(target) = name.strip_prefix('?') {
        let kind = NodeKind::Instruction { target: encode_name(target), content: text(value) };
        document.add(parent, kind);
        return Ok(());
    }
    for item in items(value) {
        match name.as_str() {
            "#text" | "#whitespace" | "#significant-whitespace" => {
                document.add(parent, NodeKind::Text(text(item)));
            }
            "#cdata-section" => {
                let content = text(item);
                if content.contains("]]>") {
                    return Err(Malformed("']]>' cannot stand in a CDATA section".into()));
                }
                document.add(parent, NodeKind::CData(content));
            }
            _ => add_element(document, parent, name, item, depth)?,
        }
    }
    Ok(())
}

fn add_element(
    document: &mut Document,
    parent: usize,
    name: &Text,
    value: &Value,
    depth: usize,
) -> Result<(), Malformed> {
    let mut element = Element { name: qualified(name)?, attributes: Vec::new(), empty: true };
    let object = match value {
        Value::Object(object) => object,
        Value::Null => {
            document.add(parent, NodeKind::Element(element));
            return Ok(());
        }
        scalar => {
            let content = text(scalar);
            element.empty = false;
            let index = document.add(parent, NodeKind::Element(element));
            if !content.is_empty() {
                document.add(index, NodeKind::Text(content));
            }
            return Ok(());
        }
    };
    let mut children = Vec::new();
    for (name, item) in object.iter() {
        match name.strip_prefix('@') {
            Some(attribute) if !matches!(item, Value::Object(_) | Value::Array(_)) => {
                element.attributes.push(Attribute { name: qualified(attribute)?, value: text(item) });
            }
            // What belongs to Json.NET's own bookkeeping.
            _ if name.starts_with('$') => {
                element.attributes.push(Attribute { name: encode_name(name), value: text(item) });
            }
            _ => children.push((name, item)),
        }
    }
    let index = document.add(parent, NodeKind::Element(element));
    children.into_iter().try_for_each(|(name, item)| add(document, index, name, item, depth + 1))
}

/// The text of a scalar, as XML Schema writes it.
fn text(value: &Value) -> String {
    match value {
        Value::Bool(b) => b.to_string(),
        Value::Float(f) if f.is_infinite() => if *f > 0.0 { "INF" } else { "-INF" }.to_owned(),
        Value::Float(f) => number::float_text(*f),
        other => crate::text::of(other).into_owned(),
    }
}
