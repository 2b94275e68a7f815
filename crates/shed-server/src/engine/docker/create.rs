//! Making a shed's volume and container.

use std::collections::HashMap;

use bollard::{
    models::{ContainerCreateBody, HostConfig, Mount, MountType, MountVolumeOptions, RestartPolicy, RestartPolicyNameEnum},
    query_parameters::{CreateContainerOptionsBuilder, ListContainersOptionsBuilder, ListVolumesOptionsBuilder},
};
use jiff::Timestamp;
use shed_core::wire::Profile;

use super::{CALL, DockerEngine, container};
use crate::engine::{Container, ContainerId, ContainerSpec, EngineError, ExecUser};

/// What keeps the container running. When it is to stop, it says so in a file (in memory, so the next run does not see it), then
/// asks everything to end and gives it a moment; Docker's init passes the request on to this program alone.
const KEEP: &str = r#"trap 'trap : TERM; : >/dev/shm/.shed-stopping; kill -TERM -1 2>/dev/null; n=0
while [ $n -lt 30 ]; do c=0; for d in /proc/[0-9]*; do c=$((c+1)); done; [ $c -le 2 ] && break; sleep 0.05 2>/dev/null || sleep 1; n=$((n+1)); done; exit 0' TERM INT
while :; do sleep 2147483647 & wait $!; done"#;

/// Succeeds once [`KEEP`] was asked to stop.
const IS_STOPPING: &str = "[ -e /dev/shm/.shed-stopping ]";

/// What programs of a dev container need: package managers change owners and users (CHOWN, DAC_OVERRIDE, FOWNER, FSETID, SETGID,
/// SETUID, SETFCAP, MKNOD, SYS_CHROOT), sudo logs (AUDIT_WRITE) and drops (SETPCAP), servers use low ports, root ends
/// others' processes (KILL), debuggers attach (SYS_PTRACE). Docker's default has NET_RAW too, with which a shed could
/// forge packets on the bridge that all sheds share.
const CAPABILITIES: [&str; 14] = [
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
    "SYS_PTRACE",
];

impl DockerEngine {
    /// Makes volume and container and starts it. What it made is removed when a later step fails; a volume that was there
    /// before, kept from an earlier shed of this name, stays.
    pub(super) async fn create_container(&self, spec: &ContainerSpec) -> Result<Container, EngineError> {
        let made = self.make(spec).await;
        if made.is_err()
            && let Err(error) = self.remove_created(&spec.create_id).await
        {
            tracing::warn!(%error, shed = %spec.shed, "what a failed creation left could not be removed");
        }
        made
    }

    async fn make(&self, spec: &ContainerSpec) -> Result<Container, EngineError> {
        self.refuse_foreign_volume(spec).await?;
        let options = CreateContainerOptionsBuilder::default().name(&format!("shed-{}", spec.shed)).build();
        let body = body_of(spec, labels_of(spec));
        let created = self.call("create", CALL, |docker| async move { docker.create_container(Some(options), body).await }).await;
        let id = ContainerId(created.map_err(|error| no_image(error, spec))?.id);
        // Asked before the start, because with a restart policy Docker would start such a container again and again.
        if !self.path_exists(&id, "/bin/sh").await? {
            return Err(EngineError::CannotRun(format!("image `{}` has no `/bin/sh`, which a shed needs", spec.image)));
        }
        self.start_container(&id).await?;
        self.give_workspace(&id).await?;
        self.inspect_by(&id.0).await?.ok_or(EngineError::NoSuchContainer)
    }

    /// A volume of that name that is another shed's, such as one that was given the name by hand.
    async fn refuse_foreign_volume(&self, spec: &ContainerSpec) -> Result<(), EngineError> {
        let name = container::volume_of(&spec.shed);
        let found = self.call("inspect volume", CALL, |docker| async move { docker.inspect_volume(&name).await }).await;
        match found {
            Ok(volume) if volume.labels.get(container::NAME).is_some_and(|name| *name != spec.shed.as_str()) => {
                Err(EngineError::Other(format!("volume `{}` belongs to something else", volume.name)))
            }
            Ok(_) | Err(EngineError::NoSuchContainer) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Whether the container was asked to stop, or can't be asked about it. One without a shell has no such note.
    pub(super) async fn has_stop_note(&self, id: &ContainerId) -> bool {
        if let Ok(false) = self.path_exists(id, "/bin/sh").await {
            return false;
        }
        let argv = ["/bin/sh", "-c", IS_STOPPING].map(str::to_owned).to_vec();
        // 1 is the test's own no. Anything else is the stop itself: a signal, or a command that can't be started any more.
        !matches!(self.run_script(id, argv, ExecUser::Container).await, Ok((1, _)))
    }

    /// Removes every container and volume with this creation's label.
    pub(super) async fn remove_created(&self, create_id: &str) -> Result<(), EngineError> {
        let label = format!("{}={create_id}", container::CREATE_ID);
        let filters = HashMap::from([("label", vec![label.as_str()])]);
        let options = ListContainersOptionsBuilder::default().all(true).filters(&filters).build();
        let containers = self.call("list", CALL, |docker| async move { docker.list_containers(Some(options)).await }).await?;
        for id in containers.into_iter().filter_map(|container| container.id) {
            match self.remove_by_id(&id, true).await {
                Ok(()) | Err(EngineError::NoSuchContainer) => {}
                Err(error) => return Err(error),
            }
        }
        let options = ListVolumesOptionsBuilder::default().filters(&filters).build();
        let volumes = self.call("list volumes", CALL, |docker| async move { docker.list_volumes(Some(options)).await }).await?;
        for volume in volumes.volumes.unwrap_or_default() {
            self.remove_volume(&volume.name).await?;
        }
        Ok(())
    }
}

fn labels_of(spec: &ContainerSpec) -> HashMap<String, String> {
    let mut labels = HashMap::from([
        ("shed".to_owned(), "true".to_owned()),
        (container::NAME.to_owned(), spec.shed.to_string()),
        (container::CREATED.to_owned(), Timestamp::now().to_string()),
        (container::PROFILE.to_owned(), spec.profile.as_str().to_owned()),
        (container::SERVER.to_owned(), spec.server.clone()),
        (container::CREATE_ID.to_owned(), spec.create_id.clone()),
    ]);
    if let Some(repo) = &spec.repo {
        labels.insert(container::REPO.to_owned(), repo.clone());
    }
    labels
}

fn body_of(spec: &ContainerSpec, labels: HashMap<String, String>) -> ContainerCreateBody {
    let mut mounts = vec![Mount {
        typ: Some(MountType::VOLUME),
        source: Some(container::volume_of(&spec.shed)),
        target: Some(container::WORKSPACE.to_owned()),
        // Docker makes the volume with the container, once it has given the name to it. Of several creations of one name
        // only the one that gets the name makes a volume and marks it as its own; one that was there keeps its labels.
        volume_options: Some(MountVolumeOptions { labels: Some(labels.clone()), ..MountVolumeOptions::default() }),
        ..Mount::default()
    }];
    mounts.extend(spec.mounts.iter().map(|mount| Mount {
        typ: Some(MountType::BIND),
        source: Some(mount.source.clone()),
        target: Some(mount.target.clone()),
        read_only: Some(mount.read_only),
        ..Mount::default()
    }));
    let strict = spec.profile == Profile::Strict;
    let host = HostConfig {
        init: Some(true),
        restart_policy: Some(RestartPolicy { name: Some(RestartPolicyNameEnum::UNLESS_STOPPED), maximum_retry_count: None }),
        mounts: Some(mounts),
        memory: spec.memory_bytes,
        // Equal, so that there is no swap beside it; else a limit of 1 GB would mean 2 GB.
        memory_swap: spec.memory_bytes,
        nano_cpus: spec.nano_cpus,
        pids_limit: spec.pids,
        cap_drop: Some(vec!["ALL".to_owned()]),
        cap_add: (!strict).then(|| CAPABILITIES.map(str::to_owned).to_vec()),
        security_opt: strict.then(|| vec!["no-new-privileges".to_owned()]),
        ..HostConfig::default()
    };
    ContainerCreateBody {
        hostname: Some(spec.shed.to_string()),
        image: Some(spec.image.clone()),
        entrypoint: Some(Vec::new()),
        cmd: Some(["/bin/sh", "-c", KEEP].map(str::to_owned).to_vec()),
        working_dir: Some(container::WORKSPACE.to_owned()),
        env: Some(spec.env.iter().map(|(name, value)| format!("{name}={value}")).collect()),
        labels: Some(labels),
        host_config: Some(host),
        ..ContainerCreateBody::default()
    }
}

/// The image may have been removed since it was seen.
fn no_image(error: EngineError, spec: &ContainerSpec) -> EngineError {
    match error {
        EngineError::NoSuchContainer => EngineError::NoSuchImage { image: spec.image.clone(), reason: "it was removed".to_owned() },
        other => other,
    }
}
