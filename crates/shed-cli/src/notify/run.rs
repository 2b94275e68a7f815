//! Follows the servers and tells what is worth it.

use tokio::time::{Instant, sleep_until};

use super::{
    desktop::Desktop,
    hook::Hook,
    rules::{Judge, Notice, Rules},
};
use crate::{
    Failure, attention,
    context::Remote,
    live::{Live, Told, Update, What},
    output,
};

/// What is told, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// What is told.
    pub rules: Rules,
    /// Through the desktop.
    pub desktop: bool,
    /// To a command.
    pub command: Option<String>,
    /// On standard output.
    pub print: bool,
}

/// Tells until Ctrl-C.
///
/// # Errors
/// A [`Failure`] if nothing could be told.
pub async fn run(remotes: &[Remote], plan: Plan) -> Result<u8, Failure> {
    let elsewhere = plan.print || plan.command.is_some();
    let desktop = match (plan.desktop, elsewhere) {
        (false, false) => {
            return Err(Failure::usage("nothing is told to anybody").hint("add --print or --command, or leave out --no-desktop"));
        }
        (false, true) => None,
        (true, _) => match Desktop::open().await {
            Ok(desktop) => Some(desktop),
            Err(failure) if elsewhere => {
                output::warn(&failure.message);
                None
            }
            Err(failure) => return Err(failure),
        },
    };
    let mut teller = Teller { remotes, desktop, hook: plan.command.map(Hook::new), print: plan.print, lost: vec![false; remotes.len()] };
    let mut judge = Judge::new(plan.rules);
    let mut live = Live::follow(remotes);
    let servers = if remotes.len() == 1 { "1 server".to_owned() } else { format!("{} servers", remotes.len()) };
    output::say(&format!("following {servers}; Ctrl-C ends"));
    loop {
        let due = judge.next_due();
        let notices = tokio::select! {
            update = live.next() => {
                teller.connection(&update);
                judge.take(&update, Instant::now())
            }
            () = async { match due { Some(due) => sleep_until(due).await, None => std::future::pending().await } } => judge.due(Instant::now()),
        };
        for notice in notices {
            teller.tell(notice)?;
        }
    }
}

struct Teller<'a> {
    remotes: &'a [Remote],
    desktop: Option<Desktop>,
    hook: Option<Hook>,
    print: bool,
    lost: Vec<bool>,
}

impl Teller<'_> {
    fn server(&self, place: usize) -> &str {
        self.remotes.get(place).map_or("", |remote| remote.name.as_str())
    }

    /// Says once when a server is out of reach, and when it is back.
    fn connection(&mut self, update: &Update) {
        let name = self.server(update.server).to_owned();
        let Some(lost) = self.lost.get_mut(update.server) else { return };
        match &update.what {
            What::Lost(reason) if !*lost => {
                *lost = true;
                output::warn(&format!("server `{name}` is out of reach: {reason}"));
            }
            What::All(_) | What::Back if *lost => {
                *lost = false;
                output::say(&format!("server `{name}` is back"));
            }
            What::All(_) | What::Back | What::Lost(_) | What::Event(_) => {}
        }
    }

    fn tell(&mut self, notice: Notice) -> Result<(), Failure> {
        let server = self.server(notice.key.server).to_owned();
        if let (true, Some(session)) = (self.print, notice.event.session.as_deref()) {
            let detail = session.status_detail.as_deref().unwrap_or("-");
            let line = format!(
                "{:.0}  {server}  {}  {}  {}  {detail}",
                notice.event.at,
                session.shed_name,
                session.name,
                attention::status(session)
            );
            output::raw(format!("{}\n", output::clean(&line)).as_bytes())?;
        }
        if let Some(hook) = &mut self.hook {
            let told = Told { server: &server, event: &notice.event };
            let json = serde_json::to_string(&told).map_err(|error| Failure::new(error.to_string()))?;
            hook.run(format!("{json}\n"));
        }
        if let Some(desktop) = &self.desktop {
            desktop.show(notice, &server);
        }
        Ok(())
    }
}
