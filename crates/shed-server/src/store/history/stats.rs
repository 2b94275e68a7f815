//! Figures over a window of time.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use rusqlite::{Connection, params};
use shed_core::wire::{SessionStatus, Stats, StatsBy, StatsGroup, StatsReport};

use super::{Store, StoreError, time, with};

/// The longest window that is split into days.
const DAYS: SignedDuration = SignedDuration::from_hours(24 * 3660);

const DAY_MS: i64 = 86_400_000;

/// Which figures are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatsQuery {
    /// From then on; everything that is kept when not given.
    pub since: Option<Timestamp>,
    /// Before then; what goes on is counted up to then, so it must not be later than now.
    pub until: Timestamp,
    /// Of this shed alone.
    pub shed: Option<String>,
    /// Of this agent alone.
    pub agent: Option<String>,
    /// Groups, besides the total.
    pub by: Option<StatsBy>,
}

/// Figures in the making; times in milliseconds.
#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    started: u64,
    ended: u64,
    failed: u64,
    working: i64,
    waiting: i64,
    longest: i64,
    memory: Option<i64>,
}

/// All sums: the total, and that of each group.
struct Sums {
    by: Option<StatsBy>,
    total: Sum,
    groups: BTreeMap<String, Sum>,
}

/// The names of a session by which it can be grouped.
struct Names {
    shed: String,
    agent: Option<String>,
    template: Option<String>,
}

impl Store {
    /// The figures.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`] if the file can't be read.
    pub fn stats(&self, query: &StatsQuery) -> Result<StatsReport, StoreError> {
        let until = query.until.as_millisecond();
        let mut since = query.since.map_or(i64::MIN, Timestamp::as_millisecond);
        if query.by == Some(StatsBy::Day) {
            since = since.max(query.until.saturating_sub(DAYS).unwrap_or(query.until).as_millisecond());
        }
        let mut sums = Sums { by: query.by, total: Sum::default(), groups: BTreeMap::new() };
        with(&self.reader, |c| {
            // One snapshot for both reads.
            let transaction = c.transaction()?;
            sums.add_sessions(&transaction, query, since, until)?;
            sums.add_spans(&transaction, query, since, until)?;
            Ok(())
        })?;
        let groups = sums.groups.into_iter().map(|(key, sum)| StatsGroup { key, stats: sum.stats() }).collect();
        Ok(StatsReport { since: query.since, until: query.until, total: sums.total.stats(), by: query.by, groups })
    }
}

impl Sums {
    fn add_sessions(&mut self, c: &Connection, query: &StatsQuery, since: i64, until: i64) -> Result<(), StoreError> {
        let mut statement = c.prepare_cached(
            "SELECT shed, agent, template, created_at, ended_at, status FROM history_sessions
             WHERE (?1 IS NULL OR shed = ?1) AND (?2 IS NULL OR agent = ?2)",
        )?;
        let mut rows = statement.query(params![query.shed, query.agent])?;
        let within = |at: i64| since <= at && at < until;
        while let Some(row) = rows.next()? {
            let names = Names { shed: row.get(0)?, agent: row.get(1)?, template: row.get(2)? };
            let (created_at, ended_at, status): (i64, Option<i64>, String) = (row.get(3)?, row.get(4)?, row.get(5)?);
            if within(created_at) {
                self.each(&names, created_at, |sum| sum.started += 1);
            }
            if let Some(ended_at) = ended_at.filter(|at| within(*at)) {
                let failed = u64::from(status == SessionStatus::Failed.as_str());
                self.each(&names, ended_at, |sum| {
                    sum.ended += 1;
                    sum.failed += failed;
                });
            }
        }
        Ok(())
    }

    fn add_spans(&mut self, c: &Connection, query: &StatsQuery, since: i64, until: i64) -> Result<(), StoreError> {
        let mut statement = c.prepare_cached(
            "SELECT shed, agent, template, spans.since, spans.until, spans.status, id, memory_peak
             FROM history_spans AS spans JOIN history_sessions ON id = spans.session
             WHERE spans.until > ?3 AND spans.since < ?4 AND (?1 IS NULL OR shed = ?1) AND (?2 IS NULL OR agent = ?2)
             ORDER BY spans.session, spans.since",
        )?;
        let mut rows = statement.query(params![query.shed, query.agent, since, until])?;
        // The wait that goes on: of which session, from when, up to when.
        let mut wait: Option<(String, i64, i64)> = None;
        while let Some(row) = rows.next()? {
            let names = Names { shed: row.get(0)?, agent: row.get(1)?, template: row.get(2)? };
            let (from, to) = (row.get::<_, i64>(3)?.max(since), row.get::<_, i64>(4)?.min(until));
            let status: String = row.get(5)?;
            let id: String = row.get(6)?;
            let memory: Option<i64> = row.get(7)?;
            let waits = [SessionStatus::WaitingInput, SessionStatus::WaitingPermission].iter().any(|known| known.as_str() == status);
            let works = status == SessionStatus::Running.as_str();
            self.pieces(&names, from, to, |sum, ms| {
                sum.memory = sum.memory.max(memory);
                if works {
                    sum.working += ms;
                } else if waits {
                    sum.waiting += ms;
                }
            });
            if !waits {
                wait = None;
                continue;
            }
            // From asking for permission to waiting for a prompt, a person is waited for all the time.
            let began = wait.take().filter(|(session, _, end)| *session == id && *end == from).map_or(from, |(_, began, _)| began);
            self.pieces(&names, began, to, |sum, ms| sum.longest = sum.longest.max(ms));
            wait = Some((id, began, to));
        }
        Ok(())
    }

    /// Something at one moment.
    fn each(&mut self, names: &Names, at: i64, mut add: impl FnMut(&mut Sum)) {
        add(&mut self.total);
        if let Some(key) = self.key(names, at) {
            add(self.groups.entry(key).or_default());
        }
    }

    /// Something that lasts, cut at midnight where days are asked for.
    fn pieces(&mut self, names: &Names, from: i64, to: i64, mut add: impl FnMut(&mut Sum, i64)) {
        add(&mut self.total, (to - from).max(0));
        let mut from = from;
        while from < to {
            let end = match self.by {
                Some(StatsBy::Day) => to.min((from.div_euclid(DAY_MS) + 1) * DAY_MS),
                _ => to,
            };
            if let Some(key) = self.key(names, from) {
                add(self.groups.entry(key).or_default(), end - from);
            }
            from = end;
        }
    }

    fn key(&self, names: &Names, at: i64) -> Option<String> {
        Some(match self.by? {
            StatsBy::Shed => names.shed.clone(),
            StatsBy::Agent => names.agent.clone().unwrap_or_default(),
            StatsBy::Template => names.template.clone().unwrap_or_default(),
            StatsBy::Day => time(at).to_zoned(TimeZone::UTC).date().to_string(),
            StatsBy::Unknown => return None,
        })
    }
}

impl Sum {
    fn stats(self) -> Stats {
        #[expect(clippy::cast_precision_loss, reason = "exact for 285,000 years")]
        let seconds = |ms: i64| ms as f64 / 1000.0;
        Stats {
            sessions_started: self.started,
            sessions_ended: self.ended,
            sessions_failed: self.failed,
            working_seconds: seconds(self.working),
            waiting_seconds: seconds(self.waiting),
            longest_wait_seconds: seconds(self.longest),
            memory_peak_bytes: self.memory.and_then(|bytes| u64::try_from(bytes).ok()),
        }
    }
}
