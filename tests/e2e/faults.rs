//! What goes wrong outside: every fault has a clear error, and nothing is lost, leaked or stuck.

use std::{process::Command, thread};

use serde_json::json;
use shed_tests::{Answer, TestServer, TestShed, docker, wait_until};

/// An image made from a shed as it is now; removed when dropped.
struct Image(String);

impl Image {
    fn of(shed: &TestShed) -> Self {
        let name = format!("{}-image", shed.container());
        docker(&["commit", &shed.container(), &name]).assert_ok();
        Self(name)
    }
}

impl Drop for Image {
    fn drop(&mut self) {
        docker(&["rmi", "--force", &self.0]);
    }
}

fn exists(shed: &TestShed) -> bool {
    docker(&["container", "inspect", &shed.container()]).code == 0 || docker(&["volume", "inspect", &shed.volume()]).code == 0
}

#[test]
fn a_failed_creation_leaves_nothing() {
    let server = TestServer::start();
    let shed = TestShed::new();
    let no_image = server.curl().post("/api/sheds", &json!({"name": shed.name(), "image": "localhost:1/no/such:image"}));
    no_image.assert_error(404, "IMAGE_NOT_FOUND");
    assert!(!exists(&shed));
    let no_repo = server.curl().post("/api/sheds", &json!({"name": shed.name(), "repo": "/no/such/repo"}));
    no_repo.assert_error(500, "CLONE_FAILED");
    assert!(no_repo.body.contains("does not exist"), "git's reason is missing: {}", no_repo.body);
    assert!(!exists(&shed));
}

#[test]
fn a_shed_whose_clone_failed_is_kept_if_asked() {
    let server = TestServer::start();
    let shed = TestShed::new();
    let body = json!({"name": shed.name(), "repo": "/no/such/repo", "keep_on_clone_failure": true});
    server.curl().post("/api/sheds", &body).assert_error(500, "CLONE_FAILED");
    server.curl().get(&format!("/api/sheds/{}", shed.name())).assert_status(200);
}

#[test]
fn credentials_in_a_url_are_shown_nowhere() {
    let server = TestServer::start();
    let shed = TestShed::new();
    let body = json!({"name": shed.name(), "repo": "http://me:s3cr%40t@127.0.0.1:9/a/b", "keep_on_clone_failure": true});
    let answer = server.curl().post("/api/sheds", &body);
    answer.assert_error(500, "CLONE_FAILED");
    let inspected = docker(&["inspect", &shed.container()]).ok().stdout;
    for text in [answer.body, inspected, server.log()] {
        assert!(!text.contains("s3cr"), "{text}");
    }
}

#[test]
fn a_repository_is_cloned_by_the_sheds_user() {
    let server = TestServer::start();
    // A first shed holds the repository; its volume is not visible to others, so it is cloned inside the same one.
    let source = server.create_shed();
    let script = "git init -q -b main /tmp/proj && cd /tmp/proj && git -c user.name=a -c user.email=a@b commit -q --allow-empty -m first";
    docker(&["exec", &source.container(), "sh", "-c", script]).assert_ok();
    let image = Image::of(&source);
    let shed = TestShed::new();
    let made = server.curl().post("/api/sheds", &json!({"name": shed.name(), "image": image.0, "repo": "/tmp/proj"}));
    let log = docker(&["exec", &shed.container(), "git", "-C", "/workspace/proj", "log", "--format=%s"]);
    let owner = docker(&["exec", &shed.container(), "stat", "-c", "%U", "/workspace/proj/.git"]);
    let hosts = docker(&["exec", &shed.container(), "cat", "/etc/ssh/ssh_known_hosts"]);
    made.assert_status(201);
    assert_eq!((log.stdout.trim(), owner.stdout.trim()), ("first", "shed"));
    assert!(hosts.stdout.contains("github.com ssh-ed25519 "));
}

#[test]
fn one_of_many_creations_of_a_name_wins() {
    let server = TestServer::start();
    let shed = TestShed::new();
    let answers: Vec<Answer> = thread::scope(|scope| {
        let create = || server.curl().post("/api/sheds", &json!({"name": shed.name()}));
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(create)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    answers.iter().filter(|answer| answer.status != 201).for_each(|answer| answer.assert_error(409, "SHED_ALREADY_EXISTS"));
}

#[test]
fn a_hundred_starts_stops_and_deletes_at_once_end_in_a_definite_state() {
    let server = TestServer::start();
    let shed = server.create_shed();
    let path = format!("/api/sheds/{}", shed.name());
    thread::scope(|scope| {
        for i in 0..100 {
            let (server, path) = (&server, &path);
            scope.spawn(move || {
                let answer = match i % 10 {
                    9 if i > 50 => server.curl().delete(path),
                    n if n % 2 == 0 => server.curl().post_empty(&format!("{path}/stop")),
                    _ => server.curl().post_empty(&format!("{path}/start")),
                };
                assert!(matches!(answer.status, 200 | 204 | 404 | 409), "{}: {}", answer.status, answer.body);
            });
        }
    });
    server.curl().get(&path).assert_error(404, "SHED_NOT_FOUND");
    assert!(!exists(&shed));
}

#[test]
fn a_paused_container_says_so_and_recovers() {
    let server = TestServer::start();
    let shed = server.create_shed();
    let path = format!("/api/sheds/{}/sessions", shed.name());
    server.curl().post(&path, &json!({})).assert_status(201);
    docker(&["pause", &shed.container()]).assert_ok();
    server.curl().get(&path).assert_error(409, "SHED_PAUSED");
    let all = server.curl().get("/api/sessions");
    docker(&["unpause", &shed.container()]).assert_ok();
    all.assert_status(200);
    let list = server.curl().get(&path).json(200);
    assert_eq!(list["sessions"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_container_killed_from_outside_is_stopped_and_starts_again() {
    let server = TestServer::start();
    let shed = server.create_shed();
    docker(&["kill", &shed.container()]).assert_ok();
    let path = format!("/api/sheds/{}", shed.name());
    wait_until("the shed to be stopped", || (server.curl().get(&path).json(200)["status"] == "stopped").then_some(()));
    server.curl().get(&format!("{path}/sessions")).assert_error(409, "SHED_ALREADY_STOPPED");
    server.curl().post_empty(&format!("{path}/start")).assert_status(200);
    assert_eq!(server.curl().get(&format!("{path}/sessions")).json(200)["sessions"], json!([]));
}

#[test]
fn s6_an_image_without_tmux_says_how_to_get_it() {
    let server = TestServer::start();
    let shed = TestShed::new();
    server.curl().post("/api/sheds", &json!({"name": shed.name(), "image": "debian:trixie-slim"})).assert_status(201);
    let path = format!("/api/sheds/{}/sessions", shed.name());
    for answer in [
        server.curl().get(&path),
        server.curl().post(&path, &json!({})),
        server.curl().get(&format!("{path}/x")),
        server.curl().delete(&format!("{path}/x")),
        server.curl().post(&format!("{path}/x/keys"), &json!({"text": "x"})),
        server.curl().get(&format!("{path}/x/screen")),
    ] {
        answer.assert_error(503, "TMUX_NOT_AVAILABLE");
        assert!(answer.body.contains("apt-get install tmux"), "{}", answer.body);
    }
    let all = server.curl().get(&format!("/api/sessions?shed={}", shed.name())).json(200);
    assert_eq!(all["warnings"][0]["code"], "TMUX_NOT_AVAILABLE");
    let exec = server.curl().post(&format!("/api/sheds/{}/exec", shed.name()), &json!({"argv": ["echo", "works"]})).json(200);
    assert_eq!(exec["stdout"], "works\n");
}

#[test]
fn a_creation_interrupted_by_kill_9_is_cleaned_up_at_the_next_start() {
    let mut server = TestServer::start();
    // An image whose git never ends, so that the creation is in its middle when the server dies.
    let source = server.create_shed();
    let script = "printf '#!/bin/sh\\nexec sleep 1000\\n' >/usr/local/bin/git && chmod 755 /usr/local/bin/git";
    docker(&["exec", "--user", "0", &source.container(), "sh", "-c", script]).assert_ok();
    let image = Image::of(&source);
    let shed = TestShed::new();
    let body = json!({"name": shed.name(), "image": image.0, "repo": "/srv/proj"}).to_string();
    let mut create = Command::new("curl")
        .args(["--silent", "--header", "Content-Type: application/json", "--header", &format!("Authorization: Bearer {}", server.token())])
        .args(["--data", &body, &format!("http://{}/api/sheds", server.http())])
        .spawn()
        .expect("curl can be started");
    wait_until("the clone to run", || {
        let processes = docker(&["top", &shed.container()]);
        processes.stdout.contains("sleep 1000").then_some(())
    });
    server.kill9();
    create.wait().expect("curl ends when the server does");
    assert!(exists(&shed));
    server.start_again();
    wait_until("the leftovers to go", || (!exists(&shed)).then_some(()));
}

#[test]
fn containers_that_shed_did_not_make_are_adopted_by_label() {
    let server = TestServer::start();
    let shed = TestShed::new();
    let label = format!("shed.name={}", shed.name());
    let run = [
        "run",
        "--detach",
        "--name",
        &shed.container(),
        "--label",
        "shed=true",
        "--label",
        &label,
        &shed_tests::test_image(),
        "sleep",
        "infinity",
    ];
    docker(&run).assert_ok();
    let path = format!("/api/sheds/{}", shed.name());
    assert_eq!(server.curl().get(&path).json(200)["adopted"], true);
    server.curl().post(&format!("{path}/sessions"), &json!({"name": "x", "command": "sleep 1000"})).assert_status(201);
    let list = server.curl().get(&format!("{path}/sessions")).json(200);
    assert_eq!(list["sessions"][0]["status"], "running");
    server.curl().delete(&path).assert_status(204);
}
