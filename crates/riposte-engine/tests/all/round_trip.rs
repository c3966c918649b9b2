//! What is exported imports again, here and elsewhere, and the next export is equal.

use crate::bed::{Bed, GROUP, SUBSCRIPTION, playbook_id, rule};
use riposte_engine::{ExportKind, ExportRequest, ImportFile, ImportRequest, Workspace};
use riposte_value::{Object, Value, json, value};

pub const ELSEWHERE: &str = "00000000-0000-0000-0000-000000000002";

pub async fn export(bed: &Bed, ws: &Workspace, request: ExportRequest) -> Vec<Value> {
    let answer = bed.engine.export(ws, &request, &bed.caller).await.unwrap();
    answer.get("files").and_then(Value::as_array).unwrap().to_vec()
}

/// Imports exported files; what became of each resource.
pub async fn import(
    bed: &Bed,
    (subscription, group, workspace): (&str, &str, &str),
    files: &[Value],
    parameters: Value,
) -> Vec<Value> {
    let file = |file: &Value| ImportFile {
        name: file.str_at(&["name"]).unwrap().to_owned(),
        text: json::to_string_pretty(file.get("template").unwrap()),
    };
    let request = ImportRequest {
        files: files.iter().map(file).collect(),
        subscription: Some(subscription.into()),
        resource_group: Some(group.into()),
        workspace: Some(workspace.into()),
        parameters: parameters.as_object().cloned().unwrap_or_else(Object::new),
        grant_automation: true,
        ..ImportRequest::default()
    };
    let answer = bed.engine.import(request, &bed.caller).await.unwrap();
    answer.get("resources").and_then(Value::as_array).unwrap().to_vec()
}

pub fn results(resources: &[Value]) -> Vec<&str> {
    let grant = "Microsoft.Authorization/roleAssignments";
    let own = resources.iter().filter(|one| one.str_at(&["type"]) != Some(grant));
    own.map(|one| one.str_at(&["result"]).unwrap()).collect()
}

/// A bed with a bit of everything.
pub async fn furnished() -> Bed {
    let bed = Bed::new().await;
    bed.playbook(
        "Look",
        value!({ "Say": { "type": "Compose", "inputs":
            "[x] of /subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/soc/providers/a, it's @{1}" } }),
    )
    .await;
    let analytic = bed.ws.reference.resource_id("alertRules", "r-1");
    let mut all = rule(
        "Escalate: admins",
        3,
        &[("IncidentSeverity", "Equals", "Low"), ("IncidentRelatedAnalyticRuleIds", "Contains", &analytic)],
        value!([
            {"order": 1, "actionType": "ModifyProperties", "actionConfiguration": {
                "severity": "High", "status": null, "owner": {"userPrincipalName": "ana@contoso.com"}, "labels": [{"labelName": "[seen]"}]
            }},
            {"order": 2, "actionType": "RunPlaybook", "actionConfiguration": {
                "logicAppResourceId": (playbook_id("Look")), "tenantId": "5e9d1e11-0000-4000-8000-5ec0a7000000"
            }},
            {"order": 3, "actionType": "AddIncidentTask", "actionConfiguration": {"title": "Look", "description": "closely"}}
        ]),
    );
    let logic = all.as_object_mut().unwrap().get_mut("triggeringLogic").unwrap().as_object_mut().unwrap();
    logic.insert("expirationTimeUtc", "2999-01-01T00:00:00Z");
    bed.rule("4b5b3f0e-7d1b-4f8c-9a55-000000000001", all).await;
    bed.rule("plain", rule("Plain", 1, &[], value!([
        {"order": 1, "actionType": "ModifyProperties", "actionConfiguration": {"status": "Closed", "classification": "Undetermined"}}
    ]))).await;
    let analytics = value!({"kind": "NRT", "properties": {
        "displayName": "Many sign-ins", "enabled": true, "severity": "Medium", "query": "SigninLogs | where [x] == 1",
        "suppressionEnabled": false, "suppressionDuration": "PT5H", "tactics": ["CredentialAccess"],
        "incidentConfiguration": {"createIncident": true, "groupingConfiguration": {
            "enabled": true, "reopenClosedIncident": false, "lookbackDuration": "PT5H", "matchingMethod": "AllEntities",
            "groupByEntities": [], "groupByAlertDetails": [], "groupByCustomDetails": []
        }}
    }});
    bed.engine.put_analytics_rule(&bed.ws, "r-1", &analytics, &bed.caller).await.unwrap();
    let action = value!({"properties": {"logicAppResourceId": (playbook_id("Look")), "triggerUri": "https://x/?sig=s"}});
    bed.engine.put_analytics_rule_action(&bed.ws, "r-1", "a-1", &action, &bed.caller).await.unwrap();
    bed
}

#[tokio::test]
async fn an_export_imports_unchanged_at_home_and_equal_elsewhere() {
    let bed = furnished().await;
    let files = export(&bed, &bed.ws, ExportRequest::default()).await;
    let names: Vec<&str> = files.iter().map(|file| file.str_at(&["name"]).unwrap()).collect();
    assert_eq!(
        names,
        [
            "connections/azuresentinel-Look.json",
            "playbooks/Look.json",
            "analyticsRules/r-1.json",
            "automationRules/Escalate-admins-4b5b3f0e.json",
            "automationRules/plain.json"
        ]
    );
    let text = json::to_string(&Value::array(files.clone()));
    assert!(!text.contains(SUBSCRIPTION), "an export names no place of its own: {text}");
    let home = import(&bed, (SUBSCRIPTION, GROUP, "w1"), &files, value!({})).await;
    assert_eq!(results(&home), ["unchanged"; 6], "{home:?}");
    let other = Bed::new().await;
    let away = import(&other, (ELSEWHERE, "far", "w9"), &files, value!({})).await;
    assert_eq!(results(&away), ["created"; 6], "{away:?}");
    let ws = other.engine.workspace_at(ELSEWHERE, "far", "w9").await.unwrap();
    assert_eq!(export(&other, &ws, ExportRequest::default()).await, files);
    let shown = other.engine.automation_rule(&ws, "4b5b3f0e-7d1b-4f8c-9a55-000000000001").await.unwrap();
    let playbook = shown.at(&["properties", "actions"]).unwrap().item(1).unwrap();
    assert_eq!(
        playbook.str_at(&["actionConfiguration", "logicAppResourceId"]),
        Some(playbook_id("Look").replace(SUBSCRIPTION, ELSEWHERE).replace("/soc/", "/far/").as_str())
    );
}

#[tokio::test]
async fn an_export_takes_what_is_asked_for() {
    let bed = furnished().await;
    let of = async |kinds: &[ExportKind], names: &[&str]| {
        let request = ExportRequest {
            kinds: kinds.to_vec(),
            names: names.iter().map(|name| (*name).to_owned()).collect(),
            ..ExportRequest::default()
        };
        let files = export(&bed, &bed.ws, request).await;
        files.iter().map(|file| file.str_at(&["name"]).unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(of(&[ExportKind::Playbooks], &[]).await, ["playbooks/Look.json"]);
    assert_eq!(of(&[], &["PLAIN", "look"]).await, ["playbooks/Look.json", "automationRules/plain.json"]);
    assert_eq!(of(&[ExportKind::AutomationRules], &["escalate: admins"]).await.len(), 1);
}

#[tokio::test]
async fn a_secure_parameter_is_asked_for_and_never_exported() {
    let bed = Bed::new().await;
    let template = value!({
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "resources": [{
            "type": "Microsoft.Logic/workflows", "apiVersion": "2019-05-01", "name": "Keyed", "location": "local",
            "properties": { "state": "Enabled",
                "parameters": { "key": { "value": "the vendor's key" }, "open": { "value": 1 } },
                "definition": {
                    "parameters": {
                        "key": { "type": "SecureString" }, "open": { "type": "Int" },
                        "held": { "type": "securestring", "defaultValue": "the vendor's key as a default" }
                    },
                    "triggers": { "manual": { "type": "Request", "kind": "Http", "inputs": {} } },
                    "actions": {}
                } }
        }]
    });
    let first = bed.import(&[("k.json", &template.to_string())], value!({})).await;
    assert_eq!(results(&first), ["created"], "{first:?}");
    let files = export(&bed, &bed.ws, ExportRequest::default()).await;
    let text = json::to_string(&Value::array(files.clone()));
    assert!(!text.contains("the vendor's key"), "{text}");
    assert!(text.contains("SecretNotExported") && text.contains("Keyed_key"), "{text}");
    let other = Bed::new().await;
    let place = (ELSEWHERE, "far", "w9");
    let without = import(&other, place, &files, value!({})).await;
    assert_eq!(results(&without), ["failed"], "{without:?}");
    let with = import(&other, place, &files, value!({"Keyed_key": "another", "Keyed_held": "other"})).await;
    assert_eq!(results(&with), ["created"], "{with:?}");
    let ws = other.engine.workspace_or_create(ELSEWHERE, "far", "w9", &other.caller).await.unwrap();
    assert_eq!(export(&other, &ws, ExportRequest::default()).await, files);
}

#[tokio::test]
async fn a_plan_tells_each_change_and_a_prune_is_whole_or_nothing() {
    let bed = furnished().await;
    let files = export(&bed, &bed.ws, ExportRequest::default()).await;
    let mut rules: Vec<Value> = files
        .into_iter()
        .filter(|file| file.str_at(&["name"]).unwrap().starts_with("automationRules/"))
        .collect();
    rules.retain(|file| file.str_at(&["name"]) != Some("automationRules/plain.json"));
    let text = json::to_string(rules[0].get("template").unwrap())
        .replace("\"order\":3,\"triggeringLogic\"", "\"order\":8,\"triggeringLogic\"");
    let request = |texts: &[&str], plan: bool| ImportRequest {
        files: texts.iter().map(|text| ImportFile { name: "r.json".into(), text: (*text).into() }).collect(),
        subscription: Some(SUBSCRIPTION.into()),
        resource_group: Some(GROUP.into()),
        workspace: Some("w1".into()),
        prune: true,
        plan,
        ..ImportRequest::default()
    };
    let told = async |texts: &[&str], plan: bool| {
        let answer = bed.engine.import(request(texts, plan), &bed.caller).await.unwrap();
        let resources = answer.get("resources").and_then(Value::as_array).unwrap().to_vec();
        let one = |one: &Value| {
            let changes = one.get("changes").and_then(Value::as_array).unwrap_or_default();
            let changes: Vec<String> = changes
                .iter()
                .map(|c| {
                    format!(
                        "{} {} {}",
                        c.str_at(&["path"]).unwrap(),
                        c.get("before").unwrap(),
                        c.get("after").unwrap()
                    )
                })
                .collect();
            let id = one.str_at(&["id"]).unwrap();
            format!(
                "{} {} {}",
                one.str_at(&["result"]).unwrap(),
                id.rsplit('/').next().unwrap(),
                changes.join(";")
            )
        };
        resources.iter().map(one).collect::<Vec<_>>()
    };
    let expected = ["updated 4b5b3f0e-7d1b-4f8c-9a55-000000000001 properties.order 3 8", "deleted plain "];
    assert_eq!(told(&[&text], true).await, expected);
    let names = async || {
        let rules = bed.engine.automation_rules(&bed.ws).await.unwrap();
        rules.iter().map(|rule| rule.str_at(&["name"]).unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names().await.len(), 2, "a plan does nothing");
    // One file that fails: nothing is applied, and each of the others says what it would be.
    assert_eq!(
        told(&[&text, "{"], false).await,
        [
            "failed r.json ",
            "unchanged 4b5b3f0e-7d1b-4f8c-9a55-000000000001 properties.order 3 8",
            "unchanged plain "
        ]
    );
    assert_eq!(names().await.len(), 2);
    assert_eq!(told(&[&text], false).await, expected);
    assert_eq!(names().await, ["4b5b3f0e-7d1b-4f8c-9a55-000000000001"]);
    assert!(
        bed.engine.playbook(&playbook_id("Look")).await.is_ok(),
        "a folder of rules does not speak of playbooks"
    );
    assert_eq!(told(&[&text], false).await, ["unchanged 4b5b3f0e-7d1b-4f8c-9a55-000000000001 "]);
}

#[tokio::test]
async fn a_strict_export_never_does_more_than_the_rule() {
    let bed = Bed::new().await;
    let mut observing = rule(
        "Watch",
        1,
        &[],
        value!([
            {"order": 1, "actionType": "ModifyProperties", "actionConfiguration": {"severity": "High"}}
        ]),
    );
    observing.as_object_mut().unwrap().insert("riposte", value!({"mode": "observe"}));
    bed.rule("watch", observing).await;
    let exported = async |strict: bool| {
        let files = export(&bed, &bed.ws, ExportRequest { strict, ..ExportRequest::default() }).await;
        let resource = files[0].at(&["template", "resources"]).unwrap().item(0).unwrap().clone();
        let is_on = resource.at(&["properties", "triggeringLogic", "isEnabled"]).cloned();
        (
            resource.at(&["properties", "riposte", "mode"]).cloned(),
            is_on,
            files[0].get("diagnostics").unwrap().to_string(),
        )
    };
    let (mode, is_on, told) = exported(false).await;
    assert_eq!((mode, is_on, told.as_str()), (Some(Value::text("observe")), Some(Value::Bool(true)), "[]"));
    let (mode, is_on, told) = exported(true).await;
    assert_eq!((mode, is_on), (None, Some(Value::Bool(false))));
    assert!(told.contains("ExtensionLeftOut"), "{told}");
}

/// Real playbooks and rules of others: imported, exported, imported elsewhere and exported again.
#[tokio::test(flavor = "multi_thread")]
async fn the_published_playbooks_and_rules_come_round() {
    let Some(folder) = riposte_testing::shared("corpus/sentinel") else { return };
    let mut files = Vec::new();
    collect(&folder, &mut files);
    files.sort();
    // Each file takes two databases of its own, which PostgreSQL is slow to make: there every twentieth is enough.
    if std::env::var("RIPOSTE_TEST_STORE").is_ok_and(|store| store == "postgres") {
        files = files.into_iter().step_by(20).collect();
    }
    let (mut round, mut left_out, mut faults) = (0, 0, Vec::new());
    for file in &files {
        let text = std::fs::read_to_string(file).unwrap();
        let Ok(template) = json::parse_lenient(&text) else { continue };
        match come_round(&text, &template).await {
            Ok(true) => round += 1,
            Ok(false) => left_out += 1,
            Err(fault) => faults.push(format!("{}: {fault}", file.display())),
        }
    }
    println!("{round} files come round, {left_out} hold nothing that is exported");
    assert!(faults.is_empty(), "{} of {}:\n{}", faults.len(), files.len(), faults.join("\n"));
    assert!(round * 2 > files.len(), "{round} of {}", files.len());
}

fn collect(folder: &std::path::Path, files: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|end| end == "json") {
            files.push(path);
        }
    }
}

/// Whether there was anything to export, or what differs.
async fn come_round(text: &str, template: &Value) -> Result<bool, String> {
    let bed = Bed::new().await;
    let parameters = riposte_arm::sample_parameters(template, &riposte_arm::Deployment::default());
    bed.import(&[("t.json", text)], Value::from(parameters)).await;
    let files = export(&bed, &bed.ws, ExportRequest::default()).await;
    if files.is_empty() {
        return Ok(false);
    }
    let mut secrets = Object::new();
    for file in &files {
        let declared =
            file.at(&["template", "parameters"]).and_then(Value::as_object).cloned().unwrap_or_default();
        for (name, _) in declared.iter().filter(|(name, _)| *name != "workspace") {
            secrets.insert(name.clone(), "a secret");
        }
    }
    let other = Bed::new().await;
    let away = import(&other, (ELSEWHERE, "far", "w9"), &files, Value::from(secrets)).await;
    if let Some(failed) = away.iter().find(|one| one.str_at(&["result"]) == Some("failed")) {
        return Err(format!("does not import elsewhere: {failed}"));
    }
    let ws = other.engine.workspace_or_create(ELSEWHERE, "far", "w9", &other.caller).await.unwrap();
    let again = export(&other, &ws, ExportRequest::default()).await;
    match riposte_value::differences(&Value::array(files), &Value::array(again)).first() {
        None => Ok(true),
        Some(difference) => Err(format!("{difference:?}")),
    }
}
