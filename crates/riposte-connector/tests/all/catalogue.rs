//! The shipped definitions.

use riposte_connector::{ConnectorDefinition, catalogue};
use riposte_testing::repository_root;
use riposte_value::json;
use std::collections::BTreeSet;

#[test]
fn every_folder_is_shipped_and_nothing_is_to_be_said_about_it() {
    let mut folders = BTreeSet::new();
    for entry in std::fs::read_dir(repository_root().join("connectors")).unwrap() {
        let path = entry.unwrap().path();
        if !path.is_dir() {
            continue;
        }
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let read = |file: &str| json::parse(&std::fs::read_to_string(path.join(file)).unwrap()).unwrap();
        let (definition, diagnostics) =
            ConnectorDefinition::read(&read("apiDefinition.swagger.json"), Some(&read("apiProperties.json")));
        assert_eq!(diagnostics, [], "{name}");
        let definition = definition.unwrap();
        assert!(definition.base_url().is_some() && !definition.operations.is_empty(), "{name}");
        let mut ids = BTreeSet::new();
        for operation in &definition.operations {
            assert_eq!(definition.refusal(operation), None, "{name}");
            assert!(!operation.id.is_empty() && ids.insert(&operation.id), "{name}: {}", operation.id);
            assert!(!operation.summary.is_empty(), "{name}: {}", operation.id);
        }
        folders.insert(name);
    }
    assert_eq!(
        folders.iter().map(String::as_str).collect::<Vec<_>>(),
        catalogue::names().collect::<Vec<_>>()
    );
    for name in catalogue::names() {
        assert!(catalogue::find(&name.to_uppercase()).is_some(), "{name}");
    }
}
