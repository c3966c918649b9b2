//! A compiled workflow definition.
//!
//! Actions and blocks are numbered while the definition is read; the interpreter goes by these numbers and looks
//! names up only where an expression gives one.

mod check;
mod compile;
mod limits;
mod names;
mod outcome;
mod placement;
mod reader;
mod references;
mod retry_policy;
mod run_after;
mod secrets;
mod settings;
mod trigger;

pub(crate) use check::Check;
pub use compile::compile;
pub(crate) use names::Names;
pub use outcome::Hidden;
pub(crate) use reader::Reader;
pub(crate) use settings::{Settings, StaticResult};
pub use trigger::{Trigger, TriggerKind};

use crate::actions::Kind;
use crate::status::Accepted;
use riposte_expression::Template;
use riposte_value::{Text, Value};

/// A parameter that a definition declares.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// Its name.
    pub name: Text,
    /// Its type in lower case: `string`, `securestring`, `int`, `float`, `bool`, `array`, `object`, `secureobject`.
    pub parameter_type: Text,
    /// Its value where none is given.
    pub default: Option<Value>,
}

impl Parameter {
    /// Whether its value must not be shown.
    pub fn is_secure(&self) -> bool {
        self.parameter_type.starts_with("secure")
    }
}

/// The number of an action in its program.
pub(crate) type ActionId = usize;
/// The number of a block in its program. The outermost block is zero.
pub(crate) type BlockId = usize;
/// The place of an action in its block, and in every frame of that block.
pub(crate) type SlotIndex = usize;

/// A compiled workflow definition: what [`compile`] makes and [`step`](crate::step) runs.
#[derive(Debug)]
pub struct Program {
    triggers: Vec<Trigger>,
    parameters: Vec<Parameter>,
    connectors: Vec<Text>,
    pub(crate) actions: Vec<Action>,
    pub(crate) blocks: Vec<Block>,
    pub(crate) variables: Vec<Variable>,
    pub(crate) outputs: Vec<Output>,
    pub(crate) names: Names,
    variable_names: Names,
    /// What stands for a number that no action has. Numbers come from this program or from a state that it made, so
    /// it is met only when a state is given to the wrong program.
    no_action: Action,
    no_block: Block,
}

/// An action.
#[derive(Debug)]
pub(crate) struct Action {
    pub name: Text,
    /// The type in canonical spelling.
    pub type_name: &'static str,
    pub block: BlockId,
    pub slot: SlotIndex,
    /// Whom it waits for, in its block.
    pub run_after: Vec<(SlotIndex, Accepted)>,
    /// Who waits for it, in its block.
    pub successors: Vec<SlotIndex>,
    pub kind: Kind,
    /// The blocks inside it, in the order of the definition.
    pub blocks: Vec<BlockId>,
    /// Whether an expression may ask for its record after it has ended.
    pub keep: bool,
    pub settings: Settings,
}

/// Actions that belong together: the workflow's, a scope's, a branch's, a loop's body.
#[derive(Debug, Default)]
pub(crate) struct Block {
    pub owner: Option<ActionId>,
    pub actions: Vec<ActionId>,
    /// Those that wait for nobody.
    pub roots: Vec<SlotIndex>,
    /// Those that nobody waits for: their statuses make the block's.
    pub leaves: Vec<SlotIndex>,
    /// Whether somebody outside may ask for what happened inside after it has ended.
    pub keep: bool,
}

/// A variable.
#[derive(Debug, Clone)]
pub(crate) struct Variable {
    pub name: Text,
    pub kind: crate::actions::VariableType,
}

/// An output of the workflow.
#[derive(Debug)]
pub(crate) struct Output {
    pub name: Text,
    pub kind: Text,
    pub value: Template,
    /// Whether history must not show it.
    pub secure: bool,
}

impl Program {
    /// The triggers, in the order of the definition.
    pub fn triggers(&self) -> &[Trigger] {
        &self.triggers
    }

    /// The trigger of this name, without regard to case.
    pub fn trigger(&self, name: &str) -> Option<&Trigger> {
        self.triggers.iter().find(|trigger| trigger.name.eq_ignore_ascii_case(name))
    }

    /// The declared parameters, in the order of the definition.
    pub fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    /// The keys of `$connections` that triggers and actions use, each once, in the order of the definition.
    pub fn connectors(&self) -> &[Text] {
        &self.connectors
    }

    /// The ids of the workflows that Workflow and `SendToBatch` actions call.
    pub fn called_workflows(&self) -> impl Iterator<Item = &str> {
        self.actions.iter().filter_map(|action| match &action.kind {
            Kind::Workflow(call) => call.called_workflow(),
            _ => None,
        })
    }

    /// How many actions it has, at all depths.
    pub fn action_count(&self) -> usize {
        self.actions.len()
    }

    /// The names of the actions at all depths, in the order of the definition.
    pub fn action_names(&self) -> impl Iterator<Item = &Text> {
        self.actions.iter().map(|action| &action.name)
    }

    /// The name and the type of each action at all depths, in the order of the definition.
    pub fn action_types(&self) -> impl Iterator<Item = (&Text, &'static str)> {
        self.actions.iter().map(|action| (&action.name, action.type_name))
    }

    /// Whether it has a Response action, for which a caller may wait.
    pub fn responds(&self) -> bool {
        self.actions.iter().any(|action| matches!(action.kind, Kind::Response(_)))
    }

    /// Whether its answer comes later: a Response says `operationOptions: Asynchronous`. A caller is told 202 and where
    /// to ask at once; who asks there is told 202 until the Response action has run, and then what that says. Whoever
    /// starts such a run gives as `caller_waits_until` the end of the time in which the answer may be asked for.
    ///
    /// ```
    /// use riposte_value::value;
    /// let later = |options: &str| {
    ///     let response = value!({ "type": "Response", "inputs": { "statusCode": 200 }, "operationOptions": options });
    ///     let (program, _) = riposte_workflow::compile(&value!({
    ///         "triggers": { "manual": { "type": "Request" } }, "actions": { "Answer": response }
    ///     }));
    ///     program.is_some_and(|program| program.responds_later())
    /// };
    /// assert!(later("Asynchronous") && !later("None"));
    /// ```
    pub fn responds_later(&self) -> bool {
        self.actions.iter().any(|action| {
            matches!(action.kind, Kind::Response(_)) && action.settings.has_option("asynchronous")
        })
    }

    pub(crate) fn action(&self, id: ActionId) -> &Action {
        self.actions.get(id).unwrap_or(&self.no_action)
    }

    pub(crate) fn block(&self, id: BlockId) -> &Block {
        self.blocks.get(id).unwrap_or(&self.no_block)
    }

    /// The action at a place in a block.
    pub(crate) fn action_at(&self, block: BlockId, slot: SlotIndex) -> &Action {
        self.block(block).actions.get(slot).map_or(&self.no_action, |id| self.action(*id))
    }

    pub(crate) fn find_action(&self, name: &str) -> Option<&Action> {
        self.names.find(name).and_then(|id| self.actions.get(id))
    }

    pub(crate) fn find_variable(&self, name: &str) -> Option<usize> {
        self.variable_names.find(name)
    }
}
