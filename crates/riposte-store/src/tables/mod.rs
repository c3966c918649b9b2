//! The statements, one file a group of tables.

mod access;
mod events;
mod generations;
mod groups;
mod incident_lists;
mod incidents;
mod items;
mod nodes;
mod playbooks;
mod requests;
mod runs;
mod triggers;
