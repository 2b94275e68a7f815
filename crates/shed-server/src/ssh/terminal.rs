//! What a client says about its terminal.

use crate::engine::WindowSize;

/// The largest width and height in cells. A terminal emulator of this size fills several screens; a program that believed
/// in the 4 billion columns that the protocol can carry would only run out of memory.
const MAX_CELLS: u32 = 2000;

/// The type that every image knows, for clients that name none.
const PLAIN: &str = "xterm";

/// A terminal as asked for with `pty-req`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Terminal {
    /// Its type, for the variable `TERM`.
    pub(super) kind: String,
    /// Its size.
    pub(super) size: WindowSize,
}

impl Terminal {
    /// Takes the client's words, corrected where they can't be true.
    pub(super) fn new(kind: &str, cols: u32, rows: u32) -> Self {
        let good = (1..=64).contains(&kind.len()) && kind.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.+".contains(&b));
        Self { kind: if good { kind } else { PLAIN }.to_owned(), size: window_size(cols, rows) }
    }
}

/// A size as the client gives it; zero means that it does not know (`ssh -tt` without a terminal sends that).
pub(super) fn window_size(cols: u32, rows: u32) -> WindowSize {
    let cells = |given: u32, unknown: u16| if given == 0 { unknown } else { u16::try_from(given.min(MAX_CELLS)).unwrap_or(unknown) };
    WindowSize { cols: cells(cols, 80), rows: cells(rows, 24) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn unknown_sizes_and_types_get_the_usual_ones() {
        assert_eq!(window_size(0, 0), WindowSize { cols: 80, rows: 24 });
        assert_eq!(window_size(132, 43), WindowSize { cols: 132, rows: 43 });
        assert_eq!(window_size(u32::MAX, 70_000), WindowSize { cols: 2000, rows: 2000 });
        assert_eq!(Terminal::new("tmux-256color", 1, 1).kind, "tmux-256color");
        for kind in ["", "a b", "x\0", "../../etc", &"x".repeat(65)] {
            assert_eq!(Terminal::new(kind, 1, 1).kind, "xterm", "{kind:?}");
        }
    }

    proptest! {
        #[test]
        fn a_size_is_never_zero_nor_huge(cols: u32, rows: u32) {
            let size = window_size(cols, rows);
            prop_assert!((1..=2000).contains(&size.cols) && (1..=2000).contains(&size.rows));
        }
    }
}
