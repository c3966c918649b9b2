//! What the server says about itself.

use crate::harness::Server;

#[tokio::test]
async fn probes_and_cloud_metadata_need_no_token() {
    let server = Server::start().await;
    let anonymous = server.anonymous();
    assert_eq!(anonymous.get("/healthz").await.expect(200).text(&["status"]), "ok");
    assert_eq!(anonymous.get("/readyz").await.expect(200).text(&["status"]), "ready");
    let cloud = anonymous.get("/metadata/endpoints?api-version=latest").await.expect(200);
    assert_eq!(cloud.text(&["resourceManager"]), format!("{}/", server.url));
    assert_eq!(cloud.text(&["authentication", "loginEndpoint"]), format!("{}/", server.url));
}

#[tokio::test]
async fn the_api_document_lists_every_path() {
    let server = Server::start().await;
    server.anonymous().get("/api/openapi.json").await.expect(401);
    let document = server.nobody().await.get("/api/openapi.json").await.expect(200).json();
    for route in riposte_server::route_summaries() {
        let method = route.method.to_ascii_lowercase();
        assert!(document.at(&["paths", route.path, &method, "summary"]).is_some(), "{}", route.path);
    }
    let operations = "/providers/Microsoft.SecurityInsights/operations?api-version=2024-09-01";
    let names = server.owner().get(operations).await.expect(200).names();
    assert!(names.contains(&"Microsoft.SecurityInsights/incidents/read".to_owned()), "{names:?}");
}
