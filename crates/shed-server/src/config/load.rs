//! Reading the file and the environment.

use std::{
    env,
    ffi::OsString,
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use super::{Config, ConfigError};

/// The furthest that a known key may be from a mistyped one to be suggested, in edits.
const NEAR: usize = 3;

impl Config {
    /// Reads the file, if one is given, and puts `SHED_HTTP_LISTEN`, `SHED_SSH_LISTEN`, `SHED_METRICS_LISTEN` and
    /// `SHED_STATE_DIR` above it.
    ///
    /// # Errors
    /// [`ConfigError`] naming the file and line, or the variable.
    pub fn load(path: Option<&Path>) -> Result<Self, ConfigError> {
        Self::load_with(path, |name| env::var_os(name))
    }

    /// [`Config::load`] with an environment of the caller's.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn load_with(path: Option<&Path>, env: impl Fn(&str) -> Option<OsString>) -> Result<Self, ConfigError> {
        let mut config = path.map_or_else(|| Ok(Self::default()), read)?;
        // An empty variable is an unset one, as compose files and unit files write it.
        let env = |name: &'static str| env(name).filter(|value| !value.is_empty());
        if let Some(listen) = listen(&env, "SHED_HTTP_LISTEN")? {
            config.http.listen = listen;
        }
        if let Some(listen) = listen(&env, "SHED_SSH_LISTEN")? {
            config.ssh.listen = listen;
        }
        if let Some(listen) = listen(&env, "SHED_METRICS_LISTEN")? {
            config.metrics.listen = Some(listen);
        }
        if let Some(dir) = env("SHED_STATE_DIR") {
            config.state_dir = Some(PathBuf::from(dir));
        }
        Ok(config)
    }
}

fn listen(env: &impl Fn(&'static str) -> Option<OsString>, name: &'static str) -> Result<Option<SocketAddr>, ConfigError> {
    let Some(value) = env(name) else { return Ok(None) };
    let value = value.to_string_lossy().into_owned();
    match value.parse() {
        Ok(address) => Ok(Some(address)),
        Err(_) => Err(ConfigError::Variable { name, value }),
    }
}

fn read(path: &Path) -> Result<Config, ConfigError> {
    let text = fs::read_to_string(path).map_err(|source| ConfigError::Read { path: path.to_owned(), source })?;
    let config: Config = toml::from_str(&text).map_err(|error| {
        let line = error.span().map(|span| 1 + text.bytes().take(span.start).filter(|byte| *byte == b'\n').count());
        let message = error.message().lines().collect::<Vec<_>>().join(", ");
        ConfigError::Parse { path: path.to_owned(), line: line.unwrap_or(1), hint: suggestion(&message), message }
    })?;
    match config.http.allowed_hosts.iter().find(|host| !is_host(host)) {
        Some(host) => Err(ConfigError::AllowedHost(host.clone())),
        None => Ok(config),
    }
}

/// A name or address alone: no scheme, no path, no port. An IPv6 address may stand in brackets.
fn is_host(host: &str) -> bool {
    host.parse::<std::net::Ipv6Addr>().is_ok() || (!host.is_empty() && !host.contains(['/', ' ', '@']) && !has_port(host))
}

fn has_port(host: &str) -> bool {
    !host.starts_with('[') && host.contains(':')
}

/// The next step after the parser's words, such as ``unknown field `lisen`, expected `listen` or `allowed_hosts` ``.
fn suggestion(message: &str) -> Option<String> {
    if message.contains("socket address") {
        return Some("an address is written with its port, like 127.0.0.1:8080".to_owned());
    }
    let mut quoted = message.strip_prefix("unknown field ")?.split('`').skip(1).step_by(2);
    let unknown = quoted.next()?;
    let (distance, key) = quoted.map(|key| (strsim::damerau_levenshtein(unknown, key), key)).min()?;
    (distance <= NEAR).then(|| format!("did you mean `{key}`?"))
}
