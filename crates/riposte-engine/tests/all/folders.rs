//! Folders under version control: watchlists with their rows, rules for several workspaces, and what a prune removes.

use crate::bed::{Bed, GROUP, SUBSCRIPTION, playbook_id};
use crate::round_trip::{ELSEWHERE, export, furnished, import, results};
use riposte_engine::{Collection, ExportKind, ExportRequest, ImportFile, ImportRequest, ItemPlace};
use riposte_value::{Value, json, value};

fn list(name: &str) -> ItemPlace {
    ItemPlace { collection: Collection::Watchlists, parent: String::new(), name: name.to_owned() }
}

async fn put_list(bed: &Bed, name: &str, properties: Value) {
    bed.engine
        .put_item(&bed.ws, &list(name), &value!({ "properties": properties }), &bed.caller)
        .await
        .unwrap();
}

async fn put_row(bed: &Bed, list: &str, name: &str, row: Value) {
    let place =
        ItemPlace { collection: Collection::WatchlistItems, parent: list.to_owned(), name: name.to_owned() };
    let body = value!({ "properties": { "itemsKeyValue": row } });
    bed.engine.put_item(&bed.ws, &place, &body, &bed.caller).await.unwrap();
}

async fn put_wide(bed: &Bed, name: &str, workspaces: Value) {
    let body = value!({ "properties": {
        "displayName": name, "order": 1, "actions": [],
        "triggeringLogic": { "isEnabled": true, "triggersOn": "Alerts", "triggersWhen": "Created" },
        "riposte": { "workspaces": workspaces, "actions": [
            { "order": 1, "actionType": "UpdateAlert", "actionConfiguration": { "status": "Resolved" } }] }
    } });
    bed.engine.put_alert_automation_rule(name, &body, &bed.caller).await.unwrap();
}

fn named(files: &[Value]) -> Vec<&str> {
    files.iter().map(|file| file.str_at(&["name"]).unwrap()).collect()
}

async fn of_kinds(
    bed: &Bed,
    ws: &riposte_engine::Workspace,
    kinds: &[ExportKind],
    strict: bool,
) -> Vec<Value> {
    let request = ExportRequest { kinds: kinds.to_vec(), strict, ..ExportRequest::default() };
    export(bed, ws, request).await
}

#[tokio::test]
async fn watchlists_come_round_with_their_rows() {
    let bed = Bed::new().await;
    let own = format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}");
    put_list(&bed, "VIPs", value!({
        "displayName": "VIPs", "provider": "Microsoft", "source": "vips.csv", "description": "[who] counts",
        "itemsSearchKey": "upn", "contentType": "text/csv", "numberOfLinesToSkip": 2, "labels": ["people"],
        "rawContent": (format!("a line\nanother\nupn,note,place\nb@x,\"say \"\"hi\"\", twice\",{own}\na@x,,[c]\na@x,,[c]\n"))
    })).await;
    put_list(
        &bed,
        "Tabs",
        value!({
            "displayName": "Tabs", "provider": "p", "itemsSearchKey": "ip", "contentType": "text/tsv",
            "rawContent": "ip\tnote\n10.0.0.1\ta,b\n"
        }),
    )
    .await;
    put_list(&bed, "Empty", value!({ "displayName": "Empty", "provider": "p", "itemsSearchKey": "k" })).await;
    put_list(&bed, "ByHand", value!({ "displayName": "ByHand", "provider": "p", "itemsSearchKey": "ip" }))
        .await;
    put_row(&bed, "ByHand", "r1", value!({ "ip": "10.0.0.2", "score": 7 })).await;
    put_row(&bed, "ByHand", "r2", value!({ "seen": true, "ip": "10.0.0.1" })).await;
    let kinds = [ExportKind::Watchlists];
    let files = of_kinds(&bed, &bed.ws, &kinds, false).await;
    assert_eq!(
        named(&files),
        ["watchlists/ByHand.json", "watchlists/Empty.json", "watchlists/Tabs.json", "watchlists/VIPs.json"]
    );
    assert_eq!(of_kinds(&bed, &bed.ws, &kinds, true).await, files, "Azure knows them");
    let text = json::to_string(&Value::array(files.clone()));
    assert!(!text.contains(SUBSCRIPTION) && !text.contains("watchlistId"), "{text}");
    let home = import(&bed, (SUBSCRIPTION, GROUP, "w1"), &files, value!({})).await;
    assert_eq!(results(&home), ["unchanged"; 4], "{home:?}");
    let other = Bed::new().await;
    let away = import(&other, (ELSEWHERE, "far", "w9"), &files, value!({})).await;
    assert_eq!(results(&away), ["created"; 4], "{away:?}");
    let ws = other.engine.workspace_at(ELSEWHERE, "far", "w9").await.unwrap();
    assert_eq!(of_kinds(&other, &ws, &kinds, false).await, files);
    let rows = other.engine.items(&ws, Collection::WatchlistItems, "VIPs", "", 10).await.unwrap().items;
    let mut rows: Vec<String> =
        rows.iter().map(|row| row.at(&["properties", "itemsKeyValue"]).unwrap().to_string()).collect();
    rows.sort();
    let far = own.replace(SUBSCRIPTION, ELSEWHERE).replace("/soc", "/far");
    let wanted = [
        r#"{"upn":"a@x","note":"","place":"[c]"}"#.to_owned(),
        r#"{"upn":"a@x","note":"","place":"[c]"}"#.to_owned(),
        format!(r#"{{"upn":"b@x","note":"say \"hi\", twice","place":"{far}"}}"#),
    ];
    assert_eq!(rows, wanted);
    let imported = other.engine.items(&ws, Collection::WatchlistItems, "byhand", "", 10).await.unwrap().items;
    assert_eq!(imported.len(), 2);
}

#[tokio::test]
async fn rules_for_several_workspaces_come_round_and_are_left_out_of_a_strict_export() {
    let bed = Bed::new().await;
    bed.engine.workspace_or_create(SUBSCRIPTION, GROUP, "w2", &bed.caller).await.unwrap();
    put_wide(&bed, "all", value!(["*"])).await;
    put_wide(&bed, "both", value!(["W1", "w2"])).await;
    put_wide(&bed, "other", value!(["w2"])).await;
    let kinds = [ExportKind::AlertAutomationRules];
    let files = of_kinds(&bed, &bed.ws, &kinds, false).await;
    assert_eq!(
        named(&files),
        ["alertAutomationRules/all.json", "alertAutomationRules/both.json"],
        "those that see to the workspace"
    );
    let text = json::to_string(&Value::array(files.clone()));
    assert!(text.contains("RiposteOnly") && !text.contains(SUBSCRIPTION), "{text}");
    let strict = ExportRequest { kinds: kinds.to_vec(), strict: true, ..ExportRequest::default() };
    let strict = bed.engine.export(&bed.ws, &strict, &bed.caller).await.unwrap();
    assert_eq!(strict.get("files"), Some(&value!([])));
    assert!(strict.get("diagnostics").unwrap().to_string().contains("ExtensionLeftOut"), "{strict}");
    let home = import(&bed, (SUBSCRIPTION, GROUP, "w1"), &files, value!({})).await;
    assert_eq!(results(&home), ["unchanged"; 2], "{home:?}");

    let other = Bed::new().await;
    let place = (ELSEWHERE, "far", "w9");
    let without = import(&other, place, &files, value!({})).await;
    assert_eq!(results(&without), ["created", "failed"], "a workspace must be there: {without:?}");
    assert!(format!("{without:?}").contains("WorkspaceNotFound"), "{without:?}");
    for name in ["w9", "w2"] {
        other.engine.workspace_or_create(ELSEWHERE, "far", name, &other.caller).await.unwrap();
    }
    let away = import(&other, place, &files, value!({})).await;
    assert_eq!(results(&away), ["unchanged", "created"], "{away:?}");
    let ws = other.engine.workspace_at(ELSEWHERE, "far", "w9").await.unwrap();
    assert_eq!(of_kinds(&other, &ws, &kinds, false).await, files);
    let shown = other.engine.alert_automation_rule("both").await.unwrap();
    assert_eq!(shown.at(&["riposte", "seesTo"]), Some(&value!(["w9", "w2"])));
}

/// What an import of files with `--prune` would make or makes of each resource: result and the end of its id.
async fn pruned(bed: &Bed, files: &[Value], more: &[&str], plan: bool) -> Vec<String> {
    let mut texts: Vec<String> =
        files.iter().map(|file| json::to_string(file.get("template").unwrap())).collect();
    texts.extend(more.iter().map(|text| (*text).to_owned()));
    let request = ImportRequest {
        files: texts.into_iter().map(|text| ImportFile { name: "f.json".into(), text }).collect(),
        subscription: Some(SUBSCRIPTION.into()),
        resource_group: Some(GROUP.into()),
        workspace: Some("w1".into()),
        prune: true,
        plan,
        ..ImportRequest::default()
    };
    let answer = bed.engine.import(request, &bed.caller).await.unwrap();
    let resources = answer.get("resources").and_then(Value::as_array).unwrap().iter();
    let line = |one: &Value| {
        let name = one.str_at(&["id"]).unwrap().rsplit('/').next().unwrap();
        format!("{} {name}", one.str_at(&["result"]).unwrap())
    };
    resources.map(line).collect()
}

async fn actions(bed: &Bed) -> Vec<String> {
    let shown = bed.engine.analytics_rule_actions(&bed.ws, "r-1").await.unwrap();
    shown.iter().map(|one| one.str_at(&["name"]).unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_prune_detaches_playbooks_that_the_folder_does_not_attach() {
    let bed = furnished().await;
    let files = of_kinds(&bed, &bed.ws, &[ExportKind::AnalyticsRules], false).await;
    let action = value!({"properties": {"logicAppResourceId": (playbook_id("Look")), "triggerUri": "https://x/?sig=s"}});
    for name in ["a-2", "a-3"] {
        bed.engine.put_analytics_rule_action(&bed.ws, "r-1", name, &action, &bed.caller).await.unwrap();
    }
    let expected = ["unchanged r-1", "unchanged a-1", "deleted a-2", "deleted a-3"];
    assert_eq!(pruned(&bed, &files, &[], true).await, expected, "the plan tells");
    assert_eq!(actions(&bed).await, ["a-1", "a-2", "a-3"], "a plan does nothing");
    let broken = pruned(&bed, &files, &["{"], false).await;
    assert_eq!(broken, ["failed f.json", "unchanged r-1", "unchanged a-1", "unchanged a-2", "unchanged a-3"]);
    assert_eq!(actions(&bed).await.len(), 3, "all or nothing");
    assert_eq!(pruned(&bed, &files, &[], false).await, expected);
    assert_eq!(actions(&bed).await, ["a-1"]);
    let told = bed
        .engine
        .audit(&bed.ws, riposte_engine::LogQuery { top: 50, ..riposte_engine::LogQuery::default() });
    let told = told.await.unwrap();
    let deleted = |row: &&Value| {
        row.str_at(&["SentinelResourceType"]) == Some("Analytics rule action")
            && row.str_at(&["Description"]).is_some_and(|text| text.contains("deleted"))
    };
    assert_eq!(told.iter().filter(deleted).count(), 2);
    // Without prune they stay, and a rule that the folder does not hold keeps its own.
    bed.engine.put_analytics_rule_action(&bed.ws, "r-1", "a-4", &action, &bed.caller).await.unwrap();
    import(&bed, (SUBSCRIPTION, GROUP, "w1"), &files, value!({})).await;
    let rules = of_kinds(&bed, &bed.ws, &[ExportKind::AutomationRules], false).await;
    assert!(pruned(&bed, &rules, &[], false).await.iter().all(|line| line.starts_with("unchanged")));
    assert_eq!(actions(&bed).await, ["a-1", "a-4"]);
}

#[tokio::test]
async fn what_fails_while_it_is_applied_undoes_a_prune() {
    let bed = furnished().await;
    put_list(&bed, "keep", value!({ "displayName": "keep", "provider": "p", "itemsSearchKey": "k" })).await;
    let lists = of_kinds(&bed, &bed.ws, &[ExportKind::Watchlists], false).await;
    put_list(&bed, "drop", value!({ "displayName": "drop", "provider": "p", "itemsSearchKey": "k" })).await;
    let wide = r#"{"resources": [{"type": "Riposte/alertAutomationRules", "apiVersion": "2026-11-01", "name": "wide",
        "properties": {"displayName": "wide", "order": 1, "actions": [],
            "triggeringLogic": {"isEnabled": true, "triggersOn": "Alerts", "triggersWhen": "Created"},
            "riposte": {"workspaces": ["nowhere"], "actions": [
                {"order": 1, "actionType": "UpdateAlert", "actionConfiguration": {"status": "Resolved"}}]}}}]}"#;
    let told = pruned(&bed, &lists, &[wide], false).await;
    assert_eq!(told, ["unchanged keep", "failed wide", "unchanged drop"]);
    assert!(bed.engine.item(&bed.ws, &list("drop")).await.is_ok(), "nothing is applied");
    assert_eq!(pruned(&bed, &lists, &[], false).await, ["unchanged keep", "deleted drop"]);
    assert!(bed.engine.item(&bed.ws, &list("drop")).await.is_err());
}
