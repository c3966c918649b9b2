//! `…/providers/Microsoft.Web/connections`

use crate::harness::{SUBSCRIPTION, Server, group};
use riposte_value::value;

#[tokio::test]
async fn secrets_go_in_and_do_not_come_out() {
    let server = Server::start().await;
    let owner = server.owner();
    let path = group("/providers/Microsoft.Web/connections/virustotal");
    let body = value!({"location": "westeurope", "properties": {
        "displayName": "vt", "parameterValues": {"api_key": "s3cr3t-value"},
        "api": {"id": format!("/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Web/locations/westeurope/managedApis/virustotal")}}});
    let made = owner.put(&path, &body).await.expect(201);
    assert!(!made.body.contains("s3cr3t-value"), "{made:?}");
    let read = owner.get(&path).await.expect(200);
    assert_eq!(read.text(&["type"]).to_lowercase(), "microsoft.web/connections");
    assert!(!read.body.contains("s3cr3t-value"), "{read:?}");
    let list = owner.get(&group("/providers/Microsoft.Web/connections")).await.expect(200);
    assert_eq!(list.names(), ["virustotal"]);
    assert!(!list.body.contains("s3cr3t-value"));
    owner.put(&path, &body).await.expect(200);
    owner.delete(&path).await.expect(200);
    owner.delete(&path).await.expect(204);
    owner.get(&path).await.expect(404);
}
