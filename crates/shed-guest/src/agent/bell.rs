//! Finds the bell in a terminal's output.

/// Where in the output it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Place {
    #[default]
    Text,
    /// After an escape character.
    Escape,
    /// In a control string, such as a window's title, which a bell ends without ringing (xterm's ctlseqs, OSC).
    Control,
    /// After an escape character in such a string.
    ControlEscape,
}

/// Takes output, cut anywhere.
#[derive(Debug, Default)]
pub struct Bell {
    place: Place,
}

impl Bell {
    /// Whether it rings in these bytes.
    pub fn rings(&mut self, output: &[u8]) -> bool {
        let mut rings = false;
        for byte in output {
            self.place = match (self.place, byte) {
                (Place::Text, 0x07) => {
                    rings = true;
                    Place::Text
                }
                (Place::Text, 0x1b) | (Place::Escape, 0x1b) => Place::Escape,
                (Place::Text, _) => Place::Text,
                (Place::Escape, b']' | b'P' | b'X' | b'^' | b'_') => Place::Control,
                (Place::Escape, _) => Place::Text,
                (Place::Control, 0x1b) | (Place::ControlEscape, 0x1b) => Place::ControlEscape,
                // CAN and SUB end whatever went on.
                (Place::Control | Place::ControlEscape, 0x07 | 0x18 | 0x1a) => Place::Text,
                (Place::ControlEscape, b'\\') => Place::Text,
                (Place::Control | Place::ControlEscape, _) => Place::Control,
            };
        }
        rings
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_title_does_not_ring() {
        assert!(Bell::default().rings(b"done\x07"));
        assert!(!Bell::default().rings(b"\x1b]0;title\x07text\x1b[1mbold"));
        assert!(!Bell::default().rings(b"\x1bP q \x07"));
        assert!(Bell::default().rings(b"\x1b]0;title\x1b\\\x07"));
        assert!(Bell::default().rings(b"\x1b]0;title\x07\x07"));
    }

    proptest! {
        #[test]
        fn it_rings_the_same_however_it_is_cut(output in proptest::collection::vec(prop_oneof![Just(7), Just(0x1b), Just(b']'), Just(b'\\'), any::<u8>()], 0..60), at in 0_usize..60) {
            let whole = Bell::default().rings(&output);
            let (mut bell, (first, second)) = (Bell::default(), output.split_at(at.min(output.len())));
            let cut = [bell.rings(first), bell.rings(second)].contains(&true);
            prop_assert_eq!(whole, cut);
        }
    }
}
