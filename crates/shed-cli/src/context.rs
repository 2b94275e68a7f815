//! What every command starts from: the configuration and the clients made from it.

use std::time::Duration;

use shed_client::{Client, Token};

use crate::{
    Failure,
    config::{self, Config, Paths, Server},
};

/// The longest wait for a connection, and for a whole answer, when all servers are asked at once: one that is down must
/// not hold up the others for long.
pub const ASK_CONNECT: Duration = Duration::from_secs(3);
/// See [`ASK_CONNECT`].
pub const ASK_DEADLINE: Duration = Duration::from_secs(10);

/// The configuration, and which server the command line names.
#[derive(Debug, Clone)]
pub struct Context {
    /// Where the files are.
    pub paths: Paths,
    /// The servers.
    pub config: Config,
    /// `-s`
    pub named: Option<String>,
}

/// One server with a client.
#[derive(Debug, Clone)]
pub struct Remote {
    /// What the configuration calls it.
    pub name: String,
    /// Its entry.
    pub server: Server,
    /// A client.
    pub client: Client,
}

impl Context {
    /// Reads the configuration.
    ///
    /// # Errors
    /// A [`Failure`] if it can't be read.
    pub fn load(named: Option<String>) -> Result<Self, Failure> {
        let paths = Paths::from_env()?;
        Ok(Self { config: config::load(&paths)?, paths, named })
    }

    /// The server for commands that work on one: `-s`, the default, or the only one.
    ///
    /// # Errors
    /// A [`Failure`] if there is none.
    pub fn one(&self) -> Result<Remote, Failure> {
        let (name, server) = self.config.choose(self.named.as_deref())?;
        remote(name, server)
    }

    /// The servers to search: the one of `-s`, or all.
    ///
    /// # Errors
    /// A [`Failure`] if there is none.
    pub fn searched(&self) -> Result<Vec<Remote>, Failure> {
        if self.named.is_some() { Ok(vec![self.one()?]) } else { self.every() }
    }

    /// All servers.
    ///
    /// # Errors
    /// A [`Failure`] if there is none.
    pub fn every(&self) -> Result<Vec<Remote>, Failure> {
        if self.config.servers.is_empty() {
            return Err(config::no_servers());
        }
        self.config.servers.iter().map(|(name, server)| remote(name, server)).collect()
    }
}

fn remote(name: &str, server: &Server) -> Result<Remote, Failure> {
    let client = Client::new(&server.url, Some(Token::new(&server.token)))?;
    Ok(Remote { name: name.to_owned(), server: server.clone(), client })
}

impl Remote {
    /// A client for a question that goes to several servers at once.
    ///
    /// # Errors
    /// [`shed_client::ClientError`] as [`Client::new`].
    pub fn asking(&self) -> Result<Client, shed_client::ClientError> {
        let client = Client::with_connect_timeout(&self.server.url, Some(Token::new(&self.server.token)), ASK_CONNECT)?;
        Ok(client.with_deadline(ASK_DEADLINE))
    }
}
