//! Names that users give: parsed once at the edge, trusted from there on.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize};

/// The longest name that may be given, in bytes. A shed's name is its container's hostname, and RFC 1123 allows 63.
pub const MAX_NAME_LEN: usize = 63;

/// The longest name of a session made by hand that is still looked up, in bytes.
const MAX_REF_LEN: usize = 1024;

/// The session that `shed attach SHED` means when none is named.
pub const DEFAULT_SESSION: &str = "default";

/// Why a text can't be a name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} name `{}` is not valid: {rule}", printable(.name))]
pub struct InvalidName {
    /// What was named: `shed`, `session` or `server`.
    pub what: &'static str,
    /// The text that was refused.
    pub name: String,
    /// The rule that it breaks, readable as the end of a sentence.
    pub rule: &'static str,
}

/// A refused name as it may be shown: control characters escaped and cut to a length that fits a line.
fn printable(name: &str) -> String {
    let escaped: String = name.chars().take(MAX_NAME_LEN + 1).flat_map(char::escape_debug).collect();
    if name.chars().count() > MAX_NAME_LEN + 1 { format!("{escaped}…") } else { escaped }
}

/// Checks length, first character and the rest; the three kinds of name differ in the alphabet alone.
fn check(what: &'static str, rule: &'static str, name: &str, first: fn(u8) -> bool, rest: fn(u8) -> bool) -> Result<(), InvalidName> {
    let bytes = name.as_bytes();
    let fits = bytes.len() <= MAX_NAME_LEN && bytes.first().is_some_and(|b| first(*b)) && bytes.iter().all(|b| rest(*b));
    if fits { Ok(()) } else { Err(InvalidName { what, name: name.to_owned(), rule }) }
}

/// Makes a newtype over `String` that can only be built through its rule.
macro_rules! name_type {
    ($(#[$doc:meta])* $type:ident, $what:literal, $rule:literal, $first:expr, $rest:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $type(String);

        impl $type {
            /// Checks `name` against the rule.
            ///
            /// # Errors
            /// [`InvalidName`] with the rule in words.
            pub fn new(name: impl Into<String>) -> Result<Self, InvalidName> {
                let name = name.into();
                check($what, $rule, &name, $first, $rest)?;
                Ok(Self(name))
            }

            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl AsRef<str> for $type {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $type {
            type Err = InvalidName;

            fn from_str(name: &str) -> Result<Self, InvalidName> {
                Self::new(name)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::new(String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
            }
        }
    };
}

name_type!(
    /// The name of a shed: `^[a-z0-9][a-z0-9-]*$`, at most 63 bytes, because it is also the container's hostname
    /// (RFC 1123) and the user name of an SSH login, where `+` and `_` must stay free for other uses.
    ShedName, "shed", "it must be 1 to 63 of a-z, 0-9 and `-`, and begin with a letter or digit",
    |b| b.is_ascii_lowercase() || b.is_ascii_digit(),
    |b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'
);

name_type!(
    /// The name of a session that shed makes: `^[a-zA-Z0-9][a-zA-Z0-9_-]*$`, at most 63 bytes. tmux itself turns `.` and
    /// `:` into `_`, and reads `=`, `$` and a leading `-` in targets, so none of these is allowed.
    SessionName, "session", "it must be 1 to 63 of a-z, A-Z, 0-9, `_` and `-`, and begin with a letter or digit",
    |b| b.is_ascii_alphanumeric(),
    |b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-'
);

name_type!(
    /// What the CLI calls a server: the alphabet of a host name, so that a host can be its own name.
    ServerName, "server", "it must be 1 to 63 of a-z, A-Z, 0-9, `.`, `_` and `-`, and begin with a letter or digit",
    |b| b.is_ascii_alphanumeric(),
    |b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-')
);

impl SessionName {
    /// The session that is meant when none is named: `default`.
    #[must_use]
    pub fn default_session() -> Self {
        Self(DEFAULT_SESSION.to_owned())
    }
}

/// The name of a session that exists, however it was made.
///
/// Sessions made by hand may have names that [`SessionName`] refuses (spaces, Unicode, a leading `-`). They are listed,
/// shown, attached and killed all the same; only creating and renaming apply the stricter rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct SessionRef(String);

impl SessionRef {
    /// Takes any text that tmux could show as a session's name: not empty, no control characters, and neither `:` nor
    /// `.`, which tmux replaces in names (`session_check_name`) and reads as separators in targets.
    ///
    /// # Errors
    /// [`InvalidName`] for a text that no session can have.
    pub fn new(name: impl Into<String>) -> Result<Self, InvalidName> {
        let name = name.into();
        let possible = !name.is_empty() && name.len() <= MAX_REF_LEN && !name.chars().any(|c| c.is_control() || c == ':' || c == '.');
        if possible {
            Ok(Self(name))
        } else {
            Err(InvalidName {
                what: "session",
                name,
                rule: "no tmux session can have it: it must not be empty or hold `:`, `.` or control characters",
            })
        }
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name as one that shed itself could have given, if it follows that rule.
    #[must_use]
    pub fn as_session_name(&self) -> Option<SessionName> {
        SessionName::new(self.0.clone()).ok()
    }
}

impl From<SessionName> for SessionRef {
    fn from(name: SessionName) -> Self {
        Self(name.0)
    }
}

impl From<&SessionName> for SessionRef {
    fn from(name: &SessionName) -> Self {
        Self(name.0.clone())
    }
}

impl fmt::Display for SessionRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for SessionRef {
    type Err = InvalidName;

    fn from_str(name: &str) -> Result<Self, InvalidName> {
        Self::new(name)
    }
}

impl<'de> Deserialize<'de> for SessionRef {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
#[path = "names_tests.rs"]
mod tests;
