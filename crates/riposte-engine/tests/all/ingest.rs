//! Alerts become incidents: by the rule that governs them, grouped, once.

use crate::bed::Bed;
use riposte_engine::{ErrorKind, LogQuery};
use riposte_value::{Object, Value, value};
use std::collections::{BTreeMap, BTreeSet};

const RULE: &str = "7d1f0c1e-0000-4000-8000-000000000001";

/// A scheduled rule whose incidents are made so; `grouping` says what differs from grouping all alerts for five hours.
async fn govern(bed: &Bed, create: bool, grouping: Option<Value>) {
    let grouping = grouping.map(|more| {
        let all = value!({ "enabled": true, "reopenClosedIncident": false, "lookbackDuration": "PT5H",
            "matchingMethod": "AnyAlert" });
        let more = more.as_object().cloned().unwrap_or_default();
        Value::from(all.as_object().cloned().unwrap().into_iter().chain(more).collect::<Object>())
    });
    put_rule(bed, RULE, &value!({ "kind": "Scheduled", "properties": {
        "displayName": "Sign-in from Tor", "enabled": true, "severity": "Medium", "query": "T",
        "queryFrequency": "PT5M", "queryPeriod": "PT5M", "triggerOperator": "GreaterThan", "triggerThreshold": 0,
        "suppressionEnabled": false, "suppressionDuration": "PT5H",
        "incidentConfiguration": { "createIncident": create, "groupingConfiguration": grouping.unwrap_or_default() }
    } })).await;
}

async fn put_rule(bed: &Bed, name: &str, rule: &Value) {
    bed.engine.put_analytics_rule(&bed.ws, name, rule, &bed.caller).await.unwrap();
}

/// An alert of the rule at this minute past eight.
fn alert(id: &str, minute: i64) -> Value {
    with(id, minute, &value!({ "AlertType": RULE }))
}

fn with(id: &str, minute: i64, more: &Value) -> Value {
    let time = format!("2026-03-01T{:02}:{:02}:00Z", 8 + minute / 60, minute % 60);
    let alert = value!({ "SystemAlertId": id, "DisplayName": "Tor", "AlertSeverity": "Medium", "TimeGenerated": time });
    let more = more.as_object().cloned().unwrap_or_default();
    Value::from(alert.as_object().cloned().unwrap().into_iter().chain(more).collect::<Object>())
}

/// Of each alert what became of it and the number of its incident, 0 for none.
async fn send(bed: &Bed, alerts: &[Value]) -> Vec<(String, i64)> {
    let body = Value::array(alerts.to_vec());
    let taken = bed.engine.ingest_alerts(&bed.ws, &body, &bed.caller).await.unwrap();
    taken
        .items
        .iter()
        .map(|item| {
            let number = item.at(&["incident", "incidentNumber"]).and_then(Value::as_i64).unwrap_or(0);
            (item.str_at(&["status"]).unwrap().to_owned(), number)
        })
        .collect()
}

/// The ids of an incident's alerts.
async fn alerts_of(bed: &Bed, incident: &str) -> Vec<String> {
    let alerts = bed.engine.incident_alerts(&bed.ws, incident).await.unwrap();
    let ids = alerts.get("value").and_then(Value::as_array).unwrap().iter();
    ids.map(|alert| alert.str_at(&["name"]).unwrap().to_owned()).collect()
}

fn told<const N: usize>(expected: [(&str, i64); N]) -> Vec<(String, i64)> {
    expected.iter().map(|(status, number)| ((*status).to_owned(), *number)).collect()
}

async fn close(bed: &Bed, incident: &str) {
    let mut resource = bed.incident(incident).await;
    let properties =
        resource.as_object_mut().unwrap().get_mut("properties").unwrap().as_object_mut().unwrap();
    properties.insert("status", "Closed");
    properties.insert("classification", "TruePositive");
    let name = resource.str_at(&["name"]).unwrap().to_owned();
    bed.engine.put_incident(&bed.ws, &name, &resource, &bed.caller).await.unwrap();
}

#[tokio::test]
async fn alerts_of_one_request_make_one_incident_with_one_event() {
    let bed = Bed::new().await;
    let tag = |name: &str, on: &str| {
        let condition = value!({"conditionType": "PropertyArrayChanged", "conditionProperties": {"arrayType": "Alerts", "changeType": "Added"}});
        let conditions = if on == "Updated" { value!([condition]) } else { value!([]) };
        value!({ "displayName": name, "order": 1,
            "triggeringLogic": { "isEnabled": true, "triggersOn": "Incidents", "triggersWhen": on, "conditions": conditions },
            "actions": [{ "order": 1, "actionType": "AddIncidentTask", "actionConfiguration": { "title": name } }] })
    };
    bed.rule("created", tag("created", "Created")).await;
    bed.rule("grown", tag("grown", "Updated")).await;
    govern(&bed, true, Some(value!({}))).await;
    let sent = send(&bed, &[alert("a", 0), alert("b", 1), alert("A", 1), alert("c", 2)]).await;
    assert_eq!(sent, told([("created", 1), ("created", 1), ("duplicate", 1), ("created", 1)]));
    bed.settle().await;
    assert_eq!(
        bed.timeline_kinds("1").await,
        ["incidentCreated", "ruleMatched", "taskAdded"],
        "made with all"
    );
    let sent = send(&bed, &[alert("d", 3), alert("e", 4)]).await;
    assert_eq!(sent, told([("created", 1), ("created", 1)]));
    bed.settle().await;
    let kinds = bed.timeline_kinds("1").await;
    assert_eq!(kinds[3..], ["alertAdded", "ruleMatched", "taskAdded"], "one event for both");
    assert_eq!(alerts_of(&bed, "1").await, ["a", "b", "c", "d", "e"]);
    assert_eq!(send(&bed, &[alert("x\0", 5), alert("f", 5)]).await, told([("rejected", 0), ("created", 1)]));
    let incident = bed.incident("1").await;
    let related = incident.at(&["properties", "relatedAnalyticRuleIds"]).and_then(|ids| ids.item(0)).unwrap();
    assert!(related.as_str().unwrap().ends_with(RULE));
}

#[tokio::test]
async fn the_window_counts_from_the_first_alert() {
    let bed = Bed::new().await;
    govern(&bed, true, Some(value!({ "lookbackDuration": "PT1H" }))).await;
    let sent = send(&bed, &[alert("a", 0), alert("b", 60), alert("c", 61), alert("d", 121)]).await;
    assert_eq!(sent, told([("created", 1), ("created", 1), ("created", 2), ("created", 2)]));
    // Late ones, each in a request of its own, find the incident of their time.
    assert_eq!(send(&bed, &[alert("e", 30)]).await, told([("created", 1)]));
    assert_eq!(send(&bed, &[alert("f", 122)]).await, told([("created", 3)]));
    assert_eq!(send(&bed, &[alert("g", 100)]).await, told([("created", 2)]));
}

#[tokio::test]
async fn more_than_the_limit_overflows_into_an_incident_with_the_same_details() {
    let bed = Bed::new().await;
    govern(&bed, true, Some(value!({}))).await;
    let first = [with(
        "first",
        0,
        &value!({ "AlertType": RULE, "DisplayName": "Spray", "AlertSeverity": "High", "Description": "d" }),
    )];
    assert_eq!(send(&bed, &first).await, told([("created", 1)]));
    let many: Vec<Value> = (0..330).map(|n| alert(&format!("m{n}"), 1)).collect();
    let sent = send(&bed, &many).await;
    let mut counts: BTreeMap<i64, usize> = BTreeMap::new();
    for (status, number) in &sent {
        assert_eq!(status, "created");
        *counts.entry(*number).or_default() += 1;
    }
    assert_eq!(counts, BTreeMap::from([(1, 149), (2, 150), (3, 31)]));
    for number in ["1", "2", "3"] {
        let incident = bed.incident(number).await;
        let text = |name: &str| incident.str_at(&["properties", name]).unwrap().to_owned();
        assert_eq!(
            (text("title"), text("severity"), text("description")),
            ("Spray".into(), "High".into(), "d".into())
        );
    }
    assert_eq!(send(&bed, &[alert("last", 2)]).await, told([("created", 3)]));
    govern(&bed, true, Some(value!({ "maxAlertsPerIncident": 400 }))).await;
    let more: Vec<Value> = (0..300).map(|n| alert(&format!("n{n}"), 2)).collect();
    assert!(send(&bed, &more).await.iter().all(|(_, number)| *number == 3), "a rule may raise the limit");
}

#[tokio::test]
async fn a_closed_incident_is_opened_again_where_the_rule_says_so() {
    let bed = Bed::new().await;
    govern(&bed, true, Some(value!({}))).await;
    send(&bed, &[alert("a", 0)]).await;
    close(&bed, "1").await;
    assert_eq!(send(&bed, &[alert("b", 1), alert("c", 2)]).await, told([("created", 2), ("created", 2)]));
    govern(&bed, true, Some(value!({ "reopenClosedIncident": true }))).await;
    let reopened = value!({"conditionType": "PropertyChanged", "conditionProperties": {"propertyName": "IncidentStatus", "changeType": "ChangedFrom", "operator": "Equals", "propertyValues": ["Closed"]}});
    bed.rule("reopened", value!({ "displayName": "reopened", "order": 1,
        "triggeringLogic": { "isEnabled": true, "triggersOn": "Incidents", "triggersWhen": "Updated", "conditions": [reopened] },
        "actions": [{ "order": 1, "actionType": "AddIncidentTask", "actionConfiguration": { "title": "again" } }] })).await;
    close(&bed, "2").await;
    assert_eq!(send(&bed, &[alert("d", 3), alert("e", 4)]).await, told([("created", 2), ("created", 2)]));
    bed.settle().await;
    let incident = bed.incident("2").await;
    assert_eq!(incident.str_at(&["properties", "status"]), Some("New"));
    assert_eq!(incident.at(&["properties", "classification"]), None);
    assert_eq!(bed.engine.tasks(&bed.ws, "2").await.unwrap().len(), 1, "one update with status and alerts");
    assert_eq!(bed.incident("1").await.str_at(&["properties", "status"]), Some("Closed"));
}

#[tokio::test]
async fn what_alerts_have_in_common_decides() {
    let bed = Bed::new().await;
    govern(&bed, true, Some(value!({ "matchingMethod": "AllEntities" }))).await;
    let of = |id: &str, entities: Value| with(id, 0, &value!({ "AlertType": RULE, "Entities": entities }));
    let ip = |address: &str| value!([{ "Type": "ip", "Address": address }]);
    let sent = send(
        &bed,
        &[of("a", ip("192.0.2.1")), of("b", value!([])), of("c", ip("192.0.2.2")), of("d", ip("192.0.2.1"))],
    )
    .await;
    assert_eq!(sent, told([("created", 1), ("created", 2), ("created", 3), ("created", 1)]));
    assert_eq!(
        send(&bed, &[alert("e", 1)]).await,
        told([("created", 2)]),
        "those without entities are together"
    );
    // Rules keep to themselves.
    put_rule(&bed, "other", &value!({ "kind": "NRT", "properties": { "displayName": "o", "enabled": true, "severity": "Low", "query": "T",
        "suppressionEnabled": false, "suppressionDuration": "PT5H", "incidentConfiguration": { "createIncident": true, "groupingConfiguration": {
            "enabled": true, "reopenClosedIncident": false, "lookbackDuration": "PT5H", "matchingMethod": "AllEntities" } } } })).await;
    let other = with(
        "f",
        1,
        &value!({ "ExtendedProperties": { "Analytic Rule Ids": ["OTHER"] }, "Entities": ip("192.0.2.1") }),
    );
    assert_eq!(send(&bed, &[other]).await, told([("created", 4)]));
    bed.engine.delete_incident(&bed.ws, "2", &bed.caller).await.unwrap();
    let name = bed.incident("2").await.str_at(&["name"]).unwrap().to_owned();
    assert!(bed.engine.delete_incident(&bed.ws, &name, &bed.caller).await.unwrap());
    assert_eq!(
        send(&bed, &[alert("g", 2)]).await,
        told([("created", 5)]),
        "an incident that is gone takes nothing"
    );
    assert_eq!(
        send(&bed, &[alert("h", 2), of("b", value!([]))]).await,
        told([("created", 5), ("duplicate", 0)])
    );
}

#[tokio::test]
async fn rules_and_settings_say_what_becomes_an_incident() {
    let bed = Bed::new().await;
    govern(&bed, false, None).await;
    assert_eq!(send(&bed, &[alert("a", 0)]).await, told([("created", 0)]), "a rule may make no incidents");
    govern(&bed, true, None).await;
    assert_eq!(
        send(&bed, &[alert("b", 0), alert("c", 0)]).await,
        told([("created", 1), ("created", 2)]),
        "one each"
    );
    // An alert without an incident can be put into one by hand.
    let relation = value!({ "properties": { "relatedResourceId": "/x/entities/a" } });
    bed.engine.put_relation(&bed.ws, "1", "r", &relation, &bed.caller).await.unwrap();
    assert_eq!(alerts_of(&bed, "1").await, ["b", "a"]);
    // Microsoft's other products, by the rules for them.
    put_rule(&bed, "mde", &value!({ "kind": "MicrosoftSecurityIncidentCreation", "properties": { "displayName": "MDE", "enabled": true,
        "productFilter": "Microsoft Defender Advanced Threat Protection", "severitiesFilter": ["High"] } })).await;
    let graph = |id: &str, severity: &str| {
        value!({ "id": id, "title": "t", "severity": severity, "serviceSource": "microsoftDefenderForEndpoint",
        "productName": "Microsoft Defender for Endpoint", "createdDateTime": "2026-03-01T08:00:00Z" })
    };
    assert_eq!(
        send(&bed, &[graph("g1", "high"), graph("g2", "low")]).await,
        told([("created", 3), ("created", 0)])
    );
    let related = bed.incident("3").await;
    let related = related.at(&["properties", "relatedAnalyticRuleIds"]).and_then(|ids| ids.item(0)).cloned();
    assert!(related.unwrap().as_str().unwrap().ends_with("/mde"));
    // What nothing governs.
    assert_eq!(send(&bed, &[with("u1", 0, &value!({}))]).await, told([("created", 4)]));
    let off = value!({ "incidentsFromUngovernedAlerts": false });
    bed.engine.put_workspace_settings(&bed.ws, &off, &bed.caller).await.unwrap();
    let ws = bed.engine.workspace_named("w1").await.unwrap();
    let one = Value::array([with("u2", 0, &value!({}))]);
    let taken = bed.engine.ingest_alerts(&ws, &one, &bed.caller).await.unwrap();
    assert_eq!((taken.accepted, taken.items[0].get("incident")), (1, Some(&Value::Null)));
    let wrong = value!({ "incidentsFromUngovernedAlerts": "no", "else": 1 });
    let error = bed.engine.put_workspace_settings(&bed.ws, &wrong, &bed.caller).await.unwrap_err();
    assert_eq!((error.kind, error.diagnostics.len()), (ErrorKind::BadRequest, 2));
}

#[tokio::test]
async fn what_is_told_anew_of_an_alert_is_taken_over() {
    let bed = Bed::new().await;
    bed.rule("tactics", value!({ "displayName": "tactics", "order": 1,
        "triggeringLogic": { "isEnabled": true, "triggersOn": "Incidents", "triggersWhen": "Updated", "conditions": [
            {"conditionType": "PropertyArrayChanged", "conditionProperties": {"arrayType": "Tactics", "changeType": "Added"}}
        ] },
        "actions": [{ "order": 1, "actionType": "AddIncidentTask", "actionConfiguration": { "title": "t" } }] })).await;
    govern(&bed, true, Some(value!({}))).await;
    let told_with = |minute, tactics: &str, address: &str| {
        with(
            "a",
            minute,
            &value!({ "AlertType": RULE, "Tactics": tactics, "ProductName": "P",
        "Entities": [{ "Type": "ip", "Address": address }] }),
        )
    };
    send(&bed, &[told_with(0, "Impact", "192.0.2.1"), alert("b", 0)]).await;
    let later = with(
        "A",
        9,
        &value!({ "AlertType": RULE, "DisplayName": "n", "AlertSeverity": "High", "Tactics": "Discovery, Impact",
        "Entities": [{ "Type": "ip", "Address": "192.0.2.9" }] }),
    );
    assert_eq!(
        send(&bed, &[told_with(5, "Impact", "192.0.2.1")]).await,
        told([("duplicate", 1)]),
        "the same, told later"
    );
    assert_eq!(
        send(&bed, &[told_with(0, "Discovery", "192.0.2.1")]).await,
        told([("duplicate", 1)]),
        "not told later"
    );
    assert_eq!(send(&bed, &[later.clone(), later]).await, told([("updated", 1), ("duplicate", 1)]));
    bed.settle().await;
    let incident = bed.incident("1").await;
    assert_eq!(
        incident.at(&["properties", "additionalData", "tactics"]),
        Some(&value!(["Discovery", "Impact"]))
    );
    assert_eq!(incident.at(&["properties", "additionalData", "alertProductNames"]), Some(&value!([])));
    assert_eq!(incident.str_at(&["properties", "severity"]), Some("Medium"), "the incident's own");
    assert_eq!(alerts_of(&bed, "1").await, ["a", "b"]);
    let entities = bed.engine.incident_entities(&bed.ws, "1").await.unwrap();
    assert_eq!(
        entities.get("entities").and_then(|e| e.item(0)).unwrap().str_at(&["properties", "address"]),
        Some("192.0.2.9")
    );
    let kinds = bed.timeline_kinds("1").await;
    assert_eq!(kinds, ["incidentCreated", "incidentUpdated", "ruleMatched", "taskAdded"]);
}

#[tokio::test]
async fn each_write_of_an_incident_is_one_row() {
    let bed = Bed::new().await;
    govern(&bed, true, Some(value!({}))).await;
    let many = |name: &str| -> Vec<Value> { (0..70).map(|n| alert(&format!("{name}{n}"), 0)).collect() };
    send(&bed, &many("a")).await;
    send(&bed, &many("b")).await;
    let query = || LogQuery { resource_type: None, resource: None, since: None, top: 1000 };
    let rows = bed.engine.security_incident(&bed.ws, query()).await.unwrap();
    let counts: Vec<usize> =
        rows.iter().map(|row| row.get("AlertIds").and_then(Value::as_array).unwrap().len()).collect();
    assert_eq!(counts, [140, 70], "the latest first");
}

#[tokio::test]
async fn an_incident_takes_so_many_alerts_by_hand() {
    let bed = Bed::new().await;
    govern(&bed, true, Some(value!({}))).await;
    let many: Vec<Value> = (0..150).map(|n| alert(&format!("a{n}"), 0)).collect();
    send(&bed, &many).await;
    assert_eq!(send(&bed, &[alert("b", 0)]).await, told([("created", 2)]));
    let relation = value!({ "properties": { "relatedResourceId": "/x/entities/b" } });
    let put = || bed.engine.put_relation(&bed.ws, "1", "r", &relation, &bed.caller);
    let error = put().await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::BadRequest);
    assert!(error.message.contains("maximum allowed number of alerts: 150"), "{}", error.message);
    govern(&bed, true, Some(value!({ "maxAlertsPerIncident": 151 }))).await;
    put().await.unwrap();
    assert_eq!(alerts_of(&bed, "1").await.len(), 151);
    assert!(bed.engine.delete_relation(&bed.ws, "1", "r", &bed.caller).await.unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn requests_at_once_put_each_alert_into_one_incident() {
    let bed = Bed::new().await;
    govern(&bed, true, Some(value!({ "matchingMethod": "AllEntities", "maxAlertsPerIncident": 20 }))).await;
    let all: Vec<Value> = (0..600)
        .map(|n| {
            let entities = value!([{ "Type": "ip", "Address": format!("192.0.2.{}", n % 7) }]);
            with(&format!("a{n}"), n % 200, &value!({ "AlertType": RULE, "Entities": entities }))
        })
        .collect();
    let mut sending = tokio::task::JoinSet::new();
    for (place, step) in [7_usize, 11, 13, 17].into_iter().enumerate() {
        // Each sends all of them, in an order and in pieces of its own.
        let order: Vec<Value> = (0..all.len()).map(|n| all[(n * step + place) % all.len()].clone()).collect();
        let (engine, ws, caller) = (bed.engine.clone(), bed.ws.clone(), bed.caller.clone());
        sending.spawn(async move {
            let mut found = Vec::new();
            for chunk in order.chunks(step * 3) {
                let taken = engine.ingest_alerts(&ws, &Value::array(chunk.to_vec()), &caller).await.unwrap();
                assert_eq!(taken.rejected, 0);
                found.extend(taken.items);
            }
            found
        });
    }
    let mut incident_of: BTreeMap<String, BTreeSet<i64>> = BTreeMap::new();
    let mut created = 0;
    for item in sending.join_all().await.concat() {
        created += usize::from(item.str_at(&["status"]) == Some("created"));
        let number = item.at(&["incident", "incidentNumber"]).and_then(Value::as_i64).unwrap();
        incident_of.entry(item.str_at(&["systemAlertId"]).unwrap().to_owned()).or_default().insert(number);
    }
    assert_eq!((created, incident_of.len()), (600, 600), "each created once");
    let mut held: BTreeMap<String, i64> = BTreeMap::new();
    let last = incident_of.values().flatten().max().copied().unwrap();
    for number in 1..=last {
        let alerts = alerts_of(&bed, &number.to_string()).await;
        assert!(alerts.len() <= 20);
        for alert in alerts {
            assert!(held.insert(alert, number).is_none(), "in one incident");
        }
    }
    for (alert, numbers) in incident_of {
        assert_eq!(numbers, BTreeSet::from([held[&alert]]), "{alert}");
    }
}

#[tokio::test]
async fn an_alert_that_names_no_title_takes_the_rules() {
    let bed = Bed::new().await;
    put_rule(&bed, RULE, &value!({ "kind": "NRT", "properties": { "displayName": "o", "enabled": true, "severity": "Low", "query": "T",
        "suppressionEnabled": false, "suppressionDuration": "PT5H", "alertDetailsOverride": { "alertDisplayNameFormat": "Tor from {{Country}}" } } })).await;
    let told_country = with(
        "a",
        0,
        &value!({ "AlertType": RULE, "ExtendedProperties": { "Custom Details": { "Country": ["CH"] } } }),
    );
    send(&bed, &[told_country, alert("b", 0)]).await;
    assert_eq!(bed.incident("1").await.str_at(&["properties", "title"]), Some("Tor from CH"));
    assert_eq!(bed.incident("2").await.str_at(&["properties", "title"]), Some("Tor"));
}

#[tokio::test]
async fn a_refused_alert_is_told_with_every_fault_and_its_place() {
    let bed = Bed::new().await;
    let good = value!({ "SystemAlertId": "a", "AlertName": "Tor" });
    let bad =
        value!({ "SystemAlertId": "b", "AlertSeverity": "Critical", "Status": "Open", "StartTime": "soon" });
    let graph = value!({ "id": "c\u{7}", "evidence": [], "severity": "grave" });
    let severity = "one of `High`, `Medium`, `Low`, `Informational`";
    let cases = [
        (bad.clone(), 0, vec![
            format!("$.AlertSeverity: `Critical` is no value of `AlertSeverity`; {severity}"),
            "$.Status: `Open` is no value of `Status`; one of `Unknown`, `New`, `Resolved`, `Dismissed`, `InProgress`".to_owned(),
            "$.StartTime: `soon` is not a point in time; write it as `2026-01-31T08:00:00Z`".to_owned(),
        ]),
        (value!([good.clone(), { "AlertName": "no id" }]), 1, vec!["$[1]: `SystemAlertId` is missing".to_owned()]),
        (value!({ "value": [good, graph] }), 1, vec![
            format!("$.value[1].severity: `grave` is no value of `severity`; {severity}"),
            "$.value[1].id: `id` has control characters".to_owned(),
        ]),
    ];
    for (body, at, wanted) in cases {
        let taken = bed.engine.ingest_alerts(&bed.ws, &body, &bed.caller).await.unwrap();
        let error = taken.items[at].get("error").unwrap();
        let details = error.get("details").and_then(Value::as_array).unwrap();
        let text = |fault: &Value, name| fault.str_at(&[name]).unwrap().to_owned();
        let told: Vec<String> = details
            .iter()
            .map(|fault| format!("{}: {}", text(fault, "target"), text(fault, "message")))
            .collect();
        assert_eq!(told, wanted, "{body}");
        assert!(text(error, "message").starts_with(&wanted[0]), "{error}");
        assert_eq!(text(error, "message").contains("faults"), wanted.len() > 1, "{error}");
    }
}

#[tokio::test]
async fn ids_that_no_database_keeps_are_refused() {
    let bed = Bed::new().await;
    govern(&bed, true, Some(value!({}))).await;
    let (longest, long) = ("x".repeat(512), "x".repeat(513));
    let sent =
        send(&bed, &[alert(&long, 0), alert("x\ny", 0), alert("x\u{7f}", 0), alert(&longest, 0)]).await;
    assert_eq!(sent, told([("rejected", 0), ("rejected", 0), ("rejected", 0), ("created", 1)]));
    // The name of an entity is its id only where it can be one: the index of entities takes the others in all the same.
    let entities = value!([{ "name": "a\0b", "kind": "Ip", "properties": { "address": "192.0.2.1" } }]);
    let named = with("e", 1, &value!({ "AlertType": RULE, "Entities": entities }));
    assert_eq!(send(&bed, &[named]).await, told([("created", 1)]));
    let page = bed.engine.entities(&bed.ws, "", 10).await.unwrap();
    assert_eq!(page.items.len(), 1);
}

#[tokio::test]
async fn an_alert_is_linked_with_the_rule_that_governs_it_in_the_rules_spelling() {
    let bed = Bed::new().await;
    let query = value!({ "kind": "NRT", "properties": { "displayName": "Brute force", "enabled": true,
        "severity": "Low", "query": "T", "suppressionEnabled": false, "suppressionDuration": "PT5H" } });
    put_rule(&bed, "BruteForce", &query).await;
    let own = bed.ws.reference.alert_rule_id("BruteForce");
    let elsewhere = own.replace("/w1/", "/other/");
    let is = |id: &str| {
        value!([{ "conditionType": "Property", "conditionProperties": {
        "propertyName": "IncidentRelatedAnalyticRuleIds", "operator": "Contains", "propertyValues": [id] } }])
    };
    bed.rule("linked", value!({ "displayName": "Linked", "order": 1,
        "triggeringLogic": { "isEnabled": true, "triggersOn": "Incidents", "triggersWhen": "Created", "conditions": is(&own) },
        "actions": [{ "order": 1, "actionType": "AddIncidentTask", "actionConfiguration": { "title": "t" } }] })).await;
    let workspace_and_name = format!("{}_bruteforce", bed.ws.reference.id);
    let upper = own.to_uppercase();
    let cases: [(Value, &[&str]); 7] = [
        (value!({ "AlertType": "BruteForce" }), &[&own]),
        (value!({ "AlertType": "bruteFORCE" }), &[&own]),
        (value!({ "AlertType": workspace_and_name }), &[&own]),
        (value!({ "AlertType": upper }), &[&own]),
        (value!({ "ExtendedProperties": { "Analytic Rule Ids": ["BRUTEFORCE"] } }), &[&own]),
        (value!({ "AlertType": elsewhere }), &[&elsewhere]),
        (value!({ "AlertType": "VendorAlert" }), &[]),
    ];
    for (place, (more, wanted)) in cases.into_iter().enumerate() {
        send(&bed, &[with(&format!("a{place}"), 0, &more)]).await;
        bed.settle().await;
        let number = (place + 1).to_string();
        let incident = bed.incident(&number).await;
        let related =
            incident.at(&["properties", "relatedAnalyticRuleIds"]).and_then(Value::as_array).unwrap();
        let related: Vec<&str> = related.iter().filter_map(Value::as_str).collect();
        assert_eq!(related, wanted, "{more}");
        let matched = bed.timeline_kinds(&number).await.contains(&"ruleMatched".to_owned());
        assert_eq!(matched, wanted == [own.as_str()], "{more}");
    }
}

#[tokio::test]
async fn what_is_passed_over_of_an_alerts_entities_is_told() {
    let bed = Bed::new().await;
    let entities = value!([{ "Type": "ip", "Address": ["10.0.0.1"] }, { "Type": "account", "Name": 123 }, { "Name": "x" }, "y"]);
    let body = with("a1", 0, &value!({ "Entities": entities }));
    let taken = bed.engine.ingest_alerts(&bed.ws, &body, &bed.caller).await.unwrap();
    let told = taken.items[0].get("warnings").and_then(Value::as_array).unwrap();
    let told: Vec<(&str, &str)> =
        told.iter().map(|one| (one.str_at(&["code"]).unwrap(), one.str_at(&["path"]).unwrap())).collect();
    assert_eq!(
        told,
        [
            ("IdentifierIgnored", "$.Entities[0].Address"),
            ("EntityIgnored", "$.Entities[2]"),
            ("EntityIgnored", "$.Entities[3]")
        ]
    );
    assert!(taken.items[0].str_at(&["status"]) == Some("created"));
    let fine = bed.engine.ingest_alerts(&bed.ws, &with("a2", 0, &value!({})), &bed.caller).await.unwrap();
    assert_eq!(fine.items[0].get("warnings"), None);
    let entities = bed.engine.incident_entities(&bed.ws, "1").await.unwrap().to_string();
    assert!(entities.contains("\"accountName\":\"123\"") && !entities.contains("10.0.0.1"), "{entities}");
}
