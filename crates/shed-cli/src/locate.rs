//! Finds sheds and sessions by asking all servers at once. Nothing is remembered: a shed that moved, or a second one of
//! the same name, is noticed by the very next command.

use futures_util::future::join_all;
use shed_client::{Client, ClientError, SessionQuery};
use shed_core::{SessionRef, wire};

use crate::{
    Context, Failure,
    args::{OneSession, OneShed},
    context::Remote,
    is_interactive, output,
    pattern::{Candidate, Rules, choose},
};

/// A shed and the server that it is on.
#[derive(Debug, Clone)]
pub struct Found {
    /// The server.
    pub remote: Remote,
    /// The shed.
    pub shed: wire::Shed,
}

impl Found {
    /// The shed's name.
    pub fn name(&self) -> &str {
        self.shed.name.as_str()
    }

    /// A client of its server.
    pub fn client(&self) -> &Client {
        &self.remote.client
    }
}

/// What all asked servers said.
#[derive(Debug)]
pub struct Gathered<T> {
    /// The answers.
    pub answers: Vec<(Remote, T)>,
    /// The servers without one, and why.
    pub failed: Vec<(String, ClientError)>,
}

/// Asks every server the same at the same time.
pub async fn ask<T, F: Future<Output = Result<T, ClientError>>>(remotes: Vec<Remote>, question: impl Fn(Client) -> F) -> Gathered<T> {
    let answers = join_all(remotes.into_iter().map(|remote| {
        let asked = remote.asking().map(&question);
        async move {
            match asked {
                Ok(answer) => (remote, answer.await),
                Err(error) => (remote, Err(error)),
            }
        }
    }));
    let mut gathered = Gathered { answers: Vec::new(), failed: Vec::new() };
    for (remote, answer) in answers.await {
        match answer {
            Ok(answer) => gathered.answers.push((remote, answer)),
            Err(error) => gathered.failed.push((remote.name, error)),
        }
    }
    gathered
}

impl<T> Gathered<T> {
    /// Warns of every server without an answer.
    pub fn warn(&self) {
        for (name, error) in &self.failed {
            output::warn(&format!("server `{name}` could not be asked: {error}"));
        }
    }

    /// The failure, if the one server that was named had no answer.
    ///
    /// # Errors
    /// That failure.
    pub fn only_failure(&mut self, context: &Context) -> Result<(), Failure> {
        match self.failed.pop() {
            Some((_, error)) if context.named.is_some() || (self.answers.is_empty() && self.failed.is_empty()) => Err(error.into()),
            Some(other) => {
                self.failed.push(other);
                Ok(())
            }
            None => Ok(()),
        }
    }
}

/// Asks the searched servers for their sheds.
async fn sheds(context: &Context) -> Result<Gathered<wire::ShedList>, Failure> {
    let mut gathered = ask(context.searched()?, |client| async move { client.list_sheds().await }).await;
    gathered.only_failure(context)?;
    gathered.warn();
    Ok(gathered)
}

/// The shed that is meant.
///
/// # Errors
/// A [`Failure`] that lists the candidates, or says which servers could not be asked.
pub async fn shed(context: &Context, args: &OneShed, part_is_enough: bool) -> Result<Found, Failure> {
    let gathered = sheds(context).await?;
    let failed: Vec<String> = gathered.failed.iter().map(|(name, _)| name.clone()).collect();
    let pattern = args.shed.as_deref();
    let nothing = || not_found(pattern, &failed, context);
    choose(pattern, shed_candidates(gathered, context), rules("shed", args.interactive, part_is_enough), nothing)
}

/// The shed that is meant by a required argument.
///
/// # Errors
/// As [`shed`].
pub async fn shed_named(context: &Context, name: &str) -> Result<Found, Failure> {
    shed(context, &OneShed { shed: Some(name.to_owned()), interactive: false }, true).await
}

fn shed_candidates(gathered: Gathered<wire::ShedList>, context: &Context) -> Vec<Candidate<Found>> {
    let several = context.config.servers.len() > 1 && context.named.is_none();
    let of_server = |(remote, list): (Remote, wire::ShedList)| {
        list.sheds.into_iter().map(move |shed| {
            let name = shed.name.to_string();
            let label = if several { format!("{name} ({})", remote.name) } else { name.clone() };
            Candidate { name, label, value: Found { remote: remote.clone(), shed } }
        })
    };
    gathered.answers.into_iter().flat_map(of_server).collect()
}

fn rules(what: &'static str, ask: bool, part_is_enough: bool) -> Rules {
    Rules { what, ask, part_is_enough, person: is_interactive() }
}

fn not_found(pattern: Option<&str>, failed: &[String], context: &Context) -> Failure {
    let mut message = match (pattern, &context.named) {
        (Some(pattern), Some(server)) => format!("shed `{pattern}` not found on server `{server}`"),
        (Some(pattern), None) => format!("shed `{pattern}` not found"),
        (None, _) => "there are no sheds".to_owned(),
    };
    if !failed.is_empty() {
        let names = failed.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        message.push_str(&format!("; could not be asked: {names}"));
    }
    let hint = match pattern {
        Some(name) if shed_core::ShedName::new(name).is_ok() => {
            format!("see what there is with `shed list --all`, or make it with `shed create {name}`")
        }
        _ => "see what there is with `shed list --all`".to_owned(),
    };
    Failure::new(message).hint(hint)
}

/// The session that is meant, and its shed.
///
/// # Errors
/// As [`shed`].
pub async fn session(context: &Context, args: &OneSession, part_is_enough: bool) -> Result<(Found, wire::Session), Failure> {
    let Some(name) = &args.shed else {
        return any_session(context, None, args.interactive, part_is_enough, false)
            .await
            .map(|target| (target.found, target.session))
            .and_then(|(found, session)| session.map(|session| (found, session)).ok_or_else(|| Failure::new("there are no sessions")));
    };
    let found = shed(context, &OneShed { shed: Some(name.clone()), interactive: false }, part_is_enough).await?;
    let list = found.client().list_sessions(found.name()).await?;
    let pattern = args.session.as_deref();
    let candidates = list.sessions.into_iter().map(|session| {
        let name = session.name.clone();
        Candidate { label: name.clone(), name, value: session }
    });
    let nothing = || match pattern {
        Some(pattern) => Failure::new(format!("session `{pattern}` not found in shed `{}`", found.name()))
            .hint(format!("see what there is with `shed sessions {}`", found.name())),
        None => {
            Failure::new(format!("shed `{}` has no sessions", found.name())).hint(format!("make one with `shed attach {}`", found.name()))
        }
    };
    let session = choose(pattern, candidates.collect(), rules("session", args.interactive, part_is_enough), nothing)?;
    Ok((found, session))
}

/// A session, or a shed whose default session is meant.
#[derive(Debug, Clone)]
pub struct Target {
    /// The shed.
    pub found: Found,
    /// The session; none stands for the shed's default one.
    pub session: Option<wire::Session>,
}

/// Chooses among the sessions of all sheds, and with `with_sheds` among the sheds too: the name of a shed is exact then.
///
/// # Errors
/// As [`shed`].
pub async fn any_session(
    context: &Context,
    pattern: Option<&str>,
    interactive: bool,
    part_is_enough: bool,
    with_sheds: bool,
) -> Result<Target, Failure> {
    let everything = |client: Client| async move {
        let query = SessionQuery::default();
        tokio::try_join!(client.list_sheds(), client.list_all_sessions(&query))
    };
    let mut gathered = ask(context.searched()?, everything).await;
    gathered.only_failure(context)?;
    gathered.warn();
    let failed: Vec<String> = gathered.failed.iter().map(|(name, _)| name.clone()).collect();
    let several = context.config.servers.len() > 1 && context.named.is_none();
    let mut candidates = Vec::new();
    for (remote, (sheds, sessions)) in gathered.answers {
        let place = if several { format!(" ({})", remote.name) } else { String::new() };
        for shed in sheds.sheds {
            let found = Found { remote: remote.clone(), shed };
            for session in sessions.sessions.iter().filter(|session| session.shed_name == found.name()) {
                let label = format!("{}/{}{place}", found.name(), session.name);
                let value = Target { found: found.clone(), session: Some(session.clone()) };
                candidates.push(Candidate { name: format!("{}/{}", found.name(), session.name), label, value });
            }
            if with_sheds {
                let (name, label) = (found.name().to_owned(), format!("{}{place}", found.name()));
                candidates.push(Candidate { name, label, value: Target { found, session: None } });
            }
        }
    }
    choose(pattern, candidates, rules("session", interactive, part_is_enough), || match pattern {
        Some(_) => not_found(pattern, &failed, context),
        None => Failure::new("there are no sessions").hint("make one with `shed attach SHED`"),
    })
}

/// A session's name as the user gave it.
///
/// # Errors
/// A [`Failure`] for a text that no session can have.
pub fn session_ref(name: &str) -> Result<SessionRef, Failure> {
    SessionRef::new(name).map_err(Failure::from)
}

/// The shed of exactly this name, if any server has one.
///
/// # Errors
/// A [`Failure`] if several servers have one, or the one that was named had no answer.
pub async fn exact_shed(context: &Context, name: &str) -> Result<Option<Found>, Failure> {
    let mut candidates = shed_candidates(sheds(context).await?, context);
    candidates.retain(|candidate| candidate.name == name);
    match candidates.len() {
        0 | 1 => Ok(candidates.pop().map(|candidate| candidate.value)),
        _ => Err(crate::pattern::same_name(name, "shed", &candidates)),
    }
}
