//! The command line of `shed-server`.

use std::{
    io::{self, IsTerminal, Read, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Args, Parser, Subcommand};
use shed_core::{ErrorCode, time::ago, wire::AddSshKey};
use tracing_subscriber::EnvFilter;

use crate::{
    Error,
    access::{keys, tokens},
    api,
    config::{Config, ConfigError},
    log,
    notify::Notifier,
    serve::{self, ServeError},
    store::{Store, StoreError},
};

/// Runs coding agents in tmux sessions inside per-project containers.
#[derive(Debug, Parser)]
#[command(name = "shed-server", version, about, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Args)]
struct Common {
    /// The configuration (TOML); without one the defaults hold
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server in the foreground
    ///
    /// Example: shed-server serve --config /etc/shed/server.toml
    Serve(Common),
    /// Tokens of the HTTP API
    Token {
        #[command(subcommand)]
        command: TokenCommand,
        #[command(flatten)]
        common: Common,
    },
    /// SSH public keys that may log in
    Key {
        #[command(subcommand)]
        command: KeyCommand,
        #[command(flatten)]
        common: Common,
    },
    /// Who is told when a session waits, completes or fails
    Notify {
        #[command(subcommand)]
        command: NotifyCommand,
        #[command(flatten)]
        common: Common,
    },
    /// Print the contract of the HTTP API
    Openapi,
}

#[derive(Debug, Subcommand)]
enum TokenCommand {
    /// Make a token and print it; it can't be shown again
    ///
    /// Example: shed-server token create --name laptop
    Create(Named),
    /// List the names of all tokens
    List,
    /// Make a token useless at once
    Revoke(Named),
}

#[derive(Debug, Subcommand)]
enum KeyCommand {
    /// Register the public key on standard input
    ///
    /// Example: shed-server key add --name ada < ~/.ssh/id_ed25519.pub
    Add {
        /// Whose it is; the key's comment when not given
        #[arg(long)]
        name: Option<String>,
    },
    /// List all keys
    List,
    /// Shut a key out, by its name or fingerprint
    Remove(Named),
}

#[derive(Debug, Subcommand)]
enum NotifyCommand {
    /// Send a test message to every webhook and topic of the configuration
    ///
    /// Example: shed-server notify test --config /etc/shed/server.toml
    Test,
}

#[derive(Debug, Args)]
struct Named {
    /// The name
    #[arg(long)]
    name: String,
}

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
enum CliError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Serve(#[from] ServeError),
    #[error(transparent)]
    UseCase(#[from] Error),
    #[error("{0}")]
    Io(#[from] io::Error),
}

impl From<StoreError> for CliError {
    fn from(error: StoreError) -> Self {
        match error {
            // Here there is no other log than the terminal.
            StoreError::NameTaken(_) => Self::UseCase(error.into()),
            other => Self::Serve(other.into()),
        }
    }
}

impl CliError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Config(error) => error.hint(),
            Self::Serve(error) => error.hint(),
            Self::UseCase(error) => error.hint.clone(),
            Self::Io(_) => None,
        }
    }
}

/// Reads the arguments and does what they say. Data goes to stdout, everything else to stderr.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let mut stderr = io::stderr().lock();
            let _ = writeln!(stderr, "error: {error}");
            if let Some(hint) = error.hint() {
                let _ = writeln!(stderr, "hint: {hint}");
            }
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<(), CliError> {
    match command {
        Command::Serve(common) => {
            log_to_stderr();
            let config = Config::load(common.config.as_deref())?;
            let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
            let served = runtime.block_on(serve::serve(config));
            // What is still blocked (a slow disk, a name lookup) must not hold up the end.
            runtime.shutdown_background();
            Ok(served?)
        }
        Command::Token { command, common } => token(command, &open(common.config.as_deref())?),
        Command::Key { command, common } => key(command, &open(common.config.as_deref())?),
        Command::Notify { command: NotifyCommand::Test, common } => notify_test(&Config::load(common.config.as_deref())?),
        Command::Openapi => print(api::OPENAPI),
    }
}

/// `SHED_LOG`, else `RUST_LOG`, else `info`, in the syntax of tracing's filters.
fn log_to_stderr() {
    let filter = ["SHED_LOG", "RUST_LOG"].iter().find_map(|name| log::filter(&std::env::var(name).ok()?));
    tracing_subscriber::fmt()
        .with_env_filter(filter.unwrap_or_else(|| EnvFilter::new("info")))
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()))
        .init();
}

/// The store of the configured server, which may run at the same time.
fn open(config: Option<&Path>) -> Result<Store, CliError> {
    let dir = Config::load(config)?.make_state_dir()?;
    Ok(Store::open(&dir.join("shed.db"))?)
}

fn token(command: TokenCommand, store: &Store) -> Result<(), CliError> {
    match command {
        TokenCommand::Create(Named { name }) => {
            tokens::check_label("token", &name)?;
            print(&format!("{}\n", store.create_token(&name)?))
        }
        TokenCommand::List => {
            let now = jiff::Timestamp::now();
            let rows = store.list_tokens()?.into_iter().map(|token| {
                [token.name, ago(token.created_at, now), token.last_used_at.map_or_else(|| "never".to_owned(), |used| ago(used, now))]
            });
            print(&table(["NAME", "CREATED", "LAST USED"], rows))
        }
        TokenCommand::Revoke(Named { name }) => {
            if store.revoke_token(&name)? {
                return Ok(());
            }
            Err(Error::invalid(format!("no token is named `{}`", name.escape_debug()))
                .hint("see what there is: shed-server token list")
                .into())
        }
    }
}

fn key(command: KeyCommand, store: &Store) -> Result<(), CliError> {
    match command {
        KeyCommand::Add { name } => {
            let mut public_key = String::new();
            // A public key has at most a few thousand bytes; what is longer is another file.
            io::stdin().lock().take(64 * 1024).read_to_string(&mut public_key)?;
            let key = keys::add(store, &AddSshKey { public_key, name })?;
            print(&format!("{} {}\n", key.fingerprint, key.name))
        }
        KeyCommand::List => {
            let now = jiff::Timestamp::now();
            let rows = keys::list(store)?.ssh_keys.into_iter().map(|key| [key.name, key.fingerprint, ago(key.created_at, now)]);
            print(&table(["NAME", "FINGERPRINT", "ADDED"], rows))
        }
        KeyCommand::Remove(Named { name }) => {
            let keys = keys::list(store)?.ssh_keys;
            let named: Vec<_> = keys.iter().filter(|key| key.name == name || key.fingerprint == name).collect();
            match named.as_slice() {
                [key] => Ok(keys::remove(store, &key.fingerprint)?),
                [] => Ok(keys::remove(store, &name)?),
                several => {
                    let fingerprints: Vec<_> = several.iter().map(|key| key.fingerprint.as_str()).collect();
                    Err(Error::invalid(format!("{} keys are named `{}`", several.len(), name.escape_debug()))
                        .hint(format!("give one of their fingerprints as --name: {}", fingerprints.join(" ")))
                        .into())
                }
            }
        }
    }
}

/// Fails if one of the targets can't be told.
fn notify_test(config: &Config) -> Result<(), CliError> {
    let notifier = Notifier::new(&config.notify, config.server_name()).map_err(ServeError::from)?;
    if notifier.is_idle() {
        let hint = "add [[notify.webhooks]] or [[notify.ntfy]] to the configuration, and give it with --config";
        return Err(Error::invalid("the configuration tells nobody").hint(hint).into());
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let results = runtime.block_on(notifier.test());
    let failed = results.iter().filter(|(_, result)| result.is_err()).count();
    let rows = results.into_iter().map(|(name, result)| [name, result.err().unwrap_or_else(|| "delivered".to_owned())]);
    print(&table(["TARGET", "RESULT"], rows))?;
    match failed {
        0 => Ok(()),
        failed => Err(Error::new(ErrorCode::InternalError, format!("{failed} could not be told"))
            .hint("check the url, and what the target says")
            .into()),
    }
}

/// Columns as wide as their longest cell, two spaces apart.
fn table<const N: usize>(head: [&str; N], rows: impl Iterator<Item = [String; N]>) -> String {
    let rows: Vec<[String; N]> = std::iter::once(head.map(str::to_owned)).chain(rows).collect();
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..N).map(width).collect();
    let line = |row: &[String; N]| {
        let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        format!("{}\n", cells.join("  ").trim_end())
    };
    rows.iter().map(line).collect()
}

/// Writes to stdout; a reader that has gone away (`| head -1`) is no error.
fn print(text: &str) -> Result<(), CliError> {
    match io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => Ok(other?),
    }
}
