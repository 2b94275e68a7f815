//! The task that follows one run of one shed: it keeps a guest there, and hands every list to the view.

use std::{sync::Arc, time::Duration};

use shed_core::wire::{Guest, GuestStatus};
use shed_tmux::SessionInfo;
use tokio::{sync::watch, time::Instant};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

use super::{connecting, listing};
use crate::{
    app::App,
    engine::Container,
    guest::{DialError, GuestError, Link, dial},
};

/// Before the guest is started again, the first time; twice as long each time after that.
const FIRST_PAUSE: Duration = Duration::from_millis(250);

/// The longest pause, and how often a shed without a guest is listed so that its changes are told at all: an exec is 60 ms.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// A guest that lived for that long was no failure.
const STEADY: Duration = Duration::from_secs(10);

/// So many refusals in a row and the shed is believed: other servers may put their guests into it at the same moment.
const TRIES: u32 = 3;

/// The least time between two lists of one shed, and for each event in the last one; at most so much. A guest that lists without
/// end, or makes up changes, takes no more of everybody's events than a thousand a second. An honest one takes 20 ms for a list.
const LIST_SHARE: Duration = Duration::from_millis(5);
/// See [`LIST_SHARE`].
const EVENT_SHARE: Duration = Duration::from_millis(1);
/// See [`LIST_SHARE`].
const LONGEST_SHARE: Duration = Duration::from_secs(1);

/// How often a shed that refused is tried again: someone may have mounted it anew.
const TRY_AGAIN: Duration = Duration::from_mins(10);

impl App {
    /// Follows a running container from now on, unless somebody does already.
    pub(crate) fn keep(self: &Arc<Self>, container: Container) {
        let stop = CancellationToken::new();
        let Some(run) = self.registry.begin_run(&container, stop.clone().drop_guard()) else { return };
        let app = Arc::clone(self);
        tokio::spawn(async move { stop.run_until_cancelled(app.follow_shed(container, run)).await });
    }

    /// Until the run is over, which is when this is dropped.
    async fn follow_shed(self: Arc<Self>, container: Container, run: u64) {
        let mut container = container;
        if container.started_at.is_none()
            && let Ok(found) = self.engine.inspect(&container.shed).await
            && found.id == container.id
        {
            self.registry.know_start(&found, run);
            container = found;
        }
        let (mut pause, mut refusals, mut not_before) = (FIRST_PAUSE, 0, Instant::now());
        loop {
            if Instant::now() >= not_before {
                match dial(&*self.engine, &container.id).await {
                    Ok(link) => {
                        refusals = 0;
                        let since = Instant::now();
                        let reason = self.follow_guest(&container, run, link).await;
                        tracing::debug!(shed = %container.shed, reason, "the guest is gone");
                        self.registry.set_guest(&container.shed, run, Guest { reason: Some(reason), ..connecting() }, None);
                        if since.elapsed() >= STEADY {
                            pause = FIRST_PAUSE;
                        }
                    }
                    Err(DialError::Unusable(reason)) => {
                        refusals += 1;
                        let given_up = refusals >= TRIES;
                        if given_up {
                            tracing::info!(shed = %container.shed, reason, "no guest in this shed: each command is one exec");
                            not_before = Instant::now() + TRY_AGAIN;
                            pause = LONGEST_PAUSE;
                        }
                        let status = if given_up { GuestStatus::Unavailable } else { GuestStatus::Connecting };
                        self.registry.set_guest(&container.shed, run, Guest { status, reason: Some(reason), version: None }, None);
                    }
                    Err(error @ (DialError::Missing | DialError::Engine(_))) => {
                        let reason = Some(error.to_string());
                        self.registry.set_guest(&container.shed, run, Guest { reason, ..connecting() }, None);
                    }
                }
            }
            self.restore_sessions(&container).await;
            if let Err(error) = self.list_by_exec(&container).await {
                tracing::debug!(%error, shed = %container.shed, "no list");
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Takes the guest's lists until it is gone; answers with the reason.
    async fn follow_guest(self: &Arc<Self>, container: &Container, run: u64, link: Link) -> String {
        let version: String = link.hello.version.chars().filter(char::is_ascii_graphic).take(40).collect();
        let connected = Guest { status: GuestStatus::Connected, reason: None, version: Some(version) };
        if !self.registry.set_guest(&container.shed, run, connected, Some(link.client.clone())) {
            return "the run is over".to_owned();
        }
        // What comes back from the last run is there before anyone is told what is there.
        self.restore_sessions(container).await;
        let (latest, noted) = watch::channel(Vec::new());
        let (app, of) = (Arc::clone(self), container.clone());
        let _notes = AbortOnDropHandle::new(tokio::spawn(async move { app.note_down(&of, noted).await }));
        match self.take_lists(container, &link, &latest).await {
            Ok(()) => "it ended".to_owned(),
            Err(error) => error.to_string(),
        }
    }

    async fn take_lists(&self, container: &Container, link: &Link, latest: &watch::Sender<Vec<SessionInfo>>) -> Result<(), GuestError> {
        let mut lists = link.client.watch().await?;
        while let Some((head, body)) = lists.next().await? {
            match listing::read(&head, &body) {
                Ok(infos) => {
                    let began = Instant::now();
                    let (_, events) = self.take_list(container, &link.client, head.seq, &infos);
                    latest.send_replace(infos);
                    // What a shed tells faster than this waits in its own connection.
                    let share = EVENT_SHARE.saturating_mul(u32::try_from(events).unwrap_or(u32::MAX)).clamp(LIST_SHARE, LONGEST_SHARE);
                    tokio::time::sleep_until(began + share).await;
                }
                Err(reason) => {
                    tracing::debug!(shed = %container.shed, reason, "no list");
                    self.registry.forget_list(container);
                }
            }
        }
        Ok(())
    }

    /// Writes down what was listed for the next run of the container: the newest list, as fast as that goes, without
    /// holding up those who are told of it.
    async fn note_down(&self, container: &Container, mut lists: watch::Receiver<Vec<SessionInfo>>) {
        while lists.changed().await.is_ok() {
            let infos = lists.borrow_and_update().clone();
            self.remember(container, &infos).await;
        }
    }
}
