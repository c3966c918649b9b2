//! The index of rules: it loses none that matches, keeps the order, and starts after a cursor.

use crate::made::{Given, extended_properties, properties};
use crate::properties::{any_condition, any_extended, subject};
use jiff::Timestamp;
use proptest::prelude::*;
use riposte_rules::{AutomationRule, Cursor, Prepared, RuleIndex, Trigger, matches};
use riposte_value::{Value, value};
use std::sync::Arc;

fn now() -> Timestamp {
    "2026-03-02T09:00:00Z".parse().unwrap()
}

/// Rules of these properties, of the orders 1 to 3 in turn, for updated incidents.
fn rules(all: Vec<Value>) -> Vec<Arc<AutomationRule>> {
    let numbered = all.into_iter().enumerate().map(|(at, mut properties)| {
        properties.as_object_mut().unwrap().insert("order", i64::try_from(at % 3).unwrap() + 1);
        let (rule, told) = AutomationRule::from_arm(&format!("rule-{at:03}"), &properties);
        Arc::new(rule.unwrap_or_else(|| panic!("{told:#?}")))
    });
    numbered.collect()
}

fn names<'r>(rules: impl IntoIterator<Item = &'r Arc<AutomationRule>>) -> Vec<String> {
    rules.into_iter().map(|rule| rule.name.to_string()).collect()
}

proptest! {
    #[test]
    fn no_rule_that_matches_is_lost(
        azure in proptest::collection::vec(proptest::collection::vec(any_condition(), 0..4), 1..12),
        extended in proptest::collection::vec(proptest::collection::vec(any_extended(), 1..3), 0..6),
        title in "t?[a-cA-C ]{0,5}",
        labels in proptest::collection::vec("[a-cA-C]{1,3}", 0..4),
        address in "[a-c.]{0,4}",
        skip in 0_usize..4,
    ) {
        let azure = azure.into_iter().map(|conditions| properties(&Value::from(conditions)));
        let extended = extended.into_iter().map(|conditions| extended_properties(&Value::from(conditions)));
        let mut all = rules(azure.chain(extended).collect());
        let owned = subject(&format!("t{title}"), &labels, &address);
        let prepared = Prepared::new(owned.subject());
        let index = RuleIndex::new(all.clone());
        riposte_rules::order(&mut all);
        let wanted = names(all.iter().filter(|rule| matches(rule, &prepared)));
        let candidates: Vec<_> = index.candidates(Trigger::INCIDENT_UPDATED, &prepared, None, now()).collect();
        let found = names(candidates.iter().copied().filter(|rule| matches(rule, &prepared)));
        prop_assert_eq!(&found, &wanted);
        prop_assert_eq!(names(index.rules(Trigger::INCIDENT_UPDATED, None, now())), names(&all));
        // and after a place, whatever stands there
        if let Some(rule) = all.get(skip) {
            let after = Cursor::of(rule);
            let rest = index.candidates(Trigger::INCIDENT_UPDATED, &prepared, Some(&after), now());
            let rest: Vec<String> = names(rest.filter(|rule| matches(rule, &prepared)));
            let wanted = names(all.iter().skip(skip + 1).filter(|rule| matches(rule, &prepared)));
            prop_assert_eq!(rest, wanted);
        }
        prop_assert_eq!(index.candidates(Trigger::INCIDENT_CREATED, &prepared, None, now()).count(), 0);
    }
}

fn asking(name: &str, operator: &str, values: &[&str]) -> Value {
    let values: Vec<String> = values.iter().map(ToString::to_string).collect();
    properties(&Value::array([crate::made::property(name, operator, &values)]))
}

#[test]
fn only_rules_that_could_match_are_looked_at() {
    let id = "/subscriptions/s/resourceGroups/g/providers/Microsoft.OperationalInsights/workspaces/w/providers/\
              Microsoft.SecurityInsights/alertRules/11111111-0000-4000-8000-000000000001";
    let all = rules(vec![
        asking("IncidentSeverity", "Equals", &["High"]),
        asking("IncidentSeverity", "Equals", &["Low", "medium"]),
        asking("IncidentTitle", "Contains", &["tor", "vpn"]),
        asking("IncidentTitle", "StartsWith", &["sign-in", "tor"]),
        asking("IncidentTitle", "EndsWith", &["nowhere"]),
        asking("IPAddress", "Equals", &["10.0.0.1"]),
        asking("IPAddress", "Equals", &["10.0.0.2"]),
        asking("IPAddress", "NotEquals", &["10.0.0.2"]),
        asking("IncidentRelatedAnalyticRuleIds", "Contains", &[id]),
        asking("IncidentRelatedAnalyticRuleIds", "Contains", &["11111111-0000-4000-8000-000000000001"]),
        asking("IncidentRelatedAnalyticRuleIds", "Contains", &["11111111-0000-4000-8000-000000000002"]),
        asking("IncidentTactics", "Contains", &["Impact"]),
        asking("IncidentLabel", "Contains", &["vip"]),
        properties(&value!([])),
    ]);
    let given: Given = serde_json::from_value(serde_json::json!({
        "incident": {"title": "Sign-in from TOR", "severity": "Medium", "analyticRuleIds": [id], "labels": ["a VIP"]},
        "entities": [{"Type": "ip", "Address": "10.0.0.1"}]
    }))
    .unwrap();
    let owned = given.owned();
    let prepared = Prepared::new(owned.subject());
    let index = RuleIndex::new(all);
    let mut found = names(index.candidates(Trigger::INCIDENT_UPDATED, &prepared, None, now()));
    found.sort();
    let wanted = [1, 2, 3, 5, 7, 8, 9, 12, 13].map(|at| format!("rule-{at:03}"));
    assert_eq!(found, wanted);
}

#[test]
fn what_is_off_or_expired_is_not_yielded() {
    let mut off = properties(&value!([]));
    let logic = |properties: &mut Value, name: &str, value: Value| {
        let logic = properties.as_object_mut().unwrap().get_mut("triggeringLogic").unwrap();
        logic.as_object_mut().unwrap().insert(name, value);
    };
    logic(&mut off, "isEnabled", value!(false));
    let mut expired = properties(&value!([]));
    logic(&mut expired, "expirationTimeUtc", value!("2026-03-02T09:00:00Z"));
    let mut on_alerts = properties(&value!([]));
    logic(&mut on_alerts, "triggersOn", value!("Alerts"));
    logic(&mut on_alerts, "triggersWhen", value!("Created"));
    let index = RuleIndex::new(rules(vec![off, expired, on_alerts, properties(&value!([]))]));
    let prepared = Prepared::new(riposte_rules::Subject::default());
    let of = |trigger, at: &str| {
        names(index.candidates(trigger, &prepared, None, at.parse::<Timestamp>().unwrap()))
    };
    assert_eq!(of(Trigger::INCIDENT_UPDATED, "2026-03-02T08:59:59Z"), ["rule-003", "rule-001"]);
    assert_eq!(of(Trigger::INCIDENT_UPDATED, "2026-03-02T09:00:00Z"), ["rule-003"]);
    assert_eq!(of(Trigger::ALERT_CREATED, "2026-03-02T09:00:00Z"), ["rule-002"]);
    assert_eq!(index.rules(Trigger::INCIDENT_CREATED, None, now()).count(), 0);
    assert_eq!(RuleIndex::default().candidates(Trigger::ALERT_CREATED, &prepared, None, now()).count(), 0);
}
