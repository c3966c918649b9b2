//! XML as JSON, in the way of Json.NET's converter: attributes are `@name`, text beside other content is `#text`,
//! elements of one name are an array, `<a/>` is null and `<a></a>` an empty text.

use super::{Attribute, Document, DocumentType, NodeKind, decode_name, split_name};
use riposte_value::{Object, Text, Value};

/// The namespace by which an element can say that it is an array even when it is alone: `json:Array="true"`.
const JSON_NAMESPACE: &str = "http://james.newtonsoft.com/projects/json";

/// The JSON value of a document.
pub(crate) fn to_json(document: &Document) -> Value {
    let mut object = Object::new();
    add_children(document, 0, &mut object);
    Value::from(object)
}

/// The name under which a node stands among its siblings.
fn property(document: &Document, index: usize) -> Text {
    match document.kind(index) {
        NodeKind::Declaration(_) => "?xml".into(),
        NodeKind::DocumentType(_) => "!DOCTYPE".into(),
        NodeKind::Element(element) => decode_name(&element.name).into(),
        NodeKind::Text(_) => "#text".into(),
        NodeKind::Whitespace(_) => "#significant-whitespace".into(),
        NodeKind::CData(_) => "#cdata-section".into(),
        NodeKind::Comment(_) => "#comment".into(),
        NodeKind::Instruction { target, .. } => format!("?{}", decode_name(target)).into(),
        NodeKind::Document => "#document".into(),
    }
}

/// Adds the children of a node, those of one name together, in the order in which the names appear.
fn add_children(document: &Document, parent: usize, object: &mut Object) {
    let mut groups: Vec<(Text, Vec<usize>)> = Vec::new();
    let mut places = std::collections::BTreeMap::new();
    for child in document.children(parent) {
        let name = property(document, *child);
        let place = *places.entry(name.clone()).or_insert(groups.len());
        match groups.get_mut(place) {
            Some((_, group)) => group.push(*child),
            None => groups.push((name, vec![*child])),
        }
    }
    for (name, group) in groups {
        let comments = group.iter().all(|index| matches!(document.kind(*index), NodeKind::Comment(_)));
        match group.as_slice() {
            // One comment leaves no trace, several leave an empty array: a quirk that the service shows.
            [_] if comments => {}
            _ if comments => {
                object.insert(name, Value::array([]));
            }
            [only] if !is_array(document, *only) => {
                object.insert(name, node(document, *only));
            }
            all => {
                object.insert(name, Value::array(all.iter().map(|index| node(document, *index))));
            }
        }
    }
}

fn node(document: &Document, index: usize) -> Value {
    match document.kind(index) {
        NodeKind::Declaration(attributes) => {
            Value::from(attributes.iter().map(attribute).collect::<Object>())
        }
        NodeKind::DocumentType(kind) => document_type(kind),
        NodeKind::Element(_) => element(document, index),
        NodeKind::Text(text) | NodeKind::CData(text) | NodeKind::Whitespace(text) => Value::from(text),
        NodeKind::Instruction { content, .. } => Value::from(content),
        NodeKind::Document | NodeKind::Comment(_) => Value::Null,
    }
}

fn attribute(attribute: &Attribute) -> (Text, Value) {
    (Text::from(format!("@{}", decode_name(&attribute.name))), Value::from(&attribute.value))
}

fn document_type(kind: &DocumentType) -> Value {
    let parts = [
        ("@name", Some(&kind.name)),
        ("@public", kind.public.as_ref()),
        ("@system", kind.system.as_ref()),
        ("@internalSubset", kind.internal_subset.as_ref().filter(|subset| !subset.is_empty())),
    ];
    Value::object(parts.into_iter().filter_map(|(name, value)| Some((name, Value::from(value?)))))
}

fn element(document: &Document, index: usize) -> Value {
    let Some(element) = document.element(index) else { return Value::Null };
    let attributes: Vec<&Attribute> =
        element.attributes.iter().filter(|attribute| !is_json_attribute(attribute)).collect();
    match document.children(index) {
        [] if attributes.is_empty() => {
            if element.empty {
                Value::Null
            } else {
                Value::from("")
            }
        }
        [only] if attributes.is_empty() && matches!(document.kind(*only), NodeKind::Text(_)) => {
            node(document, *only)
        }
        _ => {
            let mut object: Object = attributes.into_iter().map(attribute).collect();
            add_children(document, index, &mut object);
            Value::from(object)
        }
    }
}

fn is_json_attribute(attribute: &Attribute) -> bool {
    match attribute.declares() {
        Some(_) => attribute.value == JSON_NAMESPACE,
        None => &*attribute.namespace == JSON_NAMESPACE,
    }
}

fn is_array(document: &Document, index: usize) -> bool {
    let Some(element) = document.element(index) else { return false };
    element.attributes.iter().any(|attribute| {
        let (_, local) = split_name(&attribute.name);
        local == "Array"
            && attribute.value.eq_ignore_ascii_case("true")
            && attribute.declares().is_none()
            && is_json_attribute(attribute)
    })
}
