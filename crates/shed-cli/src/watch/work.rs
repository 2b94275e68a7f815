//! What is asked of servers while the dashboard goes on: each piece in a task of its own, whose result comes back.

use std::time::Duration;

use shed_client::{Client, ClientError, SessionQuery};
use shed_core::wire::{CreateSession, ScreenFormat, SendKeys, SessionList};
use tokio::{task::JoinSet, time::Instant};

use super::{
    form::Form,
    keys::Effect,
    model::{Model, Target},
};
use crate::{
    context::Remote,
    live::{Key, Update, What},
    output,
};

/// How often the shown screen is read at most, when events come.
const SCREEN_GAP: Duration = Duration::from_millis(200);

/// How often a screen is read that is shown while no events come.
const SCREEN_EVERY: Duration = Duration::from_secs(1);

/// How often is asked what sessions use. The server reads it from every shed.
const USED_EVERY: Duration = Duration::from_secs(5);

/// The result of a piece of work.
#[derive(Debug)]
pub(super) enum Done {
    /// Something to tell.
    Said(Result<String, String>),
    /// A screen.
    Screen(Key, Result<String, String>),
    /// What the sessions of a server use; nothing from one that doesn't know.
    Used(usize, Option<SessionList>),
}

/// Work under way.
#[derive(Debug)]
pub(super) struct Work {
    pub(super) remotes: Vec<Remote>,
    pub(super) tasks: JoinSet<Done>,
    /// The session whose screen is being read.
    reading: bool,
    /// The session whose screen was read last, and when.
    read: Option<(Key, Instant)>,
    /// Servers that are being asked what sessions use.
    asking: usize,
    asked: Option<Instant>,
}

impl Work {
    pub(super) fn new(remotes: Vec<Remote>) -> Self {
        Self { remotes, tasks: JoinSet::new(), reading: false, read: None, asking: 0, asked: None }
    }

    /// The next result; waits for ever if there is no work.
    pub(super) async fn next(&mut self) -> Done {
        loop {
            match self.tasks.join_next().await {
                Some(Ok(done)) => {
                    match &done {
                        Done::Screen(..) => self.reading = false,
                        Done::Used(..) => self.asking = self.asking.saturating_sub(1),
                        Done::Said(_) => {}
                    }
                    return done;
                }
                // A task that panicked has said so.
                Some(Err(_)) => (self.reading, self.asking) = (false, 0),
                None => std::future::pending().await,
            }
        }
    }

    /// Begins what has become due; `news` if the selected session has just changed.
    pub(super) fn look(&mut self, model: &Model, news: bool) {
        self.look_at_screen(model, news);
        if self.asking == 0 && self.asked.is_none_or(|asked| asked.elapsed() >= USED_EVERY) {
            self.asked = Some(Instant::now());
            for (server, remote) in self.remotes.iter().enumerate() {
                if model.sessions.lost(server).is_none() && model.sessions.iter().any(|(key, _)| key.server == server) {
                    self.asking += 1;
                    self.tasks.spawn(used(server, remote.clone()));
                }
            }
        }
    }

    fn look_at_screen(&mut self, model: &Model, news: bool) {
        let Some(target) = model.target().filter(|_| model.preview && !self.reading) else { return };
        let gap = if news { SCREEN_GAP } else { SCREEN_EVERY };
        if self.read.as_ref().is_some_and(|(key, at)| *key == target.key && at.elapsed() < gap) {
            return;
        }
        let Some(client) = self.client(target.key.server) else { return };
        (self.reading, self.read) = (true, Some((target.key.clone(), Instant::now())));
        self.tasks.spawn(async move {
            let screen = client.screen(&target.key.shed, &target.name, ScreenFormat::Text, 0).await;
            Done::Screen(target.key, screen.map_err(|error| error.to_string()))
        });
    }

    /// Begins what a key asked for, if it is a question to a server.
    pub(super) fn begin(&mut self, effect: Effect) {
        let place = match &effect {
            Effect::Kill(target) | Effect::Send(target, _) => target.key.server,
            Effect::New(form) => form.server,
            Effect::None | Effect::Quit | Effect::Attach(_) | Effect::Refresh => return,
        };
        let Some(client) = self.client(place) else { return };
        self.tasks.spawn(async move {
            let said = match effect {
                Effect::Kill(target) => kill(&client, &target).await,
                Effect::Send(target, text) => send(&client, &target, text).await,
                Effect::New(form) => new(&client, form).await,
                Effect::None | Effect::Quit | Effect::Attach(_) | Effect::Refresh => Ok(String::new()),
            };
            Done::Said(said.map_err(|error| format!("{error}{}", error.hint().map_or_else(String::new, |hint| format!(" ({hint})")))))
        });
    }

    /// A client that does not wait for long. Its servers were reached before, so that it can't be made does not happen.
    fn client(&self, server: usize) -> Option<Client> {
        self.remotes.get(server)?.asking().ok()
    }
}

/// Whether an update is about the selected session.
pub(super) fn is_about(update: &Update, selected: Option<&Key>) -> bool {
    let Some(key) = selected.filter(|key| key.server == update.server) else { return false };
    match &update.what {
        What::Event(event) => event.session.as_ref().is_some_and(|session| session.id == key.id && session.shed_name == key.shed),
        What::All(_) => true,
        What::Back | What::Lost(_) => false,
    }
}

async fn used(server: usize, remote: Remote) -> Done {
    let query = SessionQuery { resources: true, ..SessionQuery::default() };
    let list = match remote.asking() {
        Ok(client) => client.list_all_sessions(&query).await.ok(),
        Err(_) => None,
    };
    Done::Used(server, list)
}

/// Ends the session if it still is the one that was chosen: another one may have its name by now.
async fn kill(client: &Client, target: &Target) -> Result<String, ClientError> {
    let (shed, name) = (&target.key.shed, &target.name);
    if client.session(shed, name).await?.id != target.key.id {
        return Ok(format!("session `{name}` in shed `{shed}` is another one by now; nothing was killed"));
    }
    client.kill_session(shed, name).await?;
    Ok(format!("session `{name}` in shed `{shed}` is ended"))
}

async fn send(client: &Client, target: &Target, text: String) -> Result<String, ClientError> {
    let (shed, name) = (&target.key.shed, &target.name);
    let keys = SendKeys { text: Some(text).filter(|text| !text.is_empty()), keys: vec!["Enter".to_owned()] };
    client.send_keys(shed, name, &keys).await?;
    Ok(format!("sent to session `{name}` in shed `{shed}`"))
}

async fn new(client: &Client, form: Form) -> Result<String, ClientError> {
    let given = |text: String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let request = CreateSession { name: given(form.name.text), command: given(form.command.text), ..CreateSession::default() };
    let session = client.create_session(form.shed.text.trim(), &request).await?;
    Ok(format!("session `{}` runs in shed `{}`", output::clean(&session.name), session.shed_name))
}
