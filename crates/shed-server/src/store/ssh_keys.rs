//! Public keys that may log in over SSH.

use rusqlite::{OptionalExtension, Row, params};
use shed_core::wire::SshKey;

use super::{Store, StoreError, timestamp};

impl Store {
    /// Registers a key. One that is there gets the new name and keeps its time of registration.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`] if the file can't be written.
    pub fn put_ssh_key(&self, key: &SshKey) -> Result<(), StoreError> {
        self.with(|c| {
            c.execute(
                "INSERT INTO ssh_keys (fingerprint, name, public_key, created_at) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (fingerprint) DO UPDATE SET name = excluded.name",
                params![key.fingerprint, key.name, key.public_key, key.created_at.to_string()],
            )?;
            Ok(())
        })
    }

    /// All keys, by time of registration.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`] if the file can't be read.
    pub fn list_ssh_keys(&self) -> Result<Vec<SshKey>, StoreError> {
        self.with(|c| {
            let mut statement = c.prepare_cached("SELECT fingerprint, name, public_key, created_at FROM ssh_keys ORDER BY rowid")?;
            let rows = statement.query_map([], read)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// The key of that fingerprint (`SHA256:…`).
    ///
    /// # Errors
    /// [`StoreError::Sqlite`] if the file can't be read.
    pub fn ssh_key(&self, fingerprint: &str) -> Result<Option<SshKey>, StoreError> {
        self.with(|c| {
            let mut statement =
                c.prepare_cached("SELECT fingerprint, name, public_key, created_at FROM ssh_keys WHERE fingerprint = ?1")?;
            Ok(statement.query_row([fingerprint], read).optional()?)
        })
    }

    /// Shuts a key out from new logins; false if it was not registered.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`] if the file can't be written.
    pub fn remove_ssh_key(&self, fingerprint: &str) -> Result<bool, StoreError> {
        self.with(|c| Ok(c.execute("DELETE FROM ssh_keys WHERE fingerprint = ?1", [fingerprint])? > 0))
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<SshKey> {
    Ok(SshKey { fingerprint: row.get(0)?, name: row.get(1)?, public_key: row.get(2)?, created_at: timestamp(row, 3)? })
}
