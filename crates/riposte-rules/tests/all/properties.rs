//! Properties over generated values: evaluation is a function, reading never panics, rules come back from ARM.

use crate::made::{Given, Owned, extended, extended_properties, property, rule};
use proptest::prelude::*;
use proptest::sample::select;
use riposte_rules::{AutomationRule, Operator, Prepared, Property, evaluate, evaluate_prepared, matches};
use riposte_value::{Value, value};

pub fn subject(title: &str, labels: &[String], address: &str) -> Owned {
    let given: Given = serde_json::from_value(serde_json::json!({
        "incident": {"title": title, "labels": labels, "tactics": ["Impact"]},
        "alerts": [{"SystemAlertId": "a", "DisplayName": title, "ExtendedProperties": {"Custom Details": {"k": labels}}}],
        "entities": [{"Type": "ip", "Address": address}, {"Type": "host", "HostName": address}],
        "change": {"fields": [{"property": "Severity", "old": "Low", "new": "High"}], "labelsAdded": labels},
        "updatedBy": "Playbook",
        "now": "2026-03-02T09:00:00Z",
        "watchlists": {"list": {"searchKey": "k", "rows": [{"k": "a"}, {"k": address}, {"k": "B"}]}}
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

pub fn any_condition() -> impl Strategy<Value = Value> {
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
    prop_oneof![6 => plain, 1 => changed, 1 => added]
        .prop_recursive(4, 24, 4, |inner| {
            let boolean = (select(vec!["And", "Or"]), proptest::collection::vec(inner.clone(), 1..4))
                .prop_map(|(operator, inner)| {
                    condition("Boolean", value!({"operator": operator}), "innerConditions", inner)
                });
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
        .prop_filter("a list inside itself is refused", |condition| !has_list_in_itself(condition, &[]))
}

fn has_list_in_itself(value: &Value, around: &[&str]) -> bool {
    match value {
        Value::Object(object) => {
            let array = value.str_at(&["arrayType"]).filter(|_| object.contains_key("itemConditions"));
            let around: Vec<&str> = around.iter().copied().chain(array).collect();
            let is_twice = array.is_some_and(|array| around.iter().filter(|one| **one == array).count() > 1);
            is_twice || object.values().any(|inner| has_list_in_itself(inner, &around))
        }
        Value::Array(items) => items.iter().any(|inner| has_list_in_itself(inner, around)),
        _ => false,
    }
}

/// A condition of the extension, with Sentinel's among its inner ones.
pub fn any_extended() -> impl Strategy<Value = Value> {
    let operand = || {
        prop_oneof![
            4 => select(Property::ALL).prop_map(|name| value!({"propertyName": name.as_str()})),
            1 => select(vec!["k", "K", "j"]).prop_map(|key| value!({"customDetail": key})),
        ]
    };
    let with = |mut operand: Value, operator: &str, name: &str, values: Value| {
        let object = operand.as_object_mut().unwrap();
        object.insert("operator", operator);
        object.insert(name, values);
        operand
    };
    let envelope = |kind: &'static str| {
        move |properties: Value| {
            Value::object([("conditionType", Value::from(kind)), ("conditionProperties", properties)])
        }
    };
    let regex = (operand(), select(vec!["Matches", "NotMatches"]), select(vec!["^a", "b+$", "[ab]c", "."]))
        .prop_map(move |(of, operator, pattern)| with(of, operator, "propertyValues", value!([pattern])))
        .prop_map(envelope("Regex"));
    let cidr = (operand(), select(vec!["In", "NotIn"]), select(vec!["10.0.0.0/8", "::/0"]))
        .prop_map(move |(of, operator, net)| with(of, operator, "propertyValues", value!([net])))
        .prop_map(envelope("Cidr"));
    let number = (operand(), select(riposte_rules::NumberOperator::ALL), -2_i64..4, 0_i64..3)
        .prop_map(move |(of, operator, low, more)| {
            use riposte_rules::NumberOperator as N;
            let two = matches!(operator, N::Between | N::NotBetween);
            let values = if two { value!([low, low + more]) } else { value!([low]) };
            with(of, operator.as_str(), "propertyValues", values)
        })
        .prop_map(envelope("Number"));
    let watchlist = (operand(), select(vec!["In", "NotIn"]), select(vec!["list", "LIST", "gone"]))
        .prop_map(move |(of, operator, alias)| with(of, operator, "watchlistAlias", value!(alias)))
        .prop_map(envelope("Watchlist"));
    let schedule = (0_u32..24, 0_u32..24, select(vec!["Within", "Outside"]), select(vec!["UTC", "Asia/Tokyo"]))
        .prop_map(|(from, to, operator, zone)| {
            let (from, to) = (format!("{from:02}:30"), format!("{to:02}:00"));
            value!({"from": from, "to": to, "operator": operator, "timeZone": zone, "days": ["Monday", "Sunday"]})
        })
        .prop_map(envelope("Schedule"));
    let presence = (operand(), select(vec!["Exists", "NotExists"]))
        .prop_map(|(mut of, operator)| {
            of.as_object_mut().unwrap().insert("operator", operator);
            of
        })
        .prop_map(envelope("Presence"));
    let leaf = prop_oneof![regex, cidr, number, watchlist, schedule, presence, any_condition()];
    leaf.prop_recursive(3, 12, 3, |inner| {
        let not = inner.clone().prop_map(not);
        let boolean = (select(vec!["And", "Or"]), proptest::collection::vec(inner, 1..4)).prop_map(
            |(operator, inner)| {
                condition("Boolean", value!({"operator": operator}), "innerConditions", inner)
            },
        );
        prop_oneof![not, boolean]
    })
}

fn not(inner: Value) -> Value {
    let properties = Value::object([("condition", inner)]);
    Value::object([("conditionType", Value::from("Not")), ("conditionProperties", properties)])
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
    fn the_extension_is_a_function_too_and_comes_back(
        azure in proptest::collection::vec(any_condition(), 0..2),
        conditions in proptest::collection::vec(any_extended(), 1..4),
        title in "[a-cA-C]{0,4}",
        labels in proptest::collection::vec("[a-cA-C]{1,3}", 0..4),
        address in prop_oneof!["[a-c.]{0,4}", Just("10.0.0.7".to_owned())],
    ) {
        let mut properties = extended_properties(&Value::from(conditions));
        let logic = properties.as_object_mut().unwrap().get_mut("triggeringLogic").unwrap();
        logic.as_object_mut().unwrap().insert("conditions", azure);
        let (rule, told) = AutomationRule::from_arm("a-rule", &properties);
        let Some(rule) = rule else { return Err(TestCaseError::fail(format!("{told:#?}"))) };
        let owned = subject(&format!("t{title}"), &labels, &address);
        let prepared = Prepared::new(owned.subject());
        let first = evaluate_prepared(&rule, &prepared);
        prop_assert_eq!(&first, &evaluate(&rule, &owned.subject()));
        prop_assert_eq!(first.matched, matches(&rule, &prepared));
        prop_assert!(!first.why().is_empty() && !first.why().contains('\n'));
        let (again, _) = AutomationRule::from_arm("a-rule", &rule.to_arm_properties(None));
        prop_assert_eq!(again.as_ref(), Some(&rule));

        // a strict rule is one that Azure takes, and never one that does more
        let (strict, told) = rule.to_strict_arm_properties(None);
        let (strict, _) = AutomationRule::from_arm("a-rule", &strict.unwrap());
        let strict = strict.unwrap();
        prop_assert!(!strict.is_extended() && !strict.is_enabled && !told.is_empty());
        prop_assert_eq!(&strict.conditions, &rule.conditions);
    }

    #[test]
    fn not_of_not_is_nothing(
        inner in any_extended(),
        title in "[a-cA-C]{0,4}",
        labels in proptest::collection::vec("[a-cA-C]{1,3}", 0..4),
        address in "[a-c.]{0,4}",
    ) {
        let owned = subject(&format!("t{title}"), &labels, &address);
        let decide = |conditions: Vec<Value>| {
            matches(&extended(&Value::from(conditions)), &Prepared::new(owned.subject()))
        };
        let plain = decide(vec![inner.clone()]);
        let denied = decide(vec![not(inner.clone())]);
        // of a watchlist that is gone nothing can be said, and its negation holds as little
        if inner.to_string().contains("\"gone\"") {
            prop_assert!(!(plain && denied));
        } else {
            prop_assert_eq!(denied, !plain);
        }
        prop_assert_eq!(decide(vec![not(not(inner))]), plain);
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
