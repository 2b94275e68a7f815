//! The server's process; everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    shed_server::cli::main()
}
