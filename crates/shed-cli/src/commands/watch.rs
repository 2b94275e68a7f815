//! `shed watch`

use std::io::{self, IsTerminal};

use crate::{Context, Failure, watch};

/// `shed watch`
pub async fn watch(context: &Context) -> Result<u8, Failure> {
    let remotes = context.searched()?;
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        return Err(Failure::new("the dashboard needs a terminal").hint("without one, use `shed sessions --watch`"));
    }
    let colour = anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never;
    watch::run(context, remotes, watch::Look { colour }).await
}
