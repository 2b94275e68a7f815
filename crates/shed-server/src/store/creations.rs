//! Creations of sheds that have begun. What is still here when the server starts was cut off in the middle.

use shed_core::ShedName;

use super::{Store, StoreError};

impl Store {
    /// Notes that a creation begins, before anything is made.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`] if the file can't be written.
    pub fn begin_create(&self, create_id: &str, shed: &ShedName) -> Result<(), StoreError> {
        self.with(|c| {
            c.execute("INSERT OR REPLACE INTO creations (create_id, shed) VALUES (?1, ?2)", [create_id, shed.as_str()])?;
            Ok(())
        })
    }

    /// Notes that a creation is done, or that what it made is removed.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`] if the file can't be written.
    pub fn end_create(&self, create_id: &str) -> Result<(), StoreError> {
        self.with(|c| {
            c.execute("DELETE FROM creations WHERE create_id = ?1", [create_id])?;
            Ok(())
        })
    }

    /// Creations that have begun and not ended: id and shed, oldest first.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`] if the file can't be read.
    pub fn open_creates(&self) -> Result<Vec<(String, String)>, StoreError> {
        self.with(|c| {
            let mut statement = c.prepare_cached("SELECT create_id, shed FROM creations ORDER BY rowid")?;
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }
}
