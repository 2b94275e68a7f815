//! What each command does.

mod attach;
mod create;
mod doctor;
mod exec;
mod history;
mod next;
mod notify;
mod server;
mod sessions;
mod sheds;
mod ssh_config;
mod tools;
mod watch;

pub(crate) use attach::attach_to;

use crate::{
    Context, Failure,
    args::{Cli, Command},
};

/// Runs one command line; the result is the exit code.
///
/// # Errors
/// A [`Failure`] with its exit code.
pub async fn run(cli: Cli) -> Result<u8, Failure> {
    let context = || Context::load(cli.global.server.clone());
    match cli.command {
        Command::Attach(args) => attach::attach(&context()?, args).await,
        Command::Console(args) => exec::console(&context()?, args).await,
        Command::Exec(args) => exec::exec(&context()?, args).await,
        Command::Sessions(args) => sessions::run(&context()?, args).await,
        Command::Watch(_) => watch::watch(&context()?).await,
        Command::Next(args) => next::next(&context()?, args).await,
        Command::Notify(args) => notify::notify(&context()?, args).await,
        Command::Create(args) => create::create(&context()?, args).await,
        Command::List(args) => sheds::list(&context()?, args).await,
        Command::Info(args) => sheds::info(&context()?, args).await,
        Command::Start(args) => sheds::act(&context()?, args, sheds::Action::Start).await,
        Command::Stop(args) => sheds::act(&context()?, args, sheds::Action::Stop).await,
        Command::Restart(args) => sheds::act(&context()?, args, sheds::Action::Restart).await,
        Command::Delete(args) => sheds::delete(&context()?, args).await,
        Command::Stats(args) => history::stats(&context()?, args).await,
        Command::History(args) => history::history(&context()?, args).await,
        Command::Server(command) => server::run(command).await,
        Command::SshConfig(command) => ssh_config::run(&context()?, command).await,
        Command::Doctor(args) => doctor::doctor(cli.global.server.as_deref(), args).await,
        Command::Completions(args) => tools::completions(args),
        Command::Man(args) => tools::man(args),
    }
}
