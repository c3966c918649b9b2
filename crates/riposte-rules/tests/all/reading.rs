//! Reading rules: what is refused and what is warned of, as a table; and back to ARM.

use crate::made::{properties, property};
use jiff::Timestamp;
use riposte_incident::WorkspaceRef;
use riposte_rules::{AutomationRule, Trigger, applicable};
use riposte_testing::Cases;
use riposte_value::{Value, value};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Changes to a good rule, and what is told of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    #[serde(rename = "name")]
    _name: String,
    #[serde(default)]
    set: BTreeMap<String, Value>,
    #[serde(default)]
    remove: Vec<String>,
    /// `severity path: message`, in order.
    told: Vec<String>,
}

/// Changes the value at a path such as `$.actions[0].order`.
fn change(root: &mut Value, path: &str, new: Option<&Value>) {
    let steps = path.trim_start_matches("$.").replace('[', ".").replace(']', "");
    let mut steps: Vec<&str> = steps.split('.').collect();
    let last = steps.pop().unwrap();
    let mut at = root;
    for step in steps {
        at = match step.parse::<usize>() {
            Ok(index) => &mut at.as_array_mut().unwrap()[index],
            Err(_) => at.as_object_mut().unwrap().get_mut(step).unwrap(),
        };
    }
    match (last.parse::<usize>(), new) {
        (Ok(index), Some(new)) => at.as_array_mut().unwrap()[index] = new.clone(),
        (_, Some(new)) => drop(at.as_object_mut().unwrap().insert(last, new.clone())),
        (_, None) => drop(at.as_object_mut().unwrap().remove(last).unwrap()),
    }
}

fn good() -> Value {
    let mut good = properties(&Value::array([property("IncidentTitle", "Contains", &["tor".to_owned()])]));
    change(&mut good, "$.triggeringLogic.triggersWhen", Some(&value!("Created")));
    good
}

fn tell(told: &[riposte_diagnostic::Diagnostic]) -> Vec<String> {
    told.iter()
        .map(|d| {
            format!(
                "{} {}: {}",
                d.severity.as_str(),
                d.location.path.as_deref().unwrap_or_default(),
                d.message
            )
        })
        .collect()
}

#[test]
fn rules_are_read_as_the_table_says() {
    Cases::<Case>::load("conformance/rule/read").check(|case| {
        let mut given = good();
        for (path, new) in &case.set {
            change(&mut given, path, Some(new));
        }
        for path in &case.remove {
            change(&mut given, path, None);
        }
        let (rule, told) = AutomationRule::from_arm("r", &given);
        let told = tell(&told);
        if told != case.told {
            return Err(format!("wanted {:#?}, got {told:#?}", case.told));
        }
        assert_eq!(rule.is_some(), !told.iter().any(|line| line.starts_with("error")));
        if let Some(rule) = rule {
            let (again, _) = AutomationRule::from_arm("r", &rule.to_arm_properties(None));
            assert_eq!(again, Some(rule), "comes back");
        }
        Ok(())
    });
}

#[test]
fn a_hint_is_given_for_a_slip_of_the_pen() {
    let mut given = good();
    let path = "$.triggeringLogic.conditions[0].conditionProperties.propertyName";
    change(&mut given, path, Some(&value!("IncidentTitel")));
    let (_, told) = AutomationRule::from_arm("r", &given);
    assert_eq!(told[0].help.as_deref(), Some("did you mean `IncidentTitle`?"));
}

#[test]
fn capacities_of_azure_are_told_and_accepted() {
    let condition = property("IncidentTitle", "Contains", &["tor".to_owned()]);
    let many = |count: usize, value: &Value| Value::array(std::iter::repeat_n(value.clone(), count));
    let action = good().get("actions").unwrap().item(0).unwrap().clone();
    let nested = |kind: &str, name: &str| {
        let mut inner =
            value!({"operator": "And", "arrayType": "IncidentLabels", "arrayConditionType": "AnyItem"});
        let object = inner.as_object_mut().unwrap();
        if kind == "Boolean" {
            object.remove("arrayType");
            object.remove("arrayConditionType");
        } else {
            object.remove("operator");
        }
        object.insert(name, many(11, &condition));
        let mut outer = value!({"conditionType": kind});
        outer.as_object_mut().unwrap().insert("conditionProperties", inner);
        Value::array([outer])
    };
    for (path, value, message) in [
        ("$.displayName", value!("x".repeat(501)), "Azure takes at most 500 characters in `displayName`"),
        ("$.actions", many(21, &action), "Azure takes at most 20 actions in a rule"),
        ("$.triggeringLogic.conditions", many(51, &condition), "Azure takes at most 50 conditions in a rule"),
        (
            "$.triggeringLogic.conditions",
            nested("Boolean", "innerConditions"),
            "'InnerConditions' must have between 2 and 10 items",
        ),
        (
            "$.triggeringLogic.conditions",
            nested("PropertyArray", "itemConditions"),
            "Azure takes at most 10 `itemConditions`",
        ),
    ] {
        let mut given = good();
        change(&mut given, path, Some(&value));
        let (rule, told) = AutomationRule::from_arm("r", &given);
        assert!(rule.is_some(), "{message}");
        assert_eq!(told.iter().map(|d| d.message.as_str()).collect::<Vec<_>>(), [message]);
        assert_eq!(told[0].code, "AzureLimit");
    }
}

#[test]
fn expiry_turns_a_rule_off() {
    let mut given = good();
    change(&mut given, "$.triggeringLogic.expirationTimeUtc", Some(&value!("2026-03-01T08:00:00Z")));
    let rule = AutomationRule::from_arm("r", &given).0.unwrap();
    let before: Timestamp = "2026-03-01T07:59:59Z".parse().unwrap();
    let after: Timestamp = "2026-03-01T08:00:00Z".parse().unwrap();
    assert!(applicable(&rule, Trigger::INCIDENT_CREATED, before));
    assert!(!applicable(&rule, Trigger::INCIDENT_CREATED, after));
    assert!(!applicable(&rule, Trigger::INCIDENT_UPDATED, before));
    assert!(!applicable(&rule, Trigger::ALERT_CREATED, before));
    assert_eq!(rule.expiry_warning(before), None);
    assert_eq!(rule.expiry_warning(after).unwrap().message, "the rule expired at `2026-03-01T08:00:00Z`");
    let enabled = |now| rule.to_arm_properties(now).at(&["triggeringLogic", "isEnabled"]).cloned();
    assert_eq!(enabled(Some(before)), Some(Value::Bool(true)));
    assert_eq!(enabled(Some(after)), Some(Value::Bool(false)));
    assert_eq!(enabled(None), Some(Value::Bool(true)), "an export shows what was written");
    change(&mut given, "$.triggeringLogic.isEnabled", Some(&value!(false)));
    let off = AutomationRule::from_arm("r", &given).0.unwrap();
    assert!(!applicable(&off, Trigger::INCIDENT_CREATED, before));
}

#[test]
fn the_arm_resource() {
    let workspace = WorkspaceRef {
        subscription: "s".into(),
        resource_group: "g".into(),
        name: "w".into(),
        id: "i".into(),
        tenant: "t".into(),
    };
    let mut given = good();
    let by = value!({"objectId": "1", "email": "a@b.c", "name": "Ana", "userPrincipalName": "a@b.c"});
    for (path, value) in [
        ("$.lastModifiedTimeUtc", value!("2026-03-02T00:00:00Z")),
        ("$.lastModifiedBy", by.clone()),
        ("$.createdTimeUtc", value!("2026-03-01T00:00:00Z")),
        ("$.createdBy", by),
    ] {
        change(&mut given, path, Some(&value));
    }
    let (rule, told) = AutomationRule::from_arm("r", &given);
    assert_eq!(told, []);
    let arm = rule.unwrap().to_arm(&workspace, "e", None);
    assert_eq!(
        arm.str_at(&["id"]),
        Some(
            "/subscriptions/s/resourceGroups/g/providers/Microsoft.OperationalInsights/workspaces/w/providers/Microsoft.SecurityInsights/AutomationRules/r"
        )
    );
    assert_eq!(arm.str_at(&["etag"]), Some("\"e\""));
    assert_eq!(arm.get("properties"), Some(&given), "what was written comes back, all of it");
}
