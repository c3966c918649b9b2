//! The table of action types.

use super::{
    Kind, api_connection, append_to_variable, compose, expression, foreach, http, http_webhook, if_action,
    increment_variable, initialize_variable, join, parse_json, query, response, scope, select, set_variable,
    switch, table, terminate, until, wait, workflow,
};
use crate::program::Reader;

/// An action type.
pub(crate) struct TypeRow {
    /// The name in canonical spelling; definitions may spell it in any case.
    pub name: &'static str,
    /// Reads a definition. None where it has faults, which are noted.
    pub read: fn(&mut Reader<'_, '_>) -> Option<Kind>,
}

const fn row(name: &'static str, read: fn(&mut Reader<'_, '_>) -> Option<Kind>) -> TypeRow {
    TypeRow { name, read }
}

/// What runs.
const TYPES: &[TypeRow] = &[
    row("ApiConnection", api_connection::read),
    row("ApiConnectionWebhook", api_connection::read),
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
    row("Join", join::read),
    row("ParseJson", parse_json::read),
    row("Query", query::read),
    row("Response", response::read),
    row("Scope", scope::read),
    row("Select", select::read),
    row("SetVariable", set_variable::read),
    row("Switch", switch::read),
    row("Table", table::read),
    row("Terminate", terminate::read),
    row("Until", until::read),
    row("Wait", wait::read),
    row("Workflow", workflow::read),
];

/// What exists in Logic Apps and does not run here yet.
const NOT_YET: &[TypeRow] = &[
    row("Agent", refuse),
    row("ApiConnectionNotification", refuse),
    row("ApiManagement", refuse),
    row("AppService", refuse),
    row("AS2Decode", refuse),
    row("AS2Encode", refuse),
    row("Batch", refuse),
    row("ChunkText", refuse),
    row("CSharpScriptCode", refuse),
    row("EdifactDecode", refuse),
    row("EdifactEncode", refuse),
    row("FlatFileDecoding", refuse),
    row("FlatFileEncoding", refuse),
    row("Hl7Decode", refuse),
    row("Hl7Encode", refuse),
    row("IntegrationAccountArtifactLookup", refuse),
    row("InvokeFunction", refuse),
    row("JavaScriptCode", refuse),
    row("Liquid", refuse),
    row("NestedAgent", refuse),
    row("OpenApiConnection", refuse),
    row("OpenApiConnectionNotification", refuse),
    row("OpenApiConnectionWebhook", refuse),
    row("ParseDocument", refuse),
    row("PowershellCode", refuse),
    row("RosettaNetDecode", refuse),
    row("RosettaNetEncode", refuse),
    row("RuleExecute", refuse),
    row("SendToBatch", refuse),
    row("ServiceProvider", refuse),
    row("SwiftMTDecode", refuse),
    row("SwiftMTEncode", refuse),
    row("X12Decode", refuse),
    row("X12Encode", refuse),
    row("XmlCompose", refuse),
    row("XmlParse", refuse),
    row("XmlValidation", refuse),
    row("Xslt", refuse),
];

/// The row of a type, whatever the case of its name.
pub(crate) fn find_type(name: &str) -> Option<&'static TypeRow> {
    TYPES.iter().chain(NOT_YET).find(|row| row.name.eq_ignore_ascii_case(name))
}

/// The names of the types, those that run first.
pub(crate) fn type_names() -> impl Iterator<Item = &'static str> {
    TYPES.iter().chain(NOT_YET).map(|row| row.name)
}

fn refuse(reader: &mut Reader<'_, '_>) -> Option<Kind> {
    let message = format!("action type `{}` is not supported yet", reader.type_name);
    let path = reader.path_of("type");
    reader.error("UnsupportedActionType", message, path);
    None
}
