//! Evaluating expressions, and values that hold expressions.

use super::{Expression, Node, Span, Written, parse, unquoted, written};
use crate::deployment::Deployment;
use crate::fault::{Evaluated, Fault, Told};
use crate::functions::{self, Body, Call};
use crate::limits::{
    BYTES_MADE_MAX, BYTES_PER_STEP, DIAGNOSTICS_MAX, EVALUATION_DEPTH_MAX, RESOURCES_MAX, VALUE_DEPTH_MAX,
};
use crate::template::{Planned, TemplateScope, copy};
use crate::unresolved;
use riposte_diagnostic::{Diagnostic, has_errors, join_index, join_path, nearest};
use riposte_value::{Object, Text, Value};
use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::rc::Rc;

/// One evaluation of one file: what it may still use, and what it found.
pub struct Evaluator<'a> {
    pub deployment: &'a Deployment,
    /// Every resource of every template of the file so far, for `reference()`.
    pub planned: RefCell<Vec<Rc<Planned>>>,
    pub left_out: Cell<usize>,
    made: Cell<usize>,
    depth: Cell<usize>,
    guids: Cell<u64>,
    path: RefCell<String>,
    diagnostics: RefCell<Vec<Diagnostic>>,
    told: RefCell<BTreeSet<String>>,
}

/// One turn of a `copy` loop.
#[derive(Debug, Clone)]
pub struct Iteration {
    pub name: Text,
    pub index: i64,
}

/// What names mean where an expression stands.
#[derive(Clone)]
pub struct Scope {
    pub template: Rc<TemplateScope>,
    /// The loops around it, outermost first.
    pub iterations: Vec<Iteration>,
    /// The variables of lambdas around it, innermost last.
    pub locals: Vec<(Text, Value)>,
    /// Inside a function of the template itself: its arguments, which hide parameters and variables.
    pub arguments: Option<Rc<Object>>,
}

impl Scope {
    pub fn new(template: Rc<TemplateScope>) -> Self {
        Self { template, iterations: Vec::new(), locals: Vec::new(), arguments: None }
    }

    pub fn turn(&self, name: &str, index: i64) -> Self {
        let mut scope = self.clone();
        scope.iterations.push(Iteration { name: Text::new(name), index });
        scope
    }

    pub fn with_local(&self, name: &Text, value: Value) -> Self {
        let mut scope = self.clone();
        scope.locals.push((name.clone(), value));
        scope
    }
}

impl<'a> Evaluator<'a> {
    pub fn new(deployment: &'a Deployment) -> Self {
        Self {
            deployment,
            planned: RefCell::default(),
            left_out: Cell::new(0),
            made: Cell::new(0),
            depth: Cell::new(0),
            guids: Cell::new(0),
            path: RefCell::new("$".into()),
            diagnostics: RefCell::default(),
            told: RefCell::default(),
        }
    }

    /// Everything found, at the end.
    pub fn into_diagnostics(self) -> Vec<Diagnostic> {
        self.diagnostics.into_inner()
    }

    /// Adds a diagnostic, unless the same was added before or there are too many. One error is always kept: it says
    /// that the file does not work.
    pub fn tell(&self, diagnostic: Diagnostic) {
        let mut told = self.diagnostics.borrow_mut();
        if told.len() >= DIAGNOSTICS_MAX && (!diagnostic.is_error() || has_errors(&told)) {
            return;
        }
        let place = diagnostic.location.path.as_deref().unwrap_or_default();
        let identity = format!("{}\n{place}\n{}", diagnostic.code, diagnostic.message);
        if self.told.borrow_mut().insert(identity) {
            told.push(diagnostic);
        }
    }

    /// Tells a fault at a path.
    pub fn report(&self, fault: Fault, path: &str, source: Option<&str>) {
        let Fault::Told(told) = fault else { return };
        let Told { code, message, help, span } = *told;
        let mut diagnostic = Diagnostic::error(code, message).at(path);
        if let Some(help) = help {
            diagnostic = diagnostic.help(help);
        }
        if let (Some(source), Some(span)) = (source, span) {
            diagnostic = diagnostic.in_source(source, span.start, span.end);
        }
        self.tell(diagnostic);
    }

    /// Tells a fault at a path and gives what stands for "told already".
    pub fn reported<T>(&self, result: Evaluated<T>, path: &str) -> Evaluated<T> {
        result.map_err(|fault| {
            self.report(fault, path, None);
            Fault::Reported
        })
    }

    /// A warning at the place that is being evaluated.
    pub fn warn_here(&self, code: &'static str, message: String, help: &str) {
        self.tell(Diagnostic::warning(code, message).at(self.path.borrow().clone()).help(help));
    }

    /// How many `newGuid()` there were before.
    pub fn next_guid(&self) -> u64 {
        let next = self.guids.get();
        self.guids.set(next + 1);
        next
    }

    /// Remembers a resource of the file.
    pub fn plan(&self, planned: Rc<Planned>) -> Evaluated<()> {
        let mut all = self.planned.borrow_mut();
        if all.len() >= RESOURCES_MAX {
            return Err(Fault::limit(format!("the file gives more than {RESOURCES_MAX} resources")));
        }
        all.push(planned);
        Ok(())
    }

    /// Counts a made value towards what one file may make.
    pub fn charge(&self, value: &Value) -> Evaluated<()> {
        let left = BYTES_MADE_MAX.saturating_sub(self.made.get());
        let weight = measure(value, 0, left)?;
        self.made.set(self.made.get() + weight + BYTES_PER_STEP);
        Ok(())
    }

    /// Runs something one level deeper.
    pub fn deeper<T>(&self, run: impl FnOnce() -> Evaluated<T>) -> Evaluated<T> {
        if self.depth.get() >= EVALUATION_DEPTH_MAX {
            return Err(Fault::limit(format!(
                "evaluation goes deeper than {EVALUATION_DEPTH_MAX} levels of expressions, variables and values"
            )));
        }
        self.depth.set(self.depth.get() + 1);
        let result = run();
        self.depth.set(self.depth.get() - 1);
        result
    }

    /// A value with every expression in it evaluated. Faults are told at their paths, all of them; then the result is
    /// [`Fault::Reported`].
    pub fn value(&self, scope: &Scope, value: &Value, path: &str) -> Evaluated<Value> {
        match value {
            Value::String(text) => self.text(scope, text, path),
            Value::Array(items) if holds_expression(value) => {
                let mut failed = false;
                let mut made = Vec::with_capacity(items.len());
                for (index, item) in items.iter().enumerate() {
                    match self.nested(scope, item, &join_index(path, index)) {
                        Ok(item) => made.push(item),
                        Err(_) => failed = true,
                    }
                }
                if failed { Err(Fault::Reported) } else { Ok(Value::from(made)) }
            }
            Value::Object(object) if holds_expression(value) => self.object(scope, object, path),
            other => Ok(other.clone()),
        }
    }

    fn nested(&self, scope: &Scope, value: &Value, path: &str) -> Evaluated<Value> {
        let result = self.deeper(|| self.value(scope, value, path));
        self.reported(result, path)
    }

    fn object(&self, scope: &Scope, object: &Object, path: &str) -> Evaluated<Value> {
        let mut failed = false;
        let mut made = Object::with_capacity(object.len());
        for (name, value) in object {
            let path = join_path(path, name);
            if let Some(loops) = copy::property_loops(name, value) {
                match copy::property_arrays(self, scope, loops, &path) {
                    Ok(arrays) => made.extend(arrays),
                    Err(_) => failed = true,
                }
                continue;
            }
            let name = match written(name) {
                Written::Literal => Ok(name.clone()),
                _ => self.text(scope, name, &path).map(|value| functions::text_of(&value)),
            };
            match (name, self.nested(scope, value, &path)) {
                (Ok(name), Ok(value)) => made.insert_last(name, value),
                _ => failed = true,
            }
        }
        if failed { Err(Fault::Reported) } else { Ok(Value::from(made)) }
    }

    /// A string of a template: itself, unescaped, or what its expression gives. Faults are told.
    pub fn text(&self, scope: &Scope, text: &Text, path: &str) -> Evaluated<Value> {
        let source = match written(text) {
            Written::Literal => return Ok(Value::String(text.clone())),
            Written::Escaped(literal) => return Ok(Value::text(literal)),
            Written::Expression(source) => source,
        };
        let before = self.path.replace(path.to_owned());
        let result = parse(source).and_then(|expression| {
            let value = self.expression(scope, &expression)?;
            Ok(unresolved::settle(self, value))
        });
        self.path.replace(before);
        result.map_err(|fault| {
            self.report(fault, path, Some(source));
            Fault::Reported
        })
    }

    /// What an expression gives; may be a value that [`unresolved`] marks.
    pub fn expression(&self, scope: &Scope, expression: &Expression) -> Evaluated<Value> {
        let span = expression.span;
        self.deeper(|| match &expression.node {
            Node::Text(text) => Ok(Value::String(text.clone())),
            Node::Int(number) => Ok(Value::Int(*number)),
            Node::Word(name) => Err(unquoted(name, span)),
            Node::Call { name, arguments } => {
                let value = self.call(scope, name, arguments, span)?;
                self.charge(&value)?;
                Ok(value)
            }
            Node::Property { target, name } => property(&self.expression(scope, target)?, name),
            Node::Index { target, index } => {
                let target = self.expression(scope, target)?;
                let index = self.argument(scope, index)?;
                indexed(&target, &index)
            }
        })
        .map_err(|fault| fault.within(span))
    }

    /// What an expression gives as an argument: settled.
    pub fn argument(&self, scope: &Scope, expression: &Expression) -> Evaluated<Value> {
        self.expression(scope, expression).map(|value| unresolved::settle(self, value))
    }

    fn unknown_function(&self, name: &str, span: Span) -> Fault {
        let fault =
            Fault::new("UnknownFunction", format!("template function `{name}` is not known")).within(span);
        if self.diagnostics.borrow().len() >= DIAGNOSTICS_MAX {
            return fault;
        }
        match nearest(name, functions::names()) {
            Some(near) => fault.help(format!("did you mean `{near}`?")),
            None => fault.help(
                "a workflow function belongs in a string that starts with `@`; a text that only happens to stand in \
                 brackets starts with `[[`",
            ),
        }
    }

    fn call(&self, scope: &Scope, name: &str, arguments: &[Expression], span: Span) -> Evaluated<Value> {
        if name.contains('.') {
            let values: Vec<Value> =
                arguments.iter().map(|a| self.argument(scope, a)).collect::<Evaluated<_>>()?;
            return scope.template.call_own_function(self, name, &values);
        }
        let function = functions::find(name).ok_or_else(|| self.unknown_function(name, span))?;
        function.check_count(arguments.len()).map_err(|fault| fault.within(span))?;
        if let ("parameters" | "variables", [Expression { node: Node::Word(word), .. }]) =
            (function.name, arguments)
        {
            let message = format!("`{word}` stands without quotes");
            self.warn_here(
                "UnquotedName",
                message,
                &format!("write `{name}('{word}')`; Azure refuses it without"),
            );
            let quoted = Expression { node: Node::Text(word.clone()), span };
            return self.call(scope, name, &[quoted], span);
        }
        let call = Call { evaluator: self, scope, name: function.name, written: name };
        match function.body {
            Body::Plain(run) => {
                let values: Vec<Value> =
                    arguments.iter().map(|a| self.argument(scope, a)).collect::<Evaluated<_>>()?;
                run(&call, &values)
            }
            Body::Lazy(run) => run(&call, arguments),
        }
    }
}

/// `value.name`, without regard to case.
pub fn property(value: &Value, name: &str) -> Evaluated<Value> {
    if let Some(found) = unresolved::access(value, name) {
        return Ok(found);
    }
    match value {
        Value::Object(object) => object.get_ignore_case(name).cloned().ok_or_else(|| {
            let names: Vec<&str> = object.keys().take(12).map(Text::as_str).collect();
            Fault::expression(format!("property `{name}` does not exist"))
                .help(format!("available properties are `{}`", names.join("`, `")))
        }),
        other => Err(Fault::expression(format!(
            "property `{name}` is asked of a value of type `{}`",
            other.kind()
        ))),
    }
}

/// `value[index]`
pub fn indexed(value: &Value, index: &Value) -> Evaluated<Value> {
    if let Some(found) = unresolved::access(value, &functions::text_of(index)) {
        return Ok(found);
    }
    match (value, index) {
        (Value::Object(_), Value::String(name)) => property(value, name),
        (Value::Array(items), Value::Int(at)) => {
            usize::try_from(*at).ok().and_then(|at| items.get(at)).cloned().ok_or_else(|| {
                Fault::expression(format!("index `{at}` lies outside an array of {} items", items.len()))
            })
        }
        (target, index) => Err(Fault::expression(format!(
            "a value of type `{}` cannot be indexed by a value of type `{}`",
            target.kind(),
            index.kind()
        ))),
    }
}

/// Whether evaluation may change a value.
fn holds_expression(value: &Value) -> bool {
    match value {
        Value::String(text) => written(text) != Written::Literal,
        Value::Array(items) => items.iter().any(holds_expression),
        Value::Object(object) => object.iter().any(|(name, value)| {
            written(name) != Written::Literal
                || holds_expression(value)
                || copy::property_loops(name, value).is_some()
        }),
        _ => false,
    }
}

/// The weight of a value, as far as it fits.
fn measure(value: &Value, depth: usize, left: usize) -> Evaluated<usize> {
    if depth > VALUE_DEPTH_MAX {
        return Err(Fault::limit(format!("a value nests deeper than {VALUE_DEPTH_MAX} levels")));
    }
    let mut weight = size_of::<Value>();
    let exceeded = || Fault::limit(format!("evaluation makes more than {} MB", BYTES_MADE_MAX >> 20));
    match value {
        Value::String(text) => weight += text.len(),
        Value::Array(items) => {
            for item in items.iter() {
                weight += measure(item, depth + 1, left.saturating_sub(weight))?;
            }
        }
        Value::Object(object) => {
            for (name, value) in object.iter() {
                weight += name.len();
                weight += measure(value, depth + 1, left.saturating_sub(weight))?;
            }
        }
        _ => {}
    }
    if weight > left { Err(exceeded()) } else { Ok(weight) }
}
