//! `/subscriptions/…`: Azure's paths.

mod alert_rules;
mod automation_rules;
mod collections;
mod comments;
mod connections;
mod entities;
mod fidelity;
mod incident_lists;
mod incidents;
mod logic;
mod names;
mod pages;
mod preconditions;
mod relations;
mod role_assignments;
mod runs;
mod tasks;
mod workflows;
mod workspaces;

pub use workflows::make_playbook;
