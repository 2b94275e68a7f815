//! Arguments for the shell at the other end.

use crate::Failure;

/// Quotes each argument, so that the remote shell takes it as it is, and joins them with spaces.
///
/// # Errors
/// A [`Failure`] for an argument with a NUL byte, which no command line can carry.
pub fn join<S: AsRef<str>>(argv: &[S]) -> Result<String, Failure> {
    shlex::try_join(argv.iter().map(AsRef::as_ref)).map_err(|_| Failure::usage("an argument holds a NUL byte"))
}

/// A command as the user gave it after `--`, for the API's `command`: one word is a shell command line, as in tmux;
/// several words are a program and its arguments.
///
/// # Errors
/// As [`join`].
pub fn command_line(words: &[String]) -> Result<Option<String>, Failure> {
    match words {
        [] => Ok(None),
        [line] => Ok(Some(line.clone())),
        words => join(words).map(Some),
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn every_argument_survives_a_real_shell() {
        let nasty = [
            "",
            " ",
            "a b",
            "'",
            "''",
            "\"",
            "$HOME",
            "$(id)",
            "`id`",
            "\\",
            "\\n",
            "a\nb",
            "\t",
            "!",
            "!!",
            "#",
            "~",
            "*",
            "?",
            "[a]",
            "{a,b}",
            "&",
            ";",
            "|",
            "<",
            ">",
            "(",
            ")",
            "=x",
            "a=b",
            "-n",
            "--",
            "ü é 漢字 🐚",
            "%s",
            "^",
            "it's \"it\"",
        ];
        for shell in ["sh", "bash"] {
            let line = format!("printf '%s\\0' {}", join(&nasty).unwrap());
            let output = Command::new(shell).args(["-c", &line]).output().unwrap();
            let back: Vec<&str> = std::str::from_utf8(&output.stdout).unwrap().split_terminator('\0').collect();
            assert_eq!(back, nasty, "{shell}");
        }
        assert!(join(&["a\0b"]).is_err());
    }

    #[test]
    fn one_word_is_a_command_line_and_several_are_arguments() {
        let words = |words: &[&str]| command_line(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>()).unwrap();
        assert_eq!(words(&[]), None);
        assert_eq!(words(&["ls | wc -l"]).as_deref(), Some("ls | wc -l"));
        assert_eq!(words(&["claude", "fix the bug"]).as_deref(), Some("claude 'fix the bug'"));
    }
}
