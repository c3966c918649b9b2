//! XML documents: a tree, a strict reader, a writer, and the two ways between XML and JSON.

mod from_json;
mod name;
mod name_characters;
mod read;
mod scope;
mod to_json;
mod write;

pub(crate) use from_json::from_json;
pub(crate) use name::{decode as decode_name, encode as encode_name, is_part as is_name_part};
pub(crate) use read::{Malformed, read};
pub(crate) use to_json::to_json;
pub(crate) use write::{write_document, write_element};

use scope::Scope;
use std::sync::Arc;

/// The namespace of the prefix `xml`, which needs no declaration.
pub(crate) const XML_NAMESPACE: &str = "http://www.w3.org/XML/1998/namespace";

/// How much a document may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bounds {
    /// Nodes, attributes among them.
    pub nodes_max: usize,
    /// Levels of elements.
    pub depth_max: usize,
}

/// A document: its nodes in document order. The first is the document itself.
#[derive(Debug, Clone)]
pub(crate) struct Document {
    pub nodes: Vec<Node>,
    scope: Scope,
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
    /// White space alone, where `xml:space="preserve"` keeps it.
    Whitespace(String),
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
    /// What the prefix stands for, empty if for nothing; known once the element is in a document.
    pub namespace: Arc<str>,
    pub attributes: Vec<Attribute>,
    /// Whether it was written `<a/>`.
    pub empty: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Attribute {
    pub name: String,
    /// As of an element; one without a prefix is in no namespace.
    pub namespace: Arc<str>,
    pub value: String,
}

/// Prefix and local part of a name.
pub(crate) fn split_name(name: &str) -> (&str, &str) {
    name.split_once(':').unwrap_or(("", name))
}

impl Element {
    pub fn new(name: String) -> Self {
        Self { name, namespace: Arc::default(), attributes: Vec::new(), empty: true }
    }
}

impl Attribute {
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), namespace: Arc::default(), value: value.into() }
    }

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
        let root = Node { kind: NodeKind::Document, parent: None, children: Vec::new() };
        Self { nodes: vec![root], scope: Scope::default() }
    }

    /// Adds a node as the last child of another, which is the last node or stands above it.
    pub fn add(&mut self, parent: usize, mut kind: NodeKind) -> usize {
        let index = self.nodes.len();
        if let NodeKind::Element(element) = &mut kind {
            self.scope.open(parent, index, &element.attributes);
            element.namespace = self.scope.namespace(split_name(&element.name).0);
            for attribute in &mut element.attributes {
                match split_name(&attribute.name).0 {
                    "" | "xmlns" => {}
                    prefix => attribute.namespace = self.scope.namespace(prefix),
                }
            }
        }
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
}
