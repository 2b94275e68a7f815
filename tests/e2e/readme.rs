//! The commands of README.md, typed as they stand there.

use std::{fs, path::Path, process::Command};

use shed_tests::{Pty, TestServer, TestShed, run};

const README: &str = include_str!("../../README.md");

/// The commands of the first code block under `heading`, without their comments.
fn commands(heading: &str) -> Vec<&'static str> {
    let (_, section) = README.split_once(heading).unwrap();
    let block = section.split("```").nth(1).unwrap();
    let lines = block.lines().skip(1).map(|line| line.split_once(" #").map_or(line, |(command, _)| command).trim());
    lines.filter(|line| !line.is_empty()).collect()
}

/// A repository that needs no network: the test image has git.
fn repository(folder: &Path) -> String {
    let path = folder.join("name");
    fs::create_dir(&path).unwrap();
    for args in [&["init", "-q"][..], &["-c", "user.name=t", "-c", "user.email=t@t", "commit", "-q", "--allow-empty", "-m", "x"]] {
        run(Command::new("git").arg("-C").arg(&path).args(args)).assert_ok();
    }
    // git refuses repositories of other users, and in the shed the user is number 1000.
    run(Command::new("chown").args(["-R", "1000:1000"]).arg(&path)).assert_ok();
    path.display().to_string()
}

fn run_line(terminal: &Pty, line: &str) {
    terminal.type_line("clear");
    terminal.wait_that("an empty screen", |screen| screen.trim() == "local$");
    if line.starts_with("shed attach") {
        let session = line.split_once("-S ").map_or("default", |(_, rest)| rest.split(' ').next().unwrap());
        terminal.type_line(line);
        terminal.wait_for(&format!("[{session}]"));
        terminal.detach();
    } else if line.starts_with("shed console") {
        terminal.type_line(line);
        terminal.wait_for("shed@");
        terminal.type_line("exit");
    } else if line.starts_with("shed watch") {
        terminal.type_line(line);
        terminal.wait_for("in all");
        terminal.keys(&["q"]);
    } else {
        terminal.type_line(&format!("{line}; echo done=$?"));
        if line.starts_with("shed delete") {
            terminal.wait_for("?");
            terminal.type_line("y");
        }
        terminal.wait_that("the end of the command", |screen| screen.lines().any(|line| line.starts_with("done=")));
        let screen = terminal.screen();
        assert!(screen.lines().any(|line| line == "done=0"), "{screen}");
        return;
    }
    assert_eq!(terminal.exit_code(), 0, "{line}");
}

#[test]
fn s39_the_everyday_commands_work_in_their_order() {
    let folder = tempfile::tempdir().unwrap();
    let source = repository(folder.path());
    // A clone by path is one by a path in the container.
    let server = TestServer::start_with(&format!("[[sheds.credentials]]\nsource = \"{source}\"\ntarget = \"/srv/name\""));
    let cli = server.cli();
    let shed = TestShed::new();
    let terminal = cli.terminal();
    let lines = commands("## Every day");
    assert!(lines.len() > 8, "{lines:?}");
    for line in lines {
        let line = line.replace("myproj", &shed).replace("owner/name", "/srv/name");
        // The test image has no agents, and the repository's folder is where git is asked.
        let line = line.replace("-- claude", "-- cat").replace("-- git status", "-- git -C name status");
        run_line(&terminal, &line);
    }
}

#[test]
fn s39_the_plain_ssh_commands_work() {
    let server = TestServer::start();
    let ssh = server.ssh();
    let shed = server.create_shed();
    let terminal = Pty::open(&[]);
    let lines = commands("## Without our command line");
    assert_eq!(lines.len(), 5, "{lines:?}");
    for line in lines {
        let target = format!("{} ", ssh.options().join(" "));
        let line = line.replace("-p 2222 ", &target).replace("myproj", &shed).replace("@devbox", "@127.0.0.1");
        let line = line.replace("make test", "echo made");
        terminal.type_line("clear");
        terminal.type_line(&line);
        if line.contains("made") {
            terminal.wait_for("\nmade\n");
        } else if line.contains("-t ") {
            terminal.wait_for("[work]");
            terminal.detach();
        } else {
            terminal.wait_for("shed@");
            terminal.type_line("exit");
        }
        assert_eq!(terminal.exit_code(), 0, "{line}");
    }
}
