//! `shed next`

use jiff::Timestamp;
use shed_client::{Client, SessionQuery};
use shed_core::{ShedName, time::lasted, wire::Session};

use super::attach_to;
use crate::{Context, Failure, args::Next, attention, context::Remote, locate, output};

/// Attaches to the session that has waited longest; the result is the remote exit code.
pub async fn next(context: &Context, args: Next) -> Result<u8, Failure> {
    let everything = |client: Client| async move { client.list_all_sessions(&SessionQuery::default()).await };
    let mut gathered = locate::ask(context.searched()?, everything).await;
    gathered.only_failure(context)?;
    gathered.warn();
    let of_server =
        |(remote, list): (Remote, shed_core::wire::SessionList)| list.sessions.into_iter().map(move |session| (remote.clone(), session));
    let waiting = gathered.answers.into_iter().flat_map(of_server).filter(|(_, session)| session.status.is_waiting());
    let Some((remote, session)) = waiting.min_by_key(|(_, session)| order(session)) else {
        return Err(Failure::new("no session waits for you").hint("see what there is with `shed sessions --all`"));
    };
    if args.print {
        output::data(&output::clean(&format!("{} {} {}", remote.name, session.shed_name, session.name)))?;
        output::data("\n")?;
        return Ok(0);
    }
    let waited = lasted(attention::since(&session), Timestamp::now());
    output::say(&format!("session `{}` in shed `{}` on server `{}` has waited for {waited}", session.name, session.shed_name, remote.name));
    let (shed, name) = (ShedName::new(session.shed_name)?, locate::session_ref(&session.name)?);
    attach_to(context, &remote, &shed, &name, true).await
}

/// The longest wait first; where somebody is attached already, somebody sees it.
fn order(session: &Session) -> (bool, Timestamp) {
    (session.attached, attention::since(session))
}
