//! `/api/stats` and `/api/history`

use axum::{Json, extract::State};
use jiff::{Timestamp, Zoned, tz::TimeZone};
use serde::Deserialize;
use shed_core::{
    ShedName, when,
    wire::{EventType, HistoryPage, StatsBy, StatsReport},
};

use super::{ApiError, ApiState, extract::Query};
use crate::{
    Error,
    store::{HistoryQuery, StatsQuery},
};

/// Events on a page when nothing else is asked for, and at most.
const PAGE: u32 = 100;
const PAGE_MAX: u32 = 1000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StatsParams {
    since: Option<String>,
    until: Option<String>,
    shed: Option<String>,
    agent: Option<String>,
    by: Option<StatsBy>,
}

pub(super) async fn stats(State(state): State<ApiState>, Query(query): Query<StatsParams>) -> Result<Json<StatsReport>, ApiError> {
    if query.by == Some(StatsBy::Unknown) {
        return Err(Error::invalid("the grouping is not known").hint("`by` is one of shed, agent, template, day").into());
    }
    let now = now();
    let query = StatsQuery {
        since: time("since", query.since, &now)?,
        until: time("until", query.until, &now)?.unwrap_or_else(|| now.timestamp()),
        shed: shed(query.shed)?,
        agent: query.agent,
        by: query.by,
    };
    Ok(Json(state.app.stats(query).await?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HistoryParams {
    since: Option<String>,
    until: Option<String>,
    shed: Option<String>,
    session: Option<String>,
    #[serde(rename = "type")]
    types: Option<String>,
    limit: Option<u32>,
    cursor: Option<String>,
}

pub(super) async fn history(State(state): State<ApiState>, Query(query): Query<HistoryParams>) -> Result<Json<HistoryPage>, ApiError> {
    let now = now();
    let limit = query.limit.unwrap_or(PAGE);
    if !(1..=PAGE_MAX).contains(&limit) {
        return Err(Error::invalid(format!("a page has 1 to {PAGE_MAX} events")).hint("ask for the next page with `cursor`").into());
    }
    let query = HistoryQuery {
        since: time("since", query.since, &now)?,
        until: time("until", query.until, &now)?,
        shed: shed(query.shed)?,
        session: query.session,
        types: query.types.as_deref().map_or_else(|| Ok(Vec::new()), types)?,
        limit,
        cursor: query.cursor.as_deref().map(cursor).transpose()?,
    };
    Ok(Json(state.app.history(query).await?))
}

/// The server does not know where its callers are: what names no time zone is in UTC.
fn now() -> Zoned {
    Timestamp::now().to_zoned(TimeZone::UTC)
}

fn time(name: &str, text: Option<String>, now: &Zoned) -> Result<Option<Timestamp>, Error> {
    let read = |text: String| when::parse(&text, now).map_err(|error| Error::invalid(format!("`{name}`: {error}")));
    text.map(read).transpose()
}

fn shed(name: Option<String>) -> Result<Option<String>, Error> {
    Ok(name.map(ShedName::new).transpose()?.map(|name| name.as_str().to_owned()))
}

fn types(text: &str) -> Result<Vec<&'static str>, Error> {
    let known = |word: &str| {
        EventType::ALL.into_iter().find(|kind| kind.as_str() == word && *kind != EventType::Reset).map(EventType::as_str).ok_or_else(|| {
            Error::invalid(format!("`{}` is no type of event", word.escape_debug()))
                .hint("such as session.created, session.status, session.closed, shed.started; several with commas")
        })
    };
    text.split(',').map(known).collect()
}

fn cursor(text: &str) -> Result<(i64, i64), Error> {
    let parts = text.rsplit_once('-').and_then(|(at, id)| Some((at.parse().ok()?, id.parse().ok()?)));
    parts.ok_or_else(|| Error::invalid("the cursor is none of this server").hint("take `next_cursor` of the page before, as it is"))
}
