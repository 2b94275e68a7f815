//! Putting the guest's program into a container.
//!
//! The file's name holds its hash, so that whether the right one is there is seen by starting it, and one that is in use is
//! never written to. A link without the hash leads to the newest: agents' hooks call that.

use std::io;

use bytes::Bytes;
use shed_core::guest::{DIRECTORY, PROGRAM};

use super::binary;
use crate::engine::{ContainerId, Engine, EngineError};

/// How much of the hash is in the name, in hex digits.
const DIGITS: usize = 16;

/// The name of this build's file.
fn file_name() -> String {
    let hash = binary::hash();
    format!("{PROGRAM}-{}", hash.get(..DIGITS).unwrap_or(hash))
}

/// The absolute path of this build's program in a container.
pub(super) fn path() -> String {
    format!("{DIRECTORY}/{}", file_name())
}

/// Uploads the program; the engine does that as root, whatever the container's user may do.
pub(super) async fn upload(engine: &dyn Engine, id: &ContainerId) -> Result<(), EngineError> {
    let archive = archive().map_err(|error| EngineError::Other(error.to_string()))?;
    engine.upload(id, "/", archive).await
}

/// The program, and the link to it.
fn archive() -> io::Result<Bytes> {
    let directory = DIRECTORY.trim_start_matches('/');
    let mut tar = tar::Builder::new(Vec::new());
    let header = |kind: tar::EntryType, size: u64| {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(kind);
        header.set_mode(0o755);
        header.set_uid(0);
        header.set_gid(0);
        header.set_size(size);
        header
    };
    tar.append_data(&mut header(tar::EntryType::Directory, 0), format!("{directory}/"), io::empty())?;
    let program = binary::binary();
    let size = u64::try_from(program.len()).map_err(io::Error::other)?;
    // Several servers may do this at the same moment, so nobody ever sees half a file under the final name: it is written under
    // a name of its own, and linked.
    let written = format!("{directory}/.{}.{}", file_name(), uuid::Uuid::new_v4().simple());
    tar.append_data(&mut header(tar::EntryType::Regular, size), &written, program)?;
    tar.append_link(&mut header(tar::EntryType::Link, 0), format!("{directory}/{}", file_name()), &written)?;
    tar.append_link(&mut header(tar::EntryType::Symlink, 0), format!("{directory}/{PROGRAM}"), file_name())?;
    Ok(Bytes::from(tar.into_inner()?))
}
