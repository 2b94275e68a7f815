//! The shell programs that every command in a container is started and ended with.
//!
//! Docker has no call that ends an exec, and leaves its process running when the connection goes away. So the command's
//! process id has to be known inside the container. It is noted in a file, because nothing may be added to the
//! command's streams: pipes must stay binary clean, and tmux discards undelivered terminal output when a client starts.
//!
//! runc makes every exec's process the leader of a session (setsid(2)), so "everything of this command" is every process
//! of that session. What has a session of its own, such as a tmux server that the command started, is not touched.

use uuid::Uuid;

/// In memory, writable for every user, and there in every container that Docker makes.
const NOTES: &str = "/dev/shm/.shed-exec";

/// Which server, and which run of it, started a command.
#[derive(Debug, Clone, Copy)]
pub(super) struct Instance {
    pub(super) server: Uuid,
    pub(super) run: Uuid,
}

impl Instance {
    /// The folder of the notes of this run.
    pub(super) fn folder(&self) -> String {
        format!("{NOTES}/{}.{}", self.server, self.run)
    }
}

/// Notes the process id and start time (proc(5), /proc/pid/stat, field 22; together they name a process for good), waits on
/// a terminal for its size to be known (programs lay out their first screen with it), and becomes the command.
/// The fields are counted from behind the last `)`, because the program's name may hold anything.
const LAUNCH: &str = r#"if { [ -d "$1" ] || (umask 0; mkdir -p "$1"); } 2>/dev/null && read -r s </proc/$$/stat; then
s=${s##*) }; p=$$; f=$1/$2; t=$3; a=$s; shift 3
set -f; n=1; for w in $a; do if [ $n = 20 ]; then echo "$p $w" >"$f"; break; fi; n=$((n+1)); done 2>/dev/null; set +f
else t=$3; shift 3; fi
if [ "$t" = 1 ]; then n=0; while [ $n -lt 50 ] && [ "$(stty size 2>/dev/null)" = "0 0" ]; do sleep 0.01 2>/dev/null || break; n=$((n+1)); done; fi
exec "$@""#;

/// The argv that starts `argv` under a note called `note`.
pub(super) fn launch(instance: &Instance, note: Uuid, tty: bool, argv: Vec<String>) -> Vec<String> {
    let words = ["/bin/sh", "-c", LAUNCH, "shed", &instance.folder(), &note.to_string(), if tty { "1" } else { "0" }];
    words.into_iter().map(str::to_owned).chain(argv).collect()
}

/// Functions for both programs below. `members PID`: the processes of that session that are not yet zombies.
const FUNCTIONS: &str = r#"alive() { read -r s <"/proc/$1/stat" || return 1; s=${s##*) }; set -f; set -- $s "$2"; set +f; eval "[ \"\${20}\" = \"\${$#}\" ]"; } 2>/dev/null
members() { m=; for d in /proc/[0-9]*; do if read -r s <"$d/stat"; then s=${s##*) }; set -f; set -- $1 $s; set +f; if [ "$5" = "$1" ] && [ "$2" != Z ]; then m="$m ${d#/proc/}"; fi; fi; done; } 2>/dev/null
note() { n=0; while [ ! -s "$1" ] && [ $n -lt 20 ]; do sleep 0.05 2>/dev/null || sleep 1; n=$((n+1)); done; read -r p t <"$1"; } 2>/dev/null
"#;

/// What [`end`] exits with when something is left that this user may not signal, such as what ran under sudo.
pub(super) const SOME_LEFT: i64 = 3;

/// Ends the commands whose notes are named: SIGHUP, a second to end, SIGKILL. Then forgets the notes of all ended ones.
const END: &str = r#"dir=$1; shift; all=
for id in "$@"; do if note "$dir/$id" && [ -n "$p" ]; then all="$all $p"; members "$p"; if [ -n "$m" ]; then kill -HUP $m 2>/dev/null; kill -CONT $m 2>/dev/null; fi; fi; done
n=0; left=$all; while [ -n "$left" ] && [ $n -lt 20 ]; do next=; for p in $left; do members "$p"; if [ -n "$m" ]; then next="$next $p"; fi; done; left=$next
if [ -n "$left" ]; then sleep 0.05 2>/dev/null || sleep 1; fi; n=$((n+1)); done
for p in $left; do members "$p"; if [ -n "$m" ]; then kill -KILL $m 2>/dev/null; fi; done
n=0; while [ -n "$left" ] && [ $n -lt 10 ]; do next=; for p in $left; do members "$p"; if [ -n "$m" ]; then next="$next $p"; fi; done; left=$next
if [ -n "$left" ]; then sleep 0.02 2>/dev/null || sleep 1; fi; n=$((n+1)); done
if [ -n "$left" ]; then exit 3; fi
for id in "$@"; do rm -f "$dir/$id"; done
for f in "$dir"/*; do if read -r p t <"$f" && ! alive "$p" "$t"; then members "$p"; if [ -z "$m" ]; then rm -f "$f"; fi; fi; done 2>/dev/null
exit 0"#;

/// Sends a signal to the process group of a command (whose id is that of its leader), or to the leader alone if it has
/// no group of its own.
const SIGNAL: &str = r#"if note "$1" && [ -n "$p" ] && alive "$p" "$t"; then kill -"$2" -- -"$p" 2>/dev/null || kill -"$2" "$p"; fi"#;

/// Ends what earlier runs of the same server left: every note in a folder of that server that is not of this run.
const SWEEP: &str = r#"for dir in "$1"/"$2".*; do [ -d "$dir" ] || continue; [ "$dir" = "$3" ] && continue
for f in "$dir"/*; do if read -r p t <"$f" && alive "$p" "$t"; then members "$p"; [ -n "$m" ] && kill -HUP $m 2>/dev/null; kill -CONT $m 2>/dev/null; fi; done 2>/dev/null
sleep 0.5 2>/dev/null || sleep 1
for f in "$dir"/*; do if read -r p t <"$f" && alive "$p" "$t"; then members "$p"; [ -n "$m" ] && kill -KILL $m 2>/dev/null; fi; done 2>/dev/null
rm -rf "$dir"; done; exit 0"#;

fn program(text: &str, args: &[String]) -> Vec<String> {
    ["/bin/sh", "-c"]
        .into_iter()
        .map(str::to_owned)
        .chain([format!("{FUNCTIONS}{text}"), "shed".to_owned()])
        .chain(args.iter().cloned())
        .collect()
}

/// The argv that ends the commands with these notes.
pub(super) fn end(instance: &Instance, notes: &[Uuid]) -> Vec<String> {
    let args: Vec<String> = std::iter::once(instance.folder()).chain(notes.iter().map(Uuid::to_string)).collect();
    program(END, &args)
}

/// The argv that sends a signal to the command with this note.
pub(super) fn signal(instance: &Instance, note: Uuid, signal: &str) -> Vec<String> {
    program(SIGNAL, &[format!("{}/{note}", instance.folder()), signal.to_owned()])
}

/// The argv that ends what earlier runs of this server left.
pub(super) fn sweep(instance: &Instance) -> Vec<String> {
    program(SWEEP, &[NOTES.to_owned(), instance.server.to_string(), instance.folder()])
}
