//! A real daemon that is stopped and started again while many calls are under way. It is a second one that belongs to the test:
//! the machine's own has other containers.

use std::{
    borrow::Cow,
    fs::{self, File},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use futures_util::StreamExt;
use shed_core::{
    ErrorCode, SessionRef, ShedName,
    wire::{CreateSession, GuestStatus},
};
use shed_server::{
    app::App,
    config::Config,
    engine::{ContainerId, ContainerState, Engine, EngineError, EngineEventKind, ExecChunk, docker::DockerEngine},
    sessions::{Freshness, SessionFilter},
    store::Store,
};
use tempfile::TempDir;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::support::{Name, image, in_time, sh, wait_until};

/// Loops that list, inspect and run a command, all the time.
const CALLERS: usize = 10;

/// What the image of the sheds needs, beside a shell and a UTF-8 locale: what the tests' commands, sessions and the engine's own
/// call.
const PROGRAMS: &str = "sh sleep mkdir rm id cat true tmux bash";

/// A daemon of its own, with everything that it has in one folder. It is stopped, and what it left is removed, when this is
/// dropped, also after a panic.
struct Daemon {
    folder: TempDir,
    child: Option<Child>,
}

impl Daemon {
    async fn start() -> Self {
        let root = fs::metadata("/proc/self").unwrap().uid() == 0;
        assert!(root, "this test starts a Docker daemon, which needs root: run it as root or in a privileged container");
        let mut daemon = Self { folder: tempfile::Builder::new().prefix("shed-dockerd-").tempdir().unwrap(), child: None };
        daemon.begin().await;
        daemon
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn address(&self) -> String {
        format!("unix://{}/docker.sock", self.path().display())
    }

    /// The daemon, which answers. It starts a containerd of its own, since none is named.
    async fn begin(&mut self) {
        let log = File::options().create(true).append(true).open(self.path().join("log")).unwrap();
        let place = |name: &str| self.path().join(name);
        // A file of settings that is empty, because the machine's own may be against what is asked for here.
        fs::write(place("settings.json"), "{}").unwrap();
        // Ends with the thread that starts it, so with the test, even one that is killed.
        let child = Command::new("setpriv")
            // In a network of its own: a daemon that is told to have no bridge removes `docker0` where it runs, and outside
            // that is the machine's own daemon's.
            .args(["--pdeathsig", "TERM", "--", "unshare", "--net", "--"])
            .arg(program())
            .args(["--host", &self.address()])
            .arg("--config-file")
            .arg(place("settings.json"))
            .arg("--data-root")
            .arg(place("data"))
            .arg("--exec-root")
            .arg(place("exec"))
            .arg("--pidfile")
            .arg(place("pid"))
            // Nothing of the network that the machine's own daemon shares with this one.
            .args(["--bridge=none", "--iptables=false", "--ip6tables=false", "--ip-forward=false"])
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .expect("setpriv (util-linux) is installed");
        let address = self.address();
        let child = self.child.insert(child);
        let mut ended = None;
        wait_until("the daemon's first answer", || {
            ended = child.try_wait().unwrap();
            ended.is_some() || docker_at(&address, &["version"]).status.success()
        })
        .await;
        assert!(ended.is_none(), "dockerd did not start: {}", self.log());
    }

    /// Asks it to end, which stops its containers, and waits for that.
    async fn stop(&mut self) {
        let child = self.child.as_mut().expect("it runs");
        signal("TERM", child.id());
        wait_until("the daemon's end", || child.try_wait().unwrap().is_some()).await;
        self.child = None;
    }

    fn docker(&self, args: &[&str]) -> String {
        let output = docker_at(&self.address(), args);
        assert!(output.status.success(), "docker {args:?}: {}", text(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Makes a small image out of a few programs of the tests' image; to load all of that would take long.
    fn import_image(&self) -> String {
        let pack = r#"cd / && tar -chf - usr/lib/locale/C.utf8 --no-recursion tmp etc/passwd $(for p in "$@"; do f=bin/$p; echo $f; ldd /$f | grep -o "/[^ ]*" | cut -c2-; done | sort -u)"#;
        let archive = self.path().join("image.tar");
        let packed = Command::new("docker")
            .args(["run", "--rm", "--network=none", "--user=0", "--entrypoint=", &image(), "bash", "-c", pack, "pack"])
            .args(PROGRAMS.split(' '))
            .stdout(File::create(&archive).unwrap())
            .status();
        assert!(packed.expect("docker is installed").success(), "the image could not be packed");
        self.docker(&["import", archive.to_str().unwrap(), "small:latest"]);
        "small:latest".to_owned()
    }

    fn log(&self) -> String {
        let log = fs::read_to_string(self.path().join("log")).unwrap_or_default();
        let lines: Vec<&str> = log.lines().rev().take(15).collect();
        lines.into_iter().rev().collect::<Vec<_>>().join("\n")
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the daemon's log ends with:\n{}", self.log());
        }
        if let Some(mut child) = self.child.take() {
            // Not to a process that has taken the number of one that ended.
            if let Ok(None) = child.try_wait() {
                signal("TERM", child.id());
            }
            // It gives its containers 15 seconds.
            for _ in 0..300 {
                if !matches!(child.try_wait(), Ok(None)) {
                    break;
                }
                std::thread::sleep(Duration::from_millis(100));
            }
            drop(child.kill());
            drop(child.wait());
        }
        // After an orderly end there is nothing of the rest.
        for process in processes_of(self.path()) {
            signal("KILL", process);
        }
        for mount in mounts_under(self.path()) {
            drop(Command::new("umount").arg("--lazy").arg(mount).status());
        }
    }
}

/// Not on the path of ordinary users.
fn program() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).chain(["/usr/sbin".into()]).map(|folder| folder.join("dockerd")).find(|file| file.is_file());
    found.expect("this test needs the program `dockerd`: apt-get install docker.io")
}

fn docker_at(address: &str, args: &[&str]) -> Output {
    Command::new("docker").args(["--host", address]).args(args).output().expect("docker is installed")
}

fn signal(name: &str, process: u32) {
    drop(Command::new("kill").args([&format!("-{name}"), &process.to_string()]).status());
}

/// containerd and its shims, which have the folder in their arguments, and after each the containers' processes, which are
/// the shims' children.
fn processes_of(folder: &Path) -> Vec<u32> {
    let folder = folder.to_str().unwrap();
    let all = fs::read_dir("/proc").unwrap().filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok());
    let own = all.filter(|id| fs::read_to_string(format!("/proc/{id}/cmdline")).is_ok_and(|line| line.contains(folder)));
    own.flat_map(|id| {
        let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap_or_default();
        std::iter::once(id).chain(children.split_whitespace().filter_map(|child| child.parse().ok()).collect::<Vec<_>>())
    })
    .collect()
}

/// The last one first, because it may be in another.
fn mounts_under(folder: &Path) -> Vec<String> {
    let mounts = fs::read_to_string("/proc/self/mounts").unwrap();
    let places = mounts.lines().filter_map(|line| line.split(' ').nth(1));
    let mut under: Vec<String> = places.filter(|place| Path::new(place).starts_with(folder)).map(str::to_owned).collect();
    under.reverse();
    under
}

/// What the callers saw.
#[derive(Default)]
struct Seen {
    /// Of each caller, how many rounds went well, and how many did not.
    good: [AtomicU64; CALLERS],
    bad: [AtomicU64; CALLERS],
    /// What should not have been.
    wrong: Mutex<Vec<String>>,
}

impl Seen {
    fn errors(&self) -> Vec<u64> {
        self.bad.iter().map(|counter| counter.load(Ordering::Acquire)).collect()
    }
}

/// Waits until each of the counters is larger than it is now by `more`.
async fn each_counts(what: &str, counters: &[AtomicU64], more: u64) {
    let wanted: Vec<u64> = counters.iter().map(|counter| counter.load(Ordering::Acquire) + more).collect();
    wait_until(what, || counters.iter().zip(&wanted).all(|(counter, wanted)| counter.load(Ordering::Acquire) >= *wanted)).await;
}

async fn calls(engine: DockerEngine, shed: ShedName, id: ContainerId, seen: Arc<Seen>, caller: usize) {
    loop {
        match round(&engine, &shed, &id).await {
            Ok(()) => seen.good[caller].fetch_add(1, Ordering::AcqRel),
            Err(error) => {
                use EngineError::{NoSuchContainer, NotRunning, Timeout, Unavailable};
                if !matches!(error, Unavailable(_) | NotRunning | NoSuchContainer | Timeout(_)) {
                    seen.wrong.lock().unwrap().push(format!("{error:?}"));
                }
                // A daemon that is away refuses at once.
                tokio::time::sleep(Duration::from_millis(20)).await;
                seen.bad[caller].fetch_add(1, Ordering::AcqRel)
            }
        };
    }
}

/// One of each call; none may wait without end.
async fn round(engine: &DockerEngine, shed: &ShedName, id: &ContainerId) -> Result<(), EngineError> {
    let listed = in_time("a list", engine.list()).await?;
    if !listed.iter().any(|container| container.shed == *shed) {
        return Err(EngineError::Other("the shed is not in the list".to_owned()));
    }
    in_time("a look at the shed", engine.inspect(shed)).await?;
    let mut exec = in_time("the start of a command", engine.exec(id, sh("echo back"))).await?;
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    while let Some(chunk) = in_time("output", exec.output.next()).await {
        match chunk? {
            ExecChunk::Stdout(bytes) => stdout.extend_from_slice(&bytes),
            ExecChunk::Stderr(bytes) => stderr.extend_from_slice(&bytes),
        }
    }
    match in_time("the end of a command", exec.process.wait()).await? {
        0 if stdout == b"back\n" && stderr.is_empty() => Ok(()),
        // Killed with its container.
        129 | 137 | 143 => Err(EngineError::NotRunning),
        // The container stopped between Docker's look at it and the start; that is told like a program that can't be run.
        code if code != 0 && stderr.starts_with(b"OCI runtime exec failed") => Err(EngineError::NotRunning),
        code => Err(EngineError::Other(format!("a command ended with {code}, {:?} and {:?}", text(&stdout), text(&stderr)))),
    }
}

fn text(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

#[tokio::test]
async fn a_daemon_stopped_and_started_under_load_is_used_again() {
    let mut daemon = Daemon::start().await;
    let engine = DockerEngine::connect(Some(&daemon.address()), Uuid::new_v4()).unwrap();
    let mut events = engine.events();
    assert_eq!(in_time("a connection", events.next()).await.unwrap().kind, EngineEventKind::Reconnected);
    let mut spec = Name::new().spec();
    spec.image = daemon.import_image();
    let shed = engine.create(&spec).await.unwrap();

    let seen = Arc::new(Seen::default());
    // Ends with this test, and its callers with it.
    let mut callers = JoinSet::new();
    for caller in 0..CALLERS {
        callers.spawn(calls(engine.clone(), shed.shed.clone(), shed.id.clone(), Arc::clone(&seen), caller));
    }
    each_counts("every caller's calls", &seen.good, 3).await;
    let mut long = engine.exec(&shed.id, sh("echo ready; exec sleep 1000")).await.unwrap();
    assert_eq!(in_time("output", long.output.next()).await.unwrap().unwrap(), ExecChunk::Stdout("ready\n".into()));
    assert_eq!(seen.errors(), [0; CALLERS]);

    daemon.stop().await;
    each_counts("every caller's errors", &seen.bad, 1).await;
    while let Some(Ok(_)) = in_time("the end of output", long.output.next()).await {}
    let ended = in_time("the end of the long command", long.process.wait()).await;
    assert!(matches!(ended, Ok(129 | 137 | 143) | Err(EngineError::Unavailable(_))), "{ended:?}");

    daemon.begin().await;
    each_counts("every caller's calls again", &seen.good, 3).await;
    let errors = seen.errors();
    each_counts("still more calls", &seen.good, 3).await;
    assert_eq!(seen.errors(), errors, "errors after the daemon was back");
    // The same container, which Docker started again by itself.
    let back = engine.inspect(&shed.shed).await.unwrap();
    assert_eq!((back.id, back.state), (shed.id.clone(), ContainerState::Running));
    assert_ne!(back.started_at, shed.started_at);
    while in_time("a new connection", events.next()).await.unwrap().kind != EngineEventKind::Reconnected {}

    let panicked = callers.try_join_next();
    assert!(panicked.is_none(), "{panicked:?}");
    callers.shutdown().await;
    let wrong = std::mem::take(&mut *seen.wrong.lock().unwrap());
    assert!(wrong.is_empty(), "{wrong:#?}");
    engine.remove(&shed, false).await.unwrap();
}

/// Asks again and again until the answer is as wanted.
async fn until<T, F: Future<Output = T>>(what: &str, ask: impl Fn() -> F, is_wanted: impl Fn(&T) -> bool) {
    in_time(what, async {
        while !is_wanted(&ask().await) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    })
    .await;
}

/// Waits until the shed's guest is there.
async fn guest_of(app: &App, shed: &ShedName) {
    let connected = |guest: &Option<GuestStatus>| *guest == Some(GuestStatus::Connected);
    until("the guest", || async { app.shed(shed).await.ok()?.guest.map(|guest| guest.status) }, connected).await;
}

/// Names of the sessions in all sheds, if they can be had.
async fn sessions_of(app: &App) -> Option<Vec<String>> {
    let list = app.list_all_sessions(&SessionFilter::default(), Freshness::default()).await.ok()?;
    Some(list.sessions.into_iter().map(|session| session.name).collect())
}

/// The codes with which a list of the shed's sessions is refused.
async fn refusal_of(app: &App, shed: &ShedName) -> Option<ErrorCode> {
    app.list_sessions(shed, Freshness::default()).await.err().map(|error| error.code)
}

/// Also in a daemon of its own because of the pause: an exec that starts while a container is being frozen, such as another
/// server's, locks that container up in Docker 20.10.
#[tokio::test]
async fn the_live_view_is_true_again_after_a_pause_and_after_the_daemon_was_restarted() {
    let mut daemon = Daemon::start().await;
    let engine = Arc::new(DockerEngine::connect(Some(&daemon.address()), Uuid::new_v4()).unwrap());
    let app = App::new(Arc::clone(&engine) as Arc<dyn Engine>, Store::in_memory().unwrap(), Config::default(), "tests".to_owned());
    let shutdown = CancellationToken::new();
    let _stop = shutdown.clone().drop_guard();
    tokio::spawn(Arc::clone(&app).watch(shutdown));
    let image = daemon.import_image();
    let (mut spec, mut other) = (Name::new().spec(), Name::new().spec());
    (spec.image, other.image) = (image.clone(), image);
    let (shed, other) = (engine.create(&spec).await.unwrap(), engine.create(&other).await.unwrap());
    for shed in [&shed, &other] {
        guest_of(&app, &shed.shed).await;
        let request = CreateSession { name: Some("kept".to_owned()), command: Some("cat".to_owned()), ..CreateSession::default() };
        app.create_session(&shed.shed, request).await.unwrap();
    }
    let both = Some(vec!["kept".to_owned(); 2]);
    assert_eq!(sessions_of(&app).await, both);

    daemon.docker(&["pause", &shed.id.0]);
    until("the pause", || refusal_of(&app, &shed.shed), |code| *code == Some(ErrorCode::ShedPaused)).await;
    let request = CreateSession { name: Some("meanwhile".to_owned()), ..CreateSession::default() };
    in_time("a session in the other shed", app.create_session(&other.shed, request)).await.unwrap();
    let meanwhile = SessionRef::new("meanwhile").unwrap();
    in_time("its end", app.kill_session(&other.shed, &meanwhile)).await.unwrap();
    daemon.docker(&["unpause", &shed.id.0]);
    until("the end of the pause", || refusal_of(&app, &shed.shed), Option::is_none).await;
    assert_eq!(sessions_of(&app).await, both);

    daemon.stop().await;
    until("nobody to be told what can't be known", || sessions_of(&app), Option::is_none).await;
    daemon.begin().await;
    // Docker starts the containers again, and the sessions come back with them.
    for shed in [&shed, &other] {
        guest_of(&app, &shed.shed).await;
    }
    until("the sessions", || sessions_of(&app), |names| *names == both).await;
    for shed in [&shed, &other] {
        engine.remove(shed, false).await.unwrap();
    }
}
