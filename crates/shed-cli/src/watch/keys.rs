//! What each key does.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::{
    form::{Form, Input},
    model::{Mode, Model, Target},
};

/// What is to be done outside of the model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Nothing.
    None,
    /// End.
    Quit,
    /// Attach to the session, and come back.
    Attach(Target),
    /// End the session.
    Kill(Target),
    /// Type the text into the session, and Enter.
    Send(Target, String),
    /// Make a session.
    New(Form),
    /// Read all lists again.
    Refresh,
}

/// The rows that a page is.
const PAGE: isize = 10;

/// The keys, for the help.
pub const HELP: [(&str, &str); 15] = [
    ("Up Down PgUp PgDn", "choose a session"),
    ("Enter a", "attach to it; Ctrl-B D comes back here"),
    ("s t", "send it a line of text"),
    ("k", "kill it, after a question"),
    ("n", "make a new session"),
    ("Tab p", "show or hide its screen"),
    ("/", "search: words that a row has; Esc clears"),
    ("f", "show all, attention, running, ended"),
    ("o", "order by attention, name, since, cpu, memory"),
    ("r", "read everything again"),
    ("?", "this help"),
    ("q Esc Ctrl-C", "quit"),
    ("", ""),
    ("! ? x", "asks for permission, waits for input, failed"),
    ("● + - ~", "runs, completed, exited, server out of reach"),
];

impl Model {
    /// Takes a key.
    pub fn key(&mut self, key: KeyEvent) -> Effect {
        self.touched = true;
        if key.modifiers.contains(KeyModifiers::CONTROL) && matches!(key.code, KeyCode::Char('c')) {
            return Effect::Quit;
        }
        match std::mem::replace(&mut self.mode, Mode::List) {
            Mode::List => {
                self.note = None;
                self.list_key(key)
            }
            Mode::Help => Effect::None,
            Mode::Search => self.search_key(key),
            Mode::Kill(target) => match key.code {
                KeyCode::Char('y' | 'Y') => Effect::Kill(target),
                _ => {
                    self.tell(Ok("nothing was killed".to_owned()));
                    Effect::None
                }
            },
            Mode::Send(target, input) => self.send_key(key, target, input),
            Mode::New(form) => self.new_key(key, form),
        }
    }

    fn list_key(&mut self, key: KeyEvent) -> Effect {
        match key.code {
            KeyCode::Char('q') => return Effect::Quit,
            KeyCode::Esc if self.search.text.is_empty() => return Effect::Quit,
            KeyCode::Esc => {
                self.search = Input::default();
                self.settle();
            }
            KeyCode::Up => self.step(-1),
            KeyCode::Down => self.step(1),
            KeyCode::PageUp => self.step(-PAGE),
            KeyCode::PageDown => self.step(PAGE),
            KeyCode::Home => self.select_first(),
            KeyCode::End => self.step(isize::MAX),
            KeyCode::Char('/') => self.mode = Mode::Search,
            KeyCode::Char('?') => self.mode = Mode::Help,
            KeyCode::Tab | KeyCode::Char('p') => self.preview = !self.preview,
            KeyCode::Char('f') => {
                self.show = self.show.next();
                self.settle();
            }
            KeyCode::Char('o') => {
                self.order = self.order.next();
                self.settle();
            }
            KeyCode::Char('r') => return Effect::Refresh,
            KeyCode::Char('n') => self.begin_new(),
            KeyCode::Enter | KeyCode::Char('a') => return self.reachable().map_or(Effect::None, Effect::Attach),
            KeyCode::Char('k') => {
                if let Some(target) = self.reachable() {
                    self.mode = Mode::Kill(target);
                }
            }
            KeyCode::Char('s' | 't') => {
                if let Some(target) = self.reachable() {
                    self.mode = Mode::Send(target, Input::default());
                }
            }
            _ => {}
        }
        Effect::None
    }

    fn search_key(&mut self, key: KeyEvent) -> Effect {
        match key.code {
            KeyCode::Esc => self.search = Input::default(),
            KeyCode::Enter => {}
            // The choice can be moved while one searches.
            KeyCode::Up | KeyCode::Down => {
                self.mode = Mode::Search;
                self.step(if key.code == KeyCode::Up { -1 } else { 1 });
                return Effect::None;
            }
            _ => {
                self.search.key(key);
                self.mode = Mode::Search;
                self.select_first();
                return Effect::None;
            }
        }
        self.settle();
        Effect::None
    }

    fn send_key(&mut self, key: KeyEvent, target: Target, mut input: Input) -> Effect {
        match key.code {
            KeyCode::Esc => return Effect::None,
            KeyCode::Enter => return Effect::Send(target, input.text),
            _ => drop(input.key(key)),
        }
        self.mode = Mode::Send(target, input);
        Effect::None
    }

    fn begin_new(&mut self) {
        let mut form = Form::default();
        if let Some(key) = &self.selected {
            form.server = key.server;
            form.shed.text.clone_from(&key.shed);
            form.field = 1;
        }
        self.mode = Mode::New(form);
    }

    fn new_key(&mut self, key: KeyEvent, mut form: Form) -> Effect {
        if key.code == KeyCode::Esc {
            return Effect::None;
        }
        if !form.key(key, self.servers.len()) {
            self.mode = Mode::New(form);
            return Effect::None;
        }
        if form.shed.text.trim().is_empty() {
            self.tell(Err("a session needs a shed".to_owned()));
            form.field = 0;
            self.mode = Mode::New(form);
            return Effect::None;
        }
        Effect::New(form)
    }

    /// The selected session, if something can be done to it.
    fn reachable(&mut self) -> Option<Target> {
        let target = self.target()?;
        match self.sessions.lost(target.key.server).map(str::to_owned) {
            Some(reason) => {
                let server = self.server(&target.key).to_owned();
                self.tell(Err(format!("server `{server}` is out of reach: {reason}")));
                None
            }
            None => Some(target),
        }
    }
}
