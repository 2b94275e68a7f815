//! What a request for a shed becomes, before any engine is asked.

use std::{fs, sync::Arc};

use shed_core::{
    ErrorCode,
    wire::{CreateShed, Profile},
};
use uuid::Uuid;

use super::NewShed;
use crate::{
    Error,
    app::App,
    config::{Config, Credential},
    engine::docker::DockerEngine,
    store::Store,
};

/// Nothing listens there; planning must not need an engine.
const NO_ENGINE: &str = "unix:///nonexistent/docker.sock";

fn plan(change: impl FnOnce(&mut Config), request: CreateShed) -> Result<NewShed, Error> {
    let mut config = Config::default();
    change(&mut config);
    let engine = DockerEngine::connect(Some(NO_ENGINE), Uuid::nil()).unwrap();
    App::new(Arc::new(engine), Store::in_memory().unwrap(), config, "me".to_owned()).plan_shed(request)
}

#[tokio::test]
async fn what_is_not_asked_for_comes_from_the_configuration() {
    let folder = tempfile::tempdir().unwrap();
    let env_file = folder.path().join("env");
    fs::write(&env_file, "KEY=from-file\nOTHER=kept\n").unwrap();
    let there = folder.path().display().to_string();
    let configure = |config: &mut Config| {
        config.sheds.memory = Some("2g".to_owned());
        config.sheds.cpus = Some(1.5);
        config.sheds.profile = Profile::Strict;
        config.sheds.env_file = Some(env_file);
        let credential = |source: &str| Credential { source: source.to_owned(), target: "/creds".to_owned(), read_only: true };
        config.sheds.credentials = vec![credential(&there), credential("/nonexistent/credentials")];
    };
    let mut request = CreateShed::named("proj");
    request.env.insert("KEY".to_owned(), "from-request".to_owned());
    let spec = plan(configure, request).unwrap().spec;
    assert_eq!((spec.image.as_str(), spec.profile, spec.server.as_str()), ("shed-base:latest", Profile::Strict, "me"));
    assert_eq!((spec.memory_bytes, spec.nano_cpus, spec.pids), (Some(2 << 30), Some(1_500_000_000), Some(4096)));
    assert_eq!(
        spec.env.into_iter().collect::<Vec<_>>(),
        [("KEY", "from-request"), ("OTHER", "kept")].map(|(k, v)| (k.to_owned(), v.to_owned()))
    );
    assert_eq!(spec.mounts.iter().map(|mount| mount.source.as_str()).collect::<Vec<_>>(), [there.as_str()]);
}

#[tokio::test]
async fn every_wrong_part_is_refused_by_name() {
    let base = || CreateShed::named("proj");
    let cases: [(CreateShed, ErrorCode, &str); 8] = [
        (CreateShed::named("../x"), ErrorCode::InvalidShedName, "shed name"),
        (CreateShed { image: Some("a b".to_owned()), ..base() }, ErrorCode::InvalidRequest, "image"),
        (CreateShed { image: Some("-v".to_owned()), ..base() }, ErrorCode::InvalidRequest, "image"),
        (CreateShed { repo: Some("--upload-pack=id".to_owned()), ..base() }, ErrorCode::InvalidRequest, "repository"),
        (CreateShed { memory: Some("lots".to_owned()), ..base() }, ErrorCode::InvalidRequest, "memory"),
        (CreateShed { cpus: Some(0.0), ..base() }, ErrorCode::InvalidRequest, "cpus"),
        (CreateShed { pids: Some(0), ..base() }, ErrorCode::InvalidRequest, "pids"),
        (CreateShed { env: [("A B".to_owned(), String::new())].into(), ..base() }, ErrorCode::InvalidRequest, "environment"),
    ];
    for (request, code, word) in cases {
        let error = plan(|_| (), request).unwrap_err();
        assert_eq!(error.code, code);
        assert!(error.message.contains(word), "{}", error.message);
    }
}

#[tokio::test]
async fn a_broken_env_file_is_the_server_s_fault_and_shows_no_value() {
    let folder = tempfile::tempdir().unwrap();
    let env_file = folder.path().join("env");
    fs::write(&env_file, "A=1\nhunter2\n").unwrap();
    let error = plan(|config| config.sheds.env_file = Some(env_file), CreateShed::named("proj")).unwrap_err();
    assert_eq!(error.code, ErrorCode::InternalError);
    assert!(error.message.contains("line 2") && !error.message.contains("hunter2"), "{}", error.message);
}
