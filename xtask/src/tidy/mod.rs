//! Checks over the tree: what the compiler and clippy do not see.
//!
//! Each check is a function from the tree to its findings, and a row in [`CHECKS`]. A check collects: it tells
//! everything that it finds, not only the first.

mod cases;
mod crates;
mod diagnostics;
mod heads;
mod markdown;
mod metadata;
mod places;
mod promises;
mod ratchet;
mod size;
mod tree;
mod unfinished;

pub use ratchet::tighten;
pub use tree::Tree;

use anyhow::Result;
use std::fmt;

/// One thing that is untidy.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The file, from the root of the repository.
    pub file: String,
    /// The line, counted from one; 0 if it is about the whole file.
    pub line: usize,
    /// What is wrong, and what to do about it.
    pub message: String,
}

impl Finding {
    fn new(file: &str, line: usize, message: impl Into<String>) -> Self {
        Self { file: file.to_owned(), line, message: message.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.file, self.message),
            line => write!(f, "{}:{line}: {}", self.file, self.message),
        }
    }
}

/// A row of [`CHECKS`].
pub struct Check {
    /// The name on the command line and of the test.
    pub name: &'static str,
    /// What it demands.
    pub about: &'static str,
    /// The check. An error means that it could not look (`cargo metadata` failed), not that it found something.
    pub run: fn(&Tree) -> Result<Vec<Finding>>,
}

/// Every check.
pub const CHECKS: &[Check] = &[
    Check {
        name: "crates",
        about: "the crate table in ARCHITECTURE.md says which crate uses which, as the manifests do",
        run: crates::table,
    },
    Check {
        name: "pure",
        about: "no pure crate reaches the network, a runtime or a database, directly or not",
        run: crates::pure,
    },
    Check {
        name: "fences",
        about: "each pure crate has the clippy.toml that forbids clock, environment, files and hash maps",
        run: crates::fences,
    },
    Check {
        name: "files",
        about: "no source file has more than 800 lines without its tests",
        run: size::files,
    },
    Check { name: "functions", about: "no function has more than 70 lines", run: size::functions },
    Check { name: "heads", about: "each source file begins with what it is about", run: heads::check },
    Check { name: "unfinished", about: "no reminders, no stubs, no ignored tests", run: unfinished::check },
    Check {
        name: "places",
        about: "no paths of one machine, no addresses of package registries",
        run: places::check,
    },
    Check {
        name: "markdown",
        about: "documents have one title, and their links lead somewhere",
        run: markdown::check,
    },
    Check { name: "cases", about: "case files parse, and a test reads them", run: cases::check },
    Check {
        name: "diagnostics",
        about: "each diagnostic code is explained in docs/errors, and nothing else is",
        run: diagnostics::check,
    },
    Check {
        name: "promises",
        about: "the tests that RELIABILITY.md and SECURITY.md name exist",
        run: promises::check,
    },
];
