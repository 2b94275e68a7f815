//! The curl commands of docs/api.md and README.md, run by bash as they stand.

use std::{fs, path::Path, process::Command};

use shed_tests::{Ended, TestServer, TestShed, run};

const GUIDE: &str = include_str!("../../docs/api.md");
const README: &str = include_str!("../../README.md");

/// An error status is an error of the script here.
const STRICT: &str = "set -euo pipefail; curl() { command curl --silent --show-error --fail-with-body --noproxy '*' \"$@\"; }\n";

/// A stream has no end: a second of it is read (28: curl's own deadline).
const STREAM: &str = "stream() { shed_api -N --max-time 1 \"$@\" || [ $? = 28 ]; }\n";

/// What a page's `sh` blocks hold that is about curl.
fn curl_blocks(page: &str) -> Vec<String> {
    let blocks = page.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next());
    let curl = |block: &&str| ["curl ", "shed_api"].iter().any(|word| block.contains(word));
    // These start a server and make a token; here the test's server and its token are in the environment.
    let given = |line: &&str| ["shed-server ", "SHED_URL=", "SHED_TOKEN="].iter().all(|start| !line.starts_with(start));
    blocks.filter(curl).map(|block| block.lines().filter(given).flat_map(|line| [line, "\n"]).collect()).collect()
}

fn run_script(script: &str, home: &Path, server: &TestServer) -> Ended {
    let mut bash = Command::new("bash");
    bash.args(["-c", &format!("{STRICT}{script}")]).env("HOME", home).current_dir(home);
    run(bash.env("SHED_URL", format!("http://{}", server.http())).env("SHED_TOKEN", server.token())).ok()
}

fn repository(folder: &Path) -> String {
    let path = folder.join("hello-world");
    fs::create_dir(&path).unwrap();
    for args in [&["init", "-q"][..], &["-c", "user.name=t", "-c", "user.email=t@t", "commit", "-q", "--allow-empty", "-m", "x"]] {
        run(Command::new("git").arg("-C").arg(&path).args(args)).assert_ok();
    }
    // git refuses repositories of other users, and in the shed the user is number 1000.
    run(Command::new("chown").args(["-R", "1000:1000"]).arg(&path)).assert_ok();
    path.display().to_string()
}

#[test]
fn s39_the_curl_examples_of_the_guide_work_in_their_order() {
    let home = tempfile::tempdir().unwrap();
    fs::create_dir(home.path().join(".ssh")).unwrap();
    let key = home.path().join(".ssh/id_ed25519");
    run(Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-C", "guide", "-f"]).arg(&key)).assert_ok();
    let source = repository(home.path());
    let server = TestServer::start_with(&format!("[[sheds.credentials]]\nsource = \"{source}\"\ntarget = \"/srv/hello-world\""));
    let (demo, hello) = (TestShed::new(), TestShed::new());
    let script: String = curl_blocks(GUIDE).concat();
    let endless = |line: &str| if line.contains("/api/events") { line.replace("shed_api -N ", "stream ") } else { line.to_owned() };
    let script: String = script.lines().map(|line| endless(line) + "\n").collect();
    assert!(script.matches("shed_api ").count() > 20, "{script}");
    // Sheds have one name on the whole machine, and GitHub is not everywhere.
    let script = script.replace("/demo", &format!("/{}", &*demo)).replace("\"demo\"", &format!("\"{}\"", &*demo));
    let script = script.replace("/hello?", &format!("/{}?", &*hello)).replace("\"hello\",\"repo\"", &format!("\"{}\",\"repo\"", &*hello));
    let script = script.replace("octocat/hello-world", "/srv/hello-world");
    let ended = run_script(&format!("{STREAM}{script}"), home.path(), &server);
    for part in ["event: done", "\"exit_code\":3,\"stdout\":\"hello\"", "\"name\":\"tests\"", "ssh-ed25519 "] {
        assert!(ended.stdout.contains(part), "`{part}` is not in the answers\n{ended}");
    }
    server.curl().get(&format!("/api/sheds/{}", demo.name())).assert_error(404, "SHED_NOT_FOUND");
    server.curl().get(&format!("/api/sheds/{}", hello.name())).assert_error(404, "SHED_NOT_FOUND");
}

#[test]
fn s39_the_curl_examples_of_the_readme_work() {
    let home = tempfile::tempdir().unwrap();
    let server = TestServer::start();
    let shed = server.create_shed();
    let script: String = curl_blocks(README).concat();
    assert_eq!(script.matches("curl ").count(), 2, "{script}");
    run_script(&script.replace("myproj", &shed), home.path(), &server);
    server.curl().get(&format!("/api/sheds/{}/sessions/agent", shed.name())).assert_status(200);
}
