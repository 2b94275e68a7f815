//! What a screen makes of a session's status: a correction where hooks report, a guess where nothing else does. Pure.

use std::time::Duration;

use shed_core::wire::SessionStatus;

use super::{
    screen::View,
    state::{Known, Status},
};

/// A status younger than this was set by a hook whose agent has not drawn what follows from it.
pub const SETTLED: Duration = Duration::from_secs(1);

/// A prompt with nothing going on, for this long, is that of an agent that was interrupted before it said a word: neither hook
/// nor screen tells of that. An agent at work moves something every second.
pub const LONG_QUIET: Duration = Duration::from_secs(5);

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is right as it is.
    Keep,
    /// Another status.
    Change(Status),
    /// Look again when the status or the silence is this old.
    Later(Duration),
}

/// What is known besides the status.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Circumstances {
    /// For how long the session has had its status.
    pub age: Duration,
    /// For how long nothing was printed.
    pub quiet: Duration,
    /// Whether the screen showed a dialog when it was looked at last.
    pub dialog_before: bool,
    /// Whether the bell rang since then.
    pub bell: bool,
    /// Whether the last line looks like a shell's prompt.
    pub shell_prompt: bool,
}

fn change(status: SessionStatus, detail: &str) -> Verdict {
    Verdict::Change(Status { status, detail: detail.to_owned() })
}

/// For a session whose agent reports: no hook fires when a dialog is answered or a turn is interrupted.
#[must_use]
pub fn correct(known: &Known, view: &View, now: Circumstances) -> Verdict {
    use SessionStatus::{Completed, Exited, Failed, Running, Unknown, WaitingInput, WaitingPermission};
    let verdict = match (known.status, view) {
        (Some(WaitingPermission), View::Dialog(_)) => Verdict::Keep,
        (Some(WaitingPermission), View::Question(what)) => change(WaitingInput, what),
        (Some(WaitingPermission), View::Interrupted | View::Idle) => change(WaitingInput, ""),
        (Some(WaitingPermission), View::Busy) => change(Running, ""),
        // Without having seen the dialog, it may be one that is not known here.
        (Some(WaitingPermission), View::Unknown) if now.dialog_before => change(Running, ""),
        (Some(Running | WaitingInput), View::Dialog(what)) => change(WaitingPermission, what),
        (Some(Running), View::Question(what)) => change(WaitingInput, what),
        (Some(Running), View::Interrupted) => change(WaitingInput, ""),
        (Some(Running), View::Idle) if now.quiet >= LONG_QUIET => change(WaitingInput, ""),
        (Some(Running), View::Idle) => Verdict::Later(LONG_QUIET),
        (Some(WaitingInput), View::Busy) => change(Running, ""),
        (Some(WaitingPermission), View::Unknown)
        | (Some(Running), View::Busy | View::Unknown)
        | (Some(WaitingInput), View::Question(_) | View::Interrupted | View::Idle | View::Unknown)
        | (None | Some(Completed | Failed | Exited | Unknown), _) => Verdict::Keep,
    };
    match verdict {
        Verdict::Change(_) if now.age < SETTLED => Verdict::Later(SETTLED),
        verdict => verdict,
    }
}

/// For any other program. Where nothing was guessed and nothing is to be seen, nothing is said.
#[must_use]
pub fn guess(known: &Known, view: &View, now: Circumstances) -> Verdict {
    let waits = known.status.is_some_and(SessionStatus::is_waiting);
    let new = match view {
        View::Dialog(what) => Some((SessionStatus::WaitingPermission, what.as_str())),
        View::Question(what) => Some((SessionStatus::WaitingInput, what.as_str())),
        View::Interrupted | View::Idle => Some((SessionStatus::WaitingInput, "")),
        View::Unknown if now.bell && !now.shell_prompt => Some((SessionStatus::WaitingInput, "bell")),
        View::Busy | View::Unknown if waits => Some((SessionStatus::Running, "")),
        View::Busy | View::Unknown => None,
    };
    match new {
        Some((status, detail)) if known.status != Some(status) || known.detail != detail => change(status, detail),
        _ => Verdict::Keep,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn known(status: Option<SessionStatus>) -> Known {
        Known { status, ..Known::default() }
    }

    const OLD: Circumstances =
        Circumstances { age: Duration::from_secs(60), quiet: SETTLED, dialog_before: true, bell: false, shell_prompt: false };

    #[test]
    fn t27_a_dialog_that_is_gone_ends_the_wait() {
        let asks = known(Some(SessionStatus::WaitingPermission));
        assert_eq!(correct(&asks, &View::Dialog("x".into()), OLD), Verdict::Keep);
        assert_eq!(correct(&asks, &View::Busy, OLD), change(SessionStatus::Running, ""));
        assert_eq!(correct(&asks, &View::Unknown, OLD), change(SessionStatus::Running, ""));
        assert_eq!(correct(&asks, &View::Interrupted, OLD), change(SessionStatus::WaitingInput, ""));
        assert_eq!(correct(&asks, &View::Unknown, Circumstances { dialog_before: false, ..OLD }), Verdict::Keep);
        let fresh = Circumstances { age: Duration::from_millis(30), ..OLD };
        assert_eq!(correct(&asks, &View::Busy, fresh), Verdict::Later(SETTLED), "its dialog is not drawn yet");
    }

    #[test]
    fn t27_an_interrupted_turn_waits_for_input() {
        let runs = known(Some(SessionStatus::Running));
        assert_eq!(correct(&runs, &View::Interrupted, OLD), change(SessionStatus::WaitingInput, ""));
        assert_eq!(correct(&runs, &View::Idle, OLD), Verdict::Later(LONG_QUIET));
        assert_eq!(correct(&runs, &View::Idle, Circumstances { quiet: LONG_QUIET, ..OLD }), change(SessionStatus::WaitingInput, ""));
        assert_eq!(correct(&runs, &View::Busy, Circumstances { quiet: LONG_QUIET, ..OLD }), Verdict::Keep);
    }

    #[test]
    fn t27_guesses_say_nothing_where_nothing_is_to_be_seen() {
        let nothing = known(None);
        assert_eq!(guess(&nothing, &View::Unknown, OLD), Verdict::Keep);
        assert_eq!(guess(&nothing, &View::Question("Sure? [y/N]".into()), OLD), change(SessionStatus::WaitingInput, "Sure? [y/N]"));
        let rang = Circumstances { bell: true, ..OLD };
        assert_eq!(guess(&nothing, &View::Unknown, rang), change(SessionStatus::WaitingInput, "bell"));
        assert_eq!(guess(&nothing, &View::Unknown, Circumstances { shell_prompt: true, ..rang }), Verdict::Keep);
        assert_eq!(guess(&known(Some(SessionStatus::WaitingInput)), &View::Unknown, OLD), change(SessionStatus::Running, ""));
    }

    fn any_view() -> impl Strategy<Value = View> {
        let views = [View::Interrupted, View::Idle, View::Busy, View::Unknown, View::Dialog("d".into()), View::Question("q".into())];
        proptest::sample::select(views.to_vec())
    }

    proptest! {
        #[test]
        fn t27_an_agent_that_has_ended_stays_so(view in any_view(), dialog_before: bool, bell: bool) {
            let now = Circumstances { dialog_before, bell, quiet: LONG_QUIET, ..OLD };
            for status in [None, Some(SessionStatus::Exited), Some(SessionStatus::Failed)] {
                prop_assert_eq!(correct(&known(status), &view, now), Verdict::Keep);
            }
        }

        #[test]
        fn t27_a_second_look_at_the_same_screen_changes_nothing(view in any_view(), dialog_before: bool, waits: bool) {
            let mut state = known(Some(if waits { SessionStatus::WaitingPermission } else { SessionStatus::Running }));
            let now = Circumstances { dialog_before, ..OLD };
            if let Verdict::Change(new) = correct(&state, &view, now) {
                state = Known { status: Some(new.status), detail: new.detail, ..state };
            }
            let dialog_before = matches!(view, View::Dialog(_));
            let again = correct(&state, &view, Circumstances { dialog_before, ..now });
            prop_assert!(!matches!(again, Verdict::Change(_)), "{again:?}");
        }
    }
}
