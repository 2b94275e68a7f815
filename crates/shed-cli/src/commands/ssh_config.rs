//! `shed ssh-config …`

use std::{
    fs::DirBuilder,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

use crate::{
    Context, Failure,
    args::SshConfigCommand,
    config::file::{locked, read, replace},
    locate, output,
    ssh::{
        command::value,
        config_block::{Entry, block, edit},
    },
};

/// `shed ssh-config …`
pub async fn run(context: &Context, command: SshConfigCommand) -> Result<u8, Failure> {
    let usual = |file: Option<PathBuf>| file.unwrap_or_else(|| context.paths.home.join(".ssh/config"));
    match command {
        SshConfigCommand::Install { dry_run, file } => install(context, dry_run, &usual(file)).await,
        SshConfigCommand::Uninstall { file } => {
            let file = usual(file);
            let changed = if file.exists() { write(context, &file, None)? } else { false };
            output::say(&if changed {
                format!("the block is removed from {}", file.display())
            } else {
                format!("there is no block in {}", file.display())
            });
            Ok(0)
        }
    }
}

async fn install(context: &Context, dry_run: bool, file: &Path) -> Result<u8, Failure> {
    let gathered = locate::ask(context.searched()?, |client| async move { client.list_sheds().await }).await;
    gathered.warn();
    if let (Some((name, _)), false) = (gathered.failed.first(), dry_run) {
        // Writing what we know would silently drop the entries of that server's sheds.
        return Err(Failure::new(format!("server `{name}` could not be asked for its sheds; nothing was changed"))
            .hint(format!("start it, or leave it out with `-s`; `shed server remove {name}` forgets it")));
    }
    let mut entries = Vec::new();
    for (remote, list) in gathered.answers {
        entries.extend(list.sheds.into_iter().map(|shed| Entry {
            shed: shed.name,
            server: remote.name.clone(),
            host: remote.server.ssh_host.clone(),
            port: remote.server.ssh_port,
        }));
    }
    let identity = if context.paths.own_key.exists() { Some(value(&context.paths.own_key)?) } else { None };
    let text = block(&entries, &value(&context.paths.known_hosts)?, identity.as_deref());
    if dry_run {
        // Refuse here what would be refused when it is meant.
        edit(&read(file)?.unwrap_or_default(), Some(&text))?;
        output::data(&text)?;
        return Ok(0);
    }
    let changed = write(context, file, Some(&text))?;
    let what = if changed { "is written" } else { "is up to date" };
    output::say(&format!("the block for {} sheds {what} in {}", entries.len(), file.display()));
    Ok(0)
}

/// Changes the file, and says whether there was anything to change. Our own lock orders our own processes; what an editor
/// writes at the same moment can't be guarded.
fn write(context: &Context, file: &Path, block: Option<&str>) -> Result<bool, Failure> {
    locked(&context.paths.folder().join("ssh-config"), || {
        let old = read(file)?.unwrap_or_default();
        let new =
            edit(&old, block).map_err(|failure| Failure { message: format!("`{}`: {}", file.display(), failure.message), ..failure })?;
        if new == old {
            return Ok(false);
        }
        if let Some(folder) = file.parent() {
            DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        }
        replace(file, &new)?;
        Ok(true)
    })
}
