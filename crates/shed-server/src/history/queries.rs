//! Questions about the past.

use jiff::Timestamp;
use shed_core::wire::{HistoryPage, StatsReport};

use super::blocking;
use crate::{
    Error,
    app::App,
    store::{HistoryQuery, StatsQuery},
};

impl App {
    /// Figures over a window of time, which ends now at the latest.
    ///
    /// # Errors
    /// `INVALID_REQUEST` if the window ends before it begins.
    pub async fn stats(&self, mut query: StatsQuery) -> Result<StatsReport, Error> {
        query.until = query.until.min(Timestamp::now());
        window(query.since, Some(query.until))?;
        blocking(&self.store, move |store| store.stats(&query)).await
    }

    /// Events, newest first.
    ///
    /// # Errors
    /// `INVALID_REQUEST` if the window ends before it begins.
    pub async fn history(&self, query: HistoryQuery) -> Result<HistoryPage, Error> {
        window(query.since, query.until)?;
        blocking(&self.store, move |store| store.history_page(&query)).await
    }
}

fn window(since: Option<Timestamp>, until: Option<Timestamp>) -> Result<(), Error> {
    match (since, until) {
        (Some(since), Some(until)) if since > until => Err(Error::invalid(format!("the time ends ({until}) before it begins ({since})"))
            .hint("give a `since` that is before `until`, and not in the future")),
        _ => Ok(()),
    }
}
