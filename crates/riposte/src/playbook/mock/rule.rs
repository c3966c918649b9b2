//! A mock: which calls it answers, with what, and how often it was asked.

use super::reply::Reply;
use crate::playbook::call::Call;
use crate::playbook::matcher::{fits, wildcard};
use riposte_diagnostic::{Diagnostic, join_index, join_path};
use riposte_value::Value;
use riposte_workflow::Command;

/// A mock.
#[derive(Debug)]
pub struct Rule {
    /// Where it stands in its file, as a JSON path.
    pub path: String,
    /// Its name in the record of calls: `mock action Get_report`.
    pub source: String,
    /// Whether it stands for all tests of a file.
    pub shared: bool,
    selector: Selector,
    replies: Vec<Reply>,
    given: usize,
}

#[derive(Debug)]
enum Selector {
    /// An action by name, perhaps one turn of it.
    Action { name: String, repetition: Option<Vec<u32>> },
    /// A call by what it asks for.
    Call { method: Option<String>, url: String, connector: Option<String>, body: Option<Value> },
}

impl Rule {
    /// The mocks of a value that fits its form, in the order in which they are asked.
    pub fn read_all(mocks: &Value, path: &str, shared: bool, out: &mut Vec<Diagnostic>) -> Vec<Self> {
        let mut rules = Vec::new();
        let actions = join_path(path, "actions");
        for (name, entry) in mocks.get("actions").and_then(Value::as_object).into_iter().flatten() {
            let here = join_path(&actions, name);
            let (bare, repetition) = indexed(name);
            let selector = Selector::Action { name: bare.to_owned(), repetition };
            rules.push(Self::read(selector, entry, format!("mock action {name}"), &here, shared, out));
        }
        // one turn of a loop is more particular than the action
        rules.sort_by_key(|rule| !matches!(rule.selector, Selector::Action { repetition: Some(_), .. }));
        let calls = join_path(path, "calls");
        for (at, pattern) in mocks.get("calls").and_then(Value::as_array).into_iter().flatten().enumerate() {
            let here = join_path(&join_index(&calls, at), "answer");
            let text = |name: &str| pattern.get(name).and_then(Value::as_str).map(str::to_owned);
            let url = text("url").unwrap_or_default();
            let source = format!("mock call {url}");
            let body = pattern.get("body").cloned();
            let selector = Selector::Call { method: text("method"), url, connector: text("connector"), body };
            let entry = pattern.get("answer").cloned().unwrap_or_default();
            rules.push(Self::read(selector, &entry, source, &here, shared, out));
        }
        rules
    }

    fn read(
        selector: Selector,
        entry: &Value,
        source: String,
        path: &str,
        shared: bool,
        out: &mut Vec<Diagnostic>,
    ) -> Self {
        let replies = match entry {
            Value::Array(items) => items
                .iter()
                .enumerate()
                .map(|(at, item)| Reply::read(item, &join_index(path, at), out))
                .collect(),
            one => vec![Reply::read(one, path, out)],
        };
        if replies.is_empty() {
            out.push(Diagnostic::error("InvalidMock", format!("`{source}` has no answer")).at(path));
        }
        Self { path: path.to_owned(), source, shared, selector, replies, given: 0 }
    }

    /// Whether it answers a call; `api` is the managed API of the call's connection.
    pub fn is_for(&self, command: &Command, call: &Call, api: Option<&str>) -> bool {
        match &self.selector {
            Selector::Action { name, repetition } => {
                let turns = || command.repetition.iter().map(|index| u64::from(index.index));
                same_action(name, &command.action)
                    && repetition
                        .as_ref()
                        .is_none_or(|wanted| turns().eq(wanted.iter().map(|n| u64::from(*n))))
            }
            Selector::Call { method, url, connector, body } => {
                method
                    .as_deref()
                    .is_none_or(|method| method == "*" || method.eq_ignore_ascii_case(&call.method))
                    && is_address(url, &call.address)
                    && connector
                        .as_deref()
                        .is_none_or(|name| api.is_some_and(|api| api.eq_ignore_ascii_case(name)))
                    && body.as_ref().is_none_or(|body| fits(body, call.inputs.get_ignore_case("body")))
            }
        }
    }

    /// The next answer: of several one after the other, the last again and again; and how many were given before.
    pub fn next(&mut self) -> Option<(Reply, usize)> {
        let before = self.given;
        self.given += 1;
        self.replies.get(before).or(self.replies.last()).cloned().map(|reply| (reply, before))
    }

    /// What was not asked for, in words; `None` if everything was.
    pub fn unused(&self) -> Option<String> {
        let needed = self.replies.iter().rposition(|reply| !reply.optional).map_or(0, |last| last + 1);
        if self.given >= needed {
            return None;
        }
        Some(match self.given {
            0 => format!("the {} was never asked", self.source),
            given => format!("the {} gave {given} of its {} answers", self.source, self.replies.len()),
        })
    }
}

/// Whether a pattern fits an address, with its query or without.
pub fn is_address(pattern: &str, address: &str) -> bool {
    wildcard(pattern, address) || wildcard(pattern, address.split('?').next().unwrap_or_default())
}

/// Names as the designer shows them have blanks where definitions have underscores.
pub fn same_action(a: &str, b: &str) -> bool {
    a.replace(' ', "_").eq_ignore_ascii_case(&b.replace(' ', "_"))
}

/// The name, and the indexes of `Get_report[1,0]`.
pub fn indexed(name: &str) -> (&str, Option<Vec<u32>>) {
    let indexes = || {
        let (bare, rest) = name.strip_suffix(']')?.rsplit_once('[')?;
        let indexes: Result<Vec<u32>, _> = rest.split(',').map(|index| index.trim().parse()).collect();
        Some((bare, indexes.ok()?))
    };
    indexes().map_or((name, None), |(bare, indexes)| (bare, Some(indexes)))
}
