//! Cloning a repository into a new shed, as the shed's user.

use std::{collections::BTreeMap, time::Duration};

use shed_core::ErrorCode;

use super::repo::Repo;
use crate::{
    Error,
    app::App,
    engine::{Container, EngineError, ExecSpec, ExecUser},
    run::{Finished, RunLimits, run_to_end},
};

/// A large repository over a slow line takes long; one that takes longer than this hangs.
const CLONE_DEADLINE: Duration = Duration::from_secs(30 * 60);

/// For the small preparations.
const STEP_DEADLINE: Duration = Duration::from_secs(20);

/// What is kept of git's messages.
const OUTPUT: usize = 64 * 1024;

/// GitHub's host keys, as published at <https://api.github.com/meta> and in GitHub's documentation ("GitHub's SSH key
/// fingerprints"), so that cloning over SSH neither asks nor trusts whoever answers.
const GITHUB_KNOWN_HOSTS: &str = include_str!("github_known_hosts");

/// Adds the keys on standard input to the system's list, once.
const ADD_KNOWN_HOSTS: &str = r#"f=/etc/ssh/ssh_known_hosts; mkdir -p /etc/ssh; if [ -f "$f" ]; then while IFS= read -r l; do case $l in github.com\ *) exit 0;; esac; done <"$f"; fi; cat >>"$f"; chmod 644 "$f""#;

/// Hands git the credentials from the environment of this one process; they are in no argument list and no file.
const CREDENTIAL_HELPER: &str = r#"credential.helper=!f() { echo "username=$SHED_GIT_USER"; echo "password=$SHED_GIT_PASSWORD"; }; f"#;

impl App {
    /// Clones into `/workspace/<directory>`.
    pub(super) async fn clone_repo(&self, container: &Container, repo: &Repo) -> Result<(), Error> {
        self.know_github(container).await;
        let mut argv = vec!["git".to_owned(), "-c".to_owned(), "safe.directory=*".to_owned()];
        let mut env = BTreeMap::from([
            ("GIT_TERMINAL_PROMPT".to_owned(), "0".to_owned()),
            ("GIT_SSH_COMMAND".to_owned(), "ssh -o BatchMode=yes -o ConnectTimeout=20".to_owned()),
            ("LC_ALL".to_owned(), "C.UTF-8".to_owned()),
        ]);
        if let Some((user, password)) = &repo.credentials {
            argv.extend(["-c".to_owned(), "credential.helper=".to_owned(), "-c".to_owned(), CREDENTIAL_HELPER.to_owned()]);
            env.insert("SHED_GIT_USER".to_owned(), user.clone());
            env.insert("SHED_GIT_PASSWORD".to_owned(), password.clone());
        }
        let target = format!("/workspace/{}", repo.directory);
        argv.extend(["clone".to_owned(), "--".to_owned(), repo.url.clone(), target]);
        let spec = ExecSpec { argv, env, cwd: Some("/".to_owned()), ..ExecSpec::default() };
        let limits = RunLimits { deadline: CLONE_DEADLINE, output: OUTPUT };
        let reason = match run_to_end(&*self.engine, &container.id, spec, &[], limits).await {
            Ok(Finished { exit_code: 0, .. }) => return Ok(()),
            Ok(Finished { exit_code: 127, .. }) | Err(EngineError::CannotRun(_)) => "git is not installed in the image".to_owned(),
            Ok(finished) => last_words(&finished),
            Err(EngineError::Timeout(_)) => format!("git needed longer than {} minutes", CLONE_DEADLINE.as_secs() / 60),
            Err(error) => return Err(Error::engine(error, &container.shed)),
        };
        Err(Error::new(ErrorCode::CloneFailed, format!("cloning `{}` failed: {}", repo.url, repo.redact(&reason)))
            .hint("check the address and that the shed has credentials for it ([[sheds.credentials]] in the server's configuration)"))
    }

    /// Failing here only means that SSH will refuse a host it does not know, and git will say so.
    async fn know_github(&self, container: &Container) {
        let argv = ["sh", "-c", ADD_KNOWN_HOSTS].map(str::to_owned).to_vec();
        let spec = ExecSpec { argv, cwd: Some("/".to_owned()), user: ExecUser::Root, ..ExecSpec::default() };
        let limits = RunLimits { deadline: STEP_DEADLINE, output: OUTPUT };
        let added = run_to_end(&*self.engine, &container.id, spec, GITHUB_KNOWN_HOSTS.as_bytes(), limits).await;
        match added {
            Ok(Finished { exit_code: 0, .. }) => {}
            Ok(finished) => tracing::warn!(shed = %container.shed, reason = last_words(&finished), "GitHub's host keys could not be added"),
            Err(error) => tracing::warn!(shed = %container.shed, %error, "GitHub's host keys could not be added"),
        }
    }
}

/// Git's reason: its lines that say `fatal:` or `error:`, else the last line.
fn last_words(finished: &Finished) -> String {
    let text = String::from_utf8_lossy(&finished.stderr);
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let telling: Vec<&str> = lines
        .iter()
        .copied()
        .filter(|line| line.starts_with("fatal:") || line.starts_with("error:") || line.contains("ermission denied"))
        .collect();
    match (telling.is_empty(), lines.last()) {
        (false, _) => telling.join("; "),
        (true, Some(last)) => (*last).to_owned(),
        (true, None) => format!("exit code {}", finished.exit_code),
    }
}
