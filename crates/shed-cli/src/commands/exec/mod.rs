//! `shed exec` and `shed console`: they become `ssh`, so that bytes, signals and exit codes pass through untouched.

use std::io::{self, IsTerminal};

use crate::{
    Context, Failure,
    args::{Console, Exec},
    locate,
    pattern::{Candidate, Rules, choose},
    ssh::{SshCommand, command::Tty},
};

/// Runs a command in the directory and environment of a session. Arguments: the session's name, the command, its arguments.
/// tmux prints the session's environment as shell text (`show-environment -s`). The inner commands get no standard input,
/// which belongs to the command. `-u`, because tmux spells
/// what is not ASCII with underscores in an image without a locale. A pane whose program has ended has no current path; the session's own stands in for it.
const IN_SESSION: &str = r#"s=$1; shift
f=$(tmux -u display-message -p -t "=$s:" '#{pane_id} #{socket_path},#{pid},#{s/[$]//:session_id} #{?pane_current_path,#{pane_current_path},#{session_path}}' </dev/null) || exit 1
e=$(tmux -u show-environment -s -t "=$s" </dev/null) || exit 1
eval "$e"
TMUX_PANE=${f%% *}; f=${f#* }; TMUX=${f%% *}; export TMUX TMUX_PANE
cd "${f#* }" || exit 1
exec "$@""#;

/// Runs one command; does not return if `ssh` starts.
pub async fn exec(context: &Context, args: Exec) -> Result<u8, Failure> {
    let found = locate::shed_named(context, &args.shed).await?;
    let all_terminals = io::stdin().is_terminal() && io::stdout().is_terminal() && io::stderr().is_terminal();
    let tty = if args.tty || (all_terminals && !args.no_tty) { Tty::Yes } else { Tty::No };
    let mut ssh = SshCommand::new(&context.paths, &found.remote.server, &found.shed.name, tty);
    ssh.remote = Some(match &args.session.session {
        None => args.command,
        Some(pattern) => {
            let list = found.client().list_sessions(found.name()).await?;
            let candidates = list.sessions.into_iter().map(|session| Candidate {
                label: session.name.clone(),
                name: session.name.clone(),
                value: session.name,
            });
            let rules = Rules { what: "session", ask: false, part_is_enough: false, person: false };
            let name = choose(Some(pattern), candidates.collect(), rules, || {
                Failure::new(format!("session `{pattern}` not found in shed `{}`", found.name()))
                    .hint(format!("see what there is with `shed sessions {}`", found.name()))
            })?;
            ssh.session = Some(name.clone());
            let wrapper = ["sh", "-c", IN_SESSION, "shed-exec", &name];
            wrapper.into_iter().map(str::to_owned).chain(args.command).collect()
        }
    });
    ssh.exec()
}

/// Opens a shell; does not return if `ssh` starts.
pub async fn console(context: &Context, args: Console) -> Result<u8, Failure> {
    let found = locate::shed(context, &args.shed, true).await?;
    let tty = if io::stdin().is_terminal() { Tty::Yes } else { Tty::No };
    SshCommand::new(&context.paths, &found.remote.server, &found.shed.name, tty).exec()
}

#[cfg(test)]
mod tests;
