//! An incident's timeline: what happened to it, oldest first, and the playbook runs on it.

use crate::answer::Answer;
use crate::filter::RUN_FIELDS;
use crate::refusal::Refusal;
use crate::request::{FILTER, ORDER_BY, Request};
use crate::route::{Route, Scope};

const READ: &str = "Microsoft.SecurityInsights/incidents/read";
const READ_RUNS: &str = "Microsoft.Logic/workflows/runs/read";

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get(
            "/api/workspaces/{workspace}/incidents/{incident}/timeline",
            READ,
            "Shows what happened to an incident, oldest first.",
            |r| Box::pin(timeline(r)),
        ),
        Route::get(
            "/api/workspaces/{workspace}/incidents/{incident}/runs",
            READ_RUNS,
            "Lists the playbook runs on an incident.",
            |r| Box::pin(runs(r)),
        )
        .at(Scope::EachItem),
    ]
}

async fn timeline(request: Request) -> Result<Answer, Refusal> {
    let workspace = request.workspace().await?;
    let paging = request.paging_without(&[FILTER, ORDER_BY])?;
    let incident = request.variable("incident")?;
    let page = request.engine.timeline(&workspace, incident, paging.after.as_deref(), paging.top).await?;
    Ok(Answer::list(page.items, request.next_link(page.next)))
}

/// Who may read the incident, sees of its runs those of playbooks whose runs they may read.
async fn runs(request: Request) -> Result<Answer, Refusal> {
    let workspace = request.workspace().await?;
    request.engine.authorize(request.caller()?, READ, &workspace.reference.arm_id())?;
    let items = request.engine.incident_runs(&workspace, request.variable("incident")?).await?;
    request.page_of_given(items, RUN_FIELDS)
}
