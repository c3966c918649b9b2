//! Properties over generated values: evaluation is a function, reading never panics, rules come back from ARM.

use crate::made::{Given, Owned, property, rule};
use proptest::prelude::*;
use proptest::sample::select;
use riposte_rules::{AutomationRule, Operator, Prepared, Property, evaluate, evaluate_prepared, matches};
use riposte_value::{Value, value};

fn subject(title: &str, labels: &[String], address: &str) -> Owned {
    let given: Given = serde_json::from_value(serde_json::json!({
        "incident": {"title": title, "labels": labels, "tactics": ["Impact"]},
        "alerts": [{"SystemAlertId": "a", "DisplayName": title, "ExtendedProperties": {"Custom Details": {"k": labels}}}],
        "entities": [{"Type": "ip", "Address": address}, {"Type": "host", "HostName": address}],
        "change": {"fields": [{"property": "Severity", "old": "Low", "new": "High"}], "labelsAdded": labels},
        "updatedBy": "Playbook"
    }))
    .unwrap();
    given.owned()
}

/// The properties that Sentinel has.
fn azure() -> Vec<Property> {
    Property::ALL.iter().copied().filter(|property| !property.is_extended()).collect()
}

fn any_values() -> impl Strategy<Value = Vec<String>> {
    proptest::collection::vec("[a-cA-C]{0,3}", 1..4)
}

fn any_condition() -> impl Strategy<Value = Value> {
    let plain = (select(azure()), select(Operator::ALL), any_values())
        .prop_map(|(name, operator, values)| property(name.as_str(), operator.as_str(), &values));
    let changed = (select(vec!["IncidentSeverity", "IncidentStatus", "IncidentOwner"]), select(Operator::ALL), any_values())
        .prop_map(|(name, operator, values)| {
            value!({"conditionType": "PropertyChanged", "conditionProperties": {
                "propertyName": name, "changeType": "ChangedTo", "operator": operator.as_str(), "propertyValues": values}})
        });
    let added = select(vec!["Alerts", "Labels", "Tactics", "Comments"]).prop_map(|array| {
        value!({"conditionType": "PropertyArrayChanged", "conditionProperties": {"arrayType": array, "changeType": "Added"}})
    });
    prop_oneof![6 => plain, 1 => changed, 1 => added].prop_recursive(4, 24, 4, |inner| {
        let boolean = (select(vec!["And", "Or"]), proptest::collection::vec(inner.clone(), 1..4)).prop_map(
            |(operator, inner)| {
                condition("Boolean", value!({"operator": operator}), "innerConditions", inner)
            },
        );
        let array = (
            select(vec!["IncidentLabels", "CustomDetails", "CustomDetailValues"]),
            select(vec!["AnyItem", "AllItems"]),
            proptest::collection::vec(inner, 1..3),
        )
            .prop_map(|(array, quantifier, items)| {
                let properties = value!({"arrayType": array, "arrayConditionType": quantifier});
                condition("PropertyArray", properties, "itemConditions", items)
            });
        prop_oneof![boolean, array]
    })
}

fn condition(kind: &str, mut properties: Value, name: &str, inner: Vec<Value>) -> Value {
    properties.as_object_mut().unwrap().insert(name, inner);
    Value::object([("conditionType", Value::from(kind)), ("conditionProperties", properties)])
}

/// A mutilated rule: any JSON somewhere in it.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,10}".prop_map(Value::from),
        select(vec!["Property", "Boolean", "PropertyArray", "Incidents", "Created", "Equals", "RunPlaybook"])
            .prop_map(Value::from),
    ];
    let name = select(vec![
        "displayName",
        "order",
        "triggeringLogic",
        "isEnabled",
        "triggersOn",
        "triggersWhen",
        "conditions",
        "conditionType",
        "conditionProperties",
        "propertyName",
        "operator",
        "propertyValues",
        "innerConditions",
        "itemConditions",
        "arrayType",
        "actions",
        "actionType",
        "actionConfiguration",
        "logicAppResourceId",
        "labels",
        "createdBy",
        "createdTimeUtc",
        "x",
    ]);
    leaf.prop_recursive(6, 80, 8, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::vec((name.clone(), inner), 0..8).prop_map(Value::object),
        ]
    })
}

proptest! {
    #[test]
    fn evaluating_twice_is_the_same(
        conditions in proptest::collection::vec(any_condition(), 0..4),
        title in "[a-cA-C ]{1,6}",
        labels in proptest::collection::vec("[a-cA-C]{1,3}", 0..4),
        address in "[a-c.]{0,4}",
    ) {
        let title = format!("t{title}");
        let owned = subject(&title, &labels, &address);
        let rule = rule(&Value::from(conditions));
        let prepared = Prepared::new(owned.subject());
        let first = evaluate_prepared(&rule, &prepared);
        prop_assert_eq!(&first, &evaluate_prepared(&rule, &prepared));
        prop_assert_eq!(&first, &evaluate(&rule, &owned.subject()));
        prop_assert_eq!(first.matched, matches(&rule, &prepared));
        prop_assert!(!first.why().is_empty() && !first.why().contains('\n'));
        let stored: riposte_rules::Decision =
            serde_json::from_str(&serde_json::to_string(&first).unwrap()).unwrap();
        prop_assert_eq!(&stored, &first);

        let (again, _) = AutomationRule::from_arm("a-rule", &rule.to_arm_properties(None));
        prop_assert_eq!(again.as_ref(), Some(&rule));
    }

    #[test]
    fn a_negative_operator_denies_its_positive_over_sets(
        name in select(azure()),
        pair in select(vec![
            ("Equals", "NotEquals"), ("Contains", "NotContains"), ("StartsWith", "NotStartsWith"), ("EndsWith", "NotEndsWith"),
        ]),
        values in any_values(),
        title in "t[a-c]{0,4}",
        labels in proptest::collection::vec("[a-cA-C]{1,3}", 0..3),
        address in "[a-c.]{0,4}",
    ) {
        // tags one by one are documented to be otherwise
        let individual = name == Property::IncidentLabel && pair.0 != "Contains";
        prop_assume!(!individual);
        let owned = subject(&title, &labels, &address);
        let decide = |operator| {
            evaluate(&rule(&Value::array([property(name.as_str(), operator, &values)])), &owned.subject()).matched
        };
        prop_assert_ne!(decide(pair.0), decide(pair.1));
    }

    #[test]
    fn case_never_matters(
        name in select(azure()),
        operator in select(Operator::ALL),
        values in any_values(),
        title in "t[a-cA-C]{0,4}",
        labels in proptest::collection::vec("[a-cA-C]{1,3}", 0..3),
        address in "[a-c.]{0,4}",
    ) {
        let owned = subject(&title, &labels, &address);
        let shouted: Vec<String> = values.iter().map(|value| value.to_uppercase()).collect();
        let decide = |values: &[String]| {
            evaluate(&rule(&Value::array([property(name.as_str(), operator.as_str(), values)])), &owned.subject()).matched
        };
        prop_assert_eq!(decide(&values), decide(&shouted));
    }

    #[test]
    fn reading_anything_never_panics(json in any_json()) {
        let (rule, told) = AutomationRule::from_arm("r", &json);
        prop_assert_eq!(rule.is_none(), told.iter().any(riposte_diagnostic::Diagnostic::is_error));
    }
}
