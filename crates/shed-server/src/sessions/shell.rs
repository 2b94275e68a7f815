//! The small shell programs that start things in a shed. They use nothing but a POSIX shell, because any image may run.
//!
//! Most become the user's program, whose environment has every variable that was in theirs. So their own variables have names
//! that nobody uses, and are unset.

/// Where sessions and commands start, if nobody says otherwise.
pub(super) const WORKSPACE: &str = "/workspace";

/// Runs its argument in a login shell, so that `PATH` is what a person at the terminal has: bash if there is one.
const LOGIN: &str = r#"if command -v bash >/dev/null 2>&1; then exec bash -lc "$1"; fi; exec sh -lc "$1""#;

/// Runs one of two lines of shell in a login shell, with arguments: the first where the guest runs, else the second. The third
/// argument is a file with one more argument for the line, after the prefix in the fourth, or empty. A substitution takes
/// line ends away at the end, hence the `x`.
const AGENT: &str = r#"_shed_l=$2; if GUEST version >/dev/null 2>&1; then _shed_l=$1; fi
_shed_f=$3; _shed_b=$4; shift 4
if [ -n "$_shed_f" ]; then _shed_p=$(cat "$_shed_f"; echo x); rm -f "$_shed_f"; _shed_p=${_shed_p%x}; set -- "$@" "$_shed_b$_shed_p"; fi
if command -v bash >/dev/null 2>&1; then exec bash -lc "$_shed_l" shed "$@"; fi; exec sh -lc "$_shed_l" shed "$@""#;

/// Starts the user's login shell from /etc/passwd, else bash, else sh.
const SHELL: &str = r#"_shed_u=$(id -un 2>/dev/null); _shed_s=
if [ -r /etc/passwd ]; then while IFS=: read -r _shed_n _shed_x _shed_x _shed_x _shed_x _shed_x _shed_p; do if [ "$_shed_n" = "$_shed_u" ]; then _shed_s=$_shed_p; fi; done </etc/passwd; fi
case $_shed_s in */nologin|*/false|'') _shed_s= ;; esac
if [ ! -x "$_shed_s" ]; then _shed_s=$(command -v bash || command -v sh); fi
SHELL=$_shed_s; export SHELL; unset _shed_u _shed_s _shed_n _shed_x _shed_p; exec "$SHELL" -l"#;

/// Falls back to a terminal type that every image knows; programs such as tmux refuse to start on an unknown one, and the
/// newer terminals (kitty, ghostty, …) bring their own names. terminfo(5) keeps entries under their first letter.
const KNOWN_TERM: &str = r#"_shed_k=; _shed_f=${TERM%"${TERM#?}"}
for _shed_d in "$HOME/.terminfo" /etc/terminfo /lib/terminfo /usr/share/terminfo /usr/lib/terminfo; do if [ -e "$_shed_d/$_shed_f/$TERM" ]; then _shed_k=1; fi; done
if [ -z "$_shed_k" ]; then TERM=xterm-256color; export TERM; fi
unset _shed_k _shed_f _shed_d
"#;

/// Says how to get tmux where there is none.
const NEED_TMUX: &str = r#"if ! command -v tmux >/dev/null 2>&1; then echo "shed: tmux is not available in this shed" >&2
echo "hint: install it (apt-get install tmux, apk add tmux, dnf install tmux) or use an image that has it" >&2; exit 127; fi
exec "$@""#;

/// Shows a saved screen and ends as the session's command had ended. The pause is for tmux, which may lose the output of a
/// program that ends in the same instant.
const LAST_SCREEN: &str = r#"cat "$1"; rm -f "$1"; sleep 0.3 2>/dev/null || sleep 1; exit "$2""#;

fn script(text: String, args: &[&str]) -> Vec<String> {
    ["sh", "-c"].into_iter().map(str::to_owned).chain([text, "shed".to_owned()]).chain(args.iter().map(ToString::to_string)).collect()
}

/// The argv that runs `command` as a person at the terminal would.
pub(super) fn login(command: &str, tty: bool) -> Vec<String> {
    script(format!("{}{LOGIN}", if tty { KNOWN_TERM } else { "" }), &[command])
}

/// The argv that runs a line of shell with these arguments, as [`AGENT`] says.
pub(super) fn agent(with_guest: &str, without: &str, file: &str, before: &str, arguments: &[String]) -> Vec<String> {
    let guest = format!("{}/{}", shed_core::guest::DIRECTORY, shed_core::guest::PROGRAM);
    let mut argv = script(AGENT.replace("GUEST", &guest), &[with_guest, without, file, before]);
    argv.extend_from_slice(arguments);
    argv
}

/// The argv of an interactive login shell.
pub(super) fn interactive(tty: bool) -> Vec<String> {
    script(format!("{}{SHELL}", if tty { KNOWN_TERM } else { "" }), &[])
}

/// The argv of a tmux client on a terminal.
pub(super) fn tmux_client(argv: &[&str]) -> Vec<String> {
    script(format!("{KNOWN_TERM}{NEED_TMUX}"), argv)
}

/// The argv that brings an ended session back from the screen in `file`.
pub(super) fn last_screen(file: &str, exit_code: i32) -> Vec<String> {
    script(LAST_SCREEN.to_owned(), &[file, &exit_code.to_string()])
}

#[cfg(test)]
mod tests {
    use std::{
        collections::BTreeSet,
        io::Write,
        process::{Command, Stdio},
    };

    use super::*;

    /// What the program prints for `env`, on its command line or its input, among variables with every short name. The home
    /// is empty, because login shells read programs from it.
    fn env_of(argv: &[String]) -> String {
        let home = tempfile::tempdir().unwrap();
        let letters = ('a'..='z').map(|name| (name.to_string(), "kept"));
        let mut program = Command::new(&argv[0])
            .args(&argv[1..])
            .envs(letters)
            .env("HOME", home.path())
            .env("TERM", "no-such-terminal")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        program.stdin.take().unwrap().write_all(b"env\n").ok();
        String::from_utf8(program.wait_with_output().unwrap().stdout).unwrap()
    }

    fn letters_of(text: &str) -> BTreeSet<&str> {
        text.lines().filter(|line| line.ends_with("=kept")).collect()
    }

    #[test]
    fn programs_get_the_user_s_variables_and_no_others() {
        // /etc/profile, which every login shell reads, may have variables of its own.
        let by_hand = env_of(&["sh", "-lc", "env"].map(str::to_owned));
        assert!(letters_of(&by_hand).len() > 20, "{by_hand}");
        for argv in [login("env", true), login("env", false), interactive(true), interactive(false)] {
            let text = env_of(&argv);
            assert_eq!(letters_of(&text), letters_of(&by_hand), "{argv:?}");
            assert!(!text.contains("_shed"), "{argv:?}: {text}");
        }
        let text = env_of(&tmux_client(&["env"]));
        assert_eq!(letters_of(&text).len(), 26);
        assert!(text.contains("TERM=xterm-256color\n") && !text.contains("_shed"), "{text}");
    }
}
