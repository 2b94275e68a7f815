//! The server's own key: made on first start, read on every other.

use std::{
    fs::{self, DirBuilder, OpenOptions, Permissions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use russh::keys::{
    HashAlg, PrivateKey,
    ssh_key::{LineEnding, private::Ed25519Keypair},
};
use shed_core::wire::SshHostKey;

/// Why there is no host key.
#[derive(Debug, thiserror::Error)]
pub enum HostKeyError {
    /// The file can't be read or written.
    #[error("SSH host key `{path}`: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is no private key in OpenSSH's format, or has a passphrase.
    #[error("SSH host key `{path}` can't be used: {reason}; hint: move the file away and a new key is made")]
    Unusable {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The operating system gives no random bytes.
    #[error("no random bytes for the SSH host key: {0}")]
    Random(String),
}

/// The key by which clients know this server.
#[derive(Clone)]
pub struct HostKey {
    key: PrivateKey,
}

impl HostKey {
    /// Reads the key from `path`, or makes an ed25519 key there if there is no file.
    ///
    /// A file that others may read gets its mode corrected, with a warning: refusing to start would help nobody, the key
    /// is no safer for it.
    ///
    /// # Errors
    /// [`HostKeyError`]; an unusable file is never overwritten, since clients have pinned the key that was in it.
    pub fn load_or_create(path: impl AsRef<Path>) -> Result<Self, HostKeyError> {
        let path = path.as_ref();
        let file = |source| HostKeyError::File { path: path.to_owned(), source };
        let text = match fs::read(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Self::create(path),
            Err(error) => return Err(file(error)),
        };
        let mode = fs::metadata(path).map_err(file)?.permissions().mode();
        if mode & 0o077 != 0 {
            tracing::warn!(path = %path.display(), mode = format!("{:o}", mode & 0o777), "the SSH host key was open to others; its mode is now 600");
            fs::set_permissions(path, Permissions::from_mode(0o600)).map_err(file)?;
        }
        let unusable = |reason: String| HostKeyError::Unusable { path: path.to_owned(), reason };
        let key = PrivateKey::from_openssh(text).map_err(|error| unusable(error.to_string()))?;
        if key.is_encrypted() {
            return Err(unusable("it has a passphrase".to_owned()));
        }
        Ok(Self { key })
    }

    /// What clients pin.
    #[must_use]
    pub fn public(&self) -> SshHostKey {
        let public = self.key.public_key();
        SshHostKey {
            public_key: public.to_openssh().map(|line| line.trim_end().to_owned()).unwrap_or_default(),
            fingerprint: public.fingerprint(HashAlg::Sha256).to_string(),
        }
    }

    /// The key itself, for russh.
    pub(super) fn private(&self) -> PrivateKey {
        self.key.clone()
    }

    fn create(path: &Path) -> Result<Self, HostKeyError> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).map_err(|error| HostKeyError::Random(error.to_string()))?;
        let key = PrivateKey::from(Ed25519Keypair::from_seed(&seed));
        let unusable = |error: russh::keys::ssh_key::Error| HostKeyError::Unusable { path: path.to_owned(), reason: error.to_string() };
        let text = key.to_openssh(LineEnding::LF).map_err(unusable)?;
        write_once(path, text.as_bytes()).map_err(|source| HostKeyError::File { path: path.to_owned(), source })?;
        tracing::info!(path = %path.display(), "made an SSH host key");
        Ok(Self { key })
    }
}

/// Writes beside `path` and renames, so that a crash leaves either no key or a whole one; nobody else can read it at any time.
fn write_once(path: &Path, text: &[u8]) -> io::Result<()> {
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        DirBuilder::new().recursive(true).mode(0o700).create(parent)?;
    }
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}", std::process::id()));
    let temporary = PathBuf::from(name);
    // A leftover of a crashed process that had the same id.
    match fs::remove_file(&temporary) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&temporary)?;
    file.write_all(text)?;
    file.sync_all()?;
    fs::rename(&temporary, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_made_once_and_only_its_owner_reads_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state/host_key");
        let made = HostKey::load_or_create(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::metadata(path.parent().unwrap()).unwrap().permissions().mode() & 0o777, 0o700);
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "no temporary file is left");
        let read = HostKey::load_or_create(&path).unwrap();
        assert_eq!(made.public(), read.public());
        assert!(made.public().public_key.starts_with("ssh-ed25519 AAAA"));
        assert!(made.public().fingerprint.starts_with("SHA256:"));
    }

    #[test]
    fn a_key_that_others_can_read_is_closed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("host_key");
        HostKey::load_or_create(&path).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        HostKey::load_or_create(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_file_that_is_no_key_is_kept_and_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("host_key");
        fs::write(&path, "not a key").unwrap();
        let error = HostKey::load_or_create(&path).err().unwrap().to_string();
        assert!(error.contains("host_key") && error.contains("hint:"), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "not a key");
    }
}
