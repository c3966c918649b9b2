//! Alerts: reading, what they name, and what an incident takes over from them.

use crate::made::{ana, at, missing, same_errors, workspace};
use riposte_incident::{Alert, Incident};
use riposte_testing::Cases;
use riposte_value::{Value, json, value};
use serde::Deserialize;
use std::collections::BTreeMap;

/// An alert in some shape and what it is read as.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    #[serde(rename = "name")]
    _name: String,
    alert: Value,
    /// What of the ARM entity's properties must be there.
    #[serde(default)]
    arm: Option<Value>,
    /// What of the table row must be there.
    #[serde(default)]
    row: Option<Value>,
    /// The names of the workspace's rules, where the alert is linked with them.
    #[serde(default)]
    known: Option<Vec<String>>,
    /// The names of the analytics rules.
    #[serde(default)]
    rules: Option<Vec<String>>,
    /// Their ARM ids.
    #[serde(default)]
    ids: Option<Vec<String>>,
    /// The custom details.
    #[serde(default)]
    details: Option<BTreeMap<String, Vec<String>>>,
    /// What of each entity of its V3 list must be there.
    #[serde(default)]
    entities: Option<Vec<Value>>,
    #[serde(default)]
    errors: Vec<String>,
}

#[test]
fn alerts_are_read_as_the_tables_say() {
    let workspace = workspace();
    Cases::<Case>::load("conformance/incident/alerts").check(|case| {
        let mut alert = match Alert::read(&case.alert) {
            Ok(alert) => alert,
            Err(told) => return same_errors(&case.errors, &told),
        };
        if !case.errors.is_empty() {
            return Err("was read".to_owned());
        }
        let mut wrong = Vec::new();
        if let Some(known) = &case.known {
            alert.link_analytics_rules(&workspace, |name| {
                let name = name.to_lowercase();
                let name = name.strip_prefix(&format!("{}_", workspace.id)).unwrap_or(&name);
                known.iter().find(|rule| rule.eq_ignore_ascii_case(name)).map(|rule| rule.as_str().into())
            });
        }
        let ids: Vec<String> = alert.analytic_rule_ids(&workspace).iter().map(ToString::to_string).collect();
        if let Some(expect) = case.ids.as_ref().filter(|expect| **expect != ids) {
            wrong.push(format!("ids: wanted {expect:?}, got {ids:?}"));
        }
        if let Some(arm) = &case.arm {
            wrong.extend(missing(arm, alert.to_arm(&workspace).get("properties").unwrap(), "$"));
        }
        if let Some(row) = &case.row {
            wrong.extend(missing(row, &alert.to_row(&workspace), "$"));
        }
        let rules: Vec<String> = alert.analytic_rule_names().iter().map(ToString::to_string).collect();
        if let Some(expect) = case.rules.as_ref().filter(|expect| **expect != rules) {
            wrong.push(format!("rules: wanted {expect:?}, got {rules:?}"));
        }
        let details: BTreeMap<String, Vec<String>> = alert
            .custom_details()
            .into_iter()
            .map(|(key, values)| (key.to_string(), values.iter().map(ToString::to_string).collect()))
            .collect();
        if let Some(expect) = case.details.as_ref().filter(|expect| **expect != details) {
            wrong.push(format!("details: wanted {expect:?}, got {details:?}"));
        }
        if let Some(expect) = &case.entities {
            let got = alert.entities.as_array().unwrap_or_default();
            if got.len() != expect.len() {
                wrong.push(format!("wanted {} entities, got {}", expect.len(), alert.entities));
            }
            for (at, (expect, got)) in expect.iter().zip(got).enumerate() {
                wrong.extend(missing(expect, got, &format!("$[{at}]")));
            }
        }
        let stored: Alert = serde_json::from_str(&serde_json::to_string(&alert).unwrap()).unwrap();
        assert_eq!(stored, alert, "comes back from the store");
        let row = Alert::read(&alert.to_row(&workspace)).unwrap();
        assert_eq!(
            (row.system_alert_id, row.entities),
            (alert.system_alert_id, alert.entities),
            "from its row"
        );
        if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
    });
}

#[test]
fn an_incident_takes_over_from_its_alerts() {
    let workspace = workspace();
    let read = |value: Value| Alert::read(&value).unwrap();
    let first = read(value!({
        "SystemAlertId": "A1", "DisplayName": "Tor sign-in", "AlertSeverity": "High", "Description": "d",
        "Tactics": "InitialAccess", "ProductName": "Azure Sentinel",
        "StartTime": "2026-03-01T07:00:00Z", "EndTime": "2026-03-01T07:30:00Z",
        "ExtendedProperties": {"Analytic Rule Ids": "[\"r1\"]"}
    }));
    let second = read(value!({
        "SystemAlertId": "a2", "DisplayName": "x", "Tactics": ["initialaccess", "Persistence"],
        "ProductName": "MDE", "StartTime": "2026-03-01T06:00:00Z", "EndTime": "2026-03-01T06:30:00Z"
    }));
    let time = at("2026-03-01T08:00:00Z");
    let mut incident = Incident::from_alert("i", 1, &first, None, &workspace, time);
    assert_eq!((incident.title.as_str(), incident.severity.as_str()), ("Tor sign-in", "High"));
    let change = incident.add_alert(&second, &workspace, &ana(), time);
    assert_eq!(change.summary(), "alert added; tactics + Persistence");
    assert_eq!(change.updated_fields(), ["Alerts", "Tactics"]);
    assert!(incident.add_alert(&second, &workspace, &ana(), time).is_empty());
    let same = read(value!({"SystemAlertId": "A2"}));
    assert!(incident.add_alert(&same, &workspace, &ana(), time).is_empty(), "the id without regard to case");
    assert_eq!(incident.alert_product_names, ["Azure Sentinel", "MDE"]);
    assert_eq!(incident.first_activity, Some(at("2026-03-01T06:00:00Z")));
    assert_eq!(incident.last_activity, Some(at("2026-03-01T07:30:00Z")));
    assert_eq!(incident.related_analytic_rule_ids, [workspace.alert_rule_id("r1")]);

    incident.relate_analytics_rule("mde", &workspace);
    let change = incident.remove_alert("A1", [&first, &second], &workspace, &ana(), time);
    assert_eq!(change.summary(), "alert removed");
    assert_eq!(
        incident.related_analytic_rule_ids,
        [workspace.alert_rule_id("mde")],
        "what no alert named stays"
    );
    assert!(!change.triggers_update_rules());
    assert_eq!((incident.alert_ids.len(), incident.alert_product_names.len()), (1, 1));
    assert!(incident.remove_alert("a1", [&second], &workspace, &ana(), time).is_empty(), "gone already");

    let titled = Incident::from_alert("i", 1, &first, Some("Overridden"), &workspace, time);
    assert_eq!(titled.title, "Overridden");
    let nameless =
        Incident::from_alert("i", 1, &read(value!({"SystemAlertId": "A9"})), None, &workspace, time);
    assert_eq!(nameless.title, "A9");
}

#[test]
fn the_alert_trigger_has_flat_names() {
    let alert = Alert::read(&value!({
        "SystemAlertId": "a", "DisplayName": "n", "ExtendedProperties": "{\"Query\": \"T\"}",
        "Entities": "[{\"$id\":\"3\",\"Type\":\"ip\",\"Address\":\"1.2.3.4\"}]"
    }));
    let body = riposte_incident::alert_trigger_body(&alert.unwrap(), &workspace());
    for (path, expected) in [
        ("WorkspaceId", "00000000-0000-4000-8000-000000000a11"),
        ("WorkspaceSubscriptionId", "00000000-0000-4000-8000-0000000005b5"),
        ("WorkspaceResourceGroup", "soc"),
        ("SystemAlertId", "a"),
        ("AlertDisplayName", "n"),
        ("Severity", "Medium"),
    ] {
        assert_eq!(body.str_at(&[path]), Some(expected), "{path}");
    }
    assert_eq!(body.str_at(&["ExtendedProperties", "Query"]), Some("T"));
    assert_eq!(
        json::to_string(body.get("Entities").unwrap()),
        r#"[{"$id":"3","Type":"ip","Address":"1.2.3.4"}]"#
    );
}
