//! How the guest, inside the shed, reads and changes what is said of a session's agent.
//!
//! Reports come from many short processes at once. Each looks, decides, and writes only if nobody wrote in between, which
//! tmux itself checks: every write puts a new mark into [`option::EVENT`]. So there are no locks that a killed process could keep.

use std::sync::LazyLock;

use crate::{
    AgentState,
    agent::option,
    record::{ENCODE, decode},
};

/// Begins the line that stands before the screen.
const MARK: &str = "shed-look:";

/// What [`write_arguments`] prints when somebody else wrote in between.
const MISSED: &str = "missed";

/// Facts of the pane, then the options.
const FIELDS: [&str; 12] = [
    "pane_id",
    "pane_pid",
    "pane_dead",
    option::EVENT,
    option::OWNER,
    option::AGENT,
    option::STATUS,
    option::DETAIL,
    option::SINCE,
    option::SOURCE,
    option::CONVERSATION,
    option::AGENT_PID,
];

static FORMAT: LazyLock<String> = LazyLock::new(|| {
    let fields = FIELDS.iter().map(|name| format!("#{{{ENCODE}{name}}}"));
    format!("{MARK}{}", fields.collect::<Vec<_>>().join("|"))
});

/// A pane, its screen, and what is said of the agent in its session.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Look {
    /// The pane's process.
    pub pane_pid: Option<u32>,
    /// Whether that process has ended.
    pub dead: bool,
    /// The mark of the last write; empty before the first.
    pub event: String,
    /// Which process speaks for the session, as the guest wrote it.
    pub owner: String,
    /// What is said.
    pub state: AgentState,
    /// The text on the pane's screen.
    pub screen: String,
}

/// The arguments of the tmux command that looks at a pane, named by its id (`%3`).
#[must_use]
pub fn look_arguments(pane: &str) -> Vec<String> {
    ["display-message", "-p", "-t", pane, &FORMAT, ";", "capture-pane", "-p", "-t", pane].map(str::to_owned).to_vec()
}

/// Reads what it printed; none if that is something else.
#[must_use]
pub fn parse_look(output: &[u8]) -> Option<Look> {
    let output = String::from_utf8_lossy(output);
    let (line, screen) = output.split_once('\n').unwrap_or((&output, ""));
    let fields: Vec<String> = line.strip_prefix(MARK)?.split('|').map(decode).collect();
    let [_, pane_pid, dead, event, owner, agent, status, detail, since, source, conversation, agent_pid] =
        <[String; FIELDS.len()]>::try_from(fields).ok()?;
    Some(Look {
        pane_pid: pane_pid.parse().ok(),
        dead: dead == "1",
        event,
        owner,
        state: AgentState::read([agent, status, detail, since, source, conversation, agent_pid]),
        screen: screen.to_owned(),
    })
}

/// The arguments of the tmux command that sets options of the pane's session, unless the mark is no longer `seen`. Those who
/// watch hear of it, as of every option that is set. `options` are names with values; an empty value is the same as none.
#[must_use]
pub fn write_arguments(pane: &str, seen: &str, options: &[(&str, String)]) -> Vec<String> {
    let set = options.iter().map(|(name, value)| format!("set-option -t {pane} -- {name} {}", quoted(value)));
    let then = set.collect::<Vec<_>>().join(" ; ");
    // A mark that nobody of us wrote is no reason to fall silent.
    let plain = seen.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    let condition = if plain { format!("#{{==:#{{{}}},{seen}}}", option::EVENT) } else { "1".to_owned() };
    ["if-shell", "-F", "-t", pane, &condition, &then, &format!("display-message -p {MISSED}")].map(str::to_owned).to_vec()
}

/// The arguments of the tmux command that puts the guest behind a pane, to read what it prints. What is behind it already stays.
/// None for a program whose path a shell or tmux would change.
#[must_use]
pub fn pipe_arguments(pane: &str, program: &str) -> Option<Vec<String>> {
    let plain = program.bytes().all(|b| b.is_ascii_alphanumeric() || b"/._-".contains(&b));
    let pipe = format!("exec {program} pipe '#{{socket_path}}' '#{{pane_id}}'");
    let then = format!("pipe-pane -t {pane} {}", quoted(&pipe));
    plain.then(|| ["if-shell", "-F", "-t", pane, "#{?pane_pipe,0,1}", &then].map(str::to_owned).to_vec())
}

/// Whether it was done, by what the command printed.
#[must_use]
pub fn was_written(output: &[u8]) -> bool {
    output.trim_ascii() != MISSED.as_bytes()
}

/// A word for tmux's own parser, where nothing is special between single quotes (`yylex_token`).
fn quoted(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    format!("'{}'", line.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What tmux's parser makes of a quoted word.
    fn as_tmux_reads(word: &str) -> String {
        let (mut out, mut inside, mut chars) = (String::new(), false, word.chars());
        while let Some(c) = chars.next() {
            match (c, inside) {
                ('\'', _) => inside = !inside,
                ('\\', false) => out.extend(chars.next()),
                (c, _) => out.push(c),
            }
        }
        out
    }

    proptest! {
        #[test]
        fn every_value_arrives(text in r"['\\ ;#{}$]{0,8}|\PC*") {
            prop_assert_eq!(as_tmux_reads(&quoted(&text)), text);
        }

        #[test]
        fn no_output_panics(bytes in proptest::collection::vec(any::<u8>(), 0..99)) {
            let _ = parse_look(&bytes);
        }
    }

    #[test]
    fn t12_a_look_is_read() {
        let line = "shed-look:%3|42|0|17-5|9:77:abc|claude|waiting_permission|Bash: a%7Cb|1700000030000|hook|abc|9\nline 1\n\nline 3\n";
        let look = parse_look(line.as_bytes()).unwrap();
        assert_eq!((look.pane_pid, look.dead, look.event.as_str(), look.owner.as_str()), (Some(42), false, "17-5", "9:77:abc"));
        assert_eq!((look.state.detail.as_deref(), look.state.pid), (Some("Bash: a|b"), Some(9)));
        assert_eq!(look.screen, "line 1\n\nline 3\n");
        assert_eq!(parse_look(b"no server running on /tmp/x"), None);
    }
}
