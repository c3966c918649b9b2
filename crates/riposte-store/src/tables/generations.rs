//! Counters of changes to what nodes keep in memory.

use crate::session::Session;
use crate::{Generations, Kind, Result};

impl Session<'_> {
    pub(crate) fn generations(&self) -> Result<Generations> {
        if let Some(known) = self.sql.known_generations() {
            return Ok(known);
        }
        // The era comes first: a state that was read in an older one is older.
        let mut found = Generations::of_era(self.sql.era());
        let rows = self.all("SELECT kind, value FROM generation", [], |row| {
            Ok((row.get::<String>(0)?, row.get::<i64>(1)?))
        })?;
        for (name, value) in rows {
            if let Some(kind) = Kind::ALL.into_iter().find(|kind| kind.as_str() == name) {
                found.set(kind, value);
            }
        }
        self.sql.know_generations(&found);
        Ok(found)
    }

    /// Notes that something of this kind has changed.
    pub(super) fn changed(&self, kind: Kind) -> Result<()> {
        self.run_statement("UPDATE generation SET value = value + 1 WHERE kind = ?1", [kind.as_str()])?;
        self.sql.tell_others();
        Ok(())
    }
}
