//! The few files that are written for agents, each whole or not at all.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process,
};

use shed_core::guest::PROGRAM;

/// A folder from the environment, or one below the home.
#[must_use]
pub fn folder(variable: &str, below_home: &str) -> Option<PathBuf> {
    let given = env::var_os(variable).filter(|path| !path.is_empty()).map(PathBuf::from);
    given.or_else(|| env::var_os("HOME").filter(|home| !home.is_empty()).map(|home| PathBuf::from(home).join(below_home)))
}

/// Writes the file in one step, so that whoever reads it finds the old or the new. A link stays a link, and a mode a mode.
///
/// # Errors
/// As [`fs::write`] and [`fs::rename`].
pub fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    let real = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = real.parent().ok_or(io::ErrorKind::InvalidInput)?;
    fs::create_dir_all(folder)?;
    let name = real.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let temporary = folder.join(format!(".{name}.{}", process::id()));
    let written = fs::write(&temporary, content).and_then(|()| {
        if let Ok(old) = fs::metadata(&real) {
            fs::set_permissions(&temporary, old.permissions())?;
        }
        fs::rename(&temporary, &real)
    });
    if written.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    written
}

/// This program's path, as hooks are to call it; a newer one may stand there by then.
#[must_use]
pub fn program() -> Option<String> {
    let path = env::current_exe().ok()?;
    let path = path.to_str()?;
    let path = path.strip_suffix(" (deleted)").unwrap_or(path);
    // The server puts each version under a name of its own, and a link without it beside them, which leads to the newest.
    let link = Path::new(path).with_file_name(PROGRAM);
    Some(if link.exists() { link.to_str()?.to_owned() } else { path.to_owned() })
}
