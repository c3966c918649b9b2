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
        "principalId": "00000000-0000-0000-0000-00000000beef", "principalType": "User",
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

#[tokio::test]
async fn only_roles_and_principals_that_are_there_are_assigned() {
    let server = Server::start().await;
    let owner = server.owner();
    let program =
        owner.post("/api/servicePrincipals", &value!({"displayName": "pipeline"})).await.expect(201).json();
    let (id, app) = (program.str_at(&["id"]).unwrap(), program.str_at(&["appId"]).unwrap());
    let path = "/providers/Microsoft.Authorization/roleAssignments/r1?api-version=2022-04-01";
    let nobody = "00000000-0000-0000-0000-00000000beef";
    let service_account = "5e9d1e11-0000-4000-8000-5ec0a7000001";
    // Whom, what the body says of it, which role, and what comes of it: status, code, what the message or a warning tells.
    let cases = [
        (id, None, SENTINEL_READER, 201, "", ""),
        (id, Some("serviceprincipal"), SENTINEL_READER, 200, "", ""),
        (service_account, None, SENTINEL_READER, 200, "", ""),
        (id, Some("User"), SENTINEL_READER, 400, "UnmatchedPrincipalType", "has type 'ServicePrincipal'"),
        (nobody, None, SENTINEL_READER, 400, "PrincipalNotFound", "does not exist in the directory"),
        (nobody, Some("User"), SENTINEL_READER, 200, "", "PrincipalNotFound"),
        (app, None, SENTINEL_READER, 400, "PrincipalNotFound", id),
        (id, None, nobody, 400, "RoleDefinitionDoesNotExist", nobody),
    ];
    for (principal, kind, role, status, code, told) in cases {
        let body = value!({"properties": {"principalId": principal, "principalType": kind,
            "roleDefinitionId": format!("/providers/Microsoft.Authorization/roleDefinitions/{role}")}});
        let reply = owner.put(path, &body).await.expect(status);
        let warned = reply.header("riposte-warning").unwrap_or_default().to_owned();
        if status == 400 {
            assert_eq!(reply.code(), code, "{body}");
            assert!(reply.json().to_string().contains(told), "{reply:?}");
        } else {
            assert_eq!(
                (warned.is_empty(), warned.contains(told)),
                (told.is_empty(), true),
                "{body}: {warned}"
            );
        }
    }
}

#[tokio::test]
async fn roles_are_listed_and_found_by_name() {
    let server = Server::start().await;
    let owner = server.owner();
    for scope in ["", &format!("/subscriptions/{SUBSCRIPTION}"), &workspace_id()] {
        let list =
            format!("{scope}/providers/Microsoft.Authorization/roleDefinitions?api-version=2022-04-01");
        assert!(owner.get(&format!("{list}&$filter=atScopeAndBelow()")).await.expect(200).items().len() > 10);
        let found = owner
            .get(&format!("{list}&$filter=roleName%20eq%20'Microsoft%20Sentinel%20Reader'"))
            .await
            .expect(200)
            .items();
        assert_eq!(found.len(), 1, "{found:?}");
        let role = &found[0];
        assert_eq!(role.str_at(&["name"]), Some(SENTINEL_READER));
        assert_eq!(role.str_at(&["properties", "type"]), Some("BuiltInRole"));
        let permissions = role.at(&["properties", "permissions"]).and_then(|all| all.item(0)).unwrap();
        let actions = permissions.get("actions").and_then(riposte_value::Value::as_array).unwrap();
        assert!(actions.contains(&value!("Microsoft.SecurityInsights/*/read")), "{role}");
        // Its id leads to it.
        let id = role.str_at(&["id"]).unwrap();
        assert_eq!(owner.get(&format!("{id}?api-version=2022-04-01")).await.expect(200).json(), *role);
        let other = list.replace('?', "/00000000-0000-0000-0000-00000000beef?");
        assert_eq!(owner.get(&other).await.expect(404).code(), "RoleDefinitionDoesNotExist");
    }
    let path = "/providers/Microsoft.Authorization/roleDefinitions?api-version=2022-04-01";
    server.nobody().await.get(path).await.expect(403);
}
