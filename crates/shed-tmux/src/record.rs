//! The lines of `list-sessions -F`, written so that no name, directory or label can break them.
//!
//! A field of free text is encoded by tmux itself (`#{s/…/…/:…}`, tmux ≥ 3.2): `%`, `|`, `\` and line ends become `%XX`.
//! Newer tmux also escapes control characters in what it prints (`vis(3)`: `\033`, `\a`); as every backslash of the text
//! is `%5C`, what still has a backslash is such an escape, so one decoder reads the output of all versions.

use std::sync::LazyLock;

/// Begins every record; a line without it goes on with the line before.
const MARK: &str = "shed-session:";

/// Numbers and ids first, free text next, the name last.
const PLAIN: [&str; 14] = [
    "session_id",
    "session_created",
    "session_attached",
    "session_windows",
    "session_activity",
    "window_activity",
    "pane_pid",
    "pane_dead",
    "pane_dead_status",
    "pane_dead_signal",
    "pane_dead_time",
    "pid",
    "start_time",
    "version",
];
const TEXT: [&str; 13] = [
    "@shed_id",
    "@shed_command",
    "@shed_labels",
    "@shed_agent",
    "@shed_status",
    "@shed_detail",
    "@shed_since",
    "@shed_source",
    "@shed_conversation",
    "@shed_agent_pid",
    "pane_current_path",
    "pane_start_path",
    "session_name",
];

/// `%` must be first. In a POSIX bracket expression a backslash stands for itself.
pub(crate) const ENCODE: &str = "s/%/%25/;s/[|]/%7C/;s/[\\]/%5C/;s/\n/%0A/;s/\r/%0D/:";

/// How many fields a record has.
pub(crate) const FIELDS: usize = PLAIN.len() + TEXT.len();

/// The argument of `-F`.
pub(crate) static FORMAT: LazyLock<String> = LazyLock::new(|| {
    let plain = PLAIN.iter().map(|name| format!("#{{{name}}}"));
    let text = TEXT.iter().map(|name| format!("#{{{ENCODE}{name}}}"));
    format!("{MARK}{}", plain.chain(text).collect::<Vec<_>>().join("|"))
});

/// Splits the output into records of decoded fields, in the order of the format.
pub(crate) fn records(output: &[u8]) -> Result<Vec<[String; FIELDS]>, String> {
    let output = String::from_utf8_lossy(output);
    let mut lines: Vec<String> = Vec::new();
    for line in output.split('\n') {
        match (line.strip_prefix(MARK), lines.last_mut()) {
            (Some(record), _) => lines.push(record.to_owned()),
            (None, Some(open)) if !line.is_empty() => {
                open.push('\n');
                open.push_str(line);
            }
            (None, _) => {}
        }
    }
    lines
        .into_iter()
        .map(|line| {
            let fields: Vec<String> = line.split('|').map(decode).collect();
            <[String; FIELDS]>::try_from(fields).map_err(|_| line)
        })
        .collect()
}

/// Undoes the encoding of the format and the escapes of newer tmux.
pub(crate) fn decode(field: &str) -> String {
    unescape(field.as_bytes(), true)
}

/// Reads `vis(3)` escapes as tmux writes them (`VIS_OCTAL|VIS_CSTYLE`), and `%XX` if `percent` says so.
///
/// A backslash before any other character stands for that character.
pub(crate) fn unescape(text: &[u8], percent: bool) -> String {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        let coded = match byte {
            b'%' if percent => number(rest, 16, 2),
            b'\\' => number(rest, 8, 3),
            _ => None,
        };
        match (coded, byte, rest.split_first()) {
            (Some((value, after)), ..) => {
                out.push(value);
                rest = after;
            }
            (None, b'\\', Some((letter, after))) => {
                out.push(c_style(*letter));
                rest = after;
            }
            _ => out.push(*byte),
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// The character that a letter after a backslash means in C.
fn c_style(letter: u8) -> u8 {
    match letter {
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'a' => 7,
        b'b' => 8,
        b'v' => 11,
        b'f' => 12,
        b's' => b' ',
        other => other,
    }
}

/// Reads exactly `count` digits off the front, or nothing.
fn number(text: &[u8], radix: u32, count: usize) -> Option<(u8, &[u8])> {
    let (digits, rest) = text.split_at_checked(count)?;
    let value = digits.iter().try_fold(0, |value, digit| Some(value * radix + char::from(*digit).to_digit(radix)?))?;
    Some((u8::try_from(value).ok()?, rest))
}

#[cfg(test)]
#[path = "record_tests.rs"]
mod tests;
