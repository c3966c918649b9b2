//! Conditions, as tables: every property with every operator, tags, custom details, changes, sources, sets.

use crate::made::{Given, extended, properties, property, rule};
use riposte_incident::Name;
use riposte_rules::{AutomationRule, Operator, Prepared, Property, evaluate, matches};
use riposte_testing::Cases;
use riposte_value::Value;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// A property with a subject that has values for it, and each operator's outcome for lists of values.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PropertyCase {
    name: String,
    subject: Given,
    operators: BTreeMap<String, Vec<(Vec<String>, bool)>>,
}

#[test]
fn every_property_with_every_operator() {
    let cases = Cases::<PropertyCase>::load("conformance/rule/properties");
    cases.check(|case| {
        let owned = case.subject.owned();
        let mut wrong = Vec::new();
        for operator in Operator::ALL {
            let rows = case.operators.get(operator.as_str()).ok_or(format!("no rows for `{operator}`"))?;
            for (values, expected) in rows {
                let conditions = Value::array([property(&case.name, operator.as_str(), values)]);
                let is_extended = Property::parse(&case.name).is_some_and(Property::is_extended);
                let rule = if is_extended { extended(&conditions) } else { rule(&conditions) };
                let decision = evaluate(&rule, &owned.subject());
                if decision.matched != *expected {
                    wrong.push(format!("{operator} {values:?}: wanted {expected}: {}", decision.why()));
                }
            }
        }
        if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
    });
    let told: BTreeSet<&str> = cases.iter().map(|(_, case)| case.name.as_str()).collect();
    let all = Property::ALL.iter().filter(|property| **property != Property::IncidentUpdatedBySource);
    assert_eq!(told, all.map(|property| property.name()).collect(), "the sources have a table of their own");
    let azure = Property::ALL.iter().filter(|property| !property.is_extended()).count();
    assert_eq!(azure, 58 + 2, "58 properties and two of the preview");
}

/// A rule's conditions on a subject.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    #[serde(rename = "name")]
    _name: String,
    subject: Given,
    #[serde(default)]
    conditions: Option<Value>,
    /// Conditions of the extension.
    #[serde(default)]
    extended: Option<Value>,
    expect: bool,
    #[serde(default)]
    why: Option<String>,
}

#[test]
fn conditions_hold_as_the_tables_say() {
    Cases::<Case>::load("conformance/rule/conditions").check(|case| {
        let owned = case.subject.owned();
        let mut properties = properties(case.conditions.as_ref().unwrap_or(&Value::array([])));
        if let Some(conditions) = &case.extended {
            let extension = Value::object([("conditions", conditions.clone())]);
            properties.as_object_mut().unwrap().insert("riposte", extension);
        }
        let (rule, told) = AutomationRule::from_arm("r", &properties);
        let rule = rule.ok_or(format!("{told:#?}"))?;
        let decision = evaluate(&rule, &owned.subject());
        if decision.matched != case.expect {
            return Err(format!("wanted {}: {}", case.expect, decision.why()));
        }
        assert_eq!(matches(&rule, &Prepared::new(owned.subject())), case.expect, "quickly and slowly");
        for outcome in &decision.explanation {
            let places = ["$.triggeringLogic.conditions[", "$.riposte.conditions["];
            assert!(places.iter().any(|place| outcome.path.starts_with(place)), "{}", outcome.path);
        }
        match &case.why {
            Some(why) if why != decision.why() => Err(format!("wanted `{why}`, got `{}`", decision.why())),
            _ => Ok(()),
        }
    });
}

#[test]
fn explanations_name_every_condition() {
    let case: Given =
        serde_json::from_str(r#"{"incident": {"severity": "Medium", "title": "AiTM"}}"#).unwrap();
    let text = |texts: &[&str]| texts.iter().map(ToString::to_string).collect::<Vec<_>>();
    let inner = [
        property("IncidentSeverity", "Equals", &text(&["High", "Low"])),
        property("IncidentTitle", "NotContains", &text(&["tor"])),
    ];
    let boolean = riposte_value::value!({
        "conditionType": "Boolean",
        "conditionProperties": {"operator": "Or", "innerConditions": serde_json::to_value(&inner).unwrap()}
    });
    let decision = evaluate(&rule(&Value::array([boolean])), &case.owned().subject());
    let told: Vec<(&str, &str, &str, bool)> = decision
        .explanation
        .iter()
        .map(|o| (o.path.as_str(), o.text.as_str(), o.actual.as_str(), o.matched))
        .collect();
    let root = "$.triggeringLogic.conditions[0]";
    let first = format!("{root}.conditionProperties.innerConditions[0]");
    let second = format!("{root}.conditionProperties.innerConditions[1]");
    assert_eq!(
        told,
        [
            (root, "(IncidentSeverity equals High or Low or IncidentTitle does not contain tor)", "", true),
            (first.as_str(), "IncidentSeverity equals High or Low", "Medium", false),
            (second.as_str(), "IncidentTitle does not contain tor", "AiTM", true),
        ]
    );
    assert_eq!(decision.why(), "(IncidentTitle does not contain tor (was AiTM))");
}

#[test]
fn long_values_are_cut_in_explanations() {
    let long = "x".repeat(5_000);
    let given: Given =
        serde_json::from_value(serde_json::json!({"incident": {"title": long, "labels": (0..500).map(|n| format!("label-{n}")).collect::<Vec<_>>()}}))
            .unwrap();
    let owned = given.owned();
    for name in ["IncidentTitle", "IncidentLabel"] {
        let rule = rule(&Value::array([property(name, "Contains", &["x".to_owned(), "label".to_owned()])]));
        let why = evaluate(&rule, &owned.subject()).why().to_owned();
        assert!(why.len() < 400 && why.ends_with("…)"), "{why}");
    }
}
