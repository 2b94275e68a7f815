//! Making, stopping, starting and removing sheds.

use std::time::Duration;

use futures_util::future::join_all;
use shed_core::wire::Profile;
use shed_server::engine::{ContainerState, Engine, EngineError, Mount, docker::DockerEngine};
use uuid::Uuid;

use crate::support::{Name, Shed, docker, engine, sh, wait_until};

#[tokio::test]
async fn a_shed_lives_from_create_to_remove() {
    let shed = Shed::create().await;
    let (engine, name) = (&shed.engine, &shed.name.0);
    assert_eq!(shed.container.state, ContainerState::Running);
    assert!(shed.container.started_at.is_some() && !shed.container.adopted);
    assert_eq!(shed.look("hostname; pwd; touch x && ls"), format!("{name}\n/workspace\nx\n"));
    assert!(engine.list().await.unwrap().iter().any(|listed| listed.shed == *name && listed.id == shed.container.id));

    engine.stop(&shed.container.id, Duration::from_secs(2)).await.unwrap();
    engine.stop(&shed.container.id, Duration::from_secs(2)).await.unwrap();
    assert_eq!(engine.inspect(name).await.unwrap().state, ContainerState::Stopped);
    assert!(matches!(engine.exec(&shed.container.id, sh("true")).await, Err(EngineError::NotRunning)));
    engine.start(&shed.container.id).await.unwrap();
    engine.start(&shed.container.id).await.unwrap();
    assert_eq!(shed.look("ls"), "x\n");

    engine.remove(&shed.container, false).await.unwrap();
    assert!(!shed.name.exists());
    assert!(matches!(engine.inspect(name).await, Err(EngineError::NoSuchContainer)));
}

#[tokio::test]
async fn a_stop_lets_programs_end_by_themselves() {
    let shed = Shed::create().await;
    let _running =
        shed.start(sh("trap 'echo ended > /workspace/note; exit' TERM; touch /workspace/ready; while :; do sleep 0.05; done")).await;
    wait_until("the program to run", || shed.look("ls /workspace").contains("ready")).await;
    shed.engine.stop(&shed.container.id, Duration::from_secs(2)).await.unwrap();
    shed.engine.start(&shed.container.id).await.unwrap();
    assert_eq!(shed.look("cat /workspace/note"), "ended\n");
}

#[tokio::test]
async fn a_kept_volume_is_used_again() {
    let shed = Shed::create().await;
    shed.look("echo kept > /workspace/file");
    shed.engine.remove(&shed.container, true).await.unwrap();
    let again = shed.engine.create(&shed.name.spec()).await.unwrap();
    assert_eq!(shed.look("cat /workspace/file"), "kept\n");
    shed.engine.remove(&again, false).await.unwrap();
    assert!(!shed.name.exists());
}

#[tokio::test]
async fn limits_and_labels_are_set() {
    let shed = Shed::create_with(|spec| {
        spec.memory_bytes = Some(256 << 20);
        spec.nano_cpus = Some(500_000_000);
        spec.pids = Some(100);
        spec.repo = Some("https://example.org/a/b".to_owned());
        spec.env.insert("GREETING".to_owned(), "hello".to_owned());
    })
    .await;
    let format = "{{.HostConfig.Memory}} {{.HostConfig.MemorySwap}} {{.HostConfig.NanoCpus}} {{.HostConfig.PidsLimit}} {{.HostConfig.Init}} \
                  {{.HostConfig.RestartPolicy.Name}} {{index .Config.Labels \"shed\"}} {{index .Config.Labels \"shed.repo\"}}";
    let inspected = docker(&["inspect", "--format", format, &shed.name.container()]);
    let text = String::from_utf8(inspected.stdout).unwrap();
    assert_eq!(text.trim(), "268435456 268435456 500000000 100 true unless-stopped true https://example.org/a/b");
    assert_eq!(shed.look("echo $GREETING"), "hello\n");
    assert_eq!(shed.container.repo.as_deref(), Some("https://example.org/a/b"));
}

#[tokio::test]
async fn the_default_profile_has_sudo_and_the_strict_one_has_nothing() {
    let (open, strict) = tokio::join!(Shed::create(), Shed::create_with(|spec| spec.profile = Profile::Strict));
    assert_eq!(open.look("sudo id -u"), "0\n");
    assert_eq!(
        strict.look("sudo -n id -u 2>/dev/null; grep -E 'CapBnd|NoNewPrivs' /proc/self/status | tr -d '\\t'"),
        "CapBnd:0000000000000000\nNoNewPrivs:1\n"
    );
    assert_eq!(strict.container.profile, Profile::Strict);
    assert_eq!(strict.look("touch /workspace/x && ls /workspace"), "x\n");
}

#[tokio::test]
async fn an_image_without_a_workspace_gets_one_that_its_user_can_write_to() {
    let name = Name::new();
    let build = format!("FROM {}\nUSER 0\nRUN rmdir /workspace\nUSER 1000\nWORKDIR /\n", crate::support::image());
    let tag = format!("{}-image", name.container());
    let command = format!("printf '%s' '{build}' | docker build -q -t {tag} - && echo built");
    let built = std::process::Command::new("sh").args(["-c", &command]).output().unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let mut spec = name.spec();
    spec.image.clone_from(&tag);
    let made = engine().create(&spec).await;
    let owner = docker(&["exec", &name.container(), "sh", "-c", "touch /workspace/x && stat -c %u /workspace"]);
    docker(&["rm", "--force", &name.container()]);
    docker(&["rmi", "--force", &tag]);
    made.unwrap();
    assert_eq!(String::from_utf8_lossy(&owner.stdout), "1000\n");
}

#[tokio::test]
async fn a_name_in_use_is_refused_and_nothing_of_the_first_is_touched() {
    let shed = Shed::create().await;
    shed.look("echo first > /workspace/file");
    assert!(matches!(shed.engine.create(&shed.name.spec()).await, Err(EngineError::NameTaken)));
    assert_eq!(shed.look("cat /workspace/file"), "first\n");
}

#[tokio::test]
async fn of_many_creations_of_one_name_one_wins_and_owns_the_volume() {
    let (name, engine) = (Name::new(), engine());
    let specs: Vec<_> = (0..6).map(|_| name.spec()).collect();
    let results = join_all(specs.iter().map(|spec| engine.create(spec))).await;
    assert!(results.iter().all(|result| matches!(result, Ok(_) | Err(EngineError::NameTaken))), "{results:?}");
    let won: Vec<_> = specs.iter().zip(&results).filter(|(_, result)| result.is_ok()).collect();
    assert_eq!(won.len(), 1, "{results:?}");
    let owner = docker(&["volume", "inspect", "--format", "{{index .Labels \"shed.create_id\"}}", &name.volume()]);
    assert_eq!(String::from_utf8_lossy(&owner.stdout).trim(), won[0].0.create_id);
}

#[tokio::test]
async fn a_creation_that_fails_late_leaves_nothing_that_was_not_there() {
    let (name, engine) = (Name::new(), engine());
    // Known to Docker when it starts the container, which is after it has made everything.
    let mut broken = name.spec();
    broken.mounts.push(Mount { source: "/etc".to_owned(), target: "/proc/x".to_owned(), read_only: true });
    engine.create(&broken).await.unwrap_err();
    assert!(!name.exists());

    assert!(docker(&["volume", "create", &name.volume()]).status.success());
    engine.create(&broken).await.unwrap_err();
    assert!(docker(&["volume", "inspect", &name.volume()]).status.success(), "the volume was there before");
    assert!(matches!(engine.inspect(&name.0).await, Err(EngineError::NoSuchContainer)));
}

#[tokio::test]
async fn another_s_volume_is_refused_and_stays() {
    let name = Name::new();
    docker(&["volume", "create", "--label", "shed.name=somebody-else", &name.volume()]);
    let refused = engine().create(&name.spec()).await;
    assert!(matches!(&refused, Err(EngineError::Other(text)) if text.contains(&name.volume())), "{refused:?}");
    assert!(docker(&["volume", "inspect", &name.volume()]).status.success());
}

#[tokio::test]
async fn a_read_only_mount_can_be_read_and_no_more() {
    let host = tempfile::tempdir().unwrap();
    std::fs::write(host.path().join("secret"), "from the host").unwrap();
    let source = host.path().to_str().unwrap().to_owned();
    let shed = Shed::create_with(|spec| spec.mounts.push(Mount { source, target: "/mnt/host".to_owned(), read_only: true })).await;
    assert_eq!(shed.look("sudo cat /mnt/host/secret; sudo touch /mnt/host/x 2>/dev/null; echo \" $?\""), "from the host 1\n");
}

#[tokio::test]
async fn an_image_without_a_shell_is_refused_and_leaves_nothing() {
    let name = Name::new();
    let tag = format!("{}-image", name.container());
    let made = std::process::Command::new("sh").args(["-c", &format!("tar c -C / etc/hostname | docker import - {tag}")]).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let mut spec = name.spec();
    spec.image.clone_from(&tag);
    let refused = engine().create(&spec).await;
    docker(&["rmi", "--force", &tag]);
    assert!(matches!(&refused, Err(EngineError::CannotRun(text)) if text.contains("/bin/sh")), "{refused:?}");
    assert!(!name.exists());
}

#[tokio::test]
async fn a_missing_image_is_told_with_the_reason() {
    let missing = engine().ensure_image("localhost:1/no/such:image", &|_| ()).await;
    assert!(matches!(&missing, Err(EngineError::NoSuchImage { reason, .. }) if !reason.is_empty()), "{missing:?}");
    engine().ensure_image(&crate::support::image(), &|line| panic!("{line}")).await.unwrap();
}

#[tokio::test]
async fn leftovers_of_a_creation_are_found_by_its_id() {
    let shed = Shed::create().await;
    let id = docker(&["inspect", "--format", "{{index .Config.Labels \"shed.create_id\"}}", &shed.name.container()]);
    shed.engine.remove_leftovers(String::from_utf8_lossy(&id.stdout).trim()).await.unwrap();
    assert!(!shed.name.exists());
    shed.engine.remove_leftovers("no-such-creation").await.unwrap();
}

#[tokio::test]
async fn without_a_daemon_every_call_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let away = DockerEngine::connect(Some(&format!("unix://{}/docker.sock", folder.path().display())), Uuid::new_v4()).unwrap();
    assert!(matches!(away.ping().await, Err(EngineError::Unavailable(_))));
    assert!(matches!(away.list().await, Err(EngineError::Unavailable(_))));
    assert!(matches!(away.create(&Name::new().spec()).await, Err(EngineError::Unavailable(_))));
}
