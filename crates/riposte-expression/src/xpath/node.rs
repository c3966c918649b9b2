//! Nodes as XPath sees them.

use crate::xml::{Attribute, Document, NodeKind, split_name};

/// A node of the tree or an attribute. The order is document order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct NodeId {
    index: usize,
    /// 0 for the node itself, n + 1 for its n-th attribute.
    attribute: usize,
}

pub(super) const ROOT: NodeId = NodeId { index: 0, attribute: 0 };

/// Text and CDATA that stand side by side are one text node, named by its first.
fn is_text(kind: &NodeKind) -> bool {
    matches!(kind, NodeKind::Text(_) | NodeKind::CData(_))
}

impl NodeId {
    pub const fn tree(index: usize) -> Self {
        Self { index, attribute: 0 }
    }

    /// The element that it is, if it is one.
    pub fn element(self, document: &Document) -> Option<usize> {
        (self.attribute == 0 && document.element(self.index).is_some()).then_some(self.index)
    }

    pub fn as_attribute(self, document: &Document) -> Option<&Attribute> {
        document.element(self.index)?.attributes.get(self.attribute.checked_sub(1)?)
    }

    pub fn is_attribute(self) -> bool {
        self.attribute > 0
    }

    pub fn kind(self, document: &Document) -> Option<&NodeKind> {
        (self.attribute == 0).then(|| document.kind(self.index))
    }

    pub fn is_text(self, document: &Document) -> bool {
        self.kind(document).is_some_and(is_text)
    }

    pub fn parent(self, document: &Document) -> Option<Self> {
        if self.is_attribute() {
            return Some(Self::tree(self.index));
        }
        document.parent(self.index).map(Self::tree)
    }

    pub fn children(self, document: &Document) -> Vec<Self> {
        if self.is_attribute() {
            return Vec::new();
        }
        let mut before_is_text = false;
        let mut found = Vec::new();
        for child in document.children(self.index) {
            let kind = document.kind(*child);
            let continues = before_is_text && is_text(kind);
            before_is_text = is_text(kind);
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
            .map(|(at, _)| Self { index: self.index, attribute: at + 1 })
            .collect()
    }

    /// The name as written, empty where there is none.
    pub fn name(self, document: &Document) -> &str {
        match (self.as_attribute(document), self.kind(document)) {
            (Some(attribute), _) => &attribute.name,
            (None, Some(NodeKind::Element(element))) => &element.name,
            (None, Some(NodeKind::Instruction { target, .. })) => target,
            _ => "",
        }
    }

    pub fn namespace(self, document: &Document) -> &str {
        let (prefix, _) = split_name(self.name(document));
        let named = self.is_attribute() || self.element(document).is_some();
        // An attribute without a prefix is in no namespace.
        if !named || (self.is_attribute() && prefix.is_empty()) {
            return "";
        }
        document.namespace(self.index, prefix)
    }

    /// The string value.
    pub fn text(self, document: &Document) -> String {
        if let Some(attribute) = self.as_attribute(document) {
            return attribute.value.clone();
        }
        match document.kind(self.index) {
            NodeKind::Comment(text) => text.clone(),
            NodeKind::Instruction { content, .. } => content.clone(),
            NodeKind::Text(_) | NodeKind::CData(_) => self.run_of_text(document),
            NodeKind::Document | NodeKind::Element(_) => {
                let mut out = String::new();
                collect_text(document, self.index, &mut out);
                out
            }
            NodeKind::Declaration(_) | NodeKind::DocumentType(_) => String::new(),
        }
    }

    fn run_of_text(self, document: &Document) -> String {
        let siblings = document.parent(self.index).map_or(&[][..], |parent| document.children(parent));
        let run = siblings.iter().skip_while(|sibling| **sibling != self.index);
        let texts = run.map_while(|sibling| match document.kind(*sibling) {
            NodeKind::Text(text) | NodeKind::CData(text) => Some(text.as_str()),
            _ => None,
        });
        texts.collect()
    }
}

fn collect_text(document: &Document, index: usize, out: &mut String) {
    for child in document.children(index) {
        match document.kind(*child) {
            NodeKind::Text(text) | NodeKind::CData(text) => out.push_str(text),
            NodeKind::Element(_) => collect_text(document, *child, out),
            _ => {}
        }
    }
}
