//! JSON as XML, in the way of Json.NET's converter; see [`super::to_json`] for the shape.

use super::{Attribute, Bounds, Document, DocumentType, Element, Malformed, NodeKind, encode_name};
use riposte_value::{Object, Text, Value, number};

/// The namespace of Json.NET's own bookkeeping: `{"$id": "1"}` is `json:id="1"`.
const BOOKKEEPING: &str = "http://james.newtonking.com/projects/json";

/// The document of an object with one root property.
pub(crate) fn from_json(object: &Object, bounds: Bounds) -> Result<Document, Malformed> {
    let mut document = Document::new();
    let mut roots = 0;
    for (name, value) in object {
        if roots > 0 {
            return Err(Malformed(
                "a JSON object that becomes XML has one root property, which comes last".into(),
            ));
        }
        if name == "?xml" {
            document.add(0, NodeKind::Declaration(declaration(value)?));
        } else if name == "!DOCTYPE" {
            document.add(0, NodeKind::DocumentType(document_type(value)));
        } else {
            if name.starts_with(['@', '#']) {
                return Err(Malformed(format!("the property '{name}' cannot stand at the root")));
            }
            roots += if name.starts_with('?') { 0 } else { items(value).len() };
            Maker { document: &mut document, bounds }.add(0, name, value, 0)?;
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

fn declaration(value: &Value) -> Result<Vec<Attribute>, Malformed> {
    let names = ["version", "encoding", "standalone"];
    let known = |name: &str| name.strip_prefix('@').is_some_and(|name| names.contains(&name));
    let well_formed = value.as_object().is_some_and(|object| object.iter().all(|(name, _)| known(name)));
    if !well_formed || part(value, "@version") != Some("1.0") {
        return Err(Malformed(
            "the property '?xml' holds '@version', which is 1.0, '@encoding' and '@standalone'".into(),
        ));
    }
    let found = names.into_iter().filter_map(|name| Some((name, part(value, &format!("@{name}"))?)));
    Ok(found.map(|(name, value)| Attribute::new(name, value)).collect())
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

struct Maker<'d> {
    document: &'d mut Document,
    bounds: Bounds,
}

impl Maker<'_> {
    fn put(&mut self, parent: usize, kind: NodeKind) -> Result<usize, Malformed> {
        let max = self.bounds.nodes_max;
        if self.document.nodes.len() > max {
            return Err(Malformed(format!("a document has at most {max} nodes")));
        }
        Ok(self.document.add(parent, kind))
    }

    /// Adds the elements of a property.
    fn add(&mut self, parent: usize, name: &str, value: &Value, depth: usize) -> Result<(), Malformed> {
        let max = self.bounds.depth_max;
        if depth >= max {
            return Err(Malformed(format!("elements are nested deeper than {max} levels")));
        }
        if let Some(target) = name.strip_prefix('?') {
            if target.is_empty() {
                return Err(Malformed("a property that becomes an instruction has a name".into()));
            }
            let kind = NodeKind::Instruction { target: encode_name(target), content: text(value) };
            self.put(parent, kind)?;
            return Ok(());
        }
        for item in items(value) {
            match name {
                "#text" | "#whitespace" | "#significant-whitespace" => {
                    self.put(parent, NodeKind::Text(text(item)))?;
                }
                "#cdata-section" => {
                    let content = text(item);
                    if content.contains("]]>") {
                        return Err(Malformed("']]>' cannot stand in a CDATA section".into()));
                    }
                    self.put(parent, NodeKind::CData(content))?;
                }
                _ => self.add_element(parent, name, item, depth)?,
            }
        }
        Ok(())
    }

    fn add_element(
        &mut self,
        parent: usize,
        name: &str,
        value: &Value,
        depth: usize,
    ) -> Result<(), Malformed> {
        let mut element = Element::new(qualified(name)?);
        match value {
            Value::Null => {
                self.put(parent, NodeKind::Element(element))?;
                Ok(())
            }
            // An array within an array is an element that holds elements of the same name.
            Value::Array(_) => {
                let index = self.put(parent, NodeKind::Element(element))?;
                self.add(index, name, value, depth + 1)
            }
            Value::Object(object) => {
                let children = take_attributes(&mut element, object)?;
                let index = self.put(parent, NodeKind::Element(element))?;
                children.into_iter().try_for_each(|(name, item)| self.add(index, name, item, depth + 1))
            }
            scalar => {
                let content = text(scalar);
                element.empty = false;
                let index = self.put(parent, NodeKind::Element(element))?;
                if !content.is_empty() {
                    self.put(index, NodeKind::Text(content))?;
                }
                Ok(())
            }
        }
    }
}

/// Moves the attributes among the properties to the element; what is left is its children.
fn take_attributes<'v>(
    element: &mut Element,
    object: &'v Object,
) -> Result<Vec<(&'v Text, &'v Value)>, Malformed> {
    let mut children = Vec::new();
    for (name, item) in object.iter() {
        let scalar = !matches!(item, Value::Object(_) | Value::Array(_));
        match (name.strip_prefix('@'), name.as_str()) {
            (Some(attribute), _) if scalar => {
                element.attributes.push(Attribute::new(qualified(attribute)?, text(item)));
            }
            (None, "$id" | "$ref" | "$type" | "$value") if scalar => {
                if !element.attributes.iter().any(|attribute| attribute.value == BOOKKEEPING) {
                    element.attributes.push(Attribute::new("xmlns:json", BOOKKEEPING));
                }
                let name = format!("json:{}", name.trim_start_matches('$'));
                element.attributes.push(Attribute::new(name, text(item)));
            }
            _ => children.push((name, item)),
        }
    }
    Ok(children)
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
