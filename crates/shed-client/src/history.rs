//! Routes about the past.

use reqwest::Method;
use shed_core::wire::{HistoryPage, StatsBy, StatsReport};

use crate::{Client, ClientError};

/// What `GET /api/stats` is asked for; everything that is kept by default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StatsQuery {
    /// From then on, as in the API: `7d`, `2026-01-15`, RFC 3339.
    pub since: Option<String>,
    /// Before then, in the same form.
    pub until: Option<String>,
    /// Of this shed alone.
    pub shed: Option<String>,
    /// Of this agent alone.
    pub agent: Option<String>,
    /// Groups, besides the total.
    pub by: Option<StatsBy>,
}

/// What `GET /api/history` is asked for; the newest page by default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HistoryQuery {
    /// From then on, as in [`StatsQuery::since`].
    pub since: Option<String>,
    /// Before then, in the same form.
    pub until: Option<String>,
    /// Of this shed alone.
    pub shed: Option<String>,
    /// Of the sessions of this id or name alone.
    pub session: Option<String>,
    /// Of these types alone, separated by commas.
    pub types: Option<String>,
    /// The most events on the page, at most 1000; the server's own number when not given.
    pub limit: Option<u32>,
    /// [`HistoryPage::next_cursor`] of the page before.
    pub cursor: Option<String>,
}

impl Client {
    /// `GET /api/stats`.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn stats(&self, query: &StatsQuery) -> Result<StatsReport, ClientError> {
        let pairs = [
            ("since", query.since.as_deref()),
            ("until", query.until.as_deref()),
            ("shed", query.shed.as_deref()),
            ("agent", query.agent.as_deref()),
            ("by", query.by.map(StatsBy::as_str)),
        ];
        self.json(self.request(Method::GET, &["api", "stats"]).query(&given(&pairs))).await
    }

    /// `GET /api/history`.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn history(&self, query: &HistoryQuery) -> Result<HistoryPage, ClientError> {
        let limit = query.limit.map(|limit| limit.to_string());
        let pairs = [
            ("since", query.since.as_deref()),
            ("until", query.until.as_deref()),
            ("shed", query.shed.as_deref()),
            ("session", query.session.as_deref()),
            ("type", query.types.as_deref()),
            ("limit", limit.as_deref()),
            ("cursor", query.cursor.as_deref()),
        ];
        self.json(self.request(Method::GET, &["api", "history"]).query(&given(&pairs))).await
    }
}

fn given<'a>(pairs: &[(&'a str, Option<&'a str>)]) -> Vec<(&'a str, &'a str)> {
    pairs.iter().filter_map(|(key, value)| value.map(|value| (*key, value))).collect()
}
