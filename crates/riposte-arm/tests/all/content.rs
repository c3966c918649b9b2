//! The project's own playbooks and rules: each is plain ARM, reads without a word of complaint, and keeps its shape.

use crate::corpus::text;
use crate::functions::deployment;
use riposte_arm::{Deployment, Outcome, read, sample_parameters};
use riposte_testing::{files_below, repository_root};
use riposte_value::{Value, json};
use std::path::{Path, PathBuf};

fn outcome(source: &str) -> Outcome {
    let mut deployment = Deployment { workspace: Some("soc".into()), ..deployment() };
    deployment.parameters = sample_parameters(&json::parse(source).unwrap(), &deployment);
    read(source, &deployment)
}

fn files_in(root: &Path) -> Vec<PathBuf> {
    ["templates", "examples"].map(|folder| files_below(&root.join(folder), "json")).concat()
}

#[test]
fn own_templates_read_without_a_diagnostic() {
    let root = repository_root();
    let files = files_in(&root);
    let templates: Vec<_> =
        files.iter().filter(|file| text(file).contains("deploymentTemplate.json")).collect();
    assert!(templates.len() >= 5, "{templates:?}");
    for file in templates {
        let outcome = outcome(&text(file));
        assert!(outcome.diagnostics.is_empty(), "{}: {:?}", file.display(), outcome.diagnostics);
        assert!(!outcome.resources.is_empty(), "{}", file.display());
        let readme = file.with_file_name("README.md");
        assert!(readme.exists(), "{} is missing", readme.display());
    }
}

/// The example is the gallery's playbook, with a rule beside it.
#[test]
fn the_example_and_the_gallery_hold_the_same_playbook() {
    let root = repository_root();
    let paths = ["examples/enrich-ip/azuredeploy.json", "templates/Enrich-IP-Reputation/azuredeploy.json"];
    let [example, gallery] = paths.map(|path| text(&root.join(path)));
    assert_eq!(example, gallery, "copy one over the other");
}

#[test]
fn the_example_rule_runs_the_example_playbook() {
    let root = repository_root();
    let [playbooks, rules] = ["azuredeploy.json", "automation-rule.json"].map(|file| {
        let source = text(&root.join("examples/enrich-ip").join(file));
        let mut deployment = Deployment { workspace: Some("soc".into()), ..deployment() };
        deployment.parameters.insert("workspace", "soc");
        deployment.parameters.insert("VirusTotalApiKey", "secret");
        read(&source, &deployment).resources
    });
    let actions = rules[0].properties.get("actions").and_then(Value::as_array).unwrap();
    let run = actions.iter().find(|action| action.str_at(&["actionType"]) == Some("RunPlaybook")).unwrap();
    let wanted = run.str_at(&["actionConfiguration", "logicAppResourceId"]).unwrap().parse().unwrap();
    assert!(playbooks.iter().any(|playbook| playbook.id == wanted), "{wanted}");
    assert_eq!(rules[0].id.name_of("workspaces"), Some("soc"));
}

/// Every connection that a playbook's actions name must be among those that it is given, and exist in the file.
#[test]
fn own_playbooks_use_connections_that_they_bring() {
    let root = repository_root();
    let mut playbooks = 0;
    for file in files_in(&root) {
        let source = text(&file);
        if !source.contains("Microsoft.Logic/workflows\"") || !source.contains("deploymentTemplate.json") {
            continue;
        }
        let resources = outcome(&source).resources;
        for playbook in resources.iter().filter(|resource| resource.is("Microsoft.Logic/workflows")) {
            playbooks += 1;
            let given = playbook
                .properties
                .at(&["parameters", "$connections", "value"])
                .and_then(Value::as_object)
                .unwrap();
            for (name, connection) in given {
                let id = connection.str_at(&["connectionId"]).unwrap().parse().unwrap();
                assert!(resources.iter().any(|other| other.id == id), "{name} of {}", file.display());
                assert!(playbook.depends_on.contains(&id), "{name} of {}", file.display());
            }
            let definition = json::to_string(playbook.properties.get("definition").unwrap());
            for used in definition.split("parameters('$connections')['").skip(1) {
                let name = used.split('\'').next().unwrap();
                assert!(given.contains_key(name), "{name} of {}", file.display());
            }
        }
    }
    assert!(playbooks >= 4, "{playbooks} playbooks");
}
