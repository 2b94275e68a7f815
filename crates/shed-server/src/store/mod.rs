//! What must outlive the server and fits neither labels nor tmux: tokens, SSH keys, unfinished creations, saved sessions,
//! history.
//!
//! One SQLite file. Calls are short and synchronous: each is one indexed statement on a local file, so they run on the
//! caller's thread. Those about history can take longer and have connections of their own, one that writes and one that
//! reads; they belong on a thread that may block. Only this folder knows SQL.

mod creations;
mod history;
mod schema;
mod sessions;
mod ssh_keys;
mod tokens;

pub use history::{HistoryQuery, Keep, StatsQuery};
pub use tokens::TokenInfo;

use std::{
    fs::OpenOptions,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use jiff::Timestamp;
use rusqlite::{Connection, Row, types::Type};

use crate::Error;

/// How long a call waits for another process that writes, such as `shed-server token create` beside a running server.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// How many prepared statements a connection keeps: all that one piece of history needs, with room.
const STATEMENTS: usize = 64;

/// Why the store did not do it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A token of that name exists.
    #[error("a token named `{0}` already exists")]
    NameTaken(String),
    /// The file was written by a newer version.
    #[error("the database has format {found}, this version of shed-server knows up to {known}")]
    TooNew {
        /// The file's format.
        found: i64,
        /// The newest that this build reads.
        known: i64,
    },
    /// The file can't be made or opened.
    #[error("can't open the database `{}`: {reason}", .path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The operating system gave no random bytes.
    #[error("no random bytes for a token: {0}")]
    Random(String),
    /// SQLite's own error.
    #[error("database: {0}")]
    Sqlite(#[from] rusqlite::Error),
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NameTaken(_) => Self::invalid(error.to_string()).hint("choose another name, or revoke that token first"),
            StoreError::TooNew { .. } | StoreError::Open { .. } | StoreError::Random(_) | StoreError::Sqlite(_) => Self::internal(error),
        }
    }
}

/// The database. A clone is another handle to the same one.
#[derive(Clone)]
pub struct Store {
    connection: Arc<Mutex<Connection>>,
    history: Arc<Mutex<Connection>>,
    reader: Arc<Mutex<Connection>>,
}

impl Store {
    /// Opens the file, making it (0600) or bringing its tables up to date if necessary.
    ///
    /// # Errors
    /// [`StoreError::Open`] if it can't be opened, [`StoreError::TooNew`] if a newer version wrote it.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let refused = |reason: String| StoreError::Open { path: path.to_owned(), reason };
        // SQLite would make the file with the umask's mode; its WAL and shared-memory files take the main file's.
        OpenOptions::new().append(true).create(true).mode(0o600).open(path).map_err(|e| refused(e.to_string()))?;
        let open = || Self::prepare(Connection::open(path)?);
        let opened = || Ok(Self { connection: open()?, history: open()?, reader: open()? });
        match opened() {
            Err(StoreError::Sqlite(e)) => Err(refused(e.to_string())),
            other => other,
        }
    }

    /// A store that is gone with its last handle.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`] if there is no memory for it.
    pub fn in_memory() -> Result<Self, StoreError> {
        let connection = Self::prepare(Connection::open_in_memory()?)?;
        Ok(Self { history: Arc::clone(&connection), reader: Arc::clone(&connection), connection })
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`] if it does not.
    pub fn ping(&self) -> Result<(), StoreError> {
        self.with(|c| Ok(c.query_row("SELECT count(*) FROM tokens", [], |_| Ok(()))?))
    }

    fn prepare(mut connection: Connection) -> Result<Arc<Mutex<Connection>>, StoreError> {
        connection.busy_timeout(BUSY_TIMEOUT)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        // The answer is `wal`, or `memory` for a store in memory.
        connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
        // In WAL mode a commit then survives the end of the process, however it ends; only a power cut can lose the last ones.
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        // Deleted text must not stay in free pages: revoked token hashes and saved session commands are nobody's business.
        connection.pragma_update_and_check(None, "secure_delete", true, |_| Ok(()))?;
        schema::migrate(&mut connection)?;
        Ok(Arc::new(Mutex::new(connection)))
    }

    fn with<T>(&self, call: impl FnOnce(&mut Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        with(&self.connection, call)
    }
}

/// Runs one call on a connection. A panic in an earlier call rolled its statement back, so the connection is still good.
fn with<T>(connection: &Mutex<Connection>, call: impl FnOnce(&mut Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
    call(&mut connection.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Reads a column that [`Timestamp`]'s `Display` wrote.
fn timestamp(row: &Row<'_>, column: usize) -> rusqlite::Result<Timestamp> {
    parse_timestamp(column, &row.get::<_, String>(column)?)
}

/// Reads a column that may hold no time.
fn optional_timestamp(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Timestamp>> {
    row.get::<_, Option<String>>(column)?.map(|text| parse_timestamp(column, &text)).transpose()
}

fn parse_timestamp(column: usize, text: &str) -> rusqlite::Result<Timestamp> {
    text.parse().map_err(|e: jiff::Error| rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(e)))
}

#[cfg(test)]
mod tests;
