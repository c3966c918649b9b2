//! `…/watchlists`, `…/bookmarks`, `…/dataConnectors`, `…/onboardingStates`, `…/threatIntelligence/main`

use crate::client::Client;
use crate::harness::{SENTINEL_READER, SENTINEL_RESPONDER, Server, sentinel, workspace_id};
use riposte_value::{Value, value};

fn watchlist(raw: &str) -> Value {
    value!({"properties": {"displayName": "VIP", "provider": "Microsoft", "source": "Local file", "itemsSearchKey": "upn",
        "contentType": "text/csv", "numberOfLinesToSkip": 0, "rawContent": raw}})
}

async fn with_workspace(owner: &Client) {
    let incident = value!({"properties": {"title": "t", "severity": "High", "status": "New"}});
    owner.put(&sentinel("/incidents/i1"), &incident).await.expect(201);
}

#[tokio::test]
async fn a_watchlist_and_its_rows() {
    let server = Server::start().await;
    let owner = server.owner();
    let list = sentinel("/watchlists/VIP");
    let made = owner.put(&list, &watchlist("upn,tag\nana@x,a\n\"bo, jr@x\",b\n")).await.expect(201).json();
    assert_eq!(made.str_at(&["properties", "watchlistAlias"]), Some("VIP"));
    assert_eq!(made.str_at(&["properties", "provisioningState"]), Some("Succeeded"));
    assert_eq!(made.at(&["properties", "rawContent"]), None, "the rows are not handed back");
    assert!(made.str_at(&["etag"]).unwrap().starts_with('"'));
    let items = owner.get(&sentinel("/WATCHLISTS/vip/watchlistitems")).await.expect(200).items();
    let mut keys: Vec<_> =
        items.iter().map(|item| item.str_at(&["properties", "itemsKeyValue", "upn"]).unwrap()).collect();
    keys.sort_unstable();
    assert_eq!(keys, ["ana@x", "bo, jr@x"]);
    assert_eq!(items[0].str_at(&["type"]), Some("Microsoft.SecurityInsights/Watchlists/WatchlistItems"));

    // The same content again makes the same rows; other content takes their place.
    let before = owner.get(&sentinel("/watchlists/VIP/watchlistItems")).await.names();
    owner.put(&list, &watchlist("upn,tag\nana@x,a\n\"bo, jr@x\",b\n")).await.expect(200);
    assert_eq!(owner.get(&sentinel("/watchlists/VIP/watchlistItems")).await.names(), before);
    owner.put(&list, &watchlist("upn\tag\nana@x\n")).await.expect(400);
    assert_eq!(
        owner.get(&sentinel("/watchlists/VIP/watchlistItems")).await.names(),
        before,
        "nothing is half done"
    );
    owner.put(&list, &watchlist("upn\nana@x\n")).await.expect(200);
    assert_eq!(owner.get(&sentinel("/watchlists/VIP/watchlistItems")).await.items().len(), 1);

    // One row at a time, and a write of the list without content, which leaves the rows.
    let row = sentinel("/watchlists/VIP/watchlistItems/it1");
    let body = value!({"properties": {"itemsKeyValue": {"upn": "cy@x"}}});
    let made = owner.put(&row, &body).await.expect(201);
    assert_eq!(made.text(&["properties", "watchlistItemType"]), "watchlist-item");
    let again = owner.put(&row, &body).await.expect(200);
    assert_eq!(again.text(&["etag"]), made.text(&["etag"]), "what changes nothing keeps its etag");
    owner.put(&row, &value!({"properties": {"itemsKeyValue": {}}})).await.expect(400);
    let plain = value!({"properties": {"displayName": "VIPs", "provider": "p", "itemsSearchKey": "upn"}});
    owner.put(&list, &plain).await.expect(200);
    assert_eq!(owner.get(&sentinel("/watchlists/VIP/watchlistItems")).await.items().len(), 2);
    owner.put(&sentinel("/watchlists/none/watchlistItems/it1"), &body).await.expect(404);
    owner.get(&sentinel("/watchlists/none/watchlistItems")).await.expect(404);

    // 2.0.0b4 of Azure's library takes no 200 here.
    owner.delete(&list).await.expect(204);
    owner.delete(&list).await.expect(204);
    owner.get(&row).await.expect(404);
    owner.put(&list, &plain).await.expect(201);
    assert!(
        owner.get(&sentinel("/watchlists/VIP/watchlistItems")).await.items().is_empty(),
        "rows went with it"
    );
}

#[tokio::test]
async fn etags_pages_and_roles() {
    let server = Server::start().await;
    let owner = server.owner();
    with_workspace(&owner).await;
    for name in ["c", "A", "b"] {
        let body = value!({"properties": {"displayName": name, "query": "Heartbeat"}});
        owner.put(&sentinel(&format!("/bookmarks/{name}")), &body).await.expect(201);
    }
    let first = owner.get(&sentinel("/bookmarks?$top=2")).await.expect(200);
    assert_eq!(first.names(), ["A", "b"]);
    let next = first.text(&["nextLink"]);
    let (_, target) = next.split_once(&server.address.to_string()).expect("an absolute address of this host");
    let second = owner.get(target).await.expect(200);
    assert_eq!((second.names(), second.json().get("nextLink").cloned()), (vec!["c".to_owned()], None));
    assert_eq!(
        owner.get(&sentinel("/bookmarks?$filter=name eq 'B'").replace(' ', "%20")).await.expect(200).names(),
        ["b"]
    );

    let known = owner.get(&sentinel("/bookmarks/a")).await.expect(200).json();
    let write = |etag: &str, notes: &str| value!({"etag": etag, "properties": {"displayName": "A", "query": "Heartbeat", "notes": notes}});
    let etag = known.str_at(&["etag"]).unwrap();
    let changed = owner.put(&sentinel("/bookmarks/a"), &write(etag, "n")).await.expect(200);
    let stale = owner.put(&sentinel("/bookmarks/a"), &write(etag, "late")).await.expect(409);
    assert_eq!(stale.message(), "Newer version of resource 'A' exists. Data was not saved");
    assert_eq!(changed.text(&["properties", "created"]), known.str_at(&["properties", "created"]).unwrap());

    let reader = server.with_role(SENTINEL_READER, &workspace_id()).await;
    reader.get(&sentinel("/bookmarks")).await.expect(200);
    reader.put(&sentinel("/bookmarks/a"), &write("", "n")).await.expect(403);
    let responder = server.with_role(SENTINEL_RESPONDER, &workspace_id()).await;
    responder.put(&sentinel("/watchlists/w"), &watchlist("upn\na")).await.expect(403);
    responder.delete(&sentinel("/bookmarks/a")).await.expect(403);
}

#[tokio::test]
async fn a_bookmark_in_an_incident() {
    let server = Server::start().await;
    let owner = server.owner();
    with_workspace(&owner).await;
    let body = value!({"properties": {"displayName": "odd", "query": "Heartbeat", "labels": ["x"],
        "eventTime": "2026-01-01", "entityMappings": [{"entityType": "Account"}]}});
    let made = owner.put(&sentinel("/bookmarks/b1"), &body).await.expect(201);
    assert_eq!(made.text(&["properties", "eventTime"]), "2026-01-01T00:00:00Z");
    owner.put(&sentinel("/bookmarks/b2"), &body).await.expect(201);

    let related = |name: &str| value!({"properties": {"relatedResourceId": format!("{}/providers/Microsoft.SecurityInsights/bookmarks/{name}", workspace_id())}});
    let path = sentinel("/incidents/i1/relations/r1");
    let missing = owner.put(&path, &related("none")).await.expect(404);
    assert_eq!(missing.message(), "Resource 'none' does not exist.");
    owner.put(&path, &related("b1")).await.expect(201);
    owner.put(&path, &related("B1")).await.expect(200);
    let other = owner.put(&path, &related("b2")).await.expect(409);
    assert_eq!(
        other.message(),
        "Failed to create relation. Relation with name r1 already exists in incident i1 to different bookmark b1."
    );
    let twice = owner.put(&sentinel("/incidents/i1/relations/r2"), &related("b1")).await.expect(400);
    assert_eq!(twice.message(), "Failed to create relation. Bookmark b1 already exists in incident i1.");
    let alert = value!({"properties": {"relatedResourceId": format!("{}/providers/Microsoft.SecurityInsights/entities/x", workspace_id())}});
    let kind = owner.put(&path, &alert).await.expect(400);
    assert_eq!(
        kind.message(),
        "Failed to create relation. Different relation type with name r1 already exists in incident i1."
    );
    let elsewhere = value!({"properties": {"relatedResourceId": format!("{}/providers/Microsoft.SecurityInsights/bookmarks/b1", workspace_id().replace("ws1", "ws2"))}});
    let refused = owner.put(&sentinel("/incidents/i1/relations/r3"), &elsewhere).await.expect(400);
    assert_eq!(
        refused.message(),
        "Failed to create relation. Related resource and incident should belong to the same workspace."
    );
    let nowhere = owner.put(&sentinel("/incidents/none/relations/r1"), &related("b1")).await.expect(404);
    assert_eq!(nowhere.message(), "Incident doesn't exist.");

    let listed = owner.post_nothing(&sentinel("/incidents/i1/bookmarks")).await.expect(200).items();
    assert_eq!(listed[0].str_at(&["properties", "incidentInfo", "incidentId"]), Some("i1"));
    assert_eq!(listed[0].str_at(&["properties", "incidentInfo", "relationName"]), Some("r1"));
    let incident = owner.get(&sentinel("/incidents/i1")).await.json();
    assert_eq!(incident.at(&["properties", "additionalData", "bookmarksCount"]), Some(&value!(1)));

    owner.delete(&path).await.expect(200);
    owner.delete(&path).await.expect(204);
    owner.put(&path, &related("b1")).await.expect(201);
    owner.delete(&sentinel("/bookmarks/b1")).await.expect(200);
    assert!(
        owner.get(&sentinel("/incidents/i1/relations")).await.items().is_empty(),
        "it went with the bookmark"
    );
    let incident = owner.get(&sentinel("/incidents/i1")).await.json();
    assert_eq!(incident.at(&["properties", "additionalData", "bookmarksCount"]), Some(&value!(0)));
}

#[tokio::test]
async fn more_bookmarks_than_azure_takes_are_taken_and_told() {
    let server = Server::start().await;
    let owner = server.owner();
    with_workspace(&owner).await;
    for number in 1..=21 {
        let body = value!({"properties": {"displayName": "b", "query": "q"}});
        owner.put(&sentinel(&format!("/bookmarks/b{number}")), &body).await.expect(201);
        let related = value!({"properties": {"relatedResourceId": format!("{}/providers/Microsoft.SecurityInsights/bookmarks/b{number}", workspace_id())}});
        let reply =
            owner.put(&sentinel(&format!("/incidents/i1/relations/r{number}")), &related).await.expect(201);
        assert_eq!(reply.header("riposte-warning").is_some(), number > 20, "{number}: {reply:?}");
    }
}

#[tokio::test]
async fn data_connectors_and_onboarding_states() {
    let server = Server::start().await;
    let owner = server.owner();
    let connector = value!({"kind": "Office365", "properties": {"dataTypes": {"exchange": {"state": "Enabled"}}, "tenantId": "t"}});
    let made = owner.put(&sentinel("/dataConnectors/c1"), &connector).await.expect(201).json();
    assert_eq!(made.get("kind"), Some(&value!("Office365")));
    assert_eq!(made.get("properties"), connector.get("properties"));
    owner.put(&sentinel("/dataConnectors/c1"), &value!({"properties": {}})).await.expect(400);
    assert_eq!(owner.get(&sentinel("/dataConnectors")).await.expect(200).names(), ["c1"]);
    owner.put(&sentinel("/onboardingStates/default"), &value!({})).await.expect(201);
    let state = owner.get(&sentinel("/onboardingStates/default")).await.expect(200).json();
    assert_eq!(state.get("properties"), Some(&value!({"customerManagedKey": false})));
    owner.delete(&sentinel("/onboardingStates/default")).await.expect(200);
    assert!(owner.get(&sentinel("/onboardingStates")).await.expect(200).items().is_empty());
}

#[tokio::test]
async fn indicators_are_made_searched_counted_and_tagged() {
    let server = Server::start().await;
    let owner = server.owner();
    let at = |rest: &str| sentinel(&format!("/threatIntelligence/main{rest}"));
    let indicator = |name: &str, confidence: i64| {
        value!({"kind": "indicator", "properties": {"displayName": name, "source": "Feed", "patternType": "ipv4-addr",
            "pattern": "[ipv4-addr:value = '1.2.3.4']", "threatTypes": ["malware"], "confidence": confidence}})
    };
    for empty in [value!({}), value!({ "kind": "indicator" }), value!({ "properties": {} })] {
        owner.post(&at("/createIndicator"), &empty).await.expect(400);
    }
    let made = owner.post(&at("/createIndicator"), &indicator("one", 10)).await.expect(201);
    let name = made.text(&["name"]);
    owner.post(&at("/createIndicator"), &indicator("two", 90)).await.expect(201);
    owner.put(&at("/indicators/i3"), &indicator("three", 50)).await.expect(201);
    assert_eq!(owner.get(&at("/indicators")).await.expect(200).items().len(), 3);
    let query = value!({"minConfidence": 40, "sortBy": [{"itemKey": "confidence", "sortOrder": "descending"}], "pageSize": 1});
    let page = owner.post(&at("/queryIndicators"), &query).await.expect(200);
    assert_eq!(page.items()[0].str_at(&["properties", "displayName"]), Some("two"));
    let next = page.text(&["nextLink"]);
    let (_, target) = next.split_once(&server.address.to_string()).unwrap();
    let page = owner.post(target, &query).await.expect(200);
    assert_eq!(page.items()[0].str_at(&["properties", "displayName"]), Some("three"));
    assert_eq!(page.json().get("nextLink"), None);
    let metrics = owner.get(&at("/metrics")).await.expect(200).json();
    let counted =
        metrics.at(&["value"]).and_then(|v| v.item(0)).and_then(|m| m.at(&["properties", "sourceMetrics"]));
    assert_eq!(counted, Some(&value!([{"metricName": "Feed", "metricValue": 3}])));
    let tags = value!({"threatIntelligenceTags": ["a", "a"]});
    owner.post(&at(&format!("/indicators/{name}/appendTags")), &tags).await.expect(200);
    let tagged = owner
        .post(&at(&format!("/indicators/{name}/appendTags")), &value!({"threatIntelligenceTags": ["b"]}))
        .await;
    assert_eq!(
        tagged.expect(200).json().at(&["properties", "threatIntelligenceTags"]),
        Some(&value!(["a", "b"]))
    );
    let replaced = owner
        .post(
            &at("/indicators/i3/replaceTags"),
            &value!({"kind": "indicator", "properties": {"threatIntelligenceTags": ["c"]}}),
        )
        .await
        .expect(200);
    assert_eq!(replaced.json().at(&["properties", "threatIntelligenceTags"]), Some(&value!(["c"])));
    owner.post(&at("/indicators/none/appendTags"), &tags).await.expect(404);
    owner.post(&at("/indicators/i3/appendTags"), &value!({})).await.expect(400);
    owner.delete(&at("/indicators/i3")).await.expect(200);
}

#[tokio::test]
async fn pages_of_a_search_are_followed_by_get() {
    let server = Server::start().await;
    let owner = server.owner();
    let at = |rest: &str| sentinel(&format!("/threatIntelligence/main{rest}"));
    for (name, confidence) in [("i1", 10), ("i2", 20), ("i3", 30), ("i4", 40)] {
        let indicator =
            value!({"kind": "indicator", "properties": {"displayName": name, "confidence": confidence}});
        owner.put(&at(&format!("/indicators/{name}")), &indicator).await.expect(201);
    }
    let query = value!({"minConfidence": 20, "pageSize": 2,
        "sortBy": [{"itemKey": "confidence", "sortOrder": "descending"}]});
    let first = owner.post(&at("/queryIndicators"), &query).await.expect(200);
    assert_eq!(first.names(), ["i4", "i3"]);
    let next = first.text(&["nextLink"]);
    let (_, target) = next.split_once(&server.address.to_string()).unwrap();
    let reader = server.with_role(SENTINEL_READER, &workspace_id()).await;
    for second in [
        reader.get(target).await,
        owner.post_nothing(target).await,
        owner.post(target, &query).await,
        owner.post(&at("/queryIndicators"), &value!({"skipToken": token_in(target)})).await,
    ] {
        let second = second.expect(200);
        assert_eq!(second.names(), ["i2"], "the search goes on, not another one");
        assert_eq!(second.json().get("nextLink"), None);
    }
    server.nobody().await.get(target).await.expect(403);
    for token in ["", "2", "x", "W10"] {
        let refused = owner.get(&with_token(&at("/queryIndicators"), token)).await.expect(400);
        assert_eq!(refused.code(), "BadRequest", "{token}");
    }

    // Criteria that no address can hold: the token is a place, and the criteria are sent again.
    let long = value!({"minConfidence": 20, "pageSize": 2, "keywords": ["i", "x".repeat(20_000)]});
    let first = owner.post(&at("/queryIndicators"), &long).await.expect(200);
    let next = first.text(&["nextLink"]);
    let (_, target) = next.split_once(&server.address.to_string()).unwrap();
    assert!(token_in(target).len() < 200, "{target}");
    owner.get(target).await.expect(400);
    assert_eq!(owner.post(target, &long).await.expect(200).names(), ["i4"]);
    for body in [&query, &value!({}), &value!({"skipToken": "2"})] {
        assert_eq!(owner.post(target, body).await.expect(400).code(), "BadRequest", "{body}");
    }
    let many: Vec<Value> = (0..101).map(Value::Int).collect();
    owner.post(&at("/queryIndicators"), &value!({"keywords": many})).await.expect(400);
}

fn token_in(target: &str) -> &str {
    target.rsplit("$skipToken=").next().unwrap()
}

fn with_token(target: &str, token: &str) -> String {
    let separator = if target.contains('?') { '&' } else { '?' };
    format!("{target}{separator}$skipToken={token}")
}

#[tokio::test]
async fn a_data_connector_keeps_no_credentials() {
    let server = Server::start().await;
    let owner = server.owner();
    let connector = value!({"kind": "RestApiPoller", "properties": {"tenantId": "t", "ApiKey": "s3cret",
        "auth": {"type": "OAuth2", "ClientId": "c", "clientSecret": "s3cret", "steps": [{"accessToken": "s3cret"}]}}});
    let made = owner.put(&sentinel("/dataConnectors/c1"), &connector).await.expect(201);
    let kept = value!({"tenantId": "t", "auth": {"type": "OAuth2", "ClientId": "c", "steps": [{}]}});
    assert_eq!(made.json().get("properties"), Some(&kept));
    let read = owner.get(&sentinel("/dataConnectors/c1")).await.expect(200);
    assert_eq!(read.json().get("properties"), Some(&kept));
    let again = owner.put(&sentinel("/dataConnectors/c1"), &connector).await.expect(200);
    assert_eq!(again.text(&["etag"]), made.text(&["etag"]), "what changes nothing keeps its etag");
}

#[tokio::test]
async fn a_watchlist_without_end_is_refused() {
    let server = Server::start().await;
    let owner = server.owner();
    let with = |skip: i64, raw: &str| {
        value!({"properties": {"displayName": "d", "provider": "p", "itemsSearchKey": "a",
            "numberOfLinesToSkip": skip, "rawContent": raw}})
    };
    let list = sentinel("/watchlists/w");
    let refused = owner.put(&list, &with(9_000_000_000_000_000_000, "a\nb\n")).await.expect(400);
    assert!(refused.message().contains("fewer than `numberOfLinesToSkip`"), "{refused:?}");
    owner.put(&list, &with(3, "a\nb\n")).await.expect(400);
    owner.put(&list, &with(0, &format!("a{}", ",x".repeat(1_000)))).await.expect(400);
    owner.put(&list, &with(1, "title\na\nb\n")).await.expect(201);
}

#[tokio::test]
async fn a_filtered_list_is_read_page_by_page() {
    let server = Server::start().await;
    let owner = server.owner();
    let rows: Vec<String> = (0..1_200).map(|number| format!("u{number}@x\n")).collect();
    owner.put(&sentinel("/watchlists/VIP"), &watchlist(&format!("upn\n{}", rows.concat()))).await.expect(201);
    let all = sentinel("/watchlists/VIP/watchlistItems");
    let wanted = |name: &str| name.contains('a');
    let mut expected = Vec::new();
    let mut next = Some(format!("{all}&$top=1000"));
    while let Some(path) = next {
        let page = owner.get(&path).await.expect(200);
        expected.extend(page.names().into_iter().filter(|name| wanted(name)));
        next = page
            .json()
            .str_at(&["nextLink"])
            .map(|link| link.get(link.find("/subscriptions").unwrap()..).unwrap().to_owned());
    }
    let mut found = Vec::new();
    let mut next = Some(format!("{all}&$top=300&$filter=contains(name,'a')"));
    while let Some(path) = next {
        let page = owner.get(&path).await.expect(200);
        assert!(page.names().len() <= 300);
        found.extend(page.names());
        next = page
            .json()
            .str_at(&["nextLink"])
            .map(|link| link.get(link.find("/subscriptions").unwrap()..).unwrap().to_owned());
    }
    assert!(expected.len() > 600, "{}", expected.len());
    assert_eq!(found, expected);
    // A page that is full to the last one has no next.
    let one = owner.get(&format!("{all}&$top=1&$filter=name%20eq%20'{}'", found[0])).await.expect(200);
    assert_eq!((one.names().len(), one.json().get("nextLink")), (1, None));
}
