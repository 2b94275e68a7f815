//! The output of `show-environment -s`, the only form in which a value may have several lines.

use std::collections::BTreeMap;

use crate::record::unescape;

/// Reads `NAME="value"; export NAME;` and passes over `unset NAME;`.
///
/// In a value tmux puts a backslash before `$`, `` ` ``, `"` and `\` (`cmd_show_environment_escape`), so the first bare
/// quote ends it.
pub(crate) fn parse(output: &[u8]) -> BTreeMap<String, String> {
    let mut variables = BTreeMap::new();
    let mut rest = output;
    while !rest.is_empty() {
        let line = rest.split(|b| *b == b'\n').next().unwrap_or_default();
        let opening = line.windows(2).position(|pair| pair == b"=\"");
        let Some((name, value)) = opening.and_then(|at| Some((rest.get(..at)?, rest.get(at + 2..)?))) else {
            rest = rest.get(line.len() + 1..).unwrap_or_default();
            continue;
        };
        let end = closing_quote(value);
        let (value, after) = value.split_at_checked(end).unwrap_or((value, b""));
        variables.insert(String::from_utf8_lossy(name).into_owned(), unescape(value, false));
        let line_end = after.iter().position(|b| *b == b'\n').map_or(after.len(), |at| at + 1);
        rest = after.get(line_end..).unwrap_or_default();
    }
    variables
}

/// Where the first quote stands that no backslash protects, or the end.
fn closing_quote(value: &[u8]) -> usize {
    let mut escaped = false;
    for (at, byte) in value.iter().enumerate() {
        match byte {
            b'"' if !escaped => return at,
            b'\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    value.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What tmux prints for a variable.
    fn shown(name: &str, value: &str) -> String {
        let mut escaped = String::new();
        for c in value.chars() {
            if matches!(c, '$' | '`' | '"' | '\\') {
                escaped.push('\\');
            }
            escaped.push(c);
        }
        format!("{name}=\"{escaped}\"; export {name};\n")
    }

    #[test]
    fn removed_variables_are_passed_over() {
        assert!(parse(b"unset DISPLAY;\n").is_empty());
        assert_eq!(parse(b"unset A;\nB=\"1\"; export B;\nunset C;\n"), BTreeMap::from([("B".into(), "1".into())]));
    }

    #[test]
    fn control_characters_that_newer_tmux_escapes_come_back() {
        assert_eq!(parse(b"A=\"\\033[1m\\\\n\"; export A;\n")["A"], "\x1b[1m\\n");
    }

    proptest! {
        #[test]
        fn every_value_comes_back(vars in proptest::collection::btree_map("[A-Z_]{1,8}", r#"[a"\\$`\n;= ]{0,9}|\PC*"#, 0..5)) {
            let output: String = vars.iter().map(|(name, value)| shown(name, value)).collect();
            prop_assert_eq!(parse(output.as_bytes()), vars);
        }

        #[test]
        fn no_output_panics(bytes in proptest::collection::vec(any::<u8>(), 0..99)) {
            parse(&bytes);
        }
    }
}
