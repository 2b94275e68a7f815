//! The guest as it is put into sheds; `build.rs` made it.

use std::sync::LazyLock;

use sha2::{Digest, Sha256};

/// The processors for which the guest is made, in Docker's words for those of images: the server's own.
pub const ARCH: &str = if cfg!(target_arch = "x86_64") {
    "amd64"
} else if cfg!(target_arch = "aarch64") {
    "arm64"
} else {
    std::env::consts::ARCH
};

static BINARY: &[u8] = include_bytes!(env!("SHED_GUEST"));

static HASH: LazyLock<String> = LazyLock::new(|| Sha256::digest(BINARY).iter().map(|byte| format!("{byte:02x}")).collect());

/// The program.
#[must_use]
pub fn binary() -> &'static [u8] {
    BINARY
}

/// SHA-256 of [`binary`] in hexadecimal digits; the same as long as the guest is the same.
#[must_use]
pub fn hash() -> &'static str {
    &HASH
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The largest guest that is taken, in bytes: every shed gets a copy.
    const MOST: usize = 4 * 1024 * 1024;

    #[test]
    fn g10_the_guest_is_small_and_needs_no_library() {
        assert!(binary().starts_with(b"\x7fELF") && binary().len() <= MOST, "{} bytes", binary().len());
        // What a dynamically linked program names first: its loader.
        assert!(!binary().windows(8).any(|bytes| bytes == b"/ld-linu" || bytes == b"/ld-musl"));
        assert!(hash().len() == 64 && hash().bytes().all(|b| b.is_ascii_hexdigit()));
    }
}
