//! What Riposte adds to a rule: what is refused, as a table; what strict ARM leaves of it; the watchlists it asks.

use crate::made::{extended_properties, properties, property};
use riposte_incident::Alert;
use riposte_rules::{
    ActionKind, AutomationRule, Mode, PlaybookWait, Prepared, Subject, Watchlists, WorkspaceScope, plan,
    undecided,
};
use riposte_testing::Cases;
use riposte_value::{Value, value};
use serde::Deserialize;

/// An extension, and what is told of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    #[serde(rename = "name")]
    _name: String,
    riposte: Value,
    /// What the rule looks at; incidents if nothing is said.
    #[serde(default)]
    triggers_on: Option<String>,
    /// `severity path: message`, in order.
    told: Vec<String>,
}

fn with_extension(extension: &Value, triggers_on: &str) -> Value {
    let mut given = properties(&value!([]));
    let object = given.as_object_mut().unwrap();
    object.insert("riposte", extension.clone());
    let logic = object.get_mut("triggeringLogic").unwrap().as_object_mut().unwrap();
    logic.insert("triggersOn", triggers_on);
    if triggers_on == "Alerts" {
        logic.insert("triggersWhen", "Created");
        let playbook = value!([{"order": 1, "actionType": "RunPlaybook", "actionConfiguration": {
            "logicAppResourceId": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Logic/workflows/p"}}]);
        object.insert("actions", playbook);
    }
    given
}

#[test]
fn extensions_are_read_as_the_table_says() {
    Cases::<Case>::load("conformance/rule/extension").check(|case| {
        let given = with_extension(&case.riposte, case.triggers_on.as_deref().unwrap_or("Incidents"));
        let (rule, told) = AutomationRule::from_arm("r", &given);
        let told: Vec<String> = told
            .iter()
            .map(|d| {
                let path = d.location.path.as_deref().unwrap_or_default();
                format!("{} {path}: {}", d.severity.as_str(), d.message)
            })
            .collect();
        if told != case.told {
            return Err(format!("wanted {:#?}, got {told:#?}", case.told));
        }
        assert_eq!(rule.is_some(), !told.iter().any(|line| line.starts_with("error")));
        if let Some(rule) = rule {
            let written = rule.to_arm_properties(None);
            assert_eq!(AutomationRule::from_arm("r", &written).0, Some(rule), "comes back");
        }
        Ok(())
    });
}

#[test]
fn every_member_of_the_extension_is_read() {
    let extension = value!({
        "mode": "Observe", "playbookWait": "COMPLETION", "workspaces": ["one", "two"],
        "conditions": [{"conditionType": "Presence", "conditionProperties": {"propertyName": "IPAddress", "operator": "Exists"}}],
        "actions": [{"order": 1, "actionType": "UpdateAlert", "actionConfiguration": {"status": "Resolved"}}]
    });
    let (rule, told) = AutomationRule::from_arm("r", &with_extension(&extension, "Alerts"));
    assert_eq!(told, []);
    let rule = rule.unwrap();
    assert_eq!((rule.mode, rule.playbook_wait), (Mode::Observe, Some(PlaybookWait::Completion)));
    assert_eq!(rule.workspaces, WorkspaceScope::Listed(vec!["one".into(), "two".into()]));
    assert!(rule.workspaces.covers(false, &["TWO", "guid"]) && !rule.workspaces.covers(true, &["three"]));
    // of the same order, Sentinel's come first
    let kinds: Vec<&str> = plan(&rule).iter().map(|planned| planned.action.action_type()).collect();
    assert_eq!(kinds, ["RunPlaybook", "UpdateAlert"]);
    assert!(matches!(&plan(&rule)[1].action, ActionKind::UpdateAlert(patch) if !patch.is_empty()));

    let written = rule.to_arm_properties(None);
    assert_eq!(written.str_at(&["riposte", "mode"]), Some("observe"));
    assert_eq!(written.get("actions").and_then(Value::as_array).unwrap().len(), 1);
    let plain = AutomationRule::from_arm("r", &with_extension(&value!({}), "Alerts")).0.unwrap();
    assert!(rule.is_extended() && !plain.is_extended());
    assert_eq!(plain.to_arm_properties(None).get("riposte"), None);
    assert_eq!(plain.lost_extension(&rule).unwrap().code, "ExtensionRemoved");
    assert_eq!((rule.lost_extension(&plain), rule.lost_extension(&rule)), (None, None));
}

#[test]
fn strict_arm_never_does_more() {
    let condition = value!({"conditionType": "Number", "conditionProperties": {
        "propertyName": "AlertCount", "operator": "GreaterThan", "propertyValues": [3]}});
    let update =
        value!([{"order": 1, "actionType": "UpdateAlert", "actionConfiguration": {"status": "Resolved"}}]);
    for (on, extension, enabled, parts) in [
        ("Incidents", value!({}), true, vec![]),
        ("Incidents", value!({"mode": "enforce"}), true, vec![]),
        ("Incidents", value!({"mode": "observe"}), false, vec!["mode"]),
        ("Incidents", value!({"playbookWait": "none"}), true, vec!["playbookWait"]),
        ("Incidents", Value::object([("conditions", Value::array([condition]))]), false, vec!["conditions"]),
        ("Alerts", value!({"workspaces": "*"}), true, vec!["workspaces"]),
        ("Alerts", value!({"workspaces": ["other"]}), false, vec!["workspaces"]),
        ("Alerts", Value::object([("actions", update.clone())]), true, vec!["actions"]),
    ] {
        let rule = AutomationRule::from_arm("r", &with_extension(&extension, on)).0.unwrap();
        let (strict, told) = rule.to_strict_arm_properties(None);
        let strict = strict.unwrap();
        assert_eq!(strict.get("riposte"), None);
        assert_eq!(strict.at(&["triggeringLogic", "isEnabled"]), Some(&Value::Bool(enabled)), "{extension}");
        let paths: Vec<String> = told.iter().map(|told| told.location.path.clone().unwrap()).collect();
        assert_eq!(paths, parts.iter().map(|part| format!("$.riposte.{part}")).collect::<Vec<_>>());
        assert!(told.iter().all(|told| told.code == "ExtensionLeftOut" && !told.is_error()));
        assert_eq!(told.iter().any(|told| told.message.contains("turned off")), !enabled);
        assert!(!AutomationRule::from_arm("r", &strict).0.unwrap().is_extended());
    }
    // without any action of Azure's there is no rule for Azure
    let mut given = with_extension(&Value::object([("actions", update)]), "Alerts");
    given.as_object_mut().unwrap().insert("actions", Value::array([]));
    let (strict, told) = AutomationRule::from_arm("r", &given).0.unwrap().to_strict_arm_properties(None);
    assert_eq!(strict, None);
    assert!(told.iter().any(riposte_diagnostic::Diagnostic::is_error));
}

#[test]
fn a_rule_names_the_watchlists_that_it_asks() {
    let list = |alias: &str| {
        value!({"conditionType": "Watchlist", "conditionProperties": {
            "propertyName": "IPAddress", "operator": "In", "watchlistAlias": alias}})
    };
    let not = Value::object([
        ("conditionType", Value::from("Not")),
        ("conditionProperties", Value::object([("condition", list("vips"))])),
    ]);
    let boolean = Value::object([
        ("conditionType", Value::from("Boolean")),
        (
            "conditionProperties",
            Value::object([
                ("operator", Value::from("Or")),
                ("innerConditions", Value::array([list("Servers"), not, list("VIPs")])),
            ]),
        ),
    ]);
    let plain = property("IncidentTitle", "Contains", &["x".to_owned()]);
    let (rule, _) = AutomationRule::from_arm("r", &extended_properties(&Value::array([boolean, plain])));
    let rule = rule.unwrap();
    assert_eq!(rule.watchlists(), ["Servers", "vips"]);
    let inner = "$.riposte.conditions[0].conditionProperties.innerConditions";
    let places: Vec<String> = rule.asked_watchlists().into_iter().map(|asked| asked.path).collect();
    assert_eq!(
        places,
        [format!("{inner}[0]"), format!("{inner}[1].conditionProperties.condition"), format!("{inner}[2]")]
    );
}

#[test]
fn what_is_missing_is_told_where_it_decides() {
    let row = value!({"ip": "10.0.0.1"});
    let lists = Watchlists::default().with("known", "ip", [row.as_object().unwrap()]);
    let asks = |alias: &str, column: Value| {
        let mut asked = value!({"propertyName": "AlertTitle", "operator": "NotIn"});
        let members = asked.as_object_mut().unwrap();
        members.insert("watchlistAlias", alias);
        if !column.is_null() {
            members.insert("column", column);
        }
        Value::object([("conditionType", Value::from("Watchlist")), ("conditionProperties", asked)])
    };
    let title = |text: &str| property("AlertTitle", "Contains", &[text.to_owned()]);
    let either = |inner: [Value; 2]| {
        let properties =
            Value::object([("operator", Value::from("Or")), ("innerConditions", Value::array(inner))]);
        Value::object([("conditionType", Value::from("Boolean")), ("conditionProperties", properties)])
    };
    let none = Value::Null;
    for (conditions, told) in [
        (vec![asks("gone", none.clone())], vec!["there is no watchlist `gone`"]),
        (vec![asks("known", Value::from("user"))], vec!["watchlist `known` has no column `user`"]),
        (vec![asks("KNOWN", none.clone())], vec![]),
        (vec![asks("known", Value::from("IP"))], vec![]),
        // Another condition decides, before it or after.
        (vec![title("absent"), asks("gone", none.clone())], vec![]),
        (vec![asks("gone", none.clone()), title("absent")], vec![]),
        (vec![either([asks("gone", none.clone()), title("tor")])], vec![]),
        (
            vec![
                either([asks("gone", none.clone()), asks("Gone", none.clone())]),
                asks("lost", none.clone()),
            ],
            vec![
                "there is no watchlist `gone`",
                "there is no watchlist `Gone`",
                "there is no watchlist `lost`",
            ],
        ),
    ] {
        let given = extended_properties(&Value::array(conditions));
        let rule = AutomationRule::from_arm("r", &given).0.unwrap();
        let alert = Alert::read(&value!({"SystemAlertId": "a", "DisplayName": "tor"})).unwrap();
        let alerts = [alert];
        let subject = Subject { alerts: &alerts, watchlists: Some(&lists), ..Subject::default() };
        let found = undecided(&rule, &Prepared::new(subject));
        let found: Vec<String> = found.iter().map(ToString::to_string).collect();
        assert_eq!(found, told, "{given}");
    }
}

/// Regular expressions, half of them inside a negation.
fn patterns(number: usize, text: &str) -> Value {
    let regex = |number: usize| {
        let values = Value::array((0..number).map(|_| Value::from(text)));
        let properties = Value::object([
            ("propertyName", Value::from("IncidentTitle")),
            ("operator", Value::from("Matches")),
            ("propertyValues", values),
        ]);
        Value::object([("conditionType", Value::from("regex")), ("conditionProperties", properties)])
    };
    let inner = Value::object([("condition", regex(number / 2))]);
    let not = Value::object([("conditionType", Value::from("Not")), ("conditionProperties", inner)]);
    Value::array([regex(number - number / 2), not])
}

#[test]
fn a_rule_has_so_many_regular_expressions() {
    let long = "a".repeat(1_600);
    for (number, text, message) in [
        (100, "a", None),
        (101, "a", Some("the rule has 101 regular expressions; it may have 100")),
        (40, long.as_str(), None),
        (
            41,
            long.as_str(),
            Some("the regular expressions of the rule are 65600 bytes long together; they may be 64000"),
        ),
    ] {
        let (rule, told) = AutomationRule::from_arm("r", &extended_properties(&patterns(number, text)));
        let told: Vec<(&str, Option<&str>, &str)> = told
            .iter()
            .map(|told| (told.code.as_ref(), told.location.path.as_deref(), told.message.as_str()))
            .collect();
        assert_eq!(rule.is_none(), message.is_some(), "{told:?}");
        let expected = message.map(|message| ("InvalidRegex", Some("$.riposte.conditions"), message));
        assert_eq!(told, expected.into_iter().collect::<Vec<_>>());
    }
}
