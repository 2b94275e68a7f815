//! SSH public keys: who may log in.

use jiff::Timestamp;
use shed_core::{
    ErrorCode,
    wire::{AddSshKey, SshKey, SshKeyList},
};

pub use super::public_key::PublicKey;
use super::{public_key, tokens::check_label};
use crate::{Error, store::Store};

/// Reads one line of an `id_*.pub` file.
///
/// # Errors
/// `INVALID_REQUEST` for options, unknown types, certificates, private keys, cut-off and weak keys.
pub fn parse_public_key(line: &str) -> Result<PublicKey, Error> {
    public_key::parse(line)
}

/// What a request registers: its name, else the key's comment, else the fingerprint is what lists show.
///
/// # Errors
/// `INVALID_REQUEST` as for [`parse_public_key`], and for a name that is not one line.
pub fn plan_key(request: &AddSshKey) -> Result<SshKey, Error> {
    let PublicKey { public_key, fingerprint, comment } = parse_public_key(&request.public_key)?;
    let name = match &request.name {
        Some(name) => name.clone(),
        None if check_label("key", &comment).is_ok() => comment,
        None => fingerprint.clone(),
    };
    check_label("key", &name)?;
    Ok(SshKey { fingerprint, name, public_key, created_at: Timestamp::now() })
}

/// Lets a key log in over SSH. One that is registered gets the new name.
///
/// # Errors
/// As [`plan_key`].
pub fn add(store: &Store, request: &AddSshKey) -> Result<SshKey, Error> {
    let key = plan_key(request)?;
    store.put_ssh_key(&key)?;
    Ok(store.ssh_key(&key.fingerprint)?.unwrap_or(key))
}

/// All keys that may log in.
///
/// # Errors
/// `INTERNAL_ERROR` if the store can't be read.
pub fn list(store: &Store) -> Result<SshKeyList, Error> {
    Ok(SshKeyList { ssh_keys: store.list_ssh_keys()? })
}

/// Shuts a key out from new logins; connections that are open stay.
///
/// # Errors
/// `NOT_FOUND` if it is not registered.
pub fn remove(store: &Store, fingerprint: &str) -> Result<(), Error> {
    if store.remove_ssh_key(fingerprint)? {
        Ok(())
    } else {
        let shown: String = fingerprint.chars().take(80).flat_map(char::escape_debug).collect();
        Err(Error::new(ErrorCode::NotFound, format!("no SSH key `{shown}` is registered")).hint("see what there is: GET /api/ssh-keys"))
    }
}

#[cfg(test)]
#[path = "keys_tests.rs"]
mod tests;
