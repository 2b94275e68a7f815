//! Options and arguments that several commands share.

use std::str::FromStr;

use clap::Args;
use clap_complete::ArgValueCompleter;

use crate::{complete, output::style::Color};

/// Options of every command.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Global options")]
pub struct GlobalArgs {
    /// The server to use, as named with `shed server add`
    #[arg(short, long, global = true, value_name = "NAME", add = ArgValueCompleter::new(complete::servers))]
    pub server: Option<String>,
    /// When to use colours; NO_COLOR is respected
    #[arg(long, global = true, value_name = "WHEN", value_enum, default_value_t)]
    pub color: Color,
}

/// `--json`
#[derive(Debug, Clone, Copy, Default, Args)]
pub struct JsonArg {
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// SHED and `-i`
#[derive(Debug, Clone, Args)]
pub struct OneShed {
    /// The shed, or a part of its name; a picker opens when it is omitted or several match
    #[arg(value_name = "SHED", add = ArgValueCompleter::new(complete::sheds))]
    pub shed: Option<String>,
    /// Choose in the picker even if the name is clear
    #[arg(short, long)]
    pub interactive: bool,
}

/// SHED, SESSION and `-i`
#[derive(Debug, Clone, Args)]
pub struct OneSession {
    /// The shed, or a part of its name; a picker opens when it is omitted or several match
    #[arg(value_name = "SHED", add = ArgValueCompleter::new(complete::sheds))]
    pub shed: Option<String>,
    /// The session, or a part of its name
    #[arg(value_name = "SESSION", add = ArgValueCompleter::new(complete::sessions))]
    pub session: Option<String>,
    /// Choose in the picker even if the names are clear
    #[arg(short, long)]
    pub interactive: bool,
}

/// `-S`
#[derive(Debug, Clone, Args)]
pub struct SessionOption {
    /// The session
    #[arg(short = 'S', long, value_name = "NAME", add = ArgValueCompleter::new(complete::sessions))]
    pub session: Option<String>,
}

/// `KEY=VALUE`; the value may be empty and hold `=`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyValue {
    /// What stands before the first `=`.
    pub key: String,
    /// What stands after it.
    pub value: String,
}

impl FromStr for KeyValue {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some((key, value)) if !key.is_empty() => Ok(Self { key: key.to_owned(), value: value.to_owned() }),
            _ => Err("write it as `KEY=VALUE`".to_owned()),
        }
    }
}
