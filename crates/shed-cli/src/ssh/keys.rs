//! The user's public key.

use std::{path::PathBuf, process::Stdio};

use crate::{
    Failure,
    config::{
        Paths,
        file::{locked, read},
    },
    ssh::known_hosts::type_and_key,
};

/// Where OpenSSH looks by itself, in the order of preference.
const USUAL: [&str; 3] = ["id_ed25519.pub", "id_ecdsa.pub", "id_rsa.pub"];

/// A public key of the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserKey {
    /// Its file.
    pub path: PathBuf,
    /// The whole line, with its comment.
    pub line: String,
}

/// The key that `ssh` will use: our own if one was made, else the first of the user's.
///
/// # Errors
/// A [`Failure`] if a key's file can't be read.
pub fn find(paths: &Paths) -> Result<Option<UserKey>, Failure> {
    let ssh = paths.home.join(".ssh");
    for path in std::iter::once(paths.own_key.with_extension("pub")).chain(USUAL.iter().map(|name| ssh.join(name))) {
        if let Some(line) = read(&path)?.map(|text| text.trim().to_owned()).filter(|line| type_and_key(line).is_some()) {
            return Ok(Some(UserKey { path, line }));
        }
    }
    Ok(None)
}

/// The user's key; one is made if there is none.
///
/// # Errors
/// A [`Failure`] if `ssh-keygen` fails.
pub fn find_or_make(paths: &Paths) -> Result<UserKey, Failure> {
    if let Some(key) = find(paths)? {
        return Ok(key);
    }
    // Two `shed server add` at once must not overwrite each other's key; the config lock orders them.
    locked(&paths.own_key, || {
        if find(paths)?.is_some() {
            return Ok(());
        }
        let output = std::process::Command::new("ssh-keygen")
            .args(["-q", "-t", "ed25519", "-N", "", "-C", "shed", "-f"])
            .arg(&paths.own_key)
            .stdin(Stdio::null())
            .output()
            .map_err(|error| Failure::new(format!("`ssh-keygen` could not be started: {error}")).hint("install OpenSSH"))?;
        if output.status.success() {
            Ok(())
        } else {
            Err(Failure::new(format!("`ssh-keygen` failed: {}", String::from_utf8_lossy(&output.stderr).trim())))
        }
    })?;
    find(paths)?.ok_or_else(|| Failure::new(format!("`ssh-keygen` made no key at `{}`", paths.own_key.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_only_for_users_without_one() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let paths = Paths { config: at("c/config.toml"), known_hosts: at("c/known_hosts"), own_key: at("c/id_ed25519"), home: at("home") };
        assert_eq!(find(&paths).unwrap(), None);
        let made = find_or_make(&paths).unwrap();
        assert!(made.line.starts_with("ssh-ed25519 "));
        assert!(paths.own_key.exists());
        assert_eq!(find_or_make(&paths).unwrap(), made);

        std::fs::create_dir_all(at("home2/.ssh")).unwrap();
        std::fs::write(at("home2/.ssh/id_rsa.pub"), "ssh-rsa AAAA me\n").unwrap();
        std::fs::write(at("home2/.ssh/id_ecdsa.pub"), "ecdsa-sha2-nistp256 BBBB me\n").unwrap();
        let paths = Paths { own_key: at("d/id_ed25519"), home: at("home2"), ..paths };
        assert_eq!(find_or_make(&paths).unwrap().line, "ecdsa-sha2-nistp256 BBBB me");
        assert!(!paths.own_key.exists());
    }
}
