//! What the dashboard knows and shows, apart from any terminal.

use shed_core::wire::{Session, SessionList};

use super::{
    form::{Form, Input},
    rows::{Order, Show},
};
use crate::live::{Key, Sessions, Update};

/// The dashboard's state.
#[derive(Debug)]
pub struct Model {
    /// The servers' names.
    pub servers: Vec<String>,
    /// The sessions.
    pub sessions: Sessions,
    /// The row that keys are about.
    pub selected: Option<Key>,
    /// What a row's text must have in it.
    pub search: Input,
    /// Which sessions are shown.
    pub show: Show,
    /// In which order.
    pub order: Order,
    /// Whether the selected session's screen is shown.
    pub preview: bool,
    /// That screen, or why there is none.
    pub screen: Option<(Key, Result<String, String>)>,
    /// What keys do right now.
    pub mode: Mode,
    /// The last thing that was done, or why not.
    pub note: Option<Note>,
    /// Where the selected row was, for when it is gone.
    at: usize,
    /// Until the first key the top row is selected, whichever it is.
    pub(super) touched: bool,
}

/// What keys do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mode {
    /// Move and act.
    List,
    /// Type what is searched.
    Search,
    /// Read the help.
    Help,
    /// Confirm that this session is to be ended.
    Kill(Target),
    /// Type what is sent to this session.
    Send(Target, Input),
    /// Fill in what a new session is to be.
    New(Form),
}

/// A session that something is to be done to. It stays this one, whatever moves in the list meanwhile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Which one.
    pub key: Key,
    /// What it was called when it was chosen.
    pub name: String,
}

/// Something to tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The text.
    pub text: String,
    /// Whether it is about something that failed.
    pub bad: bool,
}

impl Model {
    /// A dashboard of these servers, about which nothing is known yet.
    #[must_use]
    pub fn new(servers: Vec<String>) -> Self {
        Self {
            servers,
            sessions: Sessions::default(),
            selected: None,
            search: Input::default(),
            show: Show::default(),
            order: Order::default(),
            preview: false,
            screen: None,
            mode: Mode::List,
            note: None,
            at: 0,
            touched: false,
        }
    }

    /// Takes in what happened on a server.
    pub fn apply(&mut self, update: Update) {
        if self.sessions.apply(update) {
            self.settle();
        }
    }

    /// Takes in what the sessions of a server use.
    pub fn resources(&mut self, server: usize, list: &SessionList) {
        self.sessions.resources(server, list);
        self.settle();
    }

    /// Takes in a screen, unless another session is selected by now.
    pub fn take_screen(&mut self, key: Key, text: Result<String, String>) {
        if self.selected.as_ref() == Some(&key) {
            self.screen = Some((key, text));
        }
    }

    /// Tells something.
    pub fn tell(&mut self, said: Result<String, String>) {
        let bad = said.is_err();
        let (Ok(text) | Err(text)) = said;
        self.note = Some(Note { text, bad });
    }

    /// The rows that are shown, in their order.
    #[must_use]
    pub fn rows(&self) -> Vec<(&Key, &Session)> {
        let words = self.search.text.to_lowercase();
        let mut rows: Vec<_> =
            self.sessions.iter().filter(|(key, session)| self.show.fits(session) && self.has(key, session, &words)).collect();
        self.order.sort(&mut rows);
        rows
    }

    /// Whether every word is somewhere in the row.
    fn has(&self, key: &Key, session: &Session, words: &str) -> bool {
        if words.is_empty() {
            return true;
        }
        let parts = [
            self.server(key),
            &session.shed_name,
            &session.name,
            session.status.as_str(),
            session.status_detail.as_deref().unwrap_or_default(),
            session.agent.as_deref().unwrap_or_default(),
            session.command.as_deref().unwrap_or_default(),
        ];
        let text = parts.join("\n").to_lowercase();
        words.split_whitespace().all(|word| text.contains(word))
    }

    /// The name of the server that a session is on.
    #[must_use]
    pub fn server(&self, key: &Key) -> &str {
        self.servers.get(key.server).map_or("", String::as_str)
    }

    /// The selected session.
    #[must_use]
    pub fn target(&self) -> Option<Target> {
        let key = self.selected.clone()?;
        let name = self.sessions.get(&key)?.name.clone();
        Some(Target { key, name })
    }

    /// The place of the selected row.
    #[must_use]
    pub fn position(&self) -> Option<usize> {
        let rows = self.rows();
        rows.iter().position(|(key, _)| Some(*key) == self.selected.as_ref())
    }

    /// Selects the row `by` places further down.
    pub(super) fn step(&mut self, by: isize) {
        self.at = self.at.saturating_add_signed(by);
        self.select();
    }

    /// Selects the row at `self.at`, or the last one.
    pub(super) fn select(&mut self) {
        let rows = self.rows();
        let last = rows.len().saturating_sub(1);
        let at = self.at.min(last);
        let selected = rows.get(at).map(|(key, _)| (*key).clone());
        self.at = at;
        self.selected = selected;
        if self.screen.as_ref().map(|(key, _)| key) != self.selected.as_ref() {
            self.screen = None;
        }
    }

    /// Selects the first row.
    pub(super) fn select_first(&mut self) {
        self.at = 0;
        self.select();
    }

    /// After anything changed: the same session stays selected, or if it is gone, the one that is now in its place.
    pub(super) fn settle(&mut self) {
        match self.position() {
            Some(at) if self.touched => self.at = at,
            _ if self.touched => self.select(),
            _ => self.select_first(),
        }
    }
}
