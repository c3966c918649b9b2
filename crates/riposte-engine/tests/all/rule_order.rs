//! In which order rules run, what they see, and what an event is.

use crate::bed::{Bed, modify, on, rule, run_playbook};
use riposte_engine::PlaybookWait;
use riposte_value::{Value, value};
use std::time::Duration;

fn label(name: &str) -> Value {
    value!([modify(1, value!({"labels": [{"labelName": name}]}))])
}

fn status(name: &str) -> Value {
    value!([modify(1, value!({ "status": name }))])
}

/// The labels of an incident, in the order in which they came.
async fn labels(bed: &Bed, incident: &str) -> Vec<String> {
    let shown = bed.incident(incident).await;
    let labels = shown.at(&["properties", "labels"]).and_then(Value::as_array).unwrap().to_vec();
    labels.iter().map(|label| label.str_at(&["labelName"]).unwrap().to_owned()).collect()
}

/// The names of the rules that matched, in the order in which they did.
async fn matched(bed: &Bed, incident: &str) -> Vec<String> {
    let told = bed.told(incident, "ruleMatched").await;
    told.iter().map(|text| text.split(' ').nth(1).unwrap().to_owned()).collect()
}

fn with(mut rule: Value, name: &'static str, value: Value) -> Value {
    let logic = rule.as_object_mut().unwrap().get_mut("triggeringLogic").unwrap();
    logic.as_object_mut().unwrap().insert(name, value);
    rule
}

#[tokio::test]
async fn the_order_number_decides_then_the_name() {
    let bed = Bed::new().await;
    // Name, order: written in this order, run in the order of the label.
    for (name, order, place) in [
        ("zeta", 1000, "7"),
        ("Beta", 5, "4"),
        ("alpha", 5, "3"),
        ("b", 10, "6"),
        ("a", 2, "2"),
        ("z", 1, "1"),
        ("ALPHA2", 5, "3b"),
        ("beta-2", 5, "5"),
    ] {
        bed.rule(name, rule(&format!("R{place}"), order, &[], label(place))).await;
    }
    let name = bed.alert("x", "Low", value!([])).await;
    bed.settle().await;
    assert_eq!(labels(&bed, &name).await, ["1", "2", "3", "3b", "4", "5", "6", "7"]);
    assert_eq!(matched(&bed, &name).await, ["R1", "R2", "R3", "R3b", "R4", "R5", "R6", "R7"]);
}

#[tokio::test]
async fn rules_on_creation_come_before_rules_on_updates_of_the_same_incident() {
    let bed = Bed::new().await;
    bed.rule("u", on(rule("Update", 1, &[], label("update")), "Incidents", "Updated")).await;
    for order in 2..6 {
        bed.rule(
            &format!("c{order}"),
            rule(&format!("Create{order}"), order, &[], label(&format!("c{order}"))),
        )
        .await;
    }
    let name = bed.alert("x", "Low", value!([])).await;
    bed.settle().await;
    let matched = matched(&bed, &name).await;
    assert_eq!(matched[..4], ["Create2", "Create3", "Create4", "Create5"]);
    assert_eq!(matched.len(), 4 + 4, "each change of a rule is one event: {matched:?}");
    assert_eq!(labels(&bed, &name).await, ["c2", "c3", "c4", "c5", "update"]);
}

#[tokio::test]
async fn a_closed_incident_still_meets_later_rules() {
    let bed = Bed::new().await;
    bed.rule("a", rule("Close", 1, &[], status("Closed"))).await;
    bed.rule("b", rule("Tag", 2, &[], label("late"))).await;
    bed.rule("c", rule("OpenOnly", 3, &[("IncidentStatus", "NotEquals", "Closed")], label("never"))).await;
    let name = bed.alert("x", "Low", value!([])).await;
    bed.settle().await;
    assert_eq!(labels(&bed, &name).await, ["late"]);
    let shown = bed.incident(&name).await;
    assert_eq!(shown.str_at(&["properties", "status"]), Some("Closed"));
    assert_eq!(shown.str_at(&["properties", "classification"]), Some("Undetermined"));
}

#[tokio::test]
async fn one_write_is_one_event_however_much_it_changes() {
    let bed = Bed::new().await;
    let conditions = [("IncidentUpdatedBySource", "Equals", "User")];
    bed.rule("u", on(rule("Update", 1, &conditions, label("seen")), "Incidents", "Updated")).await;
    let name = bed.alert("x", "Low", value!([])).await;
    bed.settle().await;
    let mut shown = bed.incident(&name).await;
    let properties = shown.as_object_mut().unwrap().get_mut("properties").unwrap().as_object_mut().unwrap();
    properties.insert("severity", "High");
    properties.insert("status", "Active");
    properties.insert("owner", value!({ "userPrincipalName": "ana@contoso.com" }));
    bed.engine.put_incident(&bed.ws, &name, &shown, &bed.caller).await.unwrap();
    bed.settle().await;
    assert_eq!(matched(&bed, &name).await, ["Update"], "three changes, one event");
    // The same again changes nothing, and a title starts no rule.
    let mut shown = bed.incident(&name).await;
    bed.engine.put_incident(&bed.ws, &name, &shown, &bed.caller).await.unwrap();
    let mut again = bed.incident(&name).await;
    std::mem::swap(&mut shown, &mut again);
    let properties = shown.as_object_mut().unwrap().get_mut("properties").unwrap().as_object_mut().unwrap();
    properties.insert("title", "another");
    bed.engine.put_incident(&bed.ws, &name, &shown, &bed.caller).await.unwrap();
    bed.settle().await;
    assert_eq!(matched(&bed, &name).await, ["Update"]);
}

#[tokio::test]
async fn a_chain_of_rules_ends_at_sixteen() {
    let bed = Bed::new().await;
    // Each rule on updates is started by the label of the one before it, which comes later in the order: it has its turn
    // with the next event.
    for step in 0..20 {
        let conditions = [
            ("IncidentLabel", "Contains", format!("s{step:02}")),
            ("IncidentLabel", "NotContains", format!("s{:02}", step + 1)),
        ];
        let conditions: Vec<(&str, &str, &str)> =
            conditions.iter().map(|(p, o, v)| (*p, *o, v.as_str())).collect();
        let actions = label(&format!("s{:02}", step + 1));
        let properties =
            on(rule(&format!("Step{step}"), 100 - step, &conditions, actions), "Incidents", "Updated");
        bed.rule(&format!("r{step:02}"), properties).await;
    }
    let name = bed.alert("x", "Low", value!([])).await;
    let mut shown = bed.incident(&name).await;
    let properties = shown.as_object_mut().unwrap().get_mut("properties").unwrap().as_object_mut().unwrap();
    properties.insert("labels", value!([{ "labelName": "s00" }]));
    bed.engine.put_incident(&bed.ws, &name, &shown, &bed.caller).await.unwrap();
    bed.settle().await;
    assert_eq!(matched(&bed, &name).await.len(), 16);
    let told = bed.told(&name, "loopPrevented").await;
    assert_eq!(told, ["rule Step16 not run again: the chain of rules is too long"]);
    let rows = bed.health().await;
    let prevented: Vec<_> =
        rows.iter().filter(|row| row.str_at(&["Reason"]) == Some("LoopPrevented")).collect();
    assert_eq!(prevented.len(), 1);
    assert_eq!(prevented[0].str_at(&["Status"]), Some("Informational"));
    let chain = prevented[0].at(&["ExtendedProperties", "RuleChain"]).and_then(Value::as_array).unwrap();
    assert_eq!(chain.len(), 16);
}

/// A first rule whose playbook takes `seconds`, for what happens to the rules while an event waits.
async fn slow_first(bed: &Bed, seconds: i64) {
    let wait = value!({ "Wait": { "type": "Wait", "inputs": { "interval": { "count": seconds, "unit": "Second" } } } });
    let slow = bed.playbook("Slow", wait).await;
    bed.rule("slow", rule("Slow", 10, &[], value!([run_playbook(1, &slow)]))).await;
}

async fn until_waiting(bed: &Bed, incident: &str) {
    while bed.told(incident, "playbookTriggered").await.is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn rules_that_change_while_an_event_waits_count_as_they_then_are() {
    let bed = Bed::new().await;
    // Long enough for what is changed meanwhile, on a busy machine too.
    slow_first(&bed, 5).await;
    bed.rule("edited", rule("Edited", 20, &[], label("old"))).await;
    bed.rule("disabled", rule("Disabled", 21, &[], label("disabled"))).await;
    bed.rule("deleted", rule("Deleted", 22, &[], label("deleted"))).await;
    let soon = jiff::Timestamp::now().checked_add(Duration::from_secs(2)).unwrap().to_string();
    let expiring = with(rule("Expiring", 23, &[], label("expired")), "expirationTimeUtc", value!(soon));
    bed.rule("expiring", expiring).await;
    bed.rule("moved", rule("Moved", 5, &[], label("moved"))).await;
    let name = bed.alert("x", "Low", value!([])).await;
    until_waiting(&bed, &name).await;
    bed.rule("edited", rule("Edited", 20, &[], label("new"))).await;
    bed.rule("disabled", with(rule("Disabled", 21, &[], label("disabled")), "isEnabled", value!(false)))
        .await;
    bed.engine.delete_automation_rule(&bed.ws, "deleted", &bed.caller).await.unwrap();
    // One that ran already does not run again where it is moved to; a new one behind the place has its turn.
    bed.rule("moved", rule("Moved", 30, &[], label("moved"))).await;
    bed.rule("added", rule("Added", 31, &[], label("added"))).await;
    bed.settle().await;
    assert_eq!(matched(&bed, &name).await, ["Moved", "Slow", "Edited", "Added"]);
    assert_eq!(labels(&bed, &name).await, ["moved", "new", "added"]);
}

#[tokio::test]
async fn the_next_rule_waits_as_the_policy_says() {
    for (wait, expected) in [
        (PlaybookWait::Completion, ["playbookTriggered", "playbookFinished", "ruleMatched"]),
        (PlaybookWait::Sentinel, ["playbookTriggered", "playbookFinished", "ruleMatched"]),
        (PlaybookWait::None, ["playbookTriggered", "ruleMatched", "playbookFinished"]),
    ] {
        let bed = Bed::waiting(wait).await;
        slow_first(&bed, 2).await;
        bed.rule("next", rule("Next", 20, &[], label("next"))).await;
        let name = bed.alert("x", "Low", value!([])).await;
        bed.settle().await;
        let kinds = bed.timeline_kinds(&name).await;
        let from = kinds.iter().position(|kind| kind == "playbookTriggered").unwrap();
        let found: Vec<&String> =
            kinds[from..].iter().filter(|kind| expected.contains(&kind.as_str())).collect();
        assert_eq!(found, expected, "{wait:?}");
    }
}

#[tokio::test]
async fn a_rule_says_itself_how_long_the_next_one_waits() {
    let bed = Bed::waiting(PlaybookWait::Completion).await;
    slow_first(&bed, 2).await;
    let mut slow = bed.engine.automation_rule(&bed.ws, "slow").await.unwrap();
    let properties = slow.as_object_mut().unwrap().get_mut("properties").unwrap().as_object_mut().unwrap();
    properties.insert("riposte", value!({ "playbookWait": "none" }));
    bed.engine.put_automation_rule(&bed.ws, "slow", &slow, &bed.caller).await.unwrap();
    bed.rule("next", rule("Next", 20, &[], label("next"))).await;
    let name = bed.alert("x", "Low", value!([])).await;
    bed.settle().await;
    let kinds = bed.timeline_kinds(&name).await;
    let last = kinds.iter().rposition(|kind| kind == "ruleMatched").unwrap();
    assert!(last < kinds.iter().position(|kind| kind == "playbookFinished").unwrap(), "{kinds:?}");
}
