#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests may end the test")]

use std::process::{Command, Stdio};

use serde_json::json;

use crate::common::{GUEST, Tmux, feed, fixture, this_process, until};

/// Plays what a real Claude Code told its hooks, a second apart, and gives every status that came of it.
fn play(agent: &str, inputs: impl IntoIterator<Item = String>) -> Vec<String> {
    let tmux = Tmux::quiet();
    let mut seen: Vec<String> = Vec::new();
    for (at, line) in (1_000_000..).step_by(1000).zip(inputs) {
        tmux.say(at, this_process(), agent, &line);
        let status = tmux.status();
        if seen.last() != Some(&status) {
            seen.push(status);
        }
    }
    seen
}

#[test]
fn t10_t11_recorded_conversations_give_the_right_statuses_in_order() {
    let asks = "waiting_permission Bash: touch /tmp/made";
    let asks_for_it = "waiting_permission Bash: touch /tmp/by-subagent";
    let subagent = ["waiting_input", "running", "running Agent", asks_for_it, "running sub-agent", "running", "waiting_input", "exited"];
    let cases: [(&str, &[&str]); 9] = [
        ("permission", &["waiting_input", "running", "running Bash", asks, "running Bash", "waiting_input", "exited"]),
        ("failing_tool", &["waiting_input", "running", "running Bash", "waiting_input", "exited"]),
        ("question", &["waiting_input", "running", "waiting_input Which colour?", "running AskUserQuestion", "waiting_input", "exited"]),
        ("compact", &["waiting_input", "running", "waiting_input", "running compacting", "waiting_input", "exited"]),
        ("clear", &["waiting_input", "running", "waiting_input", "running", "waiting_input", "exited"]),
        ("subagent", &subagent),
        ("denied", &["waiting_input", "running", "running Bash", asks, "exited"]),
        ("idle", &["waiting_input", "running", "waiting_input", "exited"]),
        ("killed", &["waiting_input", "running", "waiting_input"]),
    ];
    for (name, expected) in cases {
        let inputs = fixture(&format!("claude/{name}.jsonl"));
        assert_eq!(play("claude", inputs.lines().map(str::to_owned)), expected, "{name}");
    }
}

/// What our plugin makes of what a plugin is told: the events as they are, the hooks under names of their own.
fn as_the_plugin_writes_it(line: &str) -> Option<String> {
    let line: serde_json::Value = serde_json::from_str(line).unwrap();
    let value = &line["value"];
    let (kind, properties) = match line["hook"].as_str() {
        None => (line["type"].clone(), line["properties"].clone()),
        Some("loaded") => ("plugin.started".into(), json!({})),
        Some("dispose") => ("plugin.disposed".into(), json!({})),
        Some(name @ "tool.execute.before") => {
            (name.into(), json!({"sessionID": value["info"]["sessionID"], "tool": value["info"]["tool"], "args": value["out"]["args"]}))
        }
        Some(name @ "tool.execute.after") => {
            (name.into(), json!({"sessionID": value["info"]["sessionID"], "tool": value["info"]["tool"], "args": value["info"]["args"]}))
        }
        Some(_) => return None,
    };
    let wanted = ["plugin.", "session.idle", "session.status", "session.error", "tool.", "permission.", "question."];
    let passed = wanted.iter().any(|start| kind.as_str().unwrap().starts_with(start));
    passed.then(|| json!({"type": kind, "properties": properties}).to_string())
}

#[test]
fn t10_t11_recorded_events_of_opencode_give_the_right_statuses_in_order() {
    let asks = "waiting_permission bash: touch made";
    let cases: [(&str, &[&str]); 4] = [
        ("permission", &["waiting_input", "running", "running bash", asks, "running", "running bash", "waiting_input", "exited"]),
        ("denied", &["waiting_input", "running", "running bash", asks, "running", "waiting_input", "exited"]),
        (
            "question",
            &[
                "waiting_input",
                "running",
                "running question",
                "waiting_input Which colour?",
                "running",
                "running question",
                "waiting_input",
                "exited",
            ],
        ),
        ("interrupt", &["waiting_input", "running", "waiting_input", "exited"]),
    ];
    for (name, expected) in cases {
        let events = fixture(&format!("opencode/{name}.jsonl"));
        assert_eq!(play("opencode", events.lines().filter_map(as_the_plugin_writes_it)), expected, "{name}");
    }
}

#[test]
fn t8_t9_the_facts_of_an_agent_are_written_down_at_once() {
    let tmux = Tmux::quiet();
    let prompt = r#"{"hook_event_name":"UserPromptSubmit","session_id":"0a-1","prompt":"do it"}"#;
    tmux.say(5000, this_process(), "claude", prompt);
    assert_eq!((tmux.status().as_str(), tmux.option("@shed_since").as_str()), ("running", "5000"));
    assert_eq!((tmux.option("@shed_agent").as_str(), tmux.option("@shed_source").as_str()), ("claude", "hook"));
    assert_eq!(tmux.option("@shed_conversation"), "0a-1");
    assert_eq!(tmux.option("@shed_agent_pid"), std::process::id().to_string());
    // Another tool is another detail, and the same status since the same time.
    let quoted = r#"{"hook_event_name":"PreToolUse","session_id":"0a-1","tool_name":"it's; #{pane_id} \"q\" $X \\"}"#;
    tmux.say(6000, this_process(), "claude", quoted);
    assert_eq!(tmux.run(&["display-message", "-p", "-t", "=s:", "#{@shed_detail}"]).trim_end(), r#"it's; #{pane_id} "q" $X \"#);
    assert_eq!(tmux.option("@shed_since"), "5000");
}

#[test]
fn t2_a_conversation_that_only_started_can_not_be_resumed_and_is_not_recorded() {
    let tmux = Tmux::quiet();
    tmux.say(1000, this_process(), "claude", r#"{"hook_event_name":"SessionStart","source":"startup","session_id":"first"}"#);
    assert_eq!((tmux.status().as_str(), tmux.option("@shed_conversation").as_str()), ("waiting_input", ""));
    tmux.say(2000, this_process(), "claude", r#"{"hook_event_name":"UserPromptSubmit","session_id":"first"}"#);
    assert_eq!(tmux.option("@shed_conversation"), "first");
    tmux.say(3000, this_process(), "claude", r#"{"hook_event_name":"SessionStart","source":"clear","session_id":"second"}"#);
    assert_eq!(tmux.option("@shed_conversation"), "");
    tmux.say(4000, this_process(), "claude", r#"{"hook_event_name":"SessionStart","source":"resume","session_id":"first"}"#);
    assert_eq!(tmux.option("@shed_conversation"), "first");
}

#[test]
fn t27_a_nested_agent_does_not_speak_for_the_session() {
    let tmux = Tmux::quiet();
    let mut nested = Command::new("sleep").arg("1000").stdout(Stdio::null()).spawn().unwrap();
    let inner = shed_guest::agent::process::find(nested.id()).unwrap();
    let inner = (inner.pid, inner.start);
    tmux.say(1000, this_process(), "claude", r#"{"hook_event_name":"UserPromptSubmit","session_id":"outer"}"#);
    for event in ["SessionStart", "UserPromptSubmit", "Stop", "SessionEnd"] {
        tmux.say(2000, inner, "claude", &format!(r#"{{"hook_event_name":"{event}","session_id":"inner"}}"#));
        assert_eq!((tmux.status().as_str(), tmux.option("@shed_conversation").as_str()), ("running", "outer"), "{event}");
    }
    // One that is started when the first is gone does.
    nested.kill().unwrap();
    nested.wait().unwrap();
    let tmux = Tmux::quiet();
    tmux.say(1000, inner, "claude", r#"{"hook_event_name":"UserPromptSubmit","session_id":"gone"}"#);
    tmux.say(2000, this_process(), "claude", r#"{"hook_event_name":"Stop","session_id":"next"}"#);
    assert_eq!((tmux.status().as_str(), tmux.option("@shed_conversation").as_str()), ("waiting_input", "next"));
}

#[test]
fn t27_an_event_that_arrives_late_does_not_undo_a_newer_one() {
    let tmux = Tmux::quiet();
    tmux.say(2000, this_process(), "claude", r#"{"hook_event_name":"Stop","session_id":"s"}"#);
    tmux.say(1000, this_process(), "claude", r#"{"hook_event_name":"PreToolUse","tool_name":"Bash","session_id":"older"}"#);
    assert_eq!((tmux.status().as_str(), tmux.option("@shed_conversation").as_str()), ("waiting_input", "s"));
}

/// Puts a recorded screen into the pane.
fn showing(screen: &str) -> Tmux {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("screen");
    std::fs::write(&file, fixture(screen).trim_end()).unwrap();
    let tmux = Tmux::with(&["sh", "-c", "cat \"$0\"; echo; exec sleep 1000", file.to_str().unwrap()]);
    until("the screen", || tmux.run(&["capture-pane", "-p", "-t", "%0"]), |text| text.contains("Claude Code v2.1.332"));
    tmux
}

#[test]
fn t27_a_late_notification_counts_only_while_its_dialog_is_on_the_screen() {
    let late = r#"{"hook_event_name":"Notification","notification_type":"permission_prompt","message":"Claude needs your permission","session_id":"s"}"#;
    let prompt = r#"{"hook_event_name":"UserPromptSubmit","session_id":"s"}"#;
    for (screen, expected) in [
        ("claude/screens/running.txt", "running"),
        ("claude/screens/prompt_after_turn.txt", "running"),
        ("claude/screens/permission_bash.txt", "waiting_permission Claude needs your permission"),
        ("claude/screens/permission_in_subagent.txt", "waiting_permission Claude needs your permission"),
    ] {
        let tmux = showing(screen);
        tmux.say(1000, this_process(), "claude", prompt);
        tmux.say(7000, this_process(), "claude", late);
        assert_eq!(tmux.status(), expected, "{screen}");
    }
}

#[test]
fn t12_the_hook_says_nothing_and_succeeds_whatever_happens() {
    let tmux = Tmux::quiet();
    let stop = br#"{"hook_event_name":"Stop"}"#.as_slice();
    let silent = |what: &str, mut command: Command, arguments: &[&str], input: &[u8]| {
        command.args(arguments);
        let output = feed(command, input);
        assert!(output.status.success() && output.stdout.is_empty() && output.stderr.is_empty(), "{what}: {output:?}");
    };
    silent("no tmux around", tmux.command(GUEST), &["hook", "claude"], stop);
    silent("garbage", tmux.inside(GUEST), &["hook", "claude"], b"\xff{]garbage");
    silent("nothing", tmux.inside(GUEST), &["hook", "claude"], b"");
    silent("an unknown agent", tmux.inside(GUEST), &["hook", "nobody"], stop);
    silent("no agent", tmux.inside(GUEST), &["hook"], stop);
    let mut elsewhere = tmux.inside(GUEST);
    elsewhere.env("TMUX", "garbage").env("TMUX_PANE", "%99; kill-server");
    silent("odd variables", elsewhere, &["hook", "claude"], stop);
    let mut gone = tmux.inside(GUEST);
    gone.env("TMUX", "/nowhere/socket,1,0");
    silent("tmux is gone", gone, &["hook", "claude"], stop);
    let mut no_tmux = tmux.inside(GUEST);
    no_tmux.env("PATH", "/nowhere");
    silent("no tmux installed", no_tmux, &["hook", "claude"], stop);
    assert_eq!(tmux.status(), "");
    silent("all is well", tmux.inside(GUEST), &["hook", "claude"], stop);
    tmux.becomes("waiting_input");
}

#[test]
fn t12_a_tmux_that_hangs_does_not_hold_the_agent_up() {
    let tmux = Tmux::quiet();
    let server = tmux.run(&["display-message", "-p", "#{pid}"]);
    let signal = |name: &str| assert!(Command::new("kill").args([name, server.trim()]).status().unwrap().success());
    signal("-STOP");
    // That this returns at all is what is shown: nobody answers the hook's questions.
    let mut hook = tmux.inside(GUEST);
    hook.args(["hook", "claude"]);
    let output = feed(hook, br#"{"hook_event_name":"Stop"}"#);
    assert!(output.status.success());
    signal("-CONT");
    tmux.becomes("waiting_input");
}

#[test]
fn t12_of_many_reports_at_once_none_is_lost() {
    let tmux = Tmux::quiet();
    std::thread::scope(|scope| {
        for at in 1..=12_i64 {
            let tmux = &tmux;
            let input = format!(r#"{{"hook_event_name":"PreToolUse","tool_name":"T{at}","session_id":"s"}}"#);
            scope.spawn(move || tmux.say(at * 1000, this_process(), "claude", &input));
        }
    });
    assert_eq!(tmux.status(), "running T12");
}

#[test]
fn t11_codex_and_opencode_report_too() {
    let tmux = Tmux::quiet();
    let mut codex = tmux.inside(GUEST);
    codex.args(["hook", "codex", r#"{"type":"agent-turn-complete","thread-id":"c-1"}"#]);
    assert!(feed(codex, b"").status.success());
    tmux.becomes("waiting_input");
    assert_eq!((tmux.option("@shed_agent").as_str(), tmux.option("@shed_conversation").as_str()), ("codex", "c-1"));

    let tmux = Tmux::quiet();
    let steps = [
        (r#"{"type":"plugin.started","properties":{}}"#, "waiting_input"),
        (r#"{"type":"session.status","properties":{"sessionID":"ses_1","status":{"type":"busy"}}}"#, "running"),
        (r#"{"type":"tool.execute.before","properties":{"sessionID":"ses_1","tool":"bash","args":{"command":"make"}}}"#, "running bash"),
        (
            r#"{"type":"permission.asked","properties":{"id":"per_1","sessionID":"ses_1","permission":"bash","patterns":["make *"],"metadata":{"command":"make"}}}"#,
            "waiting_permission bash: make",
        ),
        (r#"{"type":"permission.replied","properties":{"sessionID":"ses_1","requestID":"per_1","reply":"once"}}"#, "running"),
        (r#"{"type":"session.idle","properties":{"sessionID":"ses_1"}}"#, "waiting_input"),
    ];
    for (input, expected) in steps {
        let mut hook = tmux.inside(GUEST);
        hook.args(["hook", "opencode"]);
        assert!(feed(hook, input.as_bytes()).status.success());
        tmux.becomes(expected);
    }
    assert_eq!(tmux.option("@shed_conversation"), "ses_1");
}
