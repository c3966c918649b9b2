//! The table of action types.

use super::unsupported::UNSUPPORTED;
use super::{
    Kind, api_connection, append_to_variable, compose, expression, foreach, http, http_webhook, if_action,
    increment_variable, initialize_variable, javascript_code, join, parse_json, query, response, scope,
    select, set_variable, switch, table, terminate, until, wait, workflow,
};
use crate::program::Reader;

/// An action type.
pub(crate) struct TypeRow {
    /// The name in canonical spelling; definitions may spell it in any case.
    pub name: &'static str,
    /// Reads a definition. None where it has faults, which are noted.
    pub read: fn(&mut Reader<'_, '_>) -> Option<Kind>,
}

pub(super) const fn row(name: &'static str, read: fn(&mut Reader<'_, '_>) -> Option<Kind>) -> TypeRow {
    TypeRow { name, read }
}

/// What runs.
const TYPES: &[TypeRow] = &[
    row("ApiConnection", api_connection::read),
    row("ApiConnectionWebhook", api_connection::read),
    row("ApiManagement", workflow::read),
    row("AppendToArrayVariable", append_to_variable::read),
    row("AppendToStringVariable", append_to_variable::read),
    row("Compose", compose::read),
    row("DecrementVariable", increment_variable::read),
    row("Expression", expression::read),
    row("Foreach", foreach::read),
    row("Function", workflow::read),
    row("Http", http::read),
    row("HttpWebhook", http_webhook::read),
    row("If", if_action::read),
    row("IncrementVariable", increment_variable::read),
    row("InitializeVariable", initialize_variable::read),
    row("JavaScriptCode", javascript_code::read),
    row("Join", join::read),
    row("ParseJson", parse_json::read),
    row("Query", query::read),
    row("Response", response::read),
    row("Scope", scope::read),
    row("Select", select::read),
    row("SendToBatch", workflow::read),
    row("SetVariable", set_variable::read),
    row("Switch", switch::read),
    row("Table", table::read),
    row("Terminate", terminate::read),
    row("Until", until::read),
    row("Wait", wait::read),
    row("Workflow", workflow::read),
];

/// The row of a type, whatever the case of its name.
pub(crate) fn find_type(name: &str) -> Option<&'static TypeRow> {
    TYPES.iter().chain(UNSUPPORTED).find(|row| row.name.eq_ignore_ascii_case(name))
}

/// The names of the types, those that run first.
pub(crate) fn type_names() -> impl Iterator<Item = &'static str> {
    TYPES.iter().chain(UNSUPPORTED).map(|row| row.name)
}
