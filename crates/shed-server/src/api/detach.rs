//! Work that must not stop half way because its caller went away.

use std::future::Future;

use tracing::Instrument;

use super::ApiError;
use crate::Error;

/// Runs a use case in a task of its own: a client that hangs up in the middle of a restart leaves a running shed.
pub(super) async fn detached<T: Send + 'static>(work: impl Future<Output = Result<T, Error>> + Send + 'static) -> Result<T, ApiError> {
    Ok(tokio::spawn(work.in_current_span()).await.map_err(Error::internal)??)
}
