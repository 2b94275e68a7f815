//! The server about itself.

use serde::{Deserialize, Serialize};

/// `GET /api/info`. Without a token only `name` and `version` are there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Info {
    /// What the server calls itself, from its configuration.
    pub name: String,
    /// The version of `shed-server`, as in its `--version`.
    pub version: String,
    /// The port of the SSH endpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ssh_port: Option<u16>,
    /// The port of the HTTP API.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http_port: Option<u16>,
    /// What this server can do beyond the first version of the API.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub features: Option<Vec<String>>,
}

/// `GET /api/ssh-host-key`: what a client pins in its `known_hosts`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SshHostKey {
    /// The key in the format of `authorized_keys`: `ssh-ed25519 AAAA…`.
    pub public_key: String,
    /// `SHA256:…`, as `ssh-keygen -l` prints it.
    pub fingerprint: String,
}

/// `GET /healthz` and `GET /readyz`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// `ok`.
    pub status: String,
}
