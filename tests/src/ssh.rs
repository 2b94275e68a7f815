//! The SSH endpoint as anybody reaches it: through the OpenSSH client.

use std::{fs, path::Path, process::Command};

use tempfile::TempDir;

use crate::{Ended, TestServer, run, run_with_input};

/// A user's key and `known_hosts` for one server.
#[derive(Debug)]
pub struct Ssh {
    folder: TempDir,
    port: String,
}

impl Ssh {
    pub(crate) fn new(server: &TestServer) -> Self {
        let ssh = Self { folder: TempDir::with_prefix("ssh-").expect("a temporary folder"), port: server.ssh_port().to_owned() };
        let key = ssh.folder.path().join("id");
        run(Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-C", "tests", "-f"]).arg(&key)).assert_ok();
        let public = fs::read(key.with_extension("pub")).expect("ssh-keygen writes the public key");
        server.admin(&["key", "add"], &format!("key-{}", server.pid()), &public).assert_ok();
        let host_key = server.curl().get("/api/ssh-host-key").json(200);
        let host_key = host_key.get("public_key").and_then(serde_json::Value::as_str).expect("a host key");
        fs::write(ssh.folder.path().join("known_hosts"), format!("[127.0.0.1]:{} {host_key}\n", ssh.port)).expect("a file");
        ssh
    }

    /// The arguments of `ssh` up to the user: this key and no other, this host key, no configuration of the machine.
    #[must_use]
    pub fn options(&self) -> Vec<String> {
        let path = |name: &str| Path::display(&self.folder.path().join(name)).to_string();
        let mut options = vec!["-F".to_owned(), "none".to_owned(), "-i".to_owned(), path("id"), "-p".to_owned(), self.port.clone()];
        let settings = [
            format!("UserKnownHostsFile={}", path("known_hosts")),
            "GlobalKnownHostsFile=/dev/null".to_owned(),
            "StrictHostKeyChecking=yes".to_owned(),
            "IdentitiesOnly=yes".to_owned(),
            "IdentityAgent=none".to_owned(),
            "BatchMode=yes".to_owned(),
            "ConnectTimeout=20".to_owned(),
        ];
        options.extend(settings.into_iter().flat_map(|setting| ["-o".to_owned(), setting]));
        options
    }

    /// `ssh OPTIONS… USER@127.0.0.1 WORDS…`, to be run by the caller.
    #[must_use]
    pub fn command(&self, user: &str, words: &[&str]) -> Command {
        let mut command = Command::new("ssh");
        command.args(self.options()).arg(format!("{user}@127.0.0.1")).args(words);
        command
    }

    /// The same as a line to type in a terminal; `flags` go before the user.
    #[must_use]
    pub fn line(&self, flags: &str, user: &str, words: &str) -> String {
        format!("ssh {} {flags} {user}@127.0.0.1 {words}", self.options().join(" "))
    }

    /// Runs a command and waits for its end.
    #[must_use]
    pub fn run(&self, user: &str, words: &[&str]) -> Ended {
        run(&mut self.command(user, words))
    }

    /// Runs a command with standard input.
    #[must_use]
    pub fn run_with_input(&self, user: &str, words: &[&str], input: &[u8]) -> Ended {
        run_with_input(&mut self.command(user, words), input)
    }
}
