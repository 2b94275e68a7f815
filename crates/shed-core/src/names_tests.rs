//! What is a name and what is not.

use proptest::prelude::*;

use super::*;

const HOSTILE: &[&str] = &[
    "", "..", "../x", "a/b", "a;b", "$(id)", "`id`", "a b", "a\nb", "a\0b", "ä", "名", "=a", "-a", "_a", "a=b", "a:b", "a.b", "a+b", "a|b",
    "a'b",
];

#[test]
fn s2_session_names_follow_their_rule() {
    for good in ["default", "a", "A9", "fix_bug-2", &"x".repeat(63)] {
        assert_eq!(SessionName::new(good).map(|n| n.to_string()), Ok(good.to_owned()));
    }
    for bad in HOSTILE.iter().copied().chain([&*"x".repeat(64)]) {
        assert!(SessionName::new(bad).is_err(), "{bad:?} was taken");
    }
}

#[test]
fn s2_shed_names_are_lowercase() {
    for good in ["a", "my-proj2", "0x", &"x".repeat(63)] {
        assert!(ShedName::new(good).is_ok(), "{good:?} was refused");
    }
    for bad in HOSTILE.iter().copied().chain(["Abc", "a_b", &*"x".repeat(64)]) {
        assert!(ShedName::new(bad).is_err(), "{bad:?} was taken");
    }
}

#[test]
fn s2_the_default_session_is_default() {
    assert_eq!(SessionName::default_session().as_str(), "default");
}

#[test]
fn a_server_may_be_named_like_its_host() {
    assert!(ServerName::new("dev-box.example.org").is_ok());
    assert!(ServerName::new("a/b").is_err());
}

#[test]
fn sessions_made_by_hand_are_found_under_odd_names() {
    for odd in ["my session", "-x", "ünïcode", "=a", "$1", "a|b"] {
        assert!(SessionRef::new(odd).is_ok(), "{odd:?} was refused");
    }
    for impossible in ["", "a:b", "a.b", "a\nb", "\0"] {
        assert!(SessionRef::new(impossible).is_err(), "{impossible:?} was taken");
    }
}

#[test]
fn a_refusal_is_one_short_printable_line() {
    let text = ShedName::new(format!("a\n\u{1b}[31m{}", "x".repeat(5000))).unwrap_err().to_string();
    assert!(!text.contains(['\n', '\u{1b}']) && text.len() < 400, "{text}");
}

proptest! {
    #[test]
    fn whatever_is_taken_matches_the_pattern(text in "\\PC{0,80}") {
        if let Ok(name) = SessionName::new(text.clone()) {
            prop_assert!(name.as_str().len() <= MAX_NAME_LEN);
            prop_assert!(name.as_str().chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-'));
            prop_assert!(!name.as_str().starts_with(['_', '-']));
        }
        if ShedName::new(text.clone()).is_ok() {
            prop_assert!(SessionName::new(text).is_ok());
        }
    }

    #[test]
    fn names_come_back_from_json_unchanged(text in "[a-z0-9][a-z0-9-]{0,62}") {
        let name = ShedName::new(text).unwrap();
        let json = serde_json::to_string(&name).unwrap();
        prop_assert_eq!(serde_json::from_str::<ShedName>(&json).unwrap(), name);
    }
}
