//! Our expressions in the syntax of adaptive-expressions.
//!
//! It has neither `?['x']` nor `variables('x')`: what comes from the run becomes a name of its memory, and a path is
//! written `name.x['y z'][0]`; a missing property is null there anyway. Text with `@{…}` becomes `concat(…)`. Each name of
//! the memory is the whole look-up, which is the shortest path that the peer could be given.

use riposte_expression::ast::{Access, Expression, Key, Primary};
use riposte_expression::{MapContext, Purity, Template, function, parse};
use riposte_value::{Object, Value, value};

/// The template with `{"$expression": …}` for each string that is one, and the memory that they ask.
pub fn translate(inputs: &Value, context: &MapContext, literal: bool) -> (Value, Value) {
    let mut translator = Translator { context, literal, memory: Object::new() };
    let template = translator.value(inputs);
    (template, Value::from(translator.memory))
}

struct Translator<'c> {
    context: &'c MapContext,
    literal: bool,
    memory: Object,
}

impl Translator<'_> {
    fn value(&mut self, value: &Value) -> Value {
        match value {
            Value::String(text) => self.string(text),
            Value::Array(items) => Value::array(items.iter().map(|item| self.value(item))),
            Value::Object(object) => {
                Value::object(object.iter().map(|(name, item)| (name.clone(), self.value(item))))
            }
            other => other.clone(),
        }
    }

    fn string(&mut self, text: &str) -> Value {
        let whole = text.strip_prefix('@').filter(|rest| !rest.is_empty() && !rest.starts_with(['@', '{']));
        let expression = match whole {
            Some(rest) => self.expression(&parse(rest).expect("the case is well-formed")),
            None if text.contains("@{") => self.interpolation(text),
            None => return Value::from(text),
        };
        value!({ "$expression": expression })
    }

    /// `a @{x} b` as `concat('a ', x, ' b')`.
    fn interpolation(&mut self, text: &str) -> String {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("@{") {
            let end = end_of_expression(after);
            let (expression, behind) = after.split_at(end);
            if !before.is_empty() {
                parts.push(quoted(before));
            }
            parts.push(self.expression(&parse(expression).expect("the case is well-formed")));
            rest = behind.strip_prefix('}').unwrap_or(behind);
        }
        if !rest.is_empty() {
            parts.push(quoted(rest));
        }
        format!("concat({})", parts.join(", "))
    }

    fn expression(&mut self, expression: &Expression) -> String {
        let primary = match &expression.primary {
            Primary::String(text) => quoted(text),
            Primary::Call(call) => match function(&call.name) {
                Some(known) if known.purity == Purity::Run => self.look_up(&call.to_string()),
                known => {
                    let name = match known.map_or(call.name.as_str(), |known| known.name) {
                        // Its `length` is of text alone.
                        "length" if !self.literal => "count",
                        name => name,
                    };
                    let arguments: Vec<_> = call.arguments.iter().map(|each| self.expression(each)).collect();
                    format!("{name}({})", arguments.join(", "))
                }
            },
            other => {
                Expression { primary: other.clone(), accesses: Vec::new(), span: expression.span }.to_string()
            }
        };
        expression.accesses.iter().fold(primary, |path, access| path + &self.step(access))
    }

    fn step(&mut self, access: &Access) -> String {
        let name = match &access.key {
            Key::Name(name) => name.clone(),
            Key::Index(key) => match (&key.primary, key.accesses.as_slice()) {
                (Primary::String(name), []) => name.clone(),
                _ => return format!("[{}]", self.expression(key)),
            },
        };
        let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if plain && !name.starts_with(|c: char| c.is_ascii_digit()) {
            format!(".{name}")
        } else {
            format!("[{}]", quoted(&name))
        }
    }

    /// The name in the memory for what a call such as `body('Get')` gives.
    fn look_up(&mut self, call: &str) -> String {
        let name: String = call.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
        let template = Template::compile_expression(call).expect("it was parsed before");
        let value = template.evaluate(self.context).expect("the context has it");
        self.memory.insert(name.as_str(), value);
        name
    }
}

/// Where the `}` is that ends an interpolation.
fn end_of_expression(text: &str) -> usize {
    let mut quoted = false;
    let end = text.char_indices().find(|(_, c)| {
        quoted ^= *c == '\'';
        *c == '}' && !quoted
    });
    end.map_or(text.len(), |(at, _)| at)
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'").replace('\n', "\\n").replace('\r', "\\r"))
}
