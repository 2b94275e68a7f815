//! The loop: keys, updates and results in, a screen out.

use std::time::Duration;

use crossterm::event::{Event, EventStream, KeyEventKind};
use futures_util::StreamExt;
use jiff::Timestamp;
use shed_core::ShedName;
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    time::{Interval, MissedTickBehavior, interval},
};

use super::{
    keys::Effect,
    model::{Model, Target},
    screen::Screen,
    view::{self, Look},
    work::{Done, Work, is_about},
};
use crate::{Context, Failure, commands, context::Remote, live::Live, locate};

/// How often it is drawn while nothing happens, so that "since" is right.
const TICK: Duration = Duration::from_secs(1);

/// Updates that are taken in before the next drawing, so that a burst is drawn once and keys are still heard.
const AT_ONCE: usize = 256;

/// Exit codes of commands that were ended by these signals.
const TERMINATED: u8 = 143;
const HUNG_UP: u8 = 129;
const INTERRUPTED: u8 = 130;

/// Shows the dashboard of these servers until it is left.
///
/// # Errors
/// A [`Failure`] if the terminal can't be used.
pub async fn run(context: &Context, remotes: Vec<Remote>, look: Look) -> Result<u8, Failure> {
    let names = remotes.iter().map(|remote| remote.name.clone()).collect();
    let mut dashboard = Dashboard {
        context,
        model: Model::new(names),
        live: Live::follow(&remotes),
        work: Work::new(remotes),
        tick: every(TICK),
        signals: Signals::new()?,
        look,
    };
    loop {
        match dashboard.show().await? {
            Left::Ended(code) => return Ok(code),
            Left::ToAttach(target) => dashboard.attach(&target).await?,
        }
    }
}

fn every(time: Duration) -> Interval {
    let mut interval = interval(time);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    interval
}

/// Why the screen was left.
enum Left {
    Ended(u8),
    ToAttach(Target),
}

struct Dashboard<'a> {
    context: &'a Context,
    model: Model,
    live: Live,
    work: Work,
    tick: Interval,
    signals: Signals,
    look: Look,
}

impl Dashboard<'_> {
    /// Has the terminal until something else needs it.
    async fn show(&mut self) -> Result<Left, Failure> {
        let mut screen = Screen::enter()?;
        let mut events = EventStream::new();
        loop {
            screen.terminal.draw(|frame| view::draw(frame, &self.model, self.look, Timestamp::now()))?;
            let mut news = false;
            tokio::select! {
                event = events.next() => match event {
                    Some(Ok(Event::Key(key))) if key.kind != KeyEventKind::Release => match self.model.key(key) {
                        Effect::None => {}
                        Effect::Quit => return Ok(Left::Ended(0)),
                        Effect::Attach(target) => return Ok(Left::ToAttach(target)),
                        Effect::Refresh => {
                            self.live = Live::follow(&self.work.remotes);
                            self.model.tell(Ok("reading everything again".to_owned()));
                        }
                        effect @ (Effect::Kill(_) | Effect::Send(..) | Effect::New(_)) => self.work.begin(effect),
                    },
                    // A resize is drawn like everything else.
                    Some(Ok(_)) => {}
                    // The terminal is gone.
                    Some(Err(_)) | None => return Ok(Left::Ended(HUNG_UP)),
                },
                update = self.live.next() => {
                    let mut next = Some(update);
                    for _ in 0..AT_ONCE {
                        let Some(update) = next else { break };
                        news |= is_about(&update, self.model.selected.as_ref());
                        self.model.apply(update);
                        next = self.live.ready();
                    }
                },
                done = self.work.next() => match done {
                    Done::Said(said) => self.model.tell(said),
                    Done::Screen(key, text) => self.model.take_screen(key, text),
                    Done::Used(server, list) => if let Some(list) = list { self.model.resources(server, &list) },
                },
                _ = self.tick.tick() => {}
                code = self.signals.next() => return Ok(Left::Ended(code)),
            }
            self.work.look(&self.model, news);
        }
    }

    /// Attaches as `shed attach` does, and keeps up with what happens meanwhile.
    async fn attach(&mut self, target: &Target) -> Result<(), Failure> {
        let Some(remote) = self.work.remotes.get(target.key.server) else { return Ok(()) };
        let attached = async {
            let shed = ShedName::new(target.key.shed.as_str())?;
            let session = locate::session_ref(&target.name)?;
            commands::attach_to(self.context, remote, &shed, &session, true).await
        };
        let mut attached = std::pin::pin!(attached);
        let result = loop {
            tokio::select! {
                result = &mut attached => break result,
                update = self.live.next() => self.model.apply(update),
            }
        };
        match result {
            Ok(0) => self.model.note = None,
            Ok(code) => self.model.tell(Err(format!("attaching to `{}` ended with exit code {code}", target.name))),
            // Whoever ends us while ssh runs means us.
            Err(failure) if matches!(failure.code, TERMINATED | HUNG_UP) => return Err(failure),
            Err(failure) if failure.message.is_empty() => self.model.tell(Ok("back again".to_owned())),
            Err(failure) => self.model.tell(Err(failure.message)),
        }
        Ok(())
    }
}

/// The signals that end the dashboard. Attaching catches them too, and tokio keeps them caught.
struct Signals {
    terminate: Signal,
    hangup: Signal,
    interrupt: Signal,
}

impl Signals {
    fn new() -> Result<Self, Failure> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn next(&mut self) -> u8 {
        tokio::select! {
            _ = self.terminate.recv() => TERMINATED,
            _ = self.hangup.recv() => HUNG_UP,
            _ = self.interrupt.recv() => INTERRUPTED,
        }
    }
}
