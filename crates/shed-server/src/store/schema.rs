//! The tables, and how an older file becomes a newer one.

use rusqlite::{Connection, TransactionBehavior};

use super::StoreError;

/// Every step from an empty file to the present form. The file's `user_version` counts the steps it has taken; a step
/// is never changed once released, a new one is added.
const STEPS: &[&str] = &["
    CREATE TABLE tokens (
        name         TEXT PRIMARY KEY,
        hash         BLOB NOT NULL UNIQUE,
        created_at   TEXT NOT NULL,
        last_used_at TEXT
    ) STRICT;
    CREATE TABLE ssh_keys (
        fingerprint TEXT PRIMARY KEY,
        name        TEXT NOT NULL,
        public_key  TEXT NOT NULL,
        created_at  TEXT NOT NULL
    ) STRICT;
    CREATE TABLE creations (
        create_id TEXT PRIMARY KEY,
        shed      TEXT NOT NULL
    ) STRICT;
    CREATE TABLE saved_sessions (
        shed TEXT PRIMARY KEY,
        run  TEXT NOT NULL,
        json TEXT NOT NULL
    ) STRICT;
"];

/// Brings the tables up to date, all steps or none.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    // Immediate: of two processes that open a new file together, the second waits and finds the work done.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let known = i64::try_from(STEPS.len()).unwrap_or(i64::MAX);
    if found > known {
        return Err(StoreError::TooNew { found, known });
    }
    for step in STEPS.iter().skip(usize::try_from(found).unwrap_or(0)) {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "user_version", known)?;
    Ok(transaction.commit()?)
}
