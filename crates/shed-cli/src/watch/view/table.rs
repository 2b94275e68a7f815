//! The rows.

use jiff::Timestamp;
use ratatui::{
    Frame,
    layout::{Constraint, Rect},
    text::Text,
    widgets::{Cell, Paragraph, Row, Table, TableState},
};
use shed_core::{
    time::lasted,
    wire::{Session, SessionStatus},
};
use unicode_width::UnicodeWidthStr;

use super::{super::model::Model, Look};
use crate::{attention, live::Key, output::clean};

/// From this width on there is room for the whole words of the API.
const ROOMY: u16 = 100;

/// The widest that the columns of names become in a narrow terminal, and in a roomy one.
const NAME: (usize, usize) = (14, 24);

pub(super) fn draw(frame: &mut Frame, area: Rect, model: &Model, look: Look, now: Timestamp) {
    let rows = model.rows();
    if rows.is_empty() {
        frame.render_widget(Paragraph::new(format!("\n  {}", nothing(model))), area);
        return;
    }
    let roomy = area.width >= ROOMY;
    let with_server = model.servers.len() > 1;
    let most = if roomy { NAME.1 } else { NAME.0 };
    let widest = |heading: &str, text: &dyn Fn(&(&Key, &Session)) -> String| {
        let width = rows.iter().map(|row| text(row).width()).chain([heading.width()]).max().unwrap_or(0);
        Constraint::Length(u16::try_from(width.min(most)).unwrap_or(u16::MAX))
    };
    let mut heading = vec![""];
    let mut widths = vec![Constraint::Length(1)];
    if with_server {
        heading.push("SERVER");
        widths.push(widest("SERVER", &|(key, _)| clean(model.server(key))));
    }
    heading.extend(["SHED", "SESSION", "STATUS", "DETAIL", "SINCE", "CPU", "MEM"]);
    widths.push(widest("SHED", &|(_, session)| clean(&session.shed_name)));
    widths.push(widest("SESSION", &|(_, session)| clean(&session.name)));
    widths.push(Constraint::Length(if roomy { 18 } else { 12 }));
    widths.extend([Constraint::Fill(1), Constraint::Length(7), Constraint::Length(4), Constraint::Length(4)]);
    let lines = rows.iter().map(|(key, session)| {
        let lost = model.sessions.lost(key.server).is_some();
        let mut cells = vec![Cell::from(if lost { "~" } else { attention::marker(session.status) })];
        if with_server {
            cells.push(Cell::from(clean(model.server(key))));
        }
        cells.extend([
            Cell::from(clean(&session.shed_name)),
            Cell::from(clean(&session.name)),
            Cell::from(status(session, roomy)),
            Cell::from(clean(&detail(session))),
            Cell::from(lasted(attention::since(session), now)),
            right(session.resources.map_or_else(|| "-".to_owned(), |used| format!("{:.0}%", used.cpu_percent))),
            right(session.resources.map_or_else(|| "-".to_owned(), |used| attention::bytes(used.memory_bytes))),
        ]);
        Row::new(cells).style(look.row(session.status, lost))
    });
    let table = Table::new(lines, widths).header(Row::new(heading).style(look.head())).row_highlight_style(look.selected());
    let mut state = TableState::default().with_selected(model.position());
    frame.render_stateful_widget(table, area, &mut state);
}

fn right(text: String) -> Cell<'static> {
    Cell::from(Text::from(text).right_aligned())
}

/// Short words where there is no room; the marker says the rest.
fn status(session: &Session, roomy: bool) -> String {
    match session.status {
        SessionStatus::WaitingPermission if !roomy => "permission".to_owned(),
        SessionStatus::WaitingInput if !roomy => "input".to_owned(),
        _ => attention::status(session),
    }
}

/// What the agent does or asks; else the command.
fn detail(session: &Session) -> String {
    let text = session.status_detail.as_ref().or(session.command.as_ref()).or(session.agent.as_ref());
    text.cloned().unwrap_or_default()
}

fn nothing(model: &Model) -> &'static str {
    let all_heard = (0..model.servers.len()).all(|server| model.sessions.heard(server));
    if model.sessions.iter().next().is_some() {
        "no session fits; Esc clears the search, f shows others"
    } else if all_heard {
        "no sessions; n makes one"
    } else {
        "asking the servers …"
    }
}
