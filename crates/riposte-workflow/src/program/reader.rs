//! What the action types read their definition with: properties, templates and inner blocks, every fault noted with
//! its path.

use super::check::{Check, Place};
use super::{ActionId, BlockId, Settings};
use riposte_diagnostic::{Diagnostic, join_path};
use riposte_expression::{CompileError, Template};
use riposte_value::{Object, Value};

/// Reads one action's definition.
pub(crate) struct Reader<'r, 'd> {
    pub check: &'r mut Check<'d>,
    pub id: ActionId,
    /// The path of the action in the definition.
    pub path: String,
    pub definition: &'d Object,
    pub type_name: &'static str,
    pub settings: &'r Settings,
    /// How many blocks are around it.
    pub depth: usize,
}

impl<'d> Reader<'_, 'd> {
    /// A property of the action.
    pub fn property(&self, name: &str) -> Option<&'d Value> {
        self.definition.get_ignore_case(name).filter(|value| !value.is_null())
    }

    /// The path of a property of the action.
    pub fn path_of(&self, name: &str) -> String {
        join_path(&self.path, name)
    }

    /// A property that the action cannot do without.
    pub fn required(&mut self, name: &str) -> Option<&'d Value> {
        let value = self.property(name);
        if value.is_none() {
            let path = self.path.clone();
            self.missing(name, path);
        }
        value
    }

    /// The inputs, which must be there.
    pub fn inputs(&mut self) -> Option<&'d Value> {
        self.required("inputs")
    }

    /// The inputs, which must be an object.
    pub fn inputs_object(&mut self) -> Option<&'d Object> {
        let inputs = self.inputs()?;
        let object = inputs.as_object();
        if object.is_none() {
            let message = format!("`inputs` must be an object, and is of type `{}`", inputs.kind());
            let path = self.path_of("inputs");
            self.error("InvalidInputs", message, path);
        }
        object
    }

    /// A property of the inputs that they cannot do without.
    pub fn required_input(&mut self, inputs: &'d Object, name: &str) -> Option<&'d Value> {
        let value = inputs.get_ignore_case(name);
        if value.is_none() {
            let path = self.path_of("inputs");
            self.missing(name, path);
        }
        value
    }

    fn missing(&mut self, name: &str, path: String) {
        let message = format!("`{name}` is missing: an action of type `{}` needs it", self.type_name);
        self.error("MissingProperty", message, path);
    }

    /// Notes an error.
    pub fn error(&mut self, code: &'static str, message: impl Into<String>, path: impl Into<String>) {
        self.check.diagnostics.push(Diagnostic::error(code, message).at(path));
    }

    /// Notes a warning.
    pub fn warning(&mut self, code: &'static str, message: impl Into<String>, path: impl Into<String>) {
        self.check.diagnostics.push(Diagnostic::warning(code, message).at(path));
    }

    /// A value that may hold expressions.
    pub fn template(&mut self, value: &Value, path: &str) -> Option<Template> {
        self.check.template(value, path, Place { action: Some(self.id), ..Place::default() })
    }

    /// A value that is evaluated once for each item, so that `item()` may be called in it.
    pub fn item_template(&mut self, value: &Value, path: &str) -> Option<Template> {
        self.check.template(value, path, Place { action: Some(self.id), per_item: true, ..Place::default() })
    }

    /// A value that is evaluated after each turn of the loop that this action is.
    pub fn loop_template(&mut self, value: &Value, path: &str) -> Option<Template> {
        self.check.template(
            value,
            path,
            Place { action: Some(self.id), after_turn: true, ..Place::default() },
        )
    }

    /// An optional property of the action as a template.
    pub fn optional_template(&mut self, value: Option<&Value>, path: &str) -> Option<Template> {
        value.and_then(|value| self.template(value, path))
    }

    /// The actions inside this one, under a property whose path is given. Missing or null: an empty block.
    pub fn block(&mut self, actions: Option<&'d Value>, path: &str) -> BlockId {
        self.check.block(actions, path, Some(self.id), self.depth + 1)
    }
}

/// What a template that cannot be compiled tells about the definition.
pub(crate) fn expression_diagnostic(path: &str, error: CompileError) -> Diagnostic {
    let inner = error.path.strip_prefix('$').unwrap_or(&error.path);
    let message =
        format!("expression cannot be read: {}", lower_first(error.error.message.trim_end_matches('.')));
    let diagnostic = Diagnostic::error("InvalidExpression", message).at(format!("{path}{inner}")).in_source(
        error.error.expression,
        error.error.span.start,
        error.error.span.end,
    );
    match error.error.help {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    }
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_lowercase().chain(chars).collect()).unwrap_or_default()
}
