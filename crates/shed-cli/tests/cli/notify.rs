//! `shed notify`: through a real D-Bus, to a command, and on standard output.

use std::{
    fs,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
};

use serde_json::{Value, json};
use shed_tests::wait_until;
use zbus::OwnedVariant;

use crate::support::{Server, User};

/// Ends a process of the test's own.
struct Ends(Child);

impl Drop for Ends {
    fn drop(&mut self) {
        let _ended = self.0.kill();
        let _ended = self.0.wait();
    }
}

/// A session bus of the test's own.
struct Bus {
    address: String,
    _daemon: Ends,
}

impl Bus {
    fn start() -> Self {
        let mut daemon = Command::new("dbus-daemon")
            .args(["--session", "--nofork", "--nopidfile", "--print-address"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("dbus-daemon is installed (scripts/setup)");
        let mut address = String::new();
        BufReader::new(daemon.stdout.take().unwrap()).read_line(&mut address).unwrap();
        Self { address: address.trim().to_owned(), _daemon: Ends(daemon) }
    }
}

/// What was shown: the id that it replaces, the summary, the body.
type Shown = Arc<Mutex<Vec<(u32, String, String)>>>;

/// What a desktop does with notifications, by the Desktop Notifications Specification 1.2.
struct Desktop(Shown);

#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Desktop {
    #[expect(clippy::too_many_arguments, reason = "the specification's")]
    fn notify(
        &self,
        _app: &str,
        replaces: u32,
        _icon: &str,
        summary: &str,
        body: &str,
        _actions: Vec<String>,
        _hints: std::collections::HashMap<String, OwnedVariant>,
        _timeout: i32,
    ) -> u32 {
        let mut shown = self.0.lock().unwrap();
        shown.push((replaces, summary.to_owned(), body.to_owned()));
        if replaces == 0 { 40 + u32::try_from(shown.len()).unwrap() } else { replaces }
    }

    fn get_server_information(&self) -> (String, String, String, String) {
        ("test".into(), "shed".into(), "1".into(), "1.2".into())
    }
}

fn desktop(bus: &Bus) -> (tokio::runtime::Runtime, zbus::Connection, Shown) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let shown = Shown::default();
    let served = async {
        let builder = zbus::connection::Builder::address(bus.address.as_str());
        let builder = builder.name("org.freedesktop.Notifications");
        builder.serve_at("/org/freedesktop/Notifications", Desktop(Arc::clone(&shown))).build().await.unwrap()
    };
    let connection = runtime.block_on(served);
    (runtime, connection, shown)
}

/// Starts `shed notify` and waits until it follows the server.
fn start(user: &User, server: &Server, bus: &str, args: &[&str]) -> Ends {
    let before = server.lists();
    let mut command = user.command(&[&["notify"], args].concat());
    let out = fs::File::create(user.path("out")).unwrap();
    let child = command.env("DBUS_SESSION_BUS_ADDRESS", bus).stdout(out).stderr(Stdio::piped()).spawn().unwrap();
    let ends = Ends(child);
    wait_until("it follows", || (server.lists() > before).then_some(()));
    ends
}

fn waits(name: &str, status: &str, detail: &str) -> Value {
    json!({"id": format!("id-{name}"), "status": status, "status_detail": detail, "agent": "claude"})
}

#[test]
fn t20_t21_the_desktop_shows_who_waits() {
    let server = Server::start(&[("api", &["one"]), ("quiet", &["two"])]);
    let user = User::with(&[("home", &server)]);
    let bus = Bus::start();
    let (_runtime, _connection, shown) = desktop(&bus);
    let _notify = start(&user, &server, &bus.address, &["--mute", "quiet"]);
    server.set("api", "one", waits("one", "waiting_permission", "Bash: <b>rm</b>"));
    wait_until("a notification", || (shown.lock().unwrap().len() == 1).then_some(()));
    server.set("quiet", "two", waits("two", "failed", ""));
    server.set("api", "one", waits("one", "running", ""));
    server.set("api", "one", waits("one", "failed", "exit code 2"));
    wait_until("another one", || (shown.lock().unwrap().len() == 2).then_some(()));
    let place = "server home: shed attach api -S one";
    let expected = [
        (0, "claude in api/one asks for permission".to_owned(), format!("Bash: &lt;b&gt;rm&lt;/b&gt;\n{place}")),
        (41, "claude in api/one has failed".to_owned(), format!("exit code 2\n{place}")),
    ];
    assert_eq!(*shown.lock().unwrap(), expected);
}

#[test]
fn a_command_gets_the_event_and_lines_are_printed() {
    let server = Server::start(&[("api", &["one"])]);
    let user = User::with(&[("home", &server)]);
    let hook = "read -r line; echo \"$line\" >> hooks; echo noise";
    let _notify = start(&user, &server, "", &["--no-desktop", "--print", "--command", hook, "--on", "waiting_permission,failed"]);
    server.set("api", "one", waits("one", "waiting_input", ""));
    server.set("api", "one", waits("one", "waiting_permission", "Bash: ls\u{1b}[2J"));
    let line = |name: &str| fs::read_to_string(user.path(name)).ok().filter(|text| text.ends_with('\n'));
    let told: Value = serde_json::from_str(&wait_until("the hook", || line("hooks"))).unwrap();
    let field = |path: &str| told.pointer(path).and_then(Value::as_str);
    assert_eq!(
        [field("/server"), field("/type"), field("/session/name"), field("/session/status")],
        ["home", "session.status", "one", "waiting_permission"].map(Some)
    );
    let printed = wait_until("a line", || line("out"));
    assert!(printed.ends_with("  home  api  one  waiting_permission  Bash: ls\\u{1b}[2J\n") && !printed.contains("noise"), "{printed}");
}

#[test]
fn t23_without_a_service_it_says_what_to_do_unless_something_else_is_told() {
    let server = Server::start(&[("api", &["one"])]);
    let user = User::with(&[("home", &server)]);
    let nowhere = "unix:path=/nowhere/bus";
    let ended = user.command(&["notify"]).env("DBUS_SESSION_BUS_ADDRESS", nowhere).output().unwrap();
    crate::support::Ended::from(ended)
        .failed(1, &["error: no service shows desktop notifications", "hint: run this in a desktop session", "--no-desktop --print"]);
    user.run(&["notify", "--no-desktop"]).failed(2, &["nothing is told to anybody"]);
    let _notify = start(&user, &server, nowhere, &["--print"]);
    server.set("api", "one", waits("one", "completed", ""));
    wait_until("a line", || fs::read_to_string(user.path("out")).ok().filter(|text| text.contains("completed")));
}

#[test]
fn the_configuration_has_defaults() {
    let server = Server::start(&[("api", &["one"]), ("web", &["two"])]);
    let user = User::with(&[("home", &server)]);
    let path = user.path(".config/shed/config.toml");
    let config = fs::read_to_string(&path).unwrap();
    let notify = "\n[notify]\non = [\"failed\"]\nfrom = [\"running\"]\ncooldown = \"5m\"\nmute = [\"web\"]\ndesktop = false\n";
    fs::write(&path, format!("{config}{notify}")).unwrap();
    let running = start(&user, &server, "", &["--print"]);
    server.set("api", "one", waits("one", "waiting_input", ""));
    server.set("web", "two", waits("two", "failed", ""));
    server.set("api", "one", waits("one", "running", ""));
    server.set("api", "one", waits("one", "failed", "last"));
    let printed = wait_until("a line", || fs::read_to_string(user.path("out")).ok().filter(|text| text.contains("last")));
    assert_eq!(printed.lines().count(), 1, "{printed}");
    drop(running);
    // Another command that changes the file keeps the section.
    user.run(&["server", "set-default", "home"]).ok();
    assert!(fs::read_to_string(&path).unwrap().contains("cooldown = \"300s\""));
    fs::write(&path, format!("{config}\n[notify]\nonn = []\n")).unwrap();
    user.run(&["notify", "--print"]).failed(1, &["unknown field `onn`, expected one of `on`, `from`"]);
}
