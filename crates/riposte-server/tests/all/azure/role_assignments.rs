//! `…/providers/Microsoft.Authorization/roleAssignments`

use crate::harness::{SENTINEL_READER, SUBSCRIPTION, Server, workspace_id};
use riposte_value::value;

#[tokio::test]
async fn made_listed_and_taken_away_at_every_scope() {
    let server = Server::start().await;
    let owner = server.owner();
    let principal = "00000000-0000-0000-0000-00000000cafe";
    let body = value!({"properties": {
        "principalId": principal, "principalType": "User",
        "roleDefinitionId": format!("/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/{SENTINEL_READER}")}});
    let scopes = [
        String::new(),
        format!("/subscriptions/{SUBSCRIPTION}"),
        format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/rg1"),
        workspace_id(),
    ];
    for (number, scope) in scopes.iter().enumerate() {
        let list =
            format!("{scope}/providers/Microsoft.Authorization/roleAssignments?api-version=2022-04-01");
        let path = list.replace('?', &format!("/00000000-0000-0000-0000-00000000000{number}?"));
        owner.get(&path).await.expect(404);
        owner.put(&path, &body).await.expect(201);
        assert_eq!(owner.get(&path).await.expect(200).text(&["properties", "principalId"]), principal);
        owner.get(&format!("{list}&$filter=atScope()")).await.expect(200);
        let mine = owner.get(&format!("{list}&$filter=principalId%20eq%20'{principal}'")).await.expect(200);
        assert_eq!(mine.items().len(), 1, "{mine:?}");
        owner.delete(&path).await.expect(200);
        owner.delete(&path).await.expect(204);
    }
}

#[tokio::test]
async fn who_manages_one_group_cannot_assign_roles_above_it() {
    // User Access Administrator, at one resource group.
    let administrator = "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9";
    let server = Server::start().await;
    let group = format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/rg1");
    let client = server.with_role(administrator, &group).await;
    let body = value!({"properties": {
        "principalId": "00000000-0000-0000-0000-00000000beef",
        "roleDefinitionId": format!("/providers/Microsoft.Authorization/roleDefinitions/{SENTINEL_READER}")}});
    let at = |scope: &str| {
        format!("{scope}/providers/Microsoft.Authorization/roleAssignments/r1?api-version=2022-04-01")
    };
    client.put(&at(&workspace_id()), &body).await.expect(201);
    client.put(&at(&group), &body).await.expect(201);
    for above in ["", "/subscriptions/00000000-0000-0000-0000-000000000001", &group.replace("rg1", "rg2")] {
        client.put(&at(above), &body).await.expect(403);
    }
}
