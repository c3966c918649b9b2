//! Writing XML as .NET's `OuterXml` does: no indentation, `<a />` for what is empty, double quotes.

use super::{Attribute, Document, Element, NodeKind, split_name};

/// The text of a document.
pub(crate) fn write_document(document: &Document) -> String {
    let mut out = String::new();
    let mut scope = Vec::new();
    for child in document.children(0) {
        write(document, *child, &mut scope, &mut out);
    }
    out
}

/// The text of one element, with the namespaces that it needs.
pub(crate) fn write_element(document: &Document, element: usize) -> String {
    let mut out = String::new();
    write(document, element, &mut Vec::new(), &mut out);
    out
}

/// Prefixes and their namespaces, as declared in what is written so far.
type Scope = Vec<(String, String)>;

fn write(document: &Document, index: usize, scope: &mut Scope, out: &mut String) {
    match document.kind(index) {
        NodeKind::Document => {}
        NodeKind::Declaration(attributes) => {
            out.push_str("<?xml");
            for attribute in attributes {
                write_attribute(attribute, out);
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
        NodeKind::Text(text) => escape(text, false, out),
        NodeKind::CData(text) => out.extend(["<![CDATA[", text, "]]>"]),
        NodeKind::Comment(text) => out.extend(["<!--", text, "-->"]),
        NodeKind::Instruction { target, content } => {
            out.extend(["<?", target, if content.is_empty() { "" } else { " " }, content, "?>"]);
        }
    }
}

fn write_tags(document: &Document, index: usize, element: &Element, scope: &mut Scope, out: &mut String) {
    let mark = scope.len();
    out.push('<');
    out.push_str(&element.name);
    for attribute in &element.attributes {
        write_attribute(attribute, out);
        if let Some(prefix) = attribute.declares() {
            scope.push((prefix.to_owned(), attribute.value.clone()));
        }
    }
    let names = std::iter::once(&element.name)
        .chain(element.attributes.iter().filter(|a| a.declares().is_none()).map(|a| &a.name));
    for (at, name) in names.enumerate() {
        let (prefix, _) = split_name(name);
        // An attribute without a prefix is in no namespace.
        if prefix == "xml" || (at > 0 && prefix.is_empty()) {
            continue;
        }
        let wanted = document.namespace(index, prefix);
        let declared =
            scope.iter().rev().find(|(known, _)| known == prefix).map_or("", |(_, value)| value.as_str());
        if wanted != declared {
            let name = if prefix.is_empty() { "xmlns".to_owned() } else { format!("xmlns:{prefix}") };
            write_attribute(&Attribute { name, value: wanted.to_owned() }, out);
            scope.push((prefix.to_owned(), wanted.to_owned()));
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
        out.extend(["</", &element.name, ">"]);
    }
    scope.truncate(mark);
}

fn write_attribute(attribute: &Attribute, out: &mut String) {
    out.push(' ');
    out.push_str(&attribute.name);
    out.push_str("=\"");
    escape(&attribute.value, true, out);
    out.push('"');
}

fn escape(text: &str, attribute: bool, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' if attribute => out.push_str("&quot;"),
            '\r' => out.push_str("&#xD;"),
            '\n' if attribute => out.push_str("&#xA;"),
            '\t' if attribute => out.push_str("&#x9;"),
            other => out.push(other),
        }
    }
}
