//! One connection: translates what russh reports. Nothing here waits for a shed, an engine or a client.

use std::{collections::HashMap, net::SocketAddr, sync::Arc};

use russh::{
    Channel, ChannelId, Pty, Sig,
    keys::{Algorithm, HashAlg, PublicKey},
    server::{Auth, ChannelOpenHandle, Msg, PublicKeyOffer, Session, VerifiedPublicKey},
};
use tokio::sync::oneshot;

use super::{
    channel::{Common, Running, Waiting},
    env::Environment,
    flow::{Breath, Flow, TRICKLE},
    forward::Forward,
    login::Request,
    terminal::{Terminal, window_size},
};
use crate::{app::App, engine::Signal};

/// Channels of one connection that are open at a time; sshd's `MaxSessions` is 10, editors use a few dozen.
const MAX_OPEN: usize = 64;

/// Channels of one connection in its life. russh 0.65 keeps about 3 kB for each channel that the server closes first, until
/// the connection ends; `ssh` with a `ControlMaster` that is refused another channel makes a connection of its own.
const MAX_EVER: usize = 4096;

enum State {
    Waiting(Waiting),
    Running(Running),
}

/// The state of one connection. Dropping it, as russh does when the connection ends in whatever way, ends all its processes.
pub(super) struct Handler {
    app: Arc<App>,
    peer: SocketAddr,
    /// The user name, once a key was accepted for it.
    user: String,
    /// Taken at the login.
    logged_in: Option<oneshot::Sender<()>>,
    channels: HashMap<ChannelId, State>,
    opened: usize,
    flow: Arc<Flow>,
    breath: Breath,
}

impl Handler {
    /// A connection that has not logged in; `logged_in` is told when it has.
    pub(super) fn new(app: Arc<App>, peer: SocketAddr, logged_in: oneshot::Sender<()>) -> Self {
        let (flow, breath) = (Arc::default(), Breath::default());
        Self { app, peer, user: String::new(), logged_in: Some(logged_in), channels: HashMap::new(), opened: 0, flow, breath }
    }

    /// Whether the key is registered. A signature of SHA-1 (`ssh-rsa`) is refused whatever the key.
    fn check(&self, key: &PublicKey, algorithm: &Algorithm) -> Auth {
        if matches!(algorithm, Algorithm::Rsa { hash: None } | Algorithm::Dsa) {
            return Auth::reject();
        }
        let fingerprint = key.fingerprint(HashAlg::Sha256).to_string();
        match self.app.store.ssh_key(&fingerprint) {
            Ok(Some(_)) => Auth::Accept,
            Ok(None) => {
                tracing::debug!(peer = %self.peer, fingerprint, "SSH key not registered");
                Auth::reject()
            }
            Err(error) => {
                tracing::error!(%error, "the store can't tell whether an SSH key is registered");
                Auth::reject()
            }
        }
    }

    /// Counts one more channel, if the connection may have it.
    fn has_room(&mut self) -> bool {
        self.channels.retain(|_, state| !matches!(state, State::Running(running) if running.is_finished()));
        let room = self.channels.len() < MAX_OPEN && self.opened < MAX_EVER;
        self.opened += usize::from(room);
        room
    }

    fn waiting(&mut self, channel: ChannelId) -> Option<&mut Waiting> {
        match self.channels.get_mut(&channel) {
            Some(State::Waiting(waiting)) => Some(waiting),
            Some(State::Running(_)) | None => None,
        }
    }

    fn running(&mut self, channel: ChannelId) -> Option<&mut Running> {
        match self.channels.get_mut(&channel) {
            Some(State::Running(running)) => Some(running),
            Some(State::Waiting(_)) | None => None,
        }
    }

    /// Starts what a channel asks for; a channel can ask once (RFC 4254 section 6.5).
    fn start(&mut self, channel: ChannelId, request: Request, session: &mut Session) -> Result<(), russh::Error> {
        match self.channels.remove(&channel) {
            Some(State::Waiting(waiting)) => {
                // Before anything that the task may say.
                session.channel_success(channel)?;
                let common = Common { app: &self.app, user: &self.user, flow: &self.flow, handle: session.handle() };
                self.channels.insert(channel, State::Running(waiting.start(request, common)));
                Ok(())
            }
            Some(running) => {
                self.channels.insert(channel, running);
                session.channel_failure(channel)
            }
            None => session.channel_failure(channel),
        }
    }
}

impl russh::server::Handler for Handler {
    type Error = russh::Error;

    async fn auth_publickey_offered(&mut self, _user: &str, offer: PublicKeyOffer<'_>) -> Result<Auth, Self::Error> {
        Ok(self.check(offer.public_key, offer.algorithm))
    }

    async fn auth_publickey(&mut self, user: &str, key: VerifiedPublicKey<'_>) -> Result<Auth, Self::Error> {
        let answer = self.check(key.public_key, key.algorithm);
        if answer == Auth::Accept {
            tracing::info!(peer = %self.peer, user, fingerprint = %key.public_key.fingerprint(HashAlg::Sha256), "SSH login");
            user.clone_into(&mut self.user);
        }
        Ok(answer)
    }

    async fn auth_succeeded(&mut self, _session: &mut Session) -> Result<(), Self::Error> {
        if let Some(logged_in) = self.logged_in.take() {
            let _ = logged_in.send(());
        }
        Ok(())
    }

    async fn channel_open_session(
        &mut self,
        channel: Channel<Msg>,
        reply: ChannelOpenHandle,
        _session: &mut Session,
    ) -> Result<(), Self::Error> {
        if !self.has_room() {
            reply.reject(russh::ChannelOpenFailure::ResourceShortage).await;
            return Ok(());
        }
        // The read half is dropped: through it russh would wait for us, see `flow`.
        let (_, out) = channel.split();
        self.channels.insert(out.id(), State::Waiting(Waiting { out, env: Environment::default(), terminal: None }));
        reply.accept().await;
        Ok(())
    }

    async fn channel_open_direct_tcpip(
        &mut self,
        channel: Channel<Msg>,
        host: &str,
        port: u32,
        _originator_address: &str,
        _originator_port: u32,
        reply: ChannelOpenHandle,
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        if !self.has_room() {
            reply.reject(russh::ChannelOpenFailure::ResourceShortage).await;
            return Ok(());
        }
        let (_, out) = channel.split();
        let id = out.id();
        let (app, user) = (Arc::clone(&self.app), self.user.clone());
        let forward = Forward { app, user, host: host.to_owned(), port, out, handle: session.handle() };
        self.channels.insert(id, State::Running(Running::forward(forward, reply, &self.flow)));
        Ok(())
    }

    async fn pty_request(
        &mut self,
        channel: ChannelId,
        term: &str,
        cols: u32,
        rows: u32,
        _pix_width: u32,
        _pix_height: u32,
        _modes: &[(Pty, u32)],
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        match self.waiting(channel) {
            Some(waiting) => {
                waiting.terminal = Some(Terminal::new(term, cols, rows));
                session.channel_success(channel)
            }
            None => session.channel_failure(channel),
        }
    }

    async fn env_request(&mut self, channel: ChannelId, name: &str, value: &str, session: &mut Session) -> Result<(), Self::Error> {
        let taken = self.waiting(channel).is_some_and(|waiting| waiting.env.accept(name, value));
        if taken { session.channel_success(channel) } else { session.channel_failure(channel) }
    }

    async fn shell_request(&mut self, channel: ChannelId, session: &mut Session) -> Result<(), Self::Error> {
        self.start(channel, Request::Shell, session)
    }

    async fn exec_request(&mut self, channel: ChannelId, command: &[u8], session: &mut Session) -> Result<(), Self::Error> {
        self.start(channel, Request::Exec(command.to_vec()), session)
    }

    async fn subsystem_request(&mut self, channel: ChannelId, name: &str, session: &mut Session) -> Result<(), Self::Error> {
        match name {
            "sftp" => self.start(channel, Request::Sftp, session),
            _ => session.channel_failure(channel),
        }
    }

    async fn x11_request(
        &mut self,
        channel: ChannelId,
        _single_connection: bool,
        _auth_protocol: &str,
        _auth_cookie: &str,
        _screen: u32,
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        session.channel_failure(channel)
    }

    async fn window_change_request(
        &mut self,
        channel: ChannelId,
        cols: u32,
        rows: u32,
        _pix_width: u32,
        _pix_height: u32,
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        let size = window_size(cols, rows);
        match self.channels.get_mut(&channel) {
            Some(State::Running(running)) => {
                running.sizes.send_if_modified(|current| std::mem::replace(current, size) != size);
            }
            Some(State::Waiting(waiting)) => {
                if let Some(terminal) = &mut waiting.terminal {
                    terminal.size = size;
                }
            }
            None => {}
        }
        session.channel_success(channel)
    }

    async fn signal(&mut self, channel: ChannelId, signal: Sig, _session: &mut Session) -> Result<(), Self::Error> {
        if let (Some(running), Some(signal)) = (self.running(channel), translate(&signal)) {
            // Full: the process has more signals before it than it will notice.
            let _ = running.signals.try_send(signal);
        }
        Ok(())
    }

    async fn data(&mut self, channel: ChannelId, data: &[u8], _session: &mut Session) -> Result<(), Self::Error> {
        if let Some(stdin) = self.running(channel).and_then(|running| running.stdin.as_ref())
            && stdin.push(data).is_err()
        {
            tracing::warn!(peer = %self.peer, user = self.user, "cut off: the SSH client sends more than its window allows");
            return Err(russh::Error::Inconsistent);
        }
        if u32::try_from(data.len()).is_ok_and(|len| len <= TRICKLE) && self.flow.is_clogged() {
            self.breath.take(&self.flow).await;
        }
        Ok(())
    }

    fn adjust_window(&mut self, _channel: ChannelId, _current: u32) -> u32 {
        self.flow.window()
    }

    async fn channel_eof(&mut self, channel: ChannelId, _session: &mut Session) -> Result<(), Self::Error> {
        if let Some(running) = self.running(channel) {
            running.stdin = None;
        }
        Ok(())
    }

    async fn channel_close(&mut self, channel: ChannelId, _session: &mut Session) -> Result<(), Self::Error> {
        self.channels.remove(&channel);
        Ok(())
    }
}

/// The signal, if it is one that a person would send to a program; the others report a program's own faults.
fn translate(signal: &Sig) -> Option<Signal> {
    match signal {
        Sig::HUP => Some(Signal::Hup),
        Sig::INT => Some(Signal::Int),
        Sig::QUIT => Some(Signal::Quit),
        Sig::KILL => Some(Signal::Kill),
        Sig::USR1 => Some(Signal::Usr1),
        Sig::TERM => Some(Signal::Term),
        Sig::Custom(name) if name == "USR2" => Some(Signal::Usr2),
        Sig::ABRT | Sig::ALRM | Sig::FPE | Sig::ILL | Sig::PIPE | Sig::SEGV | Sig::Custom(_) => None,
    }
}
