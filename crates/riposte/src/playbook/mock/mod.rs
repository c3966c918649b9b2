//! Answers to the outside calls of a run that leaves the process nowhere.
//!
//! A mock file names answers by action, or by method and address:
//!
//! ```json
//! {
//!   "actions": {
//!     "Get_report": { "status": 200, "body": { "score": 87 } },
//!     "Block": [ { "status": 429, "headers": { "Retry-After": "1" } }, { "status": 201 } ]
//!   },
//!   "calls": [
//!     { "method": "GET", "url": "https://vendor.example/ip/*", "answer": { "fault": "timeout" } }
//!   ],
//!   "default": "auto"
//! }
//! ```
//!
//! A list is answered one after the other, the last again and again. What no entry fits is answered by the Sentinel
//! connector if it is a call of that, else it fails, unless `default` says otherwise: `auto`, or an answer. The whole
//! format stands in [`super::format`].

mod auto;
mod file;
mod needs;
mod reply;
mod rule;
mod schema;
mod sentinel;
mod shape;
mod told;

pub use auto::Auto;
pub use file::{Fallback, Mocks};
pub use needs::Needs;
pub use reply::{DELAY_DEFAULT, delay_of};
pub use rule::{Rule, indexed, is_address, same_action};
pub use schema::sample as sample_of_schema;
pub use shape::Shape;
