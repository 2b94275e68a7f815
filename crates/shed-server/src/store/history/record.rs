//! What one piece of news about a session changes.

use jiff::Timestamp;
use rusqlite::Connection;
use shed_core::wire::{EventType, Session, SessionStatus};

use super::{
    StoreError,
    rows::{EventRow, SessionRow},
    spans::{self, Marked},
};

/// The longest time for which one sample of the processor's use stands, in milliseconds: two of the sampler's minutes.
const SAMPLE_MAX: i64 = 120_000;

/// How the news came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    /// As an event.
    Heard,
    /// It stands in a list.
    Found,
}

/// A session is there, with that status.
pub(super) fn alive(c: &Connection, at: Timestamp, session: &Session, told: Told) -> Result<usize, StoreError> {
    let at = at.as_millisecond();
    let since = since(session, at);
    let status = session.status.as_str();
    let Some(mut row) = SessionRow::load(c, &session.id)? else {
        let mut row = SessionRow::new(session, at);
        spans::mark(c, &row.id, since, status)?;
        measure(&mut row, session, at);
        settle(c, &mut row)?;
        row.save(c)?;
        return event(EventType::SessionCreated, at, &row).to(status).insert(c);
    };
    let mut rows = 0;
    if let Some(closed_at) = row.closed_at {
        // Late news of a session that is gone does not bring it back.
        if told == Told::Heard && at <= closed_at {
            spans::mark(c, &row.id, since, status)?;
            return Ok(0);
        }
        // It never ended if it has had its status since before.
        if since <= closed_at {
            spans::reopen(c, &row.id)?;
        }
        (row.closed_at, row.end_status) = (None, None);
        rows += event(EventType::SessionCreated, at, &row).to(status).detail(Some("it came back")).insert(c)?;
    }
    let unknown_time = session.status_changed_at.is_none() && row.status == status;
    let marked = if unknown_time && rows == 0 { Marked::Known } else { spans::mark(c, &row.id, since, status)? };
    let newest = at >= row.seen_at;
    let detail_before = row.detail.clone();
    if newest {
        row.agent = session.agent.clone().or(row.agent);
        row.detail.clone_from(&session.status_detail);
        row.exit_code = session.exit_code;
        measure(&mut row, session, at);
        rows += renamed_or_attached(c, &mut row, session, at)?;
        row.seen_at = at;
    }
    settle(c, &mut row)?;
    row.save(c)?;
    let detail = session.status_detail.as_deref();
    // The same status at another time is the same one, better known.
    let marked = match marked {
        Marked::New { before: Some((from, _)) } if from == status => Marked::Known,
        other => other,
    };
    match marked {
        Marked::New { before } if rows == 0 || before.is_some() => {
            let (from, duration) = before.unzip();
            let mut kept = event(EventType::SessionStatus, at, &row).to(status).detail(detail);
            kept.exit_code = session.exit_code;
            kept.memory = memory(session);
            kept.from = from.as_deref();
            kept.duration_ms = duration;
            rows += kept.insert(c)?;
        }
        Marked::Known if newest && session.status_detail != detail_before => {
            let mut kept = event(EventType::SessionStatus, at, &row).to(status).detail(detail);
            kept.from = Some(status);
            rows += kept.insert(c)?;
        }
        Marked::New { .. } | Marked::Known | Marked::Stale => {}
    }
    Ok(rows)
}

/// A session is gone; `session` is as it was last seen.
pub(super) fn closed(c: &Connection, at: Timestamp, session: &Session) -> Result<usize, StoreError> {
    let mut rows = 0;
    match SessionRow::load(c, &session.id)? {
        Some(row) if row.closed_at.is_some() => return Ok(0),
        Some(_) => {
            spans::mark(c, &session.id, since(session, at.as_millisecond()), session.status.as_str())?;
        }
        None => rows += alive(c, at, session, Told::Found)?,
    }
    let Some(mut row) = SessionRow::load(c, &session.id)? else { return Ok(rows) };
    let at = at.as_millisecond();
    // What ended before the present status began is an earlier life of the session.
    if !spans::end(c, &row.id, at)? {
        return Ok(rows);
    }
    row.closed_at = Some(at);
    row.exit_code = session.exit_code.or(row.exit_code);
    measure(&mut row, session, at);
    settle(c, &mut row)?;
    row.end_status = Some(if ended(&row.status) { row.status.clone() } else { "closed".to_owned() });
    row.save(c)?;
    let mut kept = event(EventType::SessionClosed, at, &row).detail(session.status_detail.as_deref());
    kept.from = Some(&row.status);
    kept.duration_ms = Some((at - row.created_at).max(0));
    kept.exit_code = row.exit_code;
    kept.memory = memory(session);
    rows += kept.insert(c)?;
    Ok(rows)
}

/// A session is gone and nobody saw it go.
pub(super) fn lost(c: &Connection, at: Timestamp, last_seen: Timestamp, id: &str) -> Result<(), StoreError> {
    let Some(mut row) = SessionRow::load(c, id)?.filter(|row| row.closed_at.is_none()) else { return Ok(()) };
    let at = at.as_millisecond();
    let last_seen = last_seen.as_millisecond().min(at).max(row.status_since);
    spans::end(c, id, last_seen)?;
    row.closed_at = Some(at);
    row.end_status = Some(if ended(&row.status) { row.status.clone() } else { "lost".to_owned() });
    settle(c, &mut row)?;
    row.save(c)?;
    let mut kept = event(EventType::SessionClosed, at, &row).detail(Some("it ended while the server did not look; when is not known"));
    kept.from = Some(&row.status);
    kept.exit_code = row.exit_code;
    kept.insert(c)?;
    Ok(())
}

/// Since when the session has its status. A clock in a shed may be ahead: nothing begins after it was told.
///
/// tmux knows the second alone in which a program ended (`pane_dead_time`), its agent told of what came before to the
/// millisecond. The end of that second it is, so that an end is never sorted before what it ended.
fn since(session: &Session, at: i64) -> i64 {
    let Some(since) = session.status_changed_at else { return at };
    let since = since.as_millisecond();
    let second = session.status.has_ended() && since % 1000 == 0;
    (if second { since + 999 } else { since }).min(at)
}

fn ended(status: &str) -> bool {
    [SessionStatus::Completed, SessionStatus::Failed, SessionStatus::Exited].iter().any(|ended| ended.as_str() == status)
}

/// Brings the columns that follow from the spans up to date.
fn settle(c: &Connection, row: &mut SessionRow) -> Result<(), StoreError> {
    if let Some((since, status)) = spans::last(c, &row.id)? {
        (row.status_since, row.status) = (since, status);
    }
    row.ended_at = spans::ended_at(c, &row.id)?.or(row.closed_at);
    Ok(())
}

/// Takes what the session's processes use.
fn measure(row: &mut SessionRow, session: &Session, at: i64) {
    let Some(resources) = session.resources else { return };
    row.memory_peak = row.memory_peak.max(memory(session));
    if let Some(sampled_at) = row.sampled_at {
        #[expect(clippy::cast_precision_loss, reason = "at most two minutes in milliseconds")]
        let ms = (at - sampled_at).clamp(0, SAMPLE_MAX) as f64;
        let used = (resources.cpu_percent.clamp(0.0, 1e6) / 100.0 * ms).round();
        #[expect(clippy::cast_possible_truncation, reason = "below 1e4 cores times two minutes; NaN becomes 0")]
        let used = used as i64;
        row.cpu_ms = row.cpu_ms.saturating_add(used);
    }
    row.sampled_at = row.sampled_at.max(Some(at));
}

fn memory(session: &Session) -> Option<i64> {
    session.resources.map(|resources| i64::try_from(resources.memory_bytes).unwrap_or(i64::MAX))
}

fn renamed_or_attached(c: &Connection, row: &mut SessionRow, session: &Session, at: i64) -> Result<usize, StoreError> {
    let mut rows = 0;
    if row.name != session.name {
        let old = std::mem::replace(&mut row.name, session.name.clone());
        rows += event(EventType::SessionUpdated, at, row).detail(Some(&format!("renamed from `{old}`"))).insert(c)?;
    }
    if row.attached != session.attached {
        row.attached = session.attached;
        let detail = if session.attached { "attached" } else { "detached" };
        rows += event(EventType::SessionUpdated, at, row).detail(Some(detail)).insert(c)?;
    }
    Ok(rows)
}

fn event(kind: EventType, at: i64, row: &SessionRow) -> EventRow<'_> {
    EventRow { at, kind: kind.as_str(), shed: &row.shed, session_id: Some(&row.id), session: Some(&row.name), ..EventRow::default() }
}

impl<'a> EventRow<'a> {
    fn to(mut self, status: &'a str) -> Self {
        self.to = Some(status);
        self
    }

    fn detail(mut self, detail: Option<&'a str>) -> Self {
        self.detail = detail;
        self
    }
}
