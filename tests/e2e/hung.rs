//! A shed that does not answer costs the others nothing.

use serde_json::json;
use shed_tests::{TestServer, docker};

/// Above the server's own limit for one shed, below the one for a request.
const MAX_SECONDS: &str = "25";

#[test]
fn s11_a_shed_whose_tmux_hangs_is_a_warning_and_the_rest_is_listed() {
    let server = TestServer::start();
    let (curl, cli) = (server.curl(), server.cli());
    let (good, hung) = (server.create_shed(), server.create_shed());
    for shed in [&good, &hung] {
        curl.post(&format!("/api/sheds/{}/sessions", shed.name()), &json!({"name": "work"})).assert_status(201);
    }
    let script = "mv /usr/bin/tmux /usr/bin/tmux.real; printf '#!/bin/sh\\nexec sleep 1000\\n' >/usr/bin/tmux; chmod 755 /usr/bin/tmux";
    docker(&["exec", "--user", "0", &hung.container(), "sh", "-c", script]).assert_ok();

    // What is in memory was true when it was told; from the first question that gets no answer on, nobody relies on it.
    let all = curl.send("GET", "/api/sessions?fresh=true", None, &["--max-time", MAX_SECONDS]).json(200);
    let of = |list: &str, shed: &str| all[list].as_array().unwrap().iter().filter(|one| one["shed_name"] == shed).count();
    assert_eq!((of("sessions", &good), of("sessions", &hung)), (1, 0), "{all}");
    assert!(all["warnings"].to_string().contains(hung.name()) && !all["warnings"].to_string().contains(good.name()), "{all}");

    let listed = cli.run(&["sessions", "--all"]).ok();
    assert!(listed.stdout.contains(good.name()) && !listed.stdout.contains(hung.name()), "{listed}");
    assert!(listed.stderr.contains(hung.name()), "{listed}");
}
