//! `…/incidents/{incident}/relations`

use crate::harness::{Server, sentinel, workspace_id};
use riposte_value::value;

#[tokio::test]
async fn relating_an_alert_puts_it_into_the_incident() {
    let server = Server::start().await;
    let owner = server.owner();
    let incident = value!({"properties": {"title": "t", "severity": "High", "status": "New"}});
    owner.put(&sentinel("/incidents/i1"), &incident).await.expect(201);
    let alert = "11111111-1111-1111-1111-111111111111";
    let body = value!([{"SystemAlertId": alert, "DisplayName": "a", "AlertSeverity": "High", "TimeGenerated": "2024-01-01T00:00:00Z",
        "StartTime": "2024-01-01T00:00:00Z", "EndTime": "2024-01-01T00:00:00Z"}]);
    owner.post("/api/workspaces/ws1/alerts", &body).await.expect(200);

    let path = sentinel(&format!("/incidents/i1/relations/i1_{alert}"));
    let relation = value!({"properties": {
        "relatedResourceId": format!("{}/providers/Microsoft.SecurityInsights/entities/{alert}", workspace_id())}});
    owner.put(&path, &relation).await.expect(201);
    assert_eq!(owner.post_nothing(&sentinel("/incidents/i1/alerts")).await.items().len(), 1);
    owner.get(&path).await.expect(200);
    assert_eq!(owner.get(&sentinel("/incidents/i1/relations")).await.expect(200).items().len(), 1);
    owner.delete(&path).await.expect(200);
    assert!(owner.post_nothing(&sentinel("/incidents/i1/alerts")).await.items().is_empty());

    let nowhere = value!({"properties": {"relatedResourceId": format!("{}/providers/Microsoft.SecurityInsights/entities/none", workspace_id())}});
    owner.put(&path, &nowhere).await.expect(404);
    owner.put(&path, &value!({"properties": {}})).await.expect(400);
}
