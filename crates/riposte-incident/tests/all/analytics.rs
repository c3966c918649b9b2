//! Analytics rules: reading, what is refused and what only warned of, and that nothing is lost on the way back.

use crate::made::workspace;
use riposte_diagnostic::Diagnostic;
use riposte_incident::{AnalyticsRule, MatchingMethod};
use riposte_testing::Cases;
use riposte_value::{Value, value};
use serde::Deserialize;
use std::collections::BTreeMap;

/// A change to a good rule of a kind, and what is told of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    #[serde(rename = "name")]
    _name: String,
    /// `Scheduled` unless another is named.
    #[serde(default)]
    kind: Option<String>,
    #[serde(default)]
    set: BTreeMap<String, Value>,
    #[serde(default)]
    remove: Vec<String>,
    /// `severity path: message`.
    told: Vec<String>,
}

/// A good rule with everything that its kind has.
pub fn good(kind: &str) -> Value {
    let mut properties = match kind {
        "Scheduled" | "NRT" => query_properties(),
        "MicrosoftSecurityIncidentCreation" => value!({
            "displayName": "From Defender for Cloud", "enabled": true, "productFilter": "Azure Security Center",
            "severitiesFilter": ["High", "Medium"], "displayNamesFilter": ["mining"],
            "displayNamesExcludeFilter": ["test"]
        }),
        _ => value!({
            "displayName": "Microsoft's own", "alertRuleTemplateName": "f71aba3d-28fb-450b-b192-4e76a83015c8",
            "enabled": true, "severity": "High", "tactics": ["Impact"],
            "sourceSettings": [{"enabled": true, "sourceName": "Anomalies"}]
        }),
    };
    if kind == "Scheduled" {
        let more = value!({
            "queryFrequency": "PT1H", "queryPeriod": "P2DT1H30M", "triggerOperator": "GreaterThan",
            "triggerThreshold": 0, "startTimeUtc": "2026-03-01T08:00:00Z"
        });
        properties
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().iter().map(|(name, value)| (name.clone(), value.clone())));
    }
    value!({"kind": kind, "properties": properties})
}

fn query_properties() -> Value {
    value!({
        "displayName": "Sign-in from Tor", "description": "Somebody came through Tor.", "enabled": true,
        "severity": "High", "query": "SigninLogs | where IPAddress in (TorNodes)",
        "suppressionEnabled": false, "suppressionDuration": "PT5H",
        "tactics": ["InitialAccess"], "techniques": ["T1078"], "subTechniques": ["T1078.004"],
        "alertRuleTemplateName": "65360bb0-8986-4ade-a89d-af3cf44d28aa", "templateVersion": "1.0.2",
        "eventGroupingSettings": {"aggregationKind": "AlertPerResult"},
        "customDetails": {"Country": "Location", "Agent": "UserAgent"},
        "entityMappings": [
            {"entityType": "Account", "fieldMappings": [{"identifier": "FullName", "columnName": "User"}]},
            {"entityType": "IP", "fieldMappings": [{"identifier": "Address", "columnName": "IPAddress"}]}
        ],
        "sentinelEntitiesMappings": [{"columnName": "Entities"}],
        "alertDetailsOverride": {
            "alertDisplayNameFormat": "Tor: {{User}}", "alertDescriptionFormat": "{{User}} from {{IPAddress}}",
            "alertTacticsColumnName": "Tactics", "alertSeverityColumnName": "Severity",
            "alertDynamicProperties": [{"alertProperty": "AlertLink", "value": "Link"}]
        },
        "incidentConfiguration": {
            "createIncident": true,
            "groupingConfiguration": {
                "enabled": true, "reopenClosedIncident": false, "lookbackDuration": "PT5H",
                "matchingMethod": "Selected", "groupByEntities": ["Account"],
                "groupByAlertDetails": ["DisplayName"], "groupByCustomDetails": ["Country"],
                "maxAlertsPerIncident": 100
            }
        }
    })
}

const KINDS: [&str; 6] = [
    "Scheduled",
    "NRT",
    "MicrosoftSecurityIncidentCreation",
    "Fusion",
    "MLBehaviorAnalytics",
    "ThreatIntelligence",
];

fn line(told: &Diagnostic) -> String {
    let path = told.location.path.as_deref().unwrap_or_default();
    format!("{} {path}: {}", told.severity.as_str(), told.message)
}

/// Puts a value at `$.a.b[0].c`, or takes it away.
fn change(value: &mut Value, path: &str, to: Option<&Value>) {
    let steps: Vec<&str> = path.trim_start_matches("$.").split('.').collect();
    let mut at = value;
    for (place, step) in steps.iter().enumerate() {
        let (name, index) = match step.split_once('[') {
            Some((name, index)) => (name, Some(index.trim_end_matches(']').parse::<usize>().unwrap())),
            None => (*step, None),
        };
        let object = at.as_object_mut().unwrap();
        if place + 1 == steps.len() && index.is_none() {
            match to {
                Some(to) => drop(object.insert(name, to.clone())),
                None => drop(object.remove(name)),
            }
            return;
        }
        at = object.get_mut(name).unwrap();
        if let Some(index) = index {
            at = at.as_array_mut().unwrap().get_mut(index).unwrap();
            if place + 1 == steps.len() {
                *at = to.cloned().unwrap_or_default();
                return;
            }
        }
    }
}

#[test]
fn rules_are_read_as_the_tables_say() {
    Cases::<Case>::load("conformance/analytics/read").check(|case| {
        let mut given = good(case.kind.as_deref().unwrap_or("Scheduled"));
        for path in &case.remove {
            change(&mut given, path, None);
        }
        for (path, value) in &case.set {
            change(&mut given, path, Some(value));
        }
        let (rule, told) = AnalyticsRule::from_arm("r", &given);
        let lines: Vec<String> = told.iter().map(line).collect();
        if lines != case.told {
            return Err(format!("wanted {:#?}, got {lines:#?}", case.told));
        }
        let refused = told.iter().any(Diagnostic::is_error);
        if rule.is_none() == refused {
            Ok(())
        } else {
            Err("a rule and an error exclude each other".to_owned())
        }
    });
}

#[test]
fn what_was_written_comes_back() {
    for kind in KINDS {
        let given = good(kind);
        let (rule, told) = AnalyticsRule::from_arm("r", &given);
        assert_eq!(told, [], "{kind}");
        let arm = rule.unwrap().to_arm(&workspace(), "e");
        assert_eq!(arm.str_at(&["kind"]), Some(kind));
        assert_eq!(arm.str_at(&["etag"]), Some("\"e\""));
        assert!(arm.str_at(&["id"]).unwrap().ends_with("/providers/Microsoft.SecurityInsights/alertRules/r"));
        let shown = arm.get("properties").unwrap().as_object().unwrap();
        let written = given.get("properties").unwrap().as_object().unwrap();
        for (name, value) in written {
            assert_eq!(shown.get(name), Some(value), "{kind} {name}");
        }
        assert_eq!(shown.len(), written.len(), "{kind}");
        let again = AnalyticsRule::from_arm("r", &arm);
        assert_eq!(again.1, []);
        assert_eq!(again.0.unwrap().to_arm(&workspace(), "e"), arm);
    }
}

#[test]
fn without_a_word_about_incidents_each_alert_makes_one() {
    for kind in KINDS {
        let mut given = good(kind);
        change(&mut given, "$.properties.incidentConfiguration", None);
        let rule = AnalyticsRule::from_arm("r", &given).0.unwrap();
        assert!(rule.incident_configuration().create_incident);
        assert_eq!(rule.incident_configuration().grouping(), None);
    }
    let rule = AnalyticsRule::from_arm("r", &good("Scheduled")).0.unwrap();
    let incidents = rule.incident_configuration();
    let grouping = incidents.grouping().unwrap();
    assert_eq!((grouping.matching, grouping.lookback.seconds()), (MatchingMethod::Selected, 5 * 3600));
    assert_eq!(grouping.alerts_max(), 100);
    let plain = rule.without_extensions().incident_configuration();
    assert_eq!(plain.grouping().unwrap().alerts_max(), 150);
}
