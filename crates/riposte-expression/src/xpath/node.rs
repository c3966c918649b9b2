//! Nodes as XPath sees them.

use crate::xml::{Attribute, Document, NodeKind, split_name};
use std::cmp::Reverse;

/// A node of the tree, or what an element has beside its children. The order is document order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct NodeId {
    index: usize,
    part: Part,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Part {
    Itself,
    /// A namespace in scope, by the element and the attribute that declare it. The nearest declaration comes first, the
    /// last of an element before its others, and `xml`, which the document itself declares, at the end: .NET's order.
    Namespace(Reverse<(usize, usize)>),
    Attribute(usize),
}

const XML_PREFIX: Part = Part::Namespace(Reverse((0, 0)));

pub(super) const ROOT: NodeId = NodeId::tree(0);

/// Text and CDATA that stand side by side are one text node, named by its first.
fn text_of(kind: &NodeKind) -> Option<&str> {
    match kind {
        NodeKind::Text(text) | NodeKind::CData(text) | NodeKind::Whitespace(text) => Some(text),
        _ => None,
    }
}

impl NodeId {
    pub const fn tree(index: usize) -> Self {
        Self { index, part: Part::Itself }
    }

    /// The place in the tree of the node itself, if it stands there.
    pub fn in_tree(self) -> Option<usize> {
        (self.part == Part::Itself).then_some(self.index)
    }

    /// The element that it is, if it is one.
    pub fn element(self, document: &Document) -> Option<usize> {
        self.in_tree().filter(|index| document.element(*index).is_some())
    }

    pub fn as_attribute(self, document: &Document) -> Option<&Attribute> {
        match self.part {
            Part::Attribute(at) => document.element(self.index)?.attributes.get(at),
            _ => None,
        }
    }

    pub fn is_attribute(self) -> bool {
        matches!(self.part, Part::Attribute(_))
    }

    pub fn is_namespace(self) -> bool {
        matches!(self.part, Part::Namespace(_))
    }

    pub fn kind(self, document: &Document) -> Option<&NodeKind> {
        self.in_tree().map(|index| document.kind(index))
    }

    pub fn is_text(self, document: &Document) -> bool {
        self.kind(document).and_then(text_of).is_some()
    }

    pub fn parent(self, document: &Document) -> Option<Self> {
        if self.part != Part::Itself {
            return Some(Self::tree(self.index));
        }
        document.parent(self.index).map(Self::tree)
    }

    pub fn children(self, document: &Document) -> Vec<Self> {
        let Some(index) = self.in_tree() else {
            return Vec::new();
        };
        let mut before_is_text = false;
        let mut found = Vec::new();
        for child in document.children(index) {
            let kind = document.kind(*child);
            let is_text = text_of(kind).is_some();
            let continues = before_is_text && is_text;
            before_is_text = is_text;
            if !continues && !matches!(kind, NodeKind::Declaration(_) | NodeKind::DocumentType(_)) {
                found.push(Self::tree(*child));
            }
        }
        found
    }

    /// The attributes that declare no namespace.
    pub fn attributes(self, document: &Document) -> Vec<Self> {
        let Some(element) = self.element(document).and_then(|index| document.element(index)) else {
            return Vec::new();
        };
        let attributes = element.attributes.iter().enumerate();
        attributes
            .filter(|(_, attribute)| attribute.declares().is_none())
            .map(|(at, _)| Self { index: self.index, part: Part::Attribute(at) })
            .collect()
    }

    /// The namespaces in scope, each prefix as the nearest element declares it.
    pub fn namespaces(self, document: &Document) -> Vec<Self> {
        let Some(element) = self.element(document) else {
            return Vec::new();
        };
        let mut prefixes = std::collections::BTreeSet::new();
        let mut found = Vec::new();
        let elements = std::iter::successors(Some(element), |index| document.parent(*index));
        for (owner, element) in elements.filter_map(|index| Some((index, document.element(index)?))) {
            for (at, attribute) in element.attributes.iter().enumerate().rev() {
                let Some(prefix) = attribute.declares() else { continue };
                if prefixes.insert(prefix) && !attribute.value.is_empty() && prefix != "xml" {
                    found.push(Self { index: self.index, part: Part::Namespace(Reverse((owner, at))) });
                }
            }
        }
        found.push(Self { index: self.index, part: XML_PREFIX });
        found
    }

    /// The prefix and the namespace, if it is a namespace.
    fn binding(self, document: &Document) -> Option<(&str, &str)> {
        let Part::Namespace(Reverse((owner, at))) = self.part else {
            return None;
        };
        if self.part == XML_PREFIX {
            return Some(("xml", crate::xml::XML_NAMESPACE));
        }
        let attribute = document.element(owner)?.attributes.get(at)?;
        Some((attribute.declares()?, &attribute.value))
    }

    /// The name as written, empty where there is none.
    pub fn name(self, document: &Document) -> &str {
        match (self.part, document.kind(self.index)) {
            (Part::Namespace(_), _) => self.binding(document).map_or("", |(prefix, _)| prefix),
            (Part::Attribute(_), _) => self.as_attribute(document).map_or("", |attribute| &attribute.name),
            (Part::Itself, NodeKind::Element(element)) => &element.name,
            (Part::Itself, NodeKind::Instruction { target, .. }) => target,
            _ => "",
        }
    }

    pub fn namespace(self, document: &Document) -> &str {
        match (self.part, document.kind(self.index)) {
            (Part::Attribute(_), _) => {
                self.as_attribute(document).map_or("", |attribute| &attribute.namespace)
            }
            (Part::Itself, NodeKind::Element(element)) => &element.namespace,
            _ => "",
        }
    }

    /// The name without its prefix.
    pub fn local_name(self, document: &Document) -> &str {
        split_name(self.name(document)).1
    }

    /// The string value. Counts the nodes that are read for it.
    pub fn text(self, document: &Document, nodes: &mut usize) -> String {
        if let Some(attribute) = self.as_attribute(document) {
            return attribute.value.clone();
        }
        if let Some((_, namespace)) = self.binding(document) {
            return namespace.to_owned();
        }
        match document.kind(self.index) {
            NodeKind::Comment(text) => text.clone(),
            NodeKind::Instruction { content, .. } => content.clone(),
            NodeKind::Text(_) | NodeKind::CData(_) | NodeKind::Whitespace(_) => {
                self.run_of_text(document, nodes)
            }
            NodeKind::Document | NodeKind::Element(_) => {
                let mut out = String::new();
                collect_text(document, self.index, &mut out, nodes);
                out
            }
            NodeKind::Declaration(_) | NodeKind::DocumentType(_) => String::new(),
        }
    }

    fn run_of_text(self, document: &Document, nodes: &mut usize) -> String {
        let siblings = document.parent(self.index).map_or(&[][..], |parent| document.children(parent));
        // The children stand in document order.
        let from = siblings.partition_point(|sibling| *sibling < self.index);
        let run = siblings.iter().skip(from).inspect(|_| *nodes += 1);
        run.map_while(|sibling| text_of(document.kind(*sibling))).collect()
    }
}

fn collect_text(document: &Document, index: usize, out: &mut String, nodes: &mut usize) {
    for child in document.children(index) {
        *nodes += 1;
        match document.kind(*child) {
            NodeKind::Element(_) => collect_text(document, *child, out, nodes),
            other => out.push_str(text_of(other).unwrap_or_default()),
        }
    }
}
