//! `shed sessions …`

mod list;
mod one;
mod watch;

use crate::{
    Context, Failure,
    args::{SessionsArgs, SessionsCommand},
};

/// `shed sessions …`
pub async fn run(context: &Context, args: SessionsArgs) -> Result<u8, Failure> {
    match args.command {
        None => list::list(context, args.list).await,
        Some(SessionsCommand::List(args)) => list::list(context, args).await,
        Some(SessionsCommand::New(args)) => one::new(context, args).await,
        Some(SessionsCommand::Info(args)) => one::info(context, args).await,
        Some(SessionsCommand::Rename(args)) => one::rename(context, args).await,
        Some(SessionsCommand::Kill(args)) => one::kill(context, args).await,
        Some(SessionsCommand::Send(args)) => one::send(context, args).await,
        Some(SessionsCommand::Screen(args)) => one::screen(context, args).await,
    }
}
