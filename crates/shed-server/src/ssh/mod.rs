//! The SSH endpoint. Only this folder knows russh.
//!
//! | module | what |
//! |---|---|
//! | `server` | accepts connections, and ends those that do not log in |
//! | `handler` | one connection: translates what russh reports |
//! | `channel` | one channel: from `shell` or `exec` to the exit status |
//! | `forward` | `ssh -L` and `-W`: connections to ports of the shed |
//! | `login` | the user name `SHED` or `SHED+SESSION`, and what a request means for it |
//! | `pump` | moves bytes, sizes and signals between client and process |
//! | `stdin`, `flow` | what the client has sent and the process has not read, and how the client is held back |
//! | `client` | what we say to the client: output, error lines, the exit status |
//! | `env`, `terminal` | what of a client's environment and terminal is taken over |
//! | `line` | a TCP connection that can be cut |
//! | `host_key` | the server's own key |

mod channel;
mod client;
mod env;
mod flow;
mod forward;
mod handler;
mod host_key;
mod line;
mod login;
mod pump;
mod server;
mod stdin;
mod terminal;

pub use host_key::{HostKey, HostKeyError};
pub use server::serve;
