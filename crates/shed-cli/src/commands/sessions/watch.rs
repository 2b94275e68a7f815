//! `shed sessions --watch`: the list as it changes, in three forms: a table in place, a line for each change, JSON lines.

use std::{
    collections::BTreeMap,
    io::{self, IsTerminal},
    time::Duration,
};

use jiff::Timestamp;
use serde_json::json;
use shed_core::wire::{Event, Session};

use super::list::{Columns, Row, sort, table, waiting_line};
use crate::{
    Context, Failure,
    args::ListSessions,
    attention,
    context::Remote,
    live::{Key, Live, Sessions, Told, Update, What},
    locate, output,
};

/// How often the table is looked at while nothing happens, for its ages.
const TICK: Duration = Duration::from_secs(1);

/// The height of a terminal that does not tell its own.
const USUAL_HEIGHT: u16 = 24;

/// Shows what changes until Ctrl-C.
pub(super) async fn watch(context: &Context, args: &ListSessions) -> Result<u8, Failure> {
    let (remotes, shed) = match &args.shed {
        Some(shed) => {
            let found = locate::shed_named(context, shed).await?;
            (vec![found.remote], Some(found.shed.name.to_string()))
        }
        None if args.all => (context.searched()?, None),
        None => (vec![context.one()?], None),
    };
    let mut watch =
        Watch { args, shed, named: context.named.as_deref(), live: Live::follow(&remotes), remotes, sessions: Sessions::default() };
    if args.json.json {
        watch.json_lines().await
    } else if io::stdout().is_terminal() {
        watch.in_place().await
    } else {
        watch.lines().await
    }
}

struct Watch<'a> {
    args: &'a ListSessions,
    shed: Option<String>,
    named: Option<&'a str>,
    live: Live,
    remotes: Vec<Remote>,
    sessions: Sessions,
}

impl Watch<'_> {
    fn server(&self, place: usize) -> &str {
        self.remotes.get(place).map_or("", |remote| remote.name.as_str())
    }

    /// Whether a session is one of those that were asked for.
    fn wanted(&self, session: &Session) -> bool {
        self.shed.as_ref().is_none_or(|shed| *shed == session.shed_name) && self.args.filter.iter().all(|filter| filter.fits(session))
    }

    /// A table that is drawn over the one before.
    async fn in_place(&mut self) -> Result<u8, Failure> {
        let mut tick = tokio::time::interval(TICK);
        let mut shown = String::new();
        let colour = anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never;
        loop {
            tokio::select! {
                update = self.live.next() => {
                    let mut next = Some(update);
                    while let Some(update) = next {
                        self.sessions.apply(update);
                        next = self.live.ready();
                    }
                }
                _ = tick.tick() => {}
            }
            if !(0..self.remotes.len()).any(|server| self.sessions.heard(server)) {
                continue;
            }
            let text = self.text(Timestamp::now());
            let text = if colour { text } else { anstream::adapter::strip_str(&text).to_string() };
            if text != shown {
                output::raw(over(&shown, &text).as_bytes())?;
                shown = text;
            }
        }
    }

    fn text(&self, now: Timestamp) -> String {
        let mut rows: Vec<Row> = self
            .sessions
            .iter()
            .filter(|(_, session)| self.wanted(session))
            .map(|(key, session)| Row { server: self.server(key.server).to_owned(), session: session.clone() })
            .collect();
        sort(&mut rows, self.args.sort);
        let waiting = rows.iter().filter(|row| row.session.status.is_waiting()).count();
        let mut below: Vec<String> = (0..self.remotes.len())
            .filter_map(|place| Some(format!("server `{}` is out of reach: {}", self.server(place), self.sessions.lost(place)?)))
            .chain(waiting_line(waiting, self.named))
            .collect();
        // The heading, and the line that the cursor is left on.
        let room = usize::from(crossterm::terminal::size().map_or(USUAL_HEIGHT, |(_, rows)| rows)).saturating_sub(2 + below.len()).max(1);
        if rows.len() > room {
            below.insert(0, format!("… and {} more", rows.len() - room + 1));
            rows.truncate(room - 1);
        }
        let columns = if self.args.verbose { Columns::All } else { Columns::Live };
        let mut text = table(&rows, self.args.all, columns, now);
        for line in below {
            text.push_str(&output::clean(&line));
            text.push('\n');
        }
        text
    }

    /// A line for each change that a person would see.
    async fn lines(&mut self) -> Result<u8, Failure> {
        let mut shown: BTreeMap<Key, String> = BTreeMap::new();
        loop {
            let update = self.live.next().await;
            self.warn(&update);
            self.sessions.apply(update);
            let now: BTreeMap<Key, String> = self
                .sessions
                .iter()
                .filter(|(_, session)| self.wanted(session))
                .map(|(key, session)| (key.clone(), line(session)))
                .collect();
            let time = format!("{:.0}", Timestamp::now());
            let mut text = String::new();
            for (key, line) in now.iter().filter(|(key, line)| shown.get(key) != Some(line)) {
                text.push_str(&format!("{time}  {}  {}  {line}\n", self.server(key.server), key.shed));
            }
            for (key, line) in shown.iter().filter(|(key, _)| !now.contains_key(key)) {
                let name = line.split("  ").next().unwrap_or_default();
                text.push_str(&format!("{time}  {}  {}  {name}  -  gone  -\n", self.server(key.server), key.shed));
            }
            output::raw(text.as_bytes())?;
            shown = now;
        }
    }

    fn warn(&self, update: &Update) {
        if let What::Lost(reason) = &update.what
            && self.sessions.lost(update.server) != Some(reason)
        {
            output::warn(&format!("server `{}` is out of reach: {reason}", self.server(update.server)));
        }
    }

    /// Everything as it comes, one JSON value a line.
    async fn json_lines(&mut self) -> Result<u8, Failure> {
        loop {
            let update = self.live.next().await;
            let server = self.server(update.server).to_owned();
            let line = match &update.what {
                What::All(list) => {
                    let sessions: Vec<&Session> = list.sessions.iter().filter(|session| self.wanted(session)).collect();
                    Some(json!({"server": server, "type": "sessions", "sessions": sessions}).to_string())
                }
                What::Event(event) if self.tells(update.server, event) => {
                    let told = serde_json::to_string(&Told { server: &server, event });
                    Some(told.map_err(|error| Failure::new(error.to_string()))?)
                }
                What::Event(_) => None,
                What::Back => Some(json!({"server": server, "type": "back"}).to_string()),
                What::Lost(reason) if self.sessions.lost(update.server) == Some(reason) => None,
                What::Lost(reason) => Some(json!({"server": server, "type": "lost", "reason": reason}).to_string()),
            };
            self.sessions.apply(update);
            if let Some(line) = line {
                output::raw(format!("{line}\n").as_bytes())?;
            }
        }
    }

    /// Whether an event is about what was asked for: also when a session stops to fit the filter.
    fn tells(&self, server: usize, event: &Event) -> bool {
        let Some(session) = &event.session else {
            return self.shed.as_ref().is_none_or(|shed| event.shed_name.as_ref() == Some(shed));
        };
        let key = Key::of(server, session);
        self.wanted(session) || self.sessions.get(&key).is_some_and(|before| self.wanted(before))
    }
}

/// Session, attached or not, status, detail.
fn line(session: &Session) -> String {
    let attached = if session.attached { "attached" } else { "detached" };
    let detail = session.status_detail.as_deref().unwrap_or("-");
    output::clean(&format!("{}  {attached}  {}  {detail}", session.name, attention::status(session)))
}

/// What draws `text` over `before`. Long lines are cut at the edge and not wrapped (DECAWM), or the next drawing would begin
/// in the wrong line.
fn over(before: &str, text: &str) -> String {
    let up = match before.lines().count() {
        0 => String::new(),
        lines => format!("\x1b[{lines}A\r"),
    };
    format!("\x1b[?7l{up}\x1b[J{text}\x1b[?7h")
}
