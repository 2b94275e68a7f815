//! Reading and changing files that several `shed` processes may change at once.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use super::{Config, Paths};
use crate::Failure;

/// Reads the configuration; a file that is not there is an empty one.
///
/// # Errors
/// A [`Failure`] that names the file and what is wrong with it.
pub fn load(paths: &Paths) -> Result<Config, Failure> {
    let text = read(&paths.config)?.unwrap_or_default();
    parse(&text, &paths.config)
}

fn parse(text: &str, path: &Path) -> Result<Config, Failure> {
    let file = path.display();
    let config: Config = toml::from_str(text).map_err(|error| {
        let line = error.span().map_or(1, |span| text.bytes().take(span.start).filter(|b| *b == b'\n').count() + 1);
        Failure::new(format!("`{file}`, line {line}: {}", error.message()))
            .hint(format!("correct that line of `{file}`; docs/cli.md lists the keys"))
    })?;
    config
        .check()
        .map_err(|failure| Failure { message: format!("`{file}`: {}", failure.message), ..failure }.hint(format!("correct `{file}`")))?;
    Ok(config)
}

/// Changes the configuration: takes the lock, reads what is there now, lets `change` work on it, and replaces the file in
/// one step. `change` must not wait for anything, because other `shed` processes wait for it.
///
/// # Errors
/// A [`Failure`] of `change`, or one that names the file.
pub fn update<T>(paths: &Paths, change: impl FnOnce(&mut Config) -> Result<T, Failure>) -> Result<T, Failure> {
    locked(&paths.config, || {
        let mut config = load(paths)?;
        let result = change(&mut config)?;
        config.check()?;
        let text = toml::to_string_pretty(&config).map_err(|error| Failure::new(error.to_string()))?;
        replace(&paths.config, &text)?;
        Ok(result)
    })
}

/// Runs `work` while no other process changes `path`. The lock is a file beside it, because `path` itself is replaced.
///
/// # Errors
/// A [`Failure`] of `work`, or one that names the lock file.
pub fn locked<T>(path: &Path, work: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    let lock = with_suffix(path, ".lock");
    let taken = || -> io::Result<File> {
        if let Some(folder) = path.parent() {
            DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        }
        let file = OpenOptions::new().create(true).write(true).truncate(false).mode(0o600).open(&lock)?;
        file.lock()?;
        Ok(file)
    };
    let _held = taken().map_err(|error| named(&lock, &error))?;
    work()
}

/// Reads a text file; `None` if it is not there.
///
/// # Errors
/// A [`Failure`] that names the file.
pub fn read(path: &Path) -> Result<Option<String>, Failure> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(named(path, &error)),
    }
}

/// Replaces a file in one step, so that a reader sees the old text or the new, and a full disk loses nothing. A new file
/// is readable by its owner alone; an existing one keeps its mode. A symbolic link is followed, not replaced.
///
/// # Errors
/// A [`Failure`] that names the file.
pub fn replace(path: &Path, text: &str) -> Result<(), Failure> {
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = target.parent().unwrap_or(Path::new("/"));
    let write = || -> io::Result<()> {
        let mut file = tempfile::Builder::new().prefix(".shed-").tempfile_in(folder)?;
        file.write_all(text.as_bytes())?;
        let mode = fs::metadata(&target).map_or(0o600, |meta| meta.permissions().mode() & 0o777);
        file.as_file().set_permissions(fs::Permissions::from_mode(mode))?;
        file.as_file().sync_all()?;
        file.persist(&target)?;
        Ok(())
    };
    write().map_err(|error| named(path, &error))
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn named(path: &Path, error: &io::Error) -> Failure {
    Failure::new(format!("`{}`: {error}", path.display()))
}
