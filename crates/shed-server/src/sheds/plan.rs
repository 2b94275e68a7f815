//! Checking a request for a new shed, before anything is made and before the first byte of an event stream.

use shed_core::{ErrorCode, ShedName, wire::CreateShed};

use super::{env, repo::Repo, units};
use crate::{Error, app::App, config::Sheds, engine::ContainerSpec, engine::Mount};

/// A request that passed every check which needs no engine.
#[derive(Debug, Clone)]
pub struct NewShed {
    pub(super) spec: ContainerSpec,
    pub(super) repo: Option<Repo>,
    pub(super) keep_on_clone_failure: bool,
}

impl NewShed {
    /// The new shed's name.
    #[must_use]
    pub fn name(&self) -> &ShedName {
        &self.spec.shed
    }
}

impl App {
    /// Checks the request and fills in what it leaves to the configuration.
    ///
    /// # Errors
    /// `INVALID_SHED_NAME`, `INVALID_REQUEST`; `INTERNAL_ERROR` if the configured environment file can't be read.
    pub fn plan_shed(&self, request: CreateShed) -> Result<NewShed, Error> {
        let defaults = &self.config.sheds;
        let shed = ShedName::new(request.name)?;
        let repo = request.repo.as_deref().map(Repo::parse).transpose().map_err(Error::invalid)?;
        let image = request.image.unwrap_or_else(|| defaults.default_image.clone());
        check_image(&image)?;
        env::check(&request.env).map_err(Error::invalid)?;
        let memory = request.memory.as_deref().or(defaults.memory.as_deref()).map(units::memory).transpose().map_err(Error::invalid)?;
        let cpus = request.cpus.or(defaults.cpus).map(units::nano_cpus).transpose().map_err(Error::invalid)?;
        let pids = request.pids.or(defaults.pids).map(units::pids).transpose().map_err(Error::invalid)?;
        let mut all_env = configured_env(defaults)?;
        all_env.extend(request.env);
        let spec = ContainerSpec {
            shed,
            create_id: uuid::Uuid::new_v4().to_string(),
            server: self.server_id.clone(),
            image,
            repo: repo.as_ref().map(|repo| repo.url.clone()),
            profile: request.profile.unwrap_or(defaults.profile),
            env: all_env,
            mounts: configured_mounts(defaults),
            memory_bytes: memory,
            nano_cpus: cpus,
            pids,
        };
        Ok(NewShed { spec, repo, keep_on_clone_failure: request.keep_on_clone_failure })
    }
}

fn check_image(image: &str) -> Result<(), Error> {
    let good = !image.is_empty() && image.len() <= 512 && !image.starts_with('-') && image.chars().all(|c| c.is_ascii_graphic());
    if good { Ok(()) } else { Err(Error::invalid("the image is not a reference such as `debian:trixie-slim`")) }
}

fn configured_env(defaults: &Sheds) -> Result<std::collections::BTreeMap<String, String>, Error> {
    let Some(path) = &defaults.env_file else { return Ok(std::collections::BTreeMap::new()) };
    let fault = |what: String| {
        Error::new(ErrorCode::InternalError, format!("the server's env_file `{}` can't be used: {what}", path.display()))
            .hint("mend the file or `env_file` under [sheds] in the server's configuration")
    };
    let text = std::fs::read_to_string(path).map_err(|error| fault(error.to_string()))?;
    env::parse_file(&text).map_err(fault)
}

/// What exists of the configured paths. Docker would make a missing one as an empty directory of root.
fn configured_mounts(defaults: &Sheds) -> Vec<Mount> {
    let home = std::env::var("HOME").unwrap_or_default();
    let mounts = defaults.credentials.iter().map(|entry| Mount {
        source: entry.source.strip_prefix("~/").map_or_else(|| entry.source.clone(), |rest| format!("{home}/{rest}")),
        target: entry.target.clone(),
        read_only: entry.read_only,
    });
    mounts
        .filter(|mount| {
            let there = std::path::Path::new(&mount.source).exists();
            if !there {
                tracing::warn!(source = %mount.source, "a path of [[sheds.credentials]] does not exist; the shed goes without it");
            }
            there
        })
        .collect()
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
