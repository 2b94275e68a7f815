//! `shed history`

use jiff::{Timestamp, tz::TimeZone};
use serde::Serialize;
use shed_client::{Client, ClientError, HistoryQuery};
use shed_core::wire::{HistoryEvent, SessionStatus};

use super::{span, time};
use crate::{
    Context, Failure,
    args::HistoryArgs,
    locate::{self, Gathered},
    output::{
        self,
        style::{PLAIN, WARNING},
        table::{Cell, Table},
    },
};

/// The most that a server gives at once.
const PAGE: u32 = 1000;

/// An event with the server that it is from.
#[derive(Debug, Serialize)]
struct Row {
    server: String,
    #[serde(flatten)]
    event: HistoryEvent,
}

pub async fn history(context: &Context, args: HistoryArgs) -> Result<u8, Failure> {
    let query = HistoryQuery {
        since: time("--since", args.since.as_deref())?,
        until: time("--until", args.until.as_deref())?,
        shed: args.shed.clone(),
        session: args.session.clone(),
        types: args.r#type.clone(),
        limit: None,
        cursor: None,
    };
    let gathered: Gathered<Vec<HistoryEvent>> = if args.all {
        let query = &query;
        locate::ask(context.searched()?, |client| async move { newest(&client, query, args.lines).await }).await
    } else {
        let remote = context.one()?;
        let events = newest(&remote.client, &query, args.lines).await?;
        Gathered { answers: vec![(remote, events)], failed: Vec::new() }
    };
    gathered.warn();
    let of_server = |(remote, events): (crate::context::Remote, Vec<HistoryEvent>)| {
        events.into_iter().map(move |event| Row { server: remote.name.clone(), event })
    };
    let mut rows: Vec<Row> = gathered.answers.into_iter().flat_map(of_server).collect();
    // Newest first of all servers together, then as many as were asked for.
    rows.sort_by(|a, b| (b.event.at, &b.server, b.event.id).cmp(&(a.event.at, &a.server, a.event.id)));
    rows.truncate(usize::try_from(args.lines).unwrap_or(usize::MAX));
    if args.json.json {
        output::json(&serde_json::json!({ "events": rows }))?;
    } else if rows.is_empty() {
        output::say("nothing happened in that time");
    } else {
        // The newest is last, where the eye is after the command.
        rows.reverse();
        output::data(&table(&rows, args.all, &TimeZone::system()))?;
    }
    Ok(0)
}

/// The newest events, page by page.
async fn newest(client: &Client, query: &HistoryQuery, most: u32) -> Result<Vec<HistoryEvent>, ClientError> {
    let mut query = query.clone();
    let mut events = Vec::new();
    let mut left = most;
    while left > 0 {
        query.limit = Some(left.min(PAGE));
        let page = client.history(&query).await?;
        left = left.saturating_sub(u32::try_from(page.events.len()).unwrap_or(u32::MAX));
        events.extend(page.events);
        query.cursor = page.next_cursor;
        if query.cursor.is_none() {
            break;
        }
    }
    Ok(events)
}

fn table(rows: &[Row], with_server: bool, zone: &TimeZone) -> String {
    let mut heading = vec!["TIME"];
    if with_server {
        heading.push("SERVER");
    }
    heading.extend(["SHED", "SESSION", "EVENT", "STATUS", "AFTER", "DETAIL"]);
    let mut table = Table::new(&heading);
    for Row { server, event } in rows {
        let mut cells = vec![Cell::from(local(event.at, zone))];
        if with_server {
            cells.push(Cell::from(server));
        }
        let failed = event.to.as_deref() == Some(SessionStatus::Failed.as_str());
        cells.extend([
            Cell::from(&event.shed_name),
            Cell::from(event.session_name.as_deref().unwrap_or("-")),
            Cell::from(&event.kind),
            Cell::styled(&status(event), if failed { WARNING } else { PLAIN }),
            Cell::from(event.duration_ms.map_or_else(|| "-".to_owned(), seconds)),
            Cell::from(detail(event)),
        ]);
        table.row(cells);
    }
    table.render()
}

fn local(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

fn seconds(ms: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "exact for 285,000 years")]
    let seconds = ms as f64 / 1000.0;
    span(seconds)
}

fn status(event: &HistoryEvent) -> String {
    match (&event.from, &event.to) {
        (Some(from), Some(to)) if from != to => format!("{from} > {to}"),
        (_, Some(to)) => to.clone(),
        (Some(from), None) => format!("{from} >"),
        (None, None) => "-".to_owned(),
    }
}

fn detail(event: &HistoryEvent) -> String {
    match (&event.detail, event.exit_code) {
        (Some(detail), _) => detail.clone(),
        (None, Some(code)) => format!("exit code {code}"),
        (None, None) => "-".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(kind: &str, change: (Option<&str>, Option<&str>), detail: Option<&str>) -> Row {
        let text = |text: Option<&str>| text.map(str::to_owned);
        let event = HistoryEvent {
            id: 1,
            at: "2026-01-15T10:00:00.123Z".parse().unwrap(),
            kind: kind.to_owned(),
            shed_name: "api".into(),
            session_id: None,
            session_name: kind.starts_with("session").then(|| "default".to_owned()),
            from: text(change.0),
            to: text(change.1),
            detail: text(detail),
            duration_ms: change.0.map(|_| 61_000),
            exit_code: Some(2).filter(|_| change.1 == Some("failed")),
            memory_bytes: None,
        };
        Row { server: "home".into(), event }
    }

    #[test]
    fn p76_events_as_a_table() {
        let rows = [
            event("shed.started", (None, Some("running")), None),
            event("session.status", (Some("running"), Some("waiting_permission")), Some("Bash: rm\x1b[2J")),
            event("session.status", (Some("running"), Some("failed")), None),
            event("session.closed", (Some("failed"), None), None),
        ];
        let table = anstream::adapter::strip_str(&table(&rows, true, &TimeZone::UTC)).to_string();
        insta::assert_snapshot!(table, @r#"
        TIME                 SERVER  SHED  SESSION  EVENT           STATUS                        AFTER  DETAIL
        2026-01-15 10:00:00  home    api   -        shed.started    running                       -      -
        2026-01-15 10:00:00  home    api   default  session.status  running > waiting_permission  1m 1s  Bash: rm\u{1b}[2J
        2026-01-15 10:00:00  home    api   default  session.status  running > failed              1m 1s  exit code 2
        2026-01-15 10:00:00  home    api   default  session.closed  failed >                      1m 1s  -
        "#);
    }
}
