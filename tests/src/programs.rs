//! Where the programs under test are.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

/// The path of `shed` or `shed-server`, built with the same profile as the running test.
///
/// `SHED_BIN_DIR` names a folder where they are already built; otherwise they are built first, once, so that a bare
/// `cargo test` never runs an old program.
#[must_use]
pub fn program(name: &str) -> PathBuf {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    let path = FOLDER.get_or_init(|| env::var_os("SHED_BIN_DIR").map_or_else(build, PathBuf::from)).join(name);
    assert!(path.exists(), "`{}` does not exist; run `cargo build --workspace`", path.display());
    path
}

/// The image of the sheds in tests: `SHED_TEST_IMAGE`, else what `scripts/base-image --test` builds.
#[must_use]
pub fn test_image() -> String {
    env::var("SHED_TEST_IMAGE").unwrap_or_else(|_| "shed-base-test:latest".to_owned())
}

/// The image with the real agents and a scripted model: `SHED_TEST_AGENTS_IMAGE`, else what `scripts/base-image --agents` builds.
#[must_use]
pub fn agents_image() -> String {
    env::var("SHED_TEST_AGENTS_IMAGE").unwrap_or_else(|_| "shed-agents-test:latest".to_owned())
}

fn build() -> PathBuf {
    // target/<profile>/deps/<test>
    let exe = env::current_exe().expect("the test has a path");
    let folder = exe.parent().and_then(Path::parent).expect("tests are in target/<profile>/deps").to_owned();
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--quiet", "--locked", "--workspace", "--bins"]).current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    if folder.ends_with("release") {
        cargo.arg("--release");
    }
    // Set for this test's own crate; cargo would take them for changed inputs and build everything again.
    for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("CARGO_PKG_")) {
        cargo.env_remove(name);
    }
    cargo.env_remove("CARGO_MANIFEST_DIR");
    crate::run(&mut cargo).assert_ok();
    folder
}
