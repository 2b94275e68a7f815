//! Running a program to its end.

use std::{
    fmt,
    io::Write,
    os::unix::process::ExitStatusExt,
    process::{Command, Output, Stdio},
    thread,
};

/// How a program ended and what it wrote.
#[derive(Debug, Clone)]
pub struct Ended {
    /// What was run, for messages.
    pub command: String,
    /// The exit code; 128 plus the number for a signal.
    pub code: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard output as it was, for binary data.
    pub bytes: Vec<u8>,
    /// Standard error.
    pub stderr: String,
}

impl Ended {
    fn new(command: String, output: Output) -> Self {
        let code = output.status.code().unwrap_or_else(|| 128 + output.status.signal().unwrap_or(0));
        Self {
            command,
            code,
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
            bytes: output.stdout,
        }
    }

    /// Itself, if the exit code was 0.
    ///
    /// # Panics
    ///
    /// With everything that was written, otherwise.
    #[track_caller]
    #[must_use = "or call `assert_ok`"]
    pub fn ok(self) -> Self {
        self.assert_code(0);
        self
    }

    /// Checks that the exit code was 0.
    #[track_caller]
    pub fn assert_ok(&self) {
        self.assert_code(0);
    }

    /// Checks the exit code.
    #[track_caller]
    pub fn assert_code(&self, code: i32) {
        assert_eq!(self.code, code, "unexpected exit code\n{self}");
    }

    /// Checks that it failed with `code` and that standard error contains each of `words`.
    #[track_caller]
    pub fn assert_error(&self, code: i32, words: &[&str]) {
        self.assert_code(code);
        for word in words {
            assert!(self.stderr.contains(word), "`{word}` is not in standard error\n{self}");
        }
    }

    /// Standard output as JSON.
    #[track_caller]
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        match serde_json::from_str(&self.stdout) {
            Ok(value) => value,
            Err(error) => panic!("standard output is not JSON: {error}\n{self}"),
        }
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "$ {}\n[exit code {}]\n--- stdout\n{}\n--- stderr\n{}", self.command, self.code, self.stdout, self.stderr)
    }
}

/// Runs `command` without standard input.
pub fn run(command: &mut Command) -> Ended {
    run_with_input(command, b"")
}

/// Runs `command` with `input` as its standard input.
pub fn run_with_input(command: &mut Command, input: &[u8]) -> Ended {
    let line = line(command);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("`{line}` could not be started: {error}; run `make setup`"));
    let mut stdin = child.stdin.take().expect("standard input is piped");
    let output = thread::scope(|scope| {
        // A program that ends without reading breaks the pipe, which is its right.
        scope.spawn(move || drop(stdin.write_all(input)));
        child.wait_with_output().expect("the program can be waited for")
    });
    Ended::new(line, output)
}

fn line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}
