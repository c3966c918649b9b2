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
    /// The prefixes of each namespace, in the order in which they were bound.
    prefixes: BTreeMap<Arc<str>, Vec<String>>,
}

/// How many prefixes that stand for another namespace by now are passed over in search of one that does not.
const SHADOWED_MAX: usize = 16;

impl Scope {
    /// Closes what is open below an element.
    pub fn close_to(&mut self, element: usize) {
        while self.open.last().is_some_and(|(open, _)| *open != element) {
            self.close();
        }
    }

    /// Closes what stands beside or below, and opens an element.
    pub fn open(&mut self, parent: usize, element: usize, attributes: &[Attribute]) {
        self.close_to(parent);
        self.open.push((element, Vec::new()));
        for attribute in attributes {
            if let Some(prefix) = attribute.declares() {
                self.bind(prefix, attribute.value.as_str().into());
            }
        }
    }

    fn close(&mut self) {
        for prefix in self.open.pop().map(|(_, prefixes)| prefixes).unwrap_or_default() {
            let namespace = self.bound.get_mut(&prefix).and_then(Vec::pop);
            if let Some(prefixes) = namespace.and_then(|namespace| self.prefixes.get_mut(&namespace)) {
                prefixes.pop();
            }
        }
    }

    /// Binds a prefix for the element that was opened last.
    pub fn bind(&mut self, prefix: &str, namespace: Arc<str>) {
        if let Some((_, prefixes)) = self.open.last_mut() {
            prefixes.push(prefix.to_owned());
            self.prefixes.entry(namespace.clone()).or_default().push(prefix.to_owned());
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

    /// The prefix that stands for a namespace, the last of several; empty for the default namespace and for none.
    pub fn prefix(&self, namespace: &str) -> &str {
        let prefixes = self.prefixes.get(namespace).map_or(&[][..], Vec::as_slice);
        let bound = |prefix: &&String| *self.namespace(prefix) == *namespace;
        prefixes.iter().rev().take(SHADOWED_MAX).find(bound).map_or("", String::as_str)
    }
}
