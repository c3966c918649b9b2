//! Rows of a query become alerts; which alerts of other products become incidents.

use crate::analytics::good;
use crate::made::{at, missing, same_errors, workspace};
use proptest::prelude::*;
use riposte_incident::{
    ALERTS_PER_NRT_RUN, ALERTS_PER_RUN, Alert, AnalyticsRule, ProductDecision, QueryResults, QueryRun,
    RunOutput, build_alerts, product_decision, read_entities, title_of,
};
use riposte_testing::Cases;
use riposte_value::{Object, Text, Value, json, value};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Rows and the alerts that they make.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    #[serde(rename = "name")]
    _name: String,
    #[serde(default)]
    kind: Option<String>,
    #[serde(default)]
    with: BTreeMap<String, Value>,
    /// The rows, in the window from 08:00 to 09:00.
    #[serde(default)]
    rows: Option<Value>,
    /// Or the request's whole body.
    #[serde(default)]
    body: Option<Value>,
    #[serde(default)]
    alerts: Vec<Value>,
    #[serde(default)]
    entities: Option<usize>,
    #[serde(default)]
    dropped: usize,
    #[serde(default)]
    issues: Vec<String>,
    /// What is told of the rule.
    #[serde(default)]
    told: Vec<String>,
    #[serde(default)]
    errors: Vec<String>,
}

fn rule(kind: &str, with: &BTreeMap<String, Value>) -> (AnalyticsRule, Vec<String>) {
    let mut properties = value!({
        "displayName": "Sign-in from Tor", "description": "Somebody came through Tor.", "enabled": true,
        "severity": "Medium", "query": "SigninLogs", "suppressionEnabled": false, "suppressionDuration": "PT5H",
        "tactics": ["InitialAccess"]
    });
    let object = properties.as_object_mut().unwrap();
    let schedule = value!({
        "queryFrequency": "PT1H", "queryPeriod": "P2DT1H30M", "triggerOperator": "GreaterThan",
        "triggerThreshold": 0
    });
    if kind == "Scheduled" {
        object
            .extend(schedule.as_object().unwrap().iter().map(|(name, value)| (name.clone(), value.clone())));
    }
    if kind == "Fusion" {
        *object = good(kind).get("properties").unwrap().as_object().unwrap().clone();
    }
    object.extend(with.iter().map(|(name, value)| (Text::new(name), value.clone())));
    let (rule, told) = AnalyticsRule::from_arm("rule-1", &value!({"kind": kind, "properties": properties}));
    let told = told.into_iter().map(|told| told.message).collect();
    (rule.unwrap(), told)
}

fn run(rule: &AnalyticsRule, body: &Value) -> Result<RunOutput, Vec<riposte_diagnostic::Diagnostic>> {
    let results = QueryResults::read(body)?;
    let now = at("2026-03-01T09:05:00Z");
    let period = rule.schedule().map(|schedule| schedule.period.duration()).unwrap_or_default();
    let run =
        QueryRun { results: &results, window: results.window(period, now), now, correlation_id: "run-1" };
    let mut number = 0;
    let mut id = || {
        number += 1;
        Text::from(format!("alert-{number}"))
    };
    Ok(build_alerts(rule, &run, &workspace(), &mut id))
}

fn in_the_morning(rows: &Value) -> Value {
    value!({
        "rows": rows.clone(), "queryStartTime": "2026-03-01T08:00:00Z", "queryEndTime": "2026-03-01T09:00:00Z"
    })
}

/// The row of an alert, with its inner JSON parsed and without `$id`.
fn open(alert: &Alert) -> Value {
    let mut row = alert.to_row(&workspace());
    let object = row.as_object_mut().unwrap();
    for name in ["Entities", "ExtendedProperties", "ExtendedLinks", "RemediationSteps"] {
        let text = object.get(name).and_then(Value::as_str).unwrap().to_owned();
        object.insert(name, json::parse(&text).unwrap_or_default());
    }
    if let Some(Value::Array(entities)) = object.get("Entities").cloned() {
        let plain = entities.iter().map(|entity| {
            let mut entity = entity.as_object().unwrap().clone();
            assert!(entity.remove("$id").is_some());
            Value::from(entity)
        });
        object.insert("Entities", Value::array(plain));
    }
    let mut extended = object.get("ExtendedProperties").unwrap().as_object().unwrap().clone();
    for name in ["Analytic Rule Ids", "Custom Details"] {
        if let Some(text) = extended.get(name).and_then(Value::as_str).map(str::to_owned) {
            extended.insert(name, json::parse(&text).unwrap());
        }
    }
    object.insert("ExtendedProperties", extended);
    row
}

#[test]
fn rows_become_alerts_as_the_tables_say() {
    Cases::<Case>::load("conformance/analytics/runs").check(|case| {
        let (rule, told) = rule(case.kind.as_deref().unwrap_or("Scheduled"), &case.with);
        if told != case.told {
            return Err(format!("told {told:?}"));
        }
        let body = case.body.clone().unwrap_or_else(|| in_the_morning(case.rows.as_ref().unwrap()));
        let output = match run(&rule, &body) {
            Ok(output) => output,
            Err(told) => return same_errors(&case.errors, &told),
        };
        if !case.errors.is_empty() {
            return Err("was read".to_owned());
        }
        let mut wrong = Vec::new();
        if output.alerts.len() != case.alerts.len() {
            wrong.push(format!("wanted {} alerts, got {}", case.alerts.len(), output.alerts.len()));
        }
        for (number, (expected, alert)) in case.alerts.iter().zip(&output.alerts).enumerate() {
            wrong.extend(missing(expected, &open(alert), &format!("alerts[{number}]")));
        }
        if case.entities.is_some_and(|entities| entities != output.entities) {
            wrong.push(format!("{} entities", output.entities));
        }
        if (output.entities_dropped, &output.issues) != (case.dropped, &case.issues) {
            wrong.push(format!("dropped {}: {:?}", output.entities_dropped, output.issues));
        }
        if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
    });
}

fn many(count: usize) -> Value {
    Value::array((0..count).map(|n| value!({"Ip": format!("10.0.{}.{}", n / 250, n % 250)})))
}

#[test]
fn the_last_of_too_many_alerts_is_of_all_rows() {
    let with = |kind: &str| {
        let properties = [
            ("eventGroupingSettings", value!({"aggregationKind": "AlertPerResult"})),
            (
                "entityMappings",
                value!([{"entityType": "IP", "fieldMappings": [{"identifier": "Address", "columnName": "Ip"}]}]),
            ),
        ];
        rule(kind, &properties.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()).0
    };
    for (kind, most) in [("Scheduled", ALERTS_PER_RUN), ("NRT", ALERTS_PER_NRT_RUN)] {
        let rule = with(kind);
        let counts = |rows: usize| -> Vec<usize> {
            let output = run(&rule, &in_the_morning(&many(rows))).unwrap();
            output.alerts.iter().map(|alert| read_entities(&alert.entities, "w").len()).collect()
        };
        assert_eq!(counts(most), vec![1; most]);
        let over = counts(most + 1);
        assert_eq!((over.len(), over[most - 2], over[most - 1]), (most, 1, most + 1));
        assert_eq!(counts(most * 3)[most - 1], most * 3);
    }
}

#[test]
fn what_azure_would_cut_off_is_kept_and_told() {
    let with = value!({
        "entityMappings": [{"entityType": "IP", "fieldMappings": [{"identifier": "Address", "columnName": "Ip"}]}],
        "customDetails": {"All": "Ip"}
    });
    let with =
        with.as_object().unwrap().iter().map(|(name, value)| (name.to_string(), value.clone())).collect();
    let (rule, _) = rule("Scheduled", &with);
    let told = |rows: usize| -> Vec<String> {
        let output = run(&rule, &in_the_morning(&many(rows))).unwrap();
        assert_eq!(output.entities, rows);
        assert_eq!(output.alerts[0].custom_details()[0].1.len(), rows);
        output.told.into_iter().map(|told| told.message).collect()
    };
    assert_eq!(told(50), Vec::<String>::new());
    assert_eq!(told(51), ["custom detail `All` has 51 values; Azure keeps 50"]);
    assert_eq!(
        told(501),
        [
            "custom detail `All` has 501 values; Azure keeps 50",
            "an alert's custom details take more than 2048 bytes; Azure cuts them off",
            "an alert has 501 entities; Azure keeps 500",
        ]
    );
}

#[test]
fn an_alert_silences_its_rule_if_the_rule_says_so() {
    let now = at("2026-03-01T08:00:00Z");
    let with = |on: bool| {
        let properties =
            [("suppressionEnabled", Value::from(on)), ("suppressionDuration", Value::from("PT5H"))];
        rule("Scheduled", &properties.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()).0
    };
    assert_eq!(with(true).suppressed_until(now), Some(at("2026-03-01T13:00:00Z")));
    assert_eq!(with(false).suppressed_until(now), None);
}

#[test]
fn an_incident_is_called_as_the_rule_says() {
    let with = value!({
        "customDetails": {"Who": "User"},
        "alertDetailsOverride": {"alertDisplayNameFormat": "Tor: {{User}}"}
    });
    let with =
        with.as_object().unwrap().iter().map(|(name, value)| (name.to_string(), value.clone())).collect();
    let (rule, _) = rule("Scheduled", &with);
    let alert = |extended: Value| {
        Alert::read(&value!({"SystemAlertId": "a", "DisplayName": "own", "ExtendedProperties": extended}))
            .unwrap()
    };
    let title = |extended| title_of(&rule, &alert(extended)).map(|title| title.to_string());
    assert_eq!(title(value!({"Custom Details": {"Who": ["ana", "ben"]}})).as_deref(), Some("Tor: ana"));
    assert_eq!(title(value!({"User": "carl"})).as_deref(), Some("Tor: carl"));
    assert_eq!(title(value!({})), None);
    let made = run(&rule, &in_the_morning(&value!([{"User": "dora"}]))).unwrap();
    assert_eq!(title_of(&rule, &made.alerts[0]).as_deref(), Some(made.alerts[0].display_name.as_str()));
}

/// An alert of another product and the rules for it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProductCase {
    #[serde(rename = "name")]
    _name: String,
    alert: Value,
    rules: BTreeMap<String, Value>,
    #[serde(default)]
    by: Option<String>,
    #[serde(default = "yes")]
    governed: bool,
}

const fn yes() -> bool {
    true
}

#[test]
fn alerts_of_other_products_become_incidents_as_the_table_says() {
    Cases::<ProductCase>::load("conformance/analytics/products").check(|case| {
        let rules: Vec<AnalyticsRule> = case
            .rules
            .iter()
            .map(|(name, filter)| {
                let mut properties = value!({"displayName": "n", "enabled": true});
                let more = filter.as_object().unwrap().iter();
                properties.as_object_mut().unwrap().extend(more.map(|(k, v)| (k.clone(), v.clone())));
                let body = value!({"kind": "MicrosoftSecurityIncidentCreation", "properties": properties});
                AnalyticsRule::from_arm(name, &body).0.unwrap()
            })
            .collect();
        let mut alert = case.alert.clone();
        alert.as_object_mut().unwrap().insert("SystemAlertId", "a");
        let decision = product_decision(&rules, &Alert::read(&alert).unwrap());
        let got = match decision {
            ProductDecision::Ungoverned => (false, None),
            ProductDecision::NoIncident => (true, None),
            ProductDecision::Incident(rule) => (true, Some(rule.name.to_string())),
        };
        if got == (case.governed, case.by.clone()) { Ok(()) } else { Err(format!("got {got:?}")) }
    });
}

fn any_cell() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[ -~]{0,12}".prop_map(Value::from),
        Just(value!(["1.1.1.1", null, {"a": 1}])),
        Just(value!({"Type": "ip", "Address": "1.1.1.1"})),
        Just(Value::from("CONTOSO\\ana")),
        Just(Value::from("ana@contoso.com")),
    ]
}

fn any_rows() -> impl Strategy<Value = Vec<Object>> {
    let row = (any_cell(), any_cell(), any_cell()).prop_map(|(a, b, c)| {
        Object::from_iter([("User".into(), a), ("Location".into(), b), ("TimeGenerated".into(), c)])
    });
    proptest::collection::vec(row, 0..180)
}

proptest! {
    #[test]
    fn no_row_is_lost_and_every_alert_is_sound(rows in any_rows(), each in any::<bool>()) {
        let mut body = good("Scheduled");
        let properties = body.as_object_mut().unwrap().get_mut("properties").unwrap().as_object_mut().unwrap();
        if !each {
            properties.remove("eventGroupingSettings");
        }
        let rule = AnalyticsRule::from_arm("r", &body).0.unwrap();
        let rows_value = Value::array(rows.iter().cloned().map(Value::from));
        let output = run(&rule, &in_the_morning(&rows_value)).unwrap();
        let expected = match (each, rows.len()) {
            (_, 0) => 0,
            (true, count) => count.min(ALERTS_PER_RUN),
            (false, _) => 1,
        };
        prop_assert_eq!(output.alerts.len(), expected);
        let count = |alert: &Alert| -> usize {
            let text = alert.extended_properties.get("Search Query Results Overall Count").unwrap();
            text.as_str().unwrap().parse().unwrap()
        };
        if let Some(last) = output.alerts.last() {
            let all = if each && rows.len() <= ALERTS_PER_RUN { 1 } else { rows.len() };
            prop_assert_eq!(count(last), all);
        }
        for alert in &output.alerts {
            prop_assert!(alert.start_time <= alert.end_time);
            prop_assert_eq!(alert.analytic_rule_names(), vec![Text::new("r")]);
            // what was made can be taken in
            prop_assert!(Alert::read(&alert.to_row(&workspace())).is_ok());
            let entities = read_entities(&alert.entities, "w");
            let mut ids: Vec<_> = entities.iter().map(|entity| entity.id.clone()).collect();
            ids.sort();
            ids.dedup();
            prop_assert_eq!(ids.len(), entities.len());
        }
        // the same rows make the same alerts
        prop_assert_eq!(run(&rule, &in_the_morning(&rows_value)).unwrap().alerts, output.alerts);
    }
}
