//! The small shell programs that start things in a shed. They use nothing but a POSIX shell, because any image may run.

/// Where sessions and commands start, if nobody says otherwise.
pub(super) const WORKSPACE: &str = "/workspace";

/// Runs its argument in a login shell, so that `PATH` is what a person at the terminal has: bash if there is one.
const LOGIN: &str = r#"if command -v bash >/dev/null 2>&1; then exec bash -lc "$1"; fi; exec sh -lc "$1""#;

/// Starts the user's login shell from /etc/passwd, else bash, else sh.
const SHELL: &str = r#"u=$(id -un 2>/dev/null); s=
if [ -r /etc/passwd ]; then while IFS=: read -r n _ _ _ _ _ p; do if [ "$n" = "$u" ]; then s=$p; fi; done </etc/passwd; fi
case $s in */nologin|*/false|'') s= ;; esac
if [ ! -x "$s" ]; then s=$(command -v bash || command -v sh); fi
SHELL=$s; export SHELL; exec "$s" -l"#;

/// Falls back to a terminal type that every image knows; programs such as tmux refuse to start on an unknown one, and the
/// newer terminals (kitty, ghostty, …) bring their own names. terminfo(5) keeps entries under their first letter.
const KNOWN_TERM: &str = r#"k=; f=${TERM%"${TERM#?}"}
for d in "$HOME/.terminfo" /etc/terminfo /lib/terminfo /usr/share/terminfo /usr/lib/terminfo; do if [ -e "$d/$f/$TERM" ]; then k=1; fi; done
if [ -z "$k" ]; then TERM=xterm-256color; export TERM; fi
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
