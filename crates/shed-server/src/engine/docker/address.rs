//! Where the daemon is.

use std::path::PathBuf;

use bollard::{ClientVersion, Docker};
use hyper::Request;

use super::{error, hijack};
use crate::engine::EngineError;

/// Docker's own default (docker(1), `--host`).
const DEFAULT: &str = "unix:///var/run/docker.sock";

/// An address that this build can reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Address {
    /// A socket in the file system.
    Unix(PathBuf),
    /// `host:port`, unencrypted.
    Tcp(String),
}

impl Address {
    /// From the configuration, else `DOCKER_HOST`, else the default.
    pub(super) fn find(configured: Option<&str>) -> Result<Self, EngineError> {
        match configured {
            Some(text) => Self::parse(text),
            None => Self::parse(std::env::var("DOCKER_HOST").ok().filter(|text| !text.is_empty()).as_deref().unwrap_or(DEFAULT)),
        }
    }

    fn parse(text: &str) -> Result<Self, EngineError> {
        if let Some(path) = text.strip_prefix("unix://").filter(|path| path.starts_with('/')) {
            return Ok(Self::Unix(PathBuf::from(path)));
        }
        match text.strip_prefix("tcp://").or_else(|| text.strip_prefix("http://")) {
            Some(host) if host.contains(':') => Ok(Self::Tcp(host.trim_end_matches('/').to_owned())),
            _ => Err(EngineError::Other(format!("`{text}` is not an address of a Docker daemon: use unix:///path or tcp://host:port"))),
        }
    }

    /// A client for that version of the API.
    pub(super) fn client(&self, timeout_seconds: u64, version: &ClientVersion) -> Result<Docker, EngineError> {
        let client = match self {
            Self::Unix(path) => Docker::connect_with_unix(&path.to_string_lossy(), timeout_seconds, version),
            Self::Tcp(host) => Docker::connect_with_http(&format!("tcp://{host}"), timeout_seconds, version),
        };
        client.map_err(error::from_bollard)
    }

    /// The newest version of the API that the daemon speaks, from the header that every `/_ping` carries. bollard asks a
    /// versioned path, which an older daemon refuses.
    pub(super) async fn api_version(&self) -> Result<Option<ClientVersion>, EngineError> {
        let request = Request::get("/_ping").header(hyper::header::HOST, "docker").body(String::new());
        let response = hijack::send(self, request.map_err(|error| EngineError::Other(error.to_string()))?).await?;
        let version = response.headers().get("api-version").and_then(|value| value.to_str().ok()).map(str::to_owned);
        Ok(version.and_then(|text| {
            let (major, minor) = text.split_once('.')?;
            Some(ClientVersion { major_version: major.parse().ok()?, minor_version: minor.parse().ok()? })
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_docker_s() {
        assert_eq!(Address::parse("unix:///run/d.sock").unwrap(), Address::Unix("/run/d.sock".into()));
        assert_eq!(Address::parse("tcp://127.0.0.1:2375/").unwrap(), Address::Tcp("127.0.0.1:2375".to_owned()));
        for bad in ["", "unix://rel", "ssh://host", "tcp://host", "npipe:////./pipe/x"] {
            assert!(Address::parse(bad).is_err(), "{bad:?} was taken");
        }
    }
}
