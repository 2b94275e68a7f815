//! Why a call failed.

use shed_core::{ErrorBody, ErrorCode};

use crate::InvalidUrl;

/// Why a call failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ClientError {
    /// The server answered that it can't or won't.
    #[error("{}", body.message)]
    Api {
        /// The HTTP status.
        status: u16,
        /// What the server said.
        body: ErrorBody,
    },
    /// No answer: the connection could not be made, broke, or took too long.
    #[error("server at {url} is not reachable: {reason}")]
    Unreachable {
        /// The server's address.
        url: String,
        /// What went wrong, for people.
        reason: String,
    },
    /// An answer that is not this API's: another program listens there, or a proxy stands between.
    #[error("server at {url} gave an answer that is not shed's: {reason}")]
    Protocol {
        /// The server's address.
        url: String,
        /// What was wrong with it, for people.
        reason: String,
    },
    /// The address can't be one.
    #[error(transparent)]
    Url(#[from] InvalidUrl),
    /// The HTTP client itself could not be made, for example because the machine has no root certificates.
    #[error("could not set up HTTPS: {0}")]
    Setup(String),
}

impl ClientError {
    /// The server's error code, if it was the server that refused.
    #[must_use]
    pub fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Api { body, .. } => Some(body.code),
            Self::Unreachable { .. } | Self::Protocol { .. } | Self::Url(_) | Self::Setup(_) => None,
        }
    }

    /// The server's hint, if it gave one.
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        match self {
            Self::Api { body, .. } => body.hint.as_deref(),
            Self::Unreachable { .. } | Self::Protocol { .. } | Self::Url(_) | Self::Setup(_) => None,
        }
    }
}
