//! Events, newest first, in pages.

use jiff::Timestamp;
use rusqlite::{Row, params_from_iter, types::Value};
use shed_core::wire::{HistoryEvent, HistoryPage};

use super::{Store, StoreError, time, with};

/// Which events are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HistoryQuery {
    /// From then on.
    pub since: Option<Timestamp>,
    /// Before then.
    pub until: Option<Timestamp>,
    /// Of this shed alone.
    pub shed: Option<String>,
    /// Of the sessions of this id or name alone.
    pub session: Option<String>,
    /// Of these types alone; empty for all.
    pub types: Vec<&'static str>,
    /// The most events on a page.
    pub limit: u32,
    /// After this event of the page before: time in milliseconds, and id.
    pub cursor: Option<(i64, i64)>,
}

impl Store {
    /// One page.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`] if the file can't be read.
    pub fn history_page(&self, query: &HistoryQuery) -> Result<HistoryPage, StoreError> {
        let (sql, values) = select(query);
        with(&self.reader, |c| {
            let mut statement = c.prepare_cached(&sql)?;
            let rows = statement.query_map(params_from_iter(values), read)?;
            let mut events: Vec<HistoryEvent> = rows.collect::<Result<_, _>>()?;
            // One more than asked for was read, which tells whether there is another page.
            let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
            let more = events.len() > limit;
            events.truncate(limit);
            let last = events.last().filter(|_| more);
            let next_cursor = last.map(|event| format!("{}-{}", event.at.as_millisecond(), event.id));
            Ok(HistoryPage { events, next_cursor })
        })
    }
}

fn select(query: &HistoryQuery) -> (String, Vec<Value>) {
    let mut sql = "SELECT id, at, type, shed, session_id, session, from_status, to_status, detail, duration_ms, exit_code, memory
                   FROM history_events WHERE 1"
        .to_owned();
    let mut values: Vec<Value> = Vec::new();
    let mut and = |condition: &str, given: Vec<Value>| {
        sql.push_str(" AND ");
        sql.push_str(condition);
        values.extend(given);
    };
    if let Some(since) = query.since {
        and("at >= ?", vec![since.as_millisecond().into()]);
    }
    if let Some(until) = query.until {
        and("at < ?", vec![until.as_millisecond().into()]);
    }
    if let Some(shed) = &query.shed {
        and("shed = ?", vec![shed.clone().into()]);
    }
    if let Some(session) = &query.session {
        and("(session_id = ? OR session = ?)", vec![session.clone().into(), session.clone().into()]);
    }
    if !query.types.is_empty() {
        let marks = vec!["?"; query.types.len()].join(", ");
        and(&format!("type IN ({marks})"), query.types.iter().map(|kind| Value::from((*kind).to_owned())).collect());
    }
    if let Some((at, id)) = query.cursor {
        and("(at, id) < (?, ?)", vec![at.into(), id.into()]);
    }
    sql.push_str(" ORDER BY at DESC, id DESC LIMIT ?");
    values.push((i64::from(query.limit) + 1).into());
    (sql, values)
}

fn read(row: &Row<'_>) -> rusqlite::Result<HistoryEvent> {
    let positive = |value: Option<i64>| value.and_then(|value| u64::try_from(value).ok());
    Ok(HistoryEvent {
        id: row.get(0)?,
        at: time(row.get(1)?),
        kind: row.get(2)?,
        shed_name: row.get(3)?,
        session_id: row.get(4)?,
        session_name: row.get(5)?,
        from: row.get(6)?,
        to: row.get(7)?,
        detail: row.get(8)?,
        duration_ms: positive(row.get(9)?),
        exit_code: row.get(10)?,
        memory_bytes: positive(row.get(11)?),
    })
}
