//! What is accepted and told all the same: Azure's capacities, rules that name what is not there, rules kept from running
//! in circles.

use crate::bed::{Bed, on, playbook_id, rule, run_playbook};
use riposte_diagnostic::Diagnostic;
use riposte_engine::incident_remarks;
use riposte_value::{Value, value};

const RULES_MAX: usize = 512;

fn task(title: &str) -> Value {
    value!([{ "order": 1, "actionType": "AddIncidentTask", "actionConfiguration": { "title": title } }])
}

async fn put(bed: &Bed, name: &str, properties: Value) -> Vec<Diagnostic> {
    let body = value!({ "properties": properties });
    bed.engine.put_automation_rule(&bed.ws, name, &body, &bed.caller).await.unwrap().1
}

fn codes(told: &[Diagnostic]) -> Vec<&str> {
    told.iter().map(|one| one.code.as_ref()).collect()
}

#[tokio::test]
async fn one_rule_more_than_azure_takes_is_told() {
    let bed = Bed::new().await;
    let resource = |number: usize| {
        value!({
            "type": "Microsoft.OperationalInsights/workspaces/providers/automationRules",
            "name": format!("w1/Microsoft.SecurityInsights/r{number:04}"), "apiVersion": "2024-09-01",
            "properties": rule(&format!("R{number}"), 1, &[], task("t"))
        })
    };
    let template = value!({
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0", "resources": (0..=RULES_MAX).map(resource).collect::<Vec<_>>()
    });
    let imported = bed.import(&[("rules.json", &template.to_string())], value!({})).await;
    let limited: Vec<&Value> =
        imported.iter().filter(|resource| resource.to_string().contains("AzureLimit")).collect();
    assert_eq!(limited.len(), 1, "{limited:?}");
    assert!(limited[0].str_at(&["id"]).unwrap().ends_with("r0512"), "{limited:?}");
    assert_eq!(
        codes(&put(&bed, "r0001", rule("Changed", 1, &[], task("t"))).await),
        [""; 0],
        "it is not new"
    );
    let told = put(&bed, "more", rule("More", 1, &[], task("t"))).await;
    assert_eq!(codes(&told), ["AzureLimit"]);
}

#[tokio::test]
async fn what_an_incident_holds_beyond_azures_capacity_is_told() {
    let bed = Bed::new().await;
    let name = bed.alert("x", "Low", value!([])).await;
    let text = value!({ "properties": { "message": "m", "title": "t", "status": "New" } });
    for number in 1..=41 {
        let id = format!("t{number}");
        let (_, told) = bed.engine.put_task(&bed.ws, &name, &id, &text, &bed.caller).await.unwrap();
        assert_eq!(told.len(), usize::from(number > 40), "{number}: {told:?}");
    }
    for number in 1..=101 {
        let id = format!("c{number}");
        let (_, told) = bed.engine.put_comment(&bed.ws, &name, &id, &text, &bed.caller).await.unwrap();
        assert_eq!(told.len(), usize::from(number > 100), "{number}: {told:?}");
    }
    let long = |length: usize| value!({ "properties": { "title": "t", "severity": "Low", "status": "New", "description": "é".repeat(length) } });
    assert_eq!(codes(&incident_remarks(&long(5_000))), [""; 0]);
    assert_eq!(codes(&incident_remarks(&long(5_001))), ["AzureLimit"]);
}

#[tokio::test]
async fn a_rule_that_names_an_unknown_analytics_rule_is_told_and_unhealthy() {
    let bed = Bed::new().await;
    let own = bed.ws.reference.alert_rule_id("BruteForce");
    let elsewhere = own.replace("/w1/", "/other/");
    let asks = |id: &str| rule("Tor", 1, &[("IncidentRelatedAnalyticRuleIds", "Contains", id)], task("t"));
    let problems = async || {
        let checked = bed.engine.check_automation_rule(&bed.ws, "tor").await.unwrap();
        checked.at(&["health", "problems"]).and_then(Value::as_array).unwrap().to_vec()
    };
    let told = put(&bed, "tor", asks(&own)).await;
    assert_eq!(codes(&told), ["AnalyticsRuleNotFound"]);
    let found = problems().await;
    assert_eq!(found[0].str_at(&["code"]), Some("AnalyticsRuleNotFound"), "{found:?}");
    assert_eq!(found[0].str_at(&["analyticsRule"]), Some(own.as_str()));

    let analytics = value!({ "kind": "NRT", "properties": {
        "displayName": "Brute force", "enabled": true, "severity": "Low", "query": "T",
        "suppressionEnabled": false, "suppressionDuration": "PT5H"
    } });
    bed.engine.put_analytics_rule(&bed.ws, "BruteForce", &analytics, &bed.caller).await.unwrap();
    assert_eq!(problems().await, Vec::<Value>::new(), "it came later");
    assert_eq!(codes(&put(&bed, "tor", asks(&own.to_uppercase())).await), [""; 0]);
    assert_eq!(codes(&put(&bed, "tor", asks("bruteforce")).await), [""; 0]);
    assert_eq!(codes(&put(&bed, "tor", asks(&elsewhere)).await), ["AnalyticsRuleNotFound"]);
    assert_eq!(problems().await.len(), 1);
}

#[tokio::test]
async fn the_tenant_of_a_playbook_is_a_uuid_and_this_one() {
    let bed = Bed::new().await;
    let playbook = bed.playbook("Ask", value!({})).await;
    let starts = |tenant: Value| {
        let mut action = run_playbook(1, &playbook);
        let configuration = action.as_object_mut().unwrap().get_mut("actionConfiguration").unwrap();
        configuration.as_object_mut().unwrap().insert("tenantId", tenant);
        value!({ "properties": rule("R", 1, &[], value!([action])) })
    };
    let save = async |tenant: &str| {
        bed.engine.put_automation_rule(&bed.ws, "r", &starts(tenant.into()), &bed.caller).await
    };
    assert_eq!(codes(&save(&bed.ws.reference.tenant).await.unwrap().1), [""; 0]);
    assert_eq!(codes(&save("00000000-0000-0000-0000-000000000002").await.unwrap().1), ["OtherTenant"]);
    let refused = save("contoso.com").await.unwrap_err();
    assert!(refused.message.contains("`tenantId` must be a UUID, not `contoso.com`"), "{refused:?}");
}

#[tokio::test]
async fn the_rows_of_a_rule_spell_a_playbook_as_it_does_itself() {
    let bed = Bed::new().await;
    let playbook = bed.playbook("Ask", value!({})).await;
    let shouted = playbook.to_uppercase();
    let gone = playbook_id("Gone");
    bed.rule("r", rule("R", 1, &[], value!([run_playbook(1, &shouted), run_playbook(2, &gone)]))).await;
    bed.alert("x", "Low", value!([])).await;
    bed.settle().await;
    let rows = bed.health().await;
    let row = rows.iter().find(|row| row.str_at(&["SentinelResourceName"]) == Some("R")).unwrap();
    let triggered = row.at(&["ExtendedProperties", "TriggeredPlaybooks"]).and_then(|p| p.item(0)).unwrap();
    assert_eq!(triggered.str_at(&["WorkflowId"]), Some(playbook.as_str()));
    assert_eq!((row.str_at(&["_IsBillable"]), row.get("_BilledSize")), (Some("False"), Some(&value!(0))));
}

#[tokio::test]
async fn rules_kept_from_running_in_circles_are_told_together() {
    let bed = Bed::new().await;
    // C asks for what B adds, B for what A adds, and each is asked again whenever a tag was added.
    for (order, letter, needs) in [(1, "c", Some("b")), (2, "b", Some("a")), (3, "a", None)] {
        let label = value!([{ "order": 1, "actionType": "ModifyProperties",
            "actionConfiguration": { "labels": [{ "labelName": letter }] } }]);
        let mut asks = on(rule(&letter.to_uppercase(), order, &[], label), "Incidents", "Updated");
        let logic =
            asks.as_object_mut().unwrap().get_mut("triggeringLogic").unwrap().as_object_mut().unwrap();
        let mut conditions = vec![value!({ "conditionType": "PropertyArrayChanged",
            "conditionProperties": { "arrayType": "Labels", "changeType": "Added" } })];
        conditions.extend(needs.map(|needs| {
            value!({ "conditionType": "Property", "conditionProperties":
                { "propertyName": "IncidentLabel", "operator": "Equals", "propertyValues": [needs] } })
        }));
        logic.insert("conditions", Value::array(conditions));
        bed.rule(letter, asks).await;
    }
    bed.rule("start", rule("Start", 1, &[], task("Look at it"))).await;
    let name = bed.alert("x", "Low", value!([])).await;
    bed.settle().await;
    assert_eq!(bed.told(&name, "taskAdded").await, ["task added: Look at it"]);
    let mut shown = bed.incident(&name).await;
    let properties = shown.as_object_mut().unwrap().get_mut("properties").unwrap().as_object_mut().unwrap();
    properties.insert("labels", value!([{ "labelName": "first" }]));
    bed.engine.put_incident(&bed.ws, &name, &shown, &bed.caller).await.unwrap();
    bed.settle().await;
    let again = "not run again: they ran in this chain already";
    assert_eq!(
        bed.told(&name, "loopPrevented").await,
        [
            "rule A not run again: it ran in this chain already".to_owned(),
            format!("rules B, A {again}"),
            format!("rules C, B, A {again}"),
        ],
        "one entry for an event"
    );
}
