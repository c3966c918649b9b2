//! The Request trigger: which requests it takes, and what they come to.

use crate::program::Trigger;
use crate::trigger::fire::{Occurrence, TriggerFailure};
use riposte_value::{Object, Text, Value};

/// A request as it came.
#[derive(Debug, Clone, Default)]
pub struct RequestContent {
    /// The method.
    pub method: Text,
    /// What follows `…/paths/invoke/`, percent-decoded, without a slash at its ends.
    pub relative_path: Text,
    /// The headers; several of one name joined.
    pub headers: Object,
    /// The query, without what the address is signed with; several of one name joined.
    pub queries: Object,
    /// The body by its content type; none if there was none.
    pub body: Option<Value>,
}

impl Trigger {
    /// The occurrence that a request is, or why it is refused. Codes as the service names them; the schema counts only
    /// where `EnableSchemaValidation` asks for it.
    ///
    /// # Errors
    /// `TriggerRequestMethodNotValid`, `TriggerRelativePathNotValid`, `TriggerInputSchemaMismatch`.
    pub fn receive(&self, request: &RequestContent) -> Result<Occurrence, TriggerFailure> {
        let inputs = self.definition.get_ignore_case("inputs");
        let input = |name: &str| inputs.and_then(|inputs| inputs.get_ignore_case(name));
        if let Some(method) = input("method").and_then(Value::as_str).filter(|method| !method.is_empty())
            && !method.eq_ignore_ascii_case(&request.method)
        {
            let message = format!(
                "The request method '{}' is not valid for trigger '{}'. The expected method is '{}'.",
                request.method,
                self.name,
                method.to_uppercase()
            );
            return Err(TriggerFailure { code: "TriggerRequestMethodNotValid".into(), message });
        }
        let template = input("relativePath").and_then(Value::as_str).unwrap_or_default();
        let Some(parameters) = match_relative_path(template, &request.relative_path) else {
            let message = format!(
                "The relative path '{}' is not valid for trigger '{}'. The expected path is '{template}'.",
                request.relative_path, self.name
            );
            return Err(TriggerFailure { code: "TriggerRelativePathNotValid".into(), message });
        };
        if self.plan.has_option("EnableSchemaValidation") {
            self.check_schema(input("schema"), request.body.as_ref())?;
        }
        Ok(Occurrence::with_outputs(self.outputs(request, parameters)))
    }

    fn outputs(&self, request: &RequestContent, parameters: Object) -> Value {
        let mut headers = request.headers.clone();
        if !self.plan.has_option("IncludeAuthorizationHeadersInOutputs") {
            headers.remove_ignore_case("authorization");
        }
        let mut outputs = Object::new();
        outputs.insert("headers", headers);
        if !request.queries.is_empty() {
            outputs.insert("queries", request.queries.clone());
        }
        if !parameters.is_empty() {
            outputs.insert("relativePathParameters", parameters);
        }
        if let Some(body) = &request.body {
            outputs.insert("body", body.clone());
        }
        Value::from(outputs)
    }

    fn check_schema(&self, schema: Option<&Value>, body: Option<&Value>) -> Result<(), TriggerFailure> {
        let Some(schema) = schema.filter(|schema| schema.as_object().is_some_and(|s| !s.is_empty())) else {
            return Ok(());
        };
        let errors = crate::actions::schema_errors(schema, body.unwrap_or(&Value::Null));
        let Some(first) = errors.first() else { return Ok(()) };
        let message = format!(
            "The input body for trigger '{}' of type 'Request' did not match its schema definition. Error details: '{first}'.",
            self.name
        );
        Err(TriggerFailure { code: "TriggerInputSchemaMismatch".into(), message })
    }
}

/// The values of a template's `{names}` in a path; none if it does not fit. Literals match without regard to case.
pub fn match_relative_path(template: &str, path: &str) -> Option<Object> {
    let (template, path) = (template.trim_matches('/'), path.trim_matches('/'));
    let (wanted, given): (Vec<&str>, Vec<&str>) = (template.split('/').collect(), path.split('/').collect());
    if wanted.len() != given.len() {
        return None;
    }
    let mut parameters = Object::new();
    for (wanted, given) in wanted.into_iter().zip(given) {
        match wanted.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
            Some(name) if !given.is_empty() => {
                parameters.insert(name, given);
            }
            None if wanted.eq_ignore_ascii_case(given) => {}
            Some(_) | None => return None,
        }
    }
    Some(parameters)
}
