//! What can go wrong in the store.

/// Why a store call failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// The database refused or failed.
    #[error("the store failed: {0}")]
    Database(String),
    /// The database cannot be reached, or is too busy. Nothing was changed; it is tried again with the next call.
    #[error("the database is not available: {0}")]
    Unreachable(String),
    /// The database went away during a commit, and what became of it cannot be found out.
    #[error(
        "the database went away during the commit, and whether the change was kept is not known: look again"
    )]
    Unknown,
    /// Another node has taken over what this one would change.
    #[error("another node has taken over from this one, which begins anew: ask again")]
    LostOwnership,
    /// A name holds the character NUL, which PostgreSQL does not keep; SQLite would, and is not asked to.
    #[error("a text with the character NUL cannot be kept")]
    Unstorable,
    /// The address of the store is at fault.
    #[error("{0}")]
    Address(String),
    /// A stored document could not be read back.
    #[error("stored {what} cannot be read: {reason}")]
    Corrupt {
        /// What was read.
        what: &'static str,
        /// Why it cannot be.
        reason: String,
    },
    /// The job itself refused, so that nothing was changed; the reason travels in the job's own result.
    #[error("the change was refused")]
    Refused,
    /// Another process has the folder open.
    #[error("`{0}` is in use by another process: stop it, or name another folder")]
    InUse(String),
    /// The store is closed or its writer has died.
    #[error("the store is closed")]
    Closed,
    /// The secret key is missing or wrong.
    #[error("secrets: {0}")]
    Secret(String),
    /// The database was written by a later version.
    #[error("the data is of schema version {found}, this program knows up to {known}: use the newer program")]
    TooNew {
        /// The version in the database.
        found: i64,
        /// The latest version that this program knows.
        known: i64,
    },
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error.to_string())
    }
}

/// A store result.
pub type Result<T> = std::result::Result<T, Error>;
