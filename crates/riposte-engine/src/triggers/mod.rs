//! Triggers: what starts playbooks by itself.
//!
//! What a trigger waits for is a row in the store, with the time at which it is to be seen to next; the store's index
//! of these times is the timer's queue, so that a million triggers cost no memory and any node can see to them. An
//! occurrence is one transaction: its runs, its place in history and the row's next time are committed together, so
//! that a crash neither repeats nor loses one. Calls to the outside (polls, subscriptions) are claimed first, by moving
//! the row's time behind a call's longest duration.

mod access;
mod arm;
mod batch;
mod callers;
mod fire;
mod history;
mod invoke;
mod keys;
mod nested;
mod outside;
mod resource;
mod sentinel;
mod state;
mod timer;
mod turn;

pub use access::{CallbackRequest, KeyType};
pub(crate) use batch::BatchMessage;
pub(crate) use callers::Callers;
pub use invoke::{Invocation, Invoked};
pub(crate) use nested::{NestedCall, refused};
pub(crate) use sentinel::{ByHand, is_for};
pub(crate) use timer::Timer;
pub(crate) use turn::NEVER;
