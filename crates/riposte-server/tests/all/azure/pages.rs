//! Pages of lists: what is changed or removed while a client follows `nextLink` makes it miss nothing else, and a token
//! leads on in its own list alone.

use crate::client::{Client, Reply};
use crate::harness::{Server, group, playbook, sentinel};
use riposte_value::{Value, value};

fn target_of(page: &Reply) -> Option<String> {
    let body = page.json();
    let next = body.str_at(&["nextLink"])?;
    Some(format!("/{}", next.splitn(4, '/').nth(3).unwrap()))
}

/// The names on all pages; what is on a page is removed before the next one is asked for.
async fn list_and_delete(owner: &Client, list: &str, one: impl Fn(&str) -> String) -> Vec<String> {
    let separator = if list.contains('?') { '&' } else { '?' };
    let mut target = format!("{list}{separator}$top=2");
    let mut given = Vec::new();
    loop {
        let page = owner.get(&target).await.expect(200);
        for name in page.names() {
            let status = owner.delete(&one(&name)).await.status;
            assert!(matches!(status, 200 | 204), "{name}: {status}");
            given.push(name);
        }
        match target_of(&page) {
            Some(next) => target = next,
            None => return given,
        }
    }
}

fn rule() -> Value {
    value!({"properties": {"displayName": "r", "order": 1,
        "triggeringLogic": {"isEnabled": true, "triggersOn": "Incidents", "triggersWhen": "Created", "conditions": []},
        "actions": [{"order": 1, "actionType": "ModifyProperties", "actionConfiguration": {"severity": "High"}}]}})
}

fn analytics_rule() -> Value {
    value!({"kind": "MicrosoftSecurityIncidentCreation", "properties": {"displayName": "a", "enabled": true,
        "productFilter": "Microsoft Cloud App Security"}})
}

fn workflow() -> Value {
    value!({"location": "x", "properties": {"definition": {
        "$schema": "https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/workflowdefinition.json#",
        "contentVersion": "1.0.0.0", "triggers": {}, "actions": {}}}})
}

fn incident(title: &str) -> Value {
    value!({"properties": {"title": title, "severity": "Low", "status": "New"}})
}

/// The path of an element by its name.
type PathOf = fn(&str) -> String;

/// A list with what makes an element of it.
fn lists() -> Vec<(&'static str, String, PathOf, Value)> {
    let comment = value!({"properties": {"message": "m"}});
    let task = value!({"properties": {"title": "t", "status": "New"}});
    let bookmark = value!({"properties": {"displayName": "b", "query": "q"}});
    let watchlist = value!({"properties": {"displayName": "w", "provider": "p", "itemsSearchKey": "k"}});
    let ordered = |path: &str, order: &str| sentinel(&format!("{path}?$orderby={order}"));
    vec![
        ("rules", sentinel("/automationRules"), |n| sentinel(&format!("/automationRules/{n}")), rule()),
        (
            "rules by name",
            ordered("/automationRules", "name%20desc"),
            |n| sentinel(&format!("/automationRules/{n}")),
            rule(),
        ),
        ("analytics", sentinel("/alertRules"), |n| sentinel(&format!("/alertRules/{n}")), analytics_rule()),
        (
            "comments",
            sentinel("/incidents/i/comments"),
            |n| sentinel(&format!("/incidents/i/comments/{n}")),
            comment,
        ),
        ("tasks", sentinel("/incidents/i/tasks"), |n| sentinel(&format!("/incidents/i/tasks/{n}")), task),
        ("workflows", group("/providers/Microsoft.Logic/workflows"), |n| playbook(n, ""), workflow()),
        ("bookmarks", sentinel("/bookmarks"), |n| sentinel(&format!("/bookmarks/{n}")), bookmark.clone()),
        (
            "bookmarks filtered",
            sentinel("/bookmarks?$filter=name%20ne%20%27x%27"),
            |n| sentinel(&format!("/bookmarks/{n}")),
            bookmark,
        ),
        ("watchlists", sentinel("/watchlists"), |n| sentinel(&format!("/watchlists/{n}")), watchlist),
        ("incidents", sentinel("/incidents"), |n| sentinel(&format!("/incidents/{n}")), incident("t")),
        (
            "by severity",
            ordered("/incidents", "properties/severity"),
            |n| sentinel(&format!("/incidents/{n}")),
            incident("t"),
        ),
        (
            "by title",
            ordered("/incidents", "properties/title%20desc"),
            |n| sentinel(&format!("/incidents/{n}")),
            incident("t"),
        ),
        (
            "by owner",
            ordered("/incidents", "properties/owner/email"),
            |n| sentinel(&format!("/incidents/{n}")),
            incident("t"),
        ),
    ]
}

#[tokio::test]
async fn what_is_removed_while_a_list_is_paged_hides_nothing() {
    let server = Server::start().await;
    let owner = server.owner();
    for (what, list, one, body) in lists() {
        if list.contains("/incidents/i/") {
            owner.put(&sentinel("/incidents/i"), &incident("holder")).await;
        }
        for number in 0..7 {
            owner.put(&one(&format!("n{}", number * 3 % 7)), &body).await.expect(201);
        }
        let mut given = list_and_delete(&owner, &list, one).await;
        given.retain(|name| name != "i");
        given.sort();
        assert_eq!(given, ["n0", "n1", "n2", "n3", "n4", "n5", "n6"], "{what}");
    }
}

#[tokio::test]
async fn comments_and_tasks_keep_the_order_in_which_they_came() {
    let server = Server::start().await;
    let owner = server.owner();
    owner.put(&sentinel("/incidents/i"), &incident("t")).await.expect(201);
    let at = |name: &str| sentinel(&format!("/incidents/i/comments/{name}"));
    let comment = value!({"properties": {"message": "m"}});
    for name in ["z", "b", "y", "a"] {
        owner.put(&at(name), &comment).await.expect(201);
    }
    let first = owner.get(&sentinel("/incidents/i/comments?$top=2")).await.expect(200);
    assert_eq!(first.names(), ["z", "b"]);
    // Even the last element given may go, and another come, before the page is asked for.
    for name in ["z", "b", "a"] {
        owner.delete(&at(name)).await.expect(200);
    }
    owner.put(&at("c"), &comment).await.expect(201);
    assert_eq!(owner.get(&target_of(&first).unwrap()).await.expect(200).names(), ["y", "c"]);
}

#[tokio::test]
async fn a_broken_or_foreign_token_is_refused_by_every_list() {
    let server = Server::start().await;
    let owner = server.owner();
    owner.put(&sentinel("/incidents/i"), &incident("t")).await.expect(201);
    for name in ["n1", "n2"] {
        owner
            .put(
                &sentinel(&format!("/bookmarks/{name}")),
                &value!({"properties": {"displayName": "b", "query": "q"}}),
            )
            .await
            .expect(201);
    }
    let page = owner.get(&sentinel("/bookmarks?$top=1")).await.expect(200);
    let foreign = target_of(&page).unwrap().rsplit_once("skipToken=").unwrap().1.to_owned();
    let more = [
        "/dataConnectors",
        "/onboardingStates",
        "/threatIntelligence/main/indicators",
        "/entities",
        "/incidents/i/relations",
    ];
    let targets = lists().into_iter().map(|(_, list, ..)| list).chain(more.map(sentinel));
    for target in targets {
        for token in ["zzzz", "5", "n1", foreign.as_str()] {
            let separator = if target.contains('?') { '&' } else { '?' };
            if target == sentinel("/bookmarks") && token == foreign {
                continue;
            }
            let refused = owner.get(&format!("{target}{separator}$skipToken={token}")).await.expect(400);
            assert_eq!(refused.code(), "BadRequest", "{target} {token}");
        }
    }
    let again = format!("{}&$skipToken={foreign}", sentinel("/bookmarks"));
    assert_eq!(owner.get(&again).await.expect(200).names(), ["n2"]);
}

#[tokio::test]
async fn what_a_list_does_not_take_is_refused() {
    let server = Server::start().await;
    let owner = server.owner();
    owner.put(&sentinel("/incidents/i"), &incident("t")).await.expect(201);
    for (_, list, ..) in lists() {
        let separator = if list.contains('?') { '&' } else { '?' };
        for option in ["$skip=1", "$count=true", "$search=x", "$apply=x"] {
            let refused = owner.get(&format!("{list}{separator}{option}")).await.expect(400);
            let name = option.split('=').next().unwrap();
            assert!(refused.message().contains(name), "{list}: {refused:?}");
        }
        owner.get(&format!("{list}{separator}$count=false")).await.expect(200);
        if !list.contains("$filter") {
            owner.get(&format!("{list}{separator}$filter=properties/none%20eq%201")).await.expect(400);
        }
    }
    // Lists without filter and order say so.
    let api = |rest: &str| format!("/api/workspaces/ws1{rest}");
    for list in [
        sentinel("/entities"),
        api("/entities"),
        api("/alerts"),
        api("/incidents/1/timeline"),
        api("/health"),
        api("/audit"),
        api("/tables/SecurityIncident"),
        "/api/runs".to_owned(),
    ] {
        owner.get(&list).await.expect(200);
        let separator = if list.contains('?') { '&' } else { '?' };
        for option in ["$filter", "$orderby"] {
            let refused =
                owner.get(&format!("{list}{separator}{option}=name%20eq%20%27x%27")).await.expect(400);
            assert!(refused.message().contains(option), "{list}: {refused:?}");
        }
    }
}
