//! Sessions as they were when last seen, for the restart of a shed. The JSON is opaque here.

use rusqlite::OptionalExtension;
use shed_core::ShedName;

use super::{Store, StoreError};

impl Store {
    /// Keeps a shed's sessions in place of what was kept before. `run` tells one run of its container from the next.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`] if the file can't be written.
    pub fn save_sessions(&self, shed: &ShedName, run: &str, json: &str) -> Result<(), StoreError> {
        self.with(|c| {
            c.execute("INSERT OR REPLACE INTO saved_sessions (shed, run, json) VALUES (?1, ?2, ?3)", [shed.as_str(), run, json])?;
            Ok(())
        })
    }

    /// What was last kept: run and JSON.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`] if the file can't be read.
    pub fn saved_sessions(&self, shed: &ShedName) -> Result<Option<(String, String)>, StoreError> {
        self.with(|c| {
            let mut statement = c.prepare_cached("SELECT run, json FROM saved_sessions WHERE shed = ?1")?;
            Ok(statement.query_row([shed.as_str()], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
        })
    }

    /// Forgets a shed's sessions; nothing kept is no error.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`] if the file can't be written.
    pub fn forget_sessions(&self, shed: &ShedName) -> Result<(), StoreError> {
        self.with(|c| {
            c.execute("DELETE FROM saved_sessions WHERE shed = ?1", [shed.as_str()])?;
            Ok(())
        })
    }
}
