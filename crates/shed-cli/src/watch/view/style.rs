//! The few styles. Without colour, markers and words say the same.

use ratatui::style::{Color, Modifier, Style};
use shed_core::wire::SessionStatus;

/// Whether colours are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// Whether they are.
    pub colour: bool,
}

impl Look {
    fn coloured(self, style: Style, colour: Color) -> Style {
        if self.colour { style.fg(colour) } else { style }
    }

    /// Headings and the title.
    pub fn head(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// What is of less interest.
    pub fn faint(self) -> Style {
        self.coloured(Style::new().add_modifier(Modifier::DIM), Color::Gray)
    }

    /// What went wrong.
    pub fn bad(self) -> Style {
        self.coloured(Style::new().add_modifier(Modifier::BOLD), Color::Red)
    }

    /// The selected row.
    pub fn selected(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    /// A row by its status; `lost` if its server is out of reach, so that nobody knows.
    pub fn row(self, status: SessionStatus, lost: bool) -> Style {
        if lost {
            return self.coloured(Style::new().add_modifier(Modifier::DIM), Color::DarkGray);
        }
        match status {
            SessionStatus::WaitingPermission | SessionStatus::WaitingInput => {
                self.coloured(Style::new().add_modifier(Modifier::BOLD), Color::Yellow)
            }
            SessionStatus::Failed => self.coloured(Style::new(), Color::Red),
            SessionStatus::Running | SessionStatus::Unknown => Style::new(),
            SessionStatus::Completed => self.coloured(Style::new(), Color::Green),
            SessionStatus::Exited => self.faint(),
        }
    }
}
