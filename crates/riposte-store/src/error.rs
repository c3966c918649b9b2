//! What can go wrong in the store.

/// Why a store call failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// The database refused or failed.
    #[error("the store failed: {0}")]
    Database(String),
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
