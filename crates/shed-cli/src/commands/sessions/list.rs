//! `shed sessions` and `shed sessions list`

use std::cmp::Reverse;

use jiff::Timestamp;
use serde::Serialize;
use shed_client::SessionQuery;
use shed_core::{
    time::{ago, lasted},
    wire,
};

use crate::{
    Context, Failure,
    args::{ListSessions, SortSessions},
    attention,
    locate::{self, Gathered},
    output::{
        self,
        style::{GOOD, PLAIN, WARNING},
        table::{Cell, Table},
    },
};

/// A session with the server that it is on.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Row {
    pub(super) server: String,
    #[serde(flatten)]
    pub(super) session: wire::Session,
}

/// Which columns a table has beside the names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Columns {
    /// Attached or not, age, windows.
    Few,
    /// Also what the agent or command does.
    Live,
    /// Everything.
    All,
}

pub async fn list(context: &Context, args: ListSessions) -> Result<u8, Failure> {
    if args.watch {
        return super::watch::watch(context, &args).await;
    }
    let gathered = gather(context, &args).await?;
    gathered.warn();
    let warnings: Vec<wire::Warning> = gathered.answers.iter().flat_map(|(_, list)| list.warnings.clone()).collect();
    for warning in &warnings {
        let place = warning.shed_name.as_ref().map_or_else(String::new, |shed| format!("shed `{shed}`: "));
        output::warn(&format!("{place}{}", warning.message));
    }
    let of_server = |(remote, list): (crate::context::Remote, wire::SessionList)| {
        list.sessions.into_iter().map(move |session| Row { server: remote.name.clone(), session })
    };
    let mut rows: Vec<Row> = gathered.answers.into_iter().flat_map(of_server).collect();
    let waiting = rows.iter().filter(|row| row.session.status.is_waiting()).count();
    rows.retain(|row| args.filter.iter().all(|filter| filter.fits(&row.session)));
    sort(&mut rows, args.sort);
    if args.json.json {
        output::json(&serde_json::json!({ "sessions": rows, "warnings": warnings }))?;
    } else if args.csv {
        output::raw(&csv(&rows)?)?;
    } else if rows.is_empty() {
        output::say(&nothing(&args));
    } else {
        let columns = if args.verbose { Columns::All } else { Columns::Few };
        output::data(&table(&rows, args.all, columns, Timestamp::now()))?;
        if let Some(line) = waiting_line(waiting, context.named.as_deref()) {
            output::say(&line);
        }
    }
    Ok(0)
}

/// What is said below a table in which somebody is waited for.
pub(super) fn waiting_line(waiting: usize, server: Option<&str>) -> Option<String> {
    let command = server.map_or_else(|| "shed next".to_owned(), |server| format!("shed next -s {server}"));
    match waiting {
        0 => None,
        1 => Some(format!("1 session waits for you; go to it with: {command}")),
        _ => Some(format!("{waiting} sessions wait for you; go to the first with: {command}")),
    }
}

async fn gather(context: &Context, args: &ListSessions) -> Result<Gathered<wire::SessionList>, Failure> {
    let query = SessionQuery { resources: args.verbose, ..SessionQuery::default() };
    if args.all {
        let query = &query;
        return Ok(locate::ask(context.searched()?, |client| async move { client.list_all_sessions(query).await }).await);
    }
    let (remote, list) = match &args.shed {
        Some(shed) => {
            let found = locate::shed_named(context, shed).await?;
            let list = found.client().list_sessions_of(found.name(), args.verbose).await?;
            (found.remote, list)
        }
        None => {
            let remote = context.one()?;
            let list = remote.client.list_all_sessions(&query).await?;
            (remote, list)
        }
    };
    Ok(Gathered { answers: vec![(remote, list)], failed: Vec::new() })
}

fn nothing(args: &ListSessions) -> String {
    match (&args.shed, args.filter.is_empty()) {
        (_, false) => "no sessions fit the filter".to_owned(),
        (Some(shed), _) => format!("no sessions in `{shed}`; make one with `shed attach {shed}`"),
        (None, _) => "no sessions; make one with `shed attach SHED`".to_owned(),
    }
}

pub(super) fn sort(rows: &mut [Row], by: SortSessions) {
    rows.sort_by(|a, b| (&a.server, &a.session.shed_name, &a.session.name).cmp(&(&b.server, &b.session.shed_name, &b.session.name)));
    // The sort is stable: what is equal stays in the order of names.
    match by {
        SortSessions::Name => {}
        SortSessions::Created => rows.sort_by_key(|row| Reverse(row.session.created_at)),
        SortSessions::Activity => rows.sort_by_key(|row| Reverse(row.session.last_activity_at)),
        SortSessions::Duration => rows.sort_by_key(|row| row.session.created_at),
        SortSessions::Task => rows.sort_by(|a, b| a.session.name.cmp(&b.session.name)),
        SortSessions::Status => rows.sort_by_key(|row| rank(row.session.status)),
    }
}

/// What needs attention comes first.
const fn rank(status: wire::SessionStatus) -> u8 {
    match status {
        wire::SessionStatus::WaitingPermission => 0,
        wire::SessionStatus::WaitingInput => 1,
        wire::SessionStatus::Failed => 2,
        wire::SessionStatus::Completed => 3,
        wire::SessionStatus::Exited => 4,
        wire::SessionStatus::Running => 5,
        wire::SessionStatus::Unknown => 6,
    }
}

pub(super) fn table(rows: &[Row], with_server: bool, columns: Columns, now: Timestamp) -> String {
    let mut heading = Vec::new();
    if with_server {
        heading.push("SERVER");
    }
    heading.extend(["SHED", "SESSION", "STATUS", "CREATED", "WINDOWS"]);
    if columns != Columns::Few {
        heading.extend(["AGENT", "SINCE", "DETAIL"]);
    }
    if columns == Columns::All {
        heading.extend(["CPU", "MEM", "ACTIVE", "CLIENTS", "DIRECTORY", "COMMAND"]);
    }
    let mut table = Table::new(&heading);
    for Row { server, session } in rows {
        let mut cells = Vec::new();
        if with_server {
            cells.push(Cell::from(server));
        }
        cells.extend([
            Cell::from(&session.shed_name),
            Cell::from(&session.name),
            if session.attached { Cell::styled("attached", GOOD) } else { Cell::from("detached") },
            Cell::from(ago(session.created_at, now)),
            Cell::from(session.window_count.to_string()),
        ]);
        if columns != Columns::Few {
            cells.extend([
                agent(session),
                Cell::from(lasted(attention::since(session), now)),
                Cell::from(session.status_detail.as_deref().unwrap_or("-")),
            ]);
        }
        if columns == Columns::All {
            let used = session.resources;
            cells.extend([
                Cell::from(used.map_or_else(|| "-".to_owned(), |used| format!("{:.0}%", used.cpu_percent))),
                Cell::from(used.map_or_else(|| "-".to_owned(), |used| attention::bytes(used.memory_bytes))),
                Cell::from(session.last_activity_at.map_or_else(|| "-".to_owned(), |time| ago(time, now))),
                Cell::from(session.attached_clients.to_string()),
                Cell::from(session.working_dir.as_deref().unwrap_or("-")),
                Cell::from(session.command.as_deref().unwrap_or("-")),
            ]);
        }
        table.row(cells);
    }
    table.render()
}

/// `running`, `completed`, `failed (2)`.
fn agent(session: &wire::Session) -> Cell {
    let paint = match session.status {
        wire::SessionStatus::Failed | wire::SessionStatus::WaitingInput | wire::SessionStatus::WaitingPermission => WARNING,
        wire::SessionStatus::Completed => GOOD,
        wire::SessionStatus::Running | wire::SessionStatus::Exited | wire::SessionStatus::Unknown => PLAIN,
    };
    Cell::styled(&attention::status(session), paint)
}

fn csv(rows: &[Row]) -> Result<Vec<u8>, Failure> {
    let failed = |error: csv::Error| Failure::new(error.to_string());
    let mut writer = csv::Writer::from_writer(Vec::new());
    let heading = [
        "server",
        "shed",
        "session",
        "attached",
        "status",
        "exit_code",
        "created_at",
        "last_activity_at",
        "windows",
        "clients",
        "working_dir",
        "command",
    ];
    writer.write_record(heading).map_err(failed)?;
    for Row { server, session } in rows {
        let record = [
            server.clone(),
            session.shed_name.clone(),
            session.name.clone(),
            session.attached.to_string(),
            session.status.as_str().to_owned(),
            session.exit_code.map(|code| code.to_string()).unwrap_or_default(),
            session.created_at.to_string(),
            session.last_activity_at.map(|time| time.to_string()).unwrap_or_default(),
            session.window_count.to_string(),
            session.attached_clients.to_string(),
            session.working_dir.clone().unwrap_or_default(),
            session.command.clone().unwrap_or_default(),
        ];
        writer.write_record(record).map_err(failed)?;
    }
    writer.into_inner().map_err(|error| Failure::new(error.to_string()))
}

#[cfg(test)]
#[path = "list_tests.rs"]
mod tests;
