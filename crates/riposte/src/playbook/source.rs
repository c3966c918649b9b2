//! A file with playbooks and automation rules, read and compiled as far as it goes.

use riposte_arm::{Deployment, Resource};
use riposte_diagnostic::{Diagnostic, has_errors};
use riposte_rules::AutomationRule;
use riposte_value::{Object, Text, Value, json};
use riposte_workflow::{Program, TriggerKind};
use std::path::Path;

const WORKFLOW_TYPE: &str = "Microsoft.Logic/workflows";
const RULE_TYPE: &str = "Microsoft.SecurityInsights/automationRules";

/// What a file holds.
#[derive(Debug)]
pub struct Source {
    /// Whether it could be read as JSON at all.
    pub readable: bool,
    /// Its workflows.
    pub workflows: Vec<Workflow>,
    /// Its automation rules.
    pub rules: Vec<Resource>,
    /// The aliases of its watchlists.
    pub watchlists: Vec<Text>,
    /// Template parameters that were made up because nobody gave them.
    pub made_up: Object,
    /// Everything there is to say about it.
    pub diagnostics: Vec<Diagnostic>,
}

/// A workflow in a file.
#[derive(Debug)]
pub struct Workflow {
    /// The resource, evaluated.
    pub resource: Resource,
    /// The definition, compiled; `None` if it has errors.
    pub program: Option<Program>,
}

impl Source {
    /// Reads a file. Template parameters without a value get a plausible one.
    pub fn read(text: &str, file: &Path, given: &Object) -> Self {
        let mut source = Self {
            readable: true,
            workflows: Vec::new(),
            rules: Vec::new(),
            watchlists: Vec::new(),
            made_up: Object::new(),
            diagnostics: Vec::new(),
        };
        let template = match json::parse_lenient(text) {
            Ok(template) => template,
            Err(error) => {
                source.readable = error.too_deep;
                source
                    .diagnostics
                    .push(Diagnostic::error("InvalidJson", error.message).at_line(error.line, error.column));
                return source;
            }
        };
        let mut deployment = Deployment { deployment_name: stem(file), ..Deployment::default() };
        deployment.parameters = given.clone();
        source.made_up = riposte_arm::sample_parameters(&template, &deployment);
        for (name, value) in &source.made_up {
            deployment.parameters.insert(name.clone(), value.clone());
        }
        let outcome = riposte_arm::read(text, &deployment);
        source.diagnostics.extend(outcome.diagnostics);
        for resource in outcome.resources {
            source.take(resource, &template);
        }
        if source.workflows.is_empty() && source.rules.is_empty() && !has_errors(&source.diagnostics) {
            source.diagnostics.push(
                Diagnostic::error("NothingToCheck", "the file holds neither a workflow nor an automation rule")
                    .at("$")
                    .help("an ARM template has `resources`, a bare definition has `definition` or `triggers` and `actions`"),
            );
        }
        source
    }

    fn take(&mut self, resource: Resource, template: &Value) {
        if resource.is(RULE_TYPE) {
            let (_, diagnostics) = AutomationRule::from_arm(&resource.name, &resource.properties);
            let root = properties_path(&resource, template);
            self.diagnostics.extend(diagnostics.into_iter().map(|diagnostic| below(diagnostic, &root)));
            self.rules.push(resource);
        } else if resource.is(WORKFLOW_TYPE) {
            let definition = resource.properties.get_ignore_case("definition").unwrap_or(&Value::Null);
            let (program, diagnostics) = riposte_workflow::compile(definition);
            let root = definition_path(&resource, template);
            self.diagnostics.extend(diagnostics.into_iter().map(|diagnostic| below(diagnostic, &root)));
            self.workflows.push(Workflow { resource, program });
        } else if resource.is("Microsoft.SecurityInsights/watchlists") {
            let alias = resource.properties.get_ignore_case("watchlistAlias").and_then(Value::as_str);
            self.watchlists.push(Text::new(alias.unwrap_or(&resource.name)));
        }
    }

    /// Whether nothing is wrong with it.
    pub fn is_ok(&self) -> bool {
        !has_errors(&self.diagnostics)
    }
}

/// Where a resource's properties stand in its file; a bare rule is its own properties.
fn properties_path(resource: &Resource, file: &Value) -> String {
    let bare = resource.path == "$" && file.get_ignore_case("properties").is_none();
    if bare { "$".to_owned() } else { format!("{}.properties", resource.path) }
}

/// Where a workflow's definition stands in its file; a bare definition is its own root.
fn definition_path(resource: &Resource, file: &Value) -> String {
    let properties = properties_path(resource, file);
    let bare = properties == "$" && file.get_ignore_case("definition").is_none();
    if bare { properties } else { format!("{properties}.definition") }
}

/// Moves a diagnostic about a part of the file to its place in the file.
fn below(mut diagnostic: Diagnostic, root: &str) -> Diagnostic {
    let path = diagnostic.location.path.take().unwrap_or_else(|| "$".to_owned());
    let rest = path.strip_prefix('$').unwrap_or(&path).to_owned();
    diagnostic.at(format!("{root}{rest}"))
}

fn stem(file: &Path) -> Text {
    file.file_stem().map_or_else(|| Text::new_static("playbook"), |stem| Text::new(stem.to_string_lossy()))
}

impl Workflow {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.resource.name
    }

    /// The definition.
    pub fn definition(&self) -> &Value {
        self.resource.properties.get_ignore_case("definition").unwrap_or(&Value::Null)
    }

    /// The values of its parameters, where the template or the definition gives them.
    pub fn parameters(&self) -> Object {
        let declared = self.definition().get_ignore_case("parameters");
        let given = self.resource.properties.get_ignore_case("parameters");
        let mut values = Object::new();
        for (from, member) in [(declared, "defaultValue"), (given, "value")] {
            for (name, parameter) in from.and_then(Value::as_object).into_iter().flatten() {
                if let Some(value) = parameter.get_ignore_case(member) {
                    values.insert(name.clone(), value.clone());
                }
            }
        }
        values
    }

    /// What starts it, in a word: `incident`, `alert`, `entity`, `request`, `recurrence`, or the trigger's type.
    pub fn trigger(&self) -> Option<String> {
        let kind = &self.program.as_ref()?.triggers().first()?.kind;
        Some(match kind {
            TriggerKind::SentinelIncident => "incident".to_owned(),
            TriggerKind::SentinelAlert => "alert".to_owned(),
            TriggerKind::SentinelEntity { .. } => "entity".to_owned(),
            TriggerKind::Request => "request".to_owned(),
            TriggerKind::Recurrence => "recurrence".to_owned(),
            TriggerKind::Other(kind) => kind.to_string(),
        })
    }
}
