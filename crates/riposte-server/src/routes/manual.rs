//! What starting a playbook by hand asks for, on whatever it is started.

use crate::refusal::Refusal;
use crate::request::Request;
use riposte_value::Value;

/// What Microsoft Sentinel Playbook Operator may do on a playbook.
const START_PLAYBOOK: &str = "Microsoft.Logic/workflows/triggers/listCallbackUrl/action";

/// The playbook that a body names, which the caller must be allowed to start: the row asks for a role on the incident,
/// alert or entity, this for one on the playbook.
pub(super) fn playbook_of(request: &Request, body: &Value) -> Result<String, Refusal> {
    let playbook =
        body.get_ignore_case("logicAppsResourceId").and_then(Value::as_str).unwrap_or_default().trim();
    if playbook.is_empty() {
        return Err(Refusal::bad_request(
            "BadRequest",
            "'logicAppsResourceId' must be the playbook's resource id",
        )
        .help("the name has a plural s here, other than in an automation rule's action"));
    }
    request.engine.authorize(request.caller()?, START_PLAYBOOK, playbook)?;
    Ok(playbook.to_owned())
}
