//! Environment variables for a new shed: from the request and from the configured file.

use std::collections::BTreeMap;

/// Checks a name: POSIX (8.1) letters, digits and `_`, not beginning with a digit; and a value without NUL.
///
/// # Errors
/// Text for the user.
pub(crate) fn check(env: &BTreeMap<String, String>) -> Result<(), String> {
    for (name, value) in env {
        let mut chars = name.chars();
        let good =
            chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_') && chars.all(|c| c.is_ascii_alphanumeric() || c == '_');
        if !good {
            return Err(format!("`{}` is not a name of an environment variable", name.escape_debug()));
        }
        if value.contains('\0') {
            return Err(format!("the value of environment variable `{name}` holds a NUL byte"));
        }
    }
    Ok(())
}

/// Reads `NAME=value` lines. Blank lines and lines that begin with `#` are skipped; `export ` before a name and one pair of
/// quotes around a value are taken off, so that a file for a shell works too.
///
/// # Errors
/// Text for the user, with the number of the line; never its value, which may be a secret.
pub(super) fn parse_file(text: &str) -> Result<BTreeMap<String, String>, String> {
    let mut env = BTreeMap::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let line = line.strip_prefix("export ").unwrap_or(line);
        let Some((name, value)) = line.split_once('=') else {
            return Err(format!("line {} is not `NAME=value`", number + 1));
        };
        let one = BTreeMap::from([(name.trim().to_owned(), unquote(value.trim()).to_owned())]);
        check(&one).map_err(|_| format!("line {} has no valid name before `=`", number + 1))?;
        env.extend(one);
    }
    Ok(env)
}

fn unquote(value: &str) -> &str {
    ['"', '\''].into_iter().find_map(|quote| value.strip_prefix(quote)?.strip_suffix(quote)).unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn env_files_are_read_like_a_shell_would() {
        let env = parse_file("# keys\n\nA=1\nexport B = \"x y\"\nC='it'\nD=a=b\nE=\"\n").unwrap();
        let expected = [("A", "1"), ("B", "x y"), ("C", "it"), ("D", "a=b"), ("E", "\"")];
        assert_eq!(env, expected.map(|(k, v)| (k.to_owned(), v.to_owned())).into());
    }

    #[test]
    fn a_bad_line_is_named_by_number_and_never_shown() {
        let error = parse_file("A=1\nsecret-without-name\n").unwrap_err();
        assert!(error.contains("line 2") && !error.contains("secret"), "{error}");
        assert!(parse_file("1A=x").is_err());
    }
}
