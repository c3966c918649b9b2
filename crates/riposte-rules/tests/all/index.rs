//! The index of rules: it loses none that matches, keeps the order, and starts after a cursor.

use crate::made::{Given, extended_properties, properties};
use crate::properties::{any_condition, any_extended, subject};
use jiff::Timestamp;
use proptest::prelude::*;
use proptest::sample::select;
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

proptest! {
    #[test]
    fn an_index_that_was_changed_answers_as_one_that_is_made_anew(
        conditions in proptest::collection::vec(proptest::collection::vec(any_extended(), 0..3), 1..50),
        changes in proptest::collection::vec(proptest::collection::vec((0_usize..200, any::<bool>()), 1..30), 1..6),
        title in "t?[a-cA-C ]{0,5}",
        labels in proptest::collection::vec("[a-cA-C]{1,3}", 0..4),
        address in select(vec!["10.0.0.1", "11.0.0.1", "::1", "2", "ab"]),
    ) {
        let made = |at: usize, version: usize| {
            let conditions = &conditions[(at + version) % conditions.len()];
            let mut properties = extended_properties(&Value::from(conditions.clone()));
            properties.as_object_mut().unwrap().insert("order", i64::try_from(at % 7).unwrap() + 1);
            Arc::new(AutomationRule::from_arm(&format!("rule-{at:03}"), &properties).0.unwrap())
        };
        let mut rules: std::collections::BTreeMap<usize, Arc<AutomationRule>> =
            (0..80).map(|at| (at, made(at, 0))).collect();
        let owned = subject(&format!("t{title}"), &labels, address);
        let prepared = Prepared::new(owned.subject());
        let of = |index: &RuleIndex| {
            names(index.candidates(Trigger::INCIDENT_UPDATED, &prepared, None, now()))
        };
        let mut index = RuleIndex::new(rules.values().cloned());
        for (version, changes) in changes.iter().enumerate() {
            for (at, stays) in changes {
                if *stays {
                    rules.insert(*at, made(*at, version + 1));
                } else {
                    rules.remove(at);
                }
            }
            index = index.renewed(rules.values().cloned());
            let anew = RuleIndex::new(rules.values().cloned());
            prop_assert_eq!(of(&index), of(&anew));
            prop_assert_eq!(
                index.places(Trigger::INCIDENT_UPDATED, &prepared, 3).collect::<Vec<_>>(),
                anew.places(Trigger::INCIDENT_UPDATED, &prepared, 3).collect::<Vec<_>>()
            );
            prop_assert_eq!(
                names(index.rules(Trigger::INCIDENT_UPDATED, None, now())),
                names(anew.rules(Trigger::INCIDENT_UPDATED, None, now()))
            );
        }
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
fn rules_that_ask_with_more_than_sentinel_has_are_looked_at_only_where_they_could_match() {
    let asking = |kind: &str, mut of: Value, values: Value| {
        of.as_object_mut().unwrap().insert("propertyValues", values);
        let condition = Value::object([("conditionType", Value::from(kind)), ("conditionProperties", of)]);
        extended_properties(&Value::array([condition]))
    };
    let listed = |operator: &str, alias: &str| {
        extended_properties(&value!([{"conditionType": "Watchlist", "conditionProperties":
            {"propertyName": "IPAddress", "operator": operator, "watchlistAlias": alias}}]))
    };
    let number = |operator: &str| value!({"propertyName": "CommentCount", "operator": operator});
    let title = |operator: &str| value!({"propertyName": "IncidentTitle", "operator": operator});
    let cidr = |operator: &str| value!({"operator": operator});
    let all = rules(vec![
        asking("Cidr", cidr("In"), value!(["192.168.0.0/16", "10.0.0.0/24"])),
        asking("Cidr", cidr("In"), value!(["192.168.0.0/16", "::/0"])),
        asking("Cidr", cidr("NotIn"), value!(["10.0.0.0/24"])),
        asking("Number", number("Equals"), value!([1, 3])),
        asking("Number", number("Equals"), value!([1, 4])),
        asking("Number", number("GreaterThan"), value!([2])),
        asking("Number", number("LessThan"), value!([2])),
        asking("Number", number("Between"), value!([4, 9])),
        asking("Number", number("NotBetween"), value!([1, 9])),
        asking("Regex", title("Matches"), value!(["from (tor|vpn)\\b"])),
        asking("Regex", title("Matches"), value!(["sign-out .*"])),
        asking("Regex", title("NotMatches"), value!(["sign-in .*"])),
        asking("Regex", title("Matches"), value!(["^.{3,9}$"])),
        listed("In", "VIPs"),
        listed("In", "others"),
        listed("In", "gone"),
        listed("NotIn", "vips"),
    ]);
    let given: Given = serde_json::from_value(serde_json::json!({
        "incident": {"title": "Sign-in from TOR", "comments": 3},
        "entities": [{"Type": "ip", "Address": "10.0.0.1"}],
        "watchlists": {
            "vips": {"searchKey": "ip", "rows": [{"ip": "10.0.0.1"}]},
            "others": {"searchKey": "ip", "rows": [{"ip": "10.0.0.2"}]}
        }
    }))
    .unwrap();
    let owned = given.owned();
    let prepared = Prepared::new(owned.subject());
    let mut found = names(RuleIndex::new(all).candidates(Trigger::INCIDENT_UPDATED, &prepared, None, now()));
    found.sort();
    // The one that asks a watchlist which is not there is looked at, so that it is told.
    let wanted = [0, 2, 3, 5, 8, 9, 11, 12, 13, 15, 16].map(|at| format!("rule-{at:03}"));
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
