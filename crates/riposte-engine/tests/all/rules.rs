//! Automation rules through the engine: order, the state read anew, the three actions, records, loops, permissions.

use crate::bed::{Bed, modify, playbook_id, playbook_template, rule, run_playbook, sentinel};
use riposte_engine::{ImportFile, ImportRequest, LogQuery};
use riposte_value::{Value, value};

async fn health(bed: &Bed) -> Vec<Value> {
    let query = LogQuery { top: 100, ..LogQuery::default() };
    let mut rows = bed.engine.health(&bed.ws, query).await.unwrap();
    rows.reverse();
    rows
}

#[tokio::test]
async fn a_later_rule_sees_what_an_earlier_one_changed() {
    let bed = Bed::new().await;
    // Written in the wrong order; the order number decides.
    bed.rule(
        "second",
        rule(
            "Tag the grave",
            11,
            &[("IncidentSeverity", "Equals", "High")],
            value!([modify(1, value!({"labels": [{"labelName": "grave"}]}))]),
        ),
    )
    .await;
    bed.rule(
        "first",
        rule(
            "Escalate AiTM",
            1,
            &[("IncidentTitle", "Contains", "aitm"), ("IncidentSeverity", "Equals", "Medium")],
            value!([modify(1, value!({"severity": "High", "status": null}))]),
        ),
    )
    .await;
    bed.rule(
        "third",
        rule(
            "Never",
            12,
            &[("IncidentSeverity", "Equals", "Medium")],
            value!([modify(1, value!({"status": "Closed"}))]),
        ),
    )
    .await;
    let name = bed.alert("AiTM sign-in", "Medium", value!([])).await;
    bed.settle().await;
    let incident = bed.incident(&name).await;
    assert_eq!(incident.str_at(&["properties", "severity"]), Some("High"));
    assert_eq!(incident.str_at(&["properties", "status"]), Some("New"));
    assert_eq!(
        incident.at(&["properties", "labels"]).and_then(|l| l.item(0)).and_then(|l| l.str_at(&["labelName"])),
        Some("grave")
    );
    let names: Vec<_> = health(&bed)
        .await
        .iter()
        .map(|row| row.str_at(&["SentinelResourceName"]).unwrap().to_owned())
        .collect();
    assert_eq!(names, ["Escalate AiTM", "Tag the grave"], "a rule that does not match leaves no row");
    let page = bed.engine.timeline(&bed.ws, &name, None, 100).await.unwrap();
    let why = page.items.iter().find(|e| e.str_at(&["kind"]) == Some("ruleMatched")).unwrap();
    let why = why.str_at(&["summary"]).unwrap();
    assert!(why.contains("Escalate AiTM") && why.contains("IncidentTitle contains aitm"), "{why}");
}

#[tokio::test]
async fn a_rule_starts_a_playbook_that_writes_into_the_incident() {
    let bed = Bed::new().await;
    let id = bed
        .playbook(
            "Comment",
            value!({
                "IPs": sentinel("post", "/entities/ip", value!("@triggerBody()?['object']?['properties']?['relatedEntities']"), value!({})),
                "Say": sentinel("post", "/Incidents/Comment", value!({
                    "incidentArmId": "@triggerBody()?['object']?['id']",
                    "message": "<p>@{body('IPs')?['IPs'][0]?['Address']}</p>"
                }), value!({"IPs": ["Succeeded"]})),
                "Tag": sentinel("put", "/Incidents", value!({
                    "incidentArmId": "@triggerBody()?['object']?['id']",
                    "tagsToAdd": { "TagsToAdd": [{ "Tag": "enriched" }] }
                }), value!({"Say": ["Succeeded"]}))
            }),
        )
        .await;
    let actions = value!([run_playbook(2, &id), modify(1, value!({"severity": "High"})), {
        "order": 3, "actionType": "AddIncidentTask", "actionConfiguration": { "title": "Call the user" }
    }]);
    bed.rule("r", rule("Enrich", 1, &[], actions)).await;
    let name =
        bed.alert("x", "Medium", value!([{ "$id": "1", "Type": "ip", "Address": "203.0.113.7" }])).await;
    bed.settle().await;
    let run = bed.run(&name).await;
    assert_eq!(run.str_at(&["properties", "status"]), Some("Succeeded"), "{run}");
    assert_eq!(
        run.at(&["properties", "trigger", "outputs", "body", "object", "properties", "severity"]),
        Some(&value!("High")),
        "the playbook sees what the action before it changed"
    );
    let comments = bed.engine.comments(&bed.ws, &name).await.unwrap();
    assert_eq!(comments.len(), 1);
    assert_eq!(comments[0].str_at(&["properties", "message"]), Some("<p>203.0.113.7</p>"));
    assert_eq!(bed.engine.tasks(&bed.ws, &name).await.unwrap().len(), 1);
    let kinds = bed.timeline_kinds(&name).await;
    for kind in [
        "incidentCreated",
        "ruleMatched",
        "playbookTriggered",
        "incidentUpdated",
        "playbookAction",
        "commentAdded",
        "playbookFinished",
    ] {
        assert!(kinds.iter().any(|k| k == kind), "{kind} is missing in {kinds:?}");
    }
    let rows = health(&bed).await;
    let operations: Vec<_> = rows.iter().map(|row| row.str_at(&["OperationName"]).unwrap()).collect();
    assert_eq!(operations, ["Playbook was triggered", "Automation rule run"]);
    let properties = rows[1].get("ExtendedProperties").unwrap();
    assert_eq!(properties.get("ActionsTriggeredSuccessfully"), Some(&value!(3)));
    let triggered = properties.get("TriggeredPlaybooks").and_then(|p| p.item(0)).unwrap();
    assert_eq!(triggered.str_at(&["RunId"]), run.str_at(&["name"]));
}

#[tokio::test]
async fn without_the_automation_role_a_playbook_is_refused_in_the_documented_words() {
    let bed = Bed::new().await;
    let template = playbook_template("Quiet", value!({ "C": { "type": "Compose", "inputs": 1 } }));
    let request = ImportRequest {
        files: vec![ImportFile { name: "p.json".into(), text: template.to_string() }],
        subscription: Some(crate::bed::SUBSCRIPTION.into()),
        resource_group: Some(crate::bed::GROUP.into()),
        ..ImportRequest::default()
    };
    bed.engine.import(request, &bed.caller).await.unwrap();
    let (_, told) = bed
        .engine
        .put_automation_rule(&bed.ws, "r", &value!({"properties": rule("R", 1, &[], value!([run_playbook(1, &playbook_id("Quiet")), run_playbook(2, &playbook_id("Gone"))]))}), &bed.caller)
        .await
        .unwrap();
    let codes: Vec<_> = told.iter().map(|d| d.code.to_string()).collect();
    assert_eq!(codes, ["AutomationNotPermitted", "PlaybookNotFound"], "told when the rule is written");
    let name = bed.alert("x", "Low", value!([])).await;
    bed.settle().await;
    assert!(bed.engine.incident_runs(&bed.ws, &name).await.unwrap().is_empty());
    let rows = health(&bed).await;
    let text = "Could not trigger playbook: Quiet. Either the playbook was not found, or Microsoft Sentinel was missing permissions on it.";
    assert_eq!(rows[0].str_at(&["Description"]), Some(text));
    let rule_row = rows.last().unwrap();
    assert_eq!(rule_row.str_at(&["Status"]), Some("Failure"));
    assert!(rule_row.str_at(&["Description"]).unwrap().starts_with(text));
    assert!(bed.timeline_kinds(&name).await.contains(&"ruleFailed".to_owned()));
}

#[tokio::test]
async fn update_rules_follow_create_rules_and_do_not_run_in_circles() {
    let bed = Bed::new().await;
    let mut ping = rule(
        "Ping",
        1,
        &[("IncidentStatus", "Equals", "New")],
        value!([modify(1, value!({"status": "Active"}))]),
    );
    let mut pong = rule(
        "Pong",
        2,
        &[("IncidentStatus", "Equals", "Active")],
        value!([modify(1, value!({"status": "New"}))]),
    );
    for rule in [&mut ping, &mut pong] {
        rule.as_object_mut()
            .unwrap()
            .get_mut("triggeringLogic")
            .unwrap()
            .as_object_mut()
            .unwrap()
            .insert("triggersWhen", "Updated");
    }
    bed.rule("ping", ping).await;
    bed.rule("pong", pong).await;
    bed.rule("create", rule("Raise", 1, &[], value!([modify(1, value!({"severity": "High"}))]))).await;
    let name = bed.alert("x", "Low", value!([])).await;
    bed.settle().await;
    let kinds = bed.timeline_kinds(&name).await;
    let matched = kinds.iter().filter(|kind| *kind == "ruleMatched").count();
    assert!(kinds.contains(&"loopPrevented".to_owned()), "{kinds:?}");
    assert!(matched <= 6, "{kinds:?}");
}

#[tokio::test]
async fn expired_disabled_and_removed_rules_do_nothing() {
    let bed = Bed::new().await;
    let close = || value!([modify(1, value!({"status": "Closed"}))]);
    let mut expired = rule("Expired", 1, &[], close());
    let mut disabled = rule("Disabled", 1, &[], close());
    let logic = |rule: &mut Value, name: &'static str, v: Value| {
        rule.as_object_mut()
            .unwrap()
            .get_mut("triggeringLogic")
            .unwrap()
            .as_object_mut()
            .unwrap()
            .insert(name, v);
    };
    logic(&mut expired, "expirationTimeUtc", value!("2020-01-01T00:00:00Z"));
    logic(&mut disabled, "isEnabled", value!(false));
    bed.rule("expired", expired).await;
    bed.rule("disabled", disabled).await;
    bed.rule("removed", rule("Removed", 1, &[], close())).await;
    assert!(bed.engine.delete_automation_rule(&bed.ws, "REMOVED", &bed.caller).await.unwrap());
    let name = bed.alert("x", "Low", value!([])).await;
    bed.settle().await;
    assert_eq!(bed.incident(&name).await.str_at(&["properties", "status"]), Some("New"));
    let shown = bed.engine.automation_rule(&bed.ws, "expired").await.unwrap();
    assert_eq!(shown.at(&["properties", "triggeringLogic", "isEnabled"]), Some(&value!(false)));
}
