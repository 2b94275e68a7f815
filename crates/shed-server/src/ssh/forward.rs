//! `ssh -L` and `ssh -W`: connections to ports inside the shed (RFC 4254, section 7.2), through its guest.

use std::{io, sync::Arc};

use bytes::Bytes;
use futures_util::{StreamExt, stream::BoxStream};
use russh::{
    ChannelOpenFailure, ChannelWriteHalf,
    server::{ChannelOpenHandle, Msg},
};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use super::{client::Client, login::Login, stdin};
use crate::app::App;

/// Pieces on their way to the shed; behind them the client's window holds it back.
const PIECES: usize = 8;

/// What names the shed itself. Other hosts are refused: a shed's network is not a way into the server's.
const LOOPBACK: [&str; 4] = ["localhost", "127.0.0.1", "::1", "[::1]"];

/// A connection that a client wants.
pub(super) struct Forward {
    pub(super) app: Arc<App>,
    pub(super) user: String,
    pub(super) host: String,
    pub(super) port: u32,
    pub(super) out: ChannelWriteHalf<Msg>,
    pub(super) handle: russh::server::Handle,
}

impl Forward {
    /// Connects, answers the client, and carries bytes both ways until both ends have closed.
    pub(super) async fn run(self, reply: ChannelOpenHandle, stdin: stdin::Receiver) {
        let Self { app, user, host, port, out, handle } = self;
        let Some((login, port)) = target(&user, &host, port) else {
            tracing::info!(user, host, port, "refused: only the shed's own ports can be reached");
            return reply.reject(ChannelOpenFailure::AdministrativelyProhibited).await;
        };
        let (sender, input) = mpsc::channel(PIECES);
        match app.relay(&login.shed, port, ReceiverStream::new(input).boxed()).await {
            Ok(output) => {
                reply.accept().await;
                carry(output, sender, stdin, &Client::new(out, handle, false)).await;
            }
            Err(error) => {
                tracing::info!(user, port, %error, "a connection could not be made");
                reply.reject(ChannelOpenFailure::ConnectFailed).await;
            }
        }
    }
}

/// The shed and its port, if that is what is wanted.
fn target(user: &str, host: &str, port: u32) -> Option<(Login, u16)> {
    let login = Login::parse(user).ok()?;
    let port = u16::try_from(port).ok().filter(|port| *port != 0)?;
    (LOOPBACK.contains(&host) || host == login.shed.as_str()).then_some((login, port))
}

/// Each direction ends by itself, as with a connection (half-close).
async fn carry(
    mut output: BoxStream<'static, io::Result<Bytes>>,
    sender: mpsc::Sender<io::Result<Bytes>>,
    mut stdin: stdin::Receiver,
    client: &Client,
) {
    let inwards = async move {
        while let Some(piece) = stdin.next().await {
            if sender.send(Ok(Bytes::copy_from_slice(piece.data()))).await.is_err() {
                return;
            }
        }
    };
    let outwards = async {
        while let Some(Ok(bytes)) = output.next().await {
            if client.stdout(bytes).await.is_err() {
                return;
            }
        }
        // A client that is gone has no use for it.
        let _ = client.eof().await;
    };
    tokio::join!(inwards, outwards);
    let _ = client.close().await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_shed_s_own_ports_can_be_reached() {
        for host in ["localhost", "127.0.0.1", "::1", "myproj"] {
            assert_eq!(target("myproj+x", host, 8080).unwrap().1, 8080, "{host}");
        }
        for (host, port) in [("10.0.0.1", 80), ("example.org", 80), ("localhost", 0), ("localhost", 65_536), ("other", 80), ("", 80)] {
            assert!(target("myproj", host, port).is_none(), "{host}:{port}");
        }
        assert!(target("../x", "localhost", 80).is_none());
    }
}
