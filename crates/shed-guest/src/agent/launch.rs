//! `shed-guest agent NAME [--prompted] -- ARGUMENTS`: becomes the agent, with hooks that report to its session.
//!
//! Everything is given on the command line or in the environment; the user's own settings are read by the agent as ever and
//! are not touched. Whatever of ours can't be put in place is left out: the agent starts all the same.

use std::{
    env, fs, io,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use serde_json::{Value, json};

use super::{codex, files, hook, opencode, settings, tmux};

/// What a shell exits with for a program that does not exist, and for one that can't be run (POSIX, 2.8.2).
const NOT_FOUND: u8 = 127;
const NOT_RUNNABLE: u8 = 126;

/// Becomes the agent; returns only if it can't.
#[must_use]
pub fn run(arguments: &[String]) -> ExitCode {
    let [name, rest @ ..] = arguments else { return usage() };
    let (prompted, rest) = match rest {
        [flag, rest @ ..] if flag == "--prompted" => (true, rest),
        rest => (false, rest),
    };
    let [separator, rest @ ..] = rest else { return usage() };
    if separator != "--" {
        return usage();
    }
    let mut command = Command::new(name);
    for (ours, tmux) in [(tmux::SERVER, "TMUX"), (tmux::PANE, "TMUX_PANE")] {
        if let Some(value) = env::var_os(tmux) {
            command.env(ours, value);
        }
    }
    if prompted {
        command.env(hook::PROMPTED, "1");
    } else {
        command.env_remove(hook::PROMPTED);
    }
    match (files::program(), name.as_str()) {
        (Some(program), "claude") => claude(&mut command, &program, rest),
        (Some(program), "opencode") => with_plugin(&mut command, &program, rest),
        (Some(program), "codex") if !has_notify() => drop(command.arg("-c").arg(codex::setting(&program)).args(rest)),
        _ => drop(command.args(rest)),
    }
    let error = command.exec();
    if error.kind() == io::ErrorKind::NotFound {
        eprintln!("shed: `{name}` is not installed in this shed");
        return ExitCode::from(NOT_FOUND);
    }
    eprintln!("shed: `{name}` can't be started: {error}");
    ExitCode::from(NOT_RUNNABLE)
}

fn usage() -> ExitCode {
    eprintln!("usage: shed-guest agent NAME [--prompted] -- ARGUMENTS");
    ExitCode::from(2)
}

/// Claude Code takes one `--settings`, a file or JSON itself. One of the user's is merged with ours.
fn claude(command: &mut Command, program: &str, arguments: &[String]) {
    let (own, others) = take_settings(arguments);
    let merged = own.as_deref().map_or_else(|| Some(json!({})), read_settings);
    let merged = merged.and_then(|mut settings| settings::add(&mut settings, program).ok().map(|()| settings));
    if let Some(settings) = merged {
        command.arg("--settings").arg(settings.to_string()).args(others);
    } else {
        command.args(arguments);
    }
}

/// The value of `--settings`, and the other arguments.
fn take_settings(arguments: &[String]) -> (Option<String>, Vec<String>) {
    let (mut own, mut others) = (None, Vec::new());
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match (argument.as_str(), argument.strip_prefix("--settings=")) {
            ("--", _) => {
                others.push(argument.clone());
                others.extend(rest.cloned());
                break;
            }
            ("--settings", _) => own = rest.next().cloned(),
            (_, Some(value)) => own = Some(value.to_owned()),
            _ => others.push(argument.clone()),
        }
    }
    (own, others)
}

fn read_settings(value: &str) -> Option<Value> {
    let text = if value.trim_start().starts_with('{') { value.to_owned() } else { fs::read_to_string(value).ok()? };
    serde_json::from_str(&text).ok()
}

/// OpenCode takes a plugin from a file, and settings besides the user's from a variable.
fn with_plugin(command: &mut Command, program: &str, arguments: &[String]) {
    command.args(arguments);
    let own = match env::var("OPENCODE_CONFIG_CONTENT") {
        Ok(text) if !text.trim().is_empty() => serde_json::from_str(&text).ok(),
        _ => Some(json!({})),
    };
    let (Some(mut config), Some(file)) = (own, write_plugin()) else { return };
    let Some(fields) = config.as_object_mut() else { return };
    let plugins = fields.entry("plugin").or_insert_with(|| json!([]));
    let Some(plugins) = plugins.as_array_mut() else { return };
    plugins.push(format!("file://{}", file.display()).into());
    if let Some(folder) = files::folder("XDG_CONFIG_HOME", ".config") {
        spare_the_network(&folder.join("opencode"));
    }
    command.env("OPENCODE_CONFIG_CONTENT", config.to_string()).env("SHED_GUEST", program);
}

/// Puts the plugin where only this user writes; in the home, or else in a folder of our own.
fn write_plugin() -> Option<PathBuf> {
    let temporary = env::temp_dir().join(format!("shed-{}", rustix::process::getuid().as_raw()));
    let places = [files::folder("XDG_CACHE_HOME", ".cache").map(|folder| folder.join("shed")), private(temporary)];
    places.into_iter().flatten().map(|folder| folder.join("opencode.js")).find(|file| {
        let same = fs::read(file).is_ok_and(|old| old == opencode::PLUGIN.as_bytes());
        same || files::write(file, opencode::PLUGIN.as_bytes()).is_ok()
    })
}

/// A folder that nobody else can have put there.
fn private(folder: PathBuf) -> Option<PathBuf> {
    use std::os::unix::fs::{DirBuilderExt, MetadataExt};
    let _ = fs::DirBuilder::new().mode(0o700).create(&folder);
    let found = fs::symlink_metadata(&folder).ok()?;
    let ours = found.is_dir() && found.uid() == rustix::process::getuid().as_raw() && found.mode() & 0o077 == 0;
    ours.then_some(folder)
}

/// Before OpenCode loads the first plugin it installs a package of its own into its folder of settings, with npm: many seconds, and
/// minutes without a network. It looks only whether the package is named in `package-lock.json`. Ours does not need it. Where
/// the user has plugins or tools, which may need it, nothing is done.
fn spare_the_network(folder: &Path) {
    let taken = ["node_modules", "package.json", "package-lock.json", "plugin", "plugins", "tool", "tools"];
    if taken.iter().any(|name| folder.join(name).exists()) {
        return;
    }
    let lock = json!({"packages": {"": {"dependencies": {"@opencode-ai/plugin": "*"}}}});
    let _ = fs::create_dir_all(folder.join("node_modules"));
    let _ = files::write(&folder.join("package-lock.json"), lock.to_string().as_bytes());
}

/// Codex has one `notify`; one of the user's own is not replaced, and the screen tells what there is to tell.
fn has_notify() -> bool {
    let Some(folder) = files::folder("CODEX_HOME", ".codex") else { return false };
    let config = fs::read_to_string(folder.join("config.toml")).unwrap_or_default();
    config.lines().any(|line| line.trim_start().strip_prefix("notify").is_some_and(|rest| rest.trim_start().starts_with('=')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t13_settings_of_the_user_s_are_found_among_the_arguments() {
        let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(take_settings(&words("--model opus -- --settings x")), (None, words("--model opus -- --settings x")));
        assert_eq!(take_settings(&words("--settings a.json --model opus")), (Some("a.json".into()), words("--model opus")));
        assert_eq!(take_settings(&words("-c --settings=a.json")), (Some("a.json".into()), words("-c")));
        assert_eq!(read_settings(r#" {"a": 1}"#), Some(json!({"a": 1})));
        assert_eq!(read_settings("/no/such/file"), None);
    }
}
