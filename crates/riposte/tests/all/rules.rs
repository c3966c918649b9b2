//! `riposte rule`.

use crate::process::{Folder, repository, riposte};
use serde_json::{Value, json};

fn rule(trigger: &str, conditions: &Value) -> String {
    json!({"name": "r1", "properties": {
        "displayName": "Escalate", "order": 1,
        "triggeringLogic": {"isEnabled": true, "triggersOn": "Incidents", "triggersWhen": trigger, "conditions": conditions},
        "actions": [{"order": 1, "actionType": "ModifyProperties", "actionConfiguration": {"severity": "High"}}]
    }})
    .to_string()
}

fn equals(property: &str, values: &[&str]) -> Value {
    json!({"conditionType": "Property", "conditionProperties": {
        "propertyName": property, "operator": "Equals", "propertyValues": values
    }})
}

fn incident(severity: &str) -> String {
    json!({"properties": {"title": "AiTM sign-in", "severity": severity, "status": "New",
        "relatedEntities": [{"kind": "Ip", "properties": {"address": "203.0.113.9"}}]}})
    .to_string()
}

#[test]
fn rules_are_told_in_words() {
    let file = repository("examples/enrich-ip/automation-rule.json");
    let found = riposte(["rule", "check", &file, "--format", "json"]).expect(0).json();
    let rule = &found["rules"][0];
    assert_eq!(rule["trigger"], json!("Incidents Created"));
    assert_eq!(rule["conditions"], json!(["IncidentTitle contains AiTM", "IncidentSeverity equals Medium"]));
    assert_eq!(rule["actions"].as_array().map(Vec::len), Some(3), "{rule}");
    let text = riposte(["rule", "check", &file]).expect(0);
    assert!(text.out.contains("if   IncidentTitle contains AiTM"), "{}", text.out);
}

#[test]
fn the_condition_that_decided_is_named() {
    let folder = Folder::new();
    let conditions =
        json!([equals("IncidentSeverity", &["Medium"]), equals("IPAddress", &["203.0.113.9", "x"])]);
    let file = folder.write("rule.json", rule("Created", &conditions));
    let test = |severity: &str, format: &str| {
        let incident = folder.write("incident.json", incident(severity));
        let (file, incident) = (file.to_str().unwrap(), incident.to_str().unwrap());
        riposte(["rule", "test", file, "--incident", incident, "--format", format])
    };
    let found = test("Medium", "json").expect(0).json();
    assert_eq!(found["rules"][0]["matched"], json!(true));
    assert_eq!(found["rules"][0]["conditions"][1]["actual"], json!("203.0.113.9"));
    let found = test("Low", "json").expect(1).json();
    assert_eq!(found["rules"][0]["why"], json!("not matched: IncidentSeverity equals Medium (was Low)"));
    assert!(test("Low", "text").out.contains("✗ IncidentSeverity equals Medium  (was Low)"));
}

#[test]
fn updates_need_the_incident_as_it_was() {
    let folder = Folder::new();
    let changed = json!([{"conditionType": "PropertyChanged", "conditionProperties": {
        "propertyName": "IncidentSeverity", "changeType": "ChangedTo", "operator": "Equals", "propertyValues": ["High"]
    }}]);
    let file = folder.write("rule.json", rule("Updated", &changed));
    let (low, high) =
        (folder.write("low.json", incident("Low")), folder.write("high.json", incident("High")));
    let (file, low, high) = (file.to_str().unwrap(), low.to_str().unwrap(), high.to_str().unwrap());
    riposte(["rule", "test", file, "--incident", high, "--before", low]).expect(0);
    riposte(["rule", "test", file, "--incident", low, "--before", high]).expect(1);
    let done = riposte(["rule", "test", file, "--incident", high]).expect(1);
    assert!(done.out.contains("--before"), "{}", done.out);
}

#[test]
fn faulty_rules_are_refused() {
    let folder = Folder::new();
    let wrong = folder.write("wrong.json", rule("Created", &json!([equals("IncidentColour", &["red"])])));
    let found = riposte(["rule", "check", wrong.to_str().unwrap(), "--format", "json"]).expect(1).json();
    assert_eq!(found["ok"], json!(false));
    let path = found["diagnostics"][0]["path"].as_str().unwrap();
    assert!(path.starts_with("$.properties.triggeringLogic.conditions[0]"), "{path}");
    riposte(["rule", "check", "/nowhere.json"]).expect(2);
    let asked = folder.write("asked.json", incident("Low"));
    let asked = asked.to_str().unwrap();
    let empty = json!([{"conditionType": "Boolean", "conditionProperties": {"operator": "And", "innerConditions": []}}]);
    let operator = json!([{"conditionType": "Property", "conditionProperties": {
        "propertyName": "IncidentTitle", "operator": "Resembles", "propertyValues": ["x"]
    }}]);
    let types = json!([{"conditionType": "Property", "conditionProperties": "IncidentTitle"}]);
    let unusable = [empty, operator, types].map(|conditions| rule("Created", &conditions));
    let texts =
        [rule("Created", &json!([equals("IncidentColour", &["red"])])), json!({"hello": 1}).to_string()];
    for (place, text) in unusable.into_iter().chain(texts).enumerate() {
        let file = folder.write(&format!("unusable{place}.json"), &text);
        let file = file.to_str().unwrap();
        let told = riposte(["rule", "test", file, "--incident", asked, "--format", "json"]).expect(2);
        assert!(!told.err.is_empty(), "{text}");
        assert_eq!(told.json()["diagnostics"][0]["severity"], json!("error"), "{text}");
        let told = riposte(["rule", "backtest", file]).expect(2);
        assert!(told.err.contains("error"), "{text}: {}", told.err);
        riposte(["rule", "check", file]).expect(1);
    }
    let playbook = repository("examples/enrich-ip/azuredeploy.json");
    riposte(["rule", "check", &playbook]).expect(1);
    let incident = folder.write("incident.json", "{\"properties\": {}}");
    let good = folder.write("good.json", rule("Created", &json!([])));
    riposte(["rule", "test", good.to_str().unwrap(), "--incident", incident.to_str().unwrap()]).expect(2);
}

/// A rule with an extension.
fn extended(on: &str, when: &str, extension: &Value) -> String {
    let playbook = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Logic/workflows/p";
    json!({"name": "r1", "properties": {
        "displayName": "Extended", "order": 1,
        "triggeringLogic": {"isEnabled": true, "triggersOn": on, "triggersWhen": when},
        "actions": [{"order": 1, "actionType": "RunPlaybook", "actionConfiguration": {"logicAppResourceId": playbook}}],
        "riposte": extension
    }})
    .to_string()
}

fn condition(kind: &str, properties: &Value) -> Value {
    json!({"conditionType": kind, "conditionProperties": properties})
}

#[test]
fn alerts_watchlists_and_times_are_tried() {
    let folder = Folder::new();
    let write = |name: &str, text: String| folder.write(name, text).to_str().unwrap().to_owned();
    let night = condition("Schedule", &json!({"timeZone": "Europe/Berlin", "from": "22:00", "to": "06:00"}));
    let known = condition(
        "Watchlist",
        &json!({"propertyName": "HostName", "operator": "In", "watchlistAlias": "servers", "column": "name"}),
    );
    let title = condition(
        "Property",
        &json!({"propertyName": "AlertTitle", "operator": "Contains", "propertyValues": ["malware"]}),
    );
    let rule =
        write("rule.json", extended("Alerts", "Created", &json!({"conditions": [title, known, night]})));
    let alert = write(
        "alert.json",
        json!({"SystemAlertId": "a", "DisplayName": "Malware found", "AlertSeverity": "High",
            "Entities": [{"$id": "1", "Type": "host", "HostName": "DC-01"}]})
        .to_string(),
    );
    let lists = write(
        "lists.json",
        json!({"Servers": {"searchKey": "id", "rows": [{"id": 1, "name": "dc-01"}]}}).to_string(),
    );
    let test = |at: &str, more: &[&str]| {
        let arguments = ["rule", "test", &rule, "--alert", &alert, "--format", "json", "--at", at];
        riposte(arguments.into_iter().chain(more.iter().copied()))
    };
    let with_lists = ["--watchlists", lists.as_str()];
    let found = test("2026-03-01T23:30:00Z", &with_lists).expect(0).json();
    let rule_0 = &found["rules"][0];
    assert_eq!(
        (&rule_0["matched"], &rule_0["decidedBy"], &rule_0["mode"]),
        (&json!(true), &json!(null), &json!("enforce"))
    );
    assert_eq!(rule_0["conditions"][2]["actual"], json!("Monday 00:30 Europe/Berlin"));
    let found = test("2026-03-01T12:00:00Z", &with_lists).expect(1).json();
    assert_eq!(found["rules"][0]["decidedBy"], json!("$.riposte.conditions[2]"));
    let found = test("2026-03-01T23:30:00Z", &[]).expect(1).json();
    let why = found["rules"][0]["why"].as_str().unwrap();
    assert!(why.ends_with("(was there is no watchlist `servers`)"), "{why}");
    // rows alone, whose first column is the search key
    let bare = write("bare.json", json!({"servers": [{"name": "dc-01"}]}).to_string());
    test("2026-03-01T23:30:00Z", &["--watchlists", &bare]).expect(0);
    let wrong = write("wrong.json", json!({"servers": 5}).to_string());
    test("2026-03-01T23:30:00Z", &["--watchlists", &wrong]).expect(2);
    test("noon", &[]).expect(2);
    // a rule for incidents does not look at an alert
    let other = write("other.json", extended("Incidents", "Created", &json!({})));
    let told = riposte(["rule", "test", &other, "--alert", &alert]).expect(1);
    assert!(told.out.contains("--incident"), "{}", told.out);
    riposte(["rule", "test", &other]).expect(2);
}

#[test]
fn a_change_and_who_made_it_are_given() {
    let folder = Folder::new();
    let write = |name: &str, text: String| folder.write(name, text).to_str().unwrap().to_owned();
    let conditions = json!([
        {"conditionType": "PropertyArrayChanged", "conditionProperties": {"arrayType": "Labels", "changeType": "Added"}},
        {"conditionType": "Property", "conditionProperties": {
            "propertyName": "IncidentUpdatedBySource", "operator": "NotEquals", "propertyValues": ["Automation rule"]}}
    ]);
    let file = write("rule.json", rule("Updated", &conditions));
    let incident = write("incident.json", incident("High"));
    let change = write("change.json", json!({"labelsAdded": ["vip"]}).to_string());
    let test = |by: &str| {
        riposte(["rule", "test", &file, "--incident", &incident, "--change", &change, "--updated-by", by])
    };
    test("Playbook").expect(0);
    let told = test("AutomationRule").expect(1);
    assert!(told.out.contains("✗ IncidentUpdatedBySource does not equal Automation rule"), "{}", told.out);
    test("Nobody").expect(2);
    let wrong = write("wrong.json", json!({"labels": ["vip"]}).to_string());
    riposte(["rule", "test", &file, "--incident", &incident, "--change", &wrong]).expect(2);
}

#[test]
fn what_azure_would_lose_is_told() {
    let folder = Folder::new();
    let count = condition(
        "Number",
        &json!({"propertyName": "AlertCount", "operator": "GreaterThan", "propertyValues": [3]}),
    );
    let extension = json!({"mode": "observe", "conditions": [count]});
    let file = folder.write("rule.json", extended("Incidents", "Created", &extension));
    let text = riposte(["rule", "check", file.to_str().unwrap()]).expect(0);
    assert!(
        text.out.contains("only observes") && text.out.contains("if   AlertCount is greater than 3"),
        "{}",
        text.out
    );
    let found = riposte(["rule", "check", file.to_str().unwrap(), "--format", "json"]).expect(0).json();
    let told = found["diagnostics"].as_array().unwrap();
    let codes: Vec<&str> = told.iter().map(|told| told["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["ExtensionLeftOut", "ExtensionLeftOut"]);
    assert!(told[0]["message"].as_str().unwrap().contains("turned off"), "{found}");
    // rules of several files are looked at together
    folder.write("other.json", rule("Created", &json!([])).replace("\"r1\"", "\"r2\""));
    let told = riposte(["rule", "check", file.parent().unwrap().to_str().unwrap()]).expect(0);
    assert!(told.err.contains("rules `r1`, `r2` have the same order 1"), "{}", told.err);
}

#[test]
fn watchlists_that_are_not_there_are_told_where_it_is_known() {
    let folder = Folder::new();
    let asks = condition(
        "Watchlist",
        &json!({"propertyName": "HostName", "operator": "In", "watchlistAlias": "servers"}),
    );
    let rule = folder.write("rule.json", extended("Incidents", "Created", &json!({"conditions": [asks]})));
    let all = rule.parent().unwrap().to_str().unwrap().to_owned();
    let rule = rule.to_str().unwrap().to_owned();
    let codes = |arguments: &[&str]| {
        let arguments = ["rule", "check", "--format", "json"].iter().chain(arguments);
        let found = riposte(arguments.copied()).expect(0).json();
        let told = found["diagnostics"].as_array().unwrap().clone();
        let told = told.iter().map(|told| told["code"].as_str().unwrap().to_owned());
        told.filter(|code| code.starts_with("Watchlist")).collect::<Vec<_>>()
    };
    assert_eq!(codes(&[&rule]), ["WatchlistNotChecked"]);
    let lists = |name: &str| {
        let text = json!({name: {"searchKey": "id", "rows": []}}).to_string();
        let folder = Folder::new();
        (folder.write("lists.json", text).to_str().unwrap().to_owned(), folder)
    };
    let (others, _kept) = lists("vips");
    assert_eq!(codes(&[&rule, "--watchlists", &others]), ["WatchlistNotFound"]);
    let (same, _kept) = lists("Servers");
    assert!(codes(&[&rule, "--watchlists", &same]).is_empty());
    // A watchlist beside the rule is known too; a file that holds no rule is passed over.
    let watchlist = json!({"resources": [{
        "type": "Microsoft.OperationalInsights/workspaces/providers/watchlists", "apiVersion": "2024-09-01",
        "name": "w1/Microsoft.SecurityInsights/SERVERS",
        "properties": {"displayName": "Servers", "provider": "p", "itemsSearchKey": "id", "rawContent": "id\n1\n"}
    }]});
    folder.write("list.json", watchlist.to_string());
    assert!(codes(&[&all]).is_empty());
    let empty = Folder::new();
    let list = empty.write("list.json", watchlist.to_string());
    riposte(["rule", "check", list.parent().unwrap().to_str().unwrap()]).expect(1);
    let told = riposte(["rule", "check", list.to_str().unwrap()]).expect(1);
    assert!(told.err.contains("the file holds no automation rule"), "{}", told.err);
}

/// The fenced blocks of a kind on a page.
fn blocks<'p>(page: &'p str, kind: &str) -> Vec<&'p str> {
    let fence = format!("```{kind}\n");
    page.split(&fence).skip(1).map(|block| block.split_once("```").unwrap().0).collect()
}

#[test]
fn the_how_to_shows_what_is_printed() {
    let page = std::fs::read_to_string(repository("docs/how-to/write-and-try-rules.md")).unwrap();
    let folder = Folder::new();
    let files = blocks(&page, "json");
    for (name, text) in ["night-watch.json", "incident.json"].into_iter().zip(&files) {
        folder.write(name, *text);
    }
    let files_named = ["night-watch.json", "incident.json"];
    let shown = blocks(&page, "console");
    assert_eq!((files.len(), shown.len()), (2, 2));
    for block in shown {
        let (command, output) = block.split_once('\n').unwrap();
        let words = command.trim_start_matches("$ riposte ").split(' ');
        let given = |word: &str| {
            if files_named.contains(&word) {
                folder.path(word).display().to_string()
            } else {
                word.to_owned()
            }
        };
        let done = riposte(words.map(given).collect::<Vec<_>>());
        assert_eq!(done.out, output, "{command}: {}", done.err);
    }
}
