//! `runAfter`: who waits for whom in a block.
//!
//! `{"Get": ["Succeeded", "Failed"]}`: this action starts when `Get` has ended, if it ended in one of these ways. Only
//! actions of the same block can be named, and nobody may wait for itself, not even in a round.

use super::check::Check;
use super::{BlockId, SlotIndex};
use crate::Status;
use crate::status::Accepted;
use riposte_diagnostic::{Diagnostic, join_index, join_path, nearest};
use riposte_value::{Object, Value};

/// Links the actions of a block, whose definitions are given with the path of the object that holds them.
pub(crate) fn read(check: &mut Check<'_>, block: BlockId, actions: &Object, path: &str) {
    let mut waits: Vec<Vec<(SlotIndex, Accepted)>> = Vec::with_capacity(actions.len());
    for (name, definition) in actions {
        let path = join_path(&join_path(path, name), "runAfter");
        let predecessors = match definition.get_ignore_case("runAfter") {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Object(entries)) => entries
                .iter()
                .filter_map(|(predecessor, statuses)| entry(check, actions, predecessor, statuses, &path))
                .collect(),
            Some(other) => {
                let message = format!("`runAfter` must be an object, and is of type `{}`", other.kind());
                check.diagnostics.push(Diagnostic::error("InvalidRunAfter", message).at(path));
                Vec::new()
            }
        };
        waits.push(predecessors);
    }
    refuse_rounds(check, actions, &waits, path);
    link(check, block, waits);
}

fn entry(
    check: &mut Check<'_>,
    actions: &Object,
    predecessor: &str,
    statuses: &Value,
    path: &str,
) -> Option<(SlotIndex, Accepted)> {
    let path = join_path(path, predecessor);
    let accepted = statuses_of(check, statuses, &path);
    // the exact spelling first, then any
    let slot = actions
        .keys()
        .position(|name| name == predecessor)
        .or_else(|| actions.keys().position(|name| name.to_lowercase() == predecessor.to_lowercase()));
    let Some(slot) = slot else {
        let diagnostic = Diagnostic::error(
            "UnknownRunAfter",
            format!("`runAfter` names `{predecessor}`, which is no action beside this one"),
        )
        .at(path);
        check.diagnostics.push(
            match nearest(predecessor, actions.keys().map(riposte_value::SmolStr::as_str)) {
                Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
                None => diagnostic.help("only actions of the same scope, branch or loop can be named"),
            },
        );
        return None;
    };
    Some((slot, accepted))
}

fn statuses_of(check: &mut Check<'_>, statuses: &Value, path: &str) -> Accepted {
    let items = match statuses {
        Value::Array(items) => items.as_slice(),
        Value::Null => &[],
        one => std::slice::from_ref(one),
    };
    let mut accepted = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let status = item.as_str().and_then(Status::parse).filter(|status| status.is_terminal());
        match status {
            Some(status) => accepted.push(status),
            None => check.diagnostics.push(
                Diagnostic::error(
                    "UnknownRunAfterStatus",
                    format!("`runAfter` status `{}` is not known", shown(item)),
                )
                .at(join_index(path, index))
                .help("the statuses are `Succeeded`, `Failed`, `Skipped` and `TimedOut`"),
            ),
        }
    }
    Accepted(accepted)
}

fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Takes away, again and again, who waits for nobody that is left; whoever remains waits in a round.
fn refuse_rounds(check: &mut Check<'_>, actions: &Object, waits: &[Vec<(SlotIndex, Accepted)>], path: &str) {
    let mut open: Vec<bool> = vec![true; waits.len()];
    loop {
        let mut moved = false;
        for (slot, predecessors) in waits.iter().enumerate() {
            let waiting = predecessors.iter().any(|(before, _)| open.get(*before).copied().unwrap_or(false));
            if let Some(state) = open.get_mut(slot).filter(|state| **state && !waiting) {
                *state = false;
                moved = true;
            }
        }
        if !moved {
            break;
        }
    }
    let names: Vec<&str> =
        actions.keys().zip(&open).filter(|(_, open)| **open).map(|(name, _)| name.as_str()).collect();
    if let Some(first) = names.first() {
        let message = format!("`runAfter` goes round in a circle: `{}`", names.join("`, `"));
        check.diagnostics.push(
            Diagnostic::error("CyclicRunAfter", message)
                .at(join_path(&join_path(path, first), "runAfter"))
                .help("at least one of them must start without waiting for the others"),
        );
    }
}

fn link(check: &mut Check<'_>, block: BlockId, waits: Vec<Vec<(SlotIndex, Accepted)>>) {
    let Some(members) = check.blocks.get(block).map(|block| block.actions.clone()) else { return };
    let mut successors: Vec<Vec<SlotIndex>> = vec![Vec::new(); waits.len()];
    for (slot, predecessors) in waits.iter().enumerate() {
        for (before, _) in predecessors {
            if let Some(list) = successors.get_mut(*before) {
                list.push(slot);
            }
        }
    }
    if let Some(block) = check.blocks.get_mut(block) {
        block.roots = positions(&waits, Vec::is_empty);
        block.leaves = positions(&successors, Vec::is_empty);
    }
    for ((id, waits), successors) in members.into_iter().zip(waits).zip(successors) {
        if let Some(action) = check.actions.get_mut(id) {
            action.run_after = waits;
            action.successors = successors;
        }
    }
}

fn positions<T>(items: &[T], wanted: impl Fn(&T) -> bool) -> Vec<SlotIndex> {
    items.iter().enumerate().filter(|(_, item)| wanted(item)).map(|(index, _)| index).collect()
}
