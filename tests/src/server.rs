//! A real server process with its own state.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Condvar, Mutex, PoisonError},
    thread,
};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{Cli, Curl, Ended, Ssh, TestShed, program, run, run_with_input, test_image, wait_until};

/// How many servers, and so tests with containers, run at once; each keeps about one core busy.
const MOST_SERVERS: u32 = 4;

/// A running `shed-server serve`, with its state in a temporary folder. Ends when dropped.
#[derive(Debug)]
pub struct TestServer {
    folder: TempDir,
    child: Child,
    http: String,
    ssh: String,
    token: String,
    _permit: Permit,
}

impl TestServer {
    /// Starts a server with the test image.
    #[must_use]
    pub fn start() -> Self {
        Self::start_with("")
    }

    /// Starts a server; `extra` is TOML that goes after the `[sheds]` table's `default_image`.
    #[must_use]
    pub fn start_with(extra: &str) -> Self {
        let permit = Permit::take();
        let folder = TempDir::with_prefix("server-").expect("a temporary folder");
        write_config(folder.path(), "127.0.0.1:0", "127.0.0.1:0", extra);
        let token = admin(folder.path(), &["token", "create"], "tests", b"").ok().stdout.trim().to_owned();
        let child = spawn(folder.path());
        let mut server = Self { folder, child, http: String::new(), ssh: String::new(), token, _permit: permit };
        server.wait_until_ready();
        // The same ports after a restart: clients keep the address.
        write_config(server.folder.path(), &server.http, &server.ssh, extra);
        server
    }

    /// Where the API listens: `127.0.0.1:PORT`.
    #[must_use]
    pub fn http(&self) -> &str {
        &self.http
    }

    /// Where the SSH endpoint listens: `127.0.0.1:PORT`.
    #[must_use]
    pub fn ssh_address(&self) -> &str {
        &self.ssh
    }

    /// The port of the SSH endpoint.
    #[must_use]
    pub fn ssh_port(&self) -> &str {
        self.ssh.rsplit_once(':').expect("an address has a port").1
    }

    /// A valid token.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.token
    }

    /// The process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The folder with its database, key, configuration and log.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Its API through curl.
    #[must_use]
    pub fn curl(&self) -> Curl {
        Curl::new(&self.http, Some(self.token.clone()))
    }

    /// Its SSH endpoint through OpenSSH, with a new registered key.
    #[must_use]
    pub fn ssh(&self) -> Ssh {
        Ssh::new(self)
    }

    /// A user with an empty home and this server added to the CLI.
    #[must_use]
    pub fn cli(&self) -> Cli {
        let cli = Cli::new();
        cli.add_server("tests", self).assert_ok();
        cli
    }

    /// Makes a shed through the API.
    #[must_use]
    pub fn create_shed(&self) -> TestShed {
        let shed = TestShed::new();
        let answer = self.curl().post("/api/sheds", &json!({"name": shed.name()}));
        answer.assert_status(201);
        shed
    }

    /// Runs `shed-server WORDS… --config FILE --name NAME` with `input` as standard input.
    #[must_use]
    pub fn admin(&self, words: &[&str], name: &str, input: &[u8]) -> Ended {
        admin(self.folder.path(), words, name, input)
    }

    /// Ends the server as an operator does (SIGTERM), and waits for it.
    pub fn stop(&mut self) {
        run(Command::new("kill").arg(self.child.id().to_string())).assert_ok();
        wait_until("the server to end", || self.child.try_wait().expect("the server can be waited for"));
    }

    /// Ends the server without a chance to clean up.
    pub fn kill9(&mut self) {
        self.child.kill().expect("the server can be killed");
        self.child.wait().expect("the server can be waited for");
    }

    /// Starts the ended server again, on the same ports and state.
    pub fn start_again(&mut self) {
        self.child = spawn(self.folder.path());
        self.wait_until_ready();
    }

    /// What the server has logged.
    #[must_use]
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("server.log")).unwrap_or_default()
    }

    fn wait_until_ready(&mut self) {
        let file = self.folder.path().join("endpoints.json");
        let pid = u64::from(self.child.id());
        let endpoints = wait_until("the server to listen", || {
            if let Some(status) = self.child.try_wait().expect("the server can be waited for") {
                panic!("the server ended with {status}\n{}", self.log());
            }
            let value: Value = serde_json::from_str(&fs::read_to_string(&file).ok()?).ok()?;
            (value.get("pid")?.as_u64()? == pid).then_some(value)
        });
        let address = |key: &str| endpoints.get(key).and_then(Value::as_str).map(str::to_owned);
        self.http = address("http").expect("endpoints.json has the HTTP address");
        self.ssh = address("ssh").expect("endpoints.json has the SSH address");
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
        if thread::panicking() {
            eprintln!("--- the server's log\n{}\n---", self.log());
        }
    }
}

fn config(folder: &Path) -> PathBuf {
    folder.join("server.toml")
}

fn write_config(folder: &Path, http: &str, ssh: &str, extra: &str) {
    let state = folder.display();
    let image = test_image();
    let text = format!(
        "name = \"tests\"\nstate_dir = \"{state}\"\n[http]\nlisten = \"{http}\"\n[ssh]\nlisten = \"{ssh}\"\n\
         [sheds]\ndefault_image = \"{image}\"\n{extra}\n"
    );
    fs::write(config(folder), text).expect("the configuration can be written");
}

fn command(folder: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(program("shed-server"));
    command.args(words).arg("--config").arg(config(folder));
    for name in ["SHED_HTTP_LISTEN", "SHED_SSH_LISTEN", "SHED_STATE_DIR"] {
        command.env_remove(name);
    }
    command
}

fn admin(folder: &Path, words: &[&str], name: &str, input: &[u8]) -> Ended {
    run_with_input(command(folder, words).args(["--name", name]), input)
}

fn spawn(folder: &Path) -> Child {
    let log = File::options().create(true).append(true).open(folder.join("server.log")).expect("the log can be opened");
    let mut serve = command(folder, &["serve"]);
    serve.stdin(Stdio::null()).stdout(log.try_clone().expect("the log can be shared")).stderr(log);
    serve.spawn().expect("the server can be started")
}

/// The right to run a server.
#[derive(Debug)]
struct Permit;

static SERVERS: Mutex<u32> = Mutex::new(0);
static FREED: Condvar = Condvar::new();

impl Permit {
    fn take() -> Self {
        let servers = SERVERS.lock().unwrap_or_else(PoisonError::into_inner);
        let mut servers = FREED.wait_while(servers, |servers| *servers >= MOST_SERVERS).unwrap_or_else(PoisonError::into_inner);
        *servers += 1;
        Self
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        *SERVERS.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        FREED.notify_one();
    }
}
