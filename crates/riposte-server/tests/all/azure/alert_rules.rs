//! `…/providers/Microsoft.SecurityInsights/alertRules`, their actions, and `alertRuleTemplates`

use crate::harness::{SENTINEL_READER, SENTINEL_RESPONDER, Server, playbook_id, sentinel, workspace_id};
use riposte_value::{Value, value};

const RULE: &str = "73e01a99-5cd7-4139-a149-9f2736ff2ab5";

fn scheduled(display_name: &str) -> Value {
    value!({"kind": "Scheduled", "etag": null, "properties": {
        "displayName": display_name, "description": "", "severity": "High", "enabled": true, "query": "Heartbeat",
        "queryFrequency": "PT1H", "queryPeriod": "P2DT1H30M", "triggerOperator": "GreaterThan", "triggerThreshold": 0,
        "suppressionDuration": "PT1H", "suppressionEnabled": false, "tactics": ["Persistence"],
        "eventGroupingSettings": {"aggregationKind": "AlertPerResult"},
        "customDetails": {"OperatingSystemName": "OSName"},
        "entityMappings": [{"entityType": "Host", "fieldMappings": [{"identifier": "FullName", "columnName": "Computer"}]}],
        "alertDetailsOverride": {
            "alertDisplayNameFormat": "Alert from {{Computer}}", "alertDescriptionFormat": null,
            "alertDynamicProperties": [{"alertProperty": "ProductComponentName", "value": "Component"}]
        },
        "incidentConfiguration": {"createIncident": true, "groupingConfiguration": {
            "enabled": true, "reopenClosedIncident": false, "lookbackDuration": "PT5H", "matchingMethod": "Selected",
            "groupByEntities": ["Host"], "groupByAlertDetails": ["DisplayName"], "groupByCustomDetails": ["OperatingSystemName"]
        }}
    }})
}

#[tokio::test]
async fn created_read_listed_and_deleted() {
    let server = Server::start().await;
    let owner = server.owner();
    let path = sentinel(&format!("/alertRules/{RULE}"));
    let made = owner.put(&path, &scheduled("one")).await.expect(201);
    assert_eq!(made.text(&["type"]), "Microsoft.SecurityInsights/alertRules");
    assert_eq!(made.text(&["kind"]), "Scheduled");
    assert_eq!(made.header("riposte-warning"), None);
    assert_eq!(made.text(&["properties", "queryPeriod"]), "P2DT1H30M");
    let etag = made.text(&["etag"]);
    assert!(etag.starts_with('"') && etag.ends_with('"'), "{etag}");
    assert_eq!(owner.get(&path).await.expect(200).json(), made.json());
    let shouted = path.replace("alertRules", "ALERTRULES").replace("resourceGroups", "resourcegroups");
    assert_eq!(owner.get(&shouted).await.expect(200).json(), made.json());
    assert_eq!(owner.get(&sentinel("/alertRules")).await.expect(200).names(), [RULE]);
    assert_eq!(owner.get("/api/workspaces/ws1/alertRules").await.expect(200).names(), [RULE]);
    assert_eq!(owner.put(&path, &made.json()).await.expect(200).json(), made.json(), "nothing has changed");
    owner.put(&path, &scheduled("two")).await.expect(200);

    let conflict = owner.put(&path, &made.json()).await.expect(409);
    assert_eq!(conflict.code(), "Conflict");
    assert_eq!(conflict.message(), format!("Newer version of resource '{RULE}' exists. Data was not saved"));
    let body = scheduled("three").to_string();
    owner.send("PUT", &path, &[("If-Match", &etag)], body.as_bytes()).await.expect(409);
    assert_eq!(owner.get(&path).await.text(&["properties", "displayName"]), "two");

    owner.delete(&path).await.expect(200);
    owner.delete(&path).await.expect(204);
    owner.get(&path).await.expect(404);
    assert!(owner.get(&sentinel("/alertRules")).await.items().is_empty());
}

#[tokio::test]
async fn every_kind_is_taken() {
    let server = Server::start().await;
    let owner = server.owner();
    let mut nrt = scheduled("near real time");
    nrt.as_object_mut().unwrap().insert("kind", "NRT");
    let properties = nrt.as_object_mut().unwrap().get_mut("properties").unwrap().as_object_mut().unwrap();
    for name in ["queryFrequency", "queryPeriod", "triggerOperator", "triggerThreshold"] {
        properties.remove(name);
    }
    let own = |kind: &str| value!({"kind": kind, "properties": {"enabled": true, "alertRuleTemplateName": "f71aba3d-28fb-450b-b192-4e76a83015c8"}});
    let filter = value!({"kind": "MicrosoftSecurityIncidentCreation", "properties": {
        "displayName": "cloud apps", "enabled": true, "productFilter": "Microsoft Cloud App Security"
    }});
    for (name, body) in [
        ("nrt", nrt),
        ("BuiltInFusion", own("Fusion")),
        ("ml", own("MLBehaviorAnalytics")),
        ("ti", own("ThreatIntelligence")),
        ("microsoft", filter),
    ] {
        let made = owner.put(&sentinel(&format!("/alertRules/{name}")), &body).await.expect(201);
        assert_eq!(made.json().get("kind"), body.get("kind"));
        assert!(made.text(&["properties", "displayName"]).len() > 5);
    }
    assert_eq!(owner.get(&sentinel("/alertRules")).await.items().len(), 5);
}

#[tokio::test]
async fn walls_are_refused_with_their_place_and_capacities_only_told() {
    let server = Server::start().await;
    let owner = server.owner();
    owner.put(&format!("{}?api-version=2022-10-01", workspace_id()), &value!({})).await.expect(201);
    let path = sentinel("/alertRules/r1");
    let with = |name: &str, value: Value| {
        let mut body = scheduled("x");
        let properties =
            body.as_object_mut().unwrap().get_mut("properties").unwrap().as_object_mut().unwrap();
        properties.insert(name, value);
        body
    };
    for (wrong, target) in [
        (value!({}), "$"),
        (value!({"kind": "Scheduled"}), "$"),
        (value!({"kind": "Anomalous", "properties": {}}), "$.kind"),
        (with("query", value!("")), "$.properties.query"),
        (with("severity", value!("Critical")), "$.properties.severity"),
        (with("queryFrequency", value!("1h")), "$.properties.queryFrequency"),
        (with("triggerOperator", value!("Above")), "$.properties.triggerOperator"),
    ] {
        let refused = owner.put(&path, &wrong).await.expect(400);
        let details = refused.json().at(&["error", "details"]).cloned().unwrap();
        assert_eq!(details.item(0).unwrap().str_at(&["target"]), Some(target), "{refused:?}");
    }
    owner.get(&path).await.expect(404);
    let long = with("query", Value::from("x".repeat(10_001)));
    let told = owner.put(&path, &long).await.expect(201);
    let warning = told.header("riposte-warning").unwrap();
    assert_eq!(warning, "AzureLimit $.properties.query: Azure takes at most 10000 characters in `query`");
}

#[tokio::test]
async fn actions_show_no_address() {
    let server = Server::start().await;
    let owner = server.owner();
    let path = sentinel(&format!("/alertRules/{RULE}/actions/a1"));
    let address = "https://prod-31.northcentralus.logic.azure.com:443/workflows/cd3765391efd48549fd7681ded1d48d7/triggers/manual/paths/invoke?api-version=2016-10-01&sig=s3cret";
    let body = value!({"etag": null, "properties": {"logicAppResourceId": playbook_id("pb"), "triggerUri": address}});
    owner.put(&path, &body).await.expect(404);
    owner.put(&sentinel(&format!("/alertRules/{RULE}")), &scheduled("one")).await.expect(201);
    let made = owner.put(&path, &body).await.expect(201);
    let properties = value!({
        "logicAppResourceId": playbook_id("pb"), "workflowId": "cd3765391efd48549fd7681ded1d48d7"
    });
    assert_eq!(made.json().get("properties"), Some(&properties));
    assert_eq!(made.text(&["type"]), "Microsoft.SecurityInsights/alertRules/actions");
    assert_eq!(owner.get(&path).await.expect(200).json(), made.json());
    let list = owner.get(&sentinel(&format!("/alertRules/{RULE}/actions"))).await.expect(200);
    assert_eq!(list.items(), [made.json()]);
    let audit = owner.get("/api/workspaces/ws1/audit").await.expect(200);
    assert!(audit.body.contains("alertRules/actions") && !audit.body.contains("s3cret"), "{}", audit.body);
    let stale = value!({"etag": "\"old\"", "properties": body.get("properties").unwrap().clone()});
    owner.put(&path, &stale).await.expect(409);
    for wrong in [value!({}), value!({"properties": {}}), value!({"properties": {"logicAppResourceId": 5}})] {
        owner.put(&path, &wrong).await.expect(400);
    }
    owner.delete(&path).await.expect(200);
    owner.delete(&path).await.expect(204);
    owner.get(&path).await.expect(404);
}

#[tokio::test]
async fn templates_are_listed_and_shown() {
    let server = Server::start().await;
    let owner = server.owner();
    owner.put(&format!("{}?api-version=2022-10-01", workspace_id()), &value!({})).await.expect(201);
    let all = owner.get(&sentinel("/alertRuleTemplates")).await.expect(200).items();
    assert!(!all.is_empty());
    let name = all[0].str_at(&["name"]).unwrap();
    let one = owner.get(&sentinel(&format!("/alertRuleTemplates/{name}"))).await.expect(200);
    assert_eq!(one.json(), all[0]);
    assert_eq!(one.text(&["properties", "status"]), "Available");
    owner.get(&sentinel("/alertRuleTemplates/none")).await.expect(404);
}

#[tokio::test]
async fn who_may_read_may_not_write() {
    let server = Server::start().await;
    server.owner().put(&sentinel(&format!("/alertRules/{RULE}")), &scheduled("one")).await.expect(201);
    let reader = server.with_role(SENTINEL_READER, &workspace_id()).await;
    reader.get(&sentinel("/alertRules")).await.expect(200);
    reader.get(&sentinel("/alertRuleTemplates")).await.expect(200);
    reader.put(&sentinel(&format!("/alertRules/{RULE}")), &scheduled("two")).await.expect(403);
    reader.delete(&sentinel(&format!("/alertRules/{RULE}"))).await.expect(403);
    // a responder writes automation rules, and not analytics rules
    let responder = server.with_role(SENTINEL_RESPONDER, &workspace_id()).await;
    responder.put(&sentinel(&format!("/alertRules/{RULE}")), &scheduled("two")).await.expect(403);
}
