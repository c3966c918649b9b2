//! XML as JSON, in the way of Json.NET's converter: attributes are `@name`, text beside other content is `#text`,
//! elements of one name are an array, `<a/>` is null and `<a></a>` an empty text.

use super::scope::Scope;
use super::{Attribute, Document, DocumentType, NodeKind, XML_NAMESPACE, decode_name, split_name};
use riposte_value::{Object, Text, Value};
use std::collections::BTreeMap;

/// The namespace by which an element can say that it is an array even when it is alone: `json:Array="true"`.
const JSON_NAMESPACE: &str = "http://james.newtonsoft.com/projects/json";

/// The JSON value of a document.
pub(crate) fn to_json(document: &Document) -> Value {
    let mut object = Object::new();
    Maker { document, scope: Scope::default() }.add_children(0, &mut object);
    Value::from(object)
}

/// What belongs to a name.
struct Group<T> {
    name: Text,
    items: Vec<T>,
    /// Whether it is an array whatever it holds.
    is_array: bool,
}

/// The groups, in the order in which their names appear.
struct Groups<T> {
    places: BTreeMap<Text, usize>,
    groups: Vec<Group<T>>,
}

impl<T> Groups<T> {
    fn new() -> Self {
        Self { places: BTreeMap::new(), groups: Vec::new() }
    }

    fn add(&mut self, name: Text, items: impl IntoIterator<Item = T>, is_array: bool) {
        let place = *self.places.entry(name.clone()).or_insert(self.groups.len());
        match self.groups.get_mut(place) {
            Some(group) => {
                group.items.extend(items);
                group.is_array |= is_array;
            }
            None => self.groups.push(Group { name, items: items.into_iter().collect(), is_array }),
        }
    }
}

struct Maker<'d> {
    document: &'d Document,
    scope: Scope,
}

impl Maker<'_> {
    /// A name with the prefix that stands for its namespace here, the last of several: Json.NET keeps the one that is
    /// written only if there is no other.
    fn full_name(&self, name: &str, namespace: &str) -> String {
        let (_, local) = split_name(name);
        let prefix = if namespace == XML_NAMESPACE { "xml" } else { self.scope.prefix(namespace) };
        if prefix.is_empty() { decode_name(local) } else { format!("{prefix}:{}", decode_name(local)) }
    }

    /// The name under which a node stands among its siblings.
    fn property(&self, index: usize) -> Text {
        match self.document.kind(index) {
            NodeKind::Declaration(_) => "?xml".into(),
            NodeKind::DocumentType(_) => "!DOCTYPE".into(),
            NodeKind::Element(element) => self.full_name(&element.name, &element.namespace).into(),
            NodeKind::Text(_) => "#text".into(),
            NodeKind::Whitespace(_) => "#significant-whitespace".into(),
            NodeKind::CData(_) => "#cdata-section".into(),
            NodeKind::Comment(_) => "#comment".into(),
            NodeKind::Instruction { target, .. } => format!("?{}", decode_name(target)).into(),
            NodeKind::Document => "#document".into(),
        }
    }

    /// Adds the children of a node, those of one name together, in the order in which the names appear. The name by
    /// which they are grouped knows the prefixes around them, that of one alone its own too (Json.NET looks twice).
    fn add_children(&mut self, parent: usize, object: &mut Object) {
        let document = self.document;
        let mut groups = Groups::new();
        for child in document.children(parent) {
            groups.add(self.property(*child), [*child], is_array(document, *child));
        }
        // Json.NET writes a name twice if two groups come to one; here they are one array.
        let mut made = Groups::new();
        for Group { name, items, is_array } in groups.groups {
            let comments = items.iter().all(|index| matches!(document.kind(*index), NodeKind::Comment(_)));
            match items.as_slice() {
                // One comment leaves no trace, several leave an empty array: a quirk that the service shows.
                [_] if comments => {}
                _ if comments => made.add(name, [], true),
                [only] if !is_array => {
                    let (own_name, value) = self.node(parent, *only);
                    made.add(own_name, [value], false);
                }
                all => made.add(name, all.iter().map(|index| self.node(parent, *index).1), true),
            }
        }
        for Group { name, mut items, is_array } in made.groups {
            let alone = if is_array || items.len() > 1 { None } else { items.pop() };
            object.insert(name, alone.unwrap_or_else(|| Value::from(items)));
        }
    }

    /// The name of a node and its value.
    fn node(&mut self, parent: usize, index: usize) -> (Text, Value) {
        let document = self.document;
        let value = match document.kind(index) {
            NodeKind::Element(element) => {
                self.scope.open(parent, index, &element.attributes);
                let name = self.property(index);
                let value = self.element(index);
                self.scope.close_to(parent);
                return (name, value);
            }
            NodeKind::Declaration(attributes) => {
                Value::from(attributes.iter().map(|attribute| self.attribute(attribute)).collect::<Object>())
            }
            NodeKind::DocumentType(kind) => document_type(kind),
            NodeKind::Text(text) | NodeKind::CData(text) | NodeKind::Whitespace(text) => Value::from(text),
            NodeKind::Instruction { content, .. } => Value::from(content),
            NodeKind::Document | NodeKind::Comment(_) => Value::Null,
        };
        (self.property(index), value)
    }

    fn attribute(&self, attribute: &Attribute) -> (Text, Value) {
        let name = match attribute.declares() {
            Some(_) => decode_name(&attribute.name),
            None => self.full_name(&attribute.name, &attribute.namespace),
        };
        (Text::from(format!("@{name}")), Value::from(&attribute.value))
    }

    fn element(&mut self, index: usize) -> Value {
        let document = self.document;
        let Some(element) = document.element(index) else { return Value::Null };
        let attributes: Vec<&Attribute> =
            element.attributes.iter().filter(|attribute| !is_json_attribute(attribute)).collect();
        match document.children(index) {
            [] if attributes.is_empty() && element.empty => Value::Null,
            [] if attributes.is_empty() => Value::from(""),
            [only] if attributes.is_empty() && matches!(document.kind(*only), NodeKind::Text(_)) => {
                self.node(index, *only).1
            }
            _ => {
                let mut object: Object =
                    attributes.into_iter().map(|attribute| self.attribute(attribute)).collect();
                self.add_children(index, &mut object);
                Value::from(object)
            }
        }
    }
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
