//! What a template mentions, for checks that run before it does.

use crate::ast::{Call, Expression, Key, Primary};
use crate::context::NameKind;
use riposte_diagnostic::Span;
use riposte_value::Text;
use std::sync::Arc;

/// The functions and names that a template mentions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct References {
    /// Every call, in the order in which they stand.
    pub calls: Vec<CallReference>,
    /// Every mention of something that has a name in the workflow.
    pub names: Vec<NameReference>,
    /// Every expression, whole.
    pub expressions: Vec<Place>,
}

/// A call of a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallReference {
    /// The name as written.
    pub function: Text,
    /// How many arguments it has.
    pub arguments: usize,
    /// Where it stands.
    pub place: Place,
}

/// A mention of an action, a variable, a parameter, a loop or a scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameReference {
    /// What it names.
    pub kind: NameKind,
    /// The function that is called, as written.
    pub function: Text,
    /// The name; `None` if it is computed.
    pub name: Option<Text>,
    /// Where the call stands.
    pub place: Place,
}

/// Where something stands in a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The JSON path of the string, beginning with `$`.
    pub path: Arc<str>,
    /// The bare expression.
    pub expression: Arc<str>,
    /// The part of the expression, in bytes.
    pub span: Span,
}

impl References {
    /// Whether a function of this name is called, whatever the case.
    pub fn calls_function(&self, name: &str) -> bool {
        self.calls.iter().any(|call| call.function.eq_ignore_ascii_case(name))
    }

    /// The names of one kind that are written out, each mention.
    pub fn names_of(&self, kind: NameKind) -> impl Iterator<Item = &Text> {
        self.names.iter().filter(move |name| name.kind == kind).filter_map(|name| name.name.as_ref())
    }

    /// Adds an expression whose text begins at `offset`.
    pub(crate) fn add(&mut self, expression: &Expression, path: &Arc<str>, text: &Arc<str>, offset: usize) {
        let span = Span { start: 0, end: text.len() };
        self.expressions.push(Place { path: path.clone(), expression: text.clone(), span });
        self.collect(expression, path, text, offset);
    }

    fn collect(&mut self, expression: &Expression, path: &Arc<str>, text: &Arc<str>, offset: usize) {
        if let Primary::Call(call) = &expression.primary {
            self.collect_call(call, path, text, offset);
        }
        for access in &expression.accesses {
            if let Key::Index(key) = &access.key {
                self.collect(key, path, text, offset);
            }
        }
    }

    fn collect_call(&mut self, call: &Call, path: &Arc<str>, text: &Arc<str>, offset: usize) {
        let span = Span { start: call.span.start - offset, end: call.span.end - offset };
        let place = Place { path: path.clone(), expression: text.clone(), span };
        if let (Some(kind), Some(argument)) = (named_by(&call.name), call.arguments.first()) {
            let name = match (&argument.primary, argument.accesses.as_slice()) {
                (Primary::String(name), []) => Some(name.clone()),
                _ => None,
            };
            self.names.push(NameReference { kind, function: call.name.clone(), name, place: place.clone() });
        }
        self.calls.push(CallReference {
            function: call.name.clone(),
            arguments: call.arguments.len(),
            place,
        });
        for argument in &call.arguments {
            self.collect(argument, path, text, offset);
        }
    }
}

/// What the first argument of a function names.
fn named_by(function: &str) -> Option<NameKind> {
    const TABLE: &[(&str, NameKind)] = &[
        ("parameters", NameKind::Parameter),
        ("variables", NameKind::Variable),
        ("actions", NameKind::Action),
        ("outputs", NameKind::Action),
        ("body", NameKind::Action),
        ("actionOutputs", NameKind::Action),
        ("actionBody", NameKind::Action),
        ("formDataValue", NameKind::Action),
        ("formDataMultiValues", NameKind::Action),
        ("multipartBody", NameKind::Action),
        ("items", NameKind::Loop),
        ("iterationIndexes", NameKind::Until),
        ("result", NameKind::Scope),
    ];
    TABLE.iter().find(|(name, _)| name.eq_ignore_ascii_case(function)).map(|(_, kind)| *kind)
}
