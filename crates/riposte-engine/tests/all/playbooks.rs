//! Playbooks: imported, disabled where they cannot be run, and run with a vendor.

use crate::bed::{Bed, playbook_id, playbook_template, sentinel};
use riposte_value::{Value, value};

/// Files that must not be half-applied, and what is said of each: code and JSON path.
#[tokio::test]
async fn bad_input_is_told_with_place_and_remedy_and_changes_nothing() {
    let bed = Bed::new().await;
    let deep = format!("{}1{}", "[".repeat(5000), "]".repeat(5000));
    for (name, text) in [
        ("empty", ""),
        ("not-json", "{ \"resources\": ["),
        ("not-arm", "{\"hello\": 1}"),
        ("deep", deep.as_str()),
    ] {
        let resources = bed.import(&[(name, text)], value!({})).await;
        assert_eq!(resources[0].str_at(&["result"]), Some("failed"), "{name}");
        let told = resources[0].get("diagnostics").and_then(|d| d.item(0)).unwrap();
        assert_eq!(told.str_at(&["file"]), Some(name), "{told}");
        assert_eq!(told.str_at(&["severity"]), Some("error"), "{told}");
    }
    let twice = playbook_template("Twice", value!({})).to_string();
    let resources = bed.import(&[("a.json", &twice), ("b.json", &twice)], value!({})).await;
    let failed = resources.iter().filter(|r| r.str_at(&["result"]) == Some("failed")).count();
    assert_eq!(failed, 4, "connection and playbook, in both files: {resources:?}");
    assert!(bed.engine.playbooks("/").await.unwrap().is_empty());
    assert!(bed.engine.connections("/").await.unwrap().is_empty());
}

#[tokio::test]
async fn a_playbook_that_cannot_be_run_is_kept_disabled_with_its_diagnostics() {
    let bed = Bed::new().await;
    let compose =
        |inputs: &str, after: Value| value!({ "type": "Compose", "inputs": inputs, "runAfter": after });
    for (name, actions, code_part) in [
        ("Unknown", value!({ "A": { "type": "Composee", "inputs": 1 } }), "UnknownActionType"),
        ("Broken", value!({ "A": compose("@concat('x'", value!({})) }), "nvalid"),
        (
            "Circle",
            value!({ "A": compose("1", value!({"B": ["Succeeded"]})), "B": compose("1", value!({"A": ["Succeeded"]})) }),
            "yclic",
        ),
        ("Nowhere", value!({ "A": sentinel("post", "/x", value!({}), value!({})) }), "UnknownConnection"),
    ] {
        let mut template = playbook_template(name, actions);
        if name == "Nowhere" {
            // The connection is left out of the file.
            template.as_object_mut().unwrap().get_mut("resources").unwrap().as_array_mut().unwrap().remove(0);
        }
        let resources = bed.import(&[("p.json", &template.to_string())], value!({})).await;
        let playbook =
            resources.iter().find(|r| r.str_at(&["type"]) == Some("Microsoft.Logic/workflows")).unwrap();
        assert_eq!(playbook.str_at(&["result"]), Some("disabled"), "{playbook}");
        let told: Vec<&Value> =
            playbook.get("diagnostics").and_then(Value::as_array).unwrap().iter().collect();
        let error = told.iter().find(|d| d.str_at(&["severity"]) == Some("error")).unwrap();
        assert!(error.str_at(&["code"]).unwrap().contains(code_part), "{error}");
        assert!(error.str_at(&["path"]).unwrap().starts_with("$.resources["), "{error}");
        let kept = bed.engine.playbook(&playbook_id(name)).await.unwrap();
        assert_eq!(kept.str_at(&["properties", "state"]), Some("Disabled"));
        let refused = bed
            .engine
            .set_playbook_state(&playbook_id(name), riposte_engine::PlaybookState::Enabled, &bed.caller)
            .await;
        assert!(refused.is_err(), "what cannot be run cannot be enabled");
    }
}

#[tokio::test]
async fn the_same_import_again_changes_nothing_and_a_plan_never_does() {
    let bed = Bed::new().await;
    let template = playbook_template("Same", value!({ "A": { "type": "Compose", "inputs": 1 } })).to_string();
    let results = |resources: &[Value]| -> Vec<String> {
        resources.iter().map(|r| r.str_at(&["result"]).unwrap().to_owned()).collect()
    };
    assert_eq!(results(&bed.import(&[("p.json", &template)], value!({})).await), ["created"; 3]);
    assert_eq!(results(&bed.import(&[("p.json", &template)], value!({})).await), ["unchanged"; 3]);
}

#[tokio::test]
async fn credentials_are_masked_in_history_and_sealed_in_the_store() {
    let folder = std::env::temp_dir().join(format!("riposte-sealed-{}", std::process::id()));
    let bed = Bed::over(Some(folder.clone()), |_| (200, value!({"data": {"ok": true}}))).await;
    let secret = "the-key-that-must-not-be-seen";
    let mut template = playbook_template(
        "Look",
        value!({
            "Vendor": {
                "type": "ApiConnection",
                "inputs": {
                    "host": { "connection": { "name": "@parameters('$connections')['virustotal']['connectionId']" } },
                    "method": "get", "path": "/api/v3/ip_addresses/@{encodeURIComponent('203.0.113.7')}"
                }
            },
            "Direct": {
                "type": "Http",
                "inputs": {
                    "method": "GET", "uri": "https://vendor.example/x",
                    "authentication": { "type": "Basic", "username": "u", "password": "@parameters('password')" }
                }
            }
        }),
    );
    let api = "/subscriptions/x/providers/Microsoft.Web/locations/local/managedApis/virustotal";
    {
        let resources =
            template.as_object_mut().unwrap().get_mut("resources").unwrap().as_array_mut().unwrap();
        resources.push(value!({
            "type": "Microsoft.Web/connections", "apiVersion": "2016-06-01", "name": "vt", "location": "local",
            "properties": { "api": { "id": api }, "parameterValues": { "x-apikey": secret, "api_key": secret } }
        }));
        let properties =
            resources[1].as_object_mut().unwrap().get_mut("properties").unwrap().as_object_mut().unwrap();
        let values = properties.get_mut("parameters").unwrap().as_object_mut().unwrap();
        values.insert("password", value!({ "value": secret }));
        let connections =
            values.get_mut("$connections").unwrap().as_object_mut().unwrap().get_mut("value").unwrap();
        connections.as_object_mut().unwrap().insert("virustotal", value!({
            "connectionId": "[resourceId('Microsoft.Web/connections', 'vt')]", "connectionName": "vt", "id": api
        }));
        let definition = properties.get_mut("definition").unwrap().as_object_mut().unwrap();
        definition
            .get_mut("parameters")
            .unwrap()
            .as_object_mut()
            .unwrap()
            .insert("password", value!({ "type": "SecureString" }));
    }
    let resources = bed.import(&[("p.json", &template.to_string())], value!({})).await;
    assert!(resources.iter().all(|r| r.str_at(&["result"]) == Some("created")), "{resources:?}");
    let name = bed.alert("x", "Low", value!([])).await;
    bed.engine.run_playbook_on_incident(&bed.ws, &name, &playbook_id("Look"), &bed.caller).await.unwrap();
    bed.settle().await;
    let run = bed.run(&name).await;
    assert_eq!(run.str_at(&["properties", "status"]), Some("Succeeded"), "{run}");
    assert!(!run.to_string().contains(secret), "{run}");
    let asked = bed.vendor.asked.lock().unwrap().clone();
    assert_eq!(asked.len(), 2);
    let sent = |part: &str| asked.iter().any(|r| r.headers.iter().any(|(_, v)| v.contains(part)));
    assert!(sent(secret), "the vendor gets the key");
    for request in &asked {
        assert!(request.header("Idempotency-Key").is_some());
        assert_eq!(request.header("Idempotency-Key"), request.header("x-ms-client-request-id"));
    }
    let shown = bed
        .engine
        .connection(&format!(
            "/subscriptions/{}/resourceGroups/soc/providers/Microsoft.Web/connections/vt",
            crate::bed::SUBSCRIPTION
        ))
        .await
        .unwrap();
    assert!(!shown.to_string().contains(secret));
    let shown = bed.engine.playbook(&playbook_id("Look")).await.unwrap();
    assert!(!shown.to_string().contains(secret));
    bed.engine.shutdown().await;
    drop(bed);
    for file in ["riposte.db", "riposte.db-wal"] {
        if let Ok(bytes) = std::fs::read(folder.join(file)) {
            assert!(
                !bytes.windows(secret.len()).any(|w| w == secret.as_bytes()),
                "{file} holds the secret in clear"
            );
        }
    }
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn a_playbook_reaches_only_the_workspace_that_it_was_started_for() {
    let bed = Bed::new().await;
    let engine = &bed.engine;
    let other =
        engine.workspace_or_create(crate::bed::SUBSCRIPTION, "other", "w2", &bed.caller).await.unwrap();
    bed.engine
        .put_incident(
            &other,
            "theirs",
            &value!({"properties": {"title": "t", "severity": "Low", "status": "New"}}),
            &bed.caller,
        )
        .await
        .unwrap();
    let id = bed
        .playbook(
            "Reach",
            value!({
                "Say": sentinel("post", "/Incidents/Comment", value!({
                    "incidentArmId": other.reference.incident_id("theirs"), "message": "hello"
                }), value!({}))
            }),
        )
        .await;
    let name = bed.alert("x", "Low", value!([])).await;
    bed.engine.run_playbook_on_incident(&bed.ws, &name, &id, &bed.caller).await.unwrap();
    bed.settle().await;
    let run = bed.run(&name).await;
    assert_eq!(run.str_at(&["properties", "status"]), Some("Failed"));
    let action = run.at(&["properties", "actions"]).and_then(|a| a.item(0)).unwrap();
    assert_eq!(action.at(&["outputs", "statusCode"]), Some(&value!(403)), "{action}");
    assert!(bed.engine.comments(&other, "theirs").await.unwrap().is_empty());
}

#[tokio::test]
async fn a_run_can_be_cancelled_while_it_waits() {
    let bed = Bed::new().await;
    let id = bed
        .playbook(
            "Slow",
            value!({
                "Wait": { "type": "Wait", "inputs": { "interval": { "count": 30, "unit": "Day" } } }
            }),
        )
        .await;
    let name = bed.alert("x", "Low", value!([])).await;
    let run = bed.engine.run_playbook_on_incident(&bed.ws, &name, &id, &bed.caller).await.unwrap();
    for _ in 0..6_000 {
        if bed.engine.run(&id, &run).await.unwrap().str_at(&["properties", "status"]) == Some("Waiting") {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert_eq!(bed.engine.run(&id, &run).await.unwrap().str_at(&["properties", "status"]), Some("Waiting"));
    bed.engine.cancel_run(&id, &run, &bed.caller).await.unwrap();
    bed.settle().await;
    assert_eq!(bed.engine.run(&id, &run).await.unwrap().str_at(&["properties", "status"]), Some("Cancelled"));
    assert!(bed.engine.cancel_run(&id, &run, &bed.caller).await.is_err(), "an ended run cannot be cancelled");
}
