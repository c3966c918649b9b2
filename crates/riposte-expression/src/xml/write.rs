//! Writing XML as .NET's `OuterXml` does: no indentation, `<a />` for what is empty, double quotes.

use super::scope::Scope;
use super::{Document, Element, NodeKind, split_name};
use std::fmt::Write as _;

/// The text of a document.
pub(crate) fn write_document(document: &Document) -> String {
    let mut out = String::new();
    let mut scope = Scope::default();
    for child in document.children(0) {
        write(document, *child, &mut scope, &mut out);
    }
    out
}

/// The text of one element, with the namespaces that it needs.
pub(crate) fn write_element(document: &Document, element: usize) -> String {
    let mut out = String::new();
    write(document, element, &mut Scope::default(), &mut out);
    out
}

fn write(document: &Document, index: usize, scope: &mut Scope, out: &mut String) {
    match document.kind(index) {
        NodeKind::Document => {}
        NodeKind::Declaration(attributes) => {
            out.push_str("<?xml");
            for attribute in attributes {
                write_attribute(&attribute.name, &attribute.value, out);
            }
            out.push_str("?>");
        }
        NodeKind::DocumentType(kind) => {
            out.push_str("<!DOCTYPE ");
            out.push_str(&kind.name);
            match (&kind.public, &kind.system) {
                (Some(public), system) => {
                    let system = system.as_deref().unwrap_or_default();
                    out.extend([" PUBLIC \"", public, "\" \"", system, "\""]);
                }
                (None, Some(system)) => out.extend([" SYSTEM \"", system, "\""]),
                (None, None) => {}
            }
            if let Some(subset) = &kind.internal_subset {
                out.push('[');
                out.push_str(subset);
                out.push(']');
            }
            out.push('>');
        }
        NodeKind::Element(element) => write_tags(document, index, element, scope, out),
        NodeKind::Text(text) | NodeKind::Whitespace(text) => escape(text, false, out),
        NodeKind::CData(text) => out.extend(["<![CDATA[", text, "]]>"]),
        NodeKind::Comment(text) => out.extend(["<!--", text, "-->"]),
        NodeKind::Instruction { target, content } => {
            out.extend(["<?", target, " ", content, "?>"]);
        }
    }
}

fn write_tags(document: &Document, index: usize, element: &Element, scope: &mut Scope, out: &mut String) {
    let parent = document.parent(index).unwrap_or(0);
    scope.open(parent, index, &element.attributes);
    let name = written_name(&element.name, &element.namespace);
    out.push('<');
    out.push_str(name);
    for attribute in &element.attributes {
        let name = match attribute.declares() {
            Some(_) => &attribute.name,
            None => written_name(&attribute.name, &attribute.namespace),
        };
        write_attribute(name, &attribute.value, out);
    }
    let attributes = element.attributes.iter().filter(|attribute| attribute.declares().is_none());
    let named = attributes.map(|attribute| (&attribute.name, &attribute.namespace));
    for (at, (name, namespace)) in
        std::iter::once((&element.name, &element.namespace)).chain(named).enumerate()
    {
        let (prefix, _) = split_name(name);
        // An attribute without a prefix is in no namespace, and a prefix without one is not written.
        if prefix == "xml" || (at > 0 && prefix.is_empty()) || (!prefix.is_empty() && namespace.is_empty()) {
            continue;
        }
        if *namespace != scope.namespace(prefix) {
            let name = if prefix.is_empty() { "xmlns".to_owned() } else { format!("xmlns:{prefix}") };
            write_attribute(&name, namespace, out);
            scope.bind(prefix, namespace.clone());
        }
    }
    let children = document.children(index);
    if children.is_empty() && element.empty {
        out.push_str(" />");
    } else {
        out.push('>');
        for child in children {
            write(document, *child, scope, out);
        }
        out.extend(["</", name, ">"]);
    }
}

/// A name without its prefix if that stands for nothing, which only a document made of JSON has.
fn written_name<'n>(name: &'n str, namespace: &str) -> &'n str {
    if namespace.is_empty() { split_name(name).1 } else { name }
}

fn write_attribute(name: &str, value: &str, out: &mut String) {
    out.push(' ');
    out.push_str(name);
    out.push_str("=\"");
    escape(value, true, out);
    out.push('"');
}

/// As `OuterXml` escapes: line ends as numbers in attributes only, other control characters everywhere.
fn escape(text: &str, attribute: bool, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' if attribute => out.push_str("&quot;"),
            '\r' | '\n' if !attribute => out.push(c),
            '\t' => out.push(c),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {
                // Writing to a String cannot fail.
                let _ = write!(out, "&#x{:X};", u32::from(c));
            }
            other => out.push(other),
        }
    }
}
