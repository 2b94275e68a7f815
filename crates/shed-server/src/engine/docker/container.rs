//! Docker's descriptions of a container, read into ours.

use std::collections::HashMap;

use bollard::models::{ContainerInspectResponse, ContainerStateStatusEnum, ContainerSummary, ContainerSummaryStateEnum};
use jiff::Timestamp;
use shed_core::{ShedName, wire::Profile};

use crate::engine::{Container, ContainerId, ContainerState};

/// Marks every container and volume of a shed; adopted containers carry it too.
pub(super) const IS_SHED: &str = "shed=true";
pub(super) const NAME: &str = "shed.name";
pub(super) const CREATED: &str = "shed.created";
pub(super) const REPO: &str = "shed.repo";
pub(super) const PROFILE: &str = "shed.profile";
pub(super) const SERVER: &str = "shed.server";
pub(super) const CREATE_ID: &str = "shed.create_id";

/// Where the workspace volume is mounted.
pub(super) const WORKSPACE: &str = "/workspace";

/// The name of a shed's workspace volume.
pub(super) fn volume_of(shed: &ShedName) -> String {
    format!("shed-{shed}-workspace")
}

/// From a list; none if the container's name can't be a shed's.
pub(super) fn from_summary(summary: ContainerSummary) -> Option<Container> {
    let labels = summary.labels.unwrap_or_default();
    let own_name = summary.names.unwrap_or_default().into_iter().next().unwrap_or_default();
    let state = match summary.state {
        Some(ContainerSummaryStateEnum::RUNNING) => ContainerState::Running,
        Some(ContainerSummaryStateEnum::PAUSED) => ContainerState::Paused,
        Some(ContainerSummaryStateEnum::RESTARTING) => ContainerState::Restarting,
        _ => ContainerState::Stopped,
    };
    let described = Described {
        id: summary.id?,
        own_name,
        state,
        created: summary.created.and_then(|seconds| Timestamp::from_second(seconds).ok()),
        started_at: None,
        image: summary.image.unwrap_or_default(),
        user: String::new(),
        working_dir: None,
    };
    described.into_container(&labels)
}

/// From an inspection; none if it is no shed.
pub(super) fn from_inspect(found: ContainerInspectResponse) -> Option<Container> {
    let config = found.config.unwrap_or_default();
    let labels = config.labels.unwrap_or_default();
    if labels.get("shed").is_none_or(|value| value != "true") {
        return None;
    }
    let state = found.state.unwrap_or_default();
    let kind = match state.status {
        Some(ContainerStateStatusEnum::RUNNING) => ContainerState::Running,
        Some(ContainerStateStatusEnum::PAUSED) => ContainerState::Paused,
        Some(ContainerStateStatusEnum::RESTARTING) => ContainerState::Restarting,
        _ => ContainerState::Stopped,
    };
    let started = state.started_at.and_then(|text| text.parse().ok());
    let described = Described {
        id: found.id?,
        own_name: found.name.unwrap_or_default(),
        state: kind,
        created: found.created.and_then(|time| time.to_string().parse().ok()),
        started_at: started.filter(|_| matches!(kind, ContainerState::Running | ContainerState::Paused)),
        image: config.image.unwrap_or_default(),
        user: config.user.unwrap_or_default(),
        working_dir: config.working_dir,
    };
    described.into_container(&labels)
}

/// What both descriptions have.
struct Described {
    id: String,
    own_name: String,
    state: ContainerState,
    created: Option<Timestamp>,
    started_at: Option<Timestamp>,
    image: String,
    user: String,
    working_dir: Option<String>,
}

impl Described {
    fn into_container(self, labels: &HashMap<String, String>) -> Option<Container> {
        let own_name = self.own_name.trim_start_matches('/');
        let name = labels.get(NAME).map_or_else(|| own_name.strip_prefix("shed-").unwrap_or(own_name), String::as_str);
        let Ok(shed) = ShedName::new(name) else {
            tracing::debug!(container = own_name, "a container with the label `shed` has a name that no shed can have");
            return None;
        };
        let adopted = !labels.contains_key(CREATE_ID);
        let profile =
            if labels.get(PROFILE).is_some_and(|profile| profile == Profile::Strict.as_str()) { Profile::Strict } else { Profile::Default };
        let own_dir = self.working_dir.filter(|dir| dir.starts_with('/')).unwrap_or_else(|| "/".to_owned());
        Some(Container {
            id: ContainerId(self.id),
            shed,
            state: self.state,
            created_at: labels.get(CREATED).and_then(|text| text.parse().ok()).or(self.created).unwrap_or(Timestamp::UNIX_EPOCH),
            started_at: self.started_at,
            image: self.image,
            user: self.user,
            repo: labels.get(REPO).filter(|repo| !repo.is_empty()).cloned(),
            profile,
            server: labels.get(SERVER).cloned(),
            adopted,
            working_dir: if adopted { own_dir } else { WORKSPACE.to_owned() },
        })
    }
}
