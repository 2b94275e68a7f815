//! Standard input and output as one stream, without a thread where they are pipes.

use std::{
    io,
    os::fd::AsFd,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use rustix::event::epoll;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::unix::pipe,
    sync::Notify,
};

type Input = Box<dyn AsyncRead + Send + Unpin>;
type Output = Box<dyn AsyncWrite + Send + Unpin>;

/// Standard input and output.
pub struct Stdio {
    input: Input,
    output: Output,
    ended: Arc<Notify>,
}

/// Tells that nobody can write to standard input any more.
pub struct HungUp {
    ended: Arc<Notify>,
    closed: Option<pipe::Receiver>,
}

impl Stdio {
    /// Takes both; call it once, in a runtime.
    pub fn open() -> io::Result<(Self, HungUp)> {
        let input_fd = io::stdin().as_fd().try_clone_to_owned()?;
        let output_fd = io::stdout().as_fd().try_clone_to_owned()?;
        let closed = closing().ok();
        // What is no pipe (a terminal, a socket, a file) is read and written by threads.
        let input: Input =
            pipe::Receiver::from_owned_fd(input_fd).map_or_else(|_| Box::new(tokio::io::stdin()) as Input, |pipe| Box::new(pipe));
        let output: Output =
            pipe::Sender::from_owned_fd(output_fd).map_or_else(|_| Box::new(tokio::io::stdout()) as Output, |pipe| Box::new(pipe));
        let ended = Arc::new(Notify::new());
        Ok((Self { input, output, ended: Arc::clone(&ended) }, HungUp { ended, closed }))
    }
}

impl HungUp {
    /// Returns at the end of standard input, also when nobody reads it because the output is full.
    pub async fn wait(self) {
        let closed = async {
            match &self.closed {
                Some(closed) if closed.readable().await.is_ok() => {}
                _ => std::future::pending().await,
            }
        };
        tokio::select! {
            () = self.ended.notified() => {}
            () = closed => {}
        }
    }
}

/// Something that can be read from as soon as all writers of standard input are gone, and not before: an epoll that was asked for
/// nothing but what epoll always reports.
fn closing() -> io::Result<pipe::Receiver> {
    let closed = epoll::create(epoll::CreateFlags::CLOEXEC)?;
    epoll::add(&closed, io::stdin(), epoll::EventData::new_u64(0), epoll::EventFlags::RDHUP)?;
    pipe::Receiver::from_owned_fd_unchecked(closed)
}

impl AsyncRead for Stdio {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = ready!(Pin::new(&mut self.input).poll_read(cx, buffer));
        if read.is_err() || buffer.filled().len() == before {
            self.ended.notify_one();
        }
        Poll::Ready(read)
    }
}

impl AsyncWrite for Stdio {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.output).poll_write(cx, bytes)
    }

    fn poll_write_vectored(mut self: Pin<&mut Self>, cx: &mut Context<'_>, parts: &[io::IoSlice<'_>]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.output).poll_write_vectored(cx, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.output.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.output).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.output).poll_shutdown(cx)
    }
}
