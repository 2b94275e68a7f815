//! Connections to ports inside a shed.

use std::io;

use bytes::Bytes;
use futures_util::stream::BoxStream;
use shed_core::{ErrorCode, ShedName};

use crate::{Error, app::App, guest::GuestError};

impl App {
    /// Connects to a port on the shed's loopback: `input` is sent to it, the answer is what comes from it.
    ///
    /// # Errors
    /// `SHED_NOT_FOUND`, `SHED_ALREADY_STOPPED`, `SHED_PAUSED`, and `ENGINE_ERROR` if nothing listens there or the shed has no
    /// guest.
    pub async fn relay(
        &self,
        shed: &ShedName,
        port: u16,
        input: BoxStream<'static, io::Result<Bytes>>,
    ) -> Result<BoxStream<'static, io::Result<Bytes>>, Error> {
        let container = self.running(shed).await?;
        let Some(guest) = self.registry.guest(shed, &container.id) else {
            return Err(Error::new(ErrorCode::EngineError, format!("shed `{shed}` has no guest to connect through"))
                .hint(format!("see why: shed info {shed}")));
        };
        guest.relay(port, input).await.map_err(|error| {
            let text = match &error {
                GuestError::Refused(..) => format!("nothing answers on port {port} of shed `{shed}`"),
                _ => format!("shed `{shed}` did not connect to its port {port}"),
            };
            Error::new(ErrorCode::EngineError, text).because(error)
        })
    }
}
