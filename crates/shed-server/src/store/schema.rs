//! The tables, and how an older file becomes a newer one.

use rusqlite::{Connection, TransactionBehavior};

use super::StoreError;

/// Every step from an empty file to the present form. The file's `user_version` counts the steps it has taken; a step
/// is never changed once released, a new one is added.
const STEPS: &[&str] = &[
    "
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
",
    // History. Times are milliseconds since 1970, so that figures are sums. An open span ends at i64::MAX.
    "
    CREATE TABLE history_sessions (
        id           TEXT PRIMARY KEY,
        shed         TEXT NOT NULL,
        name         TEXT NOT NULL,
        agent        TEXT,
        template     TEXT,
        command      TEXT,
        attached     INTEGER NOT NULL,
        created_at   INTEGER NOT NULL,
        status       TEXT NOT NULL,
        status_since INTEGER NOT NULL,
        detail       TEXT,
        ended_at     INTEGER,
        closed_at    INTEGER,
        end_status   TEXT,
        exit_code    INTEGER,
        memory_peak  INTEGER,
        cpu_ms       INTEGER NOT NULL,
        sampled_at   INTEGER,
        seen_at      INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX history_sessions_closed ON history_sessions (closed_at);
    CREATE TABLE history_spans (
        session TEXT NOT NULL,
        since   INTEGER NOT NULL,
        until   INTEGER NOT NULL,
        status  TEXT NOT NULL,
        PRIMARY KEY (session, since)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX history_spans_until ON history_spans (until);
    CREATE TABLE history_events (
        id          INTEGER PRIMARY KEY AUTOINCREMENT,
        at          INTEGER NOT NULL,
        type        TEXT NOT NULL,
        shed        TEXT NOT NULL,
        session_id  TEXT,
        session     TEXT,
        from_status TEXT,
        to_status   TEXT,
        detail      TEXT,
        duration_ms INTEGER,
        exit_code   INTEGER,
        memory      INTEGER
    ) STRICT;
    CREATE INDEX history_events_at ON history_events (at);
    CREATE INDEX history_events_shed ON history_events (shed, at);
    CREATE INDEX history_events_session ON history_events (session_id, at) WHERE session_id IS NOT NULL;
    CREATE TABLE history_sheds (
        shed  TEXT PRIMARY KEY,
        state TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE history_alive (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        at  INTEGER NOT NULL
    ) STRICT;
",
];

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
