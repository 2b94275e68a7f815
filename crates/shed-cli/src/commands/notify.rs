//! `shed notify`

use std::time::Duration;

use shed_core::wire::SessionStatus;

use crate::{
    Context, Failure,
    args::Notify,
    notify::{self, Plan, Rules, Trigger},
};

/// How long the same status of a session is not told again, when nothing else is said.
const COOLDOWN: Duration = Duration::from_secs(30);

/// Follows the servers and tells what is worth it, until Ctrl-C.
pub async fn notify(context: &Context, args: Notify) -> Result<u8, Failure> {
    notify::run(&context.searched()?, plan(context, args)).await
}

/// The command line before the configuration, and both before what is usual.
fn plan(context: &Context, args: Notify) -> Plan {
    let configured = context.config.notify.clone().unwrap_or_default();
    let usual = || {
        let done = [SessionStatus::Completed, SessionStatus::Failed].map(Trigger::Status);
        [vec![Trigger::Waiting], done.to_vec()].concat()
    };
    let or = |given: Vec<Trigger>, configured: Option<Vec<Trigger>>| if given.is_empty() { configured } else { Some(given) };
    Plan {
        rules: Rules {
            on: or(args.on, configured.on).unwrap_or_else(usual),
            from: or(args.from, configured.from).unwrap_or_default(),
            cooldown: args.cooldown.or(configured.cooldown).map_or(COOLDOWN, |cooldown| cooldown.0),
            mute: [args.mute, configured.mute].concat(),
        },
        desktop: !args.no_desktop && configured.desktop.unwrap_or(true),
        command: args.command.or(configured.command),
        print: args.print,
    }
}
