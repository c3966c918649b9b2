//! The engine through all its layers, over an in-memory store or, with `RIPOSTE_TEST_STORE=postgres`, a database of PostgreSQL, with a vendor that is a function.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::needless_pass_by_value,
    reason = "a test fails by panicking"
)]

mod analytics;
mod audit;
mod bed;
mod calls;
mod collections;
mod corpus;
mod folders;
mod incidents;
mod ingest;
mod nested;
mod nodes;
mod playbooks;
mod recovery;
mod requests;
mod round_trip;
mod rule_alerts;
mod rule_backtest;
mod rule_order;
mod rule_records;
mod rule_remarks;
mod rule_timeline;
mod rule_waits;
mod rule_watchlists;
mod rules;
mod safety;
mod triggers;
mod waiting;
