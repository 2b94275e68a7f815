//! Adding servers, and finding sheds on several.

use std::fs;

use crate::support::{HOST_KEY, Server, TOKEN, User, mode};

#[test]
fn adding_a_server_pins_its_key_and_keeps_the_token_to_itself() {
    let server = Server::start(&[]);
    let user = User::new();
    let added = user.run_with_input(&["server", "add", "home", &server.url], &format!("{TOKEN}\n")).ok();
    assert!(added.stdout.is_empty() && added.stderr.contains("is the default") && !added.stderr.contains(TOKEN), "{added:?}");
    assert_eq!(mode(&user.path(".config/shed/config.toml")), 0o600);
    assert_eq!(fs::read_to_string(user.path(".config/shed/known_hosts")).unwrap(), format!("[127.0.0.1]:2222 {HOST_KEY}\n"));
    assert!(!user.run(&["server", "list", "--json"]).ok().stdout.contains(TOKEN));

    user.run(&["server", "add", "home", &server.url, "--token", TOKEN]).failed(1, &["`home` is there already", "--force"]);
    user.run(&["server", "add", "home", &server.url, "--token", TOKEN, "--force"]).ok();
    fs::write(user.path(".config/shed/known_hosts"), "[127.0.0.1]:2222 ssh-ed25519 AAAAother\n").unwrap();
    user.run(&["server", "add", "again", &server.url, "--token", TOKEN]).failed(1, &["not the one that was pinned"]);
    user.run(&["server", "remove", "home"]).ok();
    assert_eq!(fs::read_to_string(user.path(".config/shed/known_hosts")).unwrap(), "");
}

#[test]
fn a_wrong_token_an_address_that_is_none_and_a_server_that_is_down_are_told_apart() {
    let server = Server::start(&[]);
    let user = User::new();
    user.run(&["server", "add", "home", &server.url, "--token", "wrong"])
        .failed(1, &["does not know this token", "shed-server token create"]);
    user.run(&["server", "add", "home", "box:8080", "--token", TOKEN]).failed(2, &["must begin with `http://`"]);
    user.run(&["server", "add", "home", "http://127.0.0.1:1", "--token", TOKEN]).failed(1, &["http://127.0.0.1:1 is not reachable"]);
    user.run(&["server", "add", "home", &server.url]).failed(1, &["no token was given"]);
    assert!(!user.path(".config/shed/config.toml").exists());
}

#[test]
fn one_name_on_two_servers_needs_the_server() {
    let (home, office) = (Server::start(&[("api", &["a"]), ("web", &[])]), Server::start(&[("api", &["b"])]));
    let user = User::with(&[("home", &home), ("office", &office)]);
    user.run(&["sessions", "api"]).failed(1, &["shed `api` is on several servers: `api (home)`, `api (office)`", "`-s NAME`"]);
    let one = user.run(&["sessions", "api", "-s", "office", "--json"]).ok().stdout;
    assert!(one.contains("\"name\": \"b\"") && !one.contains("\"name\": \"a\""), "{one}");
    user.run(&["sessions", "web"]).ok();
    // A shed that moved is found at its new place by the very next command.
    home.sheds.lock().unwrap().retain(|(name, _)| name != "api");
    assert!(user.run(&["sessions", "api"]).ok().stdout.contains("b"));
}

#[test]
fn s25_s30_a_server_that_is_down_is_a_warning_in_lists_and_named_in_errors() {
    let home = Server::start(&[("myproj", &["debug"])]);
    let user = User::with(&[("home", &home), ("office", &home)]);
    user.run(&["server", "list"]).ok();
    let config = user.path(".config/shed/config.toml");
    let text = fs::read_to_string(&config).unwrap();
    let (first, second) = text.split_once("[servers.office]").unwrap();
    fs::write(&config, format!("{first}[servers.office]{}", second.replacen(&home.url, "http://127.0.0.1:1", 1))).unwrap();

    let listed = user.run(&["sessions", "--all"]).ok();
    assert!(listed.stdout.starts_with("SERVER  SHED    SESSION") && listed.stdout.contains("home    myproj  debug"), "{listed:?}");
    assert!(listed.stderr.contains("warning: server `office` could not be asked"), "{listed:?}");
    user.run(&["info", "nothing"]).failed(1, &["shed `nothing` not found; could not be asked: `office`", "hint: "]);
    user.run(&["info", "nothing", "-s", "office"]).failed(1, &["is not reachable"]);
    user.run(&["info", "myproj", "-s", "nowhere"]).failed(1, &["server `nowhere` is not known", "`home`, `office`"]);
}

#[test]
fn patterns_choose_or_list_the_candidates() {
    let server = Server::start(&[("api", &["one"]), ("api-v2", &["debug", "debug-2"])]);
    let user = User::with(&[("home", &server)]);
    assert!(user.run(&["sessions", "api", "--csv"]).ok().stdout.contains("home,api,one"));
    assert!(user.run(&["sessions", "V2"]).ok().stderr.contains("shed: api-v2"));
    user.run(&["info"]).failed(1, &["no shed was named; there are `api`, `api-v2`"]);
    user.run(&["info", "ap"]).failed(1, &["`ap` fits several sheds: `api`, `api-v2`"]);
    user.run(&["attach", "debug"]).failed(1, &["`api-v2/debug`, `api-v2/debug-2`"]);
    user.run(&["sessions", "kill", "api-v2", "deb"]).failed(1, &["fits several sessions: `debug`, `debug-2`"]);
    user.run(&["sessions", "kill", "v2", "debug"]).failed(1, &["did you mean `api-v2`?"]);
    user.run(&["sessions", "kill", "api-v2", "debug"]).ok();
    user.run(&["delete", "api"]).failed(1, &["--yes"]);
    user.run(&["delete", "api", "-f"]).ok();
}
