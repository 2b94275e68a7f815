use std::process::{Command, Stdio};

use super::IN_SESSION;

/// A tmux server of its own, gone when the test ends.
struct Tmux {
    folder: tempfile::TempDir,
}

impl Tmux {
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env("TMUX_TMPDIR", self.folder.path()).env_remove("TMUX").env_remove("TMUX_PANE").stdin(Stdio::null());
        command
    }

    fn run(&self, args: &[&str]) -> String {
        let output = self.command("tmux").arg("-u").args(args).output().expect("tmux is installed");
        assert!(output.status.success(), "{args:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    fn in_session(&self, session: &str, argv: &[&str]) -> std::process::Output {
        self.command("sh").args(["-c", IN_SESSION, "shed-exec", session]).args(argv).output().unwrap()
    }
}

impl Drop for Tmux {
    fn drop(&mut self) {
        let _gone = self.command("tmux").arg("kill-server").output();
    }
}

#[test]
fn s33_s34_s35_a_command_runs_in_the_directory_and_environment_of_a_session() {
    let tmux = Tmux { folder: tempfile::tempdir().unwrap() };
    let work = tmux.folder.path().join("a b");
    std::fs::create_dir(&work).unwrap();
    let value = "it's \"$HOME\" `id` \\ ü";
    let (odd, work) = ("odd name's ü", work.to_str().unwrap());
    for name in ["debug", "debug2", odd] {
        tmux.run(&["-f", "/dev/null", "new-session", "-d", "-s", name, "-c", work, "-e", &format!("SECRET={value}{name}"), "sleep 1000"]);
    }
    for name in ["debug", odd] {
        let output =
            tmux.in_session(name, &["sh", "-c", "pwd; printf '%s\\n' \"$SECRET\" \"$1\"; tmux -u display -p '#S'; exit 7", "x", "a  b"]);
        let expected = format!("{work}\n{value}{name}\na  b\n{name}\n");
        assert_eq!(String::from_utf8_lossy(&output.stdout), expected, "{output:?}");
        assert_eq!(output.status.code(), Some(7));
    }
    tmux.run(&["set-option", "-g", "remain-on-exit", "on"]);
    tmux.run(&["new-session", "-d", "-s", "ended", "-c", work, "true"]);
    let dead = || tmux.run(&["display-message", "-p", "-t", "=ended:", "#{pane_dead}"]) == "1";
    while !dead() {
        std::thread::yield_now();
    }
    let output = tmux.in_session("ended", &["pwd"]);
    assert_eq!(String::from_utf8_lossy(&output.stdout), format!("{work}\n"), "{output:?}");

    let missing = tmux.in_session("deb", &["true"]);
    assert_eq!(missing.status.code(), Some(1), "{missing:?}");
}
