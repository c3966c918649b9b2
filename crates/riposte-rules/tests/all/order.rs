//! The order of rules and of actions, and the texts of failures.

use crate::made::{named, properties};
use riposte_rules::{
    ActionKind, AutomationRule, Cursor, PlaybookFailure, RuleRunStatus, next_after, order, plan,
    playbook_failure,
};
use riposte_value::value;

#[test]
fn rules_run_by_order_then_by_name_in_lower_case() {
    let mut rules =
        [named("b", 2), named("Zulu", 1), named("alpha", 1), named("_x", 1), named("B", 1), named("a", 1000)];
    order(&mut rules);
    let names: Vec<&str> = rules.iter().map(|rule| rule.name.as_str()).collect();
    assert_eq!(names, ["_x", "alpha", "B", "Zulu", "b", "a"]);
}

#[test]
fn a_cursor_visits_each_rule_once_whatever_is_added_behind_it() {
    let mut rules = vec![named("c", 3), named("a", 1), named("b", 2)];
    let mut cursor = None;
    let mut visited = Vec::new();
    while let Some(rule) = next_after(&rules, cursor.as_ref()) {
        visited.push(rule.name.to_string());
        cursor = Some(Cursor::of(rule));
        if visited.len() == 2 {
            rules.push(named("too-late", 1));
            rules.push(named("in-time", 3));
            rules.retain(|rule| rule.name != "b");
        }
    }
    assert_eq!(visited, ["a", "b", "c", "in-time"]);
    let stored = serde_json::to_string(&cursor).unwrap();
    assert_eq!(serde_json::from_str::<Option<Cursor>>(&stored).unwrap(), cursor);
}

#[test]
fn actions_run_by_order_then_as_written() {
    let mut given = properties(&value!([]));
    let playbook = |order: i64, name: &str| {
        value!({
            "order": order,
            "actionType": "RunPlaybook",
            "actionConfiguration": {
                "logicAppResourceId":
                    format!("/subscriptions/s/resourceGroups/g/providers/Microsoft.Logic/workflows/{name}")
            }
        })
    };
    let task =
        value!({"order": 2, "actionType": "AddIncidentTask", "actionConfiguration": {"title": "Call"}});
    let actions =
        riposte_value::Value::array([playbook(3, "late"), task, playbook(1, "x"), playbook(1, "y")]);
    given.as_object_mut().unwrap().insert("actions", actions);
    let rule = AutomationRule::from_arm("r", &given).0.unwrap();
    let planned: Vec<usize> = plan(&rule).iter().map(|planned| planned.index).collect();
    assert_eq!(planned, [2, 3, 1, 0]);
    assert!(matches!(&plan(&rule)[2].action, ActionKind::AddIncidentTask { title, .. } if title == "Call"));
    let playbooks: Vec<String> =
        rule.playbooks().iter().map(|id| id.rsplit('/').next().unwrap().to_owned()).collect();
    assert_eq!(playbooks, ["x", "y", "late"]);
}

#[test]
fn the_status_of_a_run_says_what_was_started() {
    for (started, status) in [
        (&[true, true][..], "Success"),
        (&[true, false], "Partial success"),
        (&[false, true], "Partial success"),
        (&[false], "Failure"),
        (&[], "Success"),
    ] {
        assert_eq!(RuleRunStatus::of(started.iter().copied()).as_str(), status, "{started:?}");
    }
}

#[test]
fn failures_have_the_documented_words() {
    assert_eq!(
        playbook_failure("Block-IP", PlaybookFailure::NotFoundOrNoPermission),
        "Could not trigger playbook: Block-IP. Either the playbook was not found, or Microsoft Sentinel was \
         missing permissions on it."
    );
    assert_eq!(
        riposte_rules::task_limit_reached("Call"),
        "Could not add task: Call. Incident already contains the maximum allowed number of tasks."
    );
}
