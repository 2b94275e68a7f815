use proptest::prelude::*;

use super::*;

fn recorded(agent: &str, name: &str) -> String {
    let path = format!("{}/tests/fixtures/{agent}/screens/{name}.txt", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn t27_recorded_screens_of_claude_code_are_read() {
    let dialog = |what: &str| View::Dialog(format!("Bash command: {what}"));
    for (name, expected) in [
        ("permission_bash", dialog("touch /tmp/made")),
        ("permission_in_subagent", dialog("touch /tmp/by-subagent")),
        ("question", View::Question("Which colour?".into())),
        ("running", View::Busy),
        ("interrupted", View::Interrupted),
        ("denied", View::Interrupted),
        ("prompt_at_start", View::Idle),
        ("prompt_after_turn", View::Idle),
        ("resumed", View::Idle),
        ("compacted", View::Idle),
        ("subagent_done", View::Idle),
        ("ended", View::Unknown),
    ] {
        assert_eq!(read(Some("claude"), &recorded("claude", name)), expected, "{name}");
    }
}

#[test]
fn t27_recorded_screens_of_opencode_are_read() {
    for (name, expected) in [
        ("permission_bash", View::Dialog("Shell command: touch made".into())),
        ("permission_in_subagent", View::Dialog("Shell command: touch by-subagent".into())),
        ("question", View::Question("Which colour?".into())),
        ("running", View::Busy),
        ("escape_once", View::Busy),
        ("interrupted", View::Idle),
        ("denied", View::Idle),
        ("prompt_after_turn", View::Idle),
        ("subagent_done", View::Idle),
        ("ended", View::Unknown),
    ] {
        assert_eq!(read(Some("opencode"), &recorded("opencode", name)), expected, "{name}");
    }
}

#[test]
fn t27_codex_s_dialogs_are_known() {
    let codex = "  Would you like to run the following command?\n\n  $ touch a\n\n› 1. Yes, proceed (y)\n  2. No (esc)\n\n  Press enter to confirm or esc to cancel\n";
    assert!(matches!(read(Some("codex"), codex), View::Dialog(question) if question.starts_with("Would you like")));
    assert_eq!(read(Some("codex"), "• Working (3s • esc to interrupt)\n\n› Ask Codex to do anything\n\n  100% context left\n"), View::Busy);
    assert_eq!(read(Some("codex"), "• Done.\n\n› Ask Codex to do anything\n\n  100% context left\n"), View::Idle);
}

#[test]
fn t27_programs_that_wait_for_an_answer() {
    for line in [
        "Continue? [y/N] ",
        "Do you want to continue? [Y/n] ",
        "Are you sure you want to continue connecting (yes/no/[fingerprint])? ",
        "Overwrite (y/n)?",
        "[sudo] password for me:",
        "Password: ",
        "Enter passphrase for key '/home/me/.ssh/id_ed25519': ",
        "Username for 'https://github.com': ",
        "Press any key to continue . . .",
        "--More--(12%)",
        "? Project name: › my-app",
        "Stage this hunk [y,n,q,a,d,e,?]? ",
    ] {
        let screen = format!("some output\n{line}\n\n\n");
        assert_eq!(read(None, &screen), View::Question(line.trim().into()), "{line}");
    }
}

#[test]
fn t27_a_plain_shell_prompt_or_a_log_waits_for_nothing() {
    for line in ["$ ", "# ", "me@host:~/src$ ", "[me@host ~]$", "> ", "❯", "100%", "Compiling shed v0.1.0", "Done in 3 s", "", "0 errors?"]
    {
        assert_eq!(read(None, &format!("Continue? [y/N] y\n{line}\nok\n")), View::Unknown, "{line}");
        assert_eq!(read(None, &format!("ok\n{line}\n")), View::Unknown, "{line}");
    }
    assert!(is_shell_prompt("a\nme@host:~$ \n\n") && !is_shell_prompt("a\nContinue? [y/N]\n"));
}

proptest! {
    #[test]
    fn no_screen_panics(screen in r"([❯›─╌ 0-9.\nDo you want\?·]|\PC){0,300}", agent in prop_oneof![Just(None), Just(Some("claude")), Just(Some("codex")), Just(Some("opencode"))]) {
        let _ = read(agent, &screen);
        let _ = is_shell_prompt(&screen);
    }
}
