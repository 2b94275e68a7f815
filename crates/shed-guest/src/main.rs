//! The entry: sorts the first argument.

use std::process::ExitCode;

use shed_guest::serve;

/// As in `sysexits.h`: this is no way to call it.
const USAGE: u8 = 64;

fn main() -> ExitCode {
    match std::env::args().nth(1).as_deref() {
        Some("serve") => serve::main(),
        _ => ExitCode::from(USAGE),
    }
}
