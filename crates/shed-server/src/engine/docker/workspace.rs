//! Giving a new workspace to the image's user.

use std::time::Duration;

use bytes::Bytes;

use super::{DockerEngine, container::WORKSPACE};
use crate::{
    engine::{ContainerId, EngineError, ExecSpec},
    run::{Finished, RunLimits, run_to_end},
};

/// Two small programs.
const ASK: RunLimits = RunLimits { deadline: Duration::from_secs(20), output: 4096 };

/// Says the user's numbers, unless the directory is writable already.
const WHO: &str = r#"[ -w "$1" ] || { id -u && id -g; }"#;

impl DockerEngine {
    /// A new volume belongs to root, unless the image has a `/workspace` to take the owner from. Where the user can't write
    /// to it, it is handed over. The archive that does so is unpacked by Docker itself, so it works whatever the
    /// container's processes may do; an image without a shell or `id` keeps what it has.
    pub(super) async fn give_workspace(&self, id: &ContainerId) -> Result<(), EngineError> {
        let argv = ["/bin/sh", "-c", WHO, "shed", WORKSPACE].map(str::to_owned).to_vec();
        let spec = ExecSpec { argv, cwd: Some("/".to_owned()), ..ExecSpec::default() };
        let asked: Finished = run_to_end(self, id, spec, &[], ASK).await?;
        let text = String::from_utf8_lossy(&asked.stdout);
        let mut numbers = text.lines().map(|line| line.trim().parse::<u64>());
        let (Some(Ok(uid)), Some(Ok(gid))) = (numbers.next(), numbers.next()) else { return Ok(()) };
        let archive = directory_of(uid, gid).map_err(|error| EngineError::Other(error.to_string()))?;
        self.upload_tar(id, "/", archive).await
    }
}

/// A tar archive with the workspace directory alone.
fn directory_of(uid: u64, gid: u64) -> std::io::Result<Bytes> {
    let mut header = tar::Header::new_ustar();
    header.set_entry_type(tar::EntryType::Directory);
    header.set_path(format!("{}/", WORKSPACE.trim_start_matches('/')))?;
    header.set_mode(0o755);
    header.set_uid(uid);
    header.set_gid(gid);
    header.set_size(0);
    header.set_cksum();
    let mut archive = tar::Builder::new(Vec::new());
    archive.append(&header, std::io::empty())?;
    Ok(Bytes::from(archive.into_inner()?))
}
