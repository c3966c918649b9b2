//! Rules as they are found in the field, and as Azure's client libraries send them.

#![expect(clippy::disallowed_methods, reason = "the test reads files; the crate does not")]

use riposte_rules::{AutomationRule, Condition};
use riposte_value::{Value, json};
use std::path::Path;

/// Every object that has a `triggeringLogic`, wherever it stands.
fn collect(value: &Value, depth: usize, found: &mut Vec<Value>) {
    if depth == 0 {
        return;
    }
    match value {
        Value::Object(object) => {
            if object.get_ignore_case("triggeringLogic").is_some() {
                found.push(value.clone());
            }
            object.values().for_each(|inner| collect(inner, depth - 1, found));
        }
        Value::Array(items) => items.iter().for_each(|inner| collect(inner, depth - 1, found)),
        _ => {}
    }
}

fn json_files(folder: &Path, files: &mut Vec<std::path::PathBuf>) {
    let mut entries: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            json_files(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "json") {
            files.push(path);
        }
    }
}

fn rules_in(text: &str) -> Vec<Value> {
    let mut found = Vec::new();
    if let Ok(value) = json::parse_lenient(text) {
        collect(&value, 128, &mut found);
    }
    found
}

fn check(properties: &Value, place: &str) -> AutomationRule {
    let (rule, told) = AutomationRule::from_arm("r", properties);
    let rule = rule.unwrap_or_else(|| panic!("{place}: {told:#?}"));
    let (again, told) = AutomationRule::from_arm("r", &rule.to_arm_properties(None));
    assert_eq!(again.as_ref(), Some(&rule), "{place}: comes back: {told:#?}");
    rule
}

#[test]
fn rules_of_public_repositories_are_read() {
    let Some(corpus) = riposte_testing::shared("corpus/sentinel") else { return };
    let mut files = Vec::new();
    json_files(&corpus, &mut files);
    let mut rules = Vec::new();
    for file in files {
        let Ok(text) = std::fs::read_to_string(&file) else { continue };
        if text.to_ascii_lowercase().contains("triggeringlogic") {
            for properties in rules_in(&text) {
                rules.push(check(&properties, &file.display().to_string()));
            }
        }
    }
    assert!(rules.len() >= 6, "only {} rules found", rules.len());
    let tags = rules.iter().flat_map(|rule| &rule.conditions);
    assert!(tags.into_iter().any(|condition| matches!(condition, Condition::PropertyArray { .. })));
}

#[test]
fn rules_of_client_libraries_are_read() {
    let Some(file) = riposte_testing::shared("conformance/sdk_requests.jsonl") else { return };
    let text = std::fs::read_to_string(file).unwrap();
    let mut count = 0;
    for (line, text) in text.lines().enumerate() {
        let request = json::parse(text).unwrap();
        let body = match request.get("body") {
            Some(Value::String(text)) => json::parse_lenient(text).unwrap_or_default(),
            Some(other) => other.clone(),
            None => continue,
        };
        let is_rule = request.str_at(&["path"]).is_some_and(|path| path.contains("/automationRules/"));
        if let (true, Some(properties)) = (is_rule, body.get("properties")) {
            check(properties, &format!("line {}", line + 1));
            count += 1;
        }
    }
    assert!(count >= 4, "only {count} rules found");
}

#[test]
fn the_rule_printed_in_a_tutorial_is_read_as_it_stands() {
    let Some(file) = riposte_testing::shared("seeds/003_1addc2546a1d730c.txt") else { return };
    let text = std::fs::read_to_string(file).unwrap();
    let (_, printed) = text.split_once("\nJSON\n").unwrap();
    let (printed, _) = printed.split_once("\n}\n").unwrap();
    let resource = json::parse(&format!("{printed}}}")).unwrap();
    let (rule, told) = AutomationRule::from_arm("aitm", resource.get("properties").unwrap());
    let rule = rule.unwrap();
    assert_eq!((rule.conditions.len(), rule.actions.len(), rule.order), (2, 2, 1));
    let codes: Vec<&str> = told.iter().map(|told| told.code.as_ref()).collect();
    assert_eq!(codes, ["PlaybookIdInvalid"], "its ids are not complete");
}
