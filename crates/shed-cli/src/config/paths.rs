//! Where the CLI keeps its files.

use std::{
    env,
    path::{Path, PathBuf},
};

use crate::Failure;

/// Where the CLI keeps its files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    /// `config.toml`
    pub config: PathBuf,
    /// Host keys that `shed server add` has pinned.
    pub known_hosts: PathBuf,
    /// The private key that is made for users who have none.
    pub own_key: PathBuf,
    /// The user's home.
    pub home: PathBuf,
}

impl Paths {
    /// `$SHED_CONFIG`, else `$XDG_CONFIG_HOME/shed/config.toml`, else `~/.config/shed/config.toml`; the rest beside it.
    ///
    /// # Errors
    /// A [`Failure`] if neither these nor `HOME` is set.
    pub fn from_env() -> Result<Self, Failure> {
        let set = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        Self::new(set("SHED_CONFIG"), set("XDG_CONFIG_HOME"), env::home_dir().filter(|home| !home.as_os_str().is_empty()))
            .ok_or_else(|| Failure::new("no place for the configuration").hint("set HOME or SHED_CONFIG"))
    }

    fn new(shed_config: Option<PathBuf>, xdg: Option<PathBuf>, home: Option<PathBuf>) -> Option<Self> {
        // The XDG specification says that a relative path is to be ignored.
        let xdg = xdg.filter(|path| path.is_absolute());
        let config = match shed_config {
            Some(path) => std::path::absolute(path).ok()?,
            None => xdg.or_else(|| home.as_ref().map(|home| home.join(".config")))?.join("shed/config.toml"),
        };
        let folder = config.parent().unwrap_or(Path::new("/")).to_owned();
        Some(Self {
            known_hosts: folder.join("known_hosts"),
            own_key: folder.join("id_ed25519"),
            home: home.unwrap_or_else(|| PathBuf::from("/")),
            config,
        })
    }

    /// The folder of all of them.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.config.parent().unwrap_or(Path::new("/"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_special_place_wins() {
        let paths = |shed: Option<&str>, xdg: Option<&str>, home: Option<&str>| {
            Paths::new(shed.map(Into::into), xdg.map(Into::into), home.map(Into::into)).map(|paths| paths.config)
        };
        assert_eq!(paths(Some("/a/my.toml"), Some("/x"), Some("/h")), Some("/a/my.toml".into()));
        assert_eq!(paths(None, Some("/x"), Some("/h")), Some("/x/shed/config.toml".into()));
        assert_eq!(paths(None, Some("relative"), Some("/h")), Some("/h/.config/shed/config.toml".into()));
        assert_eq!(paths(None, None, None), None);
        let beside = Paths::new(Some("/a/my.toml".into()), None, None).unwrap();
        assert_eq!(beside.known_hosts, PathBuf::from("/a/known_hosts"));
    }
}
