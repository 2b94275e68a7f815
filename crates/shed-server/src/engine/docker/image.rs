//! Images: there, or pulled.

use std::time::Duration;

use bollard::query_parameters::CreateImageOptionsBuilder;
use futures_util::StreamExt;

use super::{CALL, DockerEngine, error};
use crate::engine::EngineError;

/// A pull that has not said anything for this long hangs.
const SILENCE: Duration = Duration::from_secs(60);

impl DockerEngine {
    /// Pulls the image unless it is there.
    pub(super) async fn have_or_pull(&self, image: &str, progress: &(dyn Fn(String) + Send + Sync)) -> Result<(), EngineError> {
        match self.call("inspect image", CALL, |docker| async move { docker.inspect_image(image).await }).await {
            Ok(_) => return Ok(()),
            Err(EngineError::NoSuchContainer) => {}
            Err(error) => return Err(error),
        }
        progress(format!("pulling image `{image}`"));
        let no_image = |reason: String| EngineError::NoSuchImage { image: image.to_owned(), reason };
        // Without a tag Docker would pull all of them.
        let tagged = image.contains('@') || image.rsplit('/').next().is_some_and(|last| last.contains(':'));
        let reference = if tagged { image.to_owned() } else { format!("{image}:latest") };
        let options = CreateImageOptionsBuilder::default().from_image(&reference).build();
        let docker = self.docker().await?;
        let mut pull = docker.create_image(Some(options), None, None);
        loop {
            match tokio::time::timeout(SILENCE, pull.next()).await {
                Err(_) => return Err(no_image(format!("the registry was silent for {} s", SILENCE.as_secs()))),
                Ok(None) => return Ok(()),
                Ok(Some(Err(failed))) => {
                    return Err(match error::from_bollard(failed) {
                        EngineError::Unavailable(reason) => EngineError::Unavailable(reason),
                        other => no_image(other.to_string()),
                    });
                }
                Ok(Some(Ok(step))) => {
                    if let Some(reason) = step.error_detail.and_then(|detail| detail.message) {
                        return Err(no_image(reason));
                    }
                }
            }
        }
    }
}
