use std::{os::unix::fs::PermissionsExt, thread};

use super::*;

fn paths(folder: &tempfile::TempDir) -> Paths {
    let folder = folder.path().join("made/by/us");
    Paths {
        config: folder.join("config.toml"),
        known_hosts: folder.join("known_hosts"),
        own_key: folder.join("id_ed25519"),
        home: folder.clone(),
    }
}

fn server(port: u16) -> Server {
    Server { url: "http://127.0.0.1:8080".into(), token: "shed_secret".into(), ssh_host: "127.0.0.1".into(), ssh_port: port }
}

#[test]
fn twenty_writers_at_once_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let paths = paths(&folder);
    thread::scope(|scope| {
        for n in 0..20u16 {
            let paths = &paths;
            scope.spawn(move || {
                update(paths, |config| {
                    config.servers.insert(format!("s{n}"), server(n + 1));
                    Ok(())
                })
                .unwrap();
            });
        }
    });
    let config = load(&paths).unwrap();
    assert_eq!(config.servers.len(), 20);
    assert_eq!(config.servers["s7"].ssh_port, 8);
    let mode = std::fs::metadata(&paths.config).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let left: Vec<_> = std::fs::read_dir(paths.folder()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "config and lock alone: {left:?}");
}

#[test]
fn a_failed_change_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let paths = paths(&folder);
    let result = update(&paths, |config| -> Result<(), Failure> {
        config.default = Some("x".into());
        Err(Failure::new("no"))
    });
    assert_eq!(result, Err(Failure::new("no")));
    assert_eq!(load(&paths).unwrap(), Config::default());
}

#[test]
fn unknown_keys_are_errors_that_name_the_line() {
    let folder = tempfile::tempdir().unwrap();
    let paths = paths(&folder);
    std::fs::create_dir_all(paths.folder()).unwrap();
    std::fs::write(&paths.config, "default = \"a\"\n\n[servers.a]\nurl = \"http://x\"\ntokken = \"t\"\n").unwrap();
    let failure = load(&paths).unwrap_err();
    assert!(failure.message.contains("line 5"), "{failure:?}");
    assert!(failure.message.contains("unknown field `tokken`, expected one of `url`, `token`, `ssh_host`, `ssh_port`"), "{failure:?}");
    assert!(failure.hint.is_some());
}

#[test]
fn a_symbolic_link_stays_one() {
    let folder = tempfile::tempdir().unwrap();
    let paths = paths(&folder);
    std::fs::create_dir_all(paths.folder()).unwrap();
    let real = folder.path().join("dotfiles.toml");
    std::fs::write(&real, "").unwrap();
    std::os::unix::fs::symlink(&real, &paths.config).unwrap();
    update(&paths, |config| {
        config.servers.insert("a".into(), server(1));
        Ok(())
    })
    .unwrap();
    assert!(std::fs::symlink_metadata(&paths.config).unwrap().is_symlink());
    assert!(std::fs::read_to_string(&real).unwrap().contains("[servers.a]"));
}

#[test]
fn a_server_is_chosen_or_the_error_says_how() {
    let mut config = Config::default();
    assert_eq!(config.choose(None).unwrap_err().hint.as_deref(), Some("add one with `shed server add NAME URL`"));
    config.servers.insert("home".into(), server(1));
    assert_eq!(config.choose(None).unwrap().0, "home");
    config.servers.insert("office".into(), server(2));
    assert!(config.choose(None).unwrap_err().hint.unwrap().contains("set-default"));
    config.default = Some("office".into());
    assert_eq!(config.choose(None).unwrap().0, "office");
    assert_eq!(config.choose(Some("home")).unwrap().0, "home");
    assert_eq!(config.choose(Some("x")).unwrap_err().hint.as_deref(), Some("the known servers are `home`, `office`"));
}

#[test]
fn tokens_are_never_in_debug_output_and_hosts_are_never_options() {
    assert!(!format!("{:?}", server(1)).contains("secret"));
    for (host, plain) in [("box.example", true), ("::1", true), ("-oProxyCommand=x", false), ("a b", false), ("", false)] {
        assert_eq!(host_is_plain(host), plain, "{host}");
    }
}
