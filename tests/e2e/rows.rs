//! The acceptance table against the tests themselves.

use std::{collections::BTreeSet, fs, path::Path};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// The rows of the core: S1 to S42.
const LAST: u32 = 42;

/// The rows that the names of a file's tests begin with: `s3_s4_lists…` carries 3 and 4.
fn rows(source: &str) -> BTreeSet<u32> {
    let names = source.lines().filter_map(|line| line.trim_start().trim_start_matches("async ").strip_prefix("fn "));
    let words = names.flat_map(|name| name.split('_').map_while(|word| word.get(1..).filter(|_| word.starts_with(['s', 'g']))));
    words.filter_map(|digits| digits.parse().ok()).collect()
}

fn collect(folder: &Path, found: &mut BTreeSet<u32>) {
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            collect(&entry, found);
        } else if entry.extension().is_some_and(|extension| extension == "rs") {
            found.extend(rows(&fs::read_to_string(&entry).unwrap()));
        }
    }
}

#[test]
fn s40_s41_every_row_of_the_core_has_a_test_that_carries_its_number() {
    let mut found = BTreeSet::new();
    for folder in ["crates", "tests"] {
        collect(&Path::new(ROOT).join(folder), &mut found);
    }
    let missing: Vec<_> = (1..=LAST).filter(|row| !found.contains(row)).collect();
    assert!(missing.is_empty(), "no test carries the rows {missing:?}");
}

#[test]
fn s41_lint_has_the_dockerfile_and_ci_runs_lint_and_test() {
    let read = |path: &str| fs::read_to_string(Path::new(ROOT).join(path)).unwrap();
    let lint = read("scripts/lint");
    for tool in ["cargo fmt", "clippy", "hadolint"] {
        assert!(lint.contains(tool), "`{tool}` is missing in scripts/lint");
    }
    let make = read("Makefile");
    for target in ["lint:", "test:", "build:", "run:", "setup:"] {
        assert!(make.lines().any(|line| line.starts_with(target)), "`{target}` is missing in the Makefile");
    }
}
