//! `/relay`: a connection to a port on loopback in the shed; the two bodies are its two directions.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::{StatusCode, body::Incoming};
use tokio::{
    io::AsyncWriteExt,
    net::{
        TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::{OwnedSemaphorePermit, Semaphore, mpsc},
};

use super::reply::{self, Reply};

/// Most connections at once. The rest of the 256 requests is left for everything else.
const CONNECTIONS_MAX: usize = 128;

/// Loopback answers at once, or has a full queue of connections that nobody accepts.
const CONNECT_DEADLINE: Duration = Duration::from_secs(10);

/// How much is read at once, in bytes: one HTTP/2 frame.
const CHUNK: usize = 16 * 1024;

/// Where servers in the shed may listen, in the order of trying.
const LOOPBACK: [IpAddr; 2] = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];

/// The connections that are open.
pub struct Relays(Arc<Semaphore>);

/// Given back when both directions have ended.
type Slot = Arc<OwnedSemaphorePermit>;

impl Relays {
    pub fn new() -> Self {
        Self(Arc::new(Semaphore::new(CONNECTIONS_MAX)))
    }

    /// 200 and a connection, or 502 with the reason.
    pub async fn answer(&self, port: Option<u16>, body: Incoming) -> Reply {
        let Some(port) = port.filter(|port| *port != 0) else {
            return reply::refusal(StatusCode::BAD_REQUEST, "`port` must be a number from 1 to 65535");
        };
        let Ok(slot) = Arc::clone(&self.0).try_acquire_owned() else {
            return reply::refusal(StatusCode::SERVICE_UNAVAILABLE, "too many connections are open");
        };
        let connection = match connect(port).await {
            Ok(connection) => connection,
            Err(error) => return reply::refusal(StatusCode::BAD_GATEWAY, &format!("port {port}: {error}")),
        };
        // Key by key is how terminals talk; without it the first one only is sent at once.
        let _ = connection.set_nodelay(true);
        let (read, write) = connection.into_split();
        let slot = Arc::new(slot);
        tokio::spawn(to_port(body, write, Arc::clone(&slot)));
        let (sender, receiver) = mpsc::channel(1);
        reply::stream(receiver, tokio::spawn(from_port(read, sender, slot)))
    }
}

async fn connect(port: u16) -> io::Result<TcpStream> {
    let mut last = io::Error::from(io::ErrorKind::ConnectionRefused);
    for address in LOOPBACK {
        let connecting = TcpStream::connect(SocketAddr::new(address, port));
        match tokio::time::timeout(CONNECT_DEADLINE, connecting).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into())) {
            Ok(connection) => return Ok(connection),
            // Without IPv6 the second try says nothing of interest.
            Err(error) if address.is_ipv4() => last = error,
            Err(_) => {}
        }
    }
    Err(last)
}

/// What is not read from the body stays in its window, so a program that reads slowly slows its sender only.
async fn to_port(mut body: Incoming, mut port: OwnedWriteHalf, _slot: Slot) {
    while let Some(part) = body.frame().await {
        let Ok(part) = part else {
            // Cut off and not ended: a reset, because the program must not take what it got for all that there was.
            let _ = port.as_ref().set_zero_linger();
            // Dropped it would say that this was the end.
            port.forget();
            return;
        };
        if let Ok(bytes) = part.into_data()
            && port.write_all(&bytes).await.is_err()
        {
            return;
        }
    }
    let _ = port.shutdown().await;
}

async fn from_port(port: OwnedReadHalf, sender: mpsc::Sender<io::Result<Bytes>>, _slot: Slot) {
    loop {
        // Not kept between reads: an idle connection holds no buffer.
        if port.readable().await.is_err() {
            return;
        }
        let mut buffer = BytesMut::with_capacity(CHUNK);
        let read = match port.try_read_buf(&mut buffer) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => continue,
            Ok(0) => return,
            read => read.map(|_| buffer.freeze()),
        };
        let failed = read.is_err();
        if sender.send(read).await.is_err() || failed {
            return;
        }
    }
}
