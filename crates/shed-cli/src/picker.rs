//! The inline fuzzy picker: a few lines under the prompt, gone when the choice is made.

use std::io;

use nucleo_matcher::{
    Config, Matcher,
    pattern::{CaseMatching, Normalization, Pattern},
};
use ratatui::{
    Frame, Terminal, TerminalOptions, Viewport,
    backend::CrosstermBackend,
    crossterm::{
        event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers},
        terminal::{disable_raw_mode, enable_raw_mode},
    },
    layout::{Constraint, Layout},
    style::{Modifier, Style},
    text::Line,
    widgets::{List, ListItem, ListState, Paragraph},
};

use crate::{Failure, output::clean};

/// The most candidates that are shown at once; a terminal of 24 lines keeps its context.
const MAX_SHOWN: usize = 10;

/// The exit code of a choice that was given up, as after Ctrl-C.
const GIVEN_UP: u8 = 130;

/// What a key did.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Goes(bool),
    Chosen(usize),
    GivenUp,
}

/// The choice under way, apart from any terminal.
#[derive(Debug)]
struct Choice<'a> {
    question: &'a str,
    labels: &'a [String],
    typed: String,
    fitting: Vec<usize>,
    selected: usize,
}

impl<'a> Choice<'a> {
    fn new(question: &'a str, labels: &'a [String], typed: &str) -> Self {
        let mut choice = Self { question, labels, typed: typed.to_owned(), fitting: Vec::new(), selected: 0 };
        choice.rank();
        choice
    }

    /// Best first; candidates of the same rank keep their order.
    fn rank(&mut self) {
        let mut matcher = Matcher::new(Config::DEFAULT.match_paths());
        let pattern = Pattern::parse(&self.typed, CaseMatching::Smart, Normalization::Smart);
        let mut buffer = Vec::new();
        let mut scored: Vec<(u32, usize)> = Vec::new();
        for (index, label) in self.labels.iter().enumerate() {
            if let Some(score) = pattern.score(nucleo_matcher::Utf32Str::new(label, &mut buffer), &mut matcher) {
                scored.push((score, index));
            }
        }
        scored.sort_by_key(|(score, index)| (std::cmp::Reverse(*score), *index));
        self.fitting = scored.into_iter().map(|(_, index)| index).collect();
        self.selected = 0;
    }

    fn key(&mut self, key: KeyEvent) -> Outcome {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        let last = self.fitting.len().saturating_sub(1);
        match key.code {
            KeyCode::Esc => return Outcome::GivenUp,
            KeyCode::Char('c' | 'd' | 'g') if control => return Outcome::GivenUp,
            KeyCode::Enter => return self.fitting.get(self.selected).map_or(Outcome::Goes(false), |index| Outcome::Chosen(*index)),
            KeyCode::Up | KeyCode::BackTab => self.selected = self.selected.saturating_sub(1),
            KeyCode::Down | KeyCode::Tab => self.selected = (self.selected + 1).min(last),
            KeyCode::Char('p' | 'k') if control => self.selected = self.selected.saturating_sub(1),
            KeyCode::Char('n' | 'j') if control => self.selected = (self.selected + 1).min(last),
            KeyCode::Char('u') if control => {
                self.typed.clear();
                self.rank();
            }
            KeyCode::Backspace => {
                self.typed.pop();
                self.rank();
            }
            KeyCode::Char(c) if !control => {
                self.typed.push(c);
                self.rank();
            }
            _ => return Outcome::Goes(false),
        }
        Outcome::Goes(true)
    }

    fn draw(&self, frame: &mut Frame) {
        let [prompt, list] = Layout::vertical([Constraint::Length(1), Constraint::Min(0)]).areas(frame.area());
        let line = format!("{} {}  {}/{}", self.question, self.typed, self.fitting.len(), self.labels.len());
        frame.render_widget(Paragraph::new(clean(&line)), prompt);
        let items = self.fitting.iter().filter_map(|index| self.labels.get(*index)).map(|label| ListItem::new(Line::from(clean(label))));
        let list_widget = List::new(items).highlight_symbol("> ").highlight_style(Style::new().add_modifier(Modifier::BOLD));
        let mut state = ListState::default().with_selected(Some(self.selected).filter(|_| !self.fitting.is_empty()));
        frame.render_stateful_widget(list_widget, list, &mut state);
        let before: usize = unicode_width::UnicodeWidthStr::width(format!("{} {}", self.question, self.typed).as_str());
        frame.set_cursor_position((prompt.x + u16::try_from(before).unwrap_or(0).min(prompt.width.saturating_sub(1)), prompt.y));
    }
}

/// Raw mode for as long as it lives, also through an error.
struct RawMode;

impl RawMode {
    fn enter() -> io::Result<Self> {
        enable_raw_mode().map(|()| Self)
    }
}

impl Drop for RawMode {
    fn drop(&mut self) {
        let _gone = disable_raw_mode();
    }
}

/// Lets the person choose one of `labels`; `typed` is where the search starts.
///
/// # Errors
/// A silent [`Failure`] with exit code 130 if the choice is given up.
pub fn pick(question: &str, labels: &[String], typed: &str) -> Result<usize, Failure> {
    let height = u16::try_from(labels.len().min(MAX_SHOWN) + 1).unwrap_or(1);
    let mut choice = Choice::new(question, labels, typed);
    let raw = RawMode::enter()?;
    let backend = CrosstermBackend::new(io::stderr());
    let mut terminal = Terminal::with_options(backend, TerminalOptions { viewport: Viewport::Inline(height) })?;
    let outcome = loop {
        terminal.draw(|frame| choice.draw(frame))?;
        let outcome = match event::read()? {
            Event::Key(key) if key.kind != KeyEventKind::Release => choice.key(key),
            _ => Outcome::Goes(false),
        };
        if !matches!(outcome, Outcome::Goes(_)) {
            break outcome;
        }
    };
    terminal.clear()?;
    terminal.show_cursor()?;
    drop(raw);
    match outcome {
        Outcome::Chosen(index) => Ok(index),
        Outcome::GivenUp | Outcome::Goes(_) => Err(Failure::silent(GIVEN_UP)),
    }
}

#[cfg(test)]
mod tests {
    use ratatui::backend::TestBackend;

    use super::*;

    fn press(choice: &mut Choice, code: KeyCode) -> Outcome {
        choice.key(KeyEvent::new(code, KeyModifiers::NONE))
    }

    fn labels() -> Vec<String> {
        ["myproj/default", "myproj/debug", "backend/default", "odd\u{1b}[31m/x"].map(str::to_owned).to_vec()
    }

    #[test]
    fn typing_narrows_and_enter_chooses() {
        let labels = labels();
        let mut choice = Choice::new("which session?", &labels, "");
        assert_eq!(choice.fitting, [0, 1, 2, 3]);
        for c in "mydbg".chars() {
            press(&mut choice, KeyCode::Char(c));
        }
        assert_eq!(press(&mut choice, KeyCode::Enter), Outcome::Chosen(1));
        for c in "zzz".chars() {
            press(&mut choice, KeyCode::Char(c));
        }
        assert_eq!(press(&mut choice, KeyCode::Enter), Outcome::Goes(false), "nothing fits, nothing is chosen");
        choice.key(KeyEvent::new(KeyCode::Char('u'), KeyModifiers::CONTROL));
        press(&mut choice, KeyCode::Down);
        press(&mut choice, KeyCode::Down);
        press(&mut choice, KeyCode::Up);
        assert_eq!(press(&mut choice, KeyCode::Enter), Outcome::Chosen(1));
        assert_eq!(press(&mut choice, KeyCode::Esc), Outcome::GivenUp);
    }

    #[test]
    fn it_is_drawn_without_escape_sequences_of_others() {
        let labels = labels();
        let mut choice = Choice::new("which session?", &labels, "");
        press(&mut choice, KeyCode::Down);
        let mut terminal = Terminal::new(TestBackend::new(40, 5)).unwrap();
        terminal.draw(|frame| choice.draw(frame)).unwrap();
        insta::assert_snapshot!(terminal.backend(), @r#"
        "which session?   4/4                    "
        "  myproj/default                        "
        "> myproj/debug                          "
        "  backend/default                       "
        "  odd\u{1b}[31m/x                       "
        "#);
    }
}
