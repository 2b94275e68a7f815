//! `shed stats`

use serde::Serialize;
use shed_client::StatsQuery;
use shed_core::wire::{Stats, StatsReport};

use super::{size, span, time};
use crate::{
    Context, Failure,
    args::StatsArgs,
    context::Remote,
    locate::{self, Gathered},
    output::{
        self,
        style::{HEAD, PLAIN, WARNING},
        table::{Cell, Table},
    },
};

/// One server's figures.
#[derive(Debug, Serialize)]
struct Answer {
    server: String,
    #[serde(flatten)]
    report: StatsReport,
}

pub async fn stats(context: &Context, args: StatsArgs) -> Result<u8, Failure> {
    let query = StatsQuery {
        since: time("--since", args.since.as_deref())?,
        until: time("--until", args.until.as_deref())?,
        shed: args.shed.clone(),
        agent: args.agent.clone(),
        by: args.by.map(Into::into),
    };
    let gathered: Gathered<StatsReport> = if args.all {
        let query = &query;
        locate::ask(context.searched()?, |client| async move { client.stats(query).await }).await
    } else {
        let remote = context.one()?;
        let report = remote.client.stats(&query).await?;
        Gathered { answers: vec![(remote, report)], failed: Vec::new() }
    };
    gathered.warn();
    let answers: Vec<Answer> = gathered.answers.into_iter().map(|(Remote { name, .. }, report)| Answer { server: name, report }).collect();
    if args.json.json {
        output::json(&serde_json::json!({ "servers": answers }))?;
    } else if args.csv {
        output::raw(&csv(&answers)?)?;
    } else {
        output::data(&table(&answers, args.all))?;
    }
    Ok(0)
}

fn table(answers: &[Answer], with_server: bool) -> String {
    let by = answers.iter().find_map(|answer| answer.report.by);
    let mut heading = Vec::new();
    if with_server {
        heading.push("SERVER".to_owned());
    }
    if let Some(by) = by {
        heading.push(by.as_str().to_uppercase());
    }
    heading.extend(["STARTED", "ENDED", "FAILED", "WORKING", "WAITING", "LONGEST WAIT", "MEMORY PEAK"].map(str::to_owned));
    let mut table = Table::new(&heading.iter().map(String::as_str).collect::<Vec<_>>());
    for Answer { server, report } in answers {
        let mut line = |key: &str, stats: &Stats, paint| {
            let mut cells = Vec::new();
            if with_server {
                cells.push(Cell::from(server));
            }
            if by.is_some() {
                cells.push(Cell::styled(key, paint));
            }
            cells.extend([
                Cell::from(stats.sessions_started.to_string()),
                Cell::from(stats.sessions_ended.to_string()),
                Cell::styled(&stats.sessions_failed.to_string(), if stats.sessions_failed > 0 { WARNING } else { PLAIN }),
                Cell::from(span(stats.working_seconds)),
                Cell::from(span(stats.waiting_seconds)),
                Cell::from(span(stats.longest_wait_seconds)),
                Cell::from(stats.memory_peak_bytes.map_or_else(|| "-".to_owned(), size)),
            ]);
            table.row(cells);
        };
        for group in &report.groups {
            line(if group.key.is_empty() { "-" } else { &group.key }, &group.stats, PLAIN);
        }
        line("total", &report.total, HEAD);
    }
    table.render()
}

/// The groups, or the totals where there are none: sums would be counted twice with the groups beside them.
fn csv(answers: &[Answer]) -> Result<Vec<u8>, Failure> {
    let failed = |error: csv::Error| Failure::new(error.to_string());
    let mut writer = csv::Writer::from_writer(Vec::new());
    let heading = [
        "server",
        "key",
        "sessions_started",
        "sessions_ended",
        "sessions_failed",
        "working_seconds",
        "waiting_seconds",
        "longest_wait_seconds",
        "memory_peak_bytes",
    ];
    writer.write_record(heading).map_err(failed)?;
    for Answer { server, report } in answers {
        let groups = report.groups.iter().map(|group| (group.key.as_str(), group.stats));
        let total = report.by.is_none().then_some(("", report.total));
        for (key, stats) in groups.chain(total) {
            let record = [
                server.clone(),
                key.to_owned(),
                stats.sessions_started.to_string(),
                stats.sessions_ended.to_string(),
                stats.sessions_failed.to_string(),
                stats.working_seconds.to_string(),
                stats.waiting_seconds.to_string(),
                stats.longest_wait_seconds.to_string(),
                stats.memory_peak_bytes.map(|bytes| bytes.to_string()).unwrap_or_default(),
            ];
            writer.write_record(record).map_err(failed)?;
        }
    }
    writer.into_inner().map_err(|error| Failure::new(error.to_string()))
}

#[cfg(test)]
mod tests {
    use shed_core::wire::{StatsBy, StatsGroup};

    use super::*;

    fn answer(by: Option<StatsBy>) -> Answer {
        let stats = Stats {
            sessions_started: 3,
            sessions_ended: 2,
            sessions_failed: 1,
            working_seconds: 7_380.5,
            waiting_seconds: 95.0,
            longest_wait_seconds: 60.0,
            memory_peak_bytes: Some(300 << 20),
        };
        let groups = by.iter().flat_map(|_| ["api", ""]).map(|key| StatsGroup { key: key.to_owned(), stats }).collect();
        let until = "2026-01-15T00:00:00Z".parse().unwrap();
        Answer { server: "home".into(), report: StatsReport { since: None, until, total: stats, by, groups } }
    }

    fn plain(answers: &[Answer], with_server: bool) -> String {
        anstream::adapter::strip_str(&table(answers, with_server)).to_string()
    }

    #[test]
    fn p73_tables_and_csv() {
        insta::assert_snapshot!(plain(&[answer(None)], false), @r"
        STARTED  ENDED  FAILED  WORKING  WAITING  LONGEST WAIT  MEMORY PEAK
        3        2      1       2h 3m    1m 35s   1m            300 MB
        ");
        insta::assert_snapshot!(plain(&[answer(Some(StatsBy::Agent))], true), @r"
        SERVER  AGENT  STARTED  ENDED  FAILED  WORKING  WAITING  LONGEST WAIT  MEMORY PEAK
        home    api    3        2      1       2h 3m    1m 35s   1m            300 MB
        home    -      3        2      1       2h 3m    1m 35s   1m            300 MB
        home    total  3        2      1       2h 3m    1m 35s   1m            300 MB
        ");
        insta::assert_snapshot!(String::from_utf8(csv(&[answer(Some(StatsBy::Shed))]).unwrap()).unwrap(), @r"
        server,key,sessions_started,sessions_ended,sessions_failed,working_seconds,waiting_seconds,longest_wait_seconds,memory_peak_bytes
        home,api,3,2,1,7380.5,95,60,314572800
        home,,3,2,1,7380.5,95,60,314572800
        ");
    }
}
