//! What a program says of a run's history: how a block stands by the statuses of its actions, and what of an action's
//! requests must not be shown.

use super::{BlockId, Program, SlotIndex, Trigger};
use crate::Status;

/// What history must not show of an action's or a trigger's dealings with the outside.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Hidden {
    /// What went in or out of the run: inputs, the address and headers of a request.
    pub inputs: bool,
    /// What came of it: outputs, the headers and body of an answer.
    pub outputs: bool,
}

/// Parts of a request that its method, address and headers do not show.
const APART: [&str; 3] = ["authentication", "body", "retryPolicy"];

impl Program {
    /// The status of a block: that of its leaves, where a skipped leaf counts for those before it. Measured on the
    /// service: a handler that ran for a failure catches it, one that was skipped does not.
    pub(crate) fn block_outcome(
        &self,
        block: BlockId,
        status: impl Fn(SlotIndex) -> Option<Status>,
    ) -> Status {
        let mut seen: Vec<SlotIndex> = Vec::new();
        let mut open: Vec<SlotIndex> = self.block(block).leaves.clone();
        let mut result = Status::Succeeded;
        while let Some(slot) = open.pop() {
            match status(slot) {
                Some(Status::Failed | Status::Cancelled) => return Status::Failed,
                Some(Status::TimedOut) => result = Status::TimedOut,
                Some(Status::Skipped) if !seen.contains(&slot) => {
                    seen.push(slot);
                    let action = self.action_at(block, slot);
                    open.extend(action.run_after.iter().map(|(before, _)| *before));
                }
                _ => {}
            }
        }
        result
    }

    /// How an iteration of a loop stands, by the statuses of the actions in it; `Running` while one has not ended.
    pub fn iteration_outcome(&self, loop_name: &str, status: impl Fn(&str) -> Option<Status>) -> Status {
        let block = self.find_action(loop_name).and_then(|action| action.blocks.first().copied());
        let Some(block) = block else { return Status::Succeeded };
        let of_slot = |slot| status(&self.action_at(block, slot).name);
        let slots = 0..self.block(block).actions.len();
        if slots.into_iter().any(|slot| of_slot(slot).is_none_or(|status| !status.is_terminal())) {
            return Status::Running;
        }
        self.block_outcome(block, of_slot)
    }

    /// What history must not show of the requests of an action. An action that the program does not have shows nothing.
    pub fn hidden(&self, action: &str) -> Hidden {
        let Some(action) = self.find_action(action) else { return Hidden { inputs: true, outputs: true } };
        let settings = &action.settings;
        let inputs = settings.secure_inputs || settings.secret_places.iter().any(|place| !is_apart(place));
        Hidden { inputs, outputs: settings.secure_outputs }
    }
}

/// Whether a place in the inputs is in none of the parts that a request's method, address and headers show.
fn is_apart(place: &str) -> bool {
    let place = place.strip_prefix("$.").unwrap_or(place);
    let place =
        ["subscribe.", "unsubscribe."].iter().find_map(|part| place.strip_prefix(part)).unwrap_or(place);
    APART.iter().any(|part| {
        place.strip_prefix(part).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    })
}

impl Trigger {
    /// What history must not show of the trigger (`runtimeConfiguration.secureData`).
    pub fn hidden(&self) -> Hidden {
        Hidden { inputs: self.secures("inputs"), outputs: self.secures("outputs") }
    }
}

#[cfg(test)]
mod tests {
    use super::{Hidden, is_apart};
    use crate::Status::{self, Failed, Running, Skipped, Succeeded};
    use crate::compile;
    use riposte_value::value;

    #[test]
    fn places_apart_from_the_address_and_the_headers() {
        for (place, apart) in [
            ("$.authentication.password", true),
            ("$.body", true),
            ("$.body[0]", true),
            ("$.subscribe.body.key", true),
            ("$.bodyguard", false),
            ("$.headers.X-Key", false),
            ("$.uri", false),
            ("$.subscribe.uri", false),
            ("$", false),
        ] {
            assert_eq!(is_apart(place), apart, "{place}");
        }
    }

    #[test]
    fn what_is_hidden_and_how_iterations_stand() {
        let http = |headers: riposte_value::Value| value!({ "type": "Http", "inputs": { "method": "GET", "uri": "https://a.example", "headers": headers } });
        let (program, told) = compile(&value!({
            "parameters": { "key": { "type": "securestring" } },
            "triggers": { "t": { "type": "Request", "runtimeConfiguration": { "secureData": { "properties": ["outputs"] } } } },
            "actions": {
                "Open": http(value!({ "A": "b" })),
                "Keyed": http(value!({ "A": "@parameters('key')" })),
                "Secured": { "type": "Http", "inputs": { "method": "GET", "uri": "https://a.example" },
                    "runtimeConfiguration": { "secureData": { "properties": ["outputs"] } } },
                "Each": { "type": "Foreach", "foreach": [1], "actions": {
                    "Try": { "type": "Compose", "inputs": 1 },
                    "Catch": { "type": "Compose", "inputs": 1, "runAfter": { "Try": ["Failed"] } } } }
            }
        }));
        let program = program.unwrap_or_else(|| panic!("{told:?}"));
        assert_eq!(program.hidden("open"), Hidden::default());
        assert_eq!(program.hidden("Keyed"), Hidden { inputs: true, outputs: false });
        assert_eq!(program.hidden("Secured"), Hidden { inputs: false, outputs: true });
        assert_eq!(program.hidden("Nobody"), Hidden { inputs: true, outputs: true });
        assert_eq!(
            program.trigger("t").map(super::Trigger::hidden),
            Some(Hidden { inputs: false, outputs: true })
        );
        let outcome = |attempt: Option<Status>, catch: Option<Status>| {
            program.iteration_outcome("each", |name| if name == "Try" { attempt } else { catch })
        };
        assert_eq!(outcome(Some(Failed), Some(Succeeded)), Succeeded, "caught");
        assert_eq!(outcome(Some(Failed), Some(Failed)), Failed);
        assert_eq!(outcome(Some(Succeeded), Some(Skipped)), Succeeded);
        assert_eq!(outcome(Some(Running), None), Running);
    }
}
