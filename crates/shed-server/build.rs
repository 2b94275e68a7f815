//! Builds the guest, which the server carries inside itself and puts into every shed.
//!
//! The guest must run in any image, so it is linked with everything that it needs (`crt-static`). Cargo can't do that for one
//! package of a build, so this calls cargo again, in a target directory of its own: the lock of the outer one is taken.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

/// A guest that was built elsewhere: for cross builds, and for packagers.
const READY_MADE: &str = "SHED_GUEST_BINARY";

/// What the outer cargo, or clippy, says to its compiler. The guest is built the same way whoever asks.
const NOT_PASSED_ON: [&str; 10] = [
    "RUSTFLAGS",
    "CARGO_BUILD_RUSTFLAGS",
    "CARGO_BUILD_TARGET",
    "CARGO_TARGET_DIR",
    "RUSTC_WORKSPACE_WRAPPER",
    "RUSTC_WRAPPER",
    "CLIPPY_ARGS",
    "CLIPPY_CONF_DIR",
    "CARGO_BUILD_TARGET_DIR",
    "__CARGO_DEFAULT_LIB_METADATA",
];

fn main() -> ExitCode {
    match guest() {
        Ok(path) => {
            println!("cargo::rustc-env=SHED_GUEST={}", path.display());
            ExitCode::SUCCESS
        }
        Err(text) => {
            println!("cargo::error={}", text.replace('\n', " "));
            ExitCode::FAILURE
        }
    }
}

/// The guest's path, built if it has to be.
fn guest() -> Result<PathBuf, String> {
    println!("cargo::rerun-if-env-changed={READY_MADE}");
    if let Some(path) = env::var_os(READY_MADE).filter(|path| !path.is_empty()) {
        let path = PathBuf::from(path);
        println!("cargo::rerun-if-changed={}", path.display());
        return path.canonicalize().map_err(|error| format!("{READY_MADE}={}: {error}", path.display()));
    }
    let root = variable("CARGO_MANIFEST_DIR")?.join("../..").canonicalize().map_err(|error| error.to_string())?;
    for path in ["Cargo.toml", "Cargo.lock", "crates/shed-guest", "crates/shed-core", "crates/shed-tmux"] {
        // Tests of these crates are no part of the guest.
        for part in ["", "/Cargo.toml", "/src"] {
            let path = root.join(format!("{path}{part}"));
            if path.is_file() || part == "/src" && path.is_dir() {
                println!("cargo::rerun-if-changed={}", path.display());
            }
        }
    }
    let target = env::var("TARGET").map_err(|error| format!("TARGET: {error}"))?;
    if !target.contains("linux") {
        return Err(format!("sheds run Linux: build shed-guest there and set {READY_MADE} to its path, to build for {target}"));
    }
    let out = variable("OUT_DIR")?;
    let directory = target_directory(&out).join("guest");
    let mut cargo = Command::new(variable("CARGO")?);
    // The lock file is as the outer cargo left it, so it fits whether or not that was given `--locked`.
    cargo.args(["build", "--quiet", "--locked", "--package", "shed-guest", "--bin", "shed-guest", "--profile", "guest"]);
    // With a target named, build scripts and macros of dependencies are not linked statically, which they can't be.
    cargo.args(["--target", &target]).arg("--target-dir").arg(&directory).current_dir(&root);
    for name in NOT_PASSED_ON {
        cargo.env_remove(name);
    }
    cargo.env("CARGO_ENCODED_RUSTFLAGS", "-Ctarget-feature=+crt-static");
    let status = cargo.status().map_err(|error| format!("cargo could not be started: {error}"))?;
    if !status.success() {
        return Err(format!("building shed-guest for {target} failed ({status}); what cargo said stands above"));
    }
    // A copy of its own: the next build of another profile may replace the file while this one is read.
    let (built, copy) = (directory.join(&target).join("guest/shed-guest"), out.join("shed-guest"));
    fs::copy(&built, &copy).map_err(|error| format!("{}: {error}", built.display()))?;
    Ok(copy)
}

fn variable(name: &str) -> Result<PathBuf, String> {
    env::var_os(name).map(PathBuf::from).ok_or_else(|| format!("cargo did not set {name}"))
}

/// The directory that cargo marks as its own, above the one for this script; so all profiles share one guest.
fn target_directory(out: &Path) -> &Path {
    out.ancestors().find(|path| path.join("CACHEDIR.TAG").is_file()).unwrap_or(out)
}
