//! What was expected of a run, against what came of it.

use super::trial::Trial;
use crate::playbook::matcher::{self, Mismatch, compare, fits};
use crate::playbook::mock::{delay_of, indexed, is_address, same_action};
use riposte_diagnostic::{join_index, join_path, nearest};
use riposte_value::{Object, Value, json};

/// Compares; what stands here is relative to `path`, where the expectation stands in the test file.
pub fn judge(trial: &Trial, expect: &Value, path: &str) -> Vec<Mismatch> {
    let mut out = Vec::new();
    for name in ["status", "outputs", "response"] {
        if let Some(expected) = expect.get(name) {
            compare(expected, trial.run.get(name), name, &join_path(path, name), &mut out);
            if name == "status" && !out.is_empty() {
                explain(trial, &mut out);
            }
        }
    }
    if let Some(expected) = expect.get("error") {
        compare(expected, trial.run.get("error"), "error", &join_path(path, "error"), &mut out);
    }
    actions(trial, expect, &join_path(path, "actions"), &mut out);
    calls(trial, expect, path, &mut out);
    if let Some(expected) = expect.get("incident") {
        compare(expected, Some(&trial.incident), "incident", &join_path(path, "incident"), &mut out);
    }
    took(trial, expect.get("took"), &join_path(path, "took"), &mut out);
    out
}

/// Adds to a wrong status why the run failed.
fn explain(trial: &Trial, out: &mut [Mismatch]) {
    let error = trial.run.get("error").filter(|error| !error.is_null());
    if let (Some(first), Some(error)) = (out.first_mut(), error) {
        first.came = format!("{} ({})", first.came, because(error));
    }
}

fn because(error: &Value) -> String {
    let text = |name: &str| error.str_at(&[name]).unwrap_or_default();
    format!("{}: {}", text("code"), text("message"))
}

fn mismatch(
    what: impl Into<String>,
    path: &str,
    expected: impl Into<String>,
    came: impl Into<String>,
) -> Mismatch {
    Mismatch { what: what.into(), path: path.to_owned(), expected: expected.into(), came: came.into() }
}

fn actions(trial: &Trial, expect: &Value, path: &str, out: &mut Vec<Mismatch>) {
    let ran = trial.run.get("actions").and_then(Value::as_object).cloned().unwrap_or_default();
    for (name, expected) in expect.get("actions").and_then(Value::as_object).into_iter().flatten() {
        let here = join_path(path, name);
        let what = format!("actions.{name}");
        let (bare, turn) = indexed(name);
        let Some(known) = trial.actions.iter().find(|known| same_action(known, bare)) else {
            let near = nearest(bare, trial.actions.iter().map(AsRef::as_ref));
            let near = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
            out.push(mismatch(
                what,
                &here,
                "an action of the playbook",
                format!("there is no action `{bare}`{near}"),
            ));
            continue;
        };
        let found = records(ran.get(known), turn.as_deref());
        if found.is_empty() {
            let came = if turn.is_some() { "no such turn" } else { "it was never reached" };
            let nothing_expected = fits(&status_of(expected), None);
            if !nothing_expected {
                out.push(mismatch(what, &here, matcher::shown(expected), came));
            }
            continue;
        }
        let turns = found.len();
        for (at, record) in found.iter().enumerate() {
            let what = if turns > 1 { format!("{what}[{at}]") } else { what.clone() };
            action(expected, record, turns, &what, &here, out);
        }
    }
}

fn status_of(expected: &Value) -> Value {
    expected.get("status").unwrap_or(expected).clone()
}

/// The records of an action: of all its turns, or of one.
fn records(entry: Option<&Value>, turn: Option<&[u32]>) -> Vec<Value> {
    let Some(entry) = entry else { return Vec::new() };
    let Some(repetitions) = entry.get("repetitions").and_then(Value::as_array) else {
        return if turn.is_none() { vec![entry.clone()] } else { Vec::new() };
    };
    let is_it = |record: &&Value| {
        turn.is_none_or(|turn| {
            let indexes = record.get("repetitionIndexes").and_then(Value::as_array).unwrap_or_default();
            let indexes = indexes.iter().filter_map(|index| index.get("itemIndex")?.as_i64());
            indexes.eq(turn.iter().map(|n| i64::from(*n)))
        })
    };
    repetitions.iter().filter(is_it).cloned().collect()
}

fn action(expected: &Value, record: &Value, turns: usize, what: &str, path: &str, out: &mut Vec<Mismatch>) {
    if expected.as_str().is_some() {
        let before = out.len();
        compare(expected, record.get("status"), &format!("{what}.status"), path, out);
        if let (Some(last), Some(error)) = (out.get_mut(before), record.get("error")) {
            last.came = format!("{} ({})", last.came, because(error));
        }
        return;
    }
    let attempts = record.get("retryHistory").and_then(Value::as_array).map_or(1, <[Value]>::len);
    for (name, expected) in expected.as_object().into_iter().flatten() {
        let made = match name.as_str() {
            "attempts" => Some(Value::from(attempts)),
            "repetitions" => Some(Value::from(turns)),
            name => record.get(name).cloned(),
        };
        compare(expected, made.as_ref(), &format!("{what}.{name}"), &join_path(path, name), out);
    }
}

fn calls(trial: &Trial, expect: &Value, path: &str, out: &mut Vec<Mismatch>) {
    let Some(expected) = expect.get("calls").and_then(Value::as_array) else { return };
    let flag = |name: &str| expect.get(name).and_then(Value::as_bool).unwrap_or_default();
    let path = join_path(path, "calls");
    let mut begin = 0;
    for (at, call) in expected.iter().enumerate() {
        let here = join_index(&path, at);
        let what = format!("calls[{at}]");
        let places: Vec<usize> = trial
            .calls
            .iter()
            .enumerate()
            .filter(|(_, made)| is_call(call, made))
            .map(|(at, _)| at)
            .collect();
        let wanted = call.get("count").and_then(Value::as_i64);
        match wanted {
            Some(count) if i64::try_from(places.len()) != Ok(count) => {
                let expected = format!("{count} calls {}", described(call));
                out.push(mismatch(
                    what,
                    &here,
                    expected,
                    format!("{}: {}", places.len(), listed(trial, &places)),
                ));
                continue;
            }
            None if places.is_empty() => {
                out.push(mismatch(what, &here, format!("a call {}", described(call)), nearly(trial, call)));
                continue;
            }
            _ => {}
        }
        if flag("callsInAnyOrder") || wanted == Some(0) {
            continue;
        }
        match places.iter().find(|place| **place >= begin) {
            Some(place) => begin = place + 1,
            None => {
                let came = format!("it comes before what is expected before it: {}", every(trial));
                out.push(mismatch(
                    what,
                    &here,
                    format!("a call {} at this place in the order", described(call)),
                    came,
                ));
            }
        }
    }
    if flag("noOtherCalls") {
        for made in trial.calls.iter().filter(|made| made.str_at(&["connector"]) != Some("azuresentinel")) {
            if !expected.iter().any(|call| is_call(call, made)) {
                out.push(mismatch("calls", &path, "no other calls", summary(made)));
            }
        }
    }
}

fn is_call(expected: &Value, made: &Value) -> bool {
    differences(expected, made).is_empty()
}

/// What of a call is not as expected.
fn differences(expected: &Value, made: &Value) -> Vec<Mismatch> {
    let mut out = Vec::new();
    let text = |name: &str| made.str_at(&[name]).unwrap_or_default();
    for (name, wanted) in expected.as_object().into_iter().flatten() {
        let came = made.get(name);
        let fits_text = |fits: bool, out: &mut Vec<Mismatch>| {
            if !fits {
                out.push(mismatch(
                    name.as_str(),
                    "",
                    matcher::shown(wanted),
                    came.map_or_else(String::new, matcher::shown),
                ));
            }
        };
        match (name.as_str(), wanted) {
            ("count", _) => {}
            ("action", Value::String(action)) => fits_text(same_action(action, text("action")), &mut out),
            ("method" | "connector", Value::String(wanted)) => {
                fits_text(wanted.eq_ignore_ascii_case(text(name)), &mut out);
            }
            ("url", Value::String(pattern)) => {
                let address = format!("{}{}", text("url"), text("path"));
                fits_text(is_address(pattern, &address), &mut out);
            }
            ("url", wanted) => {
                compare(wanted, made.get("url").or(made.get("path")), "url", "", &mut out);
            }
            ("headers", wanted) => compare(&lower(wanted), came.map(lower).as_ref(), "headers", "", &mut out),
            (name, wanted) => compare(wanted, came, name, "", &mut out),
        }
    }
    out
}

/// Headers by lower-case names.
fn lower(headers: &Value) -> Value {
    match headers.as_object() {
        Some(object) => {
            let named = object.iter().map(|(name, value)| {
                let name = if name.starts_with('$') { name.to_string() } else { name.to_lowercase() };
                (riposte_value::Text::new(name), value.clone())
            });
            Value::from(named.collect::<Object>())
        }
        None => headers.clone(),
    }
}

/// The call that comes nearest, and what of it differs.
fn nearly(trial: &Trial, expected: &Value) -> String {
    let ranked = trial.calls.iter().map(|made| (differences(expected, made), made));
    match ranked.min_by_key(|(differences, _)| differences.len()) {
        None => "no call was made".to_owned(),
        Some((differences, made)) => {
            let differ =
                differences.iter().map(|one| format!("{} is {}, not {}", one.what, one.came, one.expected));
            format!("nearest: {}; {}", summary(made), differ.collect::<Vec<_>>().join("; "))
        }
    }
}

fn described(call: &Value) -> String {
    let named = call.as_object().into_iter().flatten().filter(|(name, _)| name.as_str() != "count");
    named.map(|(name, value)| format!("{name} {}", json::to_string(value))).collect::<Vec<_>>().join(", ")
}

fn summary(call: &Value) -> String {
    let text = |name: &str| call.str_at(&[name]).unwrap_or_default();
    format!("{} {}{} of {}", text("method"), text("url"), text("path"), text("action"))
}

fn listed(trial: &Trial, places: &[usize]) -> String {
    let some = places.iter().filter_map(|place| trial.calls.get(*place)).map(summary);
    let listed = some.collect::<Vec<_>>().join(", ");
    if listed.is_empty() { every(trial) } else { listed }
}

fn every(trial: &Trial) -> String {
    let all: Vec<String> = trial.calls.iter().map(summary).collect();
    if all.is_empty() { "no call was made".to_owned() } else { format!("the calls are {}", all.join(", ")) }
}

fn took(trial: &Trial, expected: Option<&Value>, path: &str, out: &mut Vec<Mismatch>) {
    let bound = |name: &str| {
        let delay = expected?.get(name).and_then(delay_of)?;
        jiff::SignedDuration::try_from(delay).ok()
    };
    let came = || format!("{:#}", trial.took);
    if let Some(least) = bound("atLeast").filter(|least| trial.took < *least) {
        out.push(mismatch("took", &join_path(path, "atLeast"), format!("at least {least:#}"), came()));
    }
    if let Some(most) = bound("atMost").filter(|most| trial.took > *most) {
        out.push(mismatch("took", &join_path(path, "atMost"), format!("at most {most:#}"), came()));
    }
}
