//! How a session is named to tmux without ever meaning another one.

use shed_core::SessionRef;

use crate::TmuxError;

/// A target that means exactly one session: `=name`, or tmux's own `$id`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target(String);

impl Target {
    /// The exact target of a name that tmux can't read as anything else; none when it must be looked up.
    ///
    /// `=$1`, `=@1` and `=%1` would be read as ids. And before tmux says that a session is missing it takes the name for a
    /// client's (`cmd_find_get_session`): with `kill-session -t =console` a client on `/dev/console` would lose its session.
    pub fn exact(name: &SessionRef) -> Option<Self> {
        let name = name.as_session_name()?;
        let name = name.as_str();
        let like_a_client = ["client-", "console", "tty", "pts"].iter().any(|start| name.starts_with(start));
        (!like_a_client).then(|| Self(format!("={name}")))
    }

    /// The target of a session by tmux's id.
    pub fn id(tmux_id: &str) -> Result<Self, TmuxError> {
        let number = tmux_id.strip_prefix('$').unwrap_or_default();
        if !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()) {
            Ok(Self(tmux_id.to_owned()))
        } else {
            Err(TmuxError::Unparsable(tmux_id.to_owned()))
        }
    }

    /// For commands that take a session.
    pub fn session(&self) -> &str {
        &self.0
    }

    /// For commands that take a pane or window: the active one. Without the colon tmux 3.3 looks for a pane of that name.
    pub fn pane(&self) -> String {
        format!("{}:", self.0)
    }
}

/// One argument as tmux must see it: a `;` at its end would end the command (`cmd_parse_from_arguments`), and tmux takes
/// one backslash before it away.
pub(crate) fn argument(text: &str) -> String {
    match text.strip_suffix(';') {
        Some(rest) => format!("{rest}\\;"),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What tmux makes of an argument: the text, and whether the command ends there.
    fn as_tmux_reads(argument: &str) -> (String, bool) {
        match argument.strip_suffix(';') {
            None => (argument.to_owned(), false),
            Some(rest) => match rest.strip_suffix('\\') {
                Some(rest) => (format!("{rest};"), false),
                None => (rest.to_owned(), true),
            },
        }
    }

    #[test]
    fn names_that_tmux_could_misread_are_looked_up() {
        for name in ["$1", "@1", "%1", "-x", "a b", "ü", "=x", "a|b", "client-12", "console", "tty1", "pts", "/dev/pts/3"] {
            assert_eq!(Target::exact(&SessionRef::new(name).unwrap()), None, "{name}");
        }
        let target = Target::exact(&SessionRef::new("foo").unwrap()).unwrap();
        assert_eq!((target.session(), target.pane().as_str()), ("=foo", "=foo:"));
        assert!(Target::id("$").is_err() && Target::id("3").is_err() && Target::id("$3").is_ok());
    }

    proptest! {
        #[test]
        fn every_argument_arrives_whole(text in r"[a;\\\n ]{0,6}|\PC*") {
            prop_assert_eq!(as_tmux_reads(&argument(&text)), (text, false));
        }
    }
}
