//! `…/providers/Microsoft.SecurityInsights/incidents`

use crate::client::Client;
use crate::harness::{Server, sentinel, workspace_id};
use riposte_value::{Value, value};

const ID: &str = "73e01a99-5cd7-4139-a149-9f2736ff2ab5";

fn incident(title: &str, severity: &str) -> Value {
    value!({"properties": {"title": title, "severity": severity, "status": "New"}})
}

async fn with_incidents(count: usize) -> (Server, Client) {
    let server = Server::start().await;
    let owner = server.owner();
    for number in 1..=count {
        let severity = if number % 2 == 0 { "High" } else { "Low" };
        owner
            .put(&sentinel(&format!("/incidents/i{number}")), &incident(&format!("title {number}"), severity))
            .await
            .expect(201);
    }
    (server, owner)
}

#[tokio::test]
async fn created_read_replaced_and_deleted() {
    let server = Server::start().await;
    let owner = server.owner();
    let path = sentinel(&format!("/incidents/{ID}"));
    let body = value!({"properties": {
        "title": "My incident", "description": "This is a demo incident", "severity": "High", "status": "New",
        "owner": {"objectId": "2046feea-040d-4a46-9e2b-91c2941bfa70", "assignedTo": "ann", "email": "ann@contoso.com",
            "userPrincipalName": "ann@contoso.com"},
        "labels": [{"labelName": "a"}, {"labelName": "A"}, {"labelName": "b"}]
    }});
    let made = owner.put(&path, &body).await.expect(201);
    assert_eq!(
        made.text(&["id"]),
        format!("{}/providers/Microsoft.SecurityInsights/Incidents/{ID}", workspace_id())
            .replace("Incidents", made.text(&["id"]).rsplit('/').nth(1).unwrap())
    );
    assert_eq!(made.text(&["name"]), ID);
    assert_eq!(made.text(&["type"]).to_lowercase(), "microsoft.securityinsights/incidents");
    assert!(made.text(&["etag"]).starts_with('"') && made.text(&["etag"]).ends_with('"'));
    let read = owner.get(&path).await.expect(200).json();
    assert_eq!(read, made.json());
    assert_eq!(read.at(&["properties", "incidentNumber"]), Some(&Value::Int(1)));
    assert_eq!(read.str_at(&["properties", "owner", "assignedTo"]), Some("ann"));
    let labels = read.at(&["properties", "labels"]).unwrap().as_array().unwrap();
    let names: Vec<_> = labels.iter().filter_map(|label| label.str_at(&["labelName"])).collect();
    assert_eq!(names, ["a", "b"], "labels are unique without regard to case");

    // With other letters in the path.
    let odd = path
        .replace("resourceGroups", "resourcegroups")
        .replace("Microsoft.SecurityInsights", "microsoft.securityinsights");
    assert_eq!(owner.get(&odd).await.expect(200).json(), read);
    assert_eq!(owner.get(&format!("/api/workspaces/ws1/incidents/{ID}")).await.expect(200).json(), read);

    let closed = value!({"etag": read.str_at(&["etag"]), "properties": {
        "title": "My incident", "severity": "Low", "status": "Closed", "classification": "FalsePositive",
        "classificationReason": "IncorrectAlertLogic", "classificationComment": "c"}});
    let replaced = owner.put(&path, &closed).await.expect(200).json();
    assert_eq!(replaced.str_at(&["properties", "classification"]), Some("FalsePositive"));
    assert!(
        replaced.str_at(&["properties", "description"]).is_none_or(str::is_empty),
        "PUT replaces all writable fields"
    );

    let gone = owner.delete(&path).await.expect(200);
    assert_eq!(gone.json(), value!({}));
    assert_eq!(owner.delete(&path).await.expect(204).body, "");
    let missing = owner.get(&path).await.expect(404);
    assert!(!missing.code().is_empty());
}

#[tokio::test]
async fn a_stale_etag_is_a_conflict_in_azures_words() {
    let (_server, owner) = with_incidents(1).await;
    let path = sentinel("/incidents/i1");
    let first = owner.get(&path).await.text(&["etag"]);
    let mut body = incident("changed", "High");
    body.as_object_mut().unwrap().insert("etag", Value::text(&first));
    owner.put(&path, &body).await.expect(200);
    let conflict = owner.put(&path, &body).await.expect(409);
    assert_eq!(
        conflict.json(),
        value!({"error": {"code": "Conflict", "message": "Newer version of resource 'i1' exists. Data was not saved"}})
    );
    // Without an etag it is accepted.
    owner.put(&path, &incident("again", "High")).await.expect(200);
}

#[tokio::test]
async fn an_etag_in_the_header_counts_as_one_in_the_body() {
    let (_server, owner) = with_incidents(1).await;
    let path = sentinel("/incidents/i1");
    let first = owner.get(&path).await.text(&["etag"]);
    let mut body = incident("changed", "High");
    let put = async |etag: &str, body: &Value| {
        owner.send("PUT", &path, &[("If-Match", etag)], body.to_string().as_bytes()).await
    };
    let second = put(&first, &body).await.expect(200).text(&["etag"]);
    assert_eq!(put(&first, &body).await.expect(409).code(), "Conflict");
    body = incident("changed again", "High");
    let third = put("*", &body).await.expect(200).text(&["etag"]);
    assert_ne!(second, third);
    // Where both are there, both must hold.
    body.as_object_mut().unwrap().insert("etag", Value::text(&third));
    put(&first, &body).await.expect(409);
    put(&third, &body).await.expect(200);

    let parts = [
        (sentinel("/incidents/i1/comments/c1"), value!({"properties": {"message": "one"}})),
        (sentinel("/incidents/i1/tasks/t1"), value!({"properties": {"title": "one", "status": "New"}})),
    ];
    for (path, body) in parts {
        let etag = owner.put(&path, &body).await.expect(201).text(&["etag"]);
        let body = body.to_string();
        owner.send("PUT", &path, &[("If-Match", &etag)], body.as_bytes()).await.expect(200);
        owner.send("PUT", &path, &[("If-Match", "\"another\"")], body.as_bytes()).await.expect(409);
    }
}

#[tokio::test]
async fn wrong_values_are_refused_and_change_nothing() {
    let (_server, owner) = with_incidents(1).await;
    let path = sentinel("/incidents/i1");
    let before = owner.get(&path).await.json();
    for wrong in [
        value!({}),
        value!({"properties": {}}),
        value!({"properties": {"title": "t", "severity": "Grave", "status": "New"}}),
        value!({"properties": {"title": "t", "severity": "High"}}),
        value!({"properties": {"title": {"a": 1}, "severity": "High", "status": "New"}}),
        value!({"properties": {"title": "t", "severity": "High", "status": "New", "labels": "a"}}),
    ] {
        let refused = owner.put(&path, &wrong).await.expect(400);
        assert!(!refused.message().is_empty(), "{wrong}");
    }
    assert_eq!(owner.get(&path).await.json(), before);
}

#[tokio::test]
async fn lists_are_cut_into_pages_that_link_on() {
    let (server, owner) = with_incidents(7).await;
    let mut seen = Vec::new();
    let mut target = sentinel("/incidents?$top=3");
    loop {
        let page = owner.get(&target).await.expect(200);
        seen.extend(page.names());
        let Some(link) = page.json().str_at(&["nextLink"]).map(str::to_owned) else { break };
        assert!(link.starts_with(&format!("{}/subscriptions/", server.url)), "{link}");
        assert!(link.contains("$top=3") && link.contains("api-version="), "{link}");
        target = link.strip_prefix(&server.url).unwrap().to_owned();
    }
    seen.sort();
    assert_eq!(seen, ["i1", "i2", "i3", "i4", "i5", "i6", "i7"]);
    for wrong in ["$top=0", "$top=1001", "$top=x", "$skipToken=%20x"] {
        owner.get(&sentinel(&format!("/incidents?{wrong}"))).await.expect(400);
    }
}

#[tokio::test]
async fn lists_are_filtered_and_ordered() {
    let (_server, owner) = with_incidents(4).await;
    let list = async |query: &str| owner.get(&sentinel(&format!("/incidents?{query}"))).await;
    let filter = "$filter=properties/severity%20eq%20'High'%20and%20properties/status%20ne%20'Closed'";
    let ordered = list(&format!("{filter}&$orderby=properties/createdTimeUtc%20asc")).await.expect(200);
    assert_eq!(ordered.names(), ["i2", "i4"]);
    let by_number = list("$orderby=properties/incidentNumber+desc&$top=2").await.expect(200);
    assert_eq!(by_number.names(), ["i4", "i3"]);
    assert_eq!(list("%24filter=contains(properties/title,%20'3')").await.expect(200).names(), ["i3"]);
    assert!(
        list("$filter=properties/createdTimeUtc gt 2999-01-01".replace(' ', "%20").as_str())
            .await
            .items()
            .is_empty()
    );

    let unknown = list("$filter=properties/severty%20eq%20'High'").await.expect(400);
    assert_eq!(unknown.code(), "InvalidFilter");
    assert!(unknown.body.contains("did you mean `properties/severity`?"), "{unknown:?}");
    list("$filter=properties/severity%20eq").await.expect(400);
    list("$orderby=properties/none").await.expect(400);
}

#[tokio::test]
async fn what_is_in_an_incident_is_asked_by_post() {
    let (_server, owner) = with_incidents(1).await;
    let alerts = owner.post_nothing(&sentinel("/incidents/i1/alerts")).await.expect(200);
    assert!(alerts.items().is_empty());
    assert!(alerts.json().get("nextLink").is_none());
    let entities = owner.post_nothing(&sentinel("/incidents/i1/entities")).await.expect(200).json();
    assert_eq!(entities, value!({"entities": [], "metaData": []}));
    assert!(owner.post_nothing(&sentinel("/incidents/i1/bookmarks")).await.expect(200).items().is_empty());
    for part in ["alerts", "entities", "bookmarks"] {
        owner.post_nothing(&sentinel(&format!("/incidents/none/{part}"))).await.expect(404);
        owner.get(&sentinel(&format!("/incidents/i1/{part}"))).await.expect(405);
    }
}

#[tokio::test]
async fn by_number_only_what_exists_is_replaced() {
    let (_server, owner) = with_incidents(2).await;
    let changed =
        owner.put("/api/workspaces/ws1/incidents/2", &incident("by number", "Low")).await.expect(200);
    assert_eq!(changed.text(&["name"]), "i2");
    owner.put("/api/workspaces/ws1/incidents/3", &incident("none", "Low")).await.expect(404);
    owner.put("/api/workspaces/ws1/incidents/i3", &incident("new", "Low")).await.expect(201);
    assert_eq!(owner.get("/api/workspaces/ws1/incidents").await.expect(200).items().len(), 3);
}
