//! Reading XML 1.0, strictly: what is not well-formed is refused.
//!
//! As .NET's `XmlDocument.LoadXml` does, white space alone between tags is dropped, line ends stay as they are, and any
//! character may stand as a number. Entities that a document type declares are not read: a document cannot grow by its
//! own rules.

use super::name::{is_part, is_start};
use super::{Attribute, Bounds, Document, DocumentType, Element, NodeKind, XML_NAMESPACE, split_name};
use std::collections::BTreeSet;

/// Why text is no XML document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Malformed(pub String);

type Read<T> = Result<T, Malformed>;

/// Reads a document with one root element.
pub(crate) fn read(text: &str, bounds: Bounds) -> Read<Document> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let document = Document::new();
    let open = vec![Open { index: 0, keeps_space: false }];
    let mut reader = Reader { all: text, rest: text, document, bounds, attributes: 0, open };
    reader.declaration()?;
    while !reader.rest.is_empty() {
        reader.node()?;
        reader.check_size()?;
    }
    if reader.open.len() > 1 {
        return Err(reader.error("the text ends before its elements are closed"));
    }
    let roots =
        reader.document.children(0).iter().filter(|child| reader.document.element(**child).is_some()).count();
    if roots != 1 {
        return Err(reader.error("a document has one root element"));
    }
    Ok(reader.document)
}

struct Reader<'a> {
    all: &'a str,
    rest: &'a str,
    document: Document,
    bounds: Bounds,
    /// How many attributes were read.
    attributes: usize,
    /// The elements that are open, and the document before them.
    open: Vec<Open>,
}

#[derive(Debug, Clone, Copy)]
struct Open {
    index: usize,
    /// Whether `xml:space="preserve"` holds.
    keeps_space: bool,
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

fn is_character(c: char) -> bool {
    !matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
}

impl<'a> Reader<'a> {
    fn error(&self, message: &str) -> Malformed {
        let read = self.all.len() - self.rest.len();
        let before = self.all.get(..read).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Malformed(format!("{message}. Line {line}, position {column}."))
    }

    fn parent(&self) -> usize {
        self.open.last().map_or(0, |open| open.index)
    }

    fn check_size(&self) -> Read<()> {
        let max = self.bounds.nodes_max;
        if self.document.nodes.len() + self.attributes > max {
            return Err(self.error(&format!("a document has at most {max} nodes")));
        }
        Ok(())
    }

    fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }

    fn skip_space(&mut self) -> bool {
        let trimmed = self.rest.trim_start_matches(is_space);
        let skipped = trimmed.len() < self.rest.len();
        self.rest = trimmed;
        skipped
    }

    fn expect(&mut self, token: &str) -> Read<()> {
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                Ok(())
            }
            None => Err(self.error(&format!("'{token}' is expected"))),
        }
    }

    /// What stands before a token, which is passed over too.
    fn until(&mut self, token: &str) -> Read<&'a str> {
        let Some((before, after)) = self.rest.split_once(token) else {
            return Err(self.error(&format!("'{token}' is expected before the end")));
        };
        self.rest = after;
        Ok(before)
    }

    fn name(&mut self) -> Read<String> {
        let part = |c: char| is_part(c) || c == ':';
        let length = self.rest.find(|c| !part(c)).unwrap_or(self.rest.len());
        let name = self.rest.get(..length).unwrap_or_default();
        let parts: Vec<&str> = name.split(':').collect();
        if parts.len() > 2 || !parts.iter().all(|part| part.starts_with(is_start)) {
            return Err(self.error("a name is expected"));
        }
        self.skip(length);
        Ok(name.to_owned())
    }

    fn declaration(&mut self) -> Read<()> {
        let Some(rest) = self.rest.strip_prefix("<?xml").filter(|rest| rest.starts_with(is_space)) else {
            return Ok(());
        };
        self.rest = rest;
        let attributes = self.attributes()?;
        self.expect("?>")?;
        let names: Vec<&str> = attributes.iter().map(|attribute| attribute.name.as_str()).collect();
        let ordered = matches!(
            names.as_slice(),
            ["version"] | ["version", "encoding" | "standalone"] | ["version", "encoding", "standalone"]
        );
        let value = |name: &str| attributes.iter().find(|a| a.name == name).map(|a| a.value.as_str());
        let standalone = value("standalone").is_none_or(|value| value == "yes" || value == "no");
        if !ordered || value("version") != Some("1.0") || !standalone {
            return Err(self.error("the XML declaration is not valid"));
        }
        self.document.add(0, NodeKind::Declaration(attributes));
        Ok(())
    }

    fn node(&mut self) -> Read<()> {
        if !self.rest.starts_with('<') {
            return self.text();
        }
        if let Some(rest) = self.rest.strip_prefix("<!--") {
            self.rest = rest;
            let content = self.until("--")?.to_owned();
            self.expect(">")?;
            self.add(NodeKind::Comment(content));
        } else if let Some(rest) = self.rest.strip_prefix("<![CDATA[") {
            self.rest = rest;
            if self.open.len() == 1 {
                return Err(self.error("text may not stand outside of the root element"));
            }
            let content = self.until("]]>")?.to_owned();
            self.add(NodeKind::CData(content));
        } else if let Some(rest) = self.rest.strip_prefix("<!DOCTYPE") {
            self.rest = rest;
            self.document_type()?;
        } else if let Some(rest) = self.rest.strip_prefix("<?") {
            self.rest = rest;
            let target = self.name()?;
            if target.eq_ignore_ascii_case("xml") {
                return Err(self.error("an XML declaration stands at the very beginning"));
            }
            let content = self.until("?>")?.trim_start_matches(is_space).to_owned();
            self.add(NodeKind::Instruction { target, content });
        } else if let Some(rest) = self.rest.strip_prefix("</") {
            self.rest = rest;
            self.end_tag()?;
        } else {
            self.skip(1);
            self.start_tag()?;
        }
        Ok(())
    }

    fn add(&mut self, kind: NodeKind) -> usize {
        self.document.add(self.parent(), kind)
    }

    fn text(&mut self) -> Read<()> {
        let end = self.rest.find('<').unwrap_or(self.rest.len());
        let raw = self.rest.get(..end).unwrap_or_default();
        if self.open.len() == 1 && !raw.chars().all(is_space) {
            return Err(self.error("text may not stand outside of the root element"));
        }
        if raw.contains("]]>") {
            return Err(self.error("']]>' may not stand in text"));
        }
        let text = self.unescape(raw)?;
        self.skip(end);
        // White space that is written as a reference counts as text.
        if !raw.chars().all(is_space) {
            self.add(NodeKind::Text(text));
        } else if self.open.last().is_some_and(|open| open.keeps_space) {
            self.add(NodeKind::Whitespace(text));
        }
        Ok(())
    }

    /// Text with its references replaced.
    fn unescape(&self, raw: &str) -> Read<String> {
        if !raw.chars().all(is_character) {
            return Err(self.error("a character may not stand in XML"));
        }
        let mut out = String::with_capacity(raw.len());
        let mut rest = raw;
        while let Some(at) = rest.find('&') {
            let (before, from) = rest.split_at_checked(at).unwrap_or((rest, ""));
            out.push_str(before);
            let (reference, after) =
                from.split_once(';').ok_or_else(|| self.error("a reference is not terminated"))?;
            let c = match reference {
                "&lt" => '<',
                "&gt" => '>',
                "&amp" => '&',
                "&quot" => '"',
                "&apos" => '\'',
                other => numbered(other)
                    .ok_or_else(|| self.error(&format!("the reference '{other};' is not known")))?,
            };
            out.push(c);
            rest = after;
        }
        out.push_str(rest);
        Ok(out)
    }

    fn attributes(&mut self) -> Read<Vec<Attribute>> {
        let mut attributes: Vec<Attribute> = Vec::new();
        let mut names = BTreeSet::new();
        loop {
            let spaced = self.skip_space();
            if self.rest.starts_with(['>', '/', '?']) {
                return Ok(attributes);
            }
            if !spaced {
                return Err(self.error("white space is expected before an attribute"));
            }
            let name = self.name()?;
            self.skip_space();
            self.expect("=")?;
            self.skip_space();
            let quote = if self.rest.starts_with('\'') { "'" } else { "\"" };
            self.expect(quote)?;
            let raw = self.until(quote)?;
            if raw.contains('<') {
                return Err(self.error("'<' may not stand in the value of an attribute"));
            }
            if !names.insert(name.clone()) {
                return Err(self.error(&format!("the attribute '{name}' stands twice")));
            }
            let attribute = Attribute::new(name, self.unescape(raw)?);
            self.check_declaration(&attribute)?;
            attributes.push(attribute);
            self.attributes += 1;
            self.check_size()?;
        }
    }

    fn start_tag(&mut self) -> Read<()> {
        let max = self.bounds.depth_max;
        if self.open.len() > max {
            return Err(self.error(&format!("elements are nested deeper than {max} levels")));
        }
        let mut element = Element::new(self.name()?);
        element.attributes = self.attributes()?;
        element.empty = self.rest.starts_with('/');
        self.expect(if element.empty { "/>" } else { ">" })?;
        let kept = self.open.last().is_some_and(|open| open.keeps_space);
        let space = element.attributes.iter().find(|attribute| attribute.name == "xml:space");
        let keeps_space = space.map_or(kept, |space| space.value == "preserve");
        let empty = element.empty;
        let index = self.add(NodeKind::Element(element));
        self.check_prefixes(index)?;
        if !empty {
            self.open.push(Open { index, keeps_space });
        }
        Ok(())
    }

    /// A prefix is declared for some namespace, and `xml` for its own.
    fn check_declaration(&self, attribute: &Attribute) -> Read<()> {
        let Some(prefix) = attribute.declares() else { return Ok(()) };
        let reserved = (prefix == "xml") != (attribute.value == XML_NAMESPACE);
        if prefix == "xmlns" || reserved || (attribute.value.is_empty() && !prefix.is_empty()) {
            return Err(self.error(&format!("the namespace declaration '{}' is not valid", attribute.name)));
        }
        Ok(())
    }

    /// A prefix must stand for a namespace, and two attributes of one namespace have two names.
    fn check_prefixes(&self, index: usize) -> Read<()> {
        let Some(element) = self.document.element(index) else { return Ok(()) };
        let mut names = BTreeSet::new();
        let attributes = element.attributes.iter().filter(|attribute| attribute.declares().is_none());
        let named = attributes.map(|attribute| (&attribute.name, &attribute.namespace));
        for (at, (name, namespace)) in
            std::iter::once((&element.name, &element.namespace)).chain(named).enumerate()
        {
            let (prefix, local) = split_name(name);
            if prefix.is_empty() {
                continue;
            }
            if namespace.is_empty() {
                return Err(self.error(&format!("the prefix '{prefix}' is not declared")));
            }
            if at > 0 && !names.insert((namespace, local)) {
                return Err(self.error(&format!("the attribute '{name}' stands twice")));
            }
        }
        Ok(())
    }

    fn end_tag(&mut self) -> Read<()> {
        let name = self.name()?;
        self.skip_space();
        self.expect(">")?;
        let open = self.document.element(self.parent()).is_some_and(|element| element.name == name);
        if !open {
            return Err(self.error(&format!("the end tag '{name}' does not match a start tag")));
        }
        self.open.pop();
        Ok(())
    }

    fn document_type(&mut self) -> Read<()> {
        let before_root =
            self.document.children(0).iter().all(|child| self.document.element(*child).is_none());
        if self.open.len() > 1 || !before_root || !self.skip_space() {
            return Err(self.error("a document type stands before the root element"));
        }
        let mut kind = DocumentType { name: self.name()?, ..DocumentType::default() };
        self.skip_space();
        if let Some(rest) = self.rest.strip_prefix("PUBLIC") {
            self.rest = rest;
            kind.public = Some(self.quoted()?);
            kind.system = Some(self.quoted()?);
        } else if let Some(rest) = self.rest.strip_prefix("SYSTEM") {
            self.rest = rest;
            kind.system = Some(self.quoted()?);
        }
        self.skip_space();
        // .NET has a subset that is empty where none is written.
        kind.internal_subset = Some(String::new());
        if let Some(rest) = self.rest.strip_prefix('[') {
            self.rest = rest;
            // Observed on the service: pairs of carriage return and line feed stay, others become line feeds.
            let lines: Vec<String> =
                self.until("]")?.split("\r\n").map(|line| line.replace('\r', "\n")).collect();
            kind.internal_subset = Some(lines.join("\r\n"));
            self.skip_space();
        }
        self.expect(">")?;
        self.add(NodeKind::DocumentType(kind));
        Ok(())
    }

    fn quoted(&mut self) -> Read<String> {
        self.skip_space();
        let quote = if self.rest.starts_with('\'') { "'" } else { "\"" };
        self.expect(quote)?;
        self.until(quote).map(str::to_owned)
    }
}

/// `&#65` or `&#x41`
fn numbered(reference: &str) -> Option<char> {
    let digits = reference.strip_prefix("&#")?;
    let code = match digits.strip_prefix('x') {
        Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16).ok()?,
        None => digits.parse().ok()?,
    };
    char::from_u32(code)
}
