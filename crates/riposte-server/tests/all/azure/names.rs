//! Names in paths: which none can have, what is not there below what is not there, and incidents found by their names.

use crate::client::Client;
use crate::harness::{Server, playbook_id, sentinel, workspace_id};
use riposte_value::{Value, value};

fn incident() -> Value {
    value!({"properties": {"title": "t", "severity": "Low", "status": "New"}})
}

async fn with_incident() -> (Server, Client) {
    let server = Server::start().await;
    let owner = server.owner();
    owner.put(&sentinel("/incidents/i"), &incident()).await.expect(201);
    (server, owner)
}

#[tokio::test]
async fn an_azure_path_finds_an_incident_by_its_name_alone() {
    let (_server, owner) = with_incident().await;
    let comment = value!({"properties": {"message": "m"}});
    let task = value!({"properties": {"title": "t", "status": "New"}});
    let start = value!({"logicAppsResourceId": (playbook_id("p"))});
    let relation = value!({"properties": {"relatedResourceId": (format!("{}/x", workspace_id()))}});
    owner.put(&sentinel("/incidents/i/comments/c"), &comment).await.expect(201);
    for number in ["1", "01", "+1"] {
        let at = |rest: &str| sentinel(&format!("/incidents/{number}{rest}"));
        for path in ["", "/comments", "/comments/c", "/tasks", "/tasks/t", "/relations", "/relations/r"] {
            owner.get(&at(path)).await.expect(404);
        }
        for path in ["/alerts", "/entities", "/bookmarks"] {
            owner.post_nothing(&at(path)).await.expect(404);
        }
        owner.put(&at("/comments/d"), &comment).await.expect(404);
        owner.put(&at("/tasks/d"), &task).await.expect(404);
        owner.put(&at("/relations/d"), &relation).await.expect(404);
        owner.delete(&at("/comments/c")).await.expect(404);
        owner.delete(&at("/tasks/c")).await.expect(404);
        owner.delete(&at("/relations/c")).await.expect(404);
        owner.post(&at("/runPlaybook"), &start).await.expect(404);
        owner.delete(&at("")).await.expect(204);
    }
    // An incident may be named so, and is found then; Riposte's own paths know numbers.
    owner.put(&sentinel("/incidents/1"), &incident()).await.expect(201);
    assert_eq!(owner.get(&sentinel("/incidents/1")).await.expect(200).text(&["name"]), "1");
    assert_eq!(owner.get("/api/workspaces/ws1/incidents/2").await.expect(200).text(&["name"]), "1");
    owner.get("/api/workspaces/ws1/incidents/2/comments").await.expect(200);
}

#[tokio::test]
async fn a_name_that_none_can_have_is_refused_with_the_rule() {
    let (server, owner) = with_incident().await;
    for (name, rule) in [
        ("a%3Fb", "`?`"),
        ("a%23b", "`#`"),
        ("a%5Cb", "`\\`"),
        ("a%2Fb", "`/`"),
        ("a%0Ab", "control characters"),
        ("%00", "control characters"),
        ("%ff", "UTF-8"),
        ("%20", "blank"),
        ("%2e%2e", "`..`"),
    ] {
        for method in ["GET", "PUT", "DELETE"] {
            let path = sentinel(&format!("/incidents/{name}"));
            let refused = owner.send(method, &path, &[], incident().to_string().as_bytes()).await.expect(400);
            assert_eq!(refused.code(), "InvalidResourceName", "{method} {name}");
            assert!(refused.message().contains(rule), "{refused:?}");
            server.anonymous().get(&path).await.expect(401);
        }
    }
    for path in ["/incidents/a%25b", "/bookmarks/a%25b", "/incidents/i/comments/a%2525b"] {
        let refused = owner.put(&sentinel(path), &incident()).await.expect(400);
        assert!(refused.message().contains("`%`"), "{refused:?}");
        owner.get(&sentinel(path)).await.expect(404);
        owner.delete(&sentinel(path)).await.expect(204);
    }
    owner.get(&sentinel("/incidents//x")).await.expect(404);
}

#[tokio::test]
async fn nothing_is_removed_below_what_is_not_there() {
    let (_server, owner) = with_incident().await;
    for path in [
        "/incidents/none/comments/x",
        "/incidents/none/tasks/x",
        "/incidents/none/relations/x",
        "/watchlists/none/watchlistItems/x",
        "/alertRules/none/actions/x",
    ] {
        owner.delete(&sentinel(path)).await.expect(404);
    }
    for path in
        ["/incidents/i/comments/x", "/incidents/i/tasks/x", "/incidents/i/relations/x", "/watchlists/x"]
    {
        owner.delete(&sentinel(path)).await.expect(204);
    }
    let elsewhere = sentinel("/bookmarks/x").replace("/workspaces/ws1/", "/workspaces/none/");
    owner.delete(&elsewhere).await.expect(404);
}

#[tokio::test]
async fn the_type_of_a_label_is_read_only() {
    let (_server, owner) = with_incident().await;
    let path = sentinel("/incidents/i");
    let with = |owner: Value, label: Value| value!({"properties": {"title": "t", "severity": "Low", "status": "New", "owner": owner, "labels": [label]}});
    let label = value!({"labelName": "vip", "labelType": "AutoAssigned"});
    let ann = value!({"objectId": "2046feea-040d-4a46-9e2b-91c2941bfa70"});
    for label in [label, value!({"labelName": "vip", "labelType": "Nothing"})] {
        let written = owner.put(&path, &with(ann.clone(), label)).await.expect(200).json();
        let expected = value!([{"labelName": "vip", "labelType": "User"}]);
        assert_eq!(written.at(&["properties", "labels"]), Some(&expected));
    }
}
