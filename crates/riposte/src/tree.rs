//! A run as a tree: actions under the scopes, branches and loop iterations in which they ran.
//!
//! ```text
//! ✓ For_each_IP          Foreach        Succeeded         84 ms
//! └─ [0]
//!    ├─ ✓ Get_report     ApiConnection  Succeeded OK      61 ms
//!    └─ ✗ Parse_report   ParseJson      Failed            1 ms
//!         InvalidTemplate: …
//! ```

use crate::output::{Style, cut, paint, plain};
use crate::timing;
use riposte_value::{Object, Value};
use std::collections::{BTreeMap, BTreeSet};

/// How many iterations of a loop are shown.
const ITERATIONS_MAX: usize = 20;
/// The widest an error message is shown.
const MESSAGE_WIDTH: usize = 400;

/// Where a record stands: the iterations of the loops around it.
type Repetition = Vec<(String, i64)>;

/// The lines of the tree. `records` are action records as the API shows them
/// (`{name, type, status, code?, error?, startTime, endTime?, repetitionIndexes?}`); `definition` tells which action
/// holds which, where it is known.
pub fn lines(colour: bool, records: &[Value], definition: Option<&Value>) -> Vec<String> {
    let index = Index::new(records, definition);
    let mut rows = Vec::new();
    index.rows(None, &Vec::new(), "", &mut rows);
    let width = rows.iter().map(Row::width).max().unwrap_or(0);
    rows.iter().flat_map(|row| row.lines(colour, width)).collect()
}

/// An action by itself: its iterations, and then as the tree shows it.
pub fn alone(colour: bool, record: &Value) -> String {
    let iterations =
        repetition(record).iter().fold(String::new(), |text, (_, item)| text + &format!("[{item}]"));
    let branch = Branch::new("", false, true);
    let mut row = Row::action(&branch, record);
    if !iterations.is_empty() {
        row.head = format!("{iterations} {}", row.head);
    }
    row.lines(colour, row.width()).join("\n")
}

struct Index<'a> {
    /// Records by the action that holds them and the repetition in which they ran, in order of their start.
    records: BTreeMap<(Option<String>, Repetition), Vec<&'a Value>>,
    /// The iterations that a loop ran.
    iterations: BTreeMap<(String, Repetition), BTreeSet<i64>>,
}

impl<'a> Index<'a> {
    fn new(records: &'a [Value], definition: Option<&Value>) -> Self {
        let mut parents = BTreeMap::new();
        if let Some(actions) = definition.and_then(|definition| definition.get("actions")) {
            holders(actions, None, &mut parents);
        }
        let mut index = Self { records: BTreeMap::new(), iterations: BTreeMap::new() };
        for record in records {
            let repetition = repetition(record);
            for depth in 0..repetition.len() {
                let before = repetition.iter().take(depth).cloned().collect();
                if let Some((scope, item)) = repetition.get(depth) {
                    index.iterations.entry((scope.clone(), before)).or_default().insert(*item);
                }
            }
            let innermost = || repetition.last().map(|(scope, _)| scope.clone());
            let parent = parents.get(name(record)).cloned().unwrap_or_else(innermost);
            index.records.entry((parent, repetition)).or_default().push(record);
        }
        for group in index.records.values_mut() {
            // Of what began in the same instant, that which ran comes before what was left out.
            group.sort_by_key(|record| {
                let start =
                    record.str_at(&["startTime"]).and_then(|text| text.parse::<jiff::Timestamp>().ok());
                (start, record.str_at(&["status"]) == Some("Skipped"))
            });
        }
        index
    }

    fn rows(&self, parent: Option<&str>, repetition: &Repetition, indent: &str, rows: &mut Vec<Row>) {
        let key = (parent.map(str::to_owned), repetition.clone());
        let group = self.records.get(&key).map(Vec::as_slice).unwrap_or_default();
        for (position, record) in group.iter().enumerate() {
            let branch = Branch::new(indent, position + 1 == group.len(), parent.is_none());
            rows.push(Row::action(&branch, record));
            let name = name(record);
            match self.iterations.get(&(name.to_owned(), repetition.clone())) {
                Some(iterations) => self.iterations(name, iterations, repetition, &branch.below, rows),
                None => self.rows(Some(name), repetition, &branch.below, rows),
            }
        }
    }

    fn iterations(
        &self,
        scope: &str,
        iterations: &BTreeSet<i64>,
        before: &Repetition,
        indent: &str,
        rows: &mut Vec<Row>,
    ) {
        let hidden = iterations.len().saturating_sub(ITERATIONS_MAX);
        let shown = iterations.len() - hidden;
        for (position, item) in iterations.iter().take(shown).enumerate() {
            let branch = Branch::new(indent, hidden == 0 && position + 1 == shown, false);
            rows.push(Row::plain(format!("{}[{item}]", branch.here)));
            let mut repetition = before.clone();
            repetition.push((scope.to_owned(), *item));
            self.rows(Some(scope), &repetition, &branch.below, rows);
        }
        if hidden > 0 {
            rows.push(Row::plain(format!("{indent}└─ … {hidden} more iterations")));
        }
    }
}

/// The lines to the left of a row, and of the rows below it.
struct Branch {
    here: String,
    below: String,
}

impl Branch {
    fn new(indent: &str, last: bool, top: bool) -> Self {
        let (here, below) = match (top, last) {
            (true, _) => ("", ""),
            (false, true) => ("└─ ", "   "),
            (false, false) => ("├─ ", "│  "),
        };
        Self { here: format!("{indent}{here}"), below: format!("{indent}{below}") }
    }
}

struct Row {
    head: String,
    action_type: String,
    status: String,
    code: String,
    took: String,
    /// What went wrong, with the lines to its left.
    message: Option<(String, String)>,
}

impl Row {
    fn plain(head: String) -> Self {
        let none = String::new;
        Self { head, action_type: none(), status: none(), code: none(), took: none(), message: None }
    }

    fn action(branch: &Branch, record: &Value) -> Self {
        let text = |name: &str| record.str_at(&[name]).unwrap_or_default();
        let status = text("status");
        let error = record.get("error").filter(|error| error.as_object().is_some());
        let message = error.filter(|_| status != "Skipped").map(|error| {
            let told = |name: &str| error.str_at(&[name]).unwrap_or_default();
            let message = format!("{}: {}", plain(told("code")), plain(told("message")));
            (format!("{}  ", branch.below), cut(&message, MESSAGE_WIDTH))
        });
        let code = Some(text("code")).filter(|code| *code != "NotSpecified").unwrap_or_default();
        let attempts = record.get("retryHistory").and_then(Value::as_array).map_or(0, <[Value]>::len);
        let again = if attempts > 1 { format!(" ({attempts} attempts)") } else { String::new() };
        let took = if status == "Skipped" {
            String::new()
        } else {
            timing::between(text("startTime"), text("endTime")).unwrap_or_default()
        };
        Self {
            head: format!("{}{} {}", branch.here, mark(status), plain(name(record))),
            action_type: text("type").to_owned(),
            status: status.to_owned(),
            code: code.to_owned(),
            took: format!("{took}{again}"),
            message,
        }
    }

    fn width(&self) -> usize {
        self.head.chars().count()
    }

    fn lines(&self, colour: bool, width: usize) -> Vec<String> {
        let pad = " ".repeat(width.saturating_sub(self.width()));
        let style = style(&self.status);
        let outcome = format!("{} {}", self.status, self.code);
        let line = format!(
            "{}{pad}  {:<22} {:<24} {}",
            paint(colour, style, &self.head),
            self.action_type,
            outcome.trim_end(),
            self.took
        );
        let mut lines = vec![line.trim_end().to_owned()];
        if let Some((indent, message)) = &self.message {
            lines.push(format!("{indent}{}", paint(colour, Style::Red, message)));
        }
        lines
    }
}

/// The sign of a status.
pub fn mark(status: &str) -> &'static str {
    match status {
        "Succeeded" => "✓",
        "Failed" | "TimedOut" => "✗",
        "Skipped" => "-",
        "Cancelled" | "Aborted" => "⊘",
        _ => "…",
    }
}

/// The colour of a status.
pub fn style(status: &str) -> Style {
    match status {
        "Succeeded" => Style::Green,
        "Failed" | "TimedOut" => Style::Red,
        "Cancelled" | "Running" | "Waiting" => Style::Yellow,
        _ => Style::Dim,
    }
}

fn name(record: &Value) -> &str {
    record.str_at(&["name"]).unwrap_or_default()
}

/// The iterations of the loops around an action, from the outermost.
pub fn repetition(record: &Value) -> Repetition {
    let indexes = record.get("repetitionIndexes").and_then(Value::as_array).unwrap_or_default();
    indexes
        .iter()
        .map(|index| {
            let scope = index.str_at(&["scopeName"]).unwrap_or_default().to_owned();
            (scope, index.get("itemIndex").and_then(Value::as_i64).unwrap_or_default())
        })
        .collect()
}

/// Which action holds which.
fn holders(actions: &Value, holder: Option<&str>, parents: &mut BTreeMap<String, Option<String>>) {
    for (name, action) in actions.as_object().into_iter().flat_map(Object::iter) {
        parents.insert(name.to_string(), holder.map(str::to_owned));
        for inner in branches(action) {
            holders(inner, Some(name), parents);
        }
    }
}

/// The groups of actions inside an action: its own, those of its branches and cases.
pub fn branches(action: &Value) -> impl Iterator<Item = &Value> {
    let own = action.get_ignore_case("actions");
    let of = |name: &str| action.get_ignore_case(name).and_then(|branch| branch.get_ignore_case("actions"));
    let cases = action.get_ignore_case("cases").and_then(Value::as_object);
    let cases = cases.into_iter().flat_map(Object::values).filter_map(|case| case.get_ignore_case("actions"));
    [own, of("else"), of("default")].into_iter().flatten().chain(cases)
}

#[cfg(test)]
mod tests {
    use super::*;
    use riposte_value::value;

    #[test]
    fn an_action_by_itself_names_its_iterations() {
        let record = value!({"name": "Get", "type": "Http", "status": "Failed", "code": "NotFound",
                "error": {"code": "NotFound", "message": "No such thing."},
                "startTime": "2026-11-21T10:00:00.010Z", "endTime": "2026-11-21T10:00:00.020Z",
                "repetitionIndexes": [{"scopeName": "Each", "itemIndex": 1}, {"scopeName": "Again", "itemIndex": 0}]});
        let shown = alone(false, &record);
        let shown: Vec<&str> = shown.split_whitespace().collect();
        assert_eq!(shown.join(" "), "[1][0] ✗ Get Http Failed NotFound 10 ms NotFound: No such thing.");
    }

    #[test]
    fn iterations_and_scopes_nest() {
        let at = |ms: u32| format!("2026-11-21T10:00:00.{ms:03}Z");
        let records = [
            value!({"name": "Each", "type": "Foreach", "status": "Failed", "startTime": at(0), "endTime": at(90),
                    "error": {"code": "ActionFailed", "message": "An action failed."}}),
            value!({"name": "Get", "type": "Http", "status": "Succeeded", "code": "OK", "startTime": at(10), "endTime": at(40),
                    "repetitionIndexes": [{"scopeName": "Each", "itemIndex": 0}]}),
            value!({"name": "Get", "type": "Http", "status": "Failed", "code": "NotFound", "startTime": at(10), "endTime": at(20),
                    "repetitionIndexes": [{"scopeName": "Each", "itemIndex": 1}]}),
            value!({"name": "Inner", "type": "Compose", "status": "Succeeded", "startTime": at(95), "endTime": at(95)}),
            value!({"name": "Group", "type": "Scope", "status": "Succeeded", "startTime": at(94), "endTime": at(96)}),
        ];
        let definition = value!({"actions": {
            "Each": {"type": "Foreach", "actions": {"Get": {"type": "Http"}}},
            "Group": {"type": "Scope", "actions": {"Inner": {"type": "Compose"}}}
        }});
        let shown: Vec<String> = lines(false, &records, Some(&definition))
            .iter()
            .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
            .collect();
        assert_eq!(
            shown,
            [
                "✗ Each Foreach Failed 90 ms",
                "ActionFailed: An action failed.",
                "├─ [0]",
                "│ └─ ✓ Get Http Succeeded OK 30 ms",
                "└─ [1]",
                "└─ ✗ Get Http Failed NotFound 10 ms",
                "✓ Group Scope Succeeded 2 ms",
                "└─ ✓ Inner Compose Succeeded 0 ms",
            ]
        );
    }
}
