//! The few colours, and when they are used.

use std::fmt;

use anstyle::{AnsiColor, Style};
use clap::ValueEnum;

/// A style by its meaning. What it says is always also said in words.
#[derive(Debug, Clone, Copy)]
pub struct Paint(Style);

/// The word `error`.
pub const ERROR: Paint = Paint(AnsiColor::Red.on_default().bold());
/// The word `warning`, and what needs attention.
pub const WARNING: Paint = Paint(AnsiColor::Yellow.on_default().bold());
/// The word `hint`.
pub const HINT: Paint = Paint(AnsiColor::Cyan.on_default().bold());
/// What is well.
pub const GOOD: Paint = Paint(AnsiColor::Green.on_default());
/// Headings.
pub const HEAD: Paint = Paint(Style::new().bold());
/// Nothing special.
pub const PLAIN: Paint = Paint(Style::new());

impl Paint {
    /// The text in this style; the stream drops the colours where they are not wanted.
    #[must_use]
    pub fn apply(self, text: &str) -> impl fmt::Display + use<> {
        format!("{}{text}{}", self.0.render(), self.0.render_reset())
    }
}

/// `--color`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Color {
    /// Decides for the whole process.
    pub fn apply(self) {
        match self {
            Self::Auto => {}
            Self::Always => anstream::ColorChoice::Always.write_global(),
            Self::Never => anstream::ColorChoice::Never.write_global(),
        }
    }
}
