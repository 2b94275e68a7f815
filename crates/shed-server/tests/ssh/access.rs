//! Who gets in.

use std::process::Command;

use shed_server::access::keys;
use shed_tests::run;

use crate::fixture::Fixture;

fn with_key(shed: &Fixture, key: &str, flags: &[&str]) -> Command {
    let mut command = Command::new("ssh");
    command.args(shed.options(key)).args(["-p", &shed.port.to_string()]).args(flags);
    command.args(["-l", shed.shed.name(), "127.0.0.1", "echo in"]);
    command
}

#[test]
fn only_registered_keys_get_in() {
    let shed = Fixture::new();
    shed.make_key("stranger", &["-t", "ed25519"]);
    let ended = run(&mut with_key(&shed, "stranger", &["-v"]));
    ended.assert_error(255, &["Permission denied (publickey)"]);
    assert!(!ended.stderr.contains("Server accepts key"), "refused at the offer, before a signature\n{ended}");
    assert_eq!(ended.stdout, "");

    for (name, options) in [("rsa", &["-t", "rsa", "-b", "2048"][..]), ("ecdsa", &["-t", "ecdsa"])] {
        let public_key = shed.make_key(name, options);
        let fingerprint = shed.register(public_key);
        assert_eq!(run(&mut with_key(&shed, name, &[])).ok().stdout, "in\n");
        keys::remove(&shed.app.store, &fingerprint).unwrap();
        run(&mut with_key(&shed, name, &[])).assert_code(255);
    }
}

#[test]
fn there_are_no_other_ways_in() {
    let shed = Fixture::new();
    for method in ["password", "keyboard-interactive", "none", "hostbased"] {
        let preferred = format!("PreferredAuthentications={method}");
        run(&mut with_key(&shed, "id", &["-o", &preferred])).assert_error(255, &["Permission denied (publickey)"]);
    }
    // A signature by SHA-1 is refused even with a registered key.
    let public_key = shed.make_key("rsa", &["-t", "rsa", "-b", "2048"]);
    shed.register(public_key);
    run(&mut with_key(&shed, "rsa", &["-o", "PubkeyAcceptedAlgorithms=ssh-rsa"])).assert_code(255);
    run(&mut with_key(&shed, "rsa", &["-o", "PubkeyAcceptedAlgorithms=rsa-sha2-512"])).assert_ok();
}
