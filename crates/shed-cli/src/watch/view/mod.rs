//! Draws the model. Everything that comes from a container or a server is made harmless first.

mod bars;
mod help;
mod preview;
mod style;
mod table;

use jiff::Timestamp;
use ratatui::{
    Frame,
    layout::{Constraint, Layout},
};

pub use self::style::Look;
use super::model::{Mode, Model};

/// Draws everything; `now` is for how long things last.
pub fn draw(frame: &mut Frame, model: &Model, look: Look, now: Timestamp) {
    let (lost, footer) = (bars::lost(model, look), bars::footer(model, look));
    let height = |lines: usize| Constraint::Length(height_of(lines));
    let (rows, preview) = if model.preview {
        // The screen has what the rows leave, and at least half.
        (Constraint::Length(height_of(model.rows().len() + 1).min(frame.area().height / 2)), Constraint::Fill(1))
    } else {
        (Constraint::Fill(1), Constraint::Length(0))
    };
    let areas = [Constraint::Length(1), rows, preview, height(lost.len()), height(footer.len())];
    let [title, table, preview, below, bottom] = Layout::vertical(areas).areas(frame.area());
    frame.render_widget(bars::title(model, look), title);
    table::draw(frame, table, model, look, now);
    if model.preview {
        preview::draw(frame, preview, model, look);
    }
    frame.render_widget(ratatui::text::Text::from(lost), below);
    if let Some(column) = bars::cursor(model) {
        let line = u16::try_from(bars::cursor_line(model)).unwrap_or(0);
        frame.set_cursor_position((bottom.x + column.min(bottom.width.saturating_sub(1)), bottom.y + line));
    }
    frame.render_widget(ratatui::text::Text::from(footer), bottom);
    if model.mode == Mode::Help {
        help::draw(frame, look);
    }
}

fn height_of(lines: usize) -> u16 {
    u16::try_from(lines).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests;
