//! The engine through all its layers, over an in-memory store, with a vendor that is a function.

mod bed;
mod corpus;
mod incidents;
mod playbooks;
mod recovery;
mod rules;
