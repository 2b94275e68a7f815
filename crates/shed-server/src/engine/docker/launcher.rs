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
///
/// A shell variable that is in the environment is in that of the command too, so the only one here has a name that nobody
/// uses, and is unset.
const LAUNCH: &str = r#"_shed_note() { if read -r _shed_x </proc/$$/stat; then set -- "$1" ${_shed_x##*) }; echo "$$ ${21}" >"$1"; fi; }
if [ -d "$1" ] || (umask 0; mkdir -p "$1"); then _shed_note "$1/$2"; fi 2>/dev/null
if [ "$3" = 1 ]; then _shed_x=0; while [ $_shed_x -lt 50 ] && [ "$(stty size 2>/dev/null)" = "0 0" ]; do sleep 0.01 2>/dev/null || break; _shed_x=$((_shed_x+1)); done; fi
unset _shed_x; shift 3
exec "$@""#;

/// The argv that starts `argv` under a note called `note`.
pub(super) fn launch(instance: &Instance, note: Uuid, tty: bool, argv: Vec<String>) -> Vec<String> {
    let words = ["/bin/sh", "-c", LAUNCH, "shed", &instance.folder(), &note.to_string(), if tty { "1" } else { "0" }];
    words.into_iter().map(str::to_owned).chain(argv).collect()
}

/// Functions for the programs below. They read all of /proc at most once in a round, whatever the number of commands: with two
/// hundred commands, once for each would take seconds.
///
/// - `start PID`: the process's start time in `$start`, empty if there is none.
/// - `note FILE`: a note's process id and start time in `$p` and `$t`, empty if there is none yet; false then.
/// - `scan SESSIONS`: the processes of these sessions that are not zombies in `$found`, their sessions in `$live`.
/// - `finish SESSIONS`: SIGHUP, a second to end, SIGKILL. False if something is left.
const FUNCTIONS: &str = r#"start() { start=; if read -r s <"/proc/$1/stat"; then set -- ${s##*) }; start=${20}; fi; } 2>/dev/null
note() { p=; t=; read -r p t <"$1"; [ -n "$t" ]; } 2>/dev/null
scan() { found=; live=; sids=" $1 "
if [ -z "$1" ]; then return; fi
for d in /proc/[0-9]*; do if read -r s <"$d/stat"; then set -- ${s##*) }; case $sids in *" $4 "*) if [ "$1" != Z ]; then found="$found ${d#/proc/}"; live="$live $4 "; fi; esac; fi; done; } 2>/dev/null
pause() { sleep "$1" 2>/dev/null || sleep 1; }
finish() { scan "$1"; if [ -n "$found" ]; then kill -HUP $found; kill -CONT $found; fi
n=0; while [ -n "$found" ] && [ $n -lt 20 ]; do pause 0.05; scan "$1"; n=$((n+1)); done
n=0; while [ -n "$found" ] && [ $n -lt 10 ]; do kill -KILL $found; pause 0.02; scan "$1"; n=$((n+1)); done
[ -z "$found" ]; } 2>/dev/null
"#;

/// What [`end`] and [`sweep`] exit with when something is left that this user may not signal, such as what ran under sudo.
pub(super) const SOME_LEFT: i64 = 3;

/// Ends the commands whose notes are named and prints the names of those that have no note yet. Then forgets the notes of all
/// ended ones. A session lives on without its leader; its number is not used again before it has ended, so another start time
/// under it says that it has.
const END: &str = r#"dir=$1; shift; all=; read=
for id in "$@"; do if note "$dir/$id"; then read="$read $id"; start "$p"; case $start in ''|"$t") all="$all $p"; esac; else echo "$id"; fi; done
finish "$all" || exit 3
cd "$dir" 2>/dev/null || exit 0
if [ -n "$read" ]; then rm -f $read; fi
all=; for f in *; do if note "$f"; then start "$p"; if [ -z "$start" ]; then all="$all $p"; fi; fi; done
scan "$all"; old=; for f in *; do if note "$f"; then start "$p"; if [ "$start" != "$t" ]; then case $live in *" $p "*) ;; *) old="$old $f"; esac; fi; fi; done
if [ -n "$old" ]; then rm -f $old; fi
exit 0"#;

/// Sends a signal to the process group of a command (whose id is that of its leader), or to the leader alone if it has
/// no group of its own.
const SIGNAL: &str = r#"n=0; until note "$1" || [ $n -ge 20 ]; do pause 0.05; n=$((n+1)); done
if [ -n "$t" ]; then start "$p"; if [ "$start" = "$t" ]; then kill -"$2" -- -"$p" 2>/dev/null || kill -"$2" "$p"; fi; fi"#;

/// Ends what earlier runs of the same server left: every note in a folder of that server that is not of this run. Not what
/// goes on without its leader: that may be in the background of a command that had ended well.
const SWEEP: &str = r#"all=; for dir in "$1"/"$2".*; do if [ "$dir" != "$3" ]; then
for f in "$dir"/*; do if note "$f"; then start "$p"; if [ "$start" = "$t" ]; then all="$all $p"; fi; fi; done; fi; done
finish "$all" || exit 3
for dir in "$1"/"$2".*; do if [ "$dir" != "$3" ]; then rm -rf "$dir"; fi; done
exit 0"#;

fn program(text: &str, args: &[String]) -> Vec<String> {
    ["/bin/sh", "-c"]
        .into_iter()
        .map(str::to_owned)
        .chain([format!("{FUNCTIONS}{text}"), "shed".to_owned()])
        .chain(args.iter().cloned())
        .collect()
}

/// The argv that ends the commands with these notes; it prints those that are not there yet, one in a line.
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
