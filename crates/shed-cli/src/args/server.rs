//! `shed server …`

use std::path::PathBuf;

use clap::{Args, Subcommand};
use clap_complete::ArgValueCompleter;

use super::JsonArg;
use crate::complete;

/// `shed server …`
#[derive(Debug, Subcommand)]
#[command(after_help = "Examples:\n  shed server list\n  shed server set-default home")]
pub enum ServerCommand {
    /// Add a server: check the token, pin its SSH host key, register your public key
    Add(AddServer),
    /// List the servers
    #[command(visible_alias = "ls", after_help = "Examples:\n  shed server list\n  shed server list --json")]
    List(JsonArg),
    /// Forget a server; nothing on the server changes
    #[command(visible_alias = "rm", after_help = "Examples:\n  shed server remove office")]
    Remove {
        /// The server
        #[arg(value_name = "NAME", add = ArgValueCompleter::new(complete::servers))]
        name: String,
    },
    /// Choose the server that is used when none is named
    #[command(after_help = "Examples:\n  shed server set-default home")]
    SetDefault {
        /// The server
        #[arg(value_name = "NAME", add = ArgValueCompleter::new(complete::servers))]
        name: String,
    },
}

/// `shed server add`
#[derive(Debug, Args)]
#[command(after_help = "The token comes from --token, --token-file, the environment variable SHED_TOKEN,
or is asked for. Make one on the server with `shed-server token create --name NAME`.

Examples:
  shed server add home http://127.0.0.1:8080
  shed server add office https://shed.example.com --token-file token.txt")]
pub struct AddServer {
    /// What to call it
    #[arg(value_name = "NAME")]
    pub name: String,
    /// Address of its HTTP API
    #[arg(value_name = "URL")]
    pub url: String,
    /// The access token; other users of this machine can see it while the command runs
    #[arg(long, value_name = "TOKEN", conflicts_with = "token_file")]
    pub token: Option<String>,
    /// File with the access token; `-` is standard input
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// Host of its SSH endpoint, where it differs from the one in URL
    #[arg(long, value_name = "HOST")]
    pub ssh_host: Option<String>,
    /// Port of its SSH endpoint, where it differs from what the server says
    #[arg(long, value_name = "PORT")]
    pub ssh_port: Option<u16>,
    /// Replace a server of that name, and a host key that has changed
    #[arg(short, long)]
    pub force: bool,
}
