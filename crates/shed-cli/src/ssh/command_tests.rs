use super::*;

fn command() -> SshCommand {
    SshCommand {
        tty: Tty::Yes,
        host: "box.example".into(),
        port: 2222,
        shed: ShedName::new("myproj").unwrap(),
        known_hosts: "/c/known_hosts".into(),
        identity: None,
        session: None,
        marker: None,
        remote: None,
    }
}

fn text(command: &SshCommand) -> Vec<String> {
    command.args().unwrap().into_iter().map(|arg| arg.into_string().unwrap()).collect()
}

#[test]
fn s18_s19_the_arguments_of_ssh() {
    let args = text(&command().attaching(&SessionRef::new("debug").unwrap()));
    let has = |pair: [&str; 2]| args.windows(2).any(|window| window == pair);
    assert_eq!(args[..3], ["-t", "-p", "2222"]);
    assert!(has(["-o", "UserKnownHostsFile=/c/known_hosts"]));
    assert!(has(["-o", "StrictHostKeyChecking=yes"]));
    assert!(has(["-o", "SendEnv=SHED_SESSION"]));
    let tail = ["myproj@box.example", "--", "tmux", "new-session", "-A", "-s", "debug", "-c", "/workspace"];
    assert!(args.ends_with(&tail.map(str::to_owned)), "{args:?}");
}

#[test]
fn names_made_by_hand_are_quoted_and_only_attached_to() {
    let args = text(&command().attaching(&SessionRef::new("it's $(odd) ü").unwrap()));
    let dashes = args.iter().position(|arg| arg == "--").unwrap();
    assert_eq!(shlex::split(&args[dashes + 1..].join(" ")).unwrap(), ["tmux", "attach-session", "-t", "=it's $(odd) ü"]);
    assert!(!args.contains(&"new-session".to_owned()));
}

#[test]
fn our_own_key_is_the_only_one_offered_and_paths_are_escaped() {
    let mut command = command();
    command.identity = Some("/c d/id".into());
    command.known_hosts = "/c d/100%/known_hosts".into();
    command.marker = Some("/tmp/it's".into());
    let args = text(&command);
    assert!(args.contains(&"UserKnownHostsFile=\"/c d/100%%/known_hosts\"".to_owned()), "{args:?}");
    assert!(args.windows(2).any(|pair| pair == ["-i", "/c d/id"]));
    assert!(args.contains(&"IdentitiesOnly=yes".to_owned()));
    assert!(args.contains(&"LocalCommand=: > \"/tmp/it's\"".to_owned()), "{args:?}");
    assert_eq!(args.last().unwrap(), "myproj@box.example", "no command, no dashes: a shell");
}
