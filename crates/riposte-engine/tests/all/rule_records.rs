//! What rules leave behind: documented statuses and texts, what is missing shown on the rule, and why others did not match.

use crate::bed::{Bed, modify, playbook_id, playbook_template, rule, run_playbook};
use riposte_engine::{ImportFile, ImportRequest};
use riposte_value::{Value, value};

fn task(order: i64, title: &str) -> Value {
    value!({ "order": order, "actionType": "AddIncidentTask", "actionConfiguration": { "title": title } })
}

/// The only rule row, and the incident's severity.
async fn run(bed: &Bed, actions: Value) -> (Value, String) {
    bed.rule("r", rule("R", 1, &[], actions)).await;
    let name = bed.alert("x", "Medium", value!([])).await;
    bed.settle().await;
    let rows = bed.health().await;
    let row =
        rows.iter().rfind(|row| row.str_at(&["SentinelResourceType"]) == Some("Automation rule")).unwrap();
    let severity = bed.incident(&name).await.str_at(&["properties", "severity"]).unwrap().to_owned();
    (row.clone(), severity)
}

#[tokio::test]
async fn a_run_succeeds_in_part_or_fails_as_documented() {
    let bed = Bed::new().await;
    let high = |order| modify(order, value!({"severity": "High"}));
    let gone = |order| run_playbook(order, &playbook_id("Gone"));
    let text = "Could not trigger playbook: Gone. Either the playbook was not found, or Microsoft Sentinel was missing \
                permissions on it.";
    let all = "Rule executed successfully, triggering all actions.";
    for (actions, status, description, succeeded, severity) in [
        (value!([high(1), task(2, "t")]), "Success", all, 2, "High"),
        (value!([high(1), gone(2), task(3, "t")]), "Partial success", text, 2, "High"),
        // The first action in order decides, however the list is written.
        (value!([high(2), gone(1)]), "Failure", text, 0, "Medium"),
        (value!([gone(1)]), "Failure", text, 0, "Medium"),
    ] {
        let (row, found) = run(&bed, actions.clone()).await;
        assert_eq!(row.str_at(&["Status"]), Some(status), "{actions}");
        assert_eq!(row.str_at(&["Description"]), Some(description), "{actions}");
        let properties = row.get("ExtendedProperties").unwrap();
        assert_eq!(properties.get("ActionsTriggeredSuccessfully"), Some(&value!(succeeded)), "{actions}");
        assert_eq!(
            properties.get("TotalActions").and_then(Value::as_i64),
            actions.as_array().and_then(|a| i64::try_from(a.len()).ok())
        );
        assert_eq!(found, severity, "{actions}");
    }
}

#[tokio::test]
async fn what_is_missing_is_told_on_the_rule_with_what_puts_it_right() {
    let bed = Bed::new().await;
    let template = playbook_template("Quiet", value!({ "C": { "type": "Compose", "inputs": 1 } }));
    let request = ImportRequest {
        files: vec![ImportFile { name: "p.json".into(), text: template.to_string() }],
        subscription: Some(crate::bed::SUBSCRIPTION.into()),
        resource_group: Some(crate::bed::GROUP.into()),
        ..ImportRequest::default()
    };
    bed.engine.import(request, &bed.caller).await.unwrap();
    bed.rule("r", rule("R", 1, &[], value!([run_playbook(1, &playbook_id("Quiet"))]))).await;
    let check = bed.engine.check_automation_rule(&bed.ws, "R").await.unwrap();
    assert_eq!(check.str_at(&["health", "status"]), Some("Unhealthy"), "{check}");
    let problem = check.at(&["health", "problems"]).and_then(|p| p.item(0)).unwrap().clone();
    assert_eq!(problem.str_at(&["code"]), Some("AutomationNotPermitted"));
    assert_eq!(
        problem.str_at(&["message"]),
        Some(
            "Could not trigger playbook: Quiet. Either the playbook was not found, or Microsoft Sentinel was missing \
             permissions on it."
        )
    );
    let missing = problem.get("missingAssignment").unwrap();
    assert_eq!(missing.str_at(&["roleName"]), Some("Microsoft Sentinel Automation Contributor"));
    assert!(missing.str_at(&["roleDefinitionId"]).unwrap().ends_with("f4c81013-99ee-4d62-a7ee-b3f1f648599a"));
    assert_eq!(missing.str_at(&["principalId"]), Some("5e9d1e11-0000-4000-8000-5ec0a7000001"));
    let scope = format!("/subscriptions/{}/resourceGroups/{}", crate::bed::SUBSCRIPTION, crate::bed::GROUP);
    assert_eq!(missing.str_at(&["scope"]), Some(scope.as_str()));

    let name = bed.alert("x", "Low", value!([])).await;
    bed.settle().await;
    assert!(bed.engine.incident_runs(&bed.ws, &name).await.unwrap().is_empty());
    // The call that it names makes it.
    let path = missing.str_at(&["request", "path"]).unwrap().split('?').next().unwrap();
    let body = missing.at(&["request", "body"]).unwrap();
    bed.engine.put_role_assignment(path, body, &bed.caller).await.unwrap();
    let shown = bed.engine.automation_rule(&bed.ws, "r").await.unwrap();
    let health = shown.at(&["riposte", "health"]).unwrap();
    assert!(health.get("problems").and_then(Value::as_array).unwrap().is_empty(), "{health}");
    assert_eq!(health.str_at(&["status"]), Some("Unhealthy"), "its last run failed");
    assert_eq!(health.str_at(&["lastRun", "status"]), Some("Failure"));
    bed.alert("y", "Low", value!([])).await;
    bed.settle().await;
    let list = bed.engine.automation_rules(&bed.ws).await.unwrap();
    let health = list[0].at(&["riposte", "health"]).unwrap();
    assert_eq!(health.str_at(&["status"]), Some("Healthy"), "{health}");
    assert_eq!(health.str_at(&["lastRun", "status"]), Some("Success"));
    assert_eq!(
        health.str_at(&["lastFailure", "status"]),
        Some("Failure"),
        "what went wrong last is still told"
    );
    // What a rule shows can be put back as it is.
    let (written, _) = bed.engine.put_automation_rule(&bed.ws, "r", &list[0], &bed.caller).await.unwrap();
    assert!(!written.created);
    assert_eq!(written.resource.get("etag"), list[0].get("etag"));
    // A rule of the same name that comes later has no past.
    bed.engine.delete_automation_rule(&bed.ws, "r", &bed.caller).await.unwrap();
    bed.rule("r", rule("R", 1, &[], value!([modify(1, value!({"severity": "Low"}))]))).await;
    let shown = bed.engine.automation_rule(&bed.ws, "r").await.unwrap();
    assert!(shown.at(&["riposte", "health", "lastRun"]).is_none(), "{shown}");
}

#[tokio::test]
async fn every_obstacle_has_its_documented_text() {
    let bed = Bed::new().await;
    let id = bed.playbook("Off", value!({ "C": { "type": "Compose", "inputs": 1 } })).await;
    bed.engine.set_playbook_state(&id, riposte_engine::PlaybookState::Disabled, &bed.caller).await.unwrap();
    let standard = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/soc/providers/Microsoft.Web/sites/App";
    for (playbook, code, text) in [
        (id.as_str(), "PlaybookDisabled", "Could not trigger playbook: Off. The playbook was disabled."),
        ("Off", "PlaybookIdInvalid", "Could not trigger playbook: Off. The playbook's ARM ID is not valid."),
        (
            standard,
            "PlaybookNotFound",
            "Could not trigger playbook: App. Either the playbook was not found, or Microsoft Sentinel was missing permissions on it.",
        ),
    ] {
        let (row, _) = run(&bed, value!([run_playbook(1, playbook)])).await;
        assert_eq!(row.str_at(&["Description"]), Some(text));
        let check = bed.engine.check_automation_rule(&bed.ws, "r").await.unwrap();
        let problem = check.at(&["health", "problems"]).and_then(|p| p.item(0)).unwrap();
        assert_eq!(problem.str_at(&["code"]), Some(code));
        assert_eq!(problem.str_at(&["message"]), Some(text));
    }
}

#[tokio::test]
async fn rules_that_do_not_match_are_told_with_what_decided() {
    let bed = Bed::new().await;
    let act = || value!([modify(1, value!({"labels": [{"labelName": "l"}]}))]);
    bed.rule(
        "a",
        rule(
            "Grave",
            1,
            &[("IncidentTitle", "Contains", "aitm"), ("IncidentSeverity", "Equals", "High")],
            act(),
        ),
    )
    .await;
    bed.rule("b", rule("Phishing", 2, &[("IncidentTitle", "StartsWith", "Phish")], act())).await;
    bed.rule("c", rule("Raise", 3, &[], value!([modify(1, value!({"severity": "High"}))]))).await;
    bed.rule("d", rule("Low", 4, &[("IncidentSeverity", "Equals", "Low")], act())).await;
    let name = bed.alert("AiTM sign-in", "Low", value!([])).await;
    bed.settle().await;
    let told = bed.told(&name, "ruleNotMatched").await;
    assert_eq!(
        told,
        [
            "rule Grave not matched: IncidentSeverity equals High (was Low)",
            "rule Phishing not matched: IncidentTitle starts with Phish (was AiTM sign-in)",
            "rule Low not matched: IncidentSeverity equals Low (was High)",
        ],
        "each with the state that it saw"
    );
    let one = bed.engine.incident_evaluations(&bed.ws, &name, Some("phish")).await.unwrap();
    assert_eq!(one.len(), 1);
    assert_eq!(one[0].at(&["details"]).and_then(|d| d.str_at(&["actual"])), Some("AiTM sign-in"));
    // A rule that is edited later is told as it was.
    bed.rule("b", rule("Phishing", 2, &[("IncidentTitle", "Contains", "mail")], act())).await;
    assert_eq!(bed.told(&name, "ruleNotMatched").await, told);
    assert!(bed.engine.delete_incident(&bed.ws, &name, &bed.caller).await.unwrap());
}

#[tokio::test]
async fn a_rule_that_observes_tells_what_it_would_do_and_does_nothing() {
    let bed = Bed::new().await;
    let id = bed.playbook("P", value!({ "C": { "type": "Compose", "inputs": 1 } })).await;
    let actions = value!([
        modify(1, value!({"severity": "High", "labels": [{"labelName": "l"}]})),
        task(2, "Call"),
        run_playbook(3, &id)
    ]);
    let mut observing = rule("Try", 1, &[("IncidentSeverity", "Equals", "Low")], actions);
    observing.as_object_mut().unwrap().insert("riposte", value!({ "mode": "observe" }));
    bed.rule("try", observing).await;
    bed.rule("next", rule("Next", 2, &[("IncidentSeverity", "Equals", "Low")], value!([task(1, "t")]))).await;
    let name = bed.alert("x", "Low", value!([])).await;
    bed.settle().await;
    let shown = bed.incident(&name).await;
    assert_eq!(shown.str_at(&["properties", "severity"]), Some("Low"));
    assert!(bed.engine.incident_runs(&bed.ws, &name).await.unwrap().is_empty());
    assert_eq!(bed.engine.tasks(&bed.ws, &name).await.unwrap().len(), 1, "only the rule that acts adds one");
    let page = bed.engine.timeline(&bed.ws, &name, None, 100).await.unwrap();
    let entry = page.items.iter().find(|entry| entry.str_at(&["kind"]) == Some("ruleMatched")).unwrap();
    assert_eq!(
        entry.str_at(&["summary"]),
        Some("rule Try matched and observes: IncidentSeverity equals Low (was Low)")
    );
    assert_eq!(entry.at(&["details", "observed"]), Some(&value!(true)));
    let would = entry.at(&["details", "wouldHaveDone"]).and_then(Value::as_array).unwrap();
    let texts: Vec<_> = would.iter().map(|one| one.str_at(&["text"]).unwrap()).collect();
    assert_eq!(texts, ["severity Low → High; labels + l", "add task `Call`", "run playbook P"]);
    let rows = bed.health().await;
    let row = rows.iter().find(|row| row.str_at(&["SentinelResourceName"]) == Some("Try")).unwrap();
    assert_eq!(row.str_at(&["Reason"]), Some("Observed"));
    assert_eq!(row.at(&["ExtendedProperties", "Observed"]), Some(&value!(true)));
    let health = bed.engine.automation_rule(&bed.ws, "try").await.unwrap();
    assert_eq!(health.str_at(&["riposte", "health", "lastRun", "status"]), Some("Observed"));
}

#[tokio::test]
async fn a_playbook_that_bounds_how_many_runs_wait_refuses_more_in_the_documented_words() {
    let bed = Bed::waiting(riposte_engine::PlaybookWait::None).await;
    let wait =
        value!({ "W": { "type": "Wait", "inputs": { "interval": { "count": 2, "unit": "Second" } } } });
    let template = playbook_template("One", wait).to_string();
    let bounded = template.replacen(
        r#""type":"ApiConnectionWebhook","#,
        r#""type":"ApiConnectionWebhook","runtimeConfiguration":{"concurrency":{"runs":1,"maximumWaitingRuns":1}},"#,
        1,
    );
    assert_ne!(bounded, template);
    bed.import(&[("p.json", &bounded)], value!({})).await;
    bed.rule("r", rule("R", 1, &[], value!([run_playbook(1, &playbook_id("One"))]))).await;
    let mut told = Vec::new();
    for _ in 0..3 {
        let name = bed.alert("x", "Low", value!([])).await;
        while !bed.timeline_kinds(&name).await.iter().any(|k| k == "playbookTriggered" || k == "ruleFailed") {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        told.extend(bed.told(&name, "ruleFailed").await);
    }
    assert_eq!(
        told,
        ["Could not trigger playbook: One. Too many requests, exceeding workflow throttling limits."],
        "one runs, one waits, the third is refused"
    );
    bed.settle().await;
}

#[tokio::test]
async fn runs_by_hand_are_on_record_and_so_are_refusals() {
    let bed = Bed::new().await;
    let say = || value!({ "C": { "type": "Compose", "inputs": 1 } });
    let (of_alerts, of_incidents) = (bed.alert_playbook("A", say()).await, bed.playbook("I", say()).await);
    let alert = value!({ "SystemAlertId": "s-1", "DisplayName": "x", "AlertSeverity": "Low" });
    bed.engine.ingest_alerts(&bed.ws, &alert, &bed.caller).await.unwrap();
    bed.engine.run_playbook_on_alert(&bed.ws, "s-1", &of_alerts, &bed.caller).await.unwrap();
    let refused =
        bed.engine.run_playbook_on_alert(&bed.ws, "s-1", &of_incidents, &bed.caller).await.unwrap_err();
    assert_eq!(refused.message, "Could not trigger playbook: I. It contains an unsupported trigger type.");
    bed.engine.run_playbook_on_incident(&bed.ws, "1", &of_incidents, &bed.caller).await.unwrap();
    bed.engine.run_playbook_on_incident(&bed.ws, "1", &of_alerts, &bed.caller).await.unwrap_err();
    bed.settle().await;
    let rows = bed.health().await;
    let told: Vec<_> = rows
        .iter()
        .map(|row| {
            assert_eq!(row.str_at(&["OperationName"]), Some("Playbook was triggered"));
            let properties = row.get("ExtendedProperties").unwrap();
            assert_eq!(properties.str_at(&["IncidentNumber"]), Some("1"));
            assert_eq!(properties.str_at(&["TriggeredByName", "Name"]), Some("owner"));
            (row.str_at(&["Status"]).unwrap(), properties.str_at(&["TriggeredOn"]).unwrap())
        })
        .collect();
    assert_eq!(
        told,
        [("Success", "Alert"), ("Failure", "Alert"), ("Success", "Incident"), ("Failure", "Incident")]
    );
}
