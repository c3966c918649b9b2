//! An incident's timeline, entry by entry.

use crate::output::{Style, cut, paint, plain};
use crate::timing;
use riposte_value::Value;

/// The widest a summary is shown.
const SUMMARY_WIDTH: usize = 500;

/// One entry (`{"time","kind","actor":{"kind","name"},"summary","object","details"}`) as a line.
pub fn line(colour: bool, entry: &Value) -> String {
    let text = |path: &[&str]| entry.str_at(path).unwrap_or_default();
    let kind = text(&["kind"]);
    let time = paint(colour, Style::Dim, &timing::clock(text(&["time"])));
    let style = style(kind, entry);
    let summary = cut(&plain(text(&["summary"])), SUMMARY_WIDTH);
    let summary = format!("{summary}{}", course(entry));
    let actor = Some(text(&["actor", "name"])).filter(|name| !name.is_empty() && !summary.contains(name));
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
