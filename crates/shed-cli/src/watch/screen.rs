//! The terminal as the dashboard has it, given back on every way out.

use std::{
    io::{self, Stdout, Write},
    sync::Once,
};

use crossterm::{
    cursor::Show,
    execute,
    terminal::{Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode},
};
use ratatui::{Terminal, backend::CrosstermBackend};

/// The terminal in raw mode with its alternate screen, for as long as this lives.
pub(super) struct Screen {
    /// What is drawn on.
    pub terminal: Terminal<CrosstermBackend<Stdout>>,
}

impl Screen {
    /// Takes the terminal.
    pub(super) fn enter() -> io::Result<Self> {
        static HOOK: Once = Once::new();
        HOOK.call_once(|| {
            let before = std::panic::take_hook();
            // What a panic says would be lost with the alternate screen.
            std::panic::set_hook(Box::new(move |panic| {
                give_back();
                before(panic);
            }));
        });
        enable_raw_mode()?;
        // From here on, dropping gives back what was taken so far.
        let taken = Taken;
        // Not `Terminal::clear`, which asks the terminal for its cursor and waits for an answer on standard input.
        execute!(io::stdout(), EnterAlternateScreen, Clear(ClearType::All))?;
        let terminal = Terminal::new(CrosstermBackend::new(io::stdout()))?;
        std::mem::forget(taken);
        Ok(Self { terminal })
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

struct Taken;

impl Drop for Taken {
    fn drop(&mut self) {
        give_back();
    }
}

/// That the terminal is gone is no reason to fail here.
fn give_back() {
    let _gone = disable_raw_mode();
    let _gone = execute!(io::stdout(), LeaveAlternateScreen, Show);
    let _gone = io::stdout().flush();
}
