//! The block that we manage in the user's `~/.ssh/config`.

use shed_core::ShedName;

use crate::Failure;

/// The line before the block.
pub const BEGIN: &str = "# >>> shed: written by `shed ssh-config install`; changes are overwritten >>>";
/// The line after the block.
pub const END: &str = "# <<< shed <<<";

/// One shed as ssh should know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The shed.
    pub shed: ShedName,
    /// What the CLI calls its server.
    pub server: String,
    /// Host of the SSH endpoint.
    pub host: String,
    /// Port of the SSH endpoint.
    pub port: u16,
}

/// The block for these sheds, markers included. `known_hosts` and `identity` are values as ssh reads them.
#[must_use]
pub fn block(entries: &[Entry], known_hosts: &str, identity: Option<&str>) -> String {
    let mut out = format!("{BEGIN}\n");
    for entry in entries {
        let Entry { shed, server, host, port } = entry;
        let alone = entries.iter().filter(|other| other.shed == *shed).count() == 1;
        let short = if alone { format!("shed-{shed} ") } else { String::new() };
        out.push_str(&format!(
            "Host {short}shed-{shed}.{server}\n    HostName {host}\n    Port {port}\n    User {shed}\n    UserKnownHostsFile {known_hosts}\n    \
             StrictHostKeyChecking yes\n    SendEnv SHED_SESSION\n"
        ));
        if let Some(identity) = identity {
            out.push_str(&format!("    IdentityFile {identity}\n    IdentitiesOnly yes\n"));
        }
    }
    // The block stands first, because ssh takes the first value that it finds. This line makes what follows general again.
    out.push_str(&format!("Match all\n{END}\n"));
    out
}

/// The text with `block` in place of the one that is there, or first in the file; `None` removes it.
///
/// # Errors
/// A [`Failure`] if the markers don't belong together, because then nobody knows what is ours.
pub fn edit(text: &str, block: Option<&str>) -> Result<String, Failure> {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let places = |marker: &str| -> Vec<usize> {
        lines.iter().enumerate().filter(|(_, line)| line.trim() == marker).map(|(index, _)| index).collect()
    };
    let whole = |lines: &[&str]| lines.concat();
    match (places(BEGIN).as_slice(), places(END).as_slice()) {
        ([], []) => {
            let gap = if block.is_some() && !text.is_empty() { "\n" } else { "" };
            Ok(format!("{}{gap}{text}", block.unwrap_or_default()))
        }
        ([begin], [end]) if begin < end => {
            let before = whole(lines.get(..*begin).unwrap_or_default());
            let mut after = whole(lines.get(end + 1..).unwrap_or_default());
            // The empty line that was put between the block and the rest goes with the block.
            if block.is_none() && after.starts_with('\n') {
                after.remove(0);
            }
            Ok(format!("{before}{}{after}", block.unwrap_or_default()))
        }
        _ => Err(Failure::new("the markers of the block of shed don't belong together")
            .hint(format!("remove the lines from `{BEGIN}` to `{END}` by hand"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(shed: &str, server: &str) -> Entry {
        Entry { shed: ShedName::new(shed).unwrap(), server: server.into(), host: "box.example".into(), port: 2222 }
    }

    #[test]
    fn the_block() {
        let entries = [entry("api", "home"), entry("api", "office"), entry("web", "home")];
        insta::assert_snapshot!(block(&entries, "/c/known_hosts", Some("/c/id_ed25519")));
    }

    #[test]
    fn installing_twice_changes_nothing_and_uninstalling_restores() {
        let (one, two) = (block(&[entry("a", "home")], "/k", None), block(&[entry("b", "home")], "/k", None));
        for user in ["", "Host x\n  User y\n", "Host x\n  User y", "# no newline at the end", "\n\nCompression yes\n"] {
            let installed = edit(user, Some(&one)).unwrap();
            assert!(installed.starts_with(BEGIN) && installed.ends_with(user));
            assert_eq!(edit(&installed, Some(&one)).unwrap(), installed);
            let replaced = edit(&installed, Some(&two)).unwrap();
            assert!(replaced.contains("shed-b") && !replaced.contains("shed-a"));
            assert_eq!(edit(&replaced, None).unwrap(), user);
            assert_eq!(edit(user, None).unwrap(), user);
        }
    }

    #[test]
    fn broken_markers_are_left_alone() {
        for text in [BEGIN.to_owned(), format!("{END}\n{BEGIN}\n"), format!("{BEGIN}\n{BEGIN}\n{END}\n")] {
            assert!(edit(&text, Some("x")).is_err(), "{text}");
            assert!(edit(&text, None).is_err(), "{text}");
        }
    }
}
