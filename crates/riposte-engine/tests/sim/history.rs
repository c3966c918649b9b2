//! Whether what history tells of a run hangs together, judged from the definition alone: documented semantics of
//! `runAfter`, scopes, branches and loops, written down a second time.

use crate::check::Run;
use riposte_value::{Object, Value};
use std::collections::BTreeMap;

type Turns = Vec<(String, i64)>;
type Records<'r> = BTreeMap<(String, Turns), &'r Value>;

const FINAL: [&str; 5] = ["Succeeded", "Failed", "Skipped", "Cancelled", "TimedOut"];

pub fn actions(run: &Run) -> &[Value] {
    run.document.at(&["properties", "actions"]).and_then(Value::as_array).unwrap()
}

fn key(record: &Value) -> (String, Turns) {
    let turns = record.get("repetitionIndexes").and_then(Value::as_array).unwrap_or_default();
    let turns = turns.iter().map(|turn| {
        (turn.str_at(&["scopeName"]).unwrap().to_owned(), number(turn.get("itemIndex").unwrap()))
    });
    (record.str_at(&["name"]).unwrap().to_owned(), turns.collect())
}

fn number(value: &Value) -> i64 {
    value.to_string().parse().unwrap()
}

fn status(record: &Value) -> &str {
    record.str_at(&["status"]).unwrap()
}

/// Whether somebody or something ended the run before it had come to its end.
pub fn was_stopped(run: &Run) -> bool {
    let ended_by =
        |action: &Value| action.str_at(&["type"]) == Some("Terminate") && status(action) == "Succeeded";
    matches!(run.status(), "Cancelled") || actions(run).iter().any(ended_by)
}

pub fn is_consistent(definition: &Value, run: &Run) {
    let mut finals: BTreeMap<(String, Turns), &Value> = BTreeMap::new();
    for record in &run.records {
        if let Some(before) = finals.get(&key(record)) {
            panic!("{}: {before} is final, and then comes {record}", run.name);
        }
        if FINAL.contains(&status(record)) {
            finals.insert(key(record), record);
        }
    }
    let records: Records<'_> = actions(run).iter().map(|record| (key(record), record)).collect();
    for (key, record) in &records {
        assert!(finals.contains_key(key), "{}: {record} is not final", run.name);
    }
    let judge = Judge { run, records, is_stopped: was_stopped(run) };
    let came_to = judge.block(definition.as_object().unwrap(), &Vec::new());
    if !judge.is_stopped {
        let is_well = run.status() == "Succeeded";
        assert_eq!(
            is_well,
            came_to == "Succeeded",
            "{}: {} where its actions came to {came_to}",
            run.name,
            run.document
        );
    }
}

struct Judge<'r> {
    run: &'r Run,
    records: Records<'r>,
    is_stopped: bool,
}

impl Judge<'_> {
    fn record(&self, name: &str, turns: &Turns) -> Option<&Value> {
        self.records.get(&(name.to_owned(), turns.clone())).copied()
    }

    /// A block that was entered: what it came to.
    fn block(&self, actions: &Object, turns: &Turns) -> String {
        let mut statuses = BTreeMap::new();
        for (name, action) in actions.iter() {
            let Some(record) = self.record(name, turns) else {
                assert!(self.is_stopped, "{}: nothing is known of {name} {turns:?}", self.run.name);
                continue;
            };
            statuses.insert(name.to_string(), status(record).to_owned());
            self.action(name, action, record, turns);
        }
        for (name, action) in actions.iter() {
            if let Some(record) = self.record(name, turns) {
                self.run_after(name, action, record, &statuses);
            }
        }
        let waited_for: Vec<&str> = actions
            .values()
            .filter_map(after)
            .flat_map(|after| after.keys().map(riposte_value::Text::as_str))
            .collect();
        let leaves = actions.keys().filter(|name| !waited_for.contains(&name.as_str()));
        let mut came_to: Vec<String> = Vec::new();
        leaves.for_each(|leaf| reach(leaf, actions, &statuses, &mut came_to));
        let worst =
            ["Failed", "TimedOut", "Cancelled"].into_iter().find(|bad| came_to.iter().any(|s| s == bad));
        worst.unwrap_or("Succeeded").to_owned()
    }

    fn run_after(&self, name: &str, action: &Value, record: &Value, statuses: &BTreeMap<String, String>) {
        if self.is_stopped || record.str_at(&["code"]) == Some("ActionResponseSkipped") {
            return;
        }
        let is_met = after(action).into_iter().flat_map(Object::iter).all(|(before, accepted)| {
            let actual = statuses.get(before.as_str()).unwrap();
            accepted.as_array().unwrap().iter().any(|status| status.as_str() == Some(actual.as_str()))
        });
        let ran = status(record) != "Skipped";
        assert_eq!(ran, is_met, "{}: {name} against its runAfter: {record}", self.run.name);
    }

    /// What stands inside of an action.
    fn action(&self, name: &str, action: &Value, record: &Value, turns: &Turns) {
        if status(record) == "Skipped" {
            return;
        }
        let inner = |action: &Value| action.get("actions").and_then(Value::as_object).cloned();
        let mut came_to = Vec::new();
        match action.str_at(&["type"]).unwrap() {
            "Scope" => came_to.push(self.block(&inner(action).unwrap(), turns)),
            "If" => {
                let wanted = action.at(&["expression", "and"]).and_then(|all| all.item(0)).unwrap();
                let wanted = wanted.get("equals").and_then(|two| two.item(1)).and_then(Value::as_str);
                let taken = if wanted == Some(&self.run.slot) {
                    inner(action)
                } else {
                    inner(action.get("else").unwrap())
                };
                came_to.push(self.block(&taken.unwrap(), turns));
            }
            "Switch" => {
                let cases = action.get("cases").and_then(Value::as_object).unwrap();
                let case = cases.values().find(|case| case.str_at(&["case"]) == Some(&self.run.slot));
                let taken = case.unwrap_or_else(|| action.get("default").unwrap());
                came_to.push(self.block(&inner(taken).unwrap(), turns));
            }
            "Foreach" => {
                let items = action.get("foreach").and_then(Value::as_array).unwrap().len();
                for turn in 0..i64::try_from(items).unwrap() {
                    came_to.push(self.block(&inner(action).unwrap(), &turn_of(turns, name, turn)));
                }
            }
            "Until" => {
                let Some(count) = record.get("iterationCount").map(number) else {
                    assert!(self.is_stopped, "{}: {record} has no count", self.run.name);
                    return;
                };
                for turn in 0..count {
                    came_to = vec![self.block(&inner(action).unwrap(), &turn_of(turns, name, turn))];
                }
            }
            _ => return,
        }
        if !self.is_stopped {
            let is_well = came_to.iter().all(|status| status == "Succeeded");
            assert_eq!(
                status(record) == "Succeeded",
                is_well,
                "{}: {record} came to {came_to:?}",
                self.run.name
            );
        }
    }
}

fn turn_of(turns: &Turns, name: &str, turn: i64) -> Turns {
    let mut turns = turns.clone();
    turns.push((name.to_owned(), turn));
    turns
}

fn after(action: &Value) -> Option<&Object> {
    action.get("runAfter").and_then(Value::as_object)
}

/// What a leaf came to; one that was skipped stands for those before it.
fn reach(name: &str, actions: &Object, statuses: &BTreeMap<String, String>, came_to: &mut Vec<String>) {
    let Some(status) = statuses.get(name) else { return };
    if status != "Skipped" {
        came_to.push(status.clone());
        return;
    }
    for before in actions.get(name).and_then(after).into_iter().flat_map(Object::keys) {
        reach(before, actions, statuses, came_to);
    }
}

/// What of a run does not depend on when it ran. Whether a caller still waits for a Response does.
pub fn canonical(run: &Run) -> String {
    let mut lines: Vec<String> = Vec::new();
    for record in actions(run) {
        let kind = record.str_at(&["type"]).unwrap();
        if kind == "Response" {
            continue;
        }
        let outputs = match kind {
            "Compose" => sorted(record.get("outputs")),
            "Http" | "HttpWebhook" => sorted(record.at(&["outputs", "body"])),
            _ => String::new(),
        };
        let tries = record.get("retryHistory").and_then(Value::as_array).map_or(0, <[Value]>::len);
        lines.push(format!(
            "{:?} {} {:?} {tries} {outputs}",
            key(record),
            status(record),
            record.str_at(&["code"])
        ));
    }
    lines.sort();
    format!("{}\n{}", run.status(), lines.join("\n"))
}

/// A value without the order in which parallel branches appended to a list.
fn sorted(value: Option<&Value>) -> String {
    let Some(value) = value else { return String::new() };
    let mut value = value.clone();
    if let Some(list) =
        value.as_object_mut().and_then(|object| object.get_mut("list")).and_then(Value::as_array_mut)
    {
        list.sort_by_key(ToString::to_string);
    }
    value.to_string()
}
