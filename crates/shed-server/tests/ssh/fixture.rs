//! A server in this process, a shed for it, and a user with a registered key.

use std::{fs, path::PathBuf, process::Command, sync::Arc, time::Duration};

use shed_core::wire::AddSshKey;
use shed_server::{
    access::keys,
    app::App,
    config::Config,
    engine::docker::DockerEngine,
    ssh::{self, HostKey},
    store::Store,
};
use shed_tests::{Ended, TestShed, docker, run, run_with_input, test_image, wait_until};
use tempfile::TempDir;
use tokio::{net::TcpListener, runtime::Runtime};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Everything ends and is removed when this is dropped.
pub struct Fixture {
    /// The shed; it runs.
    pub shed: TestShed,
    /// The server's use cases.
    pub app: Arc<App>,
    /// Where the server listens.
    pub port: u16,
    /// Keys and files.
    pub folder: TempDir,
    /// Ends the server.
    pub shutdown: CancellationToken,
    /// Where the server runs.
    pub runtime: Option<Runtime>,
}

impl Fixture {
    /// A server with one running shed.
    pub fn new() -> Self {
        Self::with_engine(None)
    }

    /// The same with the engine at another address.
    pub fn with_engine(docker_host: Option<&str>) -> Self {
        let shed = TestShed::new();
        let name = format!("shed.name={}", shed.name());
        let labels = ["--label", "shed=true", "--label", &name];
        let start = ["run", "--detach", "--init", "--name", &shed.container()].map(str::to_owned);
        let mut args: Vec<&str> = start.iter().map(String::as_str).collect();
        args.extend(labels);
        let image = test_image();
        args.extend([image.as_str(), "sleep", "infinity"]);
        docker(&args).assert_ok();

        let folder = TempDir::with_prefix("ssh-").unwrap();
        let runtime = Runtime::new().unwrap();
        let shutdown = CancellationToken::new();
        let (app, port) = runtime.block_on(async {
            let engine = Arc::new(DockerEngine::connect(docker_host, Uuid::new_v4()).unwrap());
            let app = App::new(engine, Store::in_memory().unwrap(), Config::default(), "tests".to_owned());
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let port = listener.local_addr().unwrap().port();
            let host_key = HostKey::load_or_create(folder.path().join("host_key")).unwrap();
            let pinned = format!("[127.0.0.1]:{port} {}\n", host_key.public().public_key);
            fs::write(folder.path().join("known_hosts"), pinned).unwrap();
            tokio::spawn(ssh::serve(Arc::clone(&app), listener, host_key, shutdown.clone()));
            (app, port)
        });
        let fixture = Self { shed, app, port, folder, shutdown, runtime: Some(runtime) };
        let public_key = fixture.make_key("id", &["-t", "ed25519"]);
        fixture.register(public_key);
        fixture
    }

    /// Lets a key log in; gives its fingerprint.
    pub fn register(&self, public_key: String) -> String {
        keys::add(&self.app.store, &AddSshKey { public_key, name: None }).unwrap().fingerprint
    }

    /// The runtime that the server runs in.
    pub fn runtime(&self) -> &Runtime {
        self.runtime.as_ref().unwrap()
    }

    /// A file of the user.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Makes a key and gives its public line.
    pub fn make_key(&self, name: &str, options: &[&str]) -> String {
        run(Command::new("ssh-keygen").args(["-q", "-N", "", "-C", "tests", "-f"]).arg(self.path(name)).args(options)).assert_ok();
        fs::read_to_string(self.path(name).with_extension("pub")).unwrap()
    }

    /// What `ssh`, `scp` and `sftp` need to know, but the port.
    pub fn options(&self, key: &str) -> Vec<String> {
        let path = |name: &str| self.path(name).display().to_string();
        let settings = [
            format!("UserKnownHostsFile={}", path("known_hosts")),
            "GlobalKnownHostsFile=/dev/null".to_owned(),
            "StrictHostKeyChecking=yes".to_owned(),
            "IdentitiesOnly=yes".to_owned(),
            "IdentityAgent=none".to_owned(),
            "BatchMode=yes".to_owned(),
        ];
        let mut options = vec!["-F".to_owned(), "/dev/null".to_owned(), "-i".to_owned(), path(key)];
        options.extend(settings.into_iter().flat_map(|setting| ["-o".to_owned(), setting]));
        options
    }

    /// `ssh` with `flags` as `user`.
    pub fn ssh_as(&self, user: &str, flags: &[&str], words: &[&str]) -> Command {
        let mut command = Command::new("ssh");
        command.args(self.options("id")).args(["-p", &self.port.to_string()]).args(flags);
        command.args(["-l", user, "127.0.0.1"]).args(words);
        command
    }

    /// `ssh SHED WORDS…`
    pub fn ssh(&self, words: &[&str]) -> Command {
        self.ssh_as(self.shed.name(), &[], words)
    }

    /// Runs `ssh SHED WORDS…` without input.
    pub fn run(&self, words: &[&str]) -> Ended {
        run(&mut self.ssh(words))
    }

    /// Runs `ssh SHED WORDS…` with input.
    pub fn run_with(&self, words: &[&str], input: &[u8]) -> Ended {
        run_with_input(&mut self.ssh(words), input)
    }

    /// `ssh` as a line to type.
    pub fn line(&self, user: &str, flags: &str, words: &str) -> String {
        format!("ssh {} -p {} {flags} -l {user} 127.0.0.1 {words}", self.options("id").join(" "), self.port)
    }

    /// Runs a command in the container behind the server's back.
    pub fn inside(&self, argv: &[&str]) -> Ended {
        let container = self.shed.container();
        let mut args = vec!["exec", &container];
        args.extend(argv);
        docker(&args)
    }

    /// How many processes in the container have `text` in their command line.
    pub fn processes(&self, text: &str) -> usize {
        let list = self.inside(&["ps", "-eo", "args"]).ok().stdout;
        list.lines().filter(|line| line.contains(text)).count()
    }

    /// Waits until so many of these run.
    #[track_caller]
    pub fn wait_for_processes(&self, text: &str, count: usize) {
        wait_until(&format!("{count} × `{text}` in the shed"), || (self.processes(text) == count).then_some(()));
    }

    /// The names of the sessions, with the number of clients.
    pub fn sessions(&self) -> String {
        self.inside(&["tmux", "list-sessions", "-F", "#{session_name}:#{session_attached}"]).stdout
    }

    /// Waits until the sessions are these.
    #[track_caller]
    pub fn wait_for_sessions(&self, expected: &str) {
        wait_until(&format!("the sessions {expected:?}"), || (self.sessions().trim() == expected).then_some(()));
    }
}

impl Drop for Fixture {
    fn drop(&mut self) {
        self.shutdown.cancel();
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_timeout(Duration::from_secs(5));
        }
    }
}
