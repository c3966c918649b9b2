//! What expressions mention: does it exist, and may it be mentioned there. And what follows from the mention: which
//! records must be kept while a run goes on. What becomes secret by it is told in `secrets.rs`.

use super::check::{Check, Site};
use super::{ActionId, BlockId, secrets};
use crate::actions::Kind;
use riposte_diagnostic::{Diagnostic, Severity, nearest};
use riposte_expression::{CallReference, NameKind, NameReference, Place, function, functions};
use riposte_value::Text;

/// Checks every mention and marks what it asks for.
pub(crate) fn resolve(check: &mut Check<'_>, secured_trigger: bool) {
    let sites = std::mem::take(&mut check.sites);
    for site in &sites {
        for call in &site.references.calls {
            check_call(check, site, call);
        }
        for name in &site.references.names {
            resolve_name(check, site, name);
        }
    }
    secrets::spread(check, &sites, secured_trigger);
}

fn check_call(check: &mut Check<'_>, site: &Site, call: &CallReference) {
    match function(&call.function) {
        None => {
            let message = format!("function `{}` is not known; the action fails when it runs", call.function);
            let diagnostic = located(Diagnostic::warning("UnknownFunction", message), site, &call.place);
            let names = functions().iter().map(|function| function.name);
            check.diagnostics.push(match nearest(&call.function, names) {
                Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
                None => diagnostic,
            });
        }
        Some(function) if !function.accepts(call.arguments) => {
            let message = format!(
                "function `{}` does not take {} arguments; the action fails when it runs",
                call.function, call.arguments
            );
            check.diagnostics.push(located(
                Diagnostic::warning("InvalidArguments", message),
                site,
                &call.place,
            ));
        }
        Some(_) => {}
    }
    if call.function.eq_ignore_ascii_case("item")
        && !site.place.per_item
        && enclosing_foreach(check, site).is_none()
    {
        let diagnostic = Diagnostic::error("ItemOutsideLoop", "`item()` is called outside a loop")
            .help("it is known in Foreach loops and in Query, Select and Table");
        check.diagnostics.push(located(diagnostic, site, &call.place));
    }
}

fn resolve_name(check: &mut Check<'_>, site: &Site, reference: &NameReference) {
    let Some(name) = &reference.name else {
        if matches!(reference.kind, NameKind::Action | NameKind::Scope) {
            keep_everything(check);
        }
        return;
    };
    match reference.kind {
        NameKind::Action => match check.names.find(name) {
            Some(target) => keep(check, site, target),
            None => unknown_action(check, site, reference, name),
        },
        NameKind::Scope => match check.names.find(name) {
            Some(target) => keep_children(check, site, target),
            None => unknown_action(check, site, reference, name),
        },
        NameKind::Variable => {
            if check.variable_names.find(name).is_none() {
                let known = check.variable_names.all();
                unknown(check, site, reference, "UnknownVariable", "variable", name, &known);
            }
        }
        NameKind::Parameter => {
            let known: Vec<Text> = check.parameters.iter().map(|parameter| parameter.name.clone()).collect();
            if !known.iter().any(|there| there.to_lowercase() == name.to_lowercase()) {
                unknown(check, site, reference, "UnknownParameter", "parameter", name, &known);
                // Standard workflows declare their parameters in a file beside the definition
                if known.is_empty()
                    && let Some(last) = check.diagnostics.last_mut()
                {
                    last.severity = Severity::Warning;
                }
            }
        }
        NameKind::Loop => check_loop(check, site, reference, name, "foreach"),
        NameKind::Until => check_loop(check, site, reference, name, "until"),
    }
}

fn unknown_action(check: &mut Check<'_>, site: &Site, reference: &NameReference, name: &str) {
    let known = check.names.all();
    unknown(check, site, reference, "UnknownAction", "action", name, &known);
}

fn unknown(
    check: &mut Check<'_>,
    site: &Site,
    reference: &NameReference,
    code: &'static str,
    noun: &str,
    name: &str,
    known: &[Text],
) {
    let message = format!("{noun} `{name}` does not exist");
    let diagnostic = located(Diagnostic::error(code, message), site, &reference.place);
    check.diagnostics.push(match nearest(name, known.iter().map(riposte_value::SmolStr::as_str)) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None => diagnostic,
    });
}

fn check_loop(check: &mut Check<'_>, site: &Site, reference: &NameReference, name: &str, wanted: &str) {
    let Some(target) = check.names.find(name) else {
        unknown_action(check, site, reference, name);
        return;
    };
    let around = ancestors(check, site).any(|id| id == target);
    let is_loop = check.actions.get(target).is_some_and(|action| match action.kind {
        Kind::Until(_) => wanted == "until",
        // nothing is known of an action that has a fault, which is reported already
        Kind::Foreach(_) | Kind::Nothing => true,
        _ => false,
    });
    if !(around && is_loop) {
        let message =
            format!("`{}('{name}')` is called outside the {wanted} loop `{name}`", reference.function);
        check.diagnostics.push(located(
            Diagnostic::error("InvalidLoopReference", message),
            site,
            &reference.place,
        ));
    }
}

fn located(diagnostic: Diagnostic, site: &Site, place: &Place) -> Diagnostic {
    let inner = place.path.strip_prefix('$').unwrap_or(&place.path);
    diagnostic.at(format!("{}{inner}", site.path)).in_source(
        &*place.expression,
        place.span.start,
        place.span.end,
    )
}

/// The blocks around a site, from the innermost.
fn blocks_around<'c>(check: &'c Check<'_>, site: &Site) -> impl Iterator<Item = BlockId> + use<'c> {
    let own = site
        .place
        .after_turn
        .then(|| site.place.action.and_then(|id| check.actions.get(id)?.blocks.first().copied()));
    let first = own
        .flatten()
        .or_else(|| site.place.action.and_then(|id| check.actions.get(id)).map(|action| action.block));
    std::iter::successors(first, |block| outer_block(check, *block))
}

fn outer_block(check: &Check<'_>, block: BlockId) -> Option<BlockId> {
    let owner = check.blocks.get(block)?.owner?;
    check.actions.get(owner).map(|action| action.block)
}

/// The actions around a site, from the innermost.
fn ancestors<'c>(check: &'c Check<'_>, site: &Site) -> impl Iterator<Item = ActionId> + use<'c> {
    blocks_around(check, site).filter_map(|block| check.blocks.get(block)?.owner)
}

pub(super) fn enclosing_foreach(check: &Check<'_>, site: &Site) -> Option<ActionId> {
    ancestors(check, site).find(|id| {
        check.actions.get(*id).is_some_and(|action| matches!(action.kind, Kind::Foreach(_) | Kind::Nothing))
    })
}

/// Marks an action that somebody asks for, and the blocks around it that end before he asks.
fn keep(check: &mut Check<'_>, site: &Site, target: ActionId) {
    let around: Vec<BlockId> = blocks_around(check, site).collect();
    let Some(action) = check.actions.get_mut(target) else { return };
    action.keep = true;
    let mut block = Some(action.block);
    while let Some(id) = block.filter(|id| !around.contains(id)) {
        if let Some(block) = check.blocks.get_mut(id) {
            block.keep = true;
        }
        block = outer_block(check, id);
    }
}

fn keep_children(check: &mut Check<'_>, site: &Site, scope: ActionId) {
    let blocks = check.actions.get(scope).map(|action| action.blocks.clone()).unwrap_or_default();
    let children: Vec<ActionId> = blocks
        .iter()
        .filter_map(|block| check.blocks.get(*block))
        .flat_map(|block| block.actions.clone())
        .collect();
    // `result()` of an Until tells how many turns there were
    keep(check, site, scope);
    for child in children {
        keep(check, site, child);
    }
}

/// A name that is computed can be any.
fn keep_everything(check: &mut Check<'_>) {
    check.actions.iter_mut().for_each(|action| action.keep = true);
    check.blocks.iter_mut().for_each(|block| block.keep = true);
}
