//! The shape of a workflow resource around its definition: what is of a wrong type or no value of an enum is refused,
//! since a client of Azure could not read it back.

use super::PlaybookState;
use crate::error::{Error, Result};
use riposte_diagnostic::{Diagnostic, join_path, nearest};
use riposte_value::{Object, Value};

/// The states that Azure's `WorkflowState` has. A playbook that Azure would not start is not started here.
const STATES: [(&str, PlaybookState); 6] = [
    ("Enabled", PlaybookState::Enabled),
    ("NotSpecified", PlaybookState::Enabled),
    ("Disabled", PlaybookState::Disabled),
    ("Suspended", PlaybookState::Disabled),
    ("Completed", PlaybookState::Disabled),
    ("Deleted", PlaybookState::Disabled),
];

/// The state that a body asks for; one that says nothing asks for `Enabled`.
///
/// # Errors
/// Every part of a wrong type.
pub(super) fn read(body: &Value) -> Result<PlaybookState> {
    let mut faults = Vec::new();
    let given = |of: Option<&Value>, name: &str| of?.get_ignore_case(name).filter(|v| !v.is_null()).cloned();
    if given(Some(body), "location").is_some_and(|location| location.as_str().is_none()) {
        faults.push(fault("$.location", "a text"));
    }
    for (name, value) in object(given(Some(body), "tags"), "$.tags", &mut faults) {
        if value.as_str().is_none() && !value.is_null() {
            faults.push(fault(&join_path("$.tags", &name), "a text"));
        }
    }
    object(given(Some(body), "identity"), "$.identity", &mut faults);
    let properties = given(Some(body), "properties");
    object(properties.clone(), "$.properties", &mut faults);
    let parameters = given(properties.as_ref(), "parameters");
    for (name, value) in object(parameters, "$.properties.parameters", &mut faults) {
        if value.as_object().is_none() {
            faults.push(fault(&join_path("$.properties.parameters", &name), "an object with a `value`"));
        }
    }
    let state = state(given(properties.as_ref(), "state").as_ref(), &mut faults);
    if faults.is_empty() { Ok(state) } else { Err(Error::invalid(faults)) }
}

fn state(given: Option<&Value>, faults: &mut Vec<Diagnostic>) -> PlaybookState {
    const PLACE: &str = "$.properties.state";
    let Some(given) = given else { return PlaybookState::Enabled };
    let Some(text) = given.as_str() else {
        faults.push(fault(PLACE, "a text"));
        return PlaybookState::Disabled;
    };
    if let Some((_, state)) = STATES.iter().find(|(name, _)| name.eq_ignore_ascii_case(text)) {
        return *state;
    }
    let names: Vec<&str> = STATES.iter().map(|(name, _)| *name).collect();
    let message = format!("`{text}` is no state of a workflow; there are {}", names.join(", "));
    let mut refused = Diagnostic::error("BadRequest", message).at(PLACE);
    if let Some(near) = nearest(text, names) {
        refused = refused.help(format!("did you mean `{near}`?"));
    }
    faults.push(refused);
    PlaybookState::Disabled
}

/// The members of what must be an object, if it is given.
fn object(given: Option<Value>, place: &str, faults: &mut Vec<Diagnostic>) -> Object {
    match given {
        None => Object::new(),
        Some(Value::Object(object)) => (*object).clone(),
        Some(_) => {
            faults.push(fault(place, "an object"));
            Object::new()
        }
    }
}

fn fault(place: &str, wanted: &str) -> Diagnostic {
    let name = place.rsplit('.').next().unwrap_or(place);
    Diagnostic::error("BadRequest", format!("`{name}` must be {wanted}")).at(place)
}
