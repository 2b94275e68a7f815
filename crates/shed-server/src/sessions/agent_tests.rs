use std::{fs, os::unix::fs::PermissionsExt, process::Command};

use proptest::prelude::*;

use super::*;

fn plan(command: &str, prompt: Option<&str>, resume: Option<&str>) -> Result<Option<AgentCommand>, String> {
    AgentCommand::plan(Some(command), prompt.map(str::to_owned), resume.map(str::to_owned)).map_err(|error| error.to_string())
}

#[test]
fn t2_only_an_agent_s_name_is_an_agent() {
    for command in ["claude", "  claude --model opus", "codex\t-m x", "opencode"] {
        assert!(plan(command, None, None).unwrap().is_some(), "{command}");
    }
    for command in ["claudette", "/usr/bin/claude", "FOO=1 claude", "claude;", "echo claude", "sh -c claude", ""] {
        assert_eq!(plan(command, None, None).unwrap(), None, "{command}");
        assert!(plan(command, Some("x"), None).is_err() && plan(command, None, Some("x")).is_err(), "{command}");
    }
    assert!(AgentCommand::plan(None, Some("x".into()), None).is_err());
}

#[test]
fn t2_what_can_not_be_given_to_an_agent_is_refused() {
    assert!(plan("claude", Some(""), None).is_err() && plan("claude", Some("a\0b"), None).is_err());
    assert!(
        plan("claude", Some(&"x".repeat(PROMPT_MAX + 1)), None).is_err() && plan("claude", Some(&"x".repeat(PROMPT_MAX)), None).is_ok()
    );
    for id in ["", "-x", "a b", "a'b", "ü", &"x".repeat(101)] {
        assert!(plan("claude", None, Some(id)).is_err(), "{id}");
    }
    for rest in ["; ls", "&& ls", "| tee x", "> x", "(x)", "# x", "'open", "\"open", "x\ny"] {
        assert!(plan(&format!("claude {rest}"), Some("x"), None).is_err(), "{rest}");
        assert!(plan(&format!("claude {rest}"), None, None).unwrap().is_some(), "{rest}");
    }
    for rest in ["--append 'a; b' \"c | d\" \\; e#f", "--model opus"] {
        assert!(plan(&format!("claude {rest}"), Some("x"), None).is_ok(), "{rest}");
    }
}

#[test]
fn t2_a_session_that_comes_back_goes_on_with_its_conversation() {
    let again = AgentCommand::again(Some("claude --model opus"), Some("0a-1")).unwrap();
    assert_eq!((again.resume(), &again.prompt), (Some("0a-1"), &None));
    assert_eq!(AgentCommand::again(Some("claude && date"), Some("0a-1")).unwrap().resume(), None);
    assert_eq!(AgentCommand::again(Some("make"), Some("0a-1")), None);
}

/// The words that the agent gets, as it was started in a shell without a guest.
fn words(command: &AgentCommand, argv: &[String]) -> Vec<Vec<u8>> {
    let home = tempfile::tempdir().unwrap();
    let (script, seen) = (home.path().join(command.name()), home.path().join("seen"));
    fs::write(&script, format!("#!/bin/sh\nprintf '%s\\0' \"$@\" >'{}'\n", seen.display())).unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    fs::write(home.path().join(".bash_profile"), format!("PATH='{}:/usr/bin:/bin'\n", home.path().display())).unwrap();
    let ended = Command::new(&argv[0]).args(&argv[1..]).env("HOME", home.path()).status().unwrap();
    assert!(ended.success());
    let mut words: Vec<Vec<u8>> = fs::read(&seen).unwrap().split(|b| *b == 0).map(<[u8]>::to_vec).collect();
    words.pop();
    words
}

fn texts(words: &[&str]) -> Vec<Vec<u8>> {
    words.iter().map(|word| word.as_bytes().to_vec()).collect()
}

const ODD: &str = "-first\n$(touch pwned) 'one' \"two\" `x` \\ ; | &\n\n";

#[test]
fn t2_agents_get_their_words_as_they_are_meant() {
    for (agent, expected) in
        [("claude", vec!["--model", "a b", "--resume", "0a-1", "--", ODD]), ("codex", vec!["--model", "a b", "resume", "0a-1", "--", ODD])]
    {
        let command = plan(&format!("{agent} --model 'a b'"), Some(ODD), Some("0a-1")).unwrap().unwrap();
        assert_eq!(words(&command, &command.argv()), texts(&expected));
    }
    let command = plan("opencode", Some(ODD), Some("ses_1")).unwrap().unwrap();
    assert_eq!(words(&command, &command.argv()), texts(&["--session", "ses_1", &format!("--prompt={ODD}")]));
    let command = plan("claude -c", None, None).unwrap().unwrap();
    assert_eq!(words(&command, &command.argv()), texts(&["-c"]));
}

#[test]
fn t2_a_long_prompt_comes_from_a_file_byte_by_byte() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("prompt");
    for (agent, prefix) in [("claude", ""), ("opencode", "--prompt=")] {
        let long = format!("{ODD}{}\n\n", "ä".repeat(PROMPT_MAX / 2 - ODD.len()));
        let command = plan(agent, Some(&long), None).unwrap().unwrap();
        fs::write(&file, &long).unwrap();
        let seen = words(&command, &command.argv_with_file(file.to_str().unwrap()));
        assert_eq!(seen.last(), Some(&format!("{prefix}{long}").into_bytes()), "{agent}");
        assert!(!file.exists());
    }
}

proptest! {
    #[test]
    fn no_text_panics(text in r#"[a '"\\;#`&]{0,12}|\PC*"#) {
        let _ = is_one_command(&text);
        let _ = plan(&text, Some("x"), None);
    }
}
