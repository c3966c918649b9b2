//! A rule tried on what is on record: what it would have matched, changed, started and overridden.

use crate::bed::{Bed, modify, on, rule, run_playbook};
use riposte_engine::Backtest;
use riposte_value::{Value, value};

async fn put(bed: &Bed, incident: &str, changes: &[(&'static str, Value)]) {
    let mut shown = bed.incident(incident).await;
    let properties = shown.as_object_mut().unwrap().get_mut("properties").unwrap().as_object_mut().unwrap();
    for (name, value) in changes {
        properties.insert(*name, value.clone());
    }
    bed.engine.put_incident(&bed.ws, incident, &shown, &bed.caller).await.unwrap();
    bed.settle().await;
}

async fn backtest(bed: &Bed, rule: Value) -> Value {
    bed.engine.backtest(&bed.ws, Backtest { rule, ..Backtest::default() }).await.unwrap()
}

fn matches(answer: &Value) -> Vec<Value> {
    answer.get("matches").and_then(Value::as_array).unwrap().to_vec()
}

#[tokio::test]
async fn incidents_are_judged_as_they_stood_when_they_were_made() {
    let bed = Bed::new().await;
    bed.rule(
        "existing",
        rule(
            "Existing",
            1,
            &[("IncidentTitle", "Contains", "first")],
            value!([modify(1, value!({"severity": "High", "labels": [{"labelName": "seen"}]}))]),
        ),
    )
    .await;
    let first =
        bed.alert("first", "Low", value!([{ "$id": "1", "Type": "ip", "Address": "203.0.113.7" }])).await;
    let second = bed.alert("second", "Low", value!([])).await;
    bed.alert("third", "Medium", value!([])).await;
    bed.settle().await;
    put(&bed, &second, &[("severity", value!("Informational")), ("status", value!("Active"))]).await;
    put(&bed, &second, &[("title", value!("renamed"))]).await;

    let id = bed.playbook("P", value!({ "C": { "type": "Compose", "inputs": 1 } })).await;
    let actions = value!([
        modify(1, value!({"severity": "Medium"})),
        run_playbook(2, &id),
        run_playbook(
            3,
            "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/soc/providers/Microsoft.Logic/workflows/Gone"
        )
    ]);
    let before = bed.engine.list_incidents(&bed.ws, list()).await.unwrap().items;
    let answer = backtest(&bed, rule("Try", 1, &[("IncidentSeverity", "Equals", "Low")], actions)).await;
    assert_eq!(answer.get("evaluated"), Some(&value!(3)), "{answer}");
    assert_eq!(answer.get("matched"), Some(&value!(2)));
    assert_eq!(answer.get("isComplete"), Some(&value!(true)));
    let found = matches(&answer);
    let titles: Vec<_> = found.iter().map(|one| one.str_at(&["title"]).unwrap()).collect();
    assert_eq!(titles, ["second", "first"], "the latest first, with the titles of then");
    assert_eq!(found[1].str_at(&["why"]), Some("IncidentSeverity equals Low (was Low)"));
    let texts = |one: &Value| -> Vec<String> {
        let actions = one.get("actions").and_then(Value::as_array).unwrap();
        actions.iter().map(|action| action.str_at(&["text"]).unwrap().to_owned()).collect()
    };
    assert_eq!(texts(&found[1])[..2], ["severity Low → Medium", "run playbook P"]);
    assert!(texts(&found[1])[2].starts_with("Could not trigger playbook: Gone."));
    // A person decided otherwise afterwards; what another rule did is no person's decision.
    assert_eq!(answer.get("overridden"), Some(&value!(1)));
    let overrides = found[0].get("overrides").and_then(Value::as_array).unwrap();
    assert_eq!(overrides.len(), 1, "{overrides:?}");
    assert_eq!(overrides[0].str_at(&["property"]), Some("Severity"));
    assert_eq!(overrides[0].str_at(&["decided"]), Some("Informational"));
    assert_eq!(overrides[0].str_at(&["would"]), Some("Medium"));
    assert_eq!(overrides[0].str_at(&["when"]), Some("after"));
    assert_eq!(overrides[0].str_at(&["person"]), Some("owner"));
    assert_eq!(found[1].get("overrides"), Some(&value!([])));
    let playbooks = answer.get("playbooks").and_then(Value::as_array).unwrap();
    let told: Vec<_> = playbooks
        .iter()
        .map(|one| {
            (
                one.str_at(&["id"]).unwrap().rsplit('/').next().unwrap(),
                one.get("runs").and_then(Value::as_i64).unwrap(),
                one.get("wouldFail").is_some(),
            )
        })
        .collect();
    assert_eq!(told, [("Gone", 2, true), ("P", 2, false)]);
    assert_eq!(
        answer.get("notMatchedBy"),
        Some(&value!([{ "condition": "IncidentSeverity equals Low", "count": 1 }]))
    );
    // Nothing was written.
    assert_eq!(bed.engine.list_incidents(&bed.ws, list()).await.unwrap().items, before);
    assert!(bed.engine.incident_runs(&bed.ws, &first).await.unwrap().is_empty());
    assert_eq!(bed.engine.automation_rules(&bed.ws).await.unwrap().len(), 1);
    // Entities count as well.
    let by_address = rule(
        "Ip",
        1,
        &[("IPAddress", "StartsWith", "203.")],
        value!([modify(1, value!({"status": "Closed"}))]),
    );
    assert_eq!(matches(&backtest(&bed, by_address).await).len(), 1);
}

fn list() -> riposte_engine::ListQuery {
    riposte_engine::ListQuery {
        filter: None,
        bounds: riposte_engine::IncidentBounds::default(),
        narrowing: riposte_engine::Narrowing::Unknown,
        order_by: None,
        top: 100,
        skip_token: None,
    }
}

#[tokio::test]
async fn updates_are_replayed_one_write_at_a_time() {
    let bed = Bed::new().await;
    bed.rule(
        "close",
        rule(
            "Close",
            1,
            &[],
            value!([modify(1, value!({"status": "Closed"})), modify(2, value!({"severity": "Low"}))]),
        ),
    )
    .await;
    let name = bed.alert("x", "High", value!([])).await;
    bed.settle().await;
    put(
        &bed,
        &name,
        &[("status", value!("Active")), ("owner", value!({ "userPrincipalName": "ana@contoso.com" }))],
    )
    .await;
    put(&bed, &name, &[("severity", value!("High"))]).await;
    put(&bed, &name, &[("description", value!("no event"))]).await;
    let act = || value!([modify(1, value!({"status": "New", "severity": "Medium"}))]);
    let any = on(rule("Any", 1, &[], act()), "Incidents", "Updated");
    let answer = backtest(&bed, any).await;
    let told: Vec<_> = matches(&answer)
        .iter()
        .map(|one| {
            (
                one.str_at(&["change"]).unwrap().to_owned(),
                one.str_at(&["by"]).unwrap().to_owned(),
                one.str_at(&["actions"]).map(str::to_owned),
            )
        })
        .collect();
    let changes: Vec<_> = told.iter().map(|(change, by, _)| (change.as_str(), by.as_str())).collect();
    assert_eq!(
        changes,
        [
            ("status New → Closed; classification → Undetermined; severity High → Low", "Close"),
            ("status Closed → Active; owner → ana@contoso.com", "owner"),
            ("severity Low → High", "owner"),
        ],
        "{answer}"
    );
    // Of the first, what a person set later; of the others, what a person had set.
    let when: Vec<Vec<(String, String)>> = matches(&answer)
        .iter()
        .map(|one| {
            let overrides = one.get("overrides").and_then(Value::as_array).unwrap();
            let pair = |o: &Value| {
                (o.str_at(&["property"]).unwrap().to_owned(), o.str_at(&["when"]).unwrap().to_owned())
            };
            overrides.iter().map(pair).collect()
        })
        .collect();
    let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    assert_eq!(when[0], [pair("Severity", "after"), pair("Status", "after")]);
    assert_eq!(when[1], [pair("Severity", "after"), pair("Status", "before")]);
    assert_eq!(when[2], [pair("Severity", "before"), pair("Status", "before")]);
    let reopened = value!([{ "conditionType": "PropertyChanged", "conditionProperties": { "propertyName": "IncidentStatus", "changeType": "ChangedFrom", "operator": "Equals", "propertyValues": ["Closed"] } }]);
    let mut by_change = on(rule("Reopened", 1, &[], act()), "Incidents", "Updated");
    by_change
        .as_object_mut()
        .unwrap()
        .get_mut("triggeringLogic")
        .unwrap()
        .as_object_mut()
        .unwrap()
        .insert("conditions", reopened);
    assert_eq!(matches(&backtest(&bed, by_change).await).len(), 1);
}

#[tokio::test]
async fn alerts_and_windows() {
    let bed = Bed::new().await;
    let now = jiff::Timestamp::now();
    for (id, ago) in [("a", 1), ("b", 48), ("c", 400)] {
        let at = now.checked_sub(jiff::SignedDuration::from_hours(ago)).unwrap().to_string();
        let alert =
            value!({ "SystemAlertId": id, "DisplayName": id, "AlertSeverity": "High", "TimeGenerated": at });
        bed.engine.ingest_alerts(&bed.ws, &alert, &bed.caller).await.unwrap();
    }
    let mut properties = on(rule("Alerts", 1, &[], value!([])), "Alerts", "Created");
    properties.as_object_mut().unwrap().insert(
        "riposte",
        value!({ "actions": [{ "order": 1, "actionType": "UpdateAlert", "actionConfiguration": { "status": "Resolved" } }] }),
    );
    let hours = |hours| Some(now.checked_sub(jiff::SignedDuration::from_hours(hours)).unwrap());
    let mut found = Vec::new();
    for (from, to) in [(None, None), (hours(24), None), (hours(500), hours(24))] {
        let asked = Backtest { rule: properties.clone(), from, to, ..Backtest::default() };
        let answer = bed.engine.backtest(&bed.ws, asked).await.unwrap();
        found.push(
            matches(&answer).iter().map(|one| one.str_at(&["alert"]).unwrap().to_owned()).collect::<Vec<_>>(),
        );
        for one in matches(&answer) {
            assert_eq!(
                one.get("actions").and_then(|a| a.item(0)).and_then(|a| a.str_at(&["text"])),
                Some("status New → Resolved")
            );
        }
    }
    assert_eq!(found, [vec!["b", "a"], vec!["a"], vec!["c", "b"]], "by when they were raised");
    let backwards = Backtest { rule: properties, from: hours(1), to: hours(2), ..Backtest::default() };
    assert!(bed.engine.backtest(&bed.ws, backwards).await.is_err());
    assert!(
        bed.engine.backtest(&bed.ws, Backtest { rule: value!({}), ..Backtest::default() }).await.is_err()
    );
}

/// What the pages of a backtest come to: evaluated, matched, and what is listed.
async fn in_pages(bed: &Bed, rule: &Value, top: usize) -> (i64, i64, Vec<String>) {
    let (mut sums, mut listed, mut skip_token) = ((0, 0), Vec::new(), None);
    loop {
        let asked = Backtest { rule: rule.clone(), top: Some(top), skip_token, ..Backtest::default() };
        let answer = bed.engine.backtest(&bed.ws, asked).await.unwrap();
        let count = |name: &str| answer.get(name).and_then(Value::as_i64).unwrap();
        assert!(count("read") <= i64::try_from(top).unwrap());
        sums = (sums.0 + count("evaluated"), sums.1 + count("matched"));
        listed.extend(matches(&answer).iter().map(|one| one.str_at(&["title"]).unwrap().to_owned()));
        skip_token = answer.str_at(&["skipToken"]).map(str::to_owned);
        assert_eq!(answer.get("isComplete"), Some(&Value::Bool(skip_token.is_none())));
        assert_eq!(answer.str_at(&["lookedBackTo"]).is_some(), skip_token.is_some());
        if skip_token.is_none() {
            return (sums.0, sums.1, listed);
        }
    }
}

#[tokio::test]
async fn everything_on_record_is_tried_page_by_page() {
    let bed = Bed::new().await;
    // More than one reading of the store, and more alerts than are listed.
    let alerts = (0..1_130).map(|number| {
        let severity = if number % 10 == 0 { "Low" } else { "High" };
        let (id, title) = (format!("a-{number}"), format!("t{number:04}"));
        value!({ "SystemAlertId": id, "DisplayName": title, "AlertSeverity": severity })
    });
    let alerts = Value::array(alerts);
    bed.engine.ingest_alerts(&bed.ws, &alerts, &bed.caller).await.unwrap();
    bed.settle().await;
    let act = || value!([modify(1, value!({"severity": "Medium"}))]);
    let high = rule("High", 1, &[("IncidentSeverity", "Equals", "High")], act());
    let low = rule("Low", 1, &[("IncidentSeverity", "Equals", "Low")], act());
    let mut raised = on(rule("Raised", 1, &[], value!([])), "Alerts", "Created");
    raised.as_object_mut().unwrap().insert(
        "riposte",
        value!({ "actions": [{ "order": 1, "actionType": "UpdateAlert", "actionConfiguration": { "status": "Resolved" } }] }),
    );
    let whole = backtest(&bed, high.clone()).await;
    let count = |answer: &Value, name: &str| answer.get(name).and_then(Value::as_i64).unwrap();
    assert_eq!((count(&whole, "evaluated"), count(&whole, "matched")), (1_130, 1_017));
    assert_eq!((matches(&whole).len(), count(&whole, "notListed")), (1_000, 17));
    assert_eq!(whole.get("isComplete"), Some(&value!(true)));
    assert!(
        whole.get("basedOn").unwrap().to_string().contains("17 more are counted and not listed"),
        "{whole}"
    );
    let titles = |answer: &Value| -> Vec<String> {
        matches(answer).iter().map(|one| one.str_at(&["title"]).unwrap().to_owned()).collect()
    };
    for (rule, evaluated, matched) in [(&high, 1_130, 1_017), (&low, 1_130, 113), (&raised, 1_130, 1_130)] {
        let whole = titles(&backtest(&bed, rule.clone()).await);
        for top in [100, 250, 2_000] {
            let (all, found, listed) = in_pages(&bed, rule, top).await;
            assert_eq!((all, found), (evaluated, matched), "{top}");
            assert_eq!(listed[..whole.len()], whole, "{top}: the latest first");
        }
    }
    for wrong in [(Some(0), None), (Some(5), Some("x".to_owned()))] {
        let asked = Backtest { rule: high.clone(), top: wrong.0, skip_token: wrong.1, ..Backtest::default() };
        assert!(bed.engine.backtest(&bed.ws, asked).await.is_err());
    }
}
