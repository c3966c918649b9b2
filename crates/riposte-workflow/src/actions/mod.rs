//! The action types: one file each. A row of [`TYPES`] says how a definition of the type is read; [`Kind::start`] says
//! what starting it does.

mod api_connection;
mod append_to_variable;
mod completion;
mod compose;
mod condition;
mod expression;
mod foreach;
mod http;
mod http_webhook;
mod if_action;
mod increment_variable;
mod initialize_variable;
mod javascript_code;
mod join;
mod parse_json;
mod query;
mod response;
mod sanitize;
mod scope;
mod select;
mod set_variable;
mod switch;
mod table;
mod terminate;
mod types;
mod unsupported;
mod until;
mod variable;
mod wait;
mod workflow;

pub(crate) use completion::{Completion, Ending, Started};
pub(crate) use parse_json::schema_errors;
pub(crate) use sanitize::MASK;
pub(crate) use switch::NOT_ENTERED;
pub(crate) use types::{TypeRow, find_type, type_names};
pub(crate) use variable::{VariableType, check_targets};

use crate::interpreter::{Call, Machine};
use crate::state::Here;
use serde::{Deserialize, Serialize};

/// An action, read and ready to run.
#[derive(Debug)]
pub(crate) enum Kind {
    /// Not an action: a place for one whose definition is faulty.
    Nothing,
    ApiConnection(api_connection::ApiConnection),
    AppendToVariable(append_to_variable::AppendToVariable),
    Compose(compose::Compose),
    Expression(expression::Expression),
    Foreach(foreach::Foreach),
    Http(http::Http),
    HttpWebhook(http_webhook::HttpWebhook),
    If(if_action::If),
    IncrementVariable(increment_variable::IncrementVariable),
    InitializeVariable(initialize_variable::InitializeVariable),
    JavaScriptCode(javascript_code::JavaScriptCode),
    Join(join::Join),
    ParseJson(parse_json::ParseJson),
    Query(query::Query),
    Response(response::Response),
    Scope(scope::Scope),
    Select(select::Select),
    SetVariable(set_variable::SetVariable),
    Switch(switch::Switch),
    Table(table::Table),
    Terminate(terminate::Terminate),
    Until(until::Until),
    Wait(wait::Wait),
    Workflow(workflow::Workflow),
}

impl Kind {
    /// Starts the action at a place.
    pub fn start(&self, machine: &mut Machine<'_>, here: Here) -> Result<Started, Box<Completion>> {
        match self {
            Self::Nothing => Ok(Started::Done(Completion::succeeded("NotSpecified"))),
            Self::ApiConnection(action) => action.start(machine, here),
            Self::AppendToVariable(action) => action.run(machine, here).map(Started::Done),
            Self::Compose(action) => action.run(machine, here).map(Started::Done),
            Self::Expression(action) => action.run(machine, here).map(Started::Done),
            Self::Foreach(action) => action.start(machine, here),
            Self::Http(action) => action.start(machine, here),
            Self::HttpWebhook(action) => action.start(machine, here),
            Self::If(action) => action.start(machine, here),
            Self::IncrementVariable(action) => action.run(machine, here).map(Started::Done),
            Self::InitializeVariable(action) => action.run(machine, here).map(Started::Done),
            Self::JavaScriptCode(action) => action.start(machine, here),
            Self::Join(action) => action.run(machine, here).map(Started::Done),
            Self::ParseJson(action) => action.run(machine, here).map(Started::Done),
            Self::Query(action) => action.run(machine, here).map(Started::Done),
            Self::Response(action) => action.start(machine, here),
            Self::Scope(action) => Ok(action.start(machine, here)),
            Self::Select(action) => action.run(machine, here).map(Started::Done),
            Self::SetVariable(action) => action.run(machine, here).map(Started::Done),
            Self::Switch(action) => action.start(machine, here),
            Self::Table(action) => action.run(machine, here).map(Started::Done),
            Self::Terminate(action) => action.start(machine, here),
            Self::Until(_) => Ok(until::Until::start(machine, here)),
            Self::Wait(action) => action.start(machine, here),
            Self::Workflow(action) => action.start(machine, here),
        }
    }

    /// Whether it has actions inside.
    pub fn is_block(&self) -> bool {
        matches!(self, Self::If(_) | Self::Switch(_) | Self::Scope(_) | Self::Foreach(_) | Self::Until(_))
    }
}

/// What an action that is under way is doing.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Progress {
    Call(Call),
    Foreach(foreach::Progress),
    Until(until::Progress),
    Wait,
    /// A wait that is longer than the action may take.
    WaitInVain,
}
