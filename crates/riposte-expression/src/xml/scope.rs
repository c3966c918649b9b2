//! Which prefix stands for which namespace, while a document is made or written from its beginning to its end.

use super::{Attribute, XML_NAMESPACE};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The elements that are open and the prefixes that they bind. A look-up does not depend on how many there are, so that
/// a document of many declarations costs no more than another of its size.
#[derive(Debug, Clone, Default)]
pub(super) struct Scope {
    open: Vec<(usize, Vec<String>)>,
    bound: BTreeMap<String, Vec<Arc<str>>>,
}

impl Scope {
    /// Closes what stands beside or below, and opens an element.
    pub fn open(&mut self, parent: usize, element: usize, attributes: &[Attribute]) {
        while self.open.last().is_some_and(|(open, _)| *open != parent) {
            self.close();
        }
        self.open.push((element, Vec::new()));
        for attribute in attributes {
            if let Some(prefix) = attribute.declares() {
                self.bind(prefix, attribute.value.as_str().into());
            }
        }
    }

    /// Closes the last element that was opened.
    pub fn close(&mut self) {
        for prefix in self.open.pop().map(|(_, prefixes)| prefixes).unwrap_or_default() {
            if let Some(bindings) = self.bound.get_mut(&prefix) {
                bindings.pop();
            }
        }
    }

    /// Binds a prefix for the element that was opened last.
    pub fn bind(&mut self, prefix: &str, namespace: Arc<str>) {
        if let Some((_, prefixes)) = self.open.last_mut() {
            prefixes.push(prefix.to_owned());
            self.bound.entry(prefix.to_owned()).or_default().push(namespace);
        }
    }

    /// What a prefix stands for; empty if for nothing.
    pub fn namespace(&self, prefix: &str) -> Arc<str> {
        if prefix == "xml" {
            return XML_NAMESPACE.into();
        }
        self.bound.get(prefix).and_then(|bindings| bindings.last()).cloned().unwrap_or_default()
    }
}
