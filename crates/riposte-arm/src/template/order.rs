//! The order of resources: those first that others depend on, else as in the file.

use super::Planned;
use crate::ResourceId;
use crate::expression::Evaluator;
use crate::fault::Fault;
use crate::limits::DEPENDENCIES_MAX;
use riposte_diagnostic::{Diagnostic, join_path};
use riposte_value::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// The resources in order, each with the ids that it depends on. A cycle is told, and its resources come last.
pub fn order(evaluator: &Evaluator<'_>, planned: &[Rc<Planned>]) -> Vec<(Rc<Planned>, Vec<ResourceId>)> {
    let index = Index::new(planned);
    let mut left = DEPENDENCIES_MAX;
    let needs: Vec<BTreeSet<usize>> =
        planned.iter().map(|one| index.dependencies(evaluator, one, &mut left)).collect();
    let mut waiting: BTreeMap<usize, usize> = needs.iter().map(BTreeSet::len).enumerate().collect();
    let mut wanted_by: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (at, needed) in needs.iter().enumerate() {
        for other in needed {
            wanted_by.entry(*other).or_default().push(at);
        }
    }
    let mut free: BTreeSet<usize> =
        waiting.iter().filter(|(_, count)| **count == 0).map(|(at, _)| *at).collect();
    let mut sorted = Vec::with_capacity(planned.len());
    while let Some(at) = free.pop_first() {
        waiting.remove(&at);
        sorted.push(at);
        for next in wanted_by.get(&at).into_iter().flatten() {
            if let Some(count) = waiting.get_mut(next) {
                *count -= 1;
                if *count == 0 {
                    free.insert(*next);
                }
            }
        }
    }
    tell_cycle(evaluator, planned, &needs, &waiting);
    sorted.extend(waiting.keys());
    let with_ids = |at: usize| {
        let ids = needs.get(at)?.iter().filter_map(|other| planned.get(*other)).map(|other| other.id.clone());
        Some((Rc::clone(planned.get(at)?), ids.collect()))
    };
    sorted.into_iter().filter_map(with_ids).collect()
}

/// Names one cycle among those that wait for each other.
fn tell_cycle(
    evaluator: &Evaluator<'_>,
    planned: &[Rc<Planned>],
    needs: &[BTreeSet<usize>],
    waiting: &BTreeMap<usize, usize>,
) {
    let Some(mut at) = waiting.keys().next().copied() else { return };
    let mut walked = Vec::new();
    while !walked.contains(&at) {
        walked.push(at);
        let next = needs.get(at).into_iter().flatten().find(|other| waiting.contains_key(other));
        let Some(next) = next else { return };
        at = *next;
    }
    let cycle =
        walked.iter().skip_while(|other| **other != at).chain([&at]).filter_map(|at| planned.get(*at));
    let names: Vec<String> = cycle.map(|one| format!("`{}`", one.full_name)).collect();
    let path = planned.get(at).map_or("$", |one| one.path.as_str());
    let fault =
        Fault::new("CircularDependency", format!("resources depend on each other: {}", names.join(" → ")));
    evaluator.report(
        fault.help("take one of the entries out of `dependsOn`"),
        &join_path(path, "dependsOn"),
        None,
    );
}

/// Resources by everything that `dependsOn` may call them.
struct Index {
    by_name: BTreeMap<String, Vec<usize>>,
}

impl Index {
    fn new(planned: &[Rc<Planned>]) -> Self {
        let mut by_name: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (at, one) in planned.iter().enumerate() {
            for name in one.names() {
                let found = by_name.entry(name.to_lowercase()).or_default();
                if found.last() != Some(&at) {
                    found.push(at);
                }
            }
        }
        Self { by_name }
    }

    fn dependencies(&self, evaluator: &Evaluator<'_>, one: &Planned, left: &mut usize) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        let Some((word, declared)) = one.raw.get_key_value_ignore_case("dependsOn") else { return found };
        let path = join_path(&one.path, word);
        // Faults have been told; what could not be evaluated orders nothing.
        let Ok(declared) = evaluator.value(&one.scope, declared, &path) else { return found };
        let texts: Vec<&str> = match &declared {
            Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
            Value::String(text) => vec![text.as_str()],
            _ => Vec::new(),
        };
        for text in texts {
            match self.by_name.get(&text.trim_end_matches('/').to_lowercase()) {
                Some(others) if others.len() > *left => {
                    let message = format!("the entries of all `dependsOn` are more than {DEPENDENCIES_MAX}");
                    evaluator.report(Fault::limit(message), &path, None);
                    return found;
                }
                Some(others) => {
                    *left -= others.len();
                    found.extend(others);
                }
                None => evaluator.tell(
                    Diagnostic::warning(
                        "UnknownDependency",
                        format!("`dependsOn` names `{text}`, which this template does not hold"),
                    )
                    .at(path.clone())
                    .help("Azure refuses such a template unless the resource's condition is false; here it orders nothing"),
                ),
            }
        }
        found
    }
}
