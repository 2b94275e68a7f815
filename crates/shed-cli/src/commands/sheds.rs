//! Commands about whole sheds.

use std::io::{self, BufRead, Write};

use serde::Serialize;
use shed_core::{time::ago, wire};

use crate::{
    Context, Failure,
    args::{Delete, ListSheds, ShedWithJson},
    is_interactive,
    locate::{self, Gathered},
    output::{
        self,
        style::{GOOD, PLAIN, WARNING},
        table::{Cell, Table},
    },
};

/// A shed with the server that it is on.
#[derive(Debug, Serialize)]
struct Row<'a> {
    server: &'a str,
    #[serde(flatten)]
    shed: &'a wire::Shed,
}

/// `shed list`
pub async fn list(context: &Context, args: ListSheds) -> Result<u8, Failure> {
    let gathered = if args.all {
        let gathered = locate::ask(context.searched()?, |client| async move { client.list_sheds().await }).await;
        gathered.warn();
        gathered
    } else {
        let remote = context.one()?;
        let list = remote.client.list_sheds().await?;
        Gathered { answers: vec![(remote, list)], failed: Vec::new() }
    };
    let warnings: Vec<&wire::Warning> = gathered.answers.iter().flat_map(|(_, list)| &list.warnings).collect();
    warnings.iter().for_each(|warning| output::warn(&warning.message));
    let rows: Vec<Row> =
        gathered.answers.iter().flat_map(|(remote, list)| list.sheds.iter().map(|shed| Row { server: &remote.name, shed })).collect();
    if args.json.json {
        output::json(&serde_json::json!({ "sheds": rows, "warnings": warnings }))?;
    } else if rows.is_empty() {
        output::say("no sheds yet; make one with `shed create NAME`");
    } else {
        output::data(&table(&rows, args.all, jiff::Timestamp::now()))?;
    }
    Ok(0)
}

fn table(rows: &[Row], with_server: bool, now: jiff::Timestamp) -> String {
    let mut heading = vec!["SHED", "STATUS", "CREATED", "IMAGE", "REPO"];
    if with_server {
        heading.insert(0, "SERVER");
    }
    let mut table = Table::new(&heading);
    for Row { server, shed } in rows {
        let mut cells = vec![
            Cell::from(&shed.name),
            status(shed.status),
            Cell::from(ago(shed.created_at, now)),
            Cell::from(&shed.image),
            Cell::from(shed.repo.as_deref().unwrap_or("-")),
        ];
        if with_server {
            cells.insert(0, Cell::from(server));
        }
        table.row(cells);
    }
    table.render()
}

fn status(status: wire::ShedStatus) -> Cell {
    let paint = match status {
        wire::ShedStatus::Running => GOOD,
        wire::ShedStatus::Paused | wire::ShedStatus::Restarting => WARNING,
        wire::ShedStatus::Stopped | wire::ShedStatus::Unknown => PLAIN,
    };
    Cell::styled(status.as_str(), paint)
}

/// `shed info`
pub async fn info(context: &Context, args: ShedWithJson) -> Result<u8, Failure> {
    let found = locate::shed(context, &args.shed, true).await?;
    // The list that found it does not know when it started.
    let shed = &found.client().shed(found.name()).await?;
    if args.json.json {
        output::json(&Row { server: &found.remote.name, shed })?;
        return Ok(0);
    }
    let now = jiff::Timestamp::now();
    let time = |time: jiff::Timestamp| format!("{time:.0} ({})", ago(time, now));
    let mut pairs = vec![
        ("shed", shed.name.to_string()),
        ("server", found.remote.name.clone()),
        ("status", shed.status.as_str().to_owned()),
        ("created", time(shed.created_at)),
        ("started", shed.started_at.map_or_else(|| "-".to_owned(), time)),
        ("image", shed.image.clone()),
        ("repo", shed.repo.clone().unwrap_or_else(|| "-".to_owned())),
        ("profile", shed.profile.as_str().to_owned()),
        ("container", shed.container_id.chars().take(12).collect()),
    ];
    if let Some(guest) = &shed.guest {
        let about = guest.reason.as_ref().or(guest.version.as_ref()).map_or_else(String::new, |about| format!(" ({about})"));
        pairs.push(("guest", format!("{}{about}", guest.status.as_str())));
    }
    if shed.adopted {
        pairs.push(("adopted", "yes: shed found this container by its label".to_owned()));
    }
    output::data(&Table::pairs(&pairs).render())?;
    Ok(0)
}

/// What `shed start`, `stop` and `restart` do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// `shed start`
    Start,
    /// `shed stop`
    Stop,
    /// `shed restart`
    Restart,
}

/// `shed start`, `shed stop`, `shed restart`
pub async fn act(context: &Context, args: ShedWithJson, action: Action) -> Result<u8, Failure> {
    let found = locate::shed(context, &args.shed, action == Action::Start).await?;
    let (client, name) = (found.client(), found.name());
    let shed = match action {
        Action::Start => client.start_shed(name).await?,
        Action::Stop => client.stop_shed(name).await?,
        Action::Restart => client.restart_shed(name).await?,
    };
    if args.json.json {
        output::json(&Row { server: &found.remote.name, shed: &shed })?;
    } else {
        output::say(&format!("shed `{name}` is {}", shed.status.as_str()));
    }
    Ok(0)
}

/// `shed delete`
pub async fn delete(context: &Context, args: Delete) -> Result<u8, Failure> {
    let found = locate::shed(context, &args.shed, false).await?;
    let name = found.name();
    let what = if args.keep_volume { "its sessions end, /workspace is kept" } else { "its sessions and /workspace are lost" };
    if !args.yes && !confirm(&format!("delete shed `{name}` on server `{}` ({what})", found.remote.name))? {
        return Err(Failure::new(format!("shed `{name}` was not deleted")));
    }
    found.client().delete_shed(name, args.keep_volume).await?;
    output::say(&format!("shed `{name}` is deleted"));
    Ok(0)
}

/// Asks a yes-or-no question; "no" unless the answer is yes.
fn confirm(question: &str) -> Result<bool, Failure> {
    if !is_interactive() {
        return Err(Failure::new(format!("{question}: nobody can be asked without a terminal")).hint("add --yes"));
    }
    let mut err = anstream::stderr();
    write!(err, "{}? [y/N] ", output::clean(question))?;
    err.flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_sheds() {
        let shed = |name: &str, status: &str, repo: Option<&str>| -> wire::Shed {
            serde_json::from_value(serde_json::json!({
                "name": name, "status": status, "created_at": "2026-01-25T10:00:00Z", "image": "shed-base:latest",
                "container_id": "0123456789abcdef", "repo": repo,
            }))
            .unwrap()
        };
        let (one, two) = (shed("myproj", "running", Some("octocat/Hello-World")), shed("backend", "stopped", None));
        let rows = [Row { server: "home", shed: &one }, Row { server: "office", shed: &two }];
        let text = table(&rows, true, "2026-01-25T12:00:00Z".parse().unwrap());
        insta::assert_snapshot!(anstream::adapter::strip_str(&text).to_string(), @r"
        SERVER  SHED     STATUS   CREATED  IMAGE             REPO
        home    myproj   running  2h ago   shed-base:latest  octocat/Hello-World
        office  backend  stopped  2h ago   shed-base:latest  -
        ");
    }
}
