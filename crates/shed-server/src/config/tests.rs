//! Good configurations, and the words for bad ones.

use std::{collections::HashMap, fs, os::unix::fs::PermissionsExt, path::Path};

use super::*;

/// Loads `text` as `shed.toml` with these variables; an error becomes its message and hint.
fn load(text: &str, env: &[(&str, &str)]) -> Result<Config, String> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("shed.toml");
    fs::write(&path, text).unwrap();
    let env: HashMap<_, _> = env.iter().copied().collect();
    Config::load_with(Some(&path), |name| env.get(name).map(Into::into)).map_err(|error| {
        let message = error.to_string().replace(&format!("{}/", dir.path().display()), "");
        format!("{message} | {}", error.hint().unwrap_or_default())
    })
}

#[test]
fn no_file_means_the_defaults() {
    let config = Config::load_with(None, |_| None).unwrap();
    assert_eq!(config.http.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.ssh.listen.to_string(), "127.0.0.1:2222");
    assert_eq!(config.sheds.default_image, "shed-base:latest");
    assert!(!config.server_name().is_empty());
}

#[test]
fn every_key_is_read() {
    let config = load(
        r#"
        name = "box"
        state_dir = "/var/lib/shed"
        [http]
        listen = "[::1]:1"
        allowed_hosts = ["shed.example.org", "fd00::1"]
        [ssh]
        listen = "0.0.0.0:0"
        [engine]
        docker_host = "unix:///run/docker.sock"
        [sheds]
        default_image = "i"
        profile = "strict"
        memory = "4g"
        cpus = 1.5
        pids = 10
        env_file = "e"
        restore_sessions = false
        [[sheds.credentials]]
        source = "~/.gitconfig"
        target = "/home/shed/.gitconfig"
        [history]
        keep_days = 7
        max_events = 10
        [notify]
        link = "https://shed.example.org/{shed}/{session}"
        [[notify.webhooks]]
        url = "https://hooks.example.org/shed"
        secret_file = "/etc/shed/hook"
        on = ["failed"]
        from = ["running"]
        sheds = ["a*"]
        mute = ["ab"]
        cooldown_seconds = 5
        [metrics]
        listen = "127.0.0.1:9090"
        [[notify.ntfy]]
        url = "https://ntfy.example.org"
        topic = "t"
        priority = 4
        token = "tk_1"
        "#,
        &[],
    )
    .unwrap();
    assert_eq!(config.server_name(), "box");
    assert_eq!(config.http.listen.to_string(), "[::1]:1");
    assert_eq!(config.ssh.listen.to_string(), "0.0.0.0:0");
    assert_eq!(config.sheds.profile, Profile::Strict);
    assert!(config.sheds.credentials[0].read_only && !config.sheds.restore_sessions);
    assert_eq!((config.history.keep_days, config.history.max_events), (7, 10));
    assert_eq!((config.notify.webhooks.len(), config.notify.ntfy[0].priority), (1, Some(4)));
    assert_eq!(config.metrics.listen.map(|listen| listen.port()), Some(9090));
    assert!(!format!("{config:?}").contains("tk_1"), "secrets are not shown");
}

#[test]
fn the_environment_is_above_the_file() {
    let file = "state_dir = '/a'\n[http]\nlisten = '127.0.0.1:1'\n[ssh]\nlisten = '127.0.0.1:2'";
    let env = [("SHED_HTTP_LISTEN", "127.0.0.1:3"), ("SHED_SSH_LISTEN", ""), ("SHED_STATE_DIR", "/b")];
    let config = load(file, &env).unwrap();
    assert_eq!(config.http.listen.port(), 3);
    assert_eq!(config.ssh.listen.port(), 2, "an empty variable is an unset one");
    assert_eq!(config.state_dir.as_deref(), Some(Path::new("/b")));
}

#[test]
fn errors_say_where_and_what_next() {
    let said = [
        ("name = 'a'\n\n[http]\nlisen = '127.0.0.1:1'", vec![]),
        ("[sheds]\ncolour = 1", vec![]),
        ("nmae = 1", vec![]),
        ("[http]\nlisten = 'localhost'", vec![]),
        ("[sheds]\npids = 'many'", vec![]),
        ("[http\n", vec![]),
        ("[sheds]\nprofile = 'lax'", vec![]),
        ("[http]\nallowed_hosts = ['https://shed.example.org']", vec![]),
        ("[http]\nallowed_hosts = ['shed.example.org:80']", vec![]),
        ("", vec![("SHED_SSH_LISTEN", "2222")]),
    ]
    .map(|(text, env)| load(text, &env).unwrap_err());
    insta::assert_snapshot!(said.join("\n"), @r#"
    shed.toml:4: unknown field `lisen`, expected `listen` or `allowed_hosts` | did you mean `listen`?
    shed.toml:2: unknown field `colour`, expected one of `default_image`, `profile`, `memory`, `cpus`, `pids`, `env_file`, `credentials`, `restore_sessions` | 
    shed.toml:1: unknown field `nmae`, expected one of `name`, `state_dir`, `http`, `ssh`, `engine`, `sheds`, `history`, `notify`, `metrics` | did you mean `name`?
    shed.toml:2: invalid socket address syntax | an address is written with its port, like 127.0.0.1:8080
    shed.toml:2: invalid type: string "many", expected i64 | 
    shed.toml:1: unclosed table, expected `]` | 
    shed.toml:2: unknown variant `lax`, expected `default` or `strict` | 
    `https://shed.example.org` in http.allowed_hosts is no host name | write the bare name, without scheme and port: allowed_hosts = ["shed.example.org"]
    `shed.example.org:80` in http.allowed_hosts is no host name | write the bare name, without scheme and port: allowed_hosts = ["shed.example.org"]
    `SHED_SSH_LISTEN` is `2222`, which is no address with a port | write it like this: SHED_SSH_LISTEN=127.0.0.1:8080
    "#);
}

#[test]
fn a_missing_file_is_named() {
    let error = Config::load_with(Some(Path::new("/nowhere/shed.toml")), |_| None).unwrap_err();
    assert!(error.to_string().contains("`/nowhere/shed.toml`"), "{error}");
    assert!(error.hint().unwrap().contains("--config"));
}

#[test]
fn the_state_directory_is_made_private() {
    let dir = tempfile::tempdir().unwrap();
    let config = Config { state_dir: Some(dir.path().join("a/b")), ..Config::default() };
    let made = config.make_state_dir().unwrap();
    assert_eq!(fs::metadata(&made).unwrap().permissions().mode() & 0o777, 0o700);
    assert_eq!(config.make_state_dir().unwrap(), made);
    fs::write(dir.path().join("file"), "").unwrap();
    let error = Config { state_dir: Some(dir.path().join("file")), ..Config::default() }.make_state_dir().unwrap_err();
    assert!(error.to_string().contains("file`") && error.hint().is_some(), "{error}");
}
