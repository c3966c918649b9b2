//! What every action may carry beside its inputs: limits, options, static results, secure data, tracked properties.

use super::ActionId;
use super::check::{Check, Place};
use crate::{ErrorBody, Status};
use riposte_diagnostic::{Diagnostic, join_path, nearest};
use riposte_expression::Template;
use riposte_value::{Object, Text, Value};

/// What an action carries beside its inputs.
#[derive(Debug, Default)]
pub(crate) struct Settings {
    /// `operationOptions`, in lower case.
    pub options: Vec<String>,
    /// `limit.timeout`: a duration.
    pub timeout: Option<Template>,
    /// Whether history must not show the inputs.
    pub secure_inputs: bool,
    /// The places in the inputs that hold values of secure parameters, as JSON paths: history does not show them.
    pub secret_places: Vec<Text>,
    /// Whether history must not show the outputs.
    pub secure_outputs: bool,
    /// What to answer instead of doing anything.
    pub static_result: Option<StaticResult>,
    /// `trackedProperties`.
    pub tracked: Option<Tracked>,
    /// `runtimeConfiguration.paginationPolicy.minimumItemCount`: pages are gathered until there are so many items.
    pub minimum_items: Option<u64>,
    /// `runtimeConfiguration.contentTransfer.transferMode: Chunked`.
    pub chunked: bool,
}

/// What an action tells of itself.
#[derive(Debug)]
pub(crate) struct Tracked {
    pub template: Template,
    /// Whether history must not show it.
    pub secure: bool,
}

/// A result that stands in for what an action would do.
#[derive(Debug, Clone)]
pub(crate) struct StaticResult {
    pub status: Status,
    pub outputs: Option<Value>,
    pub error: Option<ErrorBody>,
    pub code: Text,
}

impl Settings {
    pub fn read(check: &mut Check<'_>, id: ActionId, definition: &Object, path: &str) -> Self {
        let runtime = definition.get_ignore_case("runtimeConfiguration");
        let secured = |what: &str| {
            runtime
                .and_then(|runtime| {
                    runtime.get_ignore_case("secureData")?.get_ignore_case("properties")?.as_array()
                })
                .is_some_and(|names| {
                    names.iter().filter_map(Value::as_str).any(|n| n.eq_ignore_ascii_case(what))
                })
        };
        let (secure_inputs, secure_outputs) = (secured("inputs"), secured("outputs"));
        let site = || Place { action: Some(id), ..Place::default() };
        let limit = definition.get_ignore_case("limit");
        let timeout =
            limit.and_then(|limit| limit.get_ignore_case("timeout")).filter(|value| !value.is_null());
        let timeout = timeout.and_then(|value| {
            check.template(value, &join_path(&join_path(path, "limit"), "timeout"), site())
        });
        let tracked = definition.get_ignore_case("trackedProperties").filter(|value| !value.is_null());
        let tracked =
            tracked.and_then(|value| check.template(value, &join_path(path, "trackedProperties"), site()));
        let static_result = runtime
            .and_then(|runtime| runtime.get_ignore_case("staticResult"))
            .and_then(|wanted| static_result(check, wanted, &join_path(path, "runtimeConfiguration")));
        let options =
            definition.get_ignore_case("operationOptions").and_then(Value::as_str).unwrap_or_default();
        let options = options.split(',').map(|option| option.trim().to_ascii_lowercase()).collect();
        let minimum_items = runtime
            .and_then(|runtime| runtime.get_ignore_case("paginationPolicy"))
            .and_then(|policy| minimum_items(check, policy, &join_path(path, "runtimeConfiguration")));
        let chunked = runtime
            .and_then(|runtime| {
                runtime.get_ignore_case("contentTransfer")?.get_ignore_case("transferMode")?.as_str()
            })
            .is_some_and(|mode| mode.eq_ignore_ascii_case("Chunked"));
        Self {
            options,
            timeout,
            secure_inputs,
            secret_places: Vec::new(),
            secure_outputs,
            static_result,
            tracked: tracked.map(|template| Tracked { template, secure: false }),
            minimum_items,
            chunked,
        }
    }

    /// Whether `operationOptions` holds this option, given in lower case.
    pub fn has_option(&self, option: &str) -> bool {
        self.options.iter().any(|there| there == option)
    }
}

/// Documented: at most 100,000 items.
const MINIMUM_ITEMS_MAX: u64 = 100_000;

fn minimum_items(check: &mut Check<'_>, policy: &Value, path: &str) -> Option<u64> {
    let given = policy.get_ignore_case("minimumItemCount").filter(|value| !value.is_null())?;
    let count = given.as_i64().or_else(|| given.as_str()?.trim().parse().ok());
    let count = count.and_then(|count| u64::try_from(count).ok());
    if let Some(count @ 1..=MINIMUM_ITEMS_MAX) = count {
        return Some(count);
    }
    let message =
        format!("`minimumItemCount` is `{given}`, and must be an integer from 1 to {MINIMUM_ITEMS_MAX}");
    let path = join_path(&join_path(path, "paginationPolicy"), "minimumItemCount");
    check.diagnostics.push(Diagnostic::error("InvalidPaginationPolicy", message).at(path));
    None
}

fn static_result(check: &mut Check<'_>, wanted: &Value, path: &str) -> Option<StaticResult> {
    let options = wanted.get_ignore_case("staticResultOptions").and_then(Value::as_str).unwrap_or_default();
    if !options.eq_ignore_ascii_case("Enabled") {
        return None;
    }
    let name = wanted.get_ignore_case("name").and_then(Value::as_str).unwrap_or_default();
    let Some(result) = check.static_results.and_then(|results| results.get(name)) else {
        let message = format!("static result `{name}` does not exist");
        let diagnostic = Diagnostic::error("UnknownStaticResult", message)
            .at(join_path(&join_path(path, "staticResult"), "name"));
        let names =
            check.static_results.into_iter().flat_map(Object::keys).map(riposte_value::SmolStr::as_str);
        let diagnostic = match nearest(name, names) {
            Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
            None => diagnostic.help("add it to `staticResults` of the definition"),
        };
        check.diagnostics.push(diagnostic);
        return None;
    };
    let status = result.get_ignore_case("status").and_then(Value::as_str).and_then(Status::parse);
    let status = status.filter(|status| status.is_terminal()).unwrap_or(Status::Succeeded);
    let outputs = result.get_ignore_case("outputs").cloned();
    let error = result.get_ignore_case("error").filter(|error| !error.is_null()).map(|error| {
        let text = |name: &str| error.get_ignore_case(name).and_then(Value::as_str).unwrap_or_default();
        ErrorBody::new(text("code"), text("message"))
    });
    let code = result
        .get_ignore_case("code")
        .or_else(|| outputs.as_ref()?.get_ignore_case("statusCode"))
        .and_then(Value::as_str)
        .map(Text::new)
        .or_else(|| error.as_ref().map(|error| error.code.clone()))
        .unwrap_or_else(|| Text::new_static(if status == Status::Succeeded { "OK" } else { "NotSpecified" }));
    Some(StaticResult { status, outputs, error, code })
}
