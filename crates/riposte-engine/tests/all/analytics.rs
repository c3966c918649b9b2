//! Analytics rules through the engine: kept, run over results, silent for a while, with the playbooks attached to them.

use crate::bed::{Bed, GROUP, Place, SUBSCRIPTION, playbook_id, playbook_template};
use riposte_engine::{ErrorKind, ImportFile, ImportRequest, LogQuery};
use riposte_value::{Value, json, value};

const RULE: &str = "65360bb0-8986-4ade-a89d-af3cf44d28aa";

fn scheduled(more: &Value) -> Value {
    let mut properties = value!({
        "displayName": "Sign-in from Tor", "enabled": true, "severity": "Medium", "query": "SigninLogs",
        "queryFrequency": "PT1H", "queryPeriod": "PT1H", "triggerOperator": "GreaterThan", "triggerThreshold": 0,
        "suppressionEnabled": false, "suppressionDuration": "PT5H", "tactics": ["InitialAccess"],
        "entityMappings": [{"entityType": "IP", "fieldMappings": [{"identifier": "Address", "columnName": "Ip"}]}]
    });
    let more = more.as_object().unwrap().iter().map(|(name, value)| (name.clone(), value.clone()));
    properties.as_object_mut().unwrap().extend(more);
    value!({"kind": "Scheduled", "properties": properties})
}

fn rows(addresses: &[&str], end: &str) -> Value {
    let rows = Value::array(addresses.iter().map(|address| value!({"Ip": *address})));
    let start = "2026-03-01T00:00:00Z";
    value!({"rows": rows, "queryStartTime": start, "queryEndTime": end})
}

async fn put(bed: &Bed, name: &str, body: &Value) -> Vec<String> {
    let (_, told) = bed.engine.put_analytics_rule(&bed.ws, name, body, &bed.caller).await.unwrap();
    told.into_iter().map(|told| told.message).collect()
}

async fn results(bed: &Bed, body: &Value) -> riposte_engine::Result<riposte_engine::RuleResults> {
    bed.engine.analytics_rule_results(&bed.ws, RULE, body, &bed.caller).await
}

async fn health(bed: &Bed, resource_type: &str) -> Vec<Value> {
    let query = LogQuery { top: 100, resource_type: Some(resource_type.into()), ..LogQuery::default() };
    let mut rows = bed.engine.health(&bed.ws, query).await.unwrap();
    rows.reverse();
    rows
}

fn statuses(results: &riposte_engine::RuleResults) -> Vec<&str> {
    results.items.iter().filter_map(|item| item.str_at(&["status"])).collect()
}

#[tokio::test]
async fn a_rule_is_kept_shown_changed_and_removed() {
    let bed = Bed::new().await;
    let (made, told) =
        bed.engine.put_analytics_rule(&bed.ws, RULE, &scheduled(&value!({})), &bed.caller).await.unwrap();
    assert!(made.created && told.is_empty(), "{told:?}");
    assert_eq!(made.resource.str_at(&["kind"]), Some("Scheduled"));
    assert!(made.resource.str_at(&["properties", "lastModifiedUtc"]).is_some());
    assert_eq!(bed.engine.analytics_rule(&bed.ws, &RULE.to_uppercase()).await.unwrap(), made.resource);
    // what reading shows can be written, and changes nothing
    let (again, _) = bed.engine.put_analytics_rule(&bed.ws, RULE, &made.resource, &bed.caller).await.unwrap();
    assert_eq!((again.created, &again.resource), (false, &made.resource));
    let mut other = made.resource.clone();
    other
        .as_object_mut()
        .unwrap()
        .insert("properties", scheduled(&value!({"severity": "High"})).get("properties").cloned());
    let (changed, _) = bed.engine.put_analytics_rule(&bed.ws, RULE, &other, &bed.caller).await.unwrap();
    assert_eq!(changed.resource.str_at(&["properties", "severity"]), Some("High"));
    let stale = bed.engine.put_analytics_rule(&bed.ws, RULE, &other, &bed.caller).await.unwrap_err();
    assert_eq!(stale.kind, ErrorKind::Conflict);
    assert_eq!(stale.message, format!("Newer version of resource '{RULE}' exists. Data was not saved"));
    let wrong = value!({"kind": "Scheduled", "properties": {"displayName": "x", "severity": "Grave"}});
    let refused = bed.engine.put_analytics_rule(&bed.ws, RULE, &wrong, &bed.caller).await.unwrap_err();
    assert!(refused.kind == ErrorKind::BadRequest && refused.diagnostics.len() > 5, "{refused:?}");
    assert_eq!(bed.engine.analytics_rules(&bed.ws).await.unwrap(), [changed.resource]);
    assert!(bed.engine.delete_analytics_rule(&bed.ws, RULE, &bed.caller).await.unwrap());
    assert!(!bed.engine.delete_analytics_rule(&bed.ws, RULE, &bed.caller).await.unwrap());
    assert_eq!(bed.engine.analytics_rule(&bed.ws, RULE).await.unwrap_err().kind, ErrorKind::NotFound);
    let audit = bed.engine.audit(&bed.ws, LogQuery { top: 10, ..LogQuery::default() }).await.unwrap();
    let operations: Vec<_> = audit
        .iter()
        .filter(|row| row.str_at(&["SentinelResourceType"]) == Some("Analytics rule"))
        .map(|row| row.str_at(&["OperationName"]).unwrap())
        .collect();
    let (write, delete) =
        ("Microsoft.SecurityInsights/alertRules/Write", "Microsoft.SecurityInsights/alertRules/Delete");
    assert_eq!(operations, [delete, write, write]);
}

#[tokio::test]
async fn rows_become_alerts_incidents_and_a_record_of_the_run() {
    let bed = Bed::new().await;
    put(&bed, RULE, &scheduled(&value!({"alertDetailsOverride": {"alertDisplayNameFormat": "Tor: {{Ip}}"}})))
        .await;
    let taken = results(&bed, &rows(&["1.1.1.1", "2.2.2.2", ""], "2026-03-01T01:00:00Z")).await.unwrap();
    assert_eq!(statuses(&taken), ["created"]);
    let incident = taken.items[0].str_at(&["incident", "id"]).unwrap().rsplit('/').next().unwrap().to_owned();
    let shown = bed.incident(&incident).await;
    assert_eq!(shown.str_at(&["properties", "title"]), Some("Tor: 1.1.1.1"));
    assert_eq!(shown.str_at(&["properties", "severity"]), Some("Medium"));
    let related = shown.at(&["properties", "relatedAnalyticRuleIds"]).and_then(|ids| ids.item(0)).unwrap();
    assert!(related.as_str().unwrap().ends_with(&format!("/alertRules/{RULE}")), "{related}");
    let entities = bed.engine.incident_entities(&bed.ws, &incident).await.unwrap();
    assert_eq!(entities.get("entities").unwrap().as_array().unwrap().len(), 2);
    results(&bed, &rows(&[], "2026-03-01T02:00:00Z")).await.unwrap();
    let rows = health(&bed, "Analytics rule").await;
    assert_eq!(rows.len(), 2, "a run without alerts is a run");
    let row = &rows[0];
    assert_eq!(row.str_at(&["OperationName"]), Some("Scheduled analytics rule run"));
    assert_eq!(row.str_at(&["SentinelResourceName"]), Some("Sign-in from Tor"));
    assert_eq!(
        (row.str_at(&["Status"]), row.str_at(&["SentinelResourceKind"])),
        (Some("Success"), Some("Scheduled"))
    );
    let expected = value!({
        "AggregationKind": "SingleAlert", "AlertsGeneratedAmount": 1, "CorrelationId": taken.correlation_id.as_str(),
        "EntitiesDroppedDueToMappingIssuesAmount": 1, "EntitiesGeneratedAmount": 2, "Issues": "[]",
        "QueryStartTimeUTC": "2026-03-01T00:00:00.0000000Z", "QueryEndTimeUTC": "2026-03-01T01:00:00.0000000Z",
        "QueryPerformanceIndicators": {}, "QueryResultAmount": 3, "RuleId": RULE, "SuppressionDuration": "PT5H",
        "SuppressionEnabled": false, "TriggerType": "Scheduled", "QueryFrequency": "PT1H", "QueryPeriod": "PT1H",
        "TriggerOperator": "GreaterThan", "TriggerThreshold": 0
    });
    assert_eq!(row.get("ExtendedProperties"), Some(&expected));
    assert_eq!(rows[1].at(&["ExtendedProperties", "AlertsGeneratedAmount"]), Some(&Value::Int(0)));
}

#[tokio::test]
async fn a_run_that_has_a_name_makes_its_alerts_once() {
    let bed = Bed::new().await;
    put(&bed, RULE, &scheduled(&value!({"suppressionEnabled": true}))).await;
    let mut body = rows(&["1.1.1.1"], "2026-03-01T01:00:00Z");
    let first = results(&bed, &body).await.unwrap();
    assert_eq!(statuses(&first), ["created"]);
    let later = rows(&["1.1.1.1"], "2026-03-01T20:00:00Z");
    assert_eq!(
        statuses(&results(&bed, &later).await.unwrap()),
        ["created"],
        "without a name each one counts"
    );
    body.as_object_mut().unwrap().insert("runId", "run-7");
    body.as_object_mut().unwrap().insert("queryEndTime", "2026-03-02T20:00:00Z");
    let named = results(&bed, &body).await.unwrap();
    assert_eq!((statuses(&named), named.correlation_id.as_str()), (vec!["created"], "run-7"));
    let again = results(&bed, &body).await.unwrap();
    assert_eq!(statuses(&again), ["duplicate"]);
    assert_eq!(again.items[0].get("incident"), named.items[0].get("incident"));
    assert_eq!(health(&bed, "Analytics rule").await.len(), 3, "the same run is recorded once");
    put(&bed, RULE, &scheduled(&value!({}))).await;
    let timeless = value!({"rows": [{"Ip": "1.1.1.1"}], "runId": "run-8"});
    assert_eq!(statuses(&results(&bed, &timeless).await.unwrap()), ["created"]);
    assert_eq!(statuses(&results(&bed, &timeless).await.unwrap()), ["duplicate"]);
}

#[tokio::test]
async fn an_alert_silences_the_rule_until_its_time_is_over() {
    let folder = std::env::temp_dir().join(format!("riposte-analytics-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    let place = Place::lasting(&folder);
    let bed = Bed::over(place.clone(), |_| (200, value!({}))).await;
    put(&bed, RULE, &scheduled(&value!({"suppressionEnabled": true}))).await;
    let etag = |rule: &Value| rule.get("etag").cloned();
    let before = etag(&bed.engine.analytics_rule(&bed.ws, RULE).await.unwrap());
    assert!(results(&bed, &rows(&[], "2026-03-01T08:00:00Z")).await.unwrap().suppressed_until.is_none());
    assert_eq!(
        statuses(&results(&bed, &rows(&["1.1.1.1"], "2026-03-01T09:00:00Z")).await.unwrap()),
        ["created"]
    );
    assert_eq!(
        etag(&bed.engine.analytics_rule(&bed.ws, RULE).await.unwrap()),
        before,
        "nobody has changed it"
    );
    bed.engine.shutdown().await;
    let bed = Bed::over(place, |_| (200, value!({}))).await;
    let silent = results(&bed, &rows(&["1.1.1.1"], "2026-03-01T13:59:59Z")).await.unwrap();
    assert!(silent.items.is_empty());
    assert_eq!(silent.suppressed_until.unwrap().to_string(), "2026-03-01T14:00:00Z");
    let early = results(&bed, &rows(&["1.1.1.1"], "2026-03-01T08:59:00Z")).await.unwrap();
    assert_eq!(statuses(&early), ["created"], "what comes late counts in its own time");
    assert_eq!(statuses(&results(&bed, &rows(&["1.1.1.1"], "2026-03-01T13:00:00Z")).await.unwrap()), [""; 0]);
    assert_eq!(
        statuses(&results(&bed, &rows(&["1.1.1.1"], "2026-03-01T14:00:00Z")).await.unwrap()),
        ["created"]
    );
    put(&bed, RULE, &scheduled(&value!({}))).await;
    assert_eq!(
        statuses(&results(&bed, &rows(&["1.1.1.1"], "2026-03-01T14:30:00Z")).await.unwrap()),
        ["created"]
    );
    assert_eq!(health(&bed, "Analytics rule").await.len(), 5, "a silent rule does not run");
    bed.engine.shutdown().await;
    let _ = std::fs::remove_dir_all(&folder);
}

#[tokio::test]
async fn results_that_no_rule_can_have_are_refused() {
    let bed = Bed::new().await;
    let body = rows(&["1.1.1.1"], "2026-03-01T09:00:00Z");
    assert_eq!(results(&bed, &body).await.unwrap_err().kind, ErrorKind::NotFound);
    put(&bed, RULE, &scheduled(&value!({"enabled": false}))).await;
    let off = results(&bed, &body).await.unwrap_err();
    assert_eq!((off.kind, off.code.as_str()), (ErrorKind::Conflict, "RuleDisabled"));
    let filter = value!({"kind": "MicrosoftSecurityIncidentCreation", "properties": {
        "displayName": "d", "enabled": true, "productFilter": "Azure Security Center"
    }});
    put(&bed, RULE, &filter).await;
    assert_eq!(results(&bed, &body).await.unwrap_err().kind, ErrorKind::BadRequest);
    put(&bed, RULE, &scheduled(&value!({}))).await;
    let wrong = results(&bed, &value!({"rows": [1]})).await.unwrap_err();
    assert_eq!(wrong.message, "$.rows[0]: `rows[0]` must be an object, not a number");
    assert!(health(&bed, "Analytics rule").await.is_empty());
}

/// A playbook with the alert trigger that answers with what it was given.
async fn alert_playbook(bed: &Bed, name: &str) -> String {
    let mut template = playbook_template(
        name,
        value!({
            "Compose": {"type": "Compose", "inputs": "@triggerBody()?['AlertDisplayName']"}
        }),
    );
    let text = json::to_string(&template).replace("/incident-creation", "/subscribe");
    template = json::parse(&text).unwrap();
    bed.import(&[("playbook.json", &template.to_string())], value!({})).await;
    playbook_id(name)
}

async fn attach(bed: &Bed, name: &str, playbook: &str) -> riposte_engine::Result<Vec<String>> {
    let body = value!({"properties": {
        "logicAppResourceId": playbook,
        "triggerUri": "https://prod-31.northcentralus.logic.azure.com:443/workflows/cd3765391efd48549fd7681ded1d48d7/triggers/manual/paths/invoke?sig=secret"
    }});
    let (_, told) = bed.engine.put_analytics_rule_action(&bed.ws, RULE, name, &body, &bed.caller).await?;
    Ok(told.into_iter().map(|told| told.code.to_string()).collect())
}

#[tokio::test]
async fn attached_playbooks_start_with_the_alerts_of_their_rule() {
    let bed = Bed::new().await;
    let playbook = alert_playbook(&bed, "On-Alert").await;
    let incident_playbook = bed.playbook("On-Incident", value!({})).await;
    assert_eq!(attach(&bed, "a1", &playbook).await.unwrap_err().kind, ErrorKind::NotFound, "no rule");
    put(&bed, RULE, &scheduled(&value!({}))).await;
    assert_eq!(attach(&bed, "a1", &playbook).await.unwrap(), ["AzureLimit"]);
    assert_eq!(attach(&bed, "a2", &playbook_id("Absent")).await.unwrap(), ["AzureLimit", "PlaybookNotFound"]);
    attach(&bed, "a3", &incident_playbook).await.unwrap();
    let actions = bed.engine.analytics_rule_actions(&bed.ws, RULE).await.unwrap();
    assert_eq!(actions.len(), 3);
    assert_eq!(actions[0].str_at(&["properties", "workflowId"]), Some("cd3765391efd48549fd7681ded1d48d7"));
    assert!(actions.iter().all(|action| !action.to_string().contains("secret")), "{actions:?}");
    assert_eq!(bed.engine.analytics_rule_action(&bed.ws, RULE, "A1").await.unwrap(), actions[0]);

    let taken = results(&bed, &rows(&["1.1.1.1"], "2026-03-01T09:00:00Z")).await.unwrap();
    // an alert that names the rule is one of it, wherever it comes from
    let named = value!({"SystemAlertId": "b1", "DisplayName": "Told", "AlertType": format!("{}_{RULE}", bed.ws.reference.id)});
    bed.engine.ingest_alerts(&bed.ws, &named, &bed.caller).await.unwrap();
    bed.engine.ingest_alerts(&bed.ws, &named, &bed.caller).await.unwrap();
    let other = value!({"SystemAlertId": "b2", "DisplayName": "Another's", "AlertType": "other"});
    bed.engine.ingest_alerts(&bed.ws, &other, &bed.caller).await.unwrap();
    bed.settle().await;

    let incident = taken.items[0].str_at(&["incident", "id"]).unwrap().rsplit('/').next().unwrap().to_owned();
    let run = bed.run(&incident).await;
    assert_eq!(run.str_at(&["properties", "status"]), Some("Succeeded"), "{run}");
    let rows = health(&bed, "Playbook").await;
    let told: Vec<_> = rows
        .iter()
        .map(|row| (row.str_at(&["SentinelResourceName"]).unwrap(), row.str_at(&["Description"]).unwrap()))
        .collect();
    let absent = "Could not trigger playbook: Absent. Either the playbook was not found, or Microsoft Sentinel was \
                  missing permissions on it.";
    let unsupported = "Could not trigger playbook: On-Incident. It contains an unsupported trigger type.";
    let once = [
        ("On-Alert", "Playbook was triggered successfully."),
        ("Absent", absent),
        ("On-Incident", unsupported),
    ];
    assert_eq!(told, [once, once].concat());
    assert_eq!(rows[0].str_at(&["ExtendedProperties", "TriggeredOn"]), Some("Alert"));
    assert_eq!(rows[0].str_at(&["ExtendedProperties", "TriggeredByName", "Kind"]), Some("AnalyticsRule"));
    let kinds = bed.timeline_kinds(&incident).await;
    assert_eq!(kinds.iter().filter(|kind| *kind == "ruleFailed").count(), 2, "{kinds:?}");
    assert!(
        kinds.contains(&"playbookTriggered".to_owned()) && kinds.contains(&"playbookFinished".to_owned()),
        "{kinds:?}"
    );

    assert!(bed.engine.delete_analytics_rule_action(&bed.ws, RULE, "a1", &bed.caller).await.unwrap());
    assert!(!bed.engine.delete_analytics_rule_action(&bed.ws, RULE, "a1", &bed.caller).await.unwrap());
    bed.engine.delete_analytics_rule(&bed.ws, RULE, &bed.caller).await.unwrap();
    put(&bed, RULE, &scheduled(&value!({}))).await;
    assert!(
        bed.engine.analytics_rule_actions(&bed.ws, RULE).await.unwrap().is_empty(),
        "they went with the rule"
    );
    results(&bed, &crate::analytics::rows(&["1.1.1.1"], "2026-03-01T10:00:00Z")).await.unwrap();
    assert_eq!(health(&bed, "Playbook").await.len(), 6);
}

#[tokio::test]
async fn playbooks_are_attached_to_queries_alone() {
    let bed = Bed::new().await;
    let own = value!({"enabled": true, "alertRuleTemplateName": "f71aba3d-28fb-450b-b192-4e76a83015c8"});
    let filter = value!({"displayName": "d", "enabled": true, "productFilter": "Azure Security Center"});
    for (kind, properties) in [
        ("Fusion", &own),
        ("MLBehaviorAnalytics", &own),
        ("ThreatIntelligence", &own),
        ("MicrosoftSecurityIncidentCreation", &filter),
    ] {
        put(&bed, RULE, &value!({"kind": kind, "properties": properties.clone()})).await;
        let refused = attach(&bed, "a1", &playbook_id("p")).await.unwrap_err();
        assert_eq!(refused.kind, ErrorKind::BadRequest);
        assert!(refused.message.ends_with(&format!("not of kind {kind}.")), "{}", refused.message);
    }
    let mut nrt = scheduled(&value!({}));
    nrt.as_object_mut().unwrap().insert("kind", "NRT");
    put(&bed, RULE, &nrt).await;
    attach(&bed, "a1", &playbook_id("p")).await.unwrap();
}

#[tokio::test]
async fn more_rules_than_azure_takes_are_kept_and_told() {
    let bed = Bed::new().await;
    let mut nrt = scheduled(&value!({}));
    let object = nrt.as_object_mut().unwrap();
    object.insert("kind", "NRT");
    let properties = object.get_mut("properties").unwrap().as_object_mut().unwrap();
    for name in ["queryFrequency", "queryPeriod", "triggerOperator", "triggerThreshold"] {
        properties.remove(name);
    }
    for n in 0..50 {
        assert_eq!(put(&bed, &format!("n{n}"), &nrt).await, Vec::<String>::new());
    }
    let told = put(&bed, "one-more", &nrt).await;
    assert_eq!(told, ["Azure takes at most 50 enabled rules of kind NRT in a workspace; this has 51"]);
}

fn template(more: &Value) -> String {
    let rule = scheduled(more);
    json::to_string(&value!({
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "parameters": {"workspace": {"type": "string"}},
        "resources": [
            {
                "type": "Microsoft.OperationalInsights/workspaces/providers/alertRules",
                "apiVersion": "2023-02-01",
                "name": format!("[concat(parameters('workspace'), '/Microsoft.SecurityInsights/{RULE}')]"),
                "kind": "Scheduled", "location": "local", "properties": rule.get("properties").unwrap().clone()
            },
            {
                "type": "Microsoft.OperationalInsights/workspaces/providers/alertRules/actions",
                "apiVersion": "2023-02-01",
                "name": format!("[concat(parameters('workspace'), '/Microsoft.SecurityInsights/{RULE}/a1')]"),
                "properties": {"logicAppResourceId": playbook_id("Absent"), "triggerUri": "https://x/workflows/y"}
            }
        ]
    }))
}

#[tokio::test]
async fn templates_bring_rules_and_what_is_attached_to_them() {
    let bed = Bed::new().await;
    let results = |resources: &[Value]| -> Vec<(String, String)> {
        let text = |one: &Value, name| one.str_at(&[name]).unwrap().to_owned();
        resources.iter().map(|one| (text(one, "type"), text(one, "result"))).collect()
    };
    let of = |result: &str| {
        ["Microsoft.SecurityInsights/alertRules", "Microsoft.SecurityInsights/alertRules/actions"]
            .map(|kind| (kind.to_owned(), result.to_owned()))
    };
    let parameters = value!({"workspace": "w1"});
    let import = async |text: &str| {
        let all = bed.import(&[("rule.json", text)], parameters.clone()).await;
        let rules = all.into_iter().filter(|one| one.str_at(&["type"]).unwrap().contains("SecurityInsights"));
        rules.collect::<Vec<_>>()
    };
    assert_eq!(results(&import(&template(&value!({}))).await), of("created"));
    assert_eq!(results(&import(&template(&value!({}))).await), of("unchanged"));
    let changed = import(&template(&value!({"severity": "High"}))).await;
    assert_eq!(results(&changed)[0].1, "updated");
    let rule = bed.engine.analytics_rule(&bed.ws, RULE).await.unwrap();
    assert_eq!(rule.str_at(&["properties", "severity"]), Some("High"));
    assert_eq!(bed.engine.analytics_rule_actions(&bed.ws, RULE).await.unwrap().len(), 1);
    let failed = import(&template(&value!({"severity": "Grave"}))).await;
    assert_eq!(results(&failed)[0].1, "failed");
    let path = failed[0].at(&["diagnostics"]).and_then(|told| told.item(0)).unwrap();
    assert!(path.to_string().contains("$.resources[0].properties.severity"), "{path}");
}

/// What a folder of rules no longer holds is removed; a plan says so first.
#[tokio::test]
async fn rules_that_no_file_holds_are_removed_if_asked() {
    let bed = Bed::new().await;
    put(&bed, "old", &scheduled(&value!({}))).await;
    let request = |plan: bool| ImportRequest {
        files: vec![ImportFile { name: "rule.json".into(), text: template(&value!({})) }],
        subscription: Some(SUBSCRIPTION.into()),
        resource_group: Some(GROUP.into()),
        workspace: Some("w1".into()),
        parameters: value!({"workspace": "w1"}).as_object().unwrap().clone(),
        plan,
        prune: true,
        ..ImportRequest::default()
    };
    let names = async || {
        let rules = bed.engine.analytics_rules(&bed.ws).await.unwrap();
        rules.iter().map(|rule| rule.str_at(&["name"]).unwrap().to_owned()).collect::<Vec<_>>()
    };
    let planned = bed.engine.import(request(true), &bed.caller).await.unwrap();
    assert!(planned.to_string().contains("deleted"), "{planned}");
    assert_eq!(names().await, ["old"]);
    bed.engine.import(request(false), &bed.caller).await.unwrap();
    assert_eq!(names().await, [RULE]);
}

#[tokio::test]
async fn templates_of_rules_are_rules_that_can_be_made() {
    let bed = Bed::new().await;
    let templates = bed.engine.analytics_rule_templates(&bed.ws).unwrap();
    assert!(templates.len() >= 10, "{}", templates.len());
    for template in &templates {
        let name = template.str_at(&["name"]).unwrap();
        let one = bed.engine.analytics_rule_template(&bed.ws, &name.to_uppercase()).unwrap();
        assert_eq!(&one, template);
        let mut properties = template.get("properties").unwrap().as_object().unwrap().clone();
        for own in [
            "alertRulesCreatedByTemplateCount",
            "status",
            "version",
            "createdDateUTC",
            "lastUpdatedDateUTC",
            "requiredDataConnectors",
        ] {
            properties.remove(own);
        }
        properties.insert("enabled", true);
        properties.insert("alertRuleTemplateName", name);
        if template.str_at(&["kind"]) == Some("Scheduled") {
            properties.insert("suppressionEnabled", false);
            properties.insert("suppressionDuration", "PT5H");
        }
        let rule = value!({"kind": template.get("kind").unwrap().clone(), "properties": properties});
        assert_eq!(put(&bed, name, &rule).await, Vec::<String>::new(), "{name}");
        let counted = bed.engine.analytics_rule_template(&bed.ws, name).unwrap();
        assert_eq!(counted.at(&["properties", "alertRulesCreatedByTemplateCount"]), Some(&Value::Int(1)));
    }
    assert_eq!(bed.engine.analytics_rule_template(&bed.ws, "none").unwrap_err().kind, ErrorKind::NotFound);
}

/// Templates of others with analytics rules, and how many rules each holds. They lie beside the repository; without them the
/// test says so and passes.
const SOLUTIONS: [(&str, usize); 9] = [
    ("MicrosoftPurviewInsiderRiskManagement", 5),
    ("Tanium", 1),
    ("Recorded Future", 6),
    ("AzureSecurityBenchmark", 1),
    ("NISTSP80053", 1),
    ("CiscoUmbrella", 10),
    ("Illusive Active Defense", 1),
    ("IoTOTThreatMonitoringwithDefenderforIoT", 0),
    ("CybersecurityMaturityModelCertification(CMMC)2.0", 0),
];

#[tokio::test]
async fn rules_of_others_are_taken_as_they_are() {
    let bed = Bed::new().await;
    let mut known = 0;
    for (solution, count) in SOLUTIONS {
        let path = format!(
            "corpus/sentinel/cloudflare__Azure-Sentinel/Solutions/{solution}/Package/mainTemplate.json"
        );
        let Some(file) = riposte_testing::shared(&path) else { return };
        let text = std::fs::read_to_string(file).unwrap();
        let parameters = value!({
            "workspace": "w1", "workspace-location": "local", "IllusiveAPIUrl": "https://vendor.example",
            "IllusiveAPIKey": "k", "Azure-SentinelClientID": "c", "Azure-SentinelClientSecret": "s",
            "Azure-SentinelTenantID": "t", "EDRDeployed": "MDE"
        });
        let imported =
            bed.import(&[("mainTemplate.json", text.trim_start_matches('\u{feff}'))], parameters).await;
        let rules: Vec<_> = imported
            .iter()
            .filter(|one| one.str_at(&["type"]) == Some("Microsoft.SecurityInsights/alertRules"))
            .collect();
        for rule in &rules {
            assert_eq!(rule.str_at(&["result"]), Some("created"), "{solution}: {rule}");
        }
        assert_eq!(rules.len(), count, "{solution}");
        known += rules.len();
    }
    assert_eq!(bed.engine.analytics_rules(&bed.ws).await.unwrap().len(), known);
}
