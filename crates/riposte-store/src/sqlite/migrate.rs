//! Schema versions: each migration is a file that never changes once released.

use crate::{Error, Result};
use rusqlite::Connection;

const MIGRATIONS: &[&str] = &[include_str!("migrations/0001_first.sql")];

/// Brings the schema up to date, each step in a transaction of its own.
pub(super) fn migrate(connection: &mut Connection) -> Result<()> {
    let found: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    if found > known {
        return Err(Error::TooNew { found, known });
    }
    for (version, sql) in (1..=known).zip(MIGRATIONS) {
        if version > found {
            let transaction = connection.transaction()?;
            transaction.execute_batch(sql)?;
            transaction.pragma_update(None, "user_version", version)?;
            transaction.commit()?;
        }
    }
    Ok(())
}
