//! Rows of sessions and events.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension, params};
use shed_core::wire::Session;

use super::StoreError;

/// A session as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SessionRow {
    pub id: String,
    pub shed: String,
    pub name: String,
    pub agent: Option<String>,
    pub command: Option<String>,
    pub attached: bool,
    pub created_at: i64,
    pub status: String,
    pub status_since: i64,
    pub detail: Option<String>,
    /// When its program ended, or the session if that was killed first.
    pub ended_at: Option<i64>,
    /// When the session was gone.
    pub closed_at: Option<i64>,
    /// `completed`, `failed`, `exited`; `closed` if it was killed while its program ran, `lost` if nobody saw the end.
    pub end_status: Option<String>,
    pub exit_code: Option<i32>,
    pub memory_peak: Option<i64>,
    /// Time of processor, from samples.
    pub cpu_ms: i64,
    pub sampled_at: Option<i64>,
    /// The time of the newest news.
    pub seen_at: i64,
}

impl SessionRow {
    /// A session that is new here.
    pub(super) fn new(session: &Session, at: i64) -> Self {
        Self {
            id: session.id.clone(),
            shed: session.shed_name.clone(),
            name: session.name.clone(),
            agent: session.agent.clone(),
            command: session.command.clone(),
            attached: session.attached,
            created_at: session.created_at.as_millisecond().min(at),
            status: session.status.as_str().to_owned(),
            status_since: at,
            detail: session.status_detail.clone(),
            ended_at: None,
            closed_at: None,
            end_status: None,
            exit_code: session.exit_code,
            memory_peak: None,
            cpu_ms: 0,
            sampled_at: None,
            seen_at: at,
        }
    }

    pub(super) fn load(c: &Connection, id: &str) -> Result<Option<Self>, StoreError> {
        let row = c
            .prepare_cached(
                "SELECT id, shed, name, agent, command, attached, created_at, status, status_since, detail, ended_at, closed_at,
                        end_status, exit_code, memory_peak, cpu_ms, sampled_at, seen_at
                 FROM history_sessions WHERE id = ?1",
            )?
            .query_row([id], |row| {
                Ok(Self {
                    id: row.get(0)?,
                    shed: row.get(1)?,
                    name: row.get(2)?,
                    agent: row.get(3)?,
                    command: row.get(4)?,
                    attached: row.get(5)?,
                    created_at: row.get(6)?,
                    status: row.get(7)?,
                    status_since: row.get(8)?,
                    detail: row.get(9)?,
                    ended_at: row.get(10)?,
                    closed_at: row.get(11)?,
                    end_status: row.get(12)?,
                    exit_code: row.get(13)?,
                    memory_peak: row.get(14)?,
                    cpu_ms: row.get(15)?,
                    sampled_at: row.get(16)?,
                    seen_at: row.get(17)?,
                })
            })
            .optional()?;
        Ok(row)
    }

    pub(super) fn save(&self, c: &Connection) -> Result<(), StoreError> {
        c.prepare_cached(
            "INSERT OR REPLACE INTO history_sessions (id, shed, name, agent, command, attached, created_at, status, status_since,
                 detail, ended_at, closed_at, end_status, exit_code, memory_peak, cpu_ms, sampled_at, seen_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)",
        )?
        .execute(params![
            self.id,
            self.shed,
            self.name,
            self.agent,
            self.command,
            self.attached,
            self.created_at,
            self.status,
            self.status_since,
            self.detail,
            self.ended_at,
            self.closed_at,
            self.end_status,
            self.exit_code,
            self.memory_peak,
            self.cpu_ms,
            self.sampled_at,
            self.seen_at,
        ])?;
        Ok(())
    }
}

/// The ids of the sessions that are not closed.
pub(super) fn open(c: &Connection) -> Result<BTreeSet<String>, StoreError> {
    let mut statement = c.prepare_cached("SELECT id FROM history_sessions WHERE closed_at IS NULL")?;
    let ids = statement.query_map([], |row| row.get(0))?;
    Ok(ids.collect::<Result<_, _>>()?)
}

/// An event to keep; the rest of its columns comes from the session.
#[derive(Debug, Default)]
pub(super) struct EventRow<'a> {
    pub at: i64,
    pub kind: &'a str,
    pub shed: &'a str,
    pub session_id: Option<&'a str>,
    pub session: Option<&'a str>,
    pub from: Option<&'a str>,
    pub to: Option<&'a str>,
    pub detail: Option<&'a str>,
    pub duration_ms: Option<i64>,
    pub exit_code: Option<i32>,
    pub memory: Option<i64>,
}

impl EventRow<'_> {
    pub(super) fn insert(&self, c: &Connection) -> Result<usize, StoreError> {
        c.prepare_cached(
            "INSERT INTO history_events (at, type, shed, session_id, session, from_status, to_status, detail, duration_ms, exit_code, memory)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        )?
        .execute(params![
            self.at,
            self.kind,
            self.shed,
            self.session_id,
            self.session,
            self.from,
            self.to,
            self.detail,
            self.duration_ms,
            self.exit_code,
            self.memory,
        ])
        .map_err(StoreError::from)
    }
}
