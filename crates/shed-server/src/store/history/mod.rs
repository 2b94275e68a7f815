//! What happened: events, sessions, and the spans of time in which a session had one status.
//!
//! Spans are the one truth about time. They are kept by the times of the changes and not by the order in which those are
//! told, so what is told twice, late or again after a restart changes nothing.

mod page;
mod prune;
mod record;
mod rows;
mod sheds;
mod spans;
mod stats;

pub use page::HistoryQuery;
pub use prune::Keep;
pub use stats::StatsQuery;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Transaction, TransactionBehavior};
use shed_core::wire::{Event, EventType, Session};

use self::record::Told;
use super::{Store, StoreError, with};

impl Store {
    /// Keeps what these events say, all or nothing; returns how many rows of history that made.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`] if the file can't be written.
    pub fn record_events<'a>(&self, events: impl IntoIterator<Item = &'a Event>) -> Result<usize, StoreError> {
        self.change_history(|t| {
            let mut rows = 0;
            for event in events {
                rows += match (event.kind, &event.session, &event.shed_name) {
                    (EventType::SessionClosed, Some(session), _) => record::closed(t, event.at, session)?,
                    (EventType::SessionCreated | EventType::SessionStatus | EventType::SessionUpdated, Some(session), _) => {
                        record::alive(t, event.at, session, Told::Heard)?
                    }
                    (
                        EventType::ShedCreated
                        | EventType::ShedStarted
                        | EventType::ShedStopped
                        | EventType::ShedUpdated
                        | EventType::ShedDeleted,
                        _,
                        Some(name),
                    ) => sheds::changed(t, event, name)?,
                    _ => 0,
                };
                note_alive(t, event.at)?;
            }
            Ok(rows)
        })
    }

    /// Brings history in line with the sessions that there are now. Returns the ids of those that history has and that are
    /// not there any more.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`] if the file can't be written.
    pub fn reconcile_history(&self, at: Timestamp, sessions: &[Session]) -> Result<BTreeSet<String>, StoreError> {
        self.change_history(|t| {
            for session in sessions {
                record::alive(t, at, session, Told::Found)?;
            }
            let mut open: BTreeSet<String> = rows::open(t)?;
            for session in sessions {
                open.remove(&session.id);
            }
            Ok(open)
        })
    }

    /// Closes sessions that ended while nobody looked. Their time is counted up to `last_seen`, when somebody last did.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`] if the file can't be written.
    pub fn close_lost(&self, at: Timestamp, last_seen: Timestamp, ids: &BTreeSet<String>) -> Result<(), StoreError> {
        self.change_history(|t| ids.iter().try_for_each(|id| record::lost(t, at, last_seen, id)))
    }

    /// Until when history was kept, if it ever was.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`] if the file can't be read.
    pub fn history_alive_at(&self) -> Result<Option<Timestamp>, StoreError> {
        with(&self.history, |c| {
            let at: Option<i64> = c.query_row("SELECT at FROM history_alive", [], |row| row.get(0)).optional()?;
            Ok(at.map(time))
        })
    }

    /// Notes that history is kept and nothing happened.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`] if the file can't be written.
    pub fn note_history_alive(&self, at: Timestamp) -> Result<(), StoreError> {
        self.change_history(|t| note_alive(t, at))
    }

    fn change_history<T>(&self, change: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>) -> Result<T, StoreError> {
        with(&self.history, |c| {
            // Immediate: a transaction that reads first can't become a writer once another has written.
            let transaction = c.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let result = change(&transaction)?;
            transaction.commit()?;
            Ok(result)
        })
    }
}

fn note_alive(t: &Transaction<'_>, at: Timestamp) -> Result<(), StoreError> {
    let mut statement =
        t.prepare_cached("INSERT INTO history_alive (one, at) VALUES (1, ?1) ON CONFLICT (one) DO UPDATE SET at = max(at, excluded.at)")?;
    statement.execute([at.as_millisecond()])?;
    Ok(())
}

/// A column of milliseconds. What is no time (only a damaged file has it) becomes 1970.
fn time(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or_default()
}
