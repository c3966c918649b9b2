//! Automation rules: kept, compiled in memory, and seen to for each event of an incident or an alert, one after the
//! other, each in a transaction of its own with what it is about read anew.

mod act;
mod advance;
mod backtest;
mod evaluations;
mod event;
mod health;
mod matter;
mod obstacle;
mod preview;
mod raise;
mod record;
mod resource;
mod set;
mod tenant;
mod wait;
mod watchlists;

pub use backtest::Backtest;
pub use evaluations::KeepEvaluations;
pub(crate) use evaluations::{Keeper, NotMatched, Stood, TICK, not_matched_from};
pub(crate) use event::{Event, Happening, Progress};
pub(crate) use obstacle::Obstacle;
pub(crate) use resource::PreparedRule;
pub use resource::check_automation_rule;
pub(crate) use set::RuleSet;
pub(crate) use tenant::{TENANT_RULE_TYPE, TENANT_SCOPE};
pub use wait::PlaybookWait;
