//! `shed attach`: the system's ssh in the foreground, again and again while only the network fails.

use shed_client::ClientError;
use shed_core::{ErrorCode, SessionRef, ShedName, names::DEFAULT_SESSION, wire::CreateSession};

use crate::{
    Context, Failure,
    args::Attach,
    context::Remote,
    locate::{self, Found},
    output,
    ssh::{
        SshCommand,
        command::Tty,
        quote,
        reconnect::{self, StillThere},
    },
};

/// Attaches; the result is the remote exit code.
pub async fn attach(context: &Context, args: Attach) -> Result<u8, Failure> {
    let (found, session) = target(context, &args).await?;
    let session = locate::session_ref(&session)?;
    if args.new || !args.command.is_empty() {
        make(&found, &session, &args).await?;
    }
    attach_to(context, &found.remote, &found.shed.name, &session, !args.no_reconnect).await
}

/// Attaches to a session of a shed that was found before.
///
/// # Errors
/// A [`Failure`] as [`reconnect::run`].
pub(crate) async fn attach_to(
    context: &Context,
    remote: &Remote,
    shed: &ShedName,
    session: &SessionRef,
    reconnect: bool,
) -> Result<u8, Failure> {
    let ssh = SshCommand::new(&context.paths, &remote.server, shed, Tty::Yes).attaching(session);
    reconnect::run(ssh, reconnect, async || still_there(remote, shed, session).await).await
}

/// The shed, and the session's name.
async fn target(context: &Context, args: &Attach) -> Result<(Found, String), Failure> {
    let pattern = args.shed.shed.as_deref();
    if let Some(session) = &args.session {
        return Ok((locate::shed(context, &args.shed, true).await?, session.clone()));
    }
    if let (Some(name), false) = (pattern, args.shed.interactive)
        && let Some(found) = locate::exact_shed(context, name).await?
    {
        return Ok((found, DEFAULT_SESSION.to_owned()));
    }
    if args.new {
        return Ok((locate::shed(context, &args.shed, true).await?, DEFAULT_SESSION.to_owned()));
    }
    let target = locate::any_session(context, pattern, args.shed.interactive, true, true).await?;
    let session = target.session.map_or_else(|| DEFAULT_SESSION.to_owned(), |session| session.name);
    Ok((target.found, session))
}

/// Makes the session through the API, which decides whether it is there: a list before would be a race.
async fn make(found: &Found, session: &SessionRef, args: &Attach) -> Result<(), Failure> {
    let command = quote::command_line(&args.command)?;
    let with_command = command.is_some();
    let request = CreateSession { name: Some(session.to_string()), command, ..CreateSession::default() };
    match found.client().create_session(found.name(), &request).await {
        Ok(_) => Ok(()),
        Err(error) if error.code() == Some(ErrorCode::SessionAlreadyExists) && !args.new => {
            if with_command {
                output::say(&format!("session `{session}` is there already; the command was not started again"));
            }
            Ok(())
        }
        Err(error) if error.code() == Some(ErrorCode::SessionAlreadyExists) => Err(Failure::new(error.to_string())
            .hint(format!("attach to it with `shed attach {} -S {session}`, or choose another name", found.name()))),
        Err(error) => Err(error.into()),
    }
}

/// Whether there is still something to come back to.
async fn still_there(remote: &Remote, shed: &ShedName, session: &SessionRef) -> StillThere {
    let Ok(client) = remote.asking() else { return StillThere::NotKnown };
    match client.session(shed.as_str(), session.as_str()).await {
        Ok(_) => StillThere::Yes,
        Err(ClientError::Api { body, .. }) => match body.code {
            ErrorCode::SessionNotFound
            | ErrorCode::ShedNotFound
            | ErrorCode::ShedAlreadyStopped
            | ErrorCode::ShedPaused
            | ErrorCode::Unauthorized
            | ErrorCode::InvalidSessionName => StillThere::No(body.message),
            // The engine or the server is in trouble, which passes.
            _ => StillThere::NotKnown,
        },
        Err(_) => StillThere::NotKnown,
    }
}
