//! Requests whose connection becomes a byte stream.
//!
//! bollard can start an exec too, but its decoder takes output of a terminal that begins with a byte below 3 for a frame
//! header, and then waits for bytes that never come.

use std::time::Duration;

use http_body_util::BodyExt;
use hyper::{Request, Response, StatusCode, body::Incoming, client::conn::http1, upgrade::Upgraded};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpStream, UnixStream};

use super::{address::Address, error};
use crate::engine::EngineError;

/// To a local daemon this takes microseconds.
const CONNECT: Duration = Duration::from_secs(10);

/// Sends a request on a connection of its own.
pub(super) async fn send(address: &Address, request: Request<String>) -> Result<Response<Incoming>, EngineError> {
    let gone = |error: &dyn std::error::Error| EngineError::Unavailable(error.to_string());
    let connect = async {
        match address {
            Address::Unix(path) => {
                let stream = UnixStream::connect(path).await.map_err(|error| gone(&error))?;
                drive(TokioIo::new(stream)).await
            }
            Address::Tcp(host) => {
                let stream = TcpStream::connect(host).await.map_err(|error| gone(&error))?;
                stream.set_nodelay(true).map_err(|error| gone(&error))?;
                drive(TokioIo::new(stream)).await
            }
        }
    };
    let mut sender = tokio::time::timeout(CONNECT, connect).await.map_err(|_| EngineError::Timeout("connect"))??;
    sender.send_request(request).await.map_err(|error| gone(&error))
}

async fn drive<T>(io: TokioIo<T>) -> Result<http1::SendRequest<String>, EngineError>
where
    T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Send + Unpin + 'static,
{
    let (sender, connection) = http1::handshake(io).await.map_err(|error| EngineError::Unavailable(error.to_string()))?;
    // Ends with the connection, or hands it over to the upgrade.
    tokio::spawn(connection.with_upgrades());
    Ok(sender)
}

/// Sends a `POST` with a JSON body and takes over the connection.
pub(super) async fn upgrade(address: &Address, path: &str, json: String) -> Result<TokioIo<Upgraded>, EngineError> {
    let request = Request::post(path)
        .header(hyper::header::HOST, "docker")
        .header(hyper::header::CONTENT_TYPE, "application/json")
        .header(hyper::header::CONNECTION, "Upgrade")
        .header(hyper::header::UPGRADE, "tcp")
        .body(json)
        .map_err(|error| EngineError::Other(error.to_string()))?;
    let response = send(address, request).await?;
    if response.status() != StatusCode::SWITCHING_PROTOCOLS {
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
        return Err(error::from_status(status, message_of(&body)));
    }
    let upgraded = hyper::upgrade::on(response).await.map_err(|error| EngineError::Unavailable(error.to_string()))?;
    Ok(TokioIo::new(upgraded))
}

/// Docker's errors are `{"message": "…"}`.
fn message_of(body: &[u8]) -> String {
    let json: Option<serde_json::Value> = serde_json::from_slice(body).ok();
    let message = json.as_ref().and_then(|json| json.get("message")).and_then(serde_json::Value::as_str);
    message.map_or_else(|| String::from_utf8_lossy(body).trim().to_owned(), str::to_owned)
}
