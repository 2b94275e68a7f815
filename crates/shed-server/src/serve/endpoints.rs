//! `endpoints.json`: where a running server listens, for programs that let it choose its ports.

use std::{
    fs, io,
    net::SocketAddr,
    path::{Path, PathBuf},
    process,
};

use serde_json::json;

use super::ServeError;

/// The file, which is removed when the server ends. After a `kill -9` it stays, with the pid of a process that is gone.
pub(super) struct Endpoints {
    path: PathBuf,
}

impl Endpoints {
    /// Writes the file in one step, so that nobody reads half of it.
    pub(super) fn write(dir: &Path, http: SocketAddr, ssh: SocketAddr, metrics: Option<SocketAddr>) -> Result<Self, ServeError> {
        let path = dir.join("endpoints.json");
        let mut value = json!({ "http": http.to_string(), "ssh": ssh.to_string(), "pid": process::id() });
        if let (Some(fields), Some(metrics)) = (value.as_object_mut(), metrics) {
            fields.insert("metrics".to_owned(), metrics.to_string().into());
        }
        let text = value.to_string();
        let failed = |source: io::Error| ServeError::File { path: path.clone(), source };
        let temporary = dir.join("endpoints.json.new");
        fs::write(&temporary, text + "\n").map_err(failed)?;
        fs::rename(&temporary, &path).map_err(failed)?;
        Ok(Self { path })
    }
}

impl Drop for Endpoints {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_file(&self.path) {
            tracing::warn!(%error, path = %self.path.display(), "could not be removed");
        }
    }
}
