//! Answers of every kind.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body_util::{BodyExt, Full, combinators::UnsyncBoxBody};
use hyper::{
    Response, StatusCode,
    body::{Body, Frame},
};
use tokio::{sync::mpsc, task::JoinHandle};

/// Every answer has this body.
pub type Reply = Response<UnsyncBoxBody<Bytes, io::Error>>;

/// 200 with these bytes.
pub fn bytes(bytes: impl Into<Bytes>) -> Reply {
    Response::new(Full::new(bytes.into()).map_err(|never| match never {}).boxed_unsync())
}

/// 200 with JSON.
pub fn json(value: &impl serde::Serialize) -> Reply {
    serde_json::to_vec(value).map_or_else(|error| refusal(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()), bytes)
}

/// An error for people who read logs.
pub fn refusal(status: StatusCode, text: &str) -> Reply {
    let mut reply = bytes(text.to_owned());
    *reply.status_mut() = status;
    reply
}

/// 200 with what a task sends. The task is ended when nobody reads the body any more.
pub fn stream(receiver: mpsc::Receiver<io::Result<Bytes>>, task: JoinHandle<()>) -> Reply {
    Response::new(Stream { receiver, task }.boxed_unsync())
}

struct Stream {
    receiver: mpsc::Receiver<io::Result<Bytes>>,
    task: JoinHandle<()>,
}

impl Body for Stream {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        self.receiver.poll_recv(cx).map(|chunk| chunk.map(|chunk| chunk.map(Frame::data)))
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.task.abort();
    }
}
