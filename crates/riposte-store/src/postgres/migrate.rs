//! Schema versions over PostgreSQL: the row that holds the version is locked, so that of nodes that start at once one
//! migrates and the others find it done.

use super::link::Link;
use super::statement::failed;
use crate::{Error, Result, migrations};
use std::time::Duration;
use tokio_postgres::Client;

const VERSION_TABLE: &str = "CREATE TABLE IF NOT EXISTS schema_version (id BIGINT PRIMARY KEY, version BIGINT NOT NULL);
                             INSERT INTO schema_version (id, version) VALUES (1, 0) ON CONFLICT (id) DO NOTHING";
/// How often nodes that make the table at the same moment may be in each other's way.
const TRIES: u32 = 20;

impl Link {
    /// Brings the schema up to date, all steps in one transaction.
    pub(super) fn migrate(&self) -> Result<()> {
        let client = self.client()?;
        self.runtime.block_on(async {
            make_version_table(&client).await?;
            client.batch_execute("BEGIN").await.map_err(|error| failed(&error))?;
            let migrated = migrate(&client).await;
            let end = if migrated.is_ok() { "COMMIT" } else { "ROLLBACK" };
            let ended = client.batch_execute(end).await.map_err(|error| failed(&error));
            migrated.and(ended)
        })
    }
}

async fn make_version_table(client: &Client) -> Result<()> {
    let mut tries = 0;
    loop {
        match client.batch_execute(VERSION_TABLE).await {
            Ok(()) => return Ok(()),
            // `IF NOT EXISTS` does not see a table that another transaction is about to make.
            Err(error)
                if tries < TRIES
                    && error
                        .code()
                        .is_some_and(|code| ["23505", "42P07", "42710", "XX000"].contains(&code.code())) =>
            {
                tries += 1;
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            Err(error) => return Err(failed(&error)),
        }
    }
}

async fn migrate(client: &Client) -> Result<()> {
    let locked = client.query_one("SELECT version FROM schema_version WHERE id = 1 FOR UPDATE", &[]).await;
    let found: i64 = locked.and_then(|row| row.try_get(0)).map_err(|error| failed(&error))?;
    for (version, sql) in migrations::after(found)? {
        let sql = migrations::for_postgres(sql);
        client.batch_execute(&sql).await.map_err(|error| {
            Error::Database(format!("migration {version}: {}", super::statement::explain(&error)))
        })?;
        let noted = client.execute("UPDATE schema_version SET version = $1 WHERE id = 1", &[&version]).await;
        noted.map_err(|error| failed(&error))?;
    }
    Ok(())
}
