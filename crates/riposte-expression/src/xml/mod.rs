//! XML documents: a tree, a strict reader, a writer, and the two ways between XML and JSON.

mod from_json;
mod name;
mod read;
mod to_json;
mod write;

pub(crate) use from_json::from_json;
pub(crate) use name::{decode as decode_name, encode as encode_name, is_part as is_name_part};
pub(crate) use read::{Malformed, read};
pub(crate) use to_json::to_json;
pub(crate) use write::{write_document, write_element};

/// How many nodes a document may have.
pub(crate) const NODES_MAX: usize = 1_000_000;
/// How deep elements may nest.
pub(crate) const DEPTH_MAX: usize = 128;

/// A document: its nodes in document order. The first is the document itself.
#[derive(Debug, Clone)]
pub(crate) struct Document {
    pub nodes: Vec<Node>,
}

/// A node with its place in the tree.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub kind: NodeKind,
    pub parent: Option<usize>,
    pub children: Vec<usize>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NodeKind {
    Document,
    /// `<?xml version="1.0" …?>`, its parts as attributes.
    Declaration(Vec<Attribute>),
    DocumentType(DocumentType),
    Element(Element),
    Text(String),
    CData(String),
    Comment(String),
    Instruction {
        target: String,
        content: String,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct DocumentType {
    pub name: String,
    pub public: Option<String>,
    pub system: Option<String>,
    pub internal_subset: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Element {
    /// As written, with its prefix.
    pub name: String,
    pub attributes: Vec<Attribute>,
    /// Whether it was written `<a/>`.
    pub empty: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Attribute {
    pub name: String,
    pub value: String,
}

/// Prefix and local part of a name.
pub(crate) fn split_name(name: &str) -> (&str, &str) {
    name.split_once(':').unwrap_or(("", name))
}

impl Attribute {
    /// The prefix that the attribute declares a namespace for; empty for the default namespace.
    pub fn declares(&self) -> Option<&str> {
        match self.name.as_str() {
            "xmlns" => Some(""),
            name => name.strip_prefix("xmlns:"),
        }
    }
}

impl Document {
    pub fn new() -> Self {
        Self { nodes: vec![Node { kind: NodeKind::Document, parent: None, children: Vec::new() }] }
    }

    /// Adds a node as the last child of another.
    pub fn add(&mut self, parent: usize, kind: NodeKind) -> usize {
        let index = self.nodes.len();
        self.nodes.push(Node { kind, parent: Some(parent), children: Vec::new() });
        if let Some(parent) = self.nodes.get_mut(parent) {
            parent.children.push(index);
        }
        index
    }

    pub fn kind(&self, index: usize) -> &NodeKind {
        self.nodes.get(index).map_or(&NodeKind::Document, |node| &node.kind)
    }

    pub fn element(&self, index: usize) -> Option<&Element> {
        match self.kind(index) {
            NodeKind::Element(element) => Some(element),
            _ => None,
        }
    }

    pub fn children(&self, index: usize) -> &[usize] {
        self.nodes.get(index).map_or(&[], |node| &node.children)
    }

    pub fn parent(&self, index: usize) -> Option<usize> {
        self.nodes.get(index)?.parent
    }

    /// The namespace that a prefix stands for at an element; empty if none.
    pub fn namespace(&self, element: usize, prefix: &str) -> &str {
        if prefix == "xml" {
            return "http://www.w3.org/XML/1998/namespace";
        }
        let mut at = Some(element);
        while let Some(index) = at {
            let declared = self.element(index).and_then(|element| {
                element.attributes.iter().find(|attribute| attribute.declares() == Some(prefix))
            });
            if let Some(attribute) = declared {
                return &attribute.value;
            }
            at = self.parent(index);
        }
        ""
    }
}
