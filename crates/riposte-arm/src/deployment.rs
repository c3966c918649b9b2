//! What a template cannot know by itself: where it is deployed, when, with which parameters.

use jiff::Timestamp;
use riposte_value::{Object, Text, Value};
use std::collections::BTreeMap;

/// The surroundings of one reading of a template. Everything comes in as a value, so that the same text and the
/// same deployment give the same resources.
#[derive(Debug, Clone)]
pub struct Deployment {
    /// The subscription that resources go into, a GUID.
    pub subscription_id: Text,
    /// The tenant, a GUID.
    pub tenant_id: Text,
    /// The resource group that resources go into.
    pub resource_group: Text,
    /// What `resourceGroup().location` gives.
    pub location: Text,
    /// What `deployment().name` gives; also the name of a bare workflow definition (the file's name without ending).
    pub deployment_name: Text,
    /// Values of parameters by name, looked up without regard to case. Text is accepted where the template wants a
    /// number, a boolean, an array or an object, and then read as JSON: that is how a command line gives them.
    pub parameters: Object,
    /// The Microsoft Sentinel workspace. Bare automation rules go under it, and it fills a template's parameter
    /// `workspace`, `workspace-name` or `workspaceName` that has an empty default and no value.
    pub workspace: Option<Text>,
    /// The time that `utcNow()` gives.
    pub timestamp: Timestamp,
    /// What makes one deployment's `newGuid()` differ from another's.
    pub guid_seed: u64,
    /// Resources that exist already, whole (`{type, name, properties, …}`), by [`crate::ResourceId::key`]: what
    /// `reference()` finds when the template does not hold the resource itself.
    pub existing: BTreeMap<String, Value>,
    /// Answers of `list*` functions, by function and resource id in lower case with a blank between them
    /// (`listcallbackurl /subscriptions/…/triggers/manual`).
    pub listed: BTreeMap<String, Value>,
}

impl Default for Deployment {
    fn default() -> Self {
        Self {
            subscription_id: Text::new_static("00000000-0000-0000-0000-000000000001"),
            tenant_id: Text::new_static("00000000-0000-0000-0000-000000000002"),
            resource_group: Text::new_static("riposte"),
            location: Text::new_static("local"),
            deployment_name: Text::new_static("playbook"),
            parameters: Object::new(),
            workspace: None,
            timestamp: Timestamp::UNIX_EPOCH,
            guid_seed: 0,
            existing: BTreeMap::new(),
            listed: BTreeMap::new(),
        }
    }
}
