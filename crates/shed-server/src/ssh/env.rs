//! Which of a client's environment variables reach the shed.

use std::collections::BTreeMap;

use super::login::SESSION_VARIABLE;

/// Enough for every locale category; what is beyond is a mistake or an attack.
const MAX_VARIABLES: usize = 32;

/// The longest value in bytes.
const MAX_VALUE: usize = 4096;

/// The variables that a channel's client has sent and that are allowed.
#[derive(Debug, Clone, Default)]
pub(super) struct Environment(BTreeMap<String, String>);

impl Environment {
    /// Takes the variable if it is on the list: anything else (`LD_PRELOAD`, `PATH`, `BASH_ENV` …) would change what runs.
    pub(super) fn accept(&mut self, name: &str, value: &str) -> bool {
        let fits = self.0.len() < MAX_VARIABLES || self.0.contains_key(name);
        let good = allowed(name) && fits && value.len() <= MAX_VALUE && !value.contains('\0');
        if good {
            self.0.insert(name.to_owned(), value.to_owned());
        }
        good
    }

    /// Sets what the server itself has decided.
    pub(super) fn set(&mut self, name: &str, value: impl Into<String>) {
        self.0.insert(name.to_owned(), value.into());
    }

    /// The variables.
    pub(super) fn into_map(self) -> BTreeMap<String, String> {
        self.0
    }
}

/// The allow-list: `SHED_SESSION`, `TERM`, `LANG`, `LC_*`, `COLORTERM`.
fn allowed(name: &str) -> bool {
    match name {
        SESSION_VARIABLE | "TERM" | "LANG" | "COLORTERM" => true,
        other => other
            .strip_prefix("LC_")
            .is_some_and(|rest| (1..=32).contains(&rest.len()) && rest.bytes().all(|b| b.is_ascii_uppercase() || b == b'_')),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_the_listed_variables_pass() {
        let mut env = Environment::default();
        for name in ["SHED_SESSION", "TERM", "LANG", "LC_ALL", "LC_MEASUREMENT", "COLORTERM"] {
            assert!(env.accept(name, "v"), "{name}");
        }
        for name in ["LD_PRELOAD", "PATH", "BASH_ENV", "lang", "LC_", "LC_a", "LC_A=B", "SHED_SESSION2", "", "LC_ALL\0"] {
            assert!(!env.accept(name, "v"), "{name}");
        }
        assert_eq!(env.into_map().len(), 6);
    }

    #[test]
    fn values_and_their_number_are_bounded() {
        let mut env = Environment::default();
        assert!(!env.accept("LANG", "a\0b"));
        assert!(!env.accept("LANG", &"x".repeat(MAX_VALUE + 1)));
        let names = (0..100).map(|i| format!("LC_{}", "A".repeat(i % 32 + 1)) + if i >= 32 { "_" } else { "" });
        let taken = names.filter(|name| env.accept(name, "v")).count();
        assert!(taken >= MAX_VARIABLES);
        assert_eq!(env.clone().into_map().len(), MAX_VARIABLES);
        assert!(env.accept("LC_A", "changed"), "a variable that is there can still change");
    }

    proptest! {
        #[test]
        fn no_name_that_a_loader_or_shell_acts_on_passes(name in "[A-Z_]{1,12}") {
            let mut env = Environment::default();
            let listed = ["SHED_SESSION", "TERM", "LANG", "COLORTERM"].contains(&name.as_str()) || name.starts_with("LC_") && name.len() > 3;
            prop_assert_eq!(env.accept(&name, "v"), listed);
        }
    }
}
