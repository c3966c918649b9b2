//! What reading a template gives.

use crate::ResourceId;
use riposte_diagnostic::Diagnostic;
use riposte_value::{Object, Text, Value};
use std::collections::BTreeSet;

/// One resource, evaluated: no template expression is left in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Resource {
    /// The whole id. Types spelt `…/workspaces/providers/automationRules` have become
    /// `…/workspaces/{w}/providers/Microsoft.SecurityInsights/automationRules/{id}`.
    pub id: ResourceId,
    /// The type as Azure names it (`Microsoft.Logic/workflows`), in the spelling of the file.
    pub resource_type: Text,
    /// The last segment of the name.
    pub name: Text,
    /// `apiVersion`, empty if the file has none.
    pub api_version: Text,
    /// `location`.
    pub location: Option<Text>,
    /// `kind`.
    pub kind: Option<Text>,
    /// `tags`.
    pub tags: Object,
    /// `identity`: an object, or `null`.
    pub identity: Value,
    /// `properties`, whole.
    pub properties: Value,
    /// `scope` of an extension resource, as written.
    pub scope: Option<Text>,
    /// Which resources of the same template come before it. [`Outcome::resources`] are in that order already.
    pub depends_on: Vec<ResourceId>,
    /// `etag`, where an exported resource carries one.
    pub etag: Option<Text>,
    /// Where it stands in the file (`$.resources[0]`).
    pub path: String,
    /// Every other property of the resource (`sku`, `plan`, `zones`, …).
    pub extras: Object,
}

impl Resource {
    /// Whether its type is this one, without regard to case.
    pub fn is(&self, resource_type: &str) -> bool {
        self.id.resource_type().eq_ignore_ascii_case(resource_type)
    }
}

/// What [`crate::read`] gives: as much as could be read, and everything there is to say about it.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// The resources, those first that others depend on. Resources with errors in them are left out.
    pub resources: Vec<Resource>,
    /// The outputs: `{name: {type, value}}`. Secure outputs have no `value`.
    pub outputs: Object,
    /// Everything found, in the order of reading.
    pub diagnostics: Vec<Diagnostic>,
    /// Names of the parameters that the template declares, in lower case: what else was given was not used.
    pub declared_parameters: BTreeSet<String>,
    /// How many resources a false `condition` left out.
    pub left_out: usize,
}

impl Outcome {
    /// Whether any diagnostic is an error.
    pub fn has_errors(&self) -> bool {
        riposte_diagnostic::has_errors(&self.diagnostics)
    }
}
