//! Routes about sheds.

use reqwest::Method;
use shed_core::wire::{ExecRequest, ExecResponse, Shed, ShedList};

use crate::{Client, ClientError};

impl Client {
    /// `GET /api/sheds`.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn list_sheds(&self) -> Result<ShedList, ClientError> {
        self.get(&["api", "sheds"]).await
    }

    /// `GET /api/sheds/{name}`.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn shed(&self, name: &str) -> Result<Shed, ClientError> {
        self.get(&["api", "sheds", name]).await
    }

    /// `POST /api/sheds/{name}/start`.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn start_shed(&self, name: &str) -> Result<Shed, ClientError> {
        self.act(name, "start").await
    }

    /// `POST /api/sheds/{name}/stop`.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn stop_shed(&self, name: &str) -> Result<Shed, ClientError> {
        self.act(name, "stop").await
    }

    /// `POST /api/sheds/{name}/restart`.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn restart_shed(&self, name: &str) -> Result<Shed, ClientError> {
        self.act(name, "restart").await
    }

    async fn act(&self, name: &str, action: &str) -> Result<Shed, ClientError> {
        self.json(self.request(Method::POST, &["api", "sheds", name, action])).await
    }

    /// `DELETE /api/sheds/{name}`: the container, and the workspace volume unless `keep_volume`.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn delete_shed(&self, name: &str, keep_volume: bool) -> Result<(), ClientError> {
        let mut request = self.request(Method::DELETE, &["api", "sheds", name]);
        if keep_volume {
            request = request.query(&[("keep_volume", "true")]);
        }
        self.empty(request).await
    }

    /// `POST /api/sheds/{name}/exec`: one command to its end. Output that is not UTF-8 does not survive; use SSH for that.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn exec(&self, shed: &str, request: &ExecRequest) -> Result<ExecResponse, ClientError> {
        self.post(&["api", "sheds", shed, "exec"], request).await
    }
}
