//! What history must not show because it holds something secret.
//!
//! Documented: what takes in secured outputs has secured inputs; and Compose, `ParseJson` and Response, whose outputs repeat
//! their inputs, secure both. The same holds here for the other actions that give back what they take in, for variables
//! that were given something secret, for the items of a loop over it, for tracked properties and for the workflow's own
//! outputs. The value of a parameter of a secure type is hidden where it stands, and the rest of the inputs is shown.

use super::ActionId;
use super::check::{Check, Site};
use super::references::enclosing_foreach;
use crate::actions::Kind;
use riposte_diagnostic::join_path;
use riposte_expression::{NameKind, NameReference};
use riposte_value::Text;

/// Marks what is secret, until nothing more follows.
pub(super) fn spread(check: &mut Check<'_>, sites: &[Site], secured_trigger: bool) {
    for site in sites {
        hide_parameters(check, site);
    }
    spread_inputs(check, sites, secured_trigger);
    for site in sites {
        hide_besides(check, site, secured_trigger);
    }
}

fn spread_inputs(check: &mut Check<'_>, sites: &[Site], secured_trigger: bool) {
    loop {
        let mut changed = repeat(check);
        for site in sites {
            let Some(id) = site.place.action.filter(|id| !is_tracked(check, *id, site)) else { continue };
            if !takes_in_secrets(check, site, secured_trigger) {
                continue;
            }
            if let Some(action) = check.actions.get_mut(id).filter(|action| !action.settings.secure_inputs) {
                action.settings.secure_inputs = true;
                changed = true;
            }
        }
        if !changed {
            return;
        }
    }
}

/// Whether a site is that of an action's tracked properties, which are no inputs.
fn is_tracked(check: &Check<'_>, id: ActionId, site: &Site) -> bool {
    check.paths.get(id).is_some_and(|path| join_path(path, "trackedProperties") == site.path)
}

/// Hides tracked properties and outputs of the workflow that are made of secrets. What an action says of itself with
/// `action()` is what history shows, so nothing secret comes of that.
fn hide_besides(check: &mut Check<'_>, site: &Site, secured_trigger: bool) {
    let parameter = site.references.names.iter().any(|reference| is_secure_parameter(check, reference));
    if !(parameter || takes_in_secrets(check, site, secured_trigger)) {
        return;
    }
    match site.place.action {
        Some(id) if is_tracked(check, id, site) => {
            if let Some(tracked) =
                check.actions.get_mut(id).and_then(|action| action.settings.tracked.as_mut())
            {
                tracked.secure = true;
            }
        }
        Some(_) => {}
        None => check.secret_sites.push(site.path.clone()),
    }
}

/// Notes where the inputs of an action hold values of secure parameters. Where the action repeats what it takes in, and
/// outside of its inputs, there is no such place: everything is secret.
fn hide_parameters(check: &mut Check<'_>, site: &Site) {
    let Some(id) = site.place.action.filter(|id| !is_tracked(check, *id, site)) else { return };
    let secret = |reference: &&NameReference| is_secure_parameter(check, reference);
    let places: Vec<Text> = site
        .references
        .names
        .iter()
        .filter(secret)
        .map(|reference| Text::new(&reference.place.path))
        .collect();
    let inputs = check.paths.get(id).map(|path| join_path(path, "inputs"));
    let in_inputs = inputs.is_some_and(|inputs| inputs == site.path);
    let Some(action) = check.actions.get_mut(id).filter(|_| !places.is_empty()) else { return };
    if in_inputs && !repeats(&action.kind) {
        action.settings.secret_places.extend(places);
    } else {
        action.settings.secure_inputs = true;
    }
}

fn is_secure_parameter(check: &Check<'_>, reference: &NameReference) -> bool {
    let Some(name) = reference.name.as_ref().filter(|_| matches!(reference.kind, NameKind::Parameter)) else {
        return false;
    };
    let wanted = name.to_lowercase();
    check.parameters.iter().any(|parameter| parameter.is_secure() && parameter.name.to_lowercase() == wanted)
}

/// Whether the outputs of such an action show its inputs.
fn repeats(kind: &Kind) -> bool {
    matches!(
        kind,
        Kind::AppendToVariable(_)
            | Kind::Compose(_)
            | Kind::Expression(_)
            | Kind::InitializeVariable(_)
            | Kind::JavaScriptCode(_)
            | Kind::Join(_)
            | Kind::ParseJson(_)
            | Kind::Query(_)
            | Kind::Response(_)
            | Kind::Select(_)
            | Kind::SetVariable(_)
            | Kind::Table(_)
    )
}

fn repeat(check: &mut Check<'_>) -> bool {
    let mut changed = false;
    for action in &mut check.actions {
        if action.settings.secure_inputs && !action.settings.secure_outputs && repeats(&action.kind) {
            action.settings.secure_outputs = true;
            changed = true;
        }
    }
    changed
}

fn takes_in_secrets(check: &Check<'_>, site: &Site, secured_trigger: bool) -> bool {
    let references = &site.references;
    let trigger = ["triggerBody", "triggerOutputs", "trigger"].iter().any(|f| references.calls_function(f));
    if secured_trigger && trigger {
        return true;
    }
    let of_loop = !site.place.per_item && references.calls_function("item");
    if of_loop && enclosing_foreach(check, site).is_some_and(|id| has_secure_inputs(check, id)) {
        return true;
    }
    references.names.iter().any(|reference| mentions_secret(check, reference))
}

fn has_secure_inputs(check: &Check<'_>, id: ActionId) -> bool {
    check.actions.get(id).is_some_and(|action| action.settings.secure_inputs)
}

fn mentions_secret(check: &Check<'_>, reference: &NameReference) -> bool {
    let Some(name) = &reference.name else { return false };
    if matches!(reference.kind, NameKind::Variable) {
        let assigns = |(id, variable): &(ActionId, Text)| {
            variable.to_lowercase() == name.to_lowercase() && has_secure_inputs(check, *id)
        };
        return check.assignments.iter().any(assigns);
    }
    let whole_record = reference.function.eq_ignore_ascii_case("actions");
    let secured = |id: ActionId| {
        check.actions.get(id).is_some_and(|action| {
            let settings = &action.settings;
            // the whole record shows the inputs too
            let inputs = settings.secure_inputs || !settings.secret_places.is_empty();
            settings.secure_outputs || (inputs && whole_record)
        })
    };
    match (reference.kind, check.names.find(name)) {
        (NameKind::Action, Some(target)) => secured(target),
        (NameKind::Loop, Some(target)) => has_secure_inputs(check, target),
        (NameKind::Scope, Some(scope)) => {
            let blocks = check.actions.get(scope).map(|action| action.blocks.as_slice()).unwrap_or_default();
            blocks
                .iter()
                .filter_map(|block| check.blocks.get(*block))
                .flat_map(|block| &block.actions)
                .any(|id| secured(*id))
        }
        _ => false,
    }
}
