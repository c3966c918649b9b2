//! How a command ends: the three exit codes, and what is said on stderr.

use riposte_diagnostic::Diagnostic;
use std::process::ExitCode;

/// The exit code of a command that came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// 0: done, and what was asked about is in order.
    Done,
    /// 1: the thing asked about failed (a check found errors, a run failed, the server refused).
    Failed,
    /// 2: wrong usage or unreadable input.
    Usage,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Failed => 1,
            Exit::Usage => 2,
        })
    }
}

/// Why a command could not be carried out: what it says on stderr, and its exit code.
#[derive(Debug)]
pub struct Problem {
    /// The exit code.
    pub exit: Exit,
    /// What is said, in order.
    pub diagnostics: Vec<Diagnostic>,
}

/// What a command comes to.
pub type Outcome = Result<Exit, Problem>;

impl Problem {
    /// Wrong usage or unreadable input: exit code 2.
    pub fn usage(diagnostic: Diagnostic) -> Self {
        Self { exit: Exit::Usage, diagnostics: vec![diagnostic] }
    }

    /// The thing asked about failed: exit code 1.
    pub fn failed(diagnostic: Diagnostic) -> Self {
        Self { exit: Exit::Failed, diagnostics: vec![diagnostic] }
    }

    /// Failed because of all these: exit code 1.
    pub fn all(diagnostics: Vec<Diagnostic>) -> Self {
        Self { exit: Exit::Failed, diagnostics }
    }
}
