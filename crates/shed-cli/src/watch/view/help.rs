//! The help over everything else.

use ratatui::{
    Frame,
    layout::{Constraint, Layout},
    text::Line,
    widgets::{Block, Clear, Paragraph},
};

use super::{super::keys::HELP, Look};

pub(super) fn draw(frame: &mut Frame, look: Look) {
    let lines: Vec<Line> = HELP.iter().map(|(keys, what)| Line::from(format!(" {keys:<18} {what}"))).collect();
    let height = u16::try_from(lines.len() + 2).unwrap_or(u16::MAX);
    let [_, area, _] = Layout::vertical([Constraint::Fill(1), Constraint::Max(height), Constraint::Fill(1)]).areas(frame.area());
    let [_, area, _] = Layout::horizontal([Constraint::Fill(1), Constraint::Max(70), Constraint::Fill(1)]).areas(area);
    frame.render_widget(Clear, area);
    frame.render_widget(Paragraph::new(lines).block(Block::bordered().title(" keys ").title_style(look.head())), area);
}
