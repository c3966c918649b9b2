//! What reading a definition gathers: actions, blocks, names, and every fault.

use super::reader::expression_diagnostic;
use super::{
    Action, ActionId, Block, BlockId, Names, Parameter, Reader, Settings, Variable, limits, retry_policy,
    run_after,
};
use crate::actions::{Kind, TypeRow, find_type, type_names};
use riposte_diagnostic::{Diagnostic, join_path, nearest};
use riposte_expression::{References, Template};
use riposte_value::{Object, Text, Value};

/// How deep blocks may nest. Documented: 8 in Azure; beyond 64 nothing that people write is lost.
const NESTING_MAX: usize = 64;

/// What has been read so far.
#[derive(Default)]
pub(crate) struct Check<'d> {
    pub diagnostics: Vec<Diagnostic>,
    pub actions: Vec<Action>,
    /// The path of each action.
    pub paths: Vec<String>,
    pub blocks: Vec<Block>,
    pub names: Names,
    pub variables: Vec<Variable>,
    pub variable_names: Names,
    pub parameters: Vec<Parameter>,
    pub connectors: Vec<Text>,
    pub static_results: Option<&'d Object>,
    pub sites: Vec<Site>,
    /// Paths of templates outside of actions whose values are made of secrets.
    pub secret_sites: Vec<String>,
    /// Variables that actions change, each with the path of its name.
    pub targets: Vec<(Text, String)>,
    /// Which actions give variables their values.
    pub assignments: Vec<(ActionId, Text)>,
}

/// Where a template stands, and when it is evaluated.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Place {
    /// The action, if it belongs to one.
    pub action: Option<ActionId>,
    /// It is evaluated once for each item of something.
    pub per_item: bool,
    /// It is evaluated after each turn of the loop that the action is.
    pub after_turn: bool,
}

/// A template, for the check of what it mentions.
#[derive(Debug)]
pub(crate) struct Site {
    pub place: Place,
    /// The path of the template.
    pub path: String,
    /// What it mentions.
    pub references: References,
}

impl<'d> Check<'d> {
    /// Compiles a value; what it mentions is checked when all of the definition has been read.
    pub fn template(&mut self, value: &Value, path: &str, place: Place) -> Option<Template> {
        match Template::compile(value) {
            Ok(template) => {
                let references = template.references();
                if !references.calls.is_empty() {
                    self.sites.push(Site { place, path: path.to_owned(), references: references.clone() });
                }
                Some(template)
            }
            Err(errors) => {
                self.diagnostics.extend(errors.into_iter().map(|error| expression_diagnostic(path, error)));
                None
            }
        }
    }

    /// Reads the actions of a block. `path` is that of the `actions` property.
    pub fn block(
        &mut self,
        actions: Option<&'d Value>,
        path: &str,
        owner: Option<ActionId>,
        depth: usize,
    ) -> BlockId {
        let id = self.blocks.len();
        self.blocks.push(Block { owner, ..Block::default() });
        let actions = match actions {
            None | Some(Value::Null) => return id,
            Some(Value::Object(actions)) if depth <= NESTING_MAX => actions,
            Some(Value::Object(_)) => {
                let message = format!("actions are nested more than {NESTING_MAX} levels deep");
                self.diagnostics.push(Diagnostic::error("NestingTooDeep", message).at(path));
                return id;
            }
            Some(other) => {
                let message = format!("`actions` must be an object, and is of type `{}`", other.kind());
                self.diagnostics.push(Diagnostic::error("InvalidActions", message).at(path));
                return id;
            }
        };
        let mut members = Vec::with_capacity(actions.len());
        for (slot, (name, definition)) in actions.iter().enumerate() {
            members.push(self.action(name, definition, join_path(path, name), id, slot, depth));
        }
        if let Some(block) = self.blocks.get_mut(id) {
            block.actions = members;
        }
        run_after::read(self, id, actions, path);
        id
    }

    fn action(
        &mut self,
        name: &'d Text,
        definition: &'d Value,
        path: String,
        block: BlockId,
        slot: usize,
        depth: usize,
    ) -> ActionId {
        let id = self.actions.len();
        if let Some(there) = self.names.insert(name, id) {
            self.duplicate(name, there, &path);
        }
        let mut action = Action { name: name.clone(), block, slot, ..Action::nothing() };
        self.paths.push(path.clone());
        // The place is taken now, so that the actions inside this one come after it.
        self.actions.push(Action::nothing());
        if let Some(definition) = definition.as_object() {
            self.fill(&mut action, id, definition, path, depth);
        } else {
            let message =
                format!("action `{name}` must be an object, and is of type `{}`", definition.kind());
            self.diagnostics.push(Diagnostic::error("InvalidAction", message).at(path));
        }
        if let Some(place) = self.actions.get_mut(id) {
            *place = action;
        }
        id
    }

    fn fill(
        &mut self,
        action: &mut Action,
        id: ActionId,
        definition: &'d Object,
        path: String,
        depth: usize,
    ) {
        action.settings = Settings::read(self, id, definition, &path);
        limits::description(self, definition, &path);
        retry_policy::check(self, definition, &path);
        let Some(row) = self.action_type(definition, &path) else { return };
        action.type_name = row.name;
        let first_inside = self.blocks.len();
        let settings = &action.settings;
        let mut reader = Reader { check: self, id, path, definition, type_name: row.name, settings, depth };
        if let Some(kind) = (row.read)(&mut reader) {
            action.kind = kind;
        }
        action.blocks = (first_inside..self.blocks.len())
            .filter(|block| self.blocks.get(*block).is_some_and(|block| block.owner == Some(id)))
            .collect();
    }

    fn action_type(&mut self, definition: &Object, path: &str) -> Option<&'static TypeRow> {
        let at = join_path(path, "type");
        let diagnostic = match definition.get_ignore_case("type") {
            Some(Value::String(name)) => match find_type(name) {
                Some(row) => return Some(row),
                None => unknown_type(name).at(at),
            },
            Some(other) => {
                let message = format!("`type` must be text, and is of type `{}`", other.kind());
                Diagnostic::error("InvalidActionType", message).at(at)
            }
            None => Diagnostic::error("MissingProperty", "`type` is missing: every action needs it").at(path),
        };
        self.diagnostics.push(diagnostic);
        None
    }

    fn duplicate(&mut self, name: &str, there: ActionId, path: &str) {
        let first = self.paths.get(there).cloned().unwrap_or_default();
        let message = format!("action name `{name}` is used twice");
        self.diagnostics.push(Diagnostic::error("DuplicateActionName", message).at(path).help(format!(
            "names are unique in a workflow whatever their case; the first one is at {first}"
        )));
    }

    /// The actions around an action, from the innermost.
    pub fn around(&self, id: ActionId) -> impl Iterator<Item = ActionId> + '_ {
        let outer = |id: ActionId| self.blocks.get(self.actions.get(id)?.block)?.owner;
        std::iter::successors(outer(id), move |id| outer(*id))
    }

    /// Enters a variable that an action declares.
    pub fn declare(&mut self, variable: Variable, path: &str) -> usize {
        let number = self.variables.len();
        if self.variable_names.insert(&variable.name, number).is_some() {
            let message = format!("variable `{}` is initialized twice", variable.name);
            self.diagnostics.push(Diagnostic::error("DuplicateVariable", message).at(path));
        }
        self.variables.push(variable);
        number
    }
}

fn unknown_type(name: &str) -> Diagnostic {
    let diagnostic = Diagnostic::error("UnknownActionType", format!("action type `{name}` is not known"));
    match nearest(name, type_names()) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None => diagnostic
            .help("the types are those of Logic Apps, such as `Compose`, `Http` and `ApiConnection`"),
    }
}

impl Action {
    /// An action that does nothing.
    pub fn nothing() -> Self {
        Self {
            name: Text::default(),
            type_name: "",
            block: 0,
            slot: 0,
            run_after: Vec::new(),
            successors: Vec::new(),
            kind: Kind::Nothing,
            blocks: Vec::new(),
            keep: false,
            settings: Settings::default(),
        }
    }
}
