#![expect(clippy::unwrap_used, reason = "helpers of tests may end the test")]

use std::{fs, os::unix::fs::PermissionsExt, path::Path, process::Output};

use serde_json::{Value, json};
use shed_guest::agent::{launch, opencode, settings};

use crate::common::{GUEST, Tmux, feed};

/// An agent that says how it was started: each argument on a line of its own, then what it finds in the environment.
fn install(home: &Path, agent: &str) {
    let script = "#!/bin/sh\nfor word in \"$@\"; do printf '<%s>\\n' \"$word\"; done\nenv | grep -E '^(SHED|OPENCODE)' | sort\n";
    let file = home.join("bin").join(agent);
    fs::create_dir_all(home.join("bin")).unwrap();
    fs::write(&file, script).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
}

fn start(tmux: &Tmux, arguments: &[&str], env: &[(&str, &str)]) -> Output {
    let mut command = tmux.inside(GUEST);
    for unset in ["XDG_CONFIG_HOME", "XDG_CACHE_HOME", "CLAUDE_CONFIG_DIR", "CODEX_HOME", "OPENCODE_CONFIG_CONTENT"] {
        command.env_remove(unset);
    }
    let path = format!("{}:/usr/bin:/bin", tmux.dir.path().join("bin").display());
    command.arg("agent").args(arguments).env("PATH", path).envs(env.iter().copied());
    feed(command, b"")
}

fn lines(output: &Output) -> Vec<String> {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn t13_claude_gets_hooks_beside_the_user_s_own_and_its_arguments_as_they_are() {
    let tmux = Tmux::quiet();
    install(tmux.dir.path(), "claude");
    let seen = lines(&start(&tmux, &["claude", "--prompted", "--", "--model", "opus", "--", "--settings; 'x'"], &[]));
    let mut hooks = json!({});
    settings::add(&mut hooks, GUEST).unwrap();
    assert_eq!(seen[0], "<--settings>");
    assert_eq!(serde_json::from_str::<Value>(&seen[1][1..seen[1].len() - 1]).unwrap(), hooks);
    assert_eq!(seen[2..6], ["<--model>", "<opus>", "<-->", "<--settings; 'x'>"]);
    assert!(seen.contains(&"SHED_AGENT_PROMPTED=1".to_owned()) && seen.iter().any(|line| line.starts_with("SHED_TMUX=")), "{seen:?}");

    let own = json!({"model": "opus", "hooks": {"Stop": [{"hooks": [{"type": "command", "command": "say done"}]}]}});
    let file = tmux.dir.path().join("own.json");
    fs::write(&file, own.to_string()).unwrap();
    let seen = lines(&start(&tmux, &["claude", "--", "--settings", file.to_str().unwrap()], &[("SHED_AGENT_PROMPTED", "1")]));
    let merged: Value = serde_json::from_str(&seen[1][1..seen[1].len() - 1]).unwrap();
    assert_eq!((&merged["model"], merged["hooks"]["Stop"].as_array().unwrap().len()), (&json!("opus"), 2));
    assert!(!seen.contains(&"SHED_AGENT_PROMPTED=1".to_owned()), "that was the prompt of another one");
}

#[test]
fn t13_opencode_gets_a_plugin_that_needs_no_network() {
    let tmux = Tmux::quiet();
    install(tmux.dir.path(), "opencode");
    let seen =
        lines(&start(&tmux, &["opencode", "--", "--prompt=x"], &[("OPENCODE_CONFIG_CONTENT", r#"{"plugin":["mine"],"theme":"x"}"#)]));
    let file = tmux.dir.path().join(".cache/shed/opencode.js");
    assert_eq!(fs::read_to_string(&file).unwrap(), opencode::PLUGIN);
    let config = seen.iter().find_map(|line| line.strip_prefix("OPENCODE_CONFIG_CONTENT=")).unwrap();
    let expected = json!({"plugin": ["mine", format!("file://{}", file.display())], "theme": "x"});
    assert_eq!(serde_json::from_str::<Value>(config).unwrap(), expected);
    assert!(seen.contains(&format!("SHED_GUEST={GUEST}")), "{seen:?}");
    let lock = fs::read_to_string(tmux.dir.path().join(".config/opencode/package-lock.json")).unwrap();
    assert!(lock.contains("@opencode-ai/plugin"));

    // Plugins of the user's own may need what would be spared.
    let tmux = Tmux::quiet();
    install(tmux.dir.path(), "opencode");
    fs::create_dir_all(tmux.dir.path().join(".config/opencode/plugin")).unwrap();
    start(&tmux, &["opencode", "--"], &[]);
    assert!(!tmux.dir.path().join(".config/opencode/package-lock.json").exists());
}

#[test]
fn t13_codex_gets_our_notify_unless_the_user_has_one() {
    let tmux = Tmux::quiet();
    install(tmux.dir.path(), "codex");
    let notify = format!("<notify=[\"{GUEST}\",\"hook\",\"codex\"]>");
    assert_eq!(lines(&start(&tmux, &["codex", "--", "resume", "id"], &[]))[..4], ["<-c>", &notify, "<resume>", "<id>"]);
    fs::create_dir_all(tmux.dir.path().join(".codex")).unwrap();
    fs::write(tmux.dir.path().join(".codex/config.toml"), "model = \"x\"\nnotify = [\"mine\"]\n").unwrap();
    assert_eq!(lines(&start(&tmux, &["codex", "--", "resume"], &[]))[0], "<resume>");
}

#[test]
fn t26_an_agent_that_is_not_installed_is_said_to_be_so() {
    let tmux = Tmux::quiet();
    let output = start(&tmux, &["claude", "--"], &[("PATH", "/nowhere")]);
    assert_eq!(output.status.code(), Some(127));
    assert!(String::from_utf8_lossy(&output.stderr).contains("`claude` is not installed"), "{output:?}");
    assert_eq!(launch::run(&[]), std::process::ExitCode::from(2));
}

#[test]
fn t13_setup_by_hand_keeps_what_others_wrote_and_can_be_undone() {
    let tmux = Tmux::quiet();
    let file = tmux.dir.path().join(".claude/settings.json");
    let setup = |arguments: &[&str]| {
        let mut command = tmux.command(GUEST);
        command.env_remove("CLAUDE_CONFIG_DIR").env_remove("XDG_CONFIG_HOME").arg("setup").args(arguments);
        feed(command, b"")
    };
    let own = json!({"model": "opus", "hooks": {"Stop": [{"hooks": [{"type": "command", "command": "say done"}]}]}});
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, own.to_string()).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    assert!(setup(&["claude"]).status.success());
    let once = fs::read_to_string(&file).unwrap();
    assert!(setup(&["claude"]).status.success());
    assert_eq!(fs::read_to_string(&file).unwrap(), once);
    assert!(once.contains("say done") && once.contains(GUEST));
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(setup(&["claude", "--remove"]).status.success());
    assert_eq!(serde_json::from_str::<Value>(&fs::read_to_string(&file).unwrap()).unwrap(), own);

    fs::write(&file, "{ not json").unwrap();
    let refused = setup(&["claude"]);
    assert!(!refused.status.success() && String::from_utf8_lossy(&refused.stderr).contains("nothing was changed"), "{refused:?}");
    assert_eq!(fs::read_to_string(&file).unwrap(), "{ not json");

    assert!(setup(&["opencode"]).status.success());
    let plugin = tmux.dir.path().join(".config/opencode/plugin/shed.js");
    assert!(plugin.exists());
    assert!(setup(&["opencode", "--remove"]).status.success() && setup(&["opencode", "--remove"]).status.success());
    assert!(!plugin.exists());
}
