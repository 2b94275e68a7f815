//! The bytes that a client has sent and its process has not read yet.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use bytes::Bytes;
use tokio::sync::mpsc;

use super::flow::{Flow, LIMIT};

/// The client does not keep to its window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Overrun;

/// Makes a queue; `flow` is the connection's.
pub(super) fn queue(flow: Arc<Flow>) -> (Sender, Receiver) {
    // Without a bound of its own: `Flow` holds the client back, and `push` refuses what is beyond `LIMIT`.
    let (sender, receiver) = mpsc::unbounded_channel();
    (Sender { sender, queue: Arc::new(Queue { len: AtomicUsize::new(0), flow }) }, Receiver { receiver })
}

#[derive(Debug)]
struct Queue {
    len: AtomicUsize,
    flow: Arc<Flow>,
}

/// The connection's end. Dropping it is the end of file.
#[derive(Debug)]
pub(super) struct Sender {
    sender: mpsc::UnboundedSender<Piece>,
    queue: Arc<Queue>,
}

impl Sender {
    /// Adds what arrived; after the process has ended it is thrown away.
    pub(super) fn push(&self, data: &[u8]) -> Result<(), Overrun> {
        if self.queue.len.load(Ordering::Acquire).saturating_add(data.len()) > LIMIT {
            return Err(Overrun);
        }
        // Without a receiver the piece comes back and is dropped.
        let _ = self.sender.send(Piece::new(Bytes::copy_from_slice(data), Arc::clone(&self.queue)));
        Ok(())
    }
}

/// The process's end.
#[derive(Debug)]
pub(super) struct Receiver {
    receiver: mpsc::UnboundedReceiver<Piece>,
}

impl Receiver {
    /// The next piece; none at the end of file.
    pub(super) async fn next(&mut self) -> Option<Piece> {
        self.receiver.recv().await
    }
}

/// Some bytes. They count as queued until this is dropped, so that a piece that is being written still holds the client back.
#[derive(Debug)]
pub(super) struct Piece {
    data: Bytes,
    queue: Arc<Queue>,
}

impl Piece {
    fn new(data: Bytes, queue: Arc<Queue>) -> Self {
        let before = queue.len.fetch_add(data.len(), Ordering::AcqRel);
        queue.flow.grew(before, data.len());
        Self { data, queue }
    }

    /// The bytes.
    pub(super) fn data(&self) -> &[u8] {
        &self.data
    }
}

impl Drop for Piece {
    fn drop(&mut self) {
        let before = self.queue.len.fetch_sub(self.data.len(), Ordering::AcqRel);
        self.queue.flow.shrank(before, self.data.len());
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::flow::{HIGH, TRICKLE, WINDOW},
        *,
    };

    #[tokio::test]
    async fn a_piece_counts_until_it_is_written() {
        let flow = Arc::new(Flow::default());
        let (sender, mut receiver) = queue(Arc::clone(&flow));
        sender.push(&vec![1; HIGH]).unwrap();
        sender.push(b"more").unwrap();
        assert_eq!(flow.window(), TRICKLE);
        let piece = receiver.next().await.unwrap();
        assert_eq!((piece.data().len(), flow.window()), (HIGH, TRICKLE));
        drop(piece);
        assert_eq!(flow.window(), WINDOW);
        drop(sender);
        assert_eq!(receiver.next().await.unwrap().data(), b"more", "what was sent before the end of file is read");
        assert!(receiver.next().await.is_none());
    }

    #[test]
    fn a_process_that_ended_holds_nobody_back() {
        let flow = Arc::new(Flow::default());
        let (sender, receiver) = queue(Arc::clone(&flow));
        sender.push(&vec![1; HIGH + 1]).unwrap();
        drop(receiver);
        assert_eq!(flow.window(), WINDOW);
        sender.push(&vec![1; HIGH + 1]).unwrap();
        assert_eq!(flow.window(), WINDOW);
    }

    #[test]
    fn a_client_that_ignores_its_window_is_refused() {
        let (sender, _receiver) = queue(Arc::default());
        let data = vec![0; LIMIT / 4];
        assert_eq!((0..5).map(|_| sender.push(&data)).collect::<Vec<_>>(), [Ok(()), Ok(()), Ok(()), Ok(()), Err(Overrun)]);
    }
}
