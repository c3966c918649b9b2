//! The statements, one file a group of tables.

mod access;
mod generations;
mod groups;
mod incidents;
mod items;
mod nodes;
mod playbooks;
mod requests;
mod runs;
mod triggers;
