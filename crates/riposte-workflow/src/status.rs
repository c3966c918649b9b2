//! Statuses of actions and runs.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The status of an action or a run, named as run history names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Status {
    /// Under way.
    Running,
    /// Under way, and waiting for something outside that may take long (a callback, a delay).
    Waiting,
    /// Done.
    Succeeded,
    /// Not done, because something before it ended otherwise than it asked for.
    Skipped,
    /// Done in vain.
    Failed,
    /// Not done in the time it had.
    TimedOut,
    /// Stopped.
    Cancelled,
}

impl Status {
    /// The name in run history.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "Running",
            Self::Waiting => "Waiting",
            Self::Succeeded => "Succeeded",
            Self::Skipped => "Skipped",
            Self::Failed => "Failed",
            Self::TimedOut => "TimedOut",
            Self::Cancelled => "Cancelled",
        }
    }

    /// The status of this name, without regard to case.
    pub fn parse(name: &str) -> Option<Self> {
        ALL.into_iter().find(|status| status.as_str().eq_ignore_ascii_case(name))
    }

    /// Whether nothing more happens to what has this status.
    pub const fn is_terminal(self) -> bool {
        !matches!(self, Self::Running | Self::Waiting)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

const ALL: [Status; 7] = [
    Status::Running,
    Status::Waiting,
    Status::Succeeded,
    Status::Skipped,
    Status::Failed,
    Status::TimedOut,
    Status::Cancelled,
];

/// The statuses that a `runAfter` entry accepts, in the order in which the author wrote them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Accepted(pub(crate) Vec<Status>);

impl Accepted {
    pub(crate) fn contains(&self, status: Status) -> bool {
        self.0.contains(&status)
    }
}

/// `Succeeded, Failed`, as messages list them.
impl fmt::Display for Accepted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, status) in self.0.iter().enumerate() {
            write!(f, "{}{status}", if index == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}
