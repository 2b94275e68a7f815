//! Forgetting, in small steps: no transaction holds up those who write for long.

use jiff::Timestamp;
use rusqlite::params;

use super::{Store, StoreError, spans::OPEN};

/// The most rows of one kind that one step removes: some milliseconds of work.
const STEP: i64 = 1000;

/// What is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keep {
    /// From then on.
    pub since: Timestamp,
    /// The most events, spans and closed sessions, of each.
    pub most: i64,
}

/// Deletions by age and by number. Closed sessions go with all of their spans; of sessions that live, old spans go.
const DELETIONS: &[&str] = &[
    "DELETE FROM history_events WHERE id IN (SELECT id FROM history_events WHERE at < ?1 ORDER BY at LIMIT ?3)",
    "DELETE FROM history_events WHERE id IN (
         SELECT id FROM history_events ORDER BY at LIMIT min(?3, max(0, (SELECT count(*) FROM history_events) - ?2)))",
    "DELETE FROM history_sessions WHERE id IN (SELECT id FROM history_sessions WHERE closed_at < ?1 ORDER BY closed_at LIMIT ?3)",
    "DELETE FROM history_sessions WHERE id IN (
         SELECT id FROM history_sessions WHERE closed_at IS NOT NULL ORDER BY closed_at
         LIMIT min(?3, max(0, (SELECT count(*) FROM history_sessions WHERE closed_at IS NOT NULL) - ?2)))",
    "DELETE FROM history_spans WHERE (session, since) IN (
         SELECT session, since FROM history_spans WHERE until < ?1 ORDER BY until LIMIT ?3)",
    "DELETE FROM history_spans WHERE (session, since) IN (
         SELECT session, since FROM history_spans WHERE until < ?4 ORDER BY until
         LIMIT min(?3, max(0, (SELECT count(*) FROM history_spans) - ?2)))",
];

impl Store {
    /// One step; true if there may be more to forget.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`] if the file can't be written.
    pub fn prune_history(&self, keep: Keep) -> Result<bool, StoreError> {
        let mut more = false;
        for sql in DELETIONS {
            let deleted = self.change_history(|t| {
                let mut statement = t.prepare_cached(sql)?;
                // Each statement uses some of the four; SQLite wants as many as its highest number.
                Ok(match statement.parameter_count() {
                    4 => statement.execute(params![keep.since.as_millisecond(), keep.most, STEP, OPEN])?,
                    _ => statement.execute(params![keep.since.as_millisecond(), keep.most, STEP])?,
                })
            })?;
            more |= i64::try_from(deleted).unwrap_or(STEP) >= STEP;
        }
        Ok(more)
    }
}
