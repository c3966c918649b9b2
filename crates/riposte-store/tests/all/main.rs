//! The promises of the store, over each database that it knows: what is answered is kept, what refuses leaves no
//! trace, neighbours in one transaction do not touch each other, and nodes that share a database lose no update.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod folder;
mod kept;
mod nodes;
mod outage;
mod place;
mod simulated;
mod tls;

use place::over_both;
