//! The `shed` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    shed_cli::main()
}
