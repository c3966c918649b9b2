//! Where actions may stand. Azure refuses some types at some places; here they run, so each is a warning.
//!
//! Documented: `InitializeVariable` stands at the top level; Response and Terminate stand in no loop; Response needs a
//! Request trigger, as somebody must have asked.

use super::ActionId;
use super::check::Check;
use crate::actions::Kind;
use crate::{Trigger, TriggerKind};
use riposte_diagnostic::Diagnostic;

/// Warns of actions where Azure does not allow them.
pub(super) fn check(check: &mut Check<'_>, triggers: &[Trigger]) {
    // of a trigger that is not read, nothing is known
    let asked = triggers.is_empty()
        || triggers
            .iter()
            .any(|trigger| matches!(trigger.kind, TriggerKind::Request | TriggerKind::Other(_)));
    for id in 0..check.actions.len() {
        let Some((message, help)) = misplaced(check, id, asked) else { continue };
        let path = check.paths.get(id).cloned().unwrap_or_default();
        check.diagnostics.push(Diagnostic::warning("MisplacedAction", message).at(path).help(help));
    }
}

fn misplaced(check: &Check<'_>, id: ActionId, asked: bool) -> Option<(&'static str, &'static str)> {
    let is_loop = |id: &ActionId| {
        check.actions.get(*id).is_some_and(|action| matches!(action.kind, Kind::Foreach(_) | Kind::Until(_)))
    };
    let in_loop = || check.around(id).any(|around| is_loop(&around));
    match check.actions.get(id)?.kind {
        Kind::InitializeVariable(_) if check.around(id).next().is_some() => Some((
            "variables are initialized at the top level only; Azure refuses it here",
            "initialize it before, and use `SetVariable` here",
        )),
        Kind::Terminate(_) if in_loop() => Some((
            "`Terminate` stands in a loop, which Azure refuses",
            "it ends the whole run here; set a variable, and terminate after the loop",
        )),
        Kind::Response(_) if in_loop() => Some((
            "`Response` stands in a loop, which Azure refuses",
            "the first one answers, a second one fails; answer after the loop",
        )),
        Kind::Response(_) if !asked => Some((
            "`Response` answers nobody: the workflow has no Request trigger",
            "it is skipped when the workflow runs",
        )),
        _ => None,
    }
}
