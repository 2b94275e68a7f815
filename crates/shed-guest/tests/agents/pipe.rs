use std::path::Path;

use crate::common::{Tmux, fixture, this_process, until};

/// A session with this shell program, and the guest behind it.
fn piped(script: &str) -> Tmux {
    let tmux = Tmux::with(&["sh", "-c", &format!("read -r start; {script}")]);
    tmux.pipe();
    tmux.types("");
    tmux
}

#[test]
fn t27_a_program_that_asks_waits_until_it_is_answered() {
    let tmux = piped(r#"printf 'Continue? [y/N] '; read -r answer; echo "you said $answer"; exec sleep 1000"#);
    tmux.becomes("waiting_input Continue? [y/N]");
    assert_eq!(tmux.option("@shed_source"), "screen");
    tmux.types("y");
    tmux.becomes("running");
}

#[test]
fn t27_a_bell_asks_for_attention_and_a_shell_s_prompt_does_not() {
    let bell = piped("printf 'done\\a\\n'; exec sleep 1000");
    bell.becomes("waiting_input bell");
    let shell = piped(r#"printf 'Password: '; read -r secret; PS1='me@host:~$ ' exec sh -i"#);
    shell.becomes("waiting_input Password:");
    shell.types("x");
    until("a prompt", || shell.screen(), |screen| screen.contains("me@host:~$"));
    shell.becomes("running");
    shell.types("printf '\\a'");
    shell.types("printf 'Sure? (y/n) '; read -r x");
    shell.becomes("waiting_input Sure? (y/n)");
}

#[test]
fn t27_output_that_does_not_end_is_read_as_fast_as_it_comes() {
    let tmux = piped("head -c 30000000 /dev/zero | tr '\\0' x | fold -w 90; echo; printf 'Press any key'; read -r x");
    tmux.becomes("waiting_input Press any key");
}

/// A session that shows what it is told to, and the folder of what it can show.
struct Player {
    tmux: Tmux,
}

impl Player {
    fn new() -> Self {
        let play = "stty -echo; while read -r file; do printf '\\033[2J\\033[3J\\033[H'; cat \"$file\"; done";
        Self { tmux: piped(play) }
    }

    fn shows(&self, screen: &str) {
        let recorded = fixture(screen);
        let file = self.tmux.dir.path().join(Path::new(screen).file_name().unwrap_or_default());
        // The last line end would scroll the first line away.
        assert!(std::fs::write(&file, recorded.trim_end()).is_ok());
        self.tmux.types(&file.display().to_string());
    }

    fn says(&self, at: i64, input: &str) {
        self.tmux.say(at, this_process(), "claude", input);
    }
}

const ASKS: &str = r#"{"hook_event_name":"PermissionRequest","tool_name":"Bash","tool_input":{"command":"make"},"session_id":"s"}"#;
const PROMPT: &str = r#"{"hook_event_name":"UserPromptSubmit","session_id":"s"}"#;
const STOP: &str = r#"{"hook_event_name":"Stop","session_id":"s"}"#;

#[test]
fn t27_a_permission_that_was_answered_ends_the_wait_although_no_hook_fires() {
    let player = Player::new();
    player.shows("claude/screens/permission_bash.txt");
    player.says(1000, ASKS);
    assert_eq!(player.tmux.status(), "waiting_permission Bash: make");
    player.shows("claude/screens/running.txt");
    player.tmux.becomes("running");
    // What a screen shows is no event: a hook that happened before it was seen still counts.
    player.says(1001, STOP);
    assert_eq!(player.tmux.status(), "waiting_input");
}

#[test]
fn t27_an_agent_that_never_pauses_is_seen_too() {
    let play = "stty -echo; read -r file; while :; do printf '\\033[2J\\033[H'; cat \"$file\"; sleep 0.1; done";
    let player = Player { tmux: piped(play) };
    player.says(1000, ASKS);
    player.shows("claude/screens/running.txt");
    player.tmux.becomes("running");
}

#[test]
fn t27_a_turn_or_a_dialog_that_was_interrupted_waits_for_input_although_no_hook_fires() {
    let player = Player::new();
    player.says(1000, PROMPT);
    player.shows("claude/screens/interrupted.txt");
    player.tmux.becomes("waiting_input");
    player.says(2000, ASKS);
    player.shows("claude/screens/denied.txt");
    player.tmux.becomes("waiting_input");
    // Before the first word of an answer the prompt just comes back.
    player.says(3000, PROMPT);
    player.shows("claude/screens/prompt_at_start.txt");
    player.tmux.becomes("waiting_input");
}

#[test]
fn t27_a_dialog_of_a_sub_agent_is_seen_on_the_screen() {
    let player = Player::new();
    player.says(1000, PROMPT);
    player.shows("claude/screens/permission_in_subagent.txt");
    player.tmux.becomes("waiting_permission Bash command: touch /tmp/by-subagent");
    player.shows("claude/screens/subagent_done.txt");
    player.tmux.becomes("waiting_input");
}

#[test]
fn t27_an_agent_without_hooks_is_guessed_from_its_screens() {
    let player = Player::new();
    player.tmux.run(&["set-option", "-t", "=s:", "@shed_agent", "opencode"]);
    for (screen, status) in [
        ("permission_bash", "waiting_permission Shell command: touch made"),
        ("running", "running"),
        ("question", "waiting_input Which colour?"),
        ("prompt_after_turn", "waiting_input"),
    ] {
        player.shows(&format!("opencode/screens/{screen}.txt"));
        player.tmux.becomes(status);
    }
}
