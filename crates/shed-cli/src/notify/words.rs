//! The words of `shed notify`, the same on the command line and in the configuration.

use std::{str::FromStr, time::Duration};

use serde::{Deserialize, Serialize};
use shed_core::wire::SessionStatus;

/// A longer one would be a session that is never told of again.
const LONGEST_COOLDOWN: Duration = Duration::from_hours(24);

/// A status; `waiting` is both that wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Trigger {
    /// Waiting for whatever.
    Waiting,
    /// This one.
    Status(SessionStatus),
}

impl Trigger {
    /// Whether a status is meant.
    #[must_use]
    pub fn fits(self, status: SessionStatus) -> bool {
        match self {
            Self::Waiting => status.is_waiting(),
            Self::Status(wanted) => wanted == status,
        }
    }
}

impl FromStr for Trigger {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "waiting" {
            return Ok(Self::Waiting);
        }
        SessionStatus::ALL.into_iter().find(|status| status.as_str() == text).map(Self::Status).ok_or_else(|| {
            let known = SessionStatus::ALL.map(SessionStatus::as_str).join(", ");
            format!("`{}` is none of waiting, {known}", text.escape_debug())
        })
    }
}

impl TryFrom<String> for Trigger {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Trigger> for String {
    fn from(trigger: Trigger) -> Self {
        match trigger {
            Trigger::Waiting => "waiting".to_owned(),
            Trigger::Status(status) => status.as_str().to_owned(),
        }
    }
}

/// How long the same is not told again of the same session: `30s`, `5m`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Cooldown(pub Duration);

impl FromStr for Cooldown {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parsed = text.parse::<jiff::SignedDuration>().ok().and_then(|duration| Duration::try_from(duration).ok());
        match parsed {
            Some(duration) if duration <= LONGEST_COOLDOWN => Ok(Self(duration)),
            _ => Err(format!("`{}` is no time of at most a day; write it like 30s or 5m", text.escape_debug())),
        }
    }
}

impl TryFrom<String> for Cooldown {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Cooldown> for String {
    fn from(cooldown: Cooldown) -> Self {
        format!("{}s", cooldown.0.as_secs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_and_written_the_same() {
        for text in ["waiting", "failed", "waiting_permission"] {
            assert_eq!(String::from(text.parse::<Trigger>().unwrap()), text);
        }
        assert!("wait".parse::<Trigger>().unwrap_err().contains("waiting_input"));
        assert!(Trigger::Waiting.fits(SessionStatus::WaitingInput) && !Trigger::Waiting.fits(SessionStatus::Failed));
        for (text, seconds) in [("30s", 30), ("5m", 300), ("1h", 3600), ("0s", 0)] {
            assert_eq!(text.parse::<Cooldown>().unwrap().0, Duration::from_secs(seconds));
        }
        for bad in ["", "30", "-3s", "2d", "soon"] {
            assert!(bad.parse::<Cooldown>().is_err(), "{bad}");
        }
    }
}
