//! `/subscriptions/…`: Azure's paths.

mod alert_rules;
mod automation_rules;
mod comments;
mod connections;
mod incident_lists;
mod incidents;
mod logic;
mod relations;
mod role_assignments;
mod runs;
mod tasks;
mod workflows;
mod workspaces;

pub use workflows::make_playbook;
