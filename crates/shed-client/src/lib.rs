//! A typed client of the shed server's HTTP API: one method per route, one error type.
//!
//! ```no_run
//! # async fn example() -> Result<(), shed_client::ClientError> {
//! let client = shed_client::Client::new("http://127.0.0.1:8080", Some("shed_…".into()))?;
//! for session in client.list_all_sessions(&Default::default()).await?.sessions {
//!     println!("{}/{}", session.shed_name, session.name);
//! }
//! # Ok(())
//! # }
//! ```

mod client;
mod create;
mod error;
mod events;
mod follow;
mod history;
mod server;
mod sessions;
mod sheds;
mod sse;
mod token;
mod url;

pub use client::{CALL_DEADLINE, CONNECT_TIMEOUT, Client};
pub use create::Creation;
pub use error::ClientError;
pub use events::{EventQuery, EventStream};
pub use follow::{Follow, Followed};
pub use history::{HistoryQuery, StatsQuery};
pub use sessions::{SessionQuery, SessionSort};
pub use token::Token;
pub use url::{InvalidUrl, ServerUrl};
