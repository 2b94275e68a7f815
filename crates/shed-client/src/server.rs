//! Routes about the server itself.

use reqwest::Method;
use shed_core::wire::{AddSshKey, Health, Info, SshHostKey, SshKey, SshKeyList};

use crate::{Client, ClientError};

impl Client {
    /// `GET /api/info`. Without a valid token the ports are missing.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn info(&self) -> Result<Info, ClientError> {
        self.get(&["api", "info"]).await
    }

    /// `GET /api/ssh-host-key`.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn ssh_host_key(&self) -> Result<SshHostKey, ClientError> {
        self.get(&["api", "ssh-host-key"]).await
    }

    /// `GET /api/ssh-keys`.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn list_ssh_keys(&self) -> Result<SshKeyList, ClientError> {
        self.get(&["api", "ssh-keys"]).await
    }

    /// `POST /api/ssh-keys`. Registering a key again is no error.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn add_ssh_key(&self, key: &AddSshKey) -> Result<SshKey, ClientError> {
        self.post(&["api", "ssh-keys"], key).await
    }

    /// `DELETE /api/ssh-keys/{fingerprint}`.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn remove_ssh_key(&self, fingerprint: &str) -> Result<(), ClientError> {
        self.empty(self.request(Method::DELETE, &["api", "ssh-keys", fingerprint])).await
    }

    /// `GET /healthz`: the process answers.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn healthz(&self) -> Result<Health, ClientError> {
        self.get(&["healthz"]).await
    }

    /// `GET /readyz`: the container engine answers too.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn readyz(&self) -> Result<Health, ClientError> {
        self.get(&["readyz"]).await
    }
}
