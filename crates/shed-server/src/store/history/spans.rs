//! The spans of one session: from when to when it had a status. They never overlap; at most one is open, the last.

use rusqlite::{Connection, OptionalExtension, params};

use super::StoreError;

/// The end of a span that has not ended.
pub(super) const OPEN: i64 = i64::MAX;

/// What a change of status turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Marked {
    /// It was known.
    Known,
    /// It is from before something that is known to be later, and there was nothing then.
    Stale,
    /// It is new.
    New {
        /// The status before and how long it lasted, in milliseconds.
        before: Option<(String, i64)>,
    },
}

/// Notes that the session had a status from `since` on, until the next change that is known.
pub(super) fn mark(c: &Connection, session: &str, since: i64, status: &str) -> Result<Marked, StoreError> {
    let span: Option<(i64, i64, String)> = c
        .prepare_cached("SELECT since, until, status FROM history_spans WHERE session = ?1 AND since <= ?2 ORDER BY since DESC LIMIT 1")?
        .query_row(params![session, since], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    let next: Option<i64> = c
        .prepare_cached("SELECT min(since) FROM history_spans WHERE session = ?1 AND since > ?2")?
        .query_row(params![session, since], |row| row.get(0))?;
    let (until, before) = match span {
        None => (next.unwrap_or(OPEN), None),
        Some((at, _, known)) if at == since => {
            if known == status {
                return Ok(Marked::Known);
            }
            // Two changes in one millisecond: what is told last holds.
            c.prepare_cached("UPDATE history_spans SET status = ?3 WHERE session = ?1 AND since = ?2")?
                .execute(params![session, since, status])?;
            return Ok(Marked::New { before: Some((known, 0)) });
        }
        Some((at, until, known)) if since < until => {
            c.prepare_cached("UPDATE history_spans SET until = ?3 WHERE session = ?1 AND since = ?2")?
                .execute(params![session, at, since])?;
            (until, Some((known, since - at)))
        }
        Some(_) if next.is_some() => return Ok(Marked::Stale),
        Some(_) => (OPEN, None),
    };
    c.prepare_cached("INSERT INTO history_spans (session, since, until, status) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![session, since, until, status])?;
    Ok(Marked::New { before })
}

/// Ends the open span; false if there is none, or if it began later.
pub(super) fn end(c: &Connection, session: &str, at: i64) -> Result<bool, StoreError> {
    let ended = c
        .prepare_cached("UPDATE history_spans SET until = ?2 WHERE session = ?1 AND until = ?3 AND since <= ?2")?
        .execute(params![session, at, OPEN])?;
    Ok(ended > 0)
}

/// Takes the end of the last span back.
pub(super) fn reopen(c: &Connection, session: &str) -> Result<(), StoreError> {
    c.prepare_cached(
        "UPDATE history_spans SET until = ?2
         WHERE session = ?1 AND since = (SELECT max(since) FROM history_spans WHERE session = ?1)",
    )?
    .execute(params![session, OPEN])?;
    Ok(())
}

/// The last span: since when, and the status.
pub(super) fn last(c: &Connection, session: &str) -> Result<Option<(i64, String)>, StoreError> {
    let last = c
        .prepare_cached("SELECT since, status FROM history_spans WHERE session = ?1 ORDER BY since DESC LIMIT 1")?
        .query_row([session], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    Ok(last)
}

/// Since when the program has ended: the first of the last spans that say so.
pub(super) fn ended_at(c: &Connection, session: &str) -> Result<Option<i64>, StoreError> {
    let at = c
        .prepare_cached(
            "SELECT min(since) FROM history_spans WHERE session = ?1 AND since > coalesce(
                 (SELECT max(since) FROM history_spans WHERE session = ?1 AND status NOT IN ('completed', 'failed', 'exited')), -1)",
        )?
        .query_row([session], |row| row.get(0))?;
    Ok(at)
}
