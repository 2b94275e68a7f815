//! Waiting for a tmux server where there is none. Starting one (`start-server` with `exit-empty off`) would be simpler, but it
//! would be ours and not the user's: with our environment, with a configuration read too early, and there without a session.

use std::{
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use rustix::fs::inotify;
use tokio::{io::AsyncReadExt, net::unix::pipe};

/// How often a place is looked at that the kernel can't watch for us: it gives each user 128 watches for all containers together.
const LOOK_AGAIN: Duration = Duration::from_secs(5);

/// A server binds its socket a moment before it listens; where a socket is, it is asked again after this, doubled each time.
const LISTENS_MIN: Duration = Duration::from_millis(5);

/// When a socket without a server is taken for one that a killed server left.
const LISTENS_MAX: Duration = Duration::from_secs(1);

/// Room for some events at once, in bytes; what they say is of no interest.
const EVENTS: usize = 4096;

/// The directory of tmux's sockets.
pub struct Sockets {
    directory: PathBuf,
    events: io::Result<pipe::Receiver>,
    retry: Duration,
}

impl Sockets {
    /// Looks at it from now on.
    pub fn look() -> Self {
        let tmpdir = std::env::var_os("TMUX_TMPDIR");
        let directory = shed_tmux::socket_directory(tmpdir.as_deref(), rustix::process::getuid().as_raw());
        let events = watch(&directory);
        Self { directory, events, retry: LISTENS_MIN }
    }

    /// Waits until there may be a server.
    pub async fn changed(&mut self) {
        if self.retry <= LISTENS_MAX && self.directory.join("default").exists() {
            tokio::time::sleep(self.retry).await;
            self.retry *= 2;
            return;
        }
        match &mut self.events {
            Err(_) => {
                tokio::time::sleep(LOOK_AGAIN).await;
                // The directory may only now be there; tmux makes it.
                self.events = watch(&self.directory);
            }
            Ok(events) => {
                let mut buffer = [0; EVENTS];
                let read = events.read(&mut buffer).await;
                if read.is_err() || !self.directory.is_dir() {
                    self.events = watch(&self.directory);
                }
            }
        }
        self.retry = LISTENS_MIN;
    }
}

/// A server makes its lock and its socket, and removes the lock when it listens.
fn watch(directory: &Path) -> io::Result<pipe::Receiver> {
    let events = inotify::init(inotify::CreateFlags::CLOEXEC | inotify::CreateFlags::NONBLOCK)?;
    let kinds =
        inotify::WatchFlags::CREATE | inotify::WatchFlags::DELETE | inotify::WatchFlags::MOVED_TO | inotify::WatchFlags::DELETE_SELF;
    inotify::add_watch(&events, directory, kinds | inotify::WatchFlags::ONLYDIR)?;
    pipe::Receiver::from_owned_fd_unchecked(events)
}
