//! The state directory: one server at a time, and the id of that server.

use std::{
    fs::{self, File, TryLockError},
    io,
    path::Path,
};

use uuid::Uuid;

use super::ServeError;

/// Held by the server that has the directory. The kernel lets go of it when the process ends, however it ends.
pub(super) struct StateLock {
    _file: File,
}

impl StateLock {
    pub(super) fn take(dir: &Path) -> Result<Self, ServeError> {
        let path = dir.join("lock");
        let failed = |source| ServeError::File { path: path.clone(), source };
        let file = File::options().append(true).create(true).open(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(ServeError::Running(dir.to_owned())),
            Err(TryLockError::Error(source)) => Err(failed(source)),
        }
    }
}

/// The id that this server writes on its sheds: made once, then read.
pub(super) fn server_id(dir: &Path) -> Result<Uuid, ServeError> {
    let path = dir.join("server-id");
    let failed = |source| ServeError::File { path: path.clone(), source };
    match fs::read_to_string(&path) {
        Ok(text) => match Uuid::parse_str(text.trim()) {
            Ok(id) => return Ok(id),
            Err(error) => return Err(failed(io::Error::new(io::ErrorKind::InvalidData, error))),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(failed(error)),
    }
    let id = Uuid::new_v4();
    // Renamed into place: a server that dies in the middle must not leave an empty id.
    let temporary = dir.join("server-id.new");
    fs::write(&temporary, format!("{id}\n")).map_err(failed)?;
    fs::rename(&temporary, &path).map_err(failed)?;
    Ok(id)
}
