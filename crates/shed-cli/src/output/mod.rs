//! What goes to the terminal: data on standard output, everything else on standard error.

pub mod style;
pub mod table;

use std::io::{self, Write};

use serde::Serialize;

use crate::Failure;

/// Makes text from elsewhere safe to show: a session's name or command can hold escape sequences that would retitle the
/// terminal or hide a line. Tabs become spaces, line breaks and other control characters their escapes.
#[must_use]
pub fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\t' => out.push(' '),
            // Bidirectional controls reorder what stands around them.
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => out.extend(c.escape_unicode()),
            c if c.is_control() => out.extend(c.escape_default()),
            c => out.push(c),
        }
    }
    out
}

/// Writes data to standard output.
///
/// # Errors
/// A silent [`Failure`] when nobody reads any more.
pub fn data(text: &str) -> Result<(), Failure> {
    let mut out = anstream::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(())
}

/// Writes bytes to standard output untouched, colours included.
///
/// # Errors
/// As [`data`].
pub fn raw(bytes: &[u8]) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)?;
    out.flush()?;
    Ok(())
}

/// Writes a value as JSON to standard output.
///
/// # Errors
/// As [`data`].
pub fn json(value: &impl Serialize) -> Result<(), Failure> {
    let mut text = serde_json::to_string_pretty(value).map_err(|error| Failure::new(error.to_string()))?;
    text.push('\n');
    raw(text.as_bytes())
}

/// Says something on standard error.
pub fn say(text: &str) {
    let _closed = writeln!(anstream::stderr(), "{}", clean(text));
}

/// Warns on standard error.
pub fn warn(text: &str) {
    let _closed = writeln!(anstream::stderr(), "{}: {}", style::WARNING.apply("warning"), clean(text));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_from_elsewhere_are_shown_not_obeyed() {
        assert_eq!(clean("a\x1b]0;title\x07b\nc\td \u{202e}x ü"), "a\\u{1b}]0;title\\u{7}b\\nc d \\u{202e}x ü");
    }
}
