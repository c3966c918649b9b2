//! The incident's timeline, printed as it happens.

use super::demo::Incident;
use crate::client::Client;
use crate::exit::Problem;
use crate::{html, output, timeline};
use riposte_diagnostic::Diagnostic;
use riposte_value::Value;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// How often the server is asked.
const PAUSE: Duration = Duration::from_millis(60);
/// How long the answer may take.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

/// Prints entries until the playbook has finished; whether it succeeded.
pub async fn until_answered(client: &Client, incident: &Incident) -> Result<bool, Problem> {
    let path = format!("/api/workspaces/{}/incidents/{}/timeline", incident.workspace, incident.number);
    let colour = output::colours(&std::io::stdout());
    output::line(output::paint(colour, output::Style::Bold, &format!("\nincident {}", incident.number)));
    let began = Instant::now();
    let mut shown = BTreeSet::new();
    loop {
        let entries = client.list(&path, usize::MAX).await?;
        // The end comes last, also where an action's record carries a later time by a hair.
        let (ends, others): (Vec<_>, Vec<_>) = entries
            .iter()
            .filter(|entry| is_settled(entry))
            .partition(|entry| kind(entry) == "playbookFinished");
        for entry in others.into_iter().chain(ends) {
            if shown.insert(entry.to_string()) {
                output::line(timeline::line(colour, entry));
            }
        }
        if let Some(end) = end(&entries) {
            show_comments(client, incident).await?;
            return Ok(end.str_at(&["details", "status"]) == Some("Succeeded"));
        }
        if let Some(failed) = entries.iter().find(|entry| kind(entry) == "ruleFailed") {
            let why = failed.str_at(&["summary"]).unwrap_or_default().to_owned();
            return Err(Problem::failed(Diagnostic::error("DemoFailed", why)));
        }
        if began.elapsed() > ANSWER_WITHIN {
            let message = format!("the incident was not answered within {} s", ANSWER_WITHIN.as_secs());
            return Err(Problem::failed(Diagnostic::error("DemoFailed", message)));
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// The end of the playbook, if it has come.
fn end(entries: &[Value]) -> Option<&Value> {
    entries.iter().find(|entry| kind(entry) == "playbookFinished")
}

/// What the playbook has written.
async fn show_comments(client: &Client, incident: &Incident) -> Result<(), Problem> {
    let path = format!("/api/workspaces/{}/incidents/{}/comments", incident.workspace, incident.number);
    for comment in client.list(&path, usize::MAX).await? {
        let message = comment.str_at(&["properties", "message"]).unwrap_or_default();
        output::line("\nthe playbook's comment:");
        html::text(message).lines().for_each(|line| output::line(format_args!("  {}", output::plain(line))));
    }
    Ok(())
}

fn kind(entry: &Value) -> &str {
    entry.str_at(&["kind"]).unwrap_or_default()
}

/// Whether an entry will not change any more: actions that are under way will.
fn is_settled(entry: &Value) -> bool {
    let under_way = matches!(entry.str_at(&["details", "status"]), Some("Running" | "Waiting"));
    kind(entry) != "playbookAction" || !under_way
}
