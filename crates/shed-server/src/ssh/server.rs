//! Accepts connections, and ends those that do not log in.

use std::{borrow::Cow, net::SocketAddr, sync::Arc, time::Duration};

use russh::{
    Disconnect, MethodKind, MethodSet, Preferred, SshId, compression,
    server::{self, Config, RunningSession},
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, oneshot},
    time::{Instant, sleep, timeout, timeout_at},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{HostKey, flow::WINDOW, handler::Handler, line::Line};
use crate::app::App;

/// Time to log in: as sshd's `LoginGraceTime`, since a passphrase or a security key needs a person.
const LOGIN_TIME: Duration = Duration::from_secs(120);

/// Connections that have not logged in; more are closed at once. Each costs a socket and some kilobytes.
const MAX_LOGINS: usize = 256;

/// Keys that a client may try. Twice sshd's 6: agents hold many keys, and guessing a key is hopeless at any number.
const MAX_KEYS: usize = 12;

/// Silence after which the client is asked whether it is there; also keeps NAT tables from forgetting the connection.
const KEEPALIVE: Duration = Duration::from_secs(30);

/// Unanswered questions after which it is not: two minutes in all.
const KEEPALIVES: usize = 3;

/// Backstop for what keepalives can't see: a client whose TCP takes nothing any more, or which does not close after a
/// disconnect. Longer than all keepalives together, so that a client which answers never meets it.
const STUCK: Duration = Duration::from_secs(180);

/// The pause after a failed accept: it fails at once again when, say, file descriptors have run out.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Time for clients to read why they are disconnected, and again to end what they have left.
const GOODBYE: Duration = Duration::from_secs(2);

/// Serves SSH on `listener` until `shutdown`, then disconnects all clients. Nothing that happens to a connection ends it.
pub async fn serve(app: Arc<App>, listener: TcpListener, host_key: HostKey, shutdown: CancellationToken) {
    let config = Arc::new(config(&host_key));
    let logins = Arc::new(Semaphore::new(MAX_LOGINS));
    let connections = TaskTracker::new();
    loop {
        let accepted = tokio::select! {
            () = shutdown.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => match Arc::clone(&logins).try_acquire_owned() {
                Ok(permit) => {
                    let connection = Connection { app: Arc::clone(&app), peer, cut: CancellationToken::new(), shutdown: shutdown.clone() };
                    connections.spawn(connection.run(stream, Arc::clone(&config), permit));
                }
                Err(_) => tracing::warn!(%peer, "SSH connection refused: too many have not logged in"),
            },
            Err(error) => {
                tracing::warn!(%error, "SSH accept failed");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(listener);
    connections.close();
    // Every connection ends itself within these three; one that does not must not hold up the rest of the server.
    if timeout(3 * GOODBYE, connections.wait()).await.is_err() {
        tracing::warn!(left = connections.len(), "SSH connections did not end in time");
    }
}

fn config(host_key: &HostKey) -> Config {
    let server_id = SshId::Standard(Cow::Borrowed(concat!("SSH-2.0-shed_", env!("CARGO_PKG_VERSION"))));
    // Compression before the login would be work for strangers.
    let preferred = Preferred { compression: Cow::Borrowed(&[compression::NONE, compression::ZLIB_LEGACY]), ..Preferred::DEFAULT };
    Config {
        server_id,
        methods: MethodSet::from([MethodKind::PublicKey].as_slice()),
        // A delay protects passwords from being guessed; here it would only cost a second per key of an agent.
        auth_rejection_time: Duration::ZERO,
        keys: vec![host_key.private()],
        window_size: WINDOW,
        event_buffer_size: 16,
        preferred,
        max_auth_attempts: MAX_KEYS,
        inactivity_timeout: Some(STUCK),
        keepalive_interval: Some(KEEPALIVE),
        keepalive_max: KEEPALIVES,
        ..Config::default()
    }
}

/// One accepted connection.
struct Connection {
    app: Arc<App>,
    peer: SocketAddr,
    /// Cuts the line.
    cut: CancellationToken,
    shutdown: CancellationToken,
}

impl Connection {
    async fn run(self, stream: TcpStream, config: Arc<Config>, login: OwnedSemaphorePermit) {
        // When this task ends, however it does, nothing of the connection may stay.
        let _cut = self.cut.clone().drop_guard();
        let deadline = Instant::now() + LOGIN_TIME;
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(peer = %self.peer, %error, "no TCP_NODELAY");
        }
        let (logged_in, login_seen) = oneshot::channel();
        let handler = Handler::new(Arc::clone(&self.app), self.peer, logged_in);
        let line = Line::new(stream, self.cut.clone());
        let session = tokio::select! {
            session = timeout_at(deadline, server::run_stream(config, line, handler)) => session,
            () = self.shutdown.cancelled() => return,
        };
        match session {
            Ok(Ok(session)) => self.watch(session, login_seen, deadline, login).await,
            Ok(Err(error)) => tracing::debug!(peer = %self.peer, %error, "not an SSH client"),
            Err(_) => tracing::debug!(peer = %self.peer, "no SSH greeting in time"),
        }
    }

    /// Waits for the login, then for the end.
    async fn watch(
        &self,
        mut session: RunningSession<Handler>,
        login_seen: oneshot::Receiver<()>,
        deadline: Instant,
        login: OwnedSemaphorePermit,
    ) {
        let in_time = tokio::select! {
            result = &mut session => return self.ended(result),
            seen = timeout_at(deadline, login_seen) => seen.is_ok_and(|seen| seen.is_ok()),
            () = self.shutdown.cancelled() => true,
        };
        drop(login);
        if !in_time {
            tracing::info!(peer = %self.peer, "SSH connection closed: no login in time");
            return;
        }
        tokio::select! {
            result = &mut session => return self.ended(result),
            () = self.shutdown.cancelled() => {}
        }
        let reason = "the server is shutting down".to_owned();
        let goodbye = async {
            let _ = session.handle().disconnect(Disconnect::ByApplication, reason, String::new()).await;
            (&mut session).await
        };
        if timeout(GOODBYE, goodbye).await.is_err() {
            self.cut.cancel();
            let _ = timeout(GOODBYE, session).await;
        }
    }

    fn ended(&self, result: Result<(), russh::Error>) {
        match result {
            Ok(()) => tracing::debug!(peer = %self.peer, "SSH connection ended"),
            Err(error) => tracing::debug!(peer = %self.peer, %error, "SSH connection broke"),
        }
    }
}
