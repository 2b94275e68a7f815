//! `shed-guest setup AGENT [--remove]`: hooks for agents that are started by hand, in the user's own settings.

use std::{fs, io, path::PathBuf, process::ExitCode};

use serde_json::{Value, json};

use super::{files, opencode, settings};

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
enum SetupError {
    #[error("neither the agent's folder nor the home is known")]
    NoHome,
    #[error("`{0}` could not be read or written: {1}")]
    File(PathBuf, io::Error),
    #[error("`{0}` is not understood: {1}")]
    NotJson(PathBuf, serde_json::Error),
    #[error("`{0}` is not understood: {1}")]
    Odd(PathBuf, settings::Odd),
}

/// Runs the command.
#[must_use]
pub fn run(arguments: &[String]) -> ExitCode {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments.as_slice() {
        ["claude"] => claude(false),
        ["claude", "--remove"] => claude(true),
        ["opencode"] => plugin(false),
        ["opencode", "--remove"] => plugin(true),
        _ => {
            eprintln!("usage: shed-guest setup claude|opencode [--remove]");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(path) => {
            println!("{}", path.display());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("shed: {error}; nothing was changed");
            ExitCode::FAILURE
        }
    }
}

fn claude(remove: bool) -> Result<PathBuf, SetupError> {
    let path = files::folder("CLAUDE_CONFIG_DIR", ".claude").ok_or(SetupError::NoHome)?.join("settings.json");
    let before = match fs::read(&path) {
        Ok(text) if text.trim_ascii().is_empty() => json!({}),
        Ok(text) => serde_json::from_slice(&text).map_err(|error| SetupError::NotJson(path.clone(), error))?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => json!({}),
        Err(error) => return Err(SetupError::File(path, error)),
    };
    let mut after: Value = before.clone();
    let program = files::program().ok_or(SetupError::NoHome)?;
    let changed = if remove { settings::remove(&mut after) } else { settings::add(&mut after, &program) };
    changed.map_err(|odd| SetupError::Odd(path.clone(), odd))?;
    if after != before {
        let text = format!("{after:#}\n");
        files::write(&path, text.as_bytes()).map_err(|error| SetupError::File(path.clone(), error))?;
    }
    Ok(path)
}

fn plugin(remove: bool) -> Result<PathBuf, SetupError> {
    let path = files::folder("XDG_CONFIG_HOME", ".config").ok_or(SetupError::NoHome)?.join("opencode/plugin/shed.js");
    let done = if remove { fs::remove_file(&path) } else { files::write(&path, opencode::PLUGIN.as_bytes()) };
    match done {
        Err(error) if !(remove && error.kind() == io::ErrorKind::NotFound) => Err(SetupError::File(path, error)),
        _ => Ok(path),
    }
}
