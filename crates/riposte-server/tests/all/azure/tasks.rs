//! `…/incidents/{incident}/tasks`

use crate::harness::{Server, sentinel};
use riposte_value::value;

#[tokio::test]
async fn written_read_listed_and_deleted() {
    let server = Server::start().await;
    let owner = server.owner();
    let incident = value!({"properties": {"title": "t", "severity": "High", "status": "New"}});
    owner.put(&sentinel("/incidents/i1"), &incident).await.expect(201);
    let path = sentinel("/incidents/i1/tasks/t1");
    let task =
        |status: &str| value!({"properties": {"title": "look", "description": "well", "status": status}});
    owner.put(&path, &task("New")).await.expect(201);
    let done = owner.put(&path, &task("Completed")).await.expect(200);
    assert_eq!(done.text(&["properties", "status"]), "Completed");
    assert_eq!(owner.get(&path).await.expect(200).text(&["properties", "title"]), "look");
    assert_eq!(owner.get(&sentinel("/incidents/i1/tasks")).await.expect(200).names(), ["t1"]);
    owner.put(&path, &task("Open")).await.expect(400);
    owner.delete(&path).await.expect(200);
    owner.delete(&path).await.expect(204);
    owner.get(&path).await.expect(404);
}
