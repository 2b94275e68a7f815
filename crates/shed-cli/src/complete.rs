//! Completion of live names: the shell asks, we ask the servers, and say nothing rather than be slow.

use std::{ffi::OsStr, time::Duration};

use clap_complete::CompletionCandidate;
use shed_client::SessionQuery;

use crate::{
    Context,
    context::Remote,
    locate::{Gathered, ask},
};

/// The longest time that a person waits for a Tab.
const PATIENCE: Duration = Duration::from_millis(1500);

/// The names of the configured servers.
#[must_use]
pub fn servers(current: &OsStr) -> Vec<CompletionCandidate> {
    let Some(context) = context() else { return Vec::new() };
    let names = context.config.servers.iter().map(|(name, server)| (name.clone(), server.url.clone()));
    candidates(names.collect(), current)
}

/// The names of all sheds.
#[must_use]
pub fn sheds(current: &OsStr) -> Vec<CompletionCandidate> {
    let asked = on_servers(|remotes| ask(remotes, |client| async move { client.list_sheds().await }));
    let Some(gathered) = asked else { return Vec::new() };
    let of_server = |(remote, list): (Remote, shed_core::wire::ShedList)| {
        list.sheds.into_iter().map(move |shed| (shed.name.to_string(), format!("{} on {}", shed.status.as_str(), remote.name)))
    };
    candidates(gathered.answers.into_iter().flat_map(of_server).collect(), current)
}

/// The names of the sessions, of the shed on the command line if there is one.
#[must_use]
pub fn sessions(current: &OsStr) -> Vec<CompletionCandidate> {
    let asked = on_servers(|remotes| ask(remotes, |client| async move { client.list_all_sessions(&SessionQuery::default()).await }));
    let Some(gathered) = asked else { return Vec::new() };
    let all: Vec<_> = gathered.answers.into_iter().flat_map(|(_, list)| list.sessions).collect();
    let words: Vec<String> = std::env::args().skip(2).collect();
    let named = all.iter().any(|session| words.contains(&session.shed_name));
    let wanted = all.into_iter().filter(|session| !named || words.contains(&session.shed_name));
    candidates(wanted.map(|session| (session.name, format!("in {}", session.shed_name))).collect(), current)
}

/// The ids of conversations that an agent can go on with.
#[must_use]
pub fn conversations(current: &OsStr) -> Vec<CompletionCandidate> {
    let asked = on_servers(|remotes| ask(remotes, |client| async move { client.list_all_sessions(&SessionQuery::default()).await }));
    let Some(gathered) = asked else { return Vec::new() };
    let all = gathered.answers.into_iter().flat_map(|(_, list)| list.sessions);
    let named = |session: shed_core::wire::Session| {
        let what = format!("{} in session {} of {}", session.agent.unwrap_or_default(), session.name, session.shed_name);
        session.conversation_id.map(|id| (id, what))
    };
    candidates(all.filter_map(named).collect(), current)
}

/// The agents that shed knows; any other command is one too.
#[must_use]
pub fn agents(current: &OsStr) -> Vec<CompletionCandidate> {
    candidates(["claude", "opencode", "codex"].map(|name| (name.to_owned(), "an agent".to_owned())).to_vec(), current)
}

fn context() -> Option<Context> {
    let mut words = std::env::args().skip_while(|word| word != "-s" && word != "--server");
    let named = words.nth(1).filter(|name| !name.is_empty());
    let mut context = Context::load(None).ok()?;
    context.named = named.filter(|name| context.config.servers.contains_key(name));
    Some(context)
}

/// Asks the servers, within the patience of a person.
fn on_servers<T, F: Future<Output = Gathered<T>>>(question: impl FnOnce(Vec<Remote>) -> F) -> Option<Gathered<T>> {
    let remotes = context()?.searched().ok()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
    runtime.block_on(async { tokio::time::timeout(PATIENCE, question(remotes)).await.ok() })
}

fn candidates(mut names: Vec<(String, String)>, current: &OsStr) -> Vec<CompletionCandidate> {
    let prefix = current.to_string_lossy();
    names.retain(|(name, _)| name.starts_with(prefix.as_ref()));
    names.sort();
    names.dedup_by(|a, b| a.0 == b.0);
    names.into_iter().map(|(name, help)| CompletionCandidate::new(name).help(Some(help.into()))).collect()
}
