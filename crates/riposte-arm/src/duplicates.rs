//! Names that an object in JSON text has twice. The reader keeps the last value; a person should know.

use riposte_diagnostic::{Diagnostic, join_index, join_path};
use std::collections::BTreeSet;

/// How many are told.
const TOLD_MAX: usize = 50;

/// A warning for each repeated name. The text has been read as lenient JSON already, so its brackets match.
pub fn warnings(text: &str) -> Vec<Diagnostic> {
    let mut scan = Scan { text, at: 0, open: Vec::new(), found: Vec::new() };
    while scan.step() && scan.found.len() < TOLD_MAX {}
    scan.found
}

struct Scan<'a> {
    text: &'a str,
    at: usize,
    open: Vec<Container<'a>>,
    found: Vec<Diagnostic>,
}

enum Container<'a> {
    Object { names: BTreeSet<&'a str>, current: &'a str, at_name: bool },
    Array { index: usize },
}

impl<'a> Scan<'a> {
    /// Takes one token; `false` at the end.
    fn step(&mut self) -> bool {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let Some(c) = rest.chars().next() else { return false };
        let mut width = c.len_utf8();
        match c {
            '{' => self.open.push(Container::Object { names: BTreeSet::new(), current: "", at_name: true }),
            '[' => self.open.push(Container::Array { index: 0 }),
            '}' | ']' => {
                self.open.pop();
            }
            ',' => match self.open.last_mut() {
                Some(Container::Object { at_name, .. }) => *at_name = true,
                Some(Container::Array { index }) => *index += 1,
                None => {}
            },
            '"' | '\'' => {
                width = string_width(rest, c);
                let name = rest.get(1..width.saturating_sub(1)).unwrap_or_default();
                self.name(name);
            }
            '/' if rest.starts_with("//") => width = rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => width = rest.find("*/").map_or(rest.len(), |end| end + 2),
            c if is_word(c) => {
                width = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
                self.name(rest.get(..width).unwrap_or_default());
            }
            _ => {}
        }
        self.at += width;
        true
    }

    /// A name or value: a name if one is due.
    fn name(&mut self, name: &'a str) {
        let Some(Container::Object { names, current, at_name }) = self.open.last_mut() else { return };
        if !*at_name {
            return;
        }
        *at_name = false;
        *current = name;
        if !names.insert(name) {
            let before = self.text.get(..self.at).unwrap_or_default();
            let line = before.matches('\n').count() + 1;
            let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
            let narrow = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
            self.found.push(
                Diagnostic::warning(
                    "DuplicateProperty",
                    format!("`{name}` is given twice; the last one counts"),
                )
                .at(self.path())
                .at_line(narrow(line), narrow(column))
                .help("take one of them out"),
            );
        }
    }

    fn path(&self) -> String {
        self.open.iter().fold("$".to_owned(), |path, container| match container {
            Container::Object { current, .. } => join_path(&path, current),
            Container::Array { index } => join_index(&path, *index),
        })
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$' | '-' | '+' | '.')
}

/// How many bytes a string with its quotes takes.
fn string_width(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return at + c.len_utf8(),
            _ => {}
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::warnings;

    #[test]
    fn repeated_names_are_told_with_their_place() {
        let text = "{ // {\"a\"\n \"a\": [1, {\"b\": \"b\", 'b': \"}\\\"\"}],\n \"A\": 2, a: 3 /* \"a\" */ }";
        let told: Vec<_> = warnings(text)
            .into_iter()
            .map(|d| (d.location.path.unwrap_or_default(), d.location.line.unwrap_or_default()))
            .collect();
        assert_eq!(told, [("$.a[1].b".to_owned(), (2, 22)), ("$.a".to_owned(), (3, 10))]);
    }
}
