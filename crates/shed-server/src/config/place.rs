//! What follows from the configuration and the machine together.

use std::{
    env, fs,
    io::ErrorKind,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf, absolute},
};

use super::{Config, ConfigError};

impl Config {
    /// What the server calls itself: its configured name, else the machine's.
    #[must_use]
    pub fn server_name(&self) -> String {
        self.name.clone().unwrap_or_else(|| {
            let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
            if host.is_empty() { "shed".to_owned() } else { host }
        })
    }

    /// Where the state is, made (0700) if it is not there: `state_dir`, else `$XDG_STATE_HOME/shed`, else
    /// `~/.local/state/shed` (XDG Base Directory Specification 0.8).
    ///
    /// # Errors
    /// [`ConfigError::NoStateDir`] or [`ConfigError::StateDir`].
    pub fn make_state_dir(&self) -> Result<PathBuf, ConfigError> {
        let dir = self.state_dir()?;
        let refused = |source| ConfigError::StateDir { path: dir.clone(), source };
        // The mode holds for the directories that are made here; one that exists keeps what its owner chose.
        match fs::DirBuilder::new().recursive(true).mode(0o700).create(&dir) {
            Err(source) if source.kind() == ErrorKind::AlreadyExists && dir.is_dir() => {}
            other => other.map_err(refused)?,
        }
        Ok(dir)
    }

    fn state_dir(&self) -> Result<PathBuf, ConfigError> {
        let home = || env::var_os("HOME").filter(|home| !home.is_empty()).map(PathBuf::from);
        let dir = match &self.state_dir {
            Some(dir) => match (dir.strip_prefix("~"), home()) {
                (Ok(rest), Some(home)) => home.join(rest),
                _ => dir.clone(),
            },
            None => default_state_dir(env::var_os("XDG_STATE_HOME").map(PathBuf::from).as_deref(), home().as_deref())
                .ok_or(ConfigError::NoStateDir)?,
        };
        absolute(&dir).map_err(|source| ConfigError::StateDir { path: dir, source })
    }
}

/// The specification says that a relative `XDG_STATE_HOME` is to be ignored.
fn default_state_dir(xdg: Option<&Path>, home: Option<&Path>) -> Option<PathBuf> {
    match (xdg.filter(|dir| dir.is_absolute()), home) {
        (Some(xdg), _) => Some(xdg.join("shed")),
        (None, Some(home)) => Some(home.join(".local/state/shed")),
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_is_where_xdg_says() {
        let [xdg, home, relative] = ["/x", "/home/a", "x"].map(Path::new);
        assert_eq!(default_state_dir(Some(xdg), Some(home)), Some("/x/shed".into()));
        assert_eq!(default_state_dir(Some(relative), Some(home)), Some("/home/a/.local/state/shed".into()));
        assert_eq!(default_state_dir(None, Some(home)), Some("/home/a/.local/state/shed".into()));
        assert_eq!(default_state_dir(None, None), None);
    }
}
