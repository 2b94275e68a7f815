//! A shed's name in a test, and the removal of everything under it.

use std::{ops::Deref, sync::Once};

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::docker;

/// What the names of all test sheds begin with.
const PREFIX: &str = "t-";

/// Older sheds are left over from a run that was killed; no test runs that long.
const LEFTOVER_AGE: SignedDuration = SignedDuration::from_hours(1);

/// A name for a shed that nobody else has; its container and volume are removed when this is dropped, also after a panic.
#[derive(Debug)]
pub struct TestShed(String);

impl TestShed {
    /// Takes a name; the shed is not made yet.
    #[must_use]
    pub fn new() -> Self {
        static SWEEP: Once = Once::new();
        SWEEP.call_once(sweep);
        let id = Uuid::new_v4().simple().to_string();
        Self(format!("{PREFIX}{}", id.get(..8).expect("a UUID has 32 digits")))
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0
    }

    /// The name of its container.
    #[must_use]
    pub fn container(&self) -> String {
        format!("shed-{}", self.0)
    }

    /// The name of its volume.
    #[must_use]
    pub fn volume(&self) -> String {
        format!("shed-{}-workspace", self.0)
    }
}

impl Default for TestShed {
    fn default() -> Self {
        Self::new()
    }
}

impl Deref for TestShed {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl Drop for TestShed {
    fn drop(&mut self) {
        docker(&["rm", "--force", "--volumes", &self.container()]);
        docker(&["volume", "rm", "--force", &self.volume()]);
    }
}

/// Removes what earlier runs could not.
fn sweep() {
    let containers = docker(&["ps", "--all", "--quiet", "--filter", &format!("name=^/shed-{PREFIX}[0-9a-f]{{8}}$")]);
    for id in containers.stdout.lines() {
        if is_old(&docker(&["inspect", "--format", "{{.Created}}", id]).stdout) {
            docker(&["rm", "--force", "--volumes", id]);
        }
    }
    let volumes = docker(&["volume", "ls", "--quiet", "--filter", &format!("name=shed-{PREFIX}")]);
    for name in volumes.stdout.lines() {
        if is_old(&docker(&["volume", "inspect", "--format", "{{.CreatedAt}}", name]).stdout) {
            docker(&["volume", "rm", name]);
        }
    }
}

fn is_old(created: &str) -> bool {
    created.trim().parse::<Timestamp>().is_ok_and(|created| Timestamp::now().duration_since(created) > LEFTOVER_AGE)
}
