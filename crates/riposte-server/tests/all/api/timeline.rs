//! `GET /api/workspaces/{workspace}/incidents/{incident}/timeline`

use crate::harness::{Server, sentinel};
use riposte_value::value;

#[tokio::test]
async fn oldest_first_and_in_pages() {
    let server = Server::start().await;
    let owner = server.owner();
    let incident =
        |severity: &str| value!({"properties": {"title": "t", "severity": severity, "status": "New"}});
    owner.put(&sentinel("/incidents/i1"), &incident("Low")).await.expect(201);
    owner.put(&sentinel("/incidents/i1"), &incident("High")).await.expect(200);
    owner
        .put(&sentinel("/incidents/i1/comments/c1"), &value!({"properties": {"message": "m"}}))
        .await
        .expect(201);
    let path = "/api/workspaces/ws1/incidents/1/timeline";
    let all = owner.get(path).await.expect(200).items();
    let kinds: Vec<_> = all.iter().filter_map(|entry| entry.str_at(&["kind"])).collect();
    assert_eq!(kinds, ["incidentCreated", "incidentUpdated", "commentAdded"]);
    for field in ["time", "summary"] {
        assert!(all.iter().all(|entry| entry.str_at(&[field]).is_some()), "{field}");
    }

    let first = owner.get(&format!("{path}?top=2")).await.expect(200);
    assert_eq!(first.items(), all[..2]);
    let link = first.text(&["nextLink"]);
    let second = owner.get(link.strip_prefix(&server.url).unwrap()).await.expect(200);
    assert_eq!(second.items(), all[2..]);
    assert!(second.json().get("nextLink").is_none());
    owner.get("/api/workspaces/ws1/incidents/none/timeline").await.expect(404);
}
