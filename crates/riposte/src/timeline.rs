//! An incident's timeline, entry by entry.

use crate::output::{Style, cut, paint, plain};
use crate::timing;
use riposte_value::Value;

/// The widest a summary is shown.
const SUMMARY_WIDTH: usize = 500;

/// Entries whose summary is about the change alone. Where a name in it is that of who made the change, that is chance.
const ALWAYS_BY: [&str; 6] =
    ["incidentUpdated", "labelAdded", "commentAdded", "taskAdded", "taskUpdated", "alertAdded"];

/// One entry (`{"time","kind","actor":{"kind","name"},"summary","object","details"}`) as a line.
pub fn line(colour: bool, entry: &Value) -> String {
    let text = |path: &[&str]| entry.str_at(path).unwrap_or_default();
    let kind = text(&["kind"]);
    let time = paint(colour, Style::Dim, &timing::clock(text(&["time"])));
    let style = style(kind, entry);
    let summary = cut(&plain(text(&["summary"])), SUMMARY_WIDTH);
    let summary = format!("{summary}{}{}", course(entry), run(entry));
    let is_told = |name: &str| !ALWAYS_BY.contains(&kind) && summary.contains(name);
    let actor = Some(text(&["actor", "name"])).filter(|name| !name.is_empty() && !is_told(name));
    let by =
        actor.map_or_else(String::new, |name| paint(colour, Style::Dim, &format!("  ({})", plain(name))));
    format!("{time}  {} {summary}{by}", paint(colour, style, &format!("{kind:<18}")))
}

/// Of an action: in which iteration it ran, and how long it took.
fn course(entry: &Value) -> String {
    let iterations = entry.at(&["details", "repetition"]).and_then(Value::as_array).unwrap_or_default();
    let iterations: String =
        iterations.iter().fold(String::new(), |text, index| text + &format!("[{index}]"));
    let took = entry.at(&["details", "durationMs"]).and_then(Value::as_i64).map(timing::millis);
    match (iterations.is_empty(), took) {
        (true, None) => String::new(),
        (false, None) => format!(" {iterations}"),
        (true, Some(took)) => format!(" in {took}"),
        (false, Some(took)) => format!(" {iterations} in {took}"),
    }
}

/// Of a playbook that was started: its run, as `riposte run show` takes it.
fn run(entry: &Value) -> String {
    let is_start = entry.str_at(&["kind"]) == Some("playbookTriggered");
    let run = entry.str_at(&["object", "id"]).filter(|run| is_start && !run.is_empty());
    run.map_or_else(String::new, |run| format!(" (run {})", plain(run)))
}

fn style(kind: &str, entry: &Value) -> Style {
    let status = entry.str_at(&["details", "status"]).unwrap_or_default();
    match kind {
        "ruleFailed" => Style::Red,
        "playbookAction" | "playbookFinished" if !status.is_empty() => crate::tree::style(status),
        "ruleNotMatched" | "loopPrevented" => Style::Dim,
        "ruleMatched" | "playbookTriggered" => Style::Cyan,
        "commentAdded" | "taskAdded" | "labelAdded" => Style::Green,
        _ => Style::Bold,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use riposte_value::value;

    #[test]
    fn lines() {
        let entry = |kind: &str, summary: &str, object: &str| {
            value!({"time": "2026-11-21T10:00:00.123Z", "kind": kind, "actor": {"kind": "user", "name": "ana"},
                    "summary": summary, "object": {"kind": "any", "id": object}})
        };
        let cases = [
            ("labelAdded", "labels + banana", "i1", "labels + banana  (ana)"),
            ("incidentUpdated", "owner nobody → ana", "i1", "owner nobody → ana  (ana)"),
            ("incidentCreated", "incident 1 created by ana", "i1", "incident 1 created by ana"),
            ("incidentCreated", "incident 1 created", "i1", "incident 1 created  (ana)"),
            (
                "playbookTriggered",
                "playbook p started by ana",
                "0858CU12",
                "playbook p started by ana (run 0858CU12)",
            ),
            ("playbookTriggered", "playbook p started by ana", "", "playbook p started by ana"),
        ];
        for (kind, summary, object, wanted) in cases {
            let shown = line(false, &entry(kind, summary, object));
            assert!(shown.ends_with(&format!("{kind:<18} {wanted}")), "{shown}");
        }
    }
}
