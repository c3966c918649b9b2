//! SentinelAudit: every kind of object, with what changed, in the transaction of the change, and without secrets.

use crate::bed::{Bed, GROUP, SUBSCRIPTION, playbook_id, rule};
use riposte_engine::{Caller, LogQuery, PlaybookState};
use riposte_value::{Value, json, value};

async fn rows(bed: &Bed) -> Vec<Value> {
    let mut rows = bed.engine.audit(&bed.ws, LogQuery { top: 100, ..LogQuery::default() }).await.unwrap();
    rows.reverse();
    rows
}

fn told(row: &Value) -> String {
    let members = row.at(&["ExtendedProperties", "ResourceDiffMemberNames"]).unwrap().as_array().unwrap();
    let members: Vec<&str> = members.iter().filter_map(Value::as_str).collect();
    let is_update = text(row, "Description").ends_with("was updated.");
    let members = if is_update { members.join(",") } else { "…".to_owned() };
    format!("{} {} {members}", text(row, "OperationName"), text(row, "SentinelResourceName"))
}

fn text<'r>(row: &'r Value, name: &str) -> &'r str {
    row.str_at(&[name]).unwrap()
}

#[tokio::test]
async fn a_rule_leaves_rows_that_say_what_changed() {
    let bed = Bed::new().await;
    let actions = value!([{
        "order": 1, "actionType": "ModifyProperties", "actionConfiguration": {"severity": "High"}
    }]);
    let first = rule("Escalate", 1, &[], actions.clone());
    bed.rule("r1", first.clone()).await;
    // The same again is no change.
    bed.rule("r1", first).await;
    bed.rule("r1", rule("Escalate", 7, &[], actions)).await;
    assert!(bed.engine.delete_automation_rule(&bed.ws, "R1", &bed.caller).await.unwrap());
    assert!(!bed.engine.delete_automation_rule(&bed.ws, "r1", &bed.caller).await.unwrap());
    let rows = rows(&bed).await;
    let kind = "Microsoft.SecurityInsights/automationRules";
    assert_eq!(
        rows.iter().map(told).collect::<Vec<_>>(),
        [
            "Microsoft.OperationalInsights/workspaces/Write w1 …".to_owned(),
            format!("{kind}/Write Escalate …"),
            format!("{kind}/Write Escalate properties.order"),
            format!("{kind}/Delete Escalate …"),
        ]
    );
    let row = &rows[2];
    assert_eq!(text(row, "SentinelResourceType"), "Automation rule");
    assert_eq!(text(row, "Status"), "Success");
    assert_eq!(text(row, "Description"), "Automation rule was updated.");
    assert_eq!(row.str_at(&["ExtendedProperties", "CallerName"]), Some("owner"));
    assert_eq!(row.str_at(&["ExtendedProperties", "ResourceGroupName"]), Some(GROUP));
    assert_eq!(row.str_at(&["ExtendedProperties", "WorkspaceName"]), Some("w1"));
    let state = |name: &str| {
        let text = row.str_at(&["ExtendedProperties", name]).unwrap();
        json::parse(text).unwrap().at(&["properties", "order"]).cloned()
    };
    assert_eq!(state("OriginalResourceState"), Some(Value::Int(1)));
    assert_eq!(state("UpdatedResourceState"), Some(Value::Int(7)));
}

#[tokio::test]
async fn playbooks_connections_and_assignments_leave_rows_in_the_workspace_of_their_group() {
    let bed = Bed::new().await;
    bed.playbook("Look", value!({})).await;
    let id = playbook_id("Look");
    bed.engine.set_playbook_state(&id, PlaybookState::Disabled, &bed.caller).await.unwrap();
    bed.engine.delete_playbook(&id, &bed.caller).await.unwrap();
    let connection = format!(
        "/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}/providers/Microsoft.Web/connections/vt"
    );
    let body = value!({"properties": {
        "displayName": "vt", "api": {"id": "/x/managedApis/virustotal"},
        "parameterValues": {"api_key": "a very secret key"}
    }});
    bed.engine.put_connection(&connection, &body, &bed.caller).await.unwrap();
    bed.engine.delete_connection(&connection, &bed.caller).await.unwrap();
    // What lies elsewhere is told by the oldest workspace, as there is no nearer one.
    let scope = "/subscriptions/00000000-0000-0000-0000-000000000009/resourceGroups/far";
    let assignment = format!("{scope}/providers/Microsoft.Authorization/roleAssignments/a1");
    let body = value!({"properties": {
        "principalId": "someone", "principalType": "User", "roleDefinitionId": "Microsoft Sentinel Reader"
    }});
    bed.engine.put_role_assignment(&assignment, &body, &bed.caller).await.unwrap();
    bed.engine.delete_role_assignment(&assignment, &bed.caller).await.unwrap();
    let rows = rows(&bed).await;
    let shown: Vec<String> = rows.iter().skip(1).map(told).collect();
    let grant = shown[0].split(' ').nth(1).unwrap().to_owned();
    assert_eq!(
        shown,
        [
            format!("Microsoft.Authorization/roleAssignments/Write {grant} …"),
            "Microsoft.Web/connections/Write azuresentinel-Look …".to_owned(),
            "Microsoft.Logic/workflows/Write Look …".to_owned(),
            "Microsoft.Logic/workflows/Write Look properties.state".to_owned(),
            "Microsoft.Logic/workflows/Delete Look …".to_owned(),
            "Microsoft.Web/connections/Write vt …".to_owned(),
            "Microsoft.Web/connections/Delete vt …".to_owned(),
            "Microsoft.Authorization/roleAssignments/Write a1 …".to_owned(),
            "Microsoft.Authorization/roleAssignments/Delete a1 …".to_owned(),
        ]
    );
    // Who reads this workspace need not be allowed to read what lies in another group.
    let far = rows.last().unwrap().get("ExtendedProperties").unwrap();
    assert_eq!(far.str_at(&["OriginalResourceState"]), Some(""));
    assert_eq!(far.get("ResourceDiffMemberNames"), Some(&Value::array([])));
    let all = json::to_string(&Value::array(rows));
    assert!(!all.contains("a very secret key"), "{all}");
}

#[tokio::test]
async fn what_was_only_planned_leaves_no_row() {
    let bed = Bed::new().await;
    let before = rows(&bed).await.len();
    let template = crate::bed::playbook_template("Look", value!({}));
    let request = riposte_engine::ImportRequest {
        files: vec![riposte_engine::ImportFile { name: "p.json".into(), text: template.to_string() }],
        subscription: Some(SUBSCRIPTION.into()),
        resource_group: Some(GROUP.into()),
        plan: true,
        ..riposte_engine::ImportRequest::default()
    };
    bed.engine.import(request, &bed.caller).await.unwrap();
    assert_eq!(rows(&bed).await.len(), before);
}

#[tokio::test]
async fn a_row_says_where_the_caller_was_and_a_refused_write_leaves_one_too() {
    let bed = Bed::new().await;
    let caller = Caller { address: Some("203.0.113.9".to_owned()), ..bed.caller.clone() };
    let body = value!({ "properties": rule("Escalate", 1, &[], value!([{
        "order": 1, "actionType": "ModifyProperties", "actionConfiguration": {"severity": "High"}
    }])) });
    bed.engine.put_automation_rule(&bed.ws, "r1", &body, &caller).await.unwrap();
    let action = "Microsoft.SecurityInsights/automationRules/write";
    let id = bed.ws.reference.resource_id("automationRules", "r2");
    bed.engine.audit_refusal(&caller, action, &id, "`order` is missing").await.unwrap();
    // Of what is not there, and of what is not told, nothing is left.
    let elsewhere = id.replace("/w1/", "/w9/");
    bed.engine.audit_refusal(&caller, action, &elsewhere, "no").await.unwrap();
    bed.engine.audit_refusal(&caller, "Microsoft.SecurityInsights/incidents/write", &id, "no").await.unwrap();
    let rows = rows(&bed).await;
    let [.., written, refused] = rows.as_slice() else { panic!("{rows:?}") };
    let told = |row: &Value, name: &str| row.str_at(&["ExtendedProperties", name]).unwrap().to_owned();
    assert_eq!((text(written, "Status"), told(written, "Reason").as_str()), ("Success", ""));
    assert_eq!(text(refused, "Status"), "Failure");
    assert_eq!(text(refused, "OperationName"), "Microsoft.SecurityInsights/automationRules/Write");
    assert_eq!(text(refused, "SentinelResourceName"), "r2");
    assert_eq!(told(refused, "Reason"), "`order` is missing");
    for row in [written, refused] {
        assert_eq!(told(row, "CallerIpAddress"), "203.0.113.9");
        assert_eq!(text(row, "_IsBillable"), "False");
    }
}
