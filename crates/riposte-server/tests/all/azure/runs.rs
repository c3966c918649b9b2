//! `…/workflows/{workflow}/runs`, and `/api/runs`

use super::workflows::make_playbook;
use crate::harness::{SENTINEL_READER, Server, playbook, playbook_id, sentinel, workspace_id};
use riposte_value::{Value, value};

/// A server on which the playbook `pb` ran once on incident `i1`; the run's name.
async fn with_a_run() -> (Server, String) {
    let server = Server::start().await;
    let owner = server.owner();
    make_playbook(&owner).await;
    server.grant_automation().await;
    let incident = value!({"properties": {"title": "a title", "severity": "High", "status": "New"}});
    owner.put(&sentinel("/incidents/i1"), &incident).await.expect(201);
    let body = value!({"logicAppsResourceId": playbook_id("pb")});
    let started = owner.post("/api/workspaces/ws1/incidents/i1/runPlaybook", &body).await.expect(200);
    let run = started.text(&["runId"]);
    server.engine.wait_for_run(&run).await;
    (server, run)
}

#[tokio::test]
async fn a_run_its_actions_and_repetitions_are_shown() {
    let (server, run) = with_a_run().await;
    let owner = server.owner();
    assert_eq!(owner.get(&playbook("pb", "/runs")).await.expect(200).names(), [run.as_str()]);
    let shown = owner.get(&playbook("pb", &format!("/runs/{run}"))).await.expect(200);
    assert_eq!(shown.text(&["properties", "status"]), "Succeeded");
    assert_eq!(shown.text(&["type"]), "Microsoft.Logic/workflows/runs");

    let actions = format!("/runs/{run}/actions");
    let mut names = owner.get(&playbook("pb", &actions)).await.expect(200).names();
    names.sort();
    assert_eq!(names, ["Each", "Item", "Title"]);
    let title = owner.get(&playbook("pb", &format!("{actions}/title"))).await.expect(200);
    assert_eq!(title.text(&["properties", "status"]), "Succeeded");
    let repetitions = owner.get(&playbook("pb", &format!("{actions}/Item/repetitions"))).await.expect(200);
    assert_eq!(repetitions.items().len(), 2);
    let name = &repetitions.names()[1];
    owner.get(&playbook("pb", &format!("{actions}/Item/repetitions/{name}"))).await.expect(200);
    owner.get(&playbook("pb", &format!("{actions}/Item/repetitions/999999"))).await.expect(404);
    owner.get(&playbook("pb", &format!("{actions}/None"))).await.expect(404);
    owner.get(&playbook("pb", "/runs/none")).await.expect(404);
    owner.get(&playbook("none", "/runs")).await.expect(404);
    owner.post_nothing(&playbook("pb", "/runs/none/cancel")).await.expect(404);
    let ended = owner.post_nothing(&playbook("pb", &format!("/runs/{run}/cancel"))).await;
    assert!(matches!(ended.status, 200 | 400 | 409), "{ended:?}");
}

#[tokio::test]
async fn runs_are_filtered_by_state_and_time() {
    let (server, run) = with_a_run().await;
    let owner = server.owner();
    let count = async |filter: &str| {
        let target = playbook("pb", &format!("/runs?$top=10&$filter={}", filter.replace(' ', "%20")));
        owner.get(&target).await.expect(200).items().len()
    };
    assert_eq!(count("status eq 'Failed'").await, 0);
    assert_eq!(count("Status eq 'succeeded'").await, 1);
    assert_eq!(count("status eq 'Succeeded' and startTime gt 2020-01-01").await, 1);
    assert_eq!(count("startTime lt 2020-01-01").await, 0);
    owner.get(&playbook("pb", "/runs?$filter=state%20eq%20'x'")).await.expect(400);
    assert_eq!(owner.get("/api/workspaces/ws1/incidents/i1/runs").await.expect(200).names(), [run]);
}

#[tokio::test]
async fn a_run_in_full_is_for_those_who_may_read_its_playbook() {
    let (server, run) = with_a_run().await;
    let owner = server.owner();
    let full = owner.get(&format!("/api/runs/{run}")).await.expect(200).json();
    let actions = full.at(&["properties", "actions"]).and_then(Value::as_array).unwrap();
    let title = actions.iter().find(|action| action.str_at(&["name"]) == Some("Title")).unwrap();
    assert_eq!(title.get("outputs").and_then(Value::as_str), Some("a title"));
    assert_eq!(owner.get("/api/runs").await.expect(200).names(), [run.as_str()]);

    // A reader of the workspace has no role on the playbook.
    let reader = server.with_role(SENTINEL_READER, &workspace_id()).await;
    reader.get(&format!("/api/runs/{run}")).await.expect(403);
    assert!(reader.get("/api/runs").await.expect(200).items().is_empty());
    assert!(reader.get("/api/workspaces/ws1/incidents/i1/runs").await.expect(200).items().is_empty());
    reader.get(&playbook("pb", "/runs")).await.expect(403);
}
