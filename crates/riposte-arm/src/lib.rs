//! Azure Resource Manager templates: resource ids, reading and writing.
//!
//! A template is evaluated whole (parameters, variables, functions, copy loops, conditions, nested templates and the
//! second pass of content templates) before anything else looks at it: what comes out are [`Resource`]s whose
//! properties hold no template expression any more. Strings with `@`, the expressions of a workflow definition, are
//! left alone.
//!
//! ```
//! use riposte_arm::{Deployment, read};
//! use riposte_value::{Object, value};
//!
//! let template = r#"{
//!   "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
//!   "parameters": { "PlaybookName": { "type": "string" } },
//!   "resources": [{
//!     "type": "Microsoft.Logic/workflows", "apiVersion": "2019-05-01",
//!     "name": "[parameters('PlaybookName')]", "location": "[resourceGroup().location]",
//!     "properties": { "state": "Enabled", "definition": {
//!       "triggers": {},
//!       "actions": { "Compose": { "type": "Compose", "inputs": "@triggerBody()" } }
//!     } }
//!   }]
//! }"#;
//! let mut deployment = Deployment::default();
//! deployment.parameters.insert("PlaybookName", "Enrich");
//! let outcome = read(template, &deployment);
//! assert!(outcome.diagnostics.is_empty());
//! let playbook = &outcome.resources[0];
//! assert_eq!(playbook.name, "Enrich");
//! assert_eq!(
//!     playbook.properties.at(&["definition", "actions", "Compose", "inputs"]),
//!     Some(&value!("@triggerBody()")),
//! );
//! ```

mod bare;
mod deployment;
mod derived;
mod duplicates;
mod expression;
mod fault;
mod functions;
mod hash;
mod id;
mod limits;
mod parameters;
mod portable;
mod read;
mod resource;
mod sample;
mod template;
mod unresolved;
mod write;

pub use bare::complete_playbook_id;
pub use deployment::Deployment;
pub use derived::managed_identity_principal;
pub use functions::{FunctionInfo, functions};
pub use id::{IdError, ResourceId};
pub use parameters::{ParameterDeclaration, ParameterKind, parameter_declarations, read_parameters};
pub use portable::{Home, write_portable};
pub use read::{read, read_value};
pub use resource::{Outcome, Resource};
pub use sample::sample_parameters;
pub use write::write;
