//! `ssh -L` and `ssh -W`: ports inside the shed.

use std::sync::Arc;

use shed_core::{ShedName, wire::GuestStatus};
use shed_tests::{run, run_with_input, wait_until};

use crate::fixture::Fixture;

/// A fixture whose server follows its shed and has a guest in it.
fn with_guest() -> Fixture {
    let shed = Fixture::new();
    let (app, name) = (Arc::clone(&shed.app), ShedName::new(shed.shed.name()).unwrap());
    shed.runtime().spawn(Arc::clone(&app).watch(shed.shutdown.clone()));
    wait_until("the guest", || {
        let found = shed.runtime().block_on(app.shed(&name)).ok()?;
        (found.guest?.status == GuestStatus::Connected).then_some(())
    });
    shed
}

#[test]
fn a_port_of_the_shed_is_reached_and_bytes_stay_as_they_are() {
    let shed = with_guest();
    // The other end answers when its input has ended, so both directions and the half-close are seen.
    let listener = r#"use IO::Socket::INET;
        $s = IO::Socket::INET->new(LocalAddr => "127.0.0.1", LocalPort => 7000, Listen => 1);
        open(F, ">/tmp/listens"); close(F); $c = $s->accept; local $/; $d = <$c>; print $c scalar reverse $d; close($c);"#;
    shed.inside(&["sh", "-c", "perl -e \"$1\" >/dev/null 2>&1 & while [ ! -e /tmp/listens ]; do sleep 0.05; done", "sh", listener])
        .assert_ok();
    let input: Vec<u8> = (0..300_000_u32).flat_map(u32::to_le_bytes).collect();
    let user = shed.shed.name();
    let ended = run_with_input(&mut shed.ssh_as(user, &["-W", "localhost:7000"], &[]), &input);
    assert_eq!(ended.code, 0, "{ended}");
    assert!(ended.bytes.iter().rev().eq(input.iter()), "{} bytes came back", ended.bytes.len());
}

#[test]
fn other_hosts_and_closed_ports_are_refused() {
    let shed = with_guest();
    let user = shed.shed.name();
    for (target, reason) in [("10.0.0.1:80", "administratively prohibited"), ("localhost:9", "connect failed")] {
        let ended = run(&mut shed.ssh_as(user, &["-W", target], &[]));
        assert!(ended.code != 0 && ended.stderr.contains(reason), "{target}: {ended}");
    }
    // The connection itself is as good as before.
    let socket = format!("{}:localhost:9", shed.path("forwarded").display());
    run(&mut shed.ssh_as(user, &["-L", &socket], &["true"])).assert_ok();
}
