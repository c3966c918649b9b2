//! Templates: JSON values whose strings may be, or hold, expressions.
//!
//! A template is compiled once and evaluated often. What has no expression in it is one shared value; only the strings
//! that depend on the run are evaluated, and only the arrays and objects around them are made anew.

use crate::context::Context;
use crate::error::{CompileError, EvaluationError, Failure, ParseError, Place};
use crate::functions::Environment;
use crate::limits::{Bound, Limits};
use crate::parse::{parse_interpolated, parse_within};
use crate::program::{self, Folding, Node};
use crate::references::References;
use crate::scratch;
use crate::size::{Extent, Left, Over, TooLarge};
use crate::text;
use riposte_diagnostic::{Span, join_index, join_path};
use riposte_value::{Object, Text, Value};
use std::sync::Arc;

/// A compiled JSON value.
///
/// ```
/// use riposte_expression::{MapContext, Template};
/// use riposte_value::value;
/// let template = Template::compile(&value!({ "n": "@add(parameters('n'), 1)", "is": "@@done" })).unwrap();
/// let context = MapContext::new(value!({ "parameters": { "n": 41 } }));
/// assert_eq!(template.evaluate(&context).unwrap(), value!({ "n": 42, "is": "@done" }));
/// ```
#[derive(Debug, Clone)]
pub struct Template {
    part: Part,
    references: Box<References>,
    /// How large what does not depend on the run is, so that it need not be measured each time.
    fixed: Extent,
}

#[derive(Debug, Clone)]
enum Part {
    Constant(Value),
    Expression(Arc<Leaf>),
    Interpolation(Box<[Segment]>),
    Array(Box<[Part]>),
    /// An object whose names are known: a copy of the skeleton, with what depends on the run put into its places.
    Object {
        skeleton: Object,
        parts: Box<[(usize, Part)]>,
    },
    /// An object with names that depend on the run.
    Computed(Box<[(Name, Part)]>),
}

#[derive(Debug, Clone)]
enum Name {
    Constant(Text),
    Computed(Part),
}

#[derive(Debug, Clone)]
enum Segment {
    Literal(Text),
    Expression(Arc<Leaf>),
}

/// One expression and what its errors need.
#[derive(Debug)]
struct Leaf {
    place: Place,
    node: Node,
}

impl Template {
    /// Compiles a JSON value. Every string that is no well-formed template is reported, not only the first.
    pub fn compile(value: &Value) -> Result<Self, Vec<CompileError>> {
        Self::compile_within(value, &Limits::default())
    }

    /// As [`Self::compile`], for an evaluation within limits that are not the default: what is constant is computed
    /// while compiling and not looked at again.
    pub fn compile_within(value: &Value, limits: &Limits) -> Result<Self, Vec<CompileError>> {
        let mut compiler = Compiler::new(limits);
        let part = compiler.value(value, "$");
        if compiler.errors.is_empty() {
            Ok(Self::of(part, compiler.references))
        } else {
            Err(compiler.errors)
        }
    }

    /// Compiles a bare expression, without the `@`.
    pub fn compile_expression(text: &str) -> Result<Self, ParseError> {
        Self::compile_expression_within(text, &Limits::default())
    }

    /// As [`Self::compile_expression`], for an evaluation within limits that are not the default.
    pub fn compile_expression_within(text: &str, limits: &Limits) -> Result<Self, ParseError> {
        let expression = parse_within(text, limits.nesting_max)?;
        let mut compiler = Compiler::new(limits);
        let part = compiler.leaf(&expression, text, 0, &Arc::from("$"));
        Ok(Self::of(part, compiler.references))
    }

    fn of(part: Part, references: References) -> Self {
        let fixed = part.fixed();
        Self { part, references: Box::new(references), fixed }
    }

    /// Evaluates the template within the [`Limits`] of the context.
    pub fn evaluate(&self, context: &dyn Context) -> Result<Value, EvaluationError> {
        self.evaluate_in(&Environment::new(context, context.limits()))
    }

    /// Evaluates the template within other limits than those of the context.
    pub fn evaluate_within(&self, context: &dyn Context, limits: Limits) -> Result<Value, EvaluationError> {
        self.evaluate_in(&Environment::new(context, &limits))
    }

    fn evaluate_in<'a>(&'a self, environment: &Environment<'a>) -> Result<Value, EvaluationError> {
        match self.part.evaluate(environment) {
            Ok(value) => match self.check(&value, environment.limits) {
                Ok(()) => Ok(value),
                Err(over) => Err(self.part.too_large(&over.of(environment.limits))),
            },
            Err(failure) => Err(failure.into_error(environment.expression.get(), environment.begun.get())),
        }
    }

    /// Whether the value is within the bounds. What was lent by the context, and text, was checked when it was made.
    fn check(&self, value: &Value, limits: &Limits) -> Result<(), Over> {
        match &self.part {
            Part::Constant(_) | Part::Interpolation(_) => return Ok(()),
            Part::Expression(leaf) if leaf.node.is_lookup() => return Ok(()),
            Part::Expression(_) | Part::Array(_) | Part::Object { .. } | Part::Computed(_) => {}
        }
        let mut left = Left::within(limits);
        left.take_extent(self.fixed, limits)?;
        self.part.measure(value, limits.depth_max, &mut left)
    }

    /// Whether the value depends on nothing.
    pub fn is_constant(&self) -> bool {
        self.constant().is_some()
    }

    /// The value, if it depends on nothing.
    pub fn constant(&self) -> Option<&Value> {
        match &self.part {
            Part::Constant(value) => Some(value),
            _ => None,
        }
    }

    /// The functions and names that the template mentions.
    pub fn references(&self) -> &References {
        &self.references
    }
}

struct Compiler {
    errors: Vec<CompileError>,
    references: References,
    nesting_max: usize,
    folding: Folding,
}

impl Compiler {
    fn new(limits: &Limits) -> Self {
        Self {
            errors: Vec::new(),
            references: References::default(),
            nesting_max: limits.nesting_max,
            folding: Folding::within(limits),
        }
    }

    fn value(&mut self, value: &Value, path: &str) -> Part {
        match value {
            Value::String(text) => self.string(text, path).unwrap_or_else(|error| {
                let expression = text.to_string();
                self.errors.push(CompileError { path: path.to_owned(), error, expression });
                Part::Constant(Value::Null)
            }),
            Value::Array(items) => {
                let parts: Box<[Part]> = items
                    .iter()
                    .enumerate()
                    .map(|(i, item)| self.value(item, &join_index(path, i)))
                    .collect();
                if parts.iter().all(|part| matches!(part, Part::Constant(_))) {
                    return Part::Constant(rebuild_array(value, &parts));
                }
                Part::Array(parts)
            }
            Value::Object(object) => {
                let parts: Box<[(Name, Part)]> = object
                    .iter()
                    .map(|(name, item)| (self.name(name, path), self.value(item, &join_path(path, name))))
                    .collect();
                if parts.iter().all(|part| matches!(part, (Name::Constant(_), Part::Constant(_)))) {
                    return Part::Constant(rebuild_object(value, &parts));
                }
                object_of(parts)
            }
            other => Part::Constant(other.clone()),
        }
    }

    /// The name of a property. One that is no well-formed template, such as `@odata.type`, is taken as it is.
    fn name(&mut self, name: &Text, path: &str) -> Name {
        if !name.contains('@') {
            return Name::Constant(name.clone());
        }
        match self.string(name, path) {
            Ok(Part::Constant(value)) => Name::Constant(Text::new(text::of(&value))),
            Ok(part) => Name::Computed(part),
            Err(_) => Name::Constant(name.clone()),
        }
    }

    fn string(&mut self, text: &Text, path: &str) -> Result<Part, ParseError> {
        let literal = || Part::Constant(Value::String(text.clone()));
        let Some(rest) = text.strip_prefix('@') else {
            return if text.contains("@{") { self.interpolation(text, path) } else { Ok(literal()) };
        };
        match rest.chars().next() {
            None => Ok(literal()),
            Some('@') => Ok(Part::Constant(Value::text(rest))),
            Some('{') => self.interpolation(text, path),
            Some(_) => {
                let expression = parse_within(rest, self.nesting_max)?;
                Ok(self.leaf(&expression, rest, 0, &Arc::from(path)))
            }
        }
    }

    fn leaf(
        &mut self,
        expression: &crate::ast::Expression,
        text: &str,
        offset: usize,
        path: &Arc<str>,
    ) -> Part {
        let text: Arc<str> = Arc::from(text);
        self.references.add(expression, path, &text, offset);
        match program::compile(expression, offset, &self.folding) {
            Node::Constant(value) => Part::Constant(value),
            node => Part::Expression(Arc::new(Leaf { place: Place { text, path: path.clone() }, node })),
        }
    }

    /// Text with `@{…}` in it; `@@{` is the text `@{`.
    fn interpolation(&mut self, text: &str, path: &str) -> Result<Part, ParseError> {
        let path: Arc<str> = Arc::from(path);
        let mut segments: Vec<Segment> = Vec::new();
        let mut literal = String::new();
        let mut at = 0;
        while let Some(found) = text.get(at..).and_then(|rest| rest.find("@{")) {
            let mark = at + found;
            let before = text.get(at..mark).unwrap_or_default();
            if let Some(before) = before.strip_suffix('@') {
                literal.push_str(before);
                literal.push_str("@{");
                at = mark + 2;
                continue;
            }
            literal.push_str(before);
            let (expression, end) = parse_interpolated(text, mark + 2, self.nesting_max)?;
            let source = text.get(mark + 2..end - 1).unwrap_or_default();
            match self.leaf(&expression, source, mark + 2, &path) {
                Part::Expression(leaf) => {
                    if !literal.is_empty() {
                        segments.push(Segment::Literal(Text::from(std::mem::take(&mut literal))));
                    }
                    segments.push(Segment::Expression(leaf));
                }
                Part::Constant(value) => literal.push_str(&text::of(&value)),
                Part::Interpolation(_) | Part::Array(_) | Part::Object { .. } | Part::Computed(_) => {}
            }
            at = end;
        }
        literal.push_str(text.get(at..).unwrap_or_default());
        if segments.is_empty() {
            return Ok(Part::Constant(Value::from(literal)));
        }
        if !literal.is_empty() {
            segments.push(Segment::Literal(Text::from(literal)));
        }
        Ok(Part::Interpolation(segments.into()))
    }
}

/// The array itself if its items are what they were, so that it is shared and not copied.
fn rebuild_array(value: &Value, parts: &[Part]) -> Value {
    let constants = || parts.iter().filter_map(Part::constant);
    match value.as_array() {
        Some(items) if items.iter().zip(constants()).all(|(a, b)| same(a, b)) => value.clone(),
        _ => Value::array(constants().cloned()),
    }
}

fn rebuild_object(value: &Value, parts: &[(Name, Part)]) -> Value {
    let constants = || {
        parts.iter().filter_map(|(name, part)| match name {
            Name::Constant(name) => Some((name, part.constant()?)),
            Name::Computed(_) => None,
        })
    };
    match value.as_object() {
        Some(object) if object.iter().zip(constants()).all(|(a, b)| a.0 == b.0 && same(a.1, b.1)) => {
            value.clone()
        }
        _ => Value::from(constants().map(|(name, value)| (name.clone(), value.clone())).collect::<Object>()),
    }
}

/// An object some of whose parts depend on the run. Names that become the same only once they are read, such as `@@a`
/// and `@a`, are left to the evaluation.
fn object_of(parts: Box<[(Name, Part)]>) -> Part {
    let name_of = |(name, part): &(Name, Part)| match name {
        Name::Constant(name) => Some((name.clone(), part.constant().cloned().unwrap_or_default())),
        Name::Computed(_) => None,
    };
    match parts.iter().map(name_of).collect::<Option<Object>>() {
        Some(skeleton) if skeleton.len() == parts.len() => {
            let parts = parts.into_iter().map(|(_, part)| part).enumerate();
            Part::Object { skeleton, parts: parts.filter(|(_, part)| part.constant().is_none()).collect() }
        }
        _ => Part::Computed(parts),
    }
}

/// Whether two values are one and the same, without looking into them.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Array(a), Value::Array(b)) => Arc::ptr_eq(a, b),
        (Value::Object(a), Value::Object(b)) => Arc::ptr_eq(a, b),
        _ => a == b,
    }
}

impl Part {
    fn constant(&self) -> Option<&Value> {
        match self {
            Self::Constant(value) => Some(value),
            _ => None,
        }
    }

    /// The size of what does not depend on the run.
    fn fixed(&self) -> Extent {
        match self {
            Self::Constant(value) => Extent::of(value),
            Self::Array(parts) => {
                parts.iter().fold(Extent { length: 2, depth: 1 }, |sum, part| sum.with(1, part.fixed()))
            }
            Self::Object { skeleton, parts } => {
                let constants = skeleton.iter().fold(Extent { length: 2, depth: 1 }, |sum, (name, value)| {
                    sum.with(name.len() + 4, Extent::of(value))
                });
                parts.iter().fold(constants, |sum, (_, part)| sum.with(0, part.fixed()))
            }
            Self::Expression(_) | Self::Interpolation(_) | Self::Computed(_) => Extent::default(),
        }
    }

    /// Takes off the length of what depends on the run.
    fn measure(&self, value: &Value, levels: usize, left: &mut Left) -> Result<(), Over> {
        match (self, value) {
            (Self::Constant(_), _) => Ok(()),
            (Self::Array(parts), Value::Array(items)) => {
                let below = levels.checked_sub(1).ok_or(Over::Depth)?;
                parts.iter().zip(items.iter()).try_for_each(|(part, item)| part.measure(item, below, left))
            }
            (Self::Object { parts, .. }, Value::Object(object)) => {
                let below = levels.checked_sub(1).ok_or(Over::Depth)?;
                parts.iter().try_for_each(|(place, part)| match object.value_at(*place) {
                    Some(item) => part.measure(item, below, left),
                    None => Ok(()),
                })
            }
            _ => left.take_value(value, levels),
        }
    }

    /// The error about the value as a whole.
    #[cold]
    fn too_large(&self, why: &TooLarge) -> EvaluationError {
        let place = match self {
            Self::Expression(leaf) => Some(&leaf.place),
            _ => None,
        };
        Failure::new(why.to_string())
            .help(why.bound().advice())
            .into_error(place, place.map_or(Span { start: 0, end: 0 }, Place::whole))
    }

    fn evaluate<'a>(&'a self, environment: &Environment<'a>) -> Result<Value, Failure> {
        match self.lent(environment) {
            Some(value) => Ok(value.clone()),
            None => self.compute(environment),
        }
    }

    /// The value, if it can be had by reference: then it is copied to where it stays, and nowhere before.
    fn lent<'a>(&'a self, environment: &Environment<'a>) -> Option<&'a Value> {
        match self {
            Self::Constant(value) => Some(value),
            Self::Expression(leaf) => leaf.node.lent(environment),
            // `@{variables('x')}` alone is what most strings of a playbook are: the text itself, if it is one.
            Self::Interpolation(segments) => match &**segments {
                [Segment::Expression(leaf)] => {
                    leaf.node.lent(environment).filter(|value| matches!(value, Value::String(_)))
                }
                _ => None,
            },
            Self::Array(_) | Self::Object { .. } | Self::Computed(_) => None,
        }
    }

    /// The value of what cannot be lent.
    fn compute<'a>(&'a self, environment: &Environment<'a>) -> Result<Value, Failure> {
        match self {
            Self::Constant(value) => Ok(value.clone()),
            Self::Expression(leaf) => leaf.compute(environment),
            Self::Interpolation(segments) => interpolate(segments, environment),
            Self::Array(parts) => {
                let mut items = Vec::with_capacity(parts.len());
                for part in parts {
                    match part.lent(environment) {
                        Some(value) => items.push(value.clone()),
                        None => items.push(part.compute(environment)?),
                    }
                }
                Ok(Value::from(items))
            }
            Self::Object { skeleton, parts } => {
                let mut object = skeleton.clone();
                for (place, part) in parts {
                    let Some(there) = object.value_at_mut(*place) else { continue };
                    match part.lent(environment) {
                        Some(value) => there.clone_from(value),
                        None => *there = part.compute(environment)?,
                    }
                }
                Ok(Value::from(object))
            }
            Self::Computed(parts) => {
                let mut object = Object::with_capacity(parts.len());
                for (name, part) in parts {
                    let value = part.evaluate(environment)?;
                    match name {
                        Name::Constant(name) => object.insert(name.clone(), value),
                        Name::Computed(name) => {
                            let name = name.evaluate(environment)?;
                            object.insert(Text::new(text::of(&name)), value)
                        }
                    };
                }
                Ok(Value::from(object))
            }
        }
    }
}

fn interpolate<'a>(segments: &'a [Segment], environment: &Environment<'a>) -> Result<Value, Failure> {
    scratch::text(|out| {
        segments.iter().try_for_each(|segment| match segment {
            Segment::Literal(text) => {
                out.push_str(text);
                Ok(())
            }
            Segment::Expression(leaf) => leaf.write(environment, out),
        })
    })
}

impl Leaf {
    /// The value of what cannot be lent.
    fn compute<'a>(&'a self, environment: &Environment<'a>) -> Result<Value, Failure> {
        environment.expression.set(Some(&self.place));
        self.node.compute(environment)
    }

    /// Appends the text of the value.
    fn write<'a>(&'a self, environment: &Environment<'a>, out: &mut String) -> Result<(), Failure> {
        match self.node.lent(environment) {
            Some(value) => text::write(value, out),
            None => text::write(&self.compute(environment)?, out),
        }
        let max = environment.limits.text_bytes_max;
        if out.len() <= max {
            return Ok(());
        }
        environment.expression.set(Some(&self.place));
        let message = format!("The string exceeds the limit of '{max}' characters.");
        Err(Failure::new(message).help(Bound::Text.advice()).at(self.place.whole()))
    }
}
