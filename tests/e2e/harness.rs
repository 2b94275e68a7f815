//! The harness itself, as far as it can mislead.

use std::process::Command;

use shed_tests::{Pty, run};

#[test]
fn a_terminal_shows_what_is_typed_and_exit_codes() {
    let pty = Pty::open(&[("GREETING".to_owned(), "hello".to_owned())]);
    pty.type_line("echo $GREETING; (exit 7)");
    pty.wait_for("\nhello\n");
    assert_eq!(pty.exit_code(), 7);
}

#[test]
fn the_exit_code_of_a_signal_is_128_and_its_number() {
    let ended = run(Command::new("sh").args(["-c", "echo out; echo err >&2; kill -TERM $$"]));
    assert_eq!((ended.code, ended.stdout.as_str(), ended.stderr.as_str()), (143, "out\n", "err\n"));
}
