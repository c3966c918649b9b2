//! Rules on alerts: each alert that is raised starts them once, in order, with records, and playbooks that begin with the
//! alert trigger.

use crate::bed::{Bed, Place, modify, on, playbook_id, rule, run_playbook};
use riposte_value::{Value, value};

fn alert(id: &str, severity: &str) -> Value {
    value!({
        "SystemAlertId": id, "DisplayName": format!("Alert {id}"), "AlertSeverity": severity,
        "TimeGenerated": "2026-03-01T08:00:00Z", "ProductName": "Azure Sentinel",
        "ExtendedProperties": { "Analytic Rule Ids": ["aaaaaaaa-0000-4000-8000-000000000001"] },
        "Entities": [{ "$id": "1", "Type": "ip", "Address": "203.0.113.7" }]
    })
}

async fn ingest(bed: &Bed, alerts: &[Value]) -> Vec<String> {
    let body = Value::array(alerts.to_vec());
    let taken = bed.engine.ingest_alerts(&bed.ws, &body, &bed.caller).await.unwrap();
    let incident = |item: &Value| item.str_at(&["incident", "id"]).unwrap_or_default().to_owned();
    taken.items.iter().map(|item| incident(item).rsplit('/').next().unwrap().to_owned()).collect()
}

fn on_alerts(name: &str, order: i64, analytic: &str, actions: Value) -> Value {
    let conditions = [("AlertAnalyticRuleIds", "Contains", analytic)];
    on(rule(name, order, &conditions, actions), "Alerts", "Created")
}

const RULE_ID: &str = "aaaaaaaa-0000-4000-8000-000000000001";

#[tokio::test]
async fn an_alert_that_is_raised_starts_its_rules_once_in_order() {
    let bed = Bed::new().await;
    let compose = |text: &str| value!({ "Say": { "type": "Compose", "inputs": text } });
    let (first, second) =
        (bed.alert_playbook("First", compose("1")).await, bed.alert_playbook("Second", compose("2")).await);
    bed.rule("b", on_alerts("Then", 2, RULE_ID, value!([run_playbook(1, &second)]))).await;
    bed.rule("a", on_alerts("First", 1, RULE_ID, value!([run_playbook(1, &first)]))).await;
    bed.rule(
        "c",
        on_alerts("Other", 3, "bbbbbbbb-0000-4000-8000-000000000001", value!([run_playbook(1, &first)])),
    )
    .await;
    let incident = ingest(&bed, &[alert("s-1", "High")]).await.remove(0);
    bed.settle().await;
    // The same alert again, and a later state of it: no second event.
    ingest(&bed, &[alert("S-1", "High")]).await;
    let mut later = alert("s-1", "Low");
    later.as_object_mut().unwrap().insert("TimeGenerated", "2026-03-01T09:00:00Z");
    ingest(&bed, &[later]).await;
    bed.settle().await;

    let runs = bed.engine.incident_runs(&bed.ws, &incident).await.unwrap();
    let bodies: Vec<Value> = {
        let mut found = Vec::new();
        for run in &runs {
            let run = bed.engine.run_anywhere(run.str_at(&["name"]).unwrap()).await.unwrap();
            found.push(run.at(&["properties", "trigger", "outputs", "body"]).unwrap().clone());
        }
        found
    };
    assert_eq!(runs.len(), 2, "each playbook once: {runs:?}");
    assert_eq!(bodies[0].str_at(&["SystemAlertId"]), Some("s-1"), "the body of the alert trigger");
    let matched = bed.told(&incident, "ruleMatched").await;
    assert_eq!(matched.len(), 2, "{matched:?}");
    assert!(matched[0].starts_with("rule First matched: AlertAnalyticRuleIds contains"), "{matched:?}");
    let rows = bed.health().await;
    let of_rules: Vec<&Value> =
        rows.iter().filter(|row| row.str_at(&["SentinelResourceType"]) == Some("Automation rule")).collect();
    let names: Vec<_> = of_rules.iter().map(|row| row.str_at(&["SentinelResourceName"]).unwrap()).collect();
    assert_eq!(names, ["First", "Then"]);
    assert_eq!(rows.len(), 2, "playbooks on alerts are told through the rule's row alone");
    let properties = of_rules[0].get("ExtendedProperties").unwrap();
    assert_eq!(properties.str_at(&["TriggeredOn"]), Some("Alert"));
    assert_eq!(properties.str_at(&["TriggeredWhen"]), Some("Created"));
    assert_eq!(properties.str_at(&["IncidentNumber"]), Some("1"));
    let triggered = properties.get("TriggeredPlaybooks").and_then(|p| p.item(0)).unwrap();
    assert_eq!(triggered.str_at(&["WorkflowId"]), Some(first.as_str()));
}

#[tokio::test]
async fn a_rule_on_alerts_starts_no_playbook_on_incidents_and_the_other_way_round() {
    let bed = Bed::new().await;
    let say = || value!({ "Say": { "type": "Compose", "inputs": 1 } });
    let (of_alerts, of_incidents) = (bed.alert_playbook("A", say()).await, bed.playbook("I", say()).await);
    bed.rule("a", on_alerts("On alerts", 1, RULE_ID, value!([run_playbook(1, &of_incidents)]))).await;
    bed.rule("i", rule("On incidents", 1, &[], value!([run_playbook(1, &of_alerts)]))).await;
    let incident = ingest(&bed, &[alert("s-1", "High")]).await.remove(0);
    bed.settle().await;
    assert!(bed.engine.incident_runs(&bed.ws, &incident).await.unwrap().is_empty());
    let mut failed = bed.told(&incident, "ruleFailed").await;
    failed.sort();
    assert_eq!(
        failed,
        [
            "Could not trigger playbook: A. It contains an unsupported trigger type.",
            "Could not trigger playbook: I. It contains an unsupported trigger type."
        ]
    );
    let shown = bed.engine.automation_rule(&bed.ws, "a").await.unwrap();
    let health = shown.at(&["riposte", "health"]).unwrap();
    assert_eq!(health.str_at(&["status"]), Some("Unhealthy"), "{health}");
    assert_eq!(
        health.get("problems").and_then(|p| p.item(0)).and_then(|p| p.str_at(&["code"])),
        Some("PlaybookTriggerUnfit")
    );
}

#[tokio::test]
async fn a_rule_on_alerts_changes_the_incident_of_its_alert() {
    let bed = Bed::new().await;
    let actions = value!([modify(1, value!({"severity": "Low"})), {
        "order": 2, "actionType": "AddIncidentTask", "actionConfiguration": { "title": "Look" }
    }]);
    bed.rule("a", on_alerts("Lower", 1, RULE_ID, actions)).await;
    let mut update = rule(
        "Seen",
        1,
        &[("IncidentUpdatedBySource", "Equals", "AutomationRule")],
        value!([modify(1, value!({"labels": [{"labelName": "seen"}]}))]),
    );
    update = on(update, "Incidents", "Updated");
    bed.rule("u", update).await;
    let incident = ingest(&bed, &[alert("s-1", "High")]).await.remove(0);
    bed.settle().await;
    let shown = bed.incident(&incident).await;
    assert_eq!(shown.str_at(&["properties", "severity"]), Some("Low"));
    assert_eq!(
        shown.at(&["properties", "labels"]).and_then(|l| l.item(0)).and_then(|l| l.str_at(&["labelName"])),
        Some("seen"),
        "one rule's changes start the rules on updates"
    );
    assert_eq!(bed.engine.tasks(&bed.ws, &incident).await.unwrap().len(), 1);
}

#[tokio::test]
async fn an_alert_that_no_rule_matches_leaves_only_why() {
    let bed = Bed::new().await;
    bed.rule(
        "a",
        on_alerts(
            "Other",
            1,
            "bbbbbbbb-0000-4000-8000-000000000001",
            value!([run_playbook(1, &playbook_id("Gone"))]),
        ),
    )
    .await;
    let incident = ingest(&bed, &[alert("s-1", "High")]).await.remove(0);
    bed.settle().await;
    assert!(bed.health().await.is_empty());
    assert_eq!(bed.timeline_kinds(&incident).await, ["incidentCreated"]);
    let kept = bed.engine.alert_evaluations(&bed.ws, "S-1", None).await.unwrap();
    assert_eq!(kept.len(), 1);
    let why = kept[0].str_at(&["why"]).unwrap();
    assert!(
        why.starts_with("AlertAnalyticRuleIds contains bbbbbbbb") && why.contains("(was aaaaaaaa"),
        "{why}"
    );
}

#[tokio::test]
async fn events_of_alerts_outlive_a_restart() {
    let folder = std::env::temp_dir().join(format!("riposte-alert-rules-{}", uuid::Uuid::new_v4()));
    let place = Place::lasting(&folder);
    let bed = Bed::over(place.clone(), |_| (200, value!({}))).await;
    // The first rule's playbook takes its time; the second rule waits for it while the engine stops.
    let wait =
        value!({ "Wait": { "type": "Wait", "inputs": { "interval": { "count": 2, "unit": "Second" } } } });
    let slow = bed.alert_playbook("Slow", wait).await;
    let quick = bed.alert_playbook("Quick", value!({ "Say": { "type": "Compose", "inputs": 1 } })).await;
    bed.rule("a", on_alerts("Slow", 1, RULE_ID, value!([run_playbook(1, &slow)]))).await;
    bed.rule("b", on_alerts("Quick", 2, RULE_ID, value!([run_playbook(1, &quick)]))).await;
    let incident = ingest(&bed, &[alert("s-1", "High")]).await.remove(0);
    while bed.told(&incident, "playbookTriggered").await.is_empty() {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    bed.engine.shutdown().await;
    let bed = Bed::over(place, |_| (200, value!({}))).await;
    bed.settle().await;
    let runs = bed.engine.incident_runs(&bed.ws, &incident).await.unwrap();
    assert_eq!(runs.len(), 2, "each once: {runs:?}");
    let kinds: Vec<String> = bed
        .timeline_kinds(&incident)
        .await
        .into_iter()
        .filter(|kind| matches!(kind.as_str(), "playbookTriggered" | "playbookFinished"))
        .collect();
    let (triggered, finished) = ("playbookTriggered", "playbookFinished");
    assert_eq!(kinds, [triggered, finished, triggered, finished], "the second waited for the first");
}

fn enhanced(name: &str, order: i64, extension: Value) -> Value {
    let mut rule = on(rule(name, order, &[], value!([])), "Alerts", "Created");
    rule.as_object_mut().unwrap().insert("riposte", extension);
    rule
}

fn update(status: &str) -> Value {
    value!([{ "order": 1, "actionType": "UpdateAlert", "actionConfiguration": { "status": status } }])
}

async fn put_enhanced(bed: &Bed, name: &str, properties: Value) -> riposte_engine::Result<Value> {
    let body = value!({ "properties": properties });
    let (written, _) = bed.engine.put_alert_automation_rule(name, &body, &bed.caller).await?;
    Ok(written.resource)
}

/// The status of an alert, as the latest row of SecurityAlert has it.
async fn status(bed: &Bed, ws: &riposte_engine::Workspace, id: &str) -> String {
    let query = riposte_engine::LogQuery { top: 1000, ..riposte_engine::LogQuery::default() };
    let rows = bed.engine.security_alert(ws, query).await.unwrap();
    let row = rows.iter().find(|row| row.str_at(&["SystemAlertId"]) == Some(id)).unwrap();
    row.str_at(&["Status"]).unwrap().to_owned()
}

#[tokio::test]
async fn a_rule_for_several_workspaces_sees_to_the_alerts_of_those() {
    let bed = Bed::new().await;
    let two =
        bed.engine.workspace_or_create(crate::bed::SUBSCRIPTION, "other", "w2", &bed.caller).await.unwrap();
    let listed = enhanced("Listed", 1, value!({ "workspaces": ["W2"], "actions": update("Resolved") }));
    put_enhanced(&bed, "listed", listed).await.unwrap();
    let high = value!([{ "conditionType": "Property", "conditionProperties": {
        "propertyName": "AlertSeverity", "operator": "Equals", "propertyValues": ["High"] } }]);
    let all = enhanced("All", 2, value!({ "conditions": high, "actions": update("InProgress") }));
    put_enhanced(&bed, "all", all).await.unwrap();
    // A workspace that comes later has the rules too.
    let three =
        bed.engine.workspace_or_create(crate::bed::SUBSCRIPTION, "other", "w3", &bed.caller).await.unwrap();
    for ws in [&bed.ws, &two, &three] {
        let alerts = Value::array([alert("high", "High"), alert("low", "Low")]);
        bed.engine.ingest_alerts(ws, &alerts, &bed.caller).await.unwrap();
    }
    bed.settle().await;
    let mut found = Vec::new();
    for ws in [&bed.ws, &two, &three] {
        found.push((status(&bed, ws, "high").await, status(&bed, ws, "low").await));
    }
    let pair = |high: &str, low: &str| (high.to_owned(), low.to_owned());
    assert_eq!(found, [pair("InProgress", "New"), pair("InProgress", "Resolved"), pair("InProgress", "New")]);
    let query = riposte_engine::LogQuery { top: 1000, ..riposte_engine::LogQuery::default() };
    let rows = bed.engine.health(&two, query).await.unwrap();
    // Alerts are seen to beside each other.
    let mut told: Vec<_> = rows
        .iter()
        .map(|row| {
            (
                row.str_at(&["SentinelResourceName"]).unwrap(),
                row.str_at(&["ExtendedProperties", "TriggeredOn"]).unwrap(),
            )
        })
        .collect();
    told.sort_unstable();
    assert_eq!(told, [("All", "Alert"), ("Listed", "Alert"), ("Listed", "Alert")]);
    let shown = bed.engine.alert_automation_rule("ALL").await.unwrap();
    assert_eq!(shown.str_at(&["riposte", "health", "lastRun", "status"]), Some("Success"), "{shown}");
}

#[tokio::test]
async fn rules_of_a_workspace_and_for_several_run_in_one_order() {
    let bed = Bed::new().await;
    let compose = || value!({ "Say": { "type": "Compose", "inputs": 1 } });
    let playbook = bed.alert_playbook("P", compose()).await;
    let act = || value!([run_playbook(1, &playbook)]);
    bed.rule("m", on_alerts("Own5m", 5, RULE_ID, act())).await;
    bed.rule("same", on_alerts("Own5same", 5, RULE_ID, act())).await;
    for (name, title, order) in [("a", "Tenant5a", 5), ("SAME", "Tenant5same", 5), ("z", "Tenant1z", 1)] {
        put_enhanced(&bed, name, on_alerts(title, order, RULE_ID, act())).await.unwrap();
    }
    let mut expired = on_alerts("Expired", 1, RULE_ID, act());
    let logic = expired.as_object_mut().unwrap().get_mut("triggeringLogic").unwrap().as_object_mut().unwrap();
    logic.insert("expirationTimeUtc", "2020-01-01T00:00:00Z");
    put_enhanced(&bed, "expired", expired).await.unwrap();
    let incident = ingest(&bed, &[alert("s-1", "High")]).await.remove(0);
    bed.settle().await;
    let matched = bed.told(&incident, "ruleMatched").await;
    let names: Vec<&str> = matched.iter().map(|text| text.split(' ').nth(1).unwrap()).collect();
    assert_eq!(names, ["Tenant1z", "Tenant5a", "Own5m", "Own5same", "Tenant5same"]);
    assert!(bed.engine.delete_alert_automation_rule("Z", &bed.caller).await.unwrap());
    assert!(!bed.engine.delete_alert_automation_rule("z", &bed.caller).await.unwrap());
    assert_eq!(bed.engine.alert_automation_rules().await.unwrap().len(), 3);
}

#[tokio::test]
async fn what_is_no_rule_for_several_workspaces_is_refused() {
    let bed = Bed::new().await;
    let on_incidents = rule("R", 1, &[], value!([modify(1, value!({"severity": "Low"}))]));
    let refused = put_enhanced(&bed, "r", on_incidents).await.unwrap_err();
    assert!(refused.to_string().contains("created alerts"), "{refused}");
    // Who may write the rules of a workspace has no say in others.
    let wide = enhanced("Wide", 1, value!({ "workspaces": ["*"], "actions": update("Resolved") }));
    let body = value!({ "properties": wide });
    let refused = bed.engine.put_automation_rule(&bed.ws, "r", &body, &bed.caller).await.unwrap_err();
    assert!(refused.to_string().contains("that workspace alone"), "{refused}");
    assert!(bed.engine.alert_automation_rules().await.unwrap().is_empty());
    // A stale etag is refused; the same again changes nothing.
    let mine = enhanced("Mine", 1, value!({ "actions": update("Resolved") }));
    let first = put_enhanced(&bed, "mine", mine.clone()).await.unwrap();
    let again = put_enhanced(&bed, "mine", mine).await.unwrap();
    assert_eq!(first.get("etag"), again.get("etag"));
    let mut stale = first.clone();
    stale.as_object_mut().unwrap().insert("etag", "\"0\"");
    let refused = bed.engine.put_alert_automation_rule("mine", &stale, &bed.caller).await.unwrap_err();
    assert_eq!(refused.kind, riposte_engine::ErrorKind::Conflict);
}

/// The workspaces that a rule's extension names, and those that it sees to.
fn seen_to(rule: &Value) -> (String, String) {
    let list = |path: &[&str]| rule.at(path).map(ToString::to_string).unwrap_or_default();
    (list(&["properties", "riposte", "workspaces"]), list(&["riposte", "seesTo"]))
}

#[tokio::test]
async fn the_workspaces_of_a_rule_must_be_there_and_none_means_all() {
    let bed = Bed::new().await;
    bed.engine.workspace_or_create(crate::bed::SUBSCRIPTION, "other", "West", &bed.caller).await.unwrap();
    let put = async |workspaces: Option<Value>| {
        let mut extension = value!({ "actions": (update("Resolved")) });
        if let Some(workspaces) = workspaces {
            extension.as_object_mut().unwrap().insert("workspaces", workspaces);
        }
        put_enhanced(&bed, "r", enhanced("R", 1, extension)).await
    };
    let refused = put(Some(value!(["west", "w1", "nowhere"]))).await.unwrap_err();
    assert_eq!(refused.kind, riposte_engine::ErrorKind::BadRequest);
    let told = &refused.diagnostics;
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].code, "WorkspaceNotFound");
    assert_eq!(told[0].message, "there is no workspace `nowhere`; known are: `West`, `w1`");
    assert_eq!(told[0].location.path.as_deref(), Some("$.properties.riposte.workspaces[2]"));
    assert!(bed.engine.alert_automation_rules().await.unwrap().is_empty());
    let texts = |named: &str, seen: &str| (named.to_owned(), seen.to_owned());
    let guid = bed.ws.reference.id.to_string();
    let by_id = bed.ws.reference.arm_id();
    for named in ["W1", guid.as_str(), by_id.as_str(), by_id.trim_start_matches('/')] {
        let shown = put(Some(Value::array([Value::from(named)]))).await.unwrap();
        // The same workspace by another name changes nothing.
        assert_eq!(seen_to(&shown), texts("[\"W1\"]", "[\"w1\"]"), "{named}");
    }
    // Left out it means all, and the answer says so; to say it is the same.
    let all = put(None).await.unwrap();
    assert_eq!(seen_to(&all), texts("[\"*\"]", "[\"w1\",\"West\"]"));
    let said = put(Some(value!(["*"]))).await.unwrap();
    assert_eq!(said.get("etag"), all.get("etag"));
    bed.engine.workspace_or_create(crate::bed::SUBSCRIPTION, "other", "w3", &bed.caller).await.unwrap();
    let shown = bed.engine.alert_automation_rule("r").await.unwrap();
    assert_eq!(seen_to(&shown).1, "[\"w1\",\"West\",\"w3\"]");
}

/// Tells an alert anew; what became of it.
async fn tell_anew(bed: &Bed, id: &str, severity: &str, time: &str) -> String {
    let mut later = alert(id, severity);
    later.as_object_mut().unwrap().insert("TimeGenerated", time);
    let taken = bed.engine.ingest_alerts(&bed.ws, &later, &bed.caller).await.unwrap();
    taken.items[0].str_at(&["status"]).unwrap().to_owned()
}

/// The ids of the alerts of the workspace, page by page.
async fn listed(bed: &Bed, limit: usize) -> Vec<String> {
    let (mut ids, mut before) = (Vec::new(), None::<String>);
    loop {
        let page = bed.engine.alerts(&bed.ws, before.as_deref(), limit).await.unwrap();
        ids.extend(page.items.iter().map(|item| item.str_at(&["name"]).unwrap().to_owned()));
        before = page.next;
        if before.is_none() {
            ids.sort();
            return ids;
        }
    }
}

#[tokio::test]
async fn what_a_rule_sets_on_an_alert_outlives_what_its_provider_tells_anew() {
    let bed = Bed::new().await;
    let actions = value!([{ "order": 1, "actionType": "UpdateAlert", "actionConfiguration": {
        "status": "Resolved", "classification": "TruePositive", "determination": "Malware",
        "assignee": "ana@contoso.com" } }]);
    put_enhanced(&bed, "set", enhanced("Set", 1, value!({ "actions": actions }))).await.unwrap();
    ingest(&bed, &[alert("s-1", "High"), alert("s-2", "High")]).await;
    bed.settle().await;
    assert_eq!(status(&bed, &bed.ws, "s-1").await, "Resolved");
    let shown = bed.engine.alert(&bed.ws, "s-1").await.unwrap();
    let set = ["classification", "determination", "assignee"].map(|name| shown.str_at(&["properties", name]));
    assert_eq!(set, [Some("TruePositive"), Some("Malware"), Some("ana@contoso.com")], "it can be read back");
    assert_eq!(tell_anew(&bed, "s-1", "High", "2026-03-01T09:00:00Z").await, "duplicate", "nothing new");
    assert_eq!(tell_anew(&bed, "s-1", "Low", "2026-03-01T10:00:00Z").await, "updated");
    assert_eq!(status(&bed, &bed.ws, "s-1").await, "Resolved", "kept");
    assert_eq!(tell_anew(&bed, "s-1", "Low", "2026-03-01T11:00:00Z").await, "duplicate");
    // Each alert has several rows by now.
    for limit in [1, 10] {
        assert_eq!(listed(&bed, limit).await, ["s-1", "s-2"], "{limit}");
    }
}

#[tokio::test]
async fn an_alert_whose_row_does_not_show_what_a_rule_sets_is_listed_once() {
    let bed = Bed::new().await;
    let actions = value!([{ "order": 1, "actionType": "UpdateAlert", "actionConfiguration": {
        "assignee": "ana@contoso.com" } }]);
    put_enhanced(&bed, "set", enhanced("Set", 1, value!({ "actions": actions }))).await.unwrap();
    ingest(&bed, &[alert("s-1", "High"), alert("s-2", "High")]).await;
    bed.settle().await;
    assert_eq!(listed(&bed, 10).await, ["s-1", "s-2"]);
}
