//! The CLI's configuration: which servers there are, and which one is meant when none is named.

pub mod file;
mod notify;
mod paths;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use shed_core::ServerName;

pub use file::{load, update};
pub use notify::Notify;
pub use paths::Paths;

use crate::Failure;

/// `config.toml`. Unknown keys are errors: a typing error must not silently change nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The server that is used when none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// The servers by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub servers: BTreeMap<String, Server>,
    /// Defaults of `shed notify`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notify: Option<Notify>,
}

/// `[servers.NAME]`
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// Address of the HTTP API.
    pub url: String,
    /// The access token.
    pub token: String,
    /// Host of the SSH endpoint.
    pub ssh_host: String,
    /// Port of the SSH endpoint.
    pub ssh_port: u16,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { url, token: _, ssh_host, ssh_port } = self;
        f.debug_struct("Server").field("url", url).field("ssh_host", ssh_host).field("ssh_port", ssh_port).finish_non_exhaustive()
    }
}

impl Config {
    /// Checks what the format alone can't say.
    ///
    /// # Errors
    /// A [`Failure`] that names the entry.
    pub fn check(&self) -> Result<(), Failure> {
        for (name, server) in &self.servers {
            ServerName::new(name.as_str())?;
            shed_client::ServerUrl::new(&server.url).map_err(|error| Failure::new(format!("server `{name}`: {error}")))?;
            if !shed_client::Token::new(&server.token).is_well_formed() {
                return Err(Failure::new(format!("server `{name}`: `token` is empty or holds spaces")));
            }
            if !host_is_plain(&server.ssh_host) {
                return Err(Failure::new(format!("server `{name}`: `ssh_host` is not a host name")));
            }
        }
        Ok(())
    }

    /// The server to use: the named one, else the default, else the only one.
    ///
    /// # Errors
    /// A [`Failure`] that says how to name or add one.
    pub fn choose(&self, named: Option<&str>) -> Result<(&str, &Server), Failure> {
        let wanted = match (named.or(self.default.as_deref()), self.servers.len()) {
            (Some(name), _) => name,
            (None, 0) => return Err(no_servers()),
            (None, 1) => self.servers.keys().next().map_or("", String::as_str),
            (None, _) => return Err(Failure::new("no default server is set").hint("`shed server set-default NAME`, or name one with `-s`")),
        };
        self.servers.get_key_value(wanted).map(|(name, server)| (name.as_str(), server)).ok_or_else(|| self.unknown(wanted))
    }

    /// The failure for a name that no server has.
    #[must_use]
    pub fn unknown(&self, name: &str) -> Failure {
        if self.servers.is_empty() {
            return Failure::new(format!("server `{name}` is not known: there are no servers yet"))
                .hint("add one with `shed server add NAME URL`");
        }
        let known = self.servers.keys().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        Failure::new(format!("server `{name}` is not known")).hint(format!("the known servers are {known}"))
    }
}

/// The failure for commands that need a server while there is none.
#[must_use]
pub fn no_servers() -> Failure {
    Failure::new("no server is known yet").hint("add one with `shed server add NAME URL`")
}

/// Whether a host can stand in an `ssh` command line and in known_hosts without meaning something else there: in
/// particular it must not begin with `-`, which ssh would read as an option.
#[must_use]
pub fn host_is_plain(host: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b':');
    !host.is_empty() && !host.starts_with('-') && host.bytes().all(allowed)
}

#[cfg(test)]
mod tests;
