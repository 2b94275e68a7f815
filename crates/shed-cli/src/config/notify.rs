//! `[notify]`

use serde::{Deserialize, Serialize};

use crate::notify::{Cooldown, Trigger};

/// What `shed notify` does when its command line says nothing else.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notify {
    /// The statuses that are told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<Vec<Trigger>>,
    /// Only if the session had one of these before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Vec<Trigger>>,
    /// How long the same is not told again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cooldown: Option<Cooldown>,
    /// Sheds of which nothing is told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mute: Vec<String>,
    /// The command that is run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// Whether the desktop shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub desktop: Option<bool>,
}
