//! The lines above and below the table.

use ratatui::{
    layout::Alignment,
    text::{Line, Span},
    widgets::Paragraph,
};
use shed_core::wire::SessionStatus;
use unicode_width::UnicodeWidthStr;

use super::{
    super::{
        form::Form,
        model::{Mode, Model, Target},
        rows::{Order, Show},
    },
    Look,
};
use crate::output::clean;

/// What the keys are, when nothing else is to be said.
const KEYS: &str = "Enter attach  s send  k kill  n new  Tab screen  / search  ? help  q quit";

/// How many sessions want what, and what is shown.
pub(super) fn title(model: &Model, look: Look) -> Paragraph<'static> {
    let count = |fits: fn(SessionStatus) -> bool| model.sessions.iter().filter(|(_, session)| fits(session.status)).count();
    let (waiting, failed) = (count(SessionStatus::is_waiting), count(|status| status == SessionStatus::Failed));
    let mut text = format!("shed: {waiting} waiting, {failed} failed, {} in all", model.sessions.iter().count());
    if model.show != Show::All {
        text.push_str(&format!("  shown: {}", model.show.as_str()));
    }
    if model.order != Order::Attention {
        text.push_str(&format!("  order: {}", model.order.as_str()));
    }
    if !model.search.text.is_empty() && model.mode != Mode::Search {
        text.push_str(&format!("  search: {}", clean(&model.search.text)));
    }
    Paragraph::new(text).style(look.head()).alignment(Alignment::Left)
}

/// One line for each server out of reach.
pub(super) fn lost(model: &Model, look: Look) -> Vec<Line<'static>> {
    let line = |(place, name): (usize, &String)| {
        let reason = model.sessions.lost(place)?;
        Some(Line::styled(format!("~ server {} is out of reach: {}", clean(name), clean(reason)), look.bad()))
    };
    model.servers.iter().enumerate().filter_map(line).collect()
}

/// The question, the input, the last note, or the keys.
pub(super) fn footer(model: &Model, look: Look) -> Vec<Line<'static>> {
    let mut lines = match &model.mode {
        Mode::Search => vec![Line::from(prompt(model).unwrap_or_default())],
        Mode::Kill(target) => {
            let question = format!("kill {}? y kills it, any other key does not", place(model, target));
            vec![Line::styled(question, look.bad())]
        }
        Mode::Send(..) => vec![
            Line::from(prompt(model).unwrap_or_default()),
            Line::styled("Enter sends it, and Enter with it; Esc does not", look.faint()),
        ],
        Mode::New(form) => new(model, form, look),
        Mode::List | Mode::Help => Vec::new(),
    };
    match (&model.note, lines.is_empty()) {
        (Some(note), _) => lines.push(Line::styled(clean(&note.text), if note.bad { look.bad() } else { look.head() })),
        (None, true) => lines.push(Line::styled(KEYS, look.faint())),
        (None, false) => {}
    }
    lines
}

fn new(model: &Model, form: &Form, look: Look) -> Vec<Line<'static>> {
    let mut lines = vec![Line::styled("a new session: Enter goes on and at the end makes it, Esc gives up", look.faint())];
    if model.servers.len() > 1 {
        let server = model.servers.get(form.server).map_or("", String::as_str);
        lines.push(Line::from(format!("  server   {}  (Left, Right)", clean(server))));
    }
    for (number, (name, input)) in form.fields().into_iter().enumerate() {
        let mark = if number == form.field { ">" } else { " " };
        let hint = match (name, input.text.is_empty()) {
            ("session", true) => "default",
            ("command", true) => "a shell",
            _ => "",
        };
        lines.push(Line::from(vec![
            Span::from(format!("{mark} {name:<8} {}", clean(&input.text))),
            Span::styled(if number == form.field { "" } else { hint }, look.faint()),
        ]));
    }
    lines
}

/// The line that is typed, as far as it is one line.
fn prompt(model: &Model) -> Option<String> {
    match &model.mode {
        Mode::Search => Some(format!("search: {}", clean(&model.search.text))),
        Mode::Send(target, input) => Some(format!("send to {}: {}", place(model, target), clean(&input.text))),
        Mode::New(form) => {
            let (name, input) = form.fields().into_iter().nth(form.field)?;
            Some(format!("> {name:<8} {}", clean(&input.text)))
        }
        Mode::List | Mode::Help | Mode::Kill(_) => None,
    }
}

/// The column of the cursor, while something is typed.
pub(super) fn cursor(model: &Model) -> Option<u16> {
    prompt(model).map(|text| u16::try_from(text.width()).unwrap_or(u16::MAX))
}

/// The line of the cursor within the footer.
pub(super) fn cursor_line(model: &Model) -> usize {
    match &model.mode {
        Mode::New(form) => 1 + usize::from(model.servers.len() > 1) + form.field,
        Mode::Search | Mode::Send(..) | Mode::List | Mode::Help | Mode::Kill(_) => 0,
    }
}

/// `myproj/debug`, with the server where there are several.
fn place(model: &Model, target: &Target) -> String {
    let server = if model.servers.len() > 1 { format!(" on {}", model.server(&target.key)) } else { String::new() };
    clean(&format!("{}/{}{server}", target.key.shed, target.name))
}
