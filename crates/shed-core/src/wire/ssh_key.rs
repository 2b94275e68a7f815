//! Public keys that may log in over SSH.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A registered key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SshKey {
    /// `SHA256:…`, as `ssh-keygen -l` prints it; the key's id in the API.
    pub fingerprint: String,
    /// Whose it is, for people.
    pub name: String,
    /// Type and key in the format of `authorized_keys`, without the comment.
    pub public_key: String,
    /// When it was registered.
    pub created_at: Timestamp,
}

/// `GET /api/ssh-keys`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SshKeyList {
    /// By time of registration.
    pub ssh_keys: Vec<SshKey>,
}

/// `POST /api/ssh-keys`. Registering a key again changes its name and is no error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddSshKey {
    /// One line of an `id_*.pub` file; options before the type are refused.
    pub public_key: String,
    /// Whose it is; the key's comment when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}
