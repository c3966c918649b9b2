//! Incidents, comments, tasks, alerts and relations through the engine's interface.

use crate::bed::{Bed, GROUP, Hands, SUBSCRIPTION};
use riposte_egress::{EgressPolicy, Gate};
use riposte_engine::{Clock, Config, Engine, ErrorKind, IncidentBounds, ListQuery, OrderBy};
use riposte_value::{Value, value};
use std::sync::Arc;
use std::sync::atomic::Ordering;

fn body(title: &str, severity: &str) -> Value {
    value!({ "properties": { "title": title, "severity": severity, "status": "New" } })
}

#[tokio::test]
async fn a_stale_etag_is_refused_in_azures_words_and_changes_nothing() {
    let bed = Bed::new().await;
    let name = "6f0c1a52-0000-4000-8000-000000000001";
    let made = bed.engine.put_incident(&bed.ws, name, &body("a", "Low"), &bed.caller).await.unwrap();
    assert!(made.created);
    let etag = made.resource.get("etag").cloned().unwrap();
    let mut second = body("b", "Low");
    second.as_object_mut().unwrap().insert("etag", etag.clone());
    let written = bed.engine.put_incident(&bed.ws, name, &second, &bed.caller).await.unwrap();
    assert!(!written.created);
    assert_ne!(written.resource.get("etag"), Some(&etag));
    let error = bed.engine.put_incident(&bed.ws, name, &second, &bed.caller).await.unwrap_err();
    assert_eq!((error.kind, error.code.as_str()), (ErrorKind::Conflict, "Conflict"));
    assert_eq!(error.message, format!("Newer version of resource '{name}' exists. Data was not saved"));
    assert_eq!(bed.incident(name).await.str_at(&["properties", "title"]), Some("b"));
    assert_eq!(bed.incident("1").await, bed.incident(name).await, "by number and by GUID");
}

#[tokio::test]
async fn bad_bodies_are_refused_with_every_fault() {
    let bed = Bed::new().await;
    let wrong = value!({ "properties": { "title": 5, "severity": "Grave", "status": "New" } });
    let error = bed.engine.put_incident(&bed.ws, "x", &wrong, &bed.caller).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::BadRequest);
    let paths: Vec<_> = error.diagnostics.iter().filter_map(|d| d.location.path.clone()).collect();
    assert_eq!(paths, ["$.properties.title", "$.properties.severity"]);
    assert_eq!(bed.engine.incident(&bed.ws, "x").await.unwrap_err().kind, ErrorKind::NotFound);
}

#[tokio::test]
async fn lists_are_paged_without_gaps_or_doubles_filtered_and_sorted() {
    let bed = Bed::new().await;
    for i in 0..25 {
        let name = uuid::Uuid::new_v4().to_string();
        let severity = if i % 2 == 0 { "High" } else { "Low" };
        bed.engine
            .put_incident(&bed.ws, &name, &body(&format!("t{:02}", 24 - i), severity), &bed.caller)
            .await
            .unwrap();
    }
    for order_by in [
        None,
        Some(OrderBy {
            path: vec!["properties".into(), "title".into()],
            descending: false,
            then: Vec::new(),
        }),
    ] {
        let mut seen = Vec::new();
        let mut skip_token = None;
        loop {
            let query = ListQuery {
                filter: Some(Box::new(|i| i.str_at(&["properties", "severity"]) == Some("High"))),
                bounds: IncidentBounds::default(),
                narrowing: riposte_engine::Narrowing::Unknown,
                order_by: order_by.clone(),
                top: 4,
                skip_token,
            };
            let page = bed.engine.list_incidents(&bed.ws, query).await.unwrap();
            assert!(page.items.len() <= 4);
            seen.extend(page.items.iter().map(|i| i.str_at(&["properties", "title"]).unwrap().to_owned()));
            skip_token = page.next;
            if skip_token.is_none() {
                break;
            }
        }
        let expected: Vec<String> = (0..=24).step_by(2).map(|n| format!("t{n:02}")).collect();
        assert_eq!(seen, expected, "the latest first, which here is also the order of titles");
    }
}

#[tokio::test]
async fn alerts_become_incidents_once() {
    let bed = Bed::new().await;
    let alert = |time: &str, title: &str| {
        value!({
            "SystemAlertId": "A1", "DisplayName": title, "AlertSeverity": "Medium", "TimeGenerated": time,
            "Entities": "[{\"$id\":\"1\",\"Type\":\"ip\",\"Address\":\"203.0.113.7\"}]"
        })
    };
    let statuses = |items: &[Value]| -> Vec<String> {
        items.iter().map(|item| item.str_at(&["status"]).unwrap().to_owned()).collect()
    };
    let list = value!([alert("2026-03-01T08:00:00Z", "a"), { "DisplayName": "no id" }, alert("2026-03-01T08:00:00Z", "a")]);
    let taken = bed.engine.ingest_alerts(&bed.ws, &list, &bed.caller).await.unwrap();
    assert_eq!(statuses(&taken.items), ["created", "rejected", "duplicate"]);
    assert!(taken.items[1].at(&["error", "message"]).is_some());
    let later =
        bed.engine.ingest_alerts(&bed.ws, &alert("2026-03-01T09:00:00Z", "b"), &bed.caller).await.unwrap();
    assert_eq!(statuses(&later.items), ["updated"]);
    assert_eq!(later.items[0].get("incident"), taken.items[0].get("incident"));
    let page = bed
        .engine
        .list_incidents(
            &bed.ws,
            ListQuery {
                filter: None,
                bounds: IncidentBounds::default(),
                narrowing: riposte_engine::Narrowing::Unknown,
                order_by: None,
                top: 10,
                skip_token: None,
            },
        )
        .await
        .unwrap();
    assert_eq!(page.items.len(), 1);
    let entities = bed.engine.incident_entities(&bed.ws, "1").await.unwrap();
    assert_eq!(entities.at(&["metaData"]), Some(&value!([{ "entityKind": "Ip", "count": 1 }])));
    let alerts = bed.engine.incident_alerts(&bed.ws, "1").await.unwrap();
    assert_eq!(alerts.get("value").and_then(Value::as_array).map(<[_]>::len), Some(1));
}

#[tokio::test]
async fn comments_tasks_and_relations_hang_on_their_incident() {
    let bed = Bed::new().await;
    let first = bed.alert("one", "Low", value!([])).await;
    let second = bed.alert("two", "Low", value!([])).await;
    let message = value!({ "properties": { "message": "<b>seen</b>" } });
    assert!(bed.engine.put_comment(&bed.ws, &first, "c1", &message, &bed.caller).await.unwrap().0.created);
    assert!(!bed.engine.put_comment(&bed.ws, &first, "c1", &message, &bed.caller).await.unwrap().0.created);
    let etag = bed.engine.comment(&bed.ws, &first, "c1").await.unwrap().get("etag").cloned().unwrap();
    let edit = value!({ "etag": etag, "properties": { "message": "<b>seen twice</b>" } });
    bed.engine.put_comment(&bed.ws, &first, "c1", &edit, &bed.caller).await.unwrap();
    let stale = value!({ "etag": etag, "properties": { "message": "late" } });
    let refused = bed.engine.put_comment(&bed.ws, &first, "c1", &stale, &bed.caller).await.unwrap_err();
    assert_eq!(refused.kind, ErrorKind::Conflict);
    assert_eq!(bed.engine.comments(&bed.ws, &first).await.unwrap().len(), 1);
    assert!(bed.engine.comments(&bed.ws, &second).await.unwrap().is_empty());
    let task = value!({ "properties": { "title": "call", "status": "New" } });
    assert!(bed.engine.put_task(&bed.ws, &first, "t1", &task, &bed.caller).await.unwrap().0.created);
    let alerts = bed.engine.incident_alerts(&bed.ws, &second).await.unwrap();
    let alert = alerts.get("value").and_then(|v| v.item(0)).and_then(|a| a.get("id")).cloned().unwrap();
    let relation = value!({ "properties": { "relatedResourceId": alert } });
    assert!(bed.engine.put_relation(&bed.ws, &first, "r1", &relation, &bed.caller).await.unwrap().0.created);
    assert_eq!(
        bed.incident(&first).await.at(&["properties", "additionalData", "alertsCount"]),
        Some(&value!(2))
    );
    assert!(bed.engine.delete_relation(&bed.ws, &first, "r1", &bed.caller).await.unwrap());
    assert!(!bed.engine.delete_relation(&bed.ws, &first, "r1", &bed.caller).await.unwrap());
    let incident = bed.incident(&first).await;
    assert_eq!(incident.at(&["properties", "additionalData", "alertsCount"]), Some(&value!(1)));
    assert_eq!(incident.at(&["properties", "additionalData", "commentsCount"]), Some(&value!(1)));
    assert!(bed.engine.delete_comment(&bed.ws, &first, "c1", &bed.caller).await.unwrap());
    assert_eq!(
        bed.timeline_kinds(&first).await,
        [
            "incidentCreated",
            "commentAdded",
            "incidentUpdated",
            "taskAdded",
            "alertAdded",
            "incidentUpdated",
            "incidentUpdated"
        ]
    );
}

/// Lists by creation go by number: an incident is never made before the one that has the number before it.
#[tokio::test]
async fn a_clock_that_is_set_back_does_not_make_an_incident_older() {
    let clock = Hands::at(1_780_000_000);
    let gate = Arc::new(Gate::new(EgressPolicy::default()).unwrap());
    let engine =
        Engine::open_with(Config::default(), gate, Arc::clone(&clock) as Arc<dyn Clock>).await.unwrap();
    engine.ensure_owner_token(Some("a token for tests only".into())).await.unwrap();
    let caller = engine.authenticate("a token for tests only").await.unwrap().unwrap();
    let ws = engine.workspace_or_create(SUBSCRIPTION, GROUP, "w1", &caller).await.unwrap();
    let alert = |id: &str| value!({"SystemAlertId": id, "DisplayName": id, "AlertSeverity": "Low"});
    engine.put_incident(&ws, "first", &body("first", "Low"), &caller).await.unwrap();
    clock.0.fetch_sub(3_600, Ordering::Relaxed);
    engine.ingest_alerts(&ws, &Value::array([alert("a"), alert("b")]), &caller).await.unwrap();
    engine.put_incident(&ws, "last", &body("last", "Low"), &caller).await.unwrap();
    let all = ListQuery {
        filter: None,
        bounds: IncidentBounds::default(),
        narrowing: riposte_engine::Narrowing::Unknown,
        order_by: None,
        top: 10,
        skip_token: None,
    };
    let page = engine.list_incidents(&ws, all).await.unwrap();
    let times: Vec<_> = page
        .items
        .iter()
        .map(|incident| incident.str_at(&["properties", "createdTimeUtc"]).unwrap())
        .collect();
    assert_eq!(times.len(), 4);
    assert!(times.iter().all(|time| *time == times[0]), "{times:?}");
}
