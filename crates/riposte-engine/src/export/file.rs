//! One exported resource as a file.

use super::{ExportKind, Shown, keep};
use crate::error::{Error, Result};
use riposte_arm::{Home, Resource, ResourceId, write_portable};
use riposte_diagnostic::Diagnostic;
use riposte_value::{Object, Text, Value};
use std::collections::BTreeMap;

/// A file of an export.
pub(super) struct ExportFile {
    folder: &'static str,
    name: String,
    template: Value,
    diagnostics: Vec<Diagnostic>,
}

impl ExportFile {
    pub(super) fn into_value(self) -> Value {
        let diagnostics = serde_json::to_value(&self.diagnostics).map(Value::from).unwrap_or_default();
        Value::object([
            ("name", Value::from(format!("{}/{}.json", self.folder, self.name))),
            ("template", self.template),
            ("diagnostics", diagnostics),
        ])
    }
}

/// Files of one name get numbers.
pub(super) fn name_apart(files: &mut [ExportFile]) {
    let mut seen: BTreeMap<(&str, String), usize> = BTreeMap::new();
    for file in files {
        let count = seen.entry((file.folder, file.name.to_lowercase())).or_insert(0);
        *count += 1;
        if *count > 1 {
            file.name = format!("{}-{count}", file.name);
        }
    }
}

pub(super) fn write(shown: &Shown, home: &Home) -> Result<ExportFile> {
    let (resource, secrets) = resource(&shown.resource, shown.kind)?;
    let mut resources = vec![resource.clone()];
    for child in &shown.children {
        let (child, _) = self::resource(child, shown.kind)?;
        resources.push(Resource { depends_on: vec![resource.id.clone()], ..child });
    }
    let mut template = write_portable(&resources, home);
    let mut diagnostics = shown.diagnostics.clone();
    for name in &secrets {
        let parameter = ask_for(&mut template, &resource.name, name);
        let message = format!("the value of the secure parameter `{name}` is not exported");
        diagnostics.push(
            Diagnostic::info("SecretNotExported", message)
                .help(format!("give it when importing: `--param {parameter}=…`")),
        );
    }
    Ok(ExportFile { folder: shown.kind.as_str(), name: file_name(shown), template, diagnostics })
}

/// The resource without what a place makes itself, and the names of its secure parameters.
fn resource(source: &Value, kind: ExportKind) -> Result<(Resource, Vec<Text>)> {
    let id = source.str_at(&["id"]).unwrap_or_default();
    let id: ResourceId =
        id.parse().map_err(|error| Error::internal(format!("'{id}' is no resource id: {error}")))?;
    let given = source.get("properties").cloned().unwrap_or_default();
    let (properties, secrets) = match kind {
        ExportKind::Playbooks => playbook(&given),
        ExportKind::AnalyticsRules => {
            let mut properties = given.as_object().cloned().unwrap_or_default();
            properties.remove("lastModifiedUtc");
            // An action shows which workflow it starts beside the id that says so.
            properties.remove("workflowId");
            (properties, Vec::new())
        }
        ExportKind::Connections
        | ExportKind::Watchlists
        | ExportKind::AutomationRules
        | ExportKind::AlertAutomationRules => (given.as_object().cloned().unwrap_or_default(), Vec::new()),
    };
    let text = |name: &str| source.str_at(&[name]).map(Text::new);
    // The principal of an identity is another one at each place.
    let identity = source.get("identity").map(|identity| keep(identity, &["type", "userAssignedIdentities"]));
    let resource = Resource {
        resource_type: Text::new(id.resource_type()),
        name: Text::new(id.name()),
        api_version: Text::new_static(api_version(kind, source)),
        location: text("location"),
        kind: text("kind"),
        tags: source.get("tags").and_then(Value::as_object).cloned().unwrap_or_default(),
        identity: identity.map_or(Value::Null, Value::from),
        properties: Value::from(properties),
        scope: None,
        depends_on: Vec::new(),
        etag: None,
        path: String::new(),
        extras: Object::new(),
        id,
    };
    Ok((resource, secrets))
}

/// Versions of Azure's interfaces that know all that is written here.
fn api_version(kind: ExportKind, resource: &Value) -> &'static str {
    let stable = ["Scheduled", "MicrosoftSecurityIncidentCreation", "Fusion"];
    match kind {
        ExportKind::AnalyticsRules
            if resource.str_at(&["kind"]).is_some_and(|kind| stable.contains(&kind)) =>
        {
            "2024-09-01"
        }
        ExportKind::AnalyticsRules => "2025-07-01-preview",
        ExportKind::Connections => "2016-06-01",
        ExportKind::Playbooks => "2019-05-01",
        ExportKind::AutomationRules | ExportKind::Watchlists => "2024-09-01",
        ExportKind::AlertAutomationRules => "2026-11-01",
    }
}

/// State, definition and values of parameters; a secure parameter is shown without its value.
fn playbook(given: &Value) -> (Object, Vec<Text>) {
    let mut properties = keep(given, &["state", "definition"]);
    let values = given.get("parameters").and_then(Value::as_object).cloned().unwrap_or_default();
    let (open, secret): (Vec<_>, Vec<_>) = values.iter().partition(|(_, value)| value.get("value").is_some());
    if !open.is_empty() {
        let open: Object = open.into_iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        properties.insert("parameters", open);
    }
    let mut secrets: Vec<Text> = secret.into_iter().map(|(name, _)| name.clone()).collect();
    let declared = properties.get_mut("definition").and_then(Value::as_object_mut);
    let declared =
        declared.and_then(|definition| definition.get_mut("parameters")).and_then(Value::as_object_mut);
    for (name, declaration) in declared.into_iter().flat_map(Object::iter_mut) {
        let is_secure =
            declaration.str_at(&["type"]).is_some_and(|kind| kind.to_lowercase().starts_with("secure"));
        let default =
            declaration.as_object_mut().filter(|_| is_secure).and_then(|own| own.remove("defaultValue"));
        if default.is_some() && !values.contains_key(name) {
            secrets.push(name.clone());
        }
    }
    // Whether they came as values or as defaults is another matter at the next export.
    secrets.sort();
    (properties, secrets)
}

/// Has the template ask for the value of a secure parameter; answers the name of the template's parameter.
fn ask_for(template: &mut Value, playbook: &str, parameter: &str) -> String {
    let asked = format!("{playbook}_{parameter}");
    let declared = Value::object([("type", Value::text("secureString"))]);
    let value = Value::object([("value", Value::text(format!("[parameters('{asked}')]")))]);
    let Some(template) = template.as_object_mut() else { return asked };
    put_below(template, &["parameters"], &asked, declared);
    let resource =
        template.get_mut("resources").and_then(Value::as_array_mut).and_then(|list| list.first_mut());
    if let Some(resource) = resource.and_then(Value::as_object_mut) {
        put_below(resource, &["properties", "parameters"], parameter, value);
    }
    asked
}

/// Puts a member into the object at a path, which is made where it is not there.
fn put_below(object: &mut Object, path: &[&str], name: &str, value: Value) {
    let Some((first, rest)) = path.split_first() else {
        object.insert(name, value);
        return;
    };
    if object.get(first).is_none_or(|inner| inner.as_object().is_none()) {
        object.insert(*first, Value::from(Object::new()));
    }
    if let Some(inner) = object.get_mut(first).and_then(Value::as_object_mut) {
        put_below(inner, rest, name, value);
    }
}

/// What a person would call the file: the name, or for a GUID the display name with the GUID's beginning.
fn file_name(shown: &Shown) -> String {
    let name = shown.resource.str_at(&["name"]).unwrap_or_default();
    let display = shown.resource.str_at(&["properties", "displayName"]).unwrap_or_default();
    match uuid::Uuid::try_parse(name) {
        Ok(_) if !display.trim().is_empty() => {
            let short: String = name.chars().take(8).collect();
            format!("{}-{short}", slug(display))
        }
        _ => slug(name),
    }
}

/// Letters, digits, dots and hyphens; everything else is one hyphen.
fn slug(text: &str) -> String {
    let mut slug = String::with_capacity(text.len());
    for c in text.chars().take(80) {
        if c.is_alphanumeric() || matches!(c, '.' | '_') {
            slug.push(c);
        } else if !slug.ends_with('-') {
            slug.push('-');
        }
    }
    let slug = slug.trim_matches(['-', '.']).to_owned();
    if slug.is_empty() { "unnamed".to_owned() } else { slug }
}
