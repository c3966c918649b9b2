//! `…/incidents/{incident}/comments`

use crate::harness::{Server, sentinel};
use riposte_value::value;

#[tokio::test]
async fn written_read_listed_and_deleted() {
    let server = Server::start().await;
    let owner = server.owner();
    let incident = value!({"properties": {"title": "t", "severity": "High", "status": "New"}});
    owner.put(&sentinel("/incidents/i1"), &incident).await.expect(201);
    let comment = |text: &str| value!({"properties": {"message": text}});

    let made =
        owner.put(&sentinel("/incidents/i1/comments/c1"), &comment("hello <b>x</b>")).await.expect(201);
    assert_eq!(made.text(&["properties", "message"]), "hello <b>x</b>");
    assert_eq!(made.text(&["properties", "author", "name"]), "owner");
    owner.put(&sentinel("/incidents/i1/comments/c1"), &comment("changed")).await.expect(200);
    owner.put("/api/workspaces/ws1/incidents/1/comments/c2", &comment("second")).await.expect(201);
    let read = owner.get(&sentinel("/incidents/i1/comments/c1")).await.expect(200);
    assert_eq!(read.text(&["properties", "message"]), "changed");

    let mut names = owner.get(&sentinel("/incidents/i1/comments")).await.expect(200).names();
    names.sort();
    assert_eq!(names, ["c1", "c2"]);
    let page = owner.get(&sentinel("/incidents/i1/comments?$top=1")).await.expect(200);
    assert_eq!(page.items().len(), 1);
    let link = page.text(&["nextLink"]);
    let rest = owner.get(link.strip_prefix(&server.url).unwrap()).await.expect(200);
    assert_eq!(rest.items().len(), 1);
    assert_ne!(rest.names(), page.names());
    let filtered =
        owner.get(&sentinel("/incidents/i1/comments?$filter=properties/message%20eq%20'second'")).await;
    assert_eq!(filtered.expect(200).names(), ["c2"]);
    let count = owner.get(&sentinel("/incidents/i1")).await.json();
    assert_eq!(
        count.at(&["properties", "additionalData", "commentsCount"]),
        Some(&riposte_value::Value::Int(2))
    );

    owner.delete(&sentinel("/incidents/i1/comments/c1")).await.expect(200);
    owner.delete(&sentinel("/incidents/i1/comments/c1")).await.expect(204);
    owner.get(&sentinel("/incidents/i1/comments/c1")).await.expect(404);
}

#[tokio::test]
async fn a_comment_has_text_within_its_limit_and_an_incident() {
    let server = Server::start().await;
    let owner = server.owner();
    let incident = value!({"properties": {"title": "t", "severity": "High", "status": "New"}});
    owner.put(&sentinel("/incidents/i1"), &incident).await.expect(201);
    let path = sentinel("/incidents/i1/comments/c1");
    owner.put(&path, &value!({"properties": {"message": "x".repeat(30_000)}})).await.expect(201);
    for wrong in [
        value!({"properties": {"message": "x".repeat(30_001)}}),
        value!({"properties": {"message": ["x"]}}),
        value!({"properties": {}}),
    ] {
        owner.put(&path, &wrong).await.expect(400);
    }
    owner
        .put(&sentinel("/incidents/none/comments/c1"), &value!({"properties": {"message": "x"}}))
        .await
        .expect(404);
}
