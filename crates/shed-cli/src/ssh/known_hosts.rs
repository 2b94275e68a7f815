//! The pinned host keys: our own known_hosts file, which nothing but `shed server` writes.

use crate::{
    Failure,
    config::{
        Paths,
        file::{locked, read, replace},
    },
};

/// The name of an endpoint in known_hosts (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT): the port is named unless it is 22.
#[must_use]
pub fn endpoint(host: &str, port: u16) -> String {
    if port == 22 { host.to_owned() } else { format!("[{host}]:{port}") }
}

/// The pinned key of an endpoint, as `type key`.
///
/// # Errors
/// A [`Failure`] if the file can't be read.
pub fn pinned(paths: &Paths, host: &str, port: u16) -> Result<Option<String>, Failure> {
    Ok(find(&read(&paths.known_hosts)?.unwrap_or_default(), &endpoint(host, port)))
}

/// Pins a key in place of any other for that endpoint.
///
/// # Errors
/// A [`Failure`] if the key is not one line of type and key, or the file can't be written.
pub fn pin(paths: &Paths, host: &str, port: u16, public_key: &str) -> Result<(), Failure> {
    let key = type_and_key(public_key).ok_or_else(|| Failure::new("the server sent a host key that is not one"))?;
    let name = endpoint(host, port);
    edit(paths, |text| format!("{}{name} {key}\n", without(text, &name)))
}

/// Forgets the key of an endpoint.
///
/// # Errors
/// A [`Failure`] if the file can't be written.
pub fn unpin(paths: &Paths, host: &str, port: u16) -> Result<(), Failure> {
    let name = endpoint(host, port);
    edit(paths, |text| without(text, &name))
}

/// The type and key of a public key's line, without its comment. Anything that could smuggle in a second line or a
/// marker is refused.
#[must_use]
pub fn type_and_key(line: &str) -> Option<String> {
    let mut words = line.split_whitespace();
    let (kind, key) = (words.next()?, words.next()?);
    let plain = |text: &str, more: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || more.as_bytes().contains(&b));
    let known = kind.starts_with("ssh-") || kind.starts_with("ecdsa-") || kind.starts_with("sk-");
    (known && plain(kind, "-@.") && plain(key, "+/=")).then(|| format!("{kind} {key}"))
}

fn edit(paths: &Paths, change: impl FnOnce(&str) -> String) -> Result<(), Failure> {
    locked(&paths.known_hosts, || {
        let old = read(&paths.known_hosts)?.unwrap_or_default();
        let new = change(&old);
        if new == old { Ok(()) } else { replace(&paths.known_hosts, &new) }
    })
}

fn find(text: &str, name: &str) -> Option<String> {
    let of_line = |line: &str| line.split_once(' ').filter(|(host, _)| *host == name).and_then(|(_, key)| type_and_key(key));
    text.lines().find_map(of_line)
}

fn without(text: &str, name: &str) -> String {
    let keep = text.lines().filter(|line| line.split(' ').next() != Some(name));
    keep.map(|line| format!("{line}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_pinned_replaced_and_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let paths = Paths { config: at("c"), known_hosts: at("known_hosts"), own_key: at("k"), home: at("h") };
        pin(&paths, "box", 2222, "ssh-ed25519 AAAAone comment").unwrap();
        pin(&paths, "box", 22, "ssh-ed25519 AAAAtwo").unwrap();
        pin(&paths, "::1", 2222, "ssh-ed25519 AAAAthree").unwrap();
        let text = std::fs::read_to_string(at("known_hosts")).unwrap();
        assert_eq!(text, "[box]:2222 ssh-ed25519 AAAAone\nbox ssh-ed25519 AAAAtwo\n[::1]:2222 ssh-ed25519 AAAAthree\n");
        pin(&paths, "box", 2222, "ssh-ed25519 AAAAnew").unwrap();
        assert_eq!(pinned(&paths, "box", 2222).unwrap().as_deref(), Some("ssh-ed25519 AAAAnew"));
        unpin(&paths, "box", 2222).unwrap();
        assert_eq!(pinned(&paths, "box", 2222).unwrap(), None);
        assert_eq!(pinned(&paths, "box", 22).unwrap().as_deref(), Some("ssh-ed25519 AAAAtwo"));
    }

    #[test]
    fn a_key_can_not_smuggle_in_a_line() {
        assert_eq!(type_and_key("ssh-ed25519 AAAA me@home\n").as_deref(), Some("ssh-ed25519 AAAA"));
        for bad in ["", "ssh-ed25519", "@cert-authority * ssh-ed25519 AAAA", "ssh-ed25519 AA\u{1b}", "command=\"x\" ssh-ed25519 AAAA"] {
            assert_eq!(type_and_key(bad), None, "{bad}");
        }
    }
}
