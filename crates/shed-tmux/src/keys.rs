//! Names of keys as in tmux(1), KEY BINDINGS.
//!
//! They are checked here because `send-keys` types a name that it doesn't know as if it were text.

/// Names that tmux knows (`key_string_table`), which it compares without regard to case.
const NAMES: [&str; 45] = [
    "F1", "F2", "F3", "F4", "F5", "F6", "F7", "F8", "F9", "F10", "F11", "F12", "IC", "Insert", "DC", "Delete", "Home", "End", "NPage",
    "PageDown", "PgDn", "PPage", "PageUp", "PgUp", "Tab", "BTab", "Space", "BSpace", "Enter", "Escape", "Up", "Down", "Left", "Right",
    "KP/", "KP*", "KP-", "KP7", "KP8", "KP9", "KP+", "KP4", "KP5", "KP6", "KPEnter",
];

/// True for a key that `send-keys` sends as that key.
pub fn is_known(key: &str) -> bool {
    let (mut rest, mut modified) = (key, false);
    while let Some(after) = without_modifier(rest) {
        (rest, modified) = (after, true);
    }
    let mut chars = rest.chars();
    match (chars.next(), chars.next()) {
        // With a modifier tmux knows ASCII alone.
        (Some(c), None) => !c.is_control() && (c.is_ascii() || !modified),
        _ => NAMES.iter().any(|name| name.eq_ignore_ascii_case(rest)),
    }
}

/// What follows `C-`, `M-`, `S-` or `^`; none where that is all there is, as then it is the key itself or no key.
fn without_modifier(key: &str) -> Option<&str> {
    let rest = match key.as_bytes() {
        [b'C' | b'c' | b'M' | b'm' | b'S' | b's', b'-', ..] => key.get(2..),
        [b'^', ..] => key.get(1..),
        _ => None,
    };
    rest.filter(|rest| !rest.is_empty())
}

#[cfg(test)]
pub(crate) const ALL: &[&str] = &NAMES;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn keys_are_told_from_text() {
        for key in
            ["Enter", "enter", "C-c", "c-c", "^C", "^", "M-x", "C-M-Left", "S-F5", "F12", "a", "é", ";", "-", "\\", "~", "C-Space", "M--"]
        {
            assert!(is_known(key), "{key}");
        }
        for key in ["", "Entr", "F13", "F0", "C-", "C-xx", "hello", "Enter ", "\n", "ab", "0x41", "Any", "None", "M-é", "MouseDown1Pane"] {
            assert!(!is_known(key), "{key:?}");
        }
        assert!(ALL.iter().all(|name| is_known(name) && is_known(&format!("C-M-{name}"))));
    }

    proptest! {
        #[test]
        fn no_text_panics_and_no_word_is_a_key(text in r"\PC*", word in "[g-z]{3,9}") {
            is_known(&text);
            prop_assume!(!NAMES.iter().any(|name| name.eq_ignore_ascii_case(&word)));
            prop_assert!(!is_known(&word));
        }
    }
}
