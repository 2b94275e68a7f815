//! Every example of every help text, run by a shell as it stands there.

use std::{collections::BTreeMap, fs, path::Path, process::Command};

use shed_tests::{Cli, TestServer, TestShed, docker, run, wait_until};

use crate::dashboard::say;

/// What is replaced in examples, and why.
const REPLACED: [(&str, &str); 4] = [
    // GitHub is not reached from everywhere; a path in the shed is one of the forms that `--repo` takes.
    ("octocat/Hello-World", "/srv/Hello-World"),
    // ssh reads the configuration of the account, whatever HOME is.
    ("ssh shed-", "ssh -F .ssh/config shed-"),
    // Programs after a pipe that a machine may not have, and that are not ours.
    ("jq -r '.sheds[].name'", "cat"),
    ("less -R", "cat"),
];

/// The address in an example that is nobody's; it becomes the second server's.
const EXAMPLE_URLS: [&str; 2] = ["https://shed.example.com", "http://127.0.0.1:8080"];

/// Commands that go on until they are ended: how they begin, what they show, the key that ends them, and their exit code.
const ENDLESS: [(&str, &str, &str, i32); 3] =
    [("shed watch", "in all", "q", 0), ("shed sessions --watch", "SHED ", "C-c", 130), ("shed notify", "following", "C-c", 130)];

/// The examples of `shed PATH… --help` and of all commands below, in their order.
fn examples(cli: &Cli, path: &[String]) -> Vec<String> {
    let words: Vec<&str> = path.iter().map(String::as_str).chain(["--help"]).collect();
    let help = cli.run(&words).ok().stdout;
    let indented = |heading: &str| -> Vec<String> {
        let lines = help.lines().skip_while(|line| *line != heading).skip(1).take_while(|line| line.starts_with("  "));
        lines.map(|line| line.trim().to_owned()).collect()
    };
    let mut found = indented("Examples:");
    assert!(!found.is_empty(), "`shed {}` has no examples", path.join(" "));
    for command in indented("Commands:") {
        let name = command.split_whitespace().next().unwrap().to_owned();
        if name != "help" {
            found.extend(examples(cli, &[path, &[name]].concat()));
        }
    }
    found
}

/// A user with the server `home`, a shed for each name of the examples, and what else the examples speak of.
struct Scene {
    cli: Cli,
    server: TestServer,
    other: TestServer,
    sheds: BTreeMap<&'static str, TestShed>,
}

impl Scene {
    fn new(folder: &Path) -> Self {
        let source = repository(folder);
        let server = TestServer::start_with(&format!("[[sheds.credentials]]\nsource = \"{source}\"\ntarget = \"/srv/Hello-World\""));
        let other = TestServer::start();
        let cli = Cli::new();
        cli.add_server("home", &server).assert_ok();
        let sheds = ["myproj", "backend", "api", "worker", "webshop"].map(|name| (name, TestShed::new()));
        let scene = Self { cli, server, other, sheds: BTreeMap::from(sheds) };
        scene.cli.run(&["create", scene.shed("myproj")]).assert_ok();
        fs::write(scene.cli.home().join("token.txt"), scene.other.token()).unwrap();
        // `git status` needs a repository.
        docker(&["exec", &scene.sheds["myproj"].container(), "git", "init", "-q", "/workspace"]).assert_ok();
        scene
    }

    fn shed(&self, name: &str) -> &str {
        self.sheds[name].name()
    }

    /// The example with names that are free: sheds have one name on the whole machine.
    fn line(&self, example: &str) -> String {
        let mut line = example.to_owned();
        for (old, new) in REPLACED {
            line = line.replace(old, new);
        }
        for (url, server) in EXAMPLE_URLS.into_iter().zip([&self.other, &self.server]) {
            line = line.replace(url, &format!("http://{}", server.http()));
        }
        let word = |word: &str| {
            let name = word.strip_prefix("shed-").unwrap_or(word);
            self.sheds.get(name).map_or_else(|| word.to_owned(), |shed| word.replace(name, shed))
        };
        line.split(' ').map(word).collect::<Vec<_>>().join(" ")
    }

    /// Makes what the example needs, and removes what it makes.
    fn prepare(&self, example: &str) {
        let words: Vec<&str> = example.split_whitespace().collect();
        let quietly = |args: &[&str]| drop(self.cli.run(args));
        let myproj = self.shed("myproj");
        match words.as_slice() {
            ["shed", "create", name, ..] => quietly(&["delete", self.shed(name), "--yes"]),
            ["shed", "delete", name, ..] => quietly(&["create", self.shed(name)]),
            ["shed", "start", ..] => self.cli.run(&["stop", myproj]).assert_ok(),
            ["shed", "server", "add", name, ..] => quietly(&["server", "remove", name]),
            ["shed", "server", "remove", name, ..] => self.cli.add_server(name, &self.other).assert_ok(),
            ["shed", "ssh-config", "uninstall"] | ["ssh", ..] => self.cli.run(&["ssh-config", "install"]).assert_ok(),
            ["shed", "next", ..] => {
                quietly(&["sessions", "new", myproj, "debug"]);
                say(&self.sheds["myproj"], "debug", "waiting_input", "");
                wait_until("a session that waits", || (self.cli.run(&["next", "--print"]).code == 0).then_some(()));
            }
            ["shed", "sessions", "new", _, name, ..] => quietly(&["sessions", "kill", myproj, name]),
            _ if words.contains(&"debug") => quietly(&["sessions", "new", myproj, "debug"]),
            _ => {}
        }
    }

    /// The same shed must not be on two servers for the next example, and it must run.
    fn tidy(&self, example: &str) {
        match example.split_whitespace().collect::<Vec<_>>().as_slice() {
            ["shed", "server", "add", "office", ..] => self.cli.run(&["server", "remove", "office"]).assert_ok(),
            ["shed", "stop", ..] => self.cli.run(&["start", self.shed("myproj")]).assert_ok(),
            _ => {}
        }
    }

    fn run(&self, example: &str) {
        let line = self.line(example);
        let command = line.split(" #").next().unwrap_or_default().trim();
        if let Some(rest) = command.strip_prefix("shed attach") {
            let session = rest.split_once("-S ").map_or("default", |(_, rest)| rest.split(' ').next().unwrap());
            let terminal = self.cli.terminal();
            terminal.type_line(&line);
            terminal.wait_for(&format!("[{session}]"));
            terminal.detach();
            assert_eq!(terminal.exit_code(), 0, "{example}");
        } else if command == "shed next" {
            let terminal = self.cli.terminal();
            terminal.type_line(&line);
            terminal.wait_for("[debug]");
            terminal.detach();
            assert_eq!(terminal.exit_code(), 0, "{example}");
        } else if let Some((_, first, keys, code)) = ENDLESS.into_iter().find(|(begin, ..)| command.starts_with(begin)) {
            let terminal = self.cli.terminal();
            terminal.type_line(&line);
            terminal.wait_for(first);
            terminal.keys(&[keys]);
            assert_eq!(terminal.exit_code(), code, "{example}");
        } else if command.starts_with("shed console") {
            let terminal = self.cli.terminal();
            terminal.type_line(&line);
            terminal.wait_for("shed@");
            terminal.type_line("exit");
            assert_eq!(terminal.exit_code(), 0, "{example}");
        } else {
            let asked = if command.starts_with("shed server add") { format!("SHED_TOKEN={} ", self.server.token()) } else { String::new() };
            // A token in a file comes before nothing else: it is given in one place only.
            let asked = if command.contains("--token-file") { "" } else { asked.as_str() };
            let ended = self.cli.shell(&format!("{asked}{line}"));
            assert_eq!(ended.code, 0, "the example `{example}`\n{ended}");
        }
    }
}

fn repository(folder: &Path) -> String {
    let path = folder.join("Hello-World");
    fs::create_dir(&path).unwrap();
    for args in [&["init", "-q"][..], &["-c", "user.name=t", "-c", "user.email=t@t", "commit", "-q", "--allow-empty", "-m", "x"]] {
        run(Command::new("git").arg("-C").arg(&path).args(args)).assert_ok();
    }
    // git refuses repositories of other users, and in the shed the user is number 1000.
    run(Command::new("chown").args(["-R", "1000:1000"]).arg(&path)).assert_ok();
    path.display().to_string()
}

#[test]
fn s39_every_example_of_every_help_text_works() {
    let folder = tempfile::tempdir().unwrap();
    let scene = Scene::new(folder.path());
    let examples = examples(&scene.cli, &[]);
    assert!(examples.len() > 50, "{examples:#?}");
    for example in &examples {
        scene.prepare(example);
        scene.run(example);
        scene.tidy(example);
    }
}
