//! The entry: sorts the first argument.

use std::process::ExitCode;

use shed_guest::{agent, serve};

/// As in `sysexits.h`: this is no way to call it.
const USAGE: u8 = 64;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let command = arguments.next().unwrap_or_default();
    match command.as_str() {
        "serve" => serve::main(),
        command => agent::main(command, &arguments.collect::<Vec<_>>()).unwrap_or(ExitCode::from(USAGE)),
    }
}
