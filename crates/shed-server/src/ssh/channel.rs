//! One channel: from `shell`, `exec` or `subsystem` to the exit status.

use std::sync::Arc;

use russh::{
    ChannelWriteHalf,
    server::{ChannelOpenHandle, Msg},
};
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::task::AbortOnDropHandle;

use super::{
    client::{Client, Gone},
    env::Environment,
    forward::Forward,
    login::{Login, Request, SESSION_VARIABLE},
    pump::{self, Broken, Inlet},
    stdin,
    terminal::Terminal,
};
use crate::{
    Error,
    app::App,
    engine::{Container, Exec, Signal, WindowSize},
    sessions::Opening,
};

/// Signals that wait for their turn; a client that sends more than these faster than they can be delivered loses some.
const SIGNALS: usize = 16;

/// A channel that has not said yet what it wants.
pub(super) struct Waiting {
    /// The way to the client.
    pub(super) out: ChannelWriteHalf<Msg>,
    /// What the client has sent of its environment.
    pub(super) env: Environment,
    /// The terminal it has asked for.
    pub(super) terminal: Option<Terminal>,
}

/// A channel whose process is being started or runs. Dropping it ends the process.
pub(super) struct Running {
    /// None after the client's end of file.
    pub(super) stdin: Option<stdin::Sender>,
    /// The terminal's size.
    pub(super) sizes: watch::Sender<WindowSize>,
    /// Signals for the process.
    pub(super) signals: mpsc::Sender<Signal>,
    task: AbortOnDropHandle<()>,
}

impl Running {
    /// A connection to a port of the shed.
    pub(super) fn forward(forward: Forward, reply: ChannelOpenHandle, flow: &Arc<super::flow::Flow>) -> Self {
        let (stdin_sender, stdin) = stdin::queue(Arc::clone(flow));
        // A connection has no size and gets no signals.
        let (sizes, _) = watch::channel(WindowSize { cols: 80, rows: 24 });
        let (signals, _) = mpsc::channel(1);
        let task = AbortOnDropHandle::new(tokio::spawn(forward.run(reply, stdin)));
        Self { stdin: Some(stdin_sender), sizes, signals, task }
    }

    /// Whether everything has been sent to the client.
    pub(super) fn is_finished(&self) -> bool {
        self.task.is_finished()
    }
}

/// What a connection's channels have in common.
pub(super) struct Common<'a> {
    /// The use cases.
    pub(super) app: &'a Arc<App>,
    /// The user name.
    pub(super) user: &'a str,
    /// Holds the client back.
    pub(super) flow: &'a Arc<super::flow::Flow>,
    /// The connection.
    pub(super) handle: russh::server::Handle,
}

impl Waiting {
    /// Starts the channel's task.
    pub(super) fn start(self, request: Request, common: Common<'_>) -> Running {
        let Self { out, env, terminal } = self;
        let (stdin_sender, stdin) = stdin::queue(Arc::clone(common.flow));
        let (size_sender, sizes) = watch::channel(terminal.as_ref().map_or(WindowSize { cols: 80, rows: 24 }, |terminal| terminal.size));
        let (signal_sender, signals) = mpsc::channel(SIGNALS);
        let client = Client::new(out, common.handle, terminal.is_some());
        let inlet = Inlet { stdin, sizes, signals, has_terminal: terminal.is_some() };
        let job = Job { app: Arc::clone(common.app), user: common.user.to_owned(), request, env, terminal, client };
        let task = AbortOnDropHandle::new(tokio::spawn(job.run(inlet)));
        Running { stdin: Some(stdin_sender), sizes: size_sender, signals: signal_sender, task }
    }
}

/// The task of one channel.
struct Job {
    app: Arc<App>,
    user: String,
    request: Request,
    env: Environment,
    terminal: Option<Terminal>,
    client: Client,
}

impl Job {
    async fn run(mut self, mut inlet: Inlet) {
        let result = match self.open(&mut inlet).await {
            Ok(exec) => {
                let ended = pump::run(exec, inlet, &self.client).await;
                // Who detaches and asks what runs gets the answer of after that.
                if let Ok(login) = Login::parse(&self.user) {
                    self.app.refresh(&login.shed).await;
                }
                ended
            }
            Err(broken) => Err(broken),
        };
        let said = match result {
            Ok(code) => self.client.exited(code).await,
            Err(Broken::Engine(error)) => {
                tracing::info!(user = self.user, code = error.code.as_str(), %error, source = error.source.as_ref().map(tracing::field::display), "refused over SSH");
                self.client.fail(&error).await
            }
            Err(Broken::Gone) => Err(Gone),
        };
        if said.is_err() {
            tracing::debug!(user = self.user, "the client went away");
        }
    }

    /// Everything up to the running process.
    async fn open(&mut self, inlet: &mut Inlet) -> Result<Exec, Broken> {
        let login = Login::parse(&self.user).map_err(Broken::Engine)?;
        let request = std::mem::replace(&mut self.request, Request::Shell);
        let what = login.plan(request, self.terminal.as_ref()).map_err(Broken::Engine)?;
        let container = self.running(&login).await?;
        let mut env = std::mem::take(&mut self.env);
        if let Some(terminal) = &self.terminal {
            env.set("TERM", terminal.kind.as_str());
        }
        if let Some(session) = &login.session {
            env.set(SESSION_VARIABLE, session.as_str());
        }
        // As late as possible: the client may have changed the size meanwhile, and the first paint should be right.
        let tty = self.terminal.is_some().then(|| *inlet.sizes.borrow_and_update());
        let opening = Opening { what, env: env.into_map(), tty };
        let app = Arc::clone(&self.app);
        finished(async move { app.open(&container, opening).await }).await
    }

    /// The shed's container, started if it was stopped.
    async fn running(&self, login: &Login) -> Result<Container, Broken> {
        let (notice, started) = oneshot::channel();
        let (app, shed) = (Arc::clone(&self.app), login.shed.clone());
        let on_start = move || {
            // Nobody waits any more: the client went away.
            let _ = notice.send(());
        };
        let container = finished(async move { app.ensure_running(&shed, on_start).await });
        tokio::pin!(container);
        tokio::select! {
            biased;
            Ok(()) = started => self.client.line(&format!("starting shed `{}`…", login.shed)).await?,
            container = &mut container => return container,
        }
        container.await
    }
}

/// Lets a use case run to its end even when the client goes away in the middle of it. What it gives is dropped then: a
/// process that was just being started is ended, instead of being forgotten half started.
async fn finished<T: Send + 'static>(use_case: impl Future<Output = Result<T, Error>> + Send + 'static) -> Result<T, Broken> {
    match tokio::spawn(use_case).await {
        Ok(result) => result.map_err(Broken::Engine),
        Err(panic) => Err(Broken::Engine(Error::internal(panic))),
    }
}
