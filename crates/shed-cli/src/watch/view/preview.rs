//! The selected session's screen.

use ratatui::{
    Frame,
    layout::Rect,
    text::{Line, Text},
    widgets::{Block, Borders, Paragraph},
};

use super::{super::model::Model, Look};
use crate::output::clean;

pub(super) fn draw(frame: &mut Frame, area: Rect, model: &Model, look: Look) {
    let name = model.target().map_or_else(String::new, |target| format!(" {}/{} ", target.key.shed, target.name));
    let block = Block::new().borders(Borders::TOP).title(clean(&name)).border_style(look.faint());
    let inner = block.inner(area);
    let text = match &model.screen {
        None => Text::from(if model.selected.is_some() { "…" } else { "" }),
        Some((_, Err(reason))) => Text::styled(clean(reason), look.bad()),
        Some((_, Ok(screen))) => end_of(screen, usize::from(inner.height)),
    };
    frame.render_widget(Paragraph::new(text).block(block), area);
}

/// The last lines: what is new stands below, and the empty rows under it say nothing.
fn end_of(screen: &str, height: usize) -> Text<'static> {
    let lines: Vec<&str> = screen.trim_end().lines().collect();
    let from = lines.len().saturating_sub(height);
    lines.into_iter().skip(from).map(|line| Line::from(clean(line))).collect()
}
