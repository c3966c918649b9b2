//! What must not happen: credentials that leave their place, playbooks that reach beyond what they were given, one
//! fault that stops its neighbours.

use crate::bed::{
    Bed, GROUP, Place, SUBSCRIPTION, playbook_id, playbook_template, rule, run_playbook, sentinel,
};
use riposte_engine::{ErrorKind, ImportFile, ImportRequest, Principal, PrincipalKind};
use riposte_value::{Value, json, value};

fn connection_id(name: &str) -> String {
    format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}/providers/Microsoft.Web/connections/{name}")
}

fn virustotal(properties: Value) -> Value {
    let api = "/subscriptions/x/providers/Microsoft.Web/locations/local/managedApis/virustotal";
    let mut body = value!({ "location": "local", "properties": { "api": { "id": api } } });
    let known = body.as_object_mut().unwrap().get_mut("properties").unwrap().as_object_mut().unwrap();
    known.extend(properties.as_object().unwrap().clone());
    body
}

/// A playbook that calls the connection `vt` as `virustotal`.
fn caller_of_vt(name: &str, given: bool) -> Value {
    let mut template = playbook_template(
        name,
        value!({ "Ask": { "type": "ApiConnection", "inputs": {
            "host": { "connection": { "name": connection_id("vt") } },
            "method": "get", "path": "/api/v3/ip_addresses/203.0.113.7"
        } } }),
    );
    if given {
        let text = template.to_string().replace(
            "\"connectionName\":",
            &format!(
                "\"unused\":0}},\"virustotal\":{{\"connectionId\":\"{}\",\"connectionName\":",
                connection_id("vt")
            ),
        );
        // The first occurrence is the playbook's own Sentinel connection; both end up under `$connections`.
        template = json::parse(&text).unwrap();
    }
    template
}

#[tokio::test]
async fn everything_that_may_hold_a_credential_is_sealed_whatever_its_spelling() {
    let bed = Bed::new().await;
    for (name, body) in [
        (
            "a",
            json::parse(
                &virustotal(value!({ "parameterValues": { "api_key": "s3cret" } }))
                    .to_string()
                    .replace("\"properties\"", "\"Properties\""),
            )
            .unwrap(),
        ),
        (
            "b",
            virustotal(
                value!({ "parameterValues": { "a": "s3cret" }, "ParameterValues": { "b": "s3cret" } }),
            ),
        ),
        (
            "c",
            virustotal(
                value!({ "parameterValueSet": { "name": "key", "values": { "api_key": { "value": "s3cret" } } } }),
            ),
        ),
        (
            "d",
            virustotal(
                value!({ "customParameterValues": { "x": "s3cret" }, "whatever": { "y": "s3cret" }, "z": "s3cret" }),
            ),
        ),
    ] {
        bed.engine.put_connection(&connection_id(name), &body, &bed.caller).await.unwrap();
        let shown = bed.engine.connection(&connection_id(name)).await.unwrap();
        assert!(!shown.to_string().contains("s3cret"), "{name}: {shown}");
    }
}

#[tokio::test]
async fn a_credential_does_not_follow_its_connection_to_another_address() {
    let bed = Bed::new().await;
    let ask = async |bed: &Bed| {
        let name = bed.alert("x", "Low", value!([])).await;
        bed.engine.run_playbook_on_incident(&bed.ws, &name, &playbook_id("Ask"), &bed.caller).await.unwrap();
        bed.settle().await;
        let asked = bed.vendor.asked.lock().unwrap().drain(..).collect::<Vec<_>>();
        asked.iter().any(|r| r.headers.iter().any(|(_, value)| value.contains("s3cret")))
    };
    let put = async |body: Value| {
        bed.engine.put_connection(&connection_id("vt"), &body, &bed.caller).await.unwrap()
    };
    put(virustotal(value!({ "parameterValues": { "api_key": "s3cret" } }))).await;
    let resources = bed.import(&[("p.json", &caller_of_vt("Ask", true).to_string())], value!({})).await;
    assert!(resources.iter().all(|r| r.str_at(&["result"]) == Some("created")), "{resources:?}");
    assert!(ask(&bed).await, "the key goes where it was given for");
    put(virustotal(value!({ "displayName": "renamed" }))).await;
    assert!(ask(&bed).await, "and stays through changes that lead nowhere else");
    put(virustotal(value!({ "nonSecretParameterValues": { "serviceUrl": "https://attacker.example" } })))
        .await;
    assert!(!ask(&bed).await, "but does not follow to another address");
}

#[tokio::test]
async fn a_playbook_uses_only_the_connections_that_it_was_given() {
    let bed = Bed::new().await;
    let body = virustotal(value!({ "parameterValues": { "api_key": "s3cret" } }));
    bed.engine.put_connection(&connection_id("vt"), &body, &bed.caller).await.unwrap();
    bed.import(&[("p.json", &caller_of_vt("Sly", false).to_string())], value!({})).await;
    let name = bed.alert("x", "Low", value!([])).await;
    bed.engine.run_playbook_on_incident(&bed.ws, &name, &playbook_id("Sly"), &bed.caller).await.unwrap();
    bed.settle().await;
    let run = bed.run(&name).await;
    assert_eq!(run.str_at(&["properties", "status"]), Some("Failed"));
    assert!(run.to_string().contains("ConnectionNotFound"), "{run}");
    assert!(bed.vendor.asked.lock().unwrap().is_empty(), "nothing was sent");
}

#[tokio::test]
async fn who_may_not_join_a_connection_cannot_give_it_to_a_playbook() {
    let bed = Bed::new().await;
    let body = virustotal(value!({ "parameterValues": { "api_key": "s3cret" } }));
    bed.engine.put_connection(&connection_id("vt"), &body, &bed.caller).await.unwrap();
    let author =
        Principal { id: uuid::Uuid::new_v4().to_string(), name: "author".into(), kind: PrincipalKind::User };
    let token = bed.engine.issue_token(&author).await.unwrap();
    let elsewhere = format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/theirs");
    let assignment =
        format!("{elsewhere}/providers/Microsoft.Authorization/roleAssignments/{}", uuid::Uuid::new_v4());
    let role = "/providers/Microsoft.Authorization/roleDefinitions/87a39d53-fc1b-424a-814c-f7e04687dc9e";
    let body = value!({ "properties": { "principalId": author.id, "roleDefinitionId": role } });
    bed.engine.put_role_assignment(&assignment, &body, &bed.caller).await.unwrap();
    let author = bed.engine.authenticate(&token).await.unwrap().unwrap();
    let template = caller_of_vt("Theirs", true);
    let workflow = template.get("resources").and_then(|r| r.item(1)).unwrap();
    let id = format!("{elsewhere}/providers/Microsoft.Logic/workflows/Theirs");
    let refused = bed.engine.put_playbook(&id, workflow, &author).await.unwrap_err();
    assert_eq!(refused.kind, ErrorKind::Forbidden, "{refused}");
}

#[tokio::test]
async fn a_managed_identity_is_only_for_playbooks_that_have_one() {
    for (identity, expected) in [(value!(null), false), (value!({ "type": "SystemAssigned" }), true)] {
        let bed = Bed::new().await;
        let mut template = playbook_template(
            "Who",
            value!({ "Ask": { "type": "Http", "inputs": {
            "method": "GET", "uri": "https://vendor.example/",
            "authentication": { "type": "ManagedServiceIdentity", "audience": "https://vendor.example" }
        } } }),
        );
        let resources =
            template.as_object_mut().unwrap().get_mut("resources").unwrap().as_array_mut().unwrap();
        resources[1].as_object_mut().unwrap().insert("identity", identity);
        bed.import(&[("p.json", &template.to_string())], value!({})).await;
        let name = bed.alert("x", "Low", value!([])).await;
        bed.engine.run_playbook_on_incident(&bed.ws, &name, &playbook_id("Who"), &bed.caller).await.unwrap();
        bed.settle().await;
        let asked = bed.vendor.asked.lock().unwrap().clone();
        assert_eq!(
            asked.iter().any(|r| r.header("Authorization") == Some("Bearer identity-token")),
            expected
        );
    }
}

#[tokio::test]
async fn values_that_look_like_the_stores_own_marks_are_just_values() {
    let bed = Bed::new().await;
    let mut template =
        playbook_template("Marked", value!({ "C": { "type": "Compose", "inputs": "@parameters('p')" } }));
    let text = template
        .to_string()
        .replace(
            "\"parameters\":{\"$connections\":{\"defaultValue\"",
            "\"parameters\":{\"p\":{\"type\":\"Object\"},\"$connections\":{\"defaultValue\"",
        )
        .replace(
            "\"parameters\":{\"$connections\":{\"value\"",
            "\"parameters\":{\"p\":{\"value\":{\"$sealed\":\"zz\"}},\"$connections\":{\"value\"",
        );
    template = json::parse(&text).unwrap();
    bed.import(&[("p.json", &template.to_string())], value!({})).await;
    bed.rule("r", rule("R", 1, &[], value!([run_playbook(1, &playbook_id("Marked"))]))).await;
    let name = bed.alert("x", "Low", value!([])).await;
    bed.settle().await;
    let run = bed.run(&name).await;
    assert_eq!(run.str_at(&["properties", "status"]), Some("Succeeded"), "{run}");
}

#[tokio::test]
async fn nothing_is_pruned_when_a_file_cannot_be_read() {
    let bed = Bed::new().await;
    bed.playbook("Kept", value!({ "C": { "type": "Compose", "inputs": 1 } })).await;
    let prune = async |text: &str| {
        let request = ImportRequest {
            files: vec![ImportFile { name: "x.json".into(), text: text.into() }],
            subscription: Some(SUBSCRIPTION.into()),
            resource_group: Some(GROUP.into()),
            workspace: Some("w1".into()),
            prune: true,
            ..ImportRequest::default()
        };
        bed.engine.import(request, &bed.caller).await.unwrap()
    };
    let answer = prune("{ \"a\": ").await;
    assert!(answer.to_string().contains("\"failed\""), "{answer}");
    assert!(bed.engine.playbook(&playbook_id("Kept")).await.is_ok());
    let other = playbook_template("Other", value!({ "C": { "type": "Compose", "inputs": 1 } }));
    let answer = prune(&other.to_string()).await;
    assert!(answer.to_string().contains("\"deleted\""), "{answer}");
    assert!(bed.engine.playbook(&playbook_id("Kept")).await.is_err());
}

#[tokio::test]
async fn a_cancel_that_was_answered_survives_a_restart() {
    let folder = std::env::temp_dir().join(format!("riposte-cancel-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    let place = Place::lasting(&folder);
    let bed = Bed::over(place.clone(), |_| (200, value!({}))).await;
    let id = bed
        .playbook(
            "Slow",
            value!({
                "Wait": { "type": "Wait", "inputs": { "interval": { "count": 30, "unit": "Day" } } },
                "Say": sentinel("post", "/Incidents/Comment", value!({
                    "incidentArmId": "@triggerBody()?['object']?['id']", "message": "too late"
                }), value!({"Wait": ["Succeeded"]}))
            }),
        )
        .await;
    let name = bed.alert("x", "Low", value!([])).await;
    let run = bed.engine.run_playbook_on_incident(&bed.ws, &name, &id, &bed.caller).await.unwrap();
    bed.engine.cancel_run(&id, &run, &bed.caller).await.unwrap();
    bed.engine.shutdown().await;
    drop(bed);
    let bed = Bed::over(place.clone(), |_| (200, value!({}))).await;
    bed.settle().await;
    assert_eq!(bed.engine.run(&id, &run).await.unwrap().str_at(&["properties", "status"]), Some("Cancelled"));
    bed.engine.shutdown().await;
    let _ = std::fs::remove_dir_all(folder);
}

#[tokio::test]
async fn a_playbook_can_be_removed_and_made_again() {
    let bed = Bed::new().await;
    let actions = || value!({ "C": { "type": "Compose", "inputs": 1 } });
    let id = bed.playbook("Again", actions()).await;
    assert!(bed.engine.delete_playbook(&id, &bed.caller).await.unwrap());
    bed.playbook("Again", actions()).await;
    assert!(bed.engine.playbook(&id).await.is_ok());
}

/// What a trigger brings and its definition declares secure lies nowhere in clear, is not shown, and is there again after
/// a restart.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_trigger_declares_secure_is_not_kept_in_clear() {
    use crate::triggers::{address, header, save, until};
    let folder = std::env::temp_dir().join(format!("riposte-secured-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    let place = Place::lasting(&folder);
    let trigger = value!({ "type": "Request", "runtimeConfiguration": { "secureData": { "properties": ["outputs"] } } });
    let actions = value!({
        "W": { "type": "Wait", "inputs": { "interval": { "count": 2, "unit": "Second" } } },
        "Ask": { "type": "Http", "runAfter": { "W": ["Succeeded"] }, "inputs": { "method": "POST", "uri": "https://vendor.example/", "body": "@triggerBody()?['pass']" } }
    });
    let (id, run) = {
        let bed = Bed::over(place.clone(), |_| (200, value!({}))).await;
        let id = save(&bed, "Secured", trigger, actions).await;
        let mut call = address(&bed, &id, riposte_engine::CallbackRequest::default()).await;
        call.body = br#"{"pass":"correct-horse-battery"}"#.to_vec();
        let invoked = bed.engine.invoke(call).await.unwrap();
        let run = header(&invoked, "x-ms-workflow-run-id").unwrap().to_owned();
        until("it is parked", async || bed.engine.counts() == (0, 1)).await;
        bed.engine.shutdown().await;
        (id, run)
    };
    let bed = Bed::over(place.clone(), |_| (200, value!({}))).await;
    bed.settle().await;
    let shown = bed.engine.run_anywhere(&run).await.unwrap();
    assert_eq!(shown.str_at(&["properties", "status"]), Some("Succeeded"), "{shown}");
    assert!(!shown.to_string().contains("correct-horse"), "{shown}");
    let again = bed.engine.resubmit(&id, "T", &run, &bed.caller).await.unwrap();
    until("it ends", async || {
        bed.engine.run_anywhere(&again).await.unwrap().to_string().contains("Succeeded")
    })
    .await;
    bed.settle().await;
    let sent = {
        let asked = bed.vendor.asked.lock().unwrap();
        let with_pass = |body: &[u8]| String::from_utf8_lossy(body).contains("correct-horse-battery");
        asked.iter().filter(|request| with_pass(&request.body)).count()
    };
    assert_eq!(sent, 2);
    bed.engine.shutdown().await;
    // Over a database there are no files.
    for entry in std::fs::read_dir(&folder).into_iter().flatten() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap_or_default();
        assert!(!bytes.windows(13).any(|window| window == b"correct-horse"));
    }
    let _ = std::fs::remove_dir_all(folder);
}
