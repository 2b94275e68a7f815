//! What the store keeps, and what its file does not show.

use std::{fs, os::unix::fs::PermissionsExt};

use proptest::prelude::*;
use shed_core::{ShedName, wire::SshKey};

use super::*;

fn shed(name: &str) -> ShedName {
    ShedName::new(name).unwrap()
}

fn key(fingerprint: &str, name: &str) -> SshKey {
    SshKey { fingerprint: fingerprint.into(), name: name.into(), public_key: "ssh-ed25519 AAAA".into(), created_at: Timestamp::now() }
}

#[test]
fn a_token_is_known_until_it_is_revoked() {
    let store = Store::in_memory().unwrap();
    let token = store.create_token("laptop").unwrap();
    assert!(token.starts_with("shed_") && token.len() == 48, "{token}");
    let info = store.verify_token(&token).unwrap().unwrap();
    assert_eq!(info.name, "laptop");
    assert!(info.last_used_at.is_some());
    assert_eq!(store.list_tokens().unwrap(), [info]);
    assert!(store.revoke_token("laptop").unwrap());
    assert_eq!(store.verify_token(&token).unwrap(), None);
    assert!(!store.revoke_token("laptop").unwrap());
}

#[test]
fn a_token_name_is_given_once() {
    let store = Store::in_memory().unwrap();
    let first = store.create_token("a").unwrap();
    assert!(matches!(store.create_token("a"), Err(StoreError::NameTaken(name)) if name == "a"));
    assert!(store.verify_token(&first).unwrap().is_some());
}

#[test]
fn the_file_holds_hashes_only_and_is_private() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("shed.db");
    let store = Store::open(&path).unwrap();
    let token = store.create_token("laptop").unwrap();
    let holds = |text: &[u8]| {
        fs::read_dir(dir.path()).unwrap().any(|file| {
            let file = file.unwrap().path();
            assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o077, 0, "{}", file.display());
            fs::read(file).unwrap().windows(text.len()).any(|window| window == text)
        })
    };
    assert!(holds(b"laptop"));
    assert!(!holds(token.as_bytes()));
    assert!(!holds(token.trim_start_matches("shed_").as_bytes()));
    drop(store);
    assert!(Store::open(&path).unwrap().verify_token(&token).unwrap().is_some());
}

#[test]
fn two_processes_share_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("shed.db");
    let (server, command) = (Store::open(&path).unwrap(), Store::open(&path).unwrap());
    let token = command.create_token("x").unwrap();
    assert!(server.verify_token(&token).unwrap().is_some());
    command.revoke_token("x").unwrap();
    assert!(server.verify_token(&token).unwrap().is_none());
}

#[test]
fn a_key_put_again_is_renamed() {
    let store = Store::in_memory().unwrap();
    let (first, second) = (key("SHA256:a", "one"), key("SHA256:b", "two"));
    store.put_ssh_key(&first).unwrap();
    store.put_ssh_key(&second).unwrap();
    store.put_ssh_key(&key("SHA256:a", "renamed")).unwrap();
    let renamed = SshKey { name: "renamed".into(), ..first };
    assert_eq!(store.ssh_key("SHA256:a").unwrap(), Some(renamed.clone()));
    assert_eq!(store.list_ssh_keys().unwrap(), [renamed, second]);
    assert!(store.remove_ssh_key("SHA256:a").unwrap());
    assert!(!store.remove_ssh_key("SHA256:a").unwrap());
    assert_eq!(store.ssh_key("SHA256:a").unwrap(), None);
}

#[test]
fn unfinished_creations_outlive_the_server() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("shed.db");
    let store = Store::open(&path).unwrap();
    store.begin_create("1", &shed("a")).unwrap();
    store.begin_create("2", &shed("b")).unwrap();
    store.end_create("1").unwrap();
    drop(store);
    assert_eq!(Store::open(&path).unwrap().open_creates().unwrap(), [("2".to_owned(), "b".to_owned())]);
}

#[test]
fn a_newer_file_is_refused_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("shed.db");
    drop(Store::open(&path).unwrap());
    let raw = Connection::open(&path).unwrap();
    raw.pragma_update(None, "user_version", 99).unwrap();
    assert!(matches!(Store::open(&path), Err(StoreError::TooNew { found: 99, .. })));
    assert_eq!(raw.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0)).unwrap(), 99);
}

#[test]
fn a_file_that_is_no_database_is_named_in_the_error() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("shed.db");
    fs::write(&path, "not a database, but long enough to have a header of one").unwrap();
    let error = Store::open(&path).err().unwrap().to_string();
    assert!(error.contains("shed.db") && error.contains("not a database"), "{error}");
    let missing = Store::open(&dir.path().join("no/shed.db")).err().unwrap().to_string();
    assert!(missing.contains("No such file"), "{missing}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn saved_sessions_come_back_unchanged(name in "[a-z0-9][a-z0-9-]{0,62}", run in ".{0,80}", json in ".{0,400}") {
        let store = Store::in_memory().unwrap();
        let shed = shed(&name);
        prop_assert_eq!(store.saved_sessions(&shed).unwrap(), None);
        store.save_sessions(&shed, "old", "[]").unwrap();
        store.save_sessions(&shed, &run, &json).unwrap();
        prop_assert_eq!(store.saved_sessions(&shed).unwrap(), Some((run, json)));
        store.forget_sessions(&shed).unwrap();
        prop_assert_eq!(store.saved_sessions(&shed).unwrap(), None);
    }

    #[test]
    fn no_other_text_is_a_token(text in ".{0,60}", suffix in "[A-Za-z0-9_-]{43}") {
        let store = Store::in_memory().unwrap();
        let token = store.create_token("a").unwrap();
        for wrong in [text.clone(), format!("shed_{suffix}"), token[1..].to_owned(), format!("{token} "), token.to_uppercase()] {
            prop_assert!(wrong == token || store.verify_token(&wrong).unwrap().is_none());
        }
    }
}
