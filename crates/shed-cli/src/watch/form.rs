//! What is typed in the dashboard: one line, or the few that make a new session.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// The longest line that is taken, in characters; more than a screen full is not typed by hand.
const LONGEST: usize = 4000;

/// One line that is typed at its end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Input {
    /// What was typed.
    pub text: String,
}

impl Input {
    /// Takes a key; false if it is none that types.
    pub fn key(&mut self, key: KeyEvent) -> bool {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Char('u') if control => self.text.clear(),
            KeyCode::Char('w') if control => {
                let kept = self.text.trim_end().rsplit_once(' ').map_or(0, |(before, _)| before.len() + 1);
                self.text.truncate(kept);
            }
            KeyCode::Backspace => drop(self.text.pop()),
            KeyCode::Char(c) if !control && self.text.chars().count() < LONGEST => self.text.push(c),
            _ => return false,
        }
        true
    }
}

/// A new session.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Form {
    /// The server's place in the list of servers.
    pub server: usize,
    /// The shed.
    pub shed: Input,
    /// The session's name; `default` when empty.
    pub name: Input,
    /// The command; a shell when empty.
    pub command: Input,
    /// Which of the three is typed.
    pub field: usize,
}

impl Form {
    /// The names of the fields with what is in them.
    #[must_use]
    pub fn fields(&self) -> [(&'static str, &Input); 3] {
        [("shed", &self.shed), ("session", &self.name), ("command", &self.command)]
    }

    /// Takes a key; true if the form is complete.
    pub fn key(&mut self, key: KeyEvent, servers: usize) -> bool {
        match key.code {
            KeyCode::Enter if self.field == 2 => return true,
            KeyCode::Enter | KeyCode::Tab | KeyCode::Down => self.field = (self.field + 1) % 3,
            KeyCode::BackTab | KeyCode::Up => self.field = (self.field + 2) % 3,
            KeyCode::Right => self.server = (self.server + 1) % servers.max(1),
            KeyCode::Left => self.server = (self.server + servers.max(1) - 1) % servers.max(1),
            _ => {
                let field = match self.field {
                    0 => &mut self.shed,
                    1 => &mut self.name,
                    _ => &mut self.command,
                };
                field.key(key);
            }
        }
        false
    }
}
