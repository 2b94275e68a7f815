//! What a screen shows, as far as it can be told from its text. A guess, and used as one.
//!
//! Only the lowest lines count: what stands above is past. The agents' patterns are from Claude Code 2.1, OpenCode 1.18 and
//! Codex 0.5x; recorded screens of the first are among the tests.

/// What the lowest lines of a screen show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum View {
    /// A dialog that asks whether something may be done.
    Dialog(String),
    /// A question, or another wait for a line, a key or a password.
    Question(String),
    /// The agent's prompt, with the note that the person has interrupted the turn.
    Interrupted,
    /// The agent's prompt, with nothing going on.
    Idle,
    /// The agent works: it offers to be interrupted.
    Busy,
    /// Nothing that is known.
    Unknown,
}

/// How many of the lowest lines that are not empty may belong to a dialog.
const DIALOG_LINES: usize = 24;

/// How many may belong to an agent's status line.
const STATUS_LINES: usize = 4;

/// The longest detail, in characters.
const DETAIL_MAX: usize = 200;

/// Ends of a line at which a program waits for an answer, in lower case.
const ANSWERS: [&str; 12] = [
    "[y/n]",
    "(y/n)",
    "[yes/no]",
    "(yes/no)",
    "(yes/no/[fingerprint])",
    "[y/n/q]",
    "[y,n]",
    "[y,n,q,a,d,e,?]",
    "[y,n,q,a,d,j,g,/,e,?]",
    "y/n",
    "yes/no",
    "[y/n/a]",
];

/// Beginnings or middles of a last line that wait for a key or a secret, in lower case.
const WAITS: [&str; 12] = [
    "press any key",
    "press enter",
    "press return",
    "press <enter>",
    "press [enter]",
    "hit enter",
    "hit any key",
    "--more--",
    "(end)",
    "are you sure",
    "do you want to continue",
    "proceed?",
];

/// Ends of a last line that ask for something to be typed, in lower case.
const ASKS: [&str; 7] = ["password:", "passphrase:", "passcode:", "username:", "login:", "token:", "code:"];

/// Before a name, a file or an address, at the end of which stands a colon, in lower case.
const SECRETS: [&str; 3] = ["password for ", "passphrase for ", "username for "];

/// Reads the screen of a session whose agent is `agent`; none for any other program.
#[must_use]
pub fn read(agent: Option<&str>, screen: &str) -> View {
    let lines: Vec<&str> = screen.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect();
    let low = lines.get(lines.len().saturating_sub(DIALOG_LINES)..).unwrap_or_default();
    match agent {
        Some("claude") => claude(low),
        Some("codex") => codex(low),
        Some("opencode") => opencode(low),
        _ => prompt(low),
    }
}

fn last(lines: &[&str], count: usize, text: &str) -> bool {
    lines.iter().rev().take(count).any(|line| line.to_ascii_lowercase().contains(text))
}

/// A line of a menu that is chosen: `❯ 1. Yes`.
fn is_choice(line: &str, mark: char) -> bool {
    let Some(rest) = line.trim_start().strip_prefix(mark) else { return false };
    let rest = rest.trim_start();
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    digits > 0 && rest.get(digits..).is_some_and(|rest| rest.starts_with('.'))
}

fn is_rule(line: &str) -> bool {
    line.starts_with("───")
}

/// Where the last box with the prompt begins: a rule, the prompt, a rule.
fn prompt_box(lines: &[&str], mark: char) -> Option<usize> {
    let (mut end, mut found) = (false, None);
    for (at, line) in lines.iter().enumerate().rev() {
        match (is_rule(line), end) {
            (true, false) => end = true,
            (true, true) => {
                found = Some(at);
                break;
            }
            (false, _) => {}
        }
    }
    found.filter(|at| lines.get(at + 1).is_some_and(|line| line.starts_with(mark) && !is_choice(line, mark)))
}

fn claude(lines: &[&str]) -> View {
    if let Some(choice) = lines.iter().rposition(|line| is_choice(line, '❯')) {
        let below = lines.get(choice..).unwrap_or_default();
        let above = lines.get(..choice).unwrap_or_default();
        let asks = |line: &&&str| line.trim_start().starts_with("Do you want") || line.trim_start().starts_with("Would you like");
        if prompt_box(below, '❯').is_some() {
            // A menu that was, above the prompt that is.
        } else if last(below, 2, "enter to select") {
            let question = above.iter().rev().find(|line| line.ends_with('?')).copied().unwrap_or_default();
            return View::Question(cut(question));
        } else if let Some(question) = above.iter().rev().take(3).find(asks) {
            return View::Dialog(claude_detail(above).unwrap_or_else(|| cut(question)));
        }
    }
    if last(lines, STATUS_LINES, "esc to interrupt") {
        return View::Busy;
    }
    let Some(start) = prompt_box(lines, '❯') else { return View::Unknown };
    // At the right above the box stands how hard the model thinks.
    let above = lines.get(..start).unwrap_or_default().iter().rev().find(|line| !line.ends_with("/effort")).copied().unwrap_or_default();
    if above.contains("Interrupted ·") || above.contains("Interrupted by user") {
        View::Interrupted
    } else if above.contains("Waiting for") && above.contains("background agent") {
        View::Busy
    } else {
        View::Idle
    }
}

/// `Bash command: make`, from the dialog's title and what stands between its dotted rules.
fn claude_detail(above: &[&str]) -> Option<String> {
    let start = above.iter().rposition(|line| is_rule(line))?;
    let title = above.get(start + 1)?.split(" · ").next()?;
    let mut rest = above.get(start + 1..)?.iter().skip_while(|line| !line.starts_with('╌'));
    let what = rest.nth(1).copied().unwrap_or_default();
    Some(if what.is_empty() { cut(title) } else { cut(&format!("{}: {}", title.trim(), what.trim())) })
}

fn codex(lines: &[&str]) -> View {
    if let Some(choice) = lines.iter().rposition(|line| is_choice(line, '›') || is_choice(line, '▌')) {
        let above = lines.get(..choice).unwrap_or_default();
        let asks = |line: &&&str| ["Would you like", "Allow ", "Do you want"].iter().any(|start| line.trim_start().starts_with(start));
        if let Some(question) = above.iter().rev().take(12).find(asks) {
            return View::Dialog(cut(question));
        }
    }
    if last(lines, 6, "esc to interrupt") {
        return View::Busy;
    }
    let prompt = lines.iter().rev().take(STATUS_LINES).any(|line| line.starts_with('›') || line.starts_with('▌'));
    if prompt { View::Idle } else { View::Unknown }
}

fn opencode(lines: &[&str]) -> View {
    let text = |line: &&str| line.trim_matches(|c: char| c.is_whitespace() || "┃#△".contains(c)).to_owned();
    if last(lines, 3, "allow once") && last(lines, 3, "reject") {
        let asked =
            lines.iter().rposition(|line| line.contains("Permission required")).and_then(|at| lines.get(at + 1..)).unwrap_or_default();
        let mut parts = asked.iter().map(text).filter(|text| !text.is_empty());
        let (title, what) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        return View::Dialog(cut(&format!("{title}: {}", what.trim_start_matches("$ "))));
    }
    if last(lines, 3, "enter submit") && last(lines, 3, "esc dismiss") {
        let box_start = lines.iter().rposition(|line| !line.trim_start().starts_with('┃')).map_or(0, |at| at + 1);
        let question = lines.get(box_start..).unwrap_or_default().iter().map(text).find(|text| !text.is_empty());
        return View::Question(cut(&question.unwrap_or_default()));
    }
    if ["esc interrupt", "esc again to interrupt", "esc to interrupt"].iter().any(|text| last(lines, 1, text)) {
        return View::Busy;
    }
    if lines.iter().rev().take(STATUS_LINES).any(|line| line.trim_start().starts_with("╹▀▀▀")) { View::Idle } else { View::Unknown }
}

/// Any program: whether its last line waits for an answer.
fn prompt(lines: &[&str]) -> View {
    let Some(line) = lines.last().map(|line| line.trim()) else { return View::Unknown };
    let lower = line.to_lowercase();
    let bare = lower.trim_end_matches([':', '?', '>', ' ']);
    let answer = ANSWERS.iter().any(|end| bare.ends_with(end));
    let asks = ASKS.iter().any(|end| lower.ends_with(end)) || (SECRETS.iter().any(|what| lower.contains(what)) && lower.ends_with(':'));
    let waits = WAITS.iter().any(|text| lower.contains(text));
    // The menus of inquirer and clack, two libraries that most command lines in JavaScript use.
    let menu = line.starts_with("? ") || line.starts_with("◆ ");
    if answer || asks || waits || menu { View::Question(cut(line)) } else { View::Unknown }
}

/// Whether the last line looks like a shell's prompt, which waits for nothing in particular.
#[must_use]
pub fn is_shell_prompt(screen: &str) -> bool {
    let line = screen.lines().rev().map(str::trim_end).find(|line| !line.is_empty()).unwrap_or_default();
    line.ends_with(['$', '#', '%', '>', '❯', '➜', 'λ'])
}

fn cut(line: &str) -> String {
    line.trim().chars().take(DETAIL_MAX).collect()
}

#[cfg(test)]
#[path = "screen_tests.rs"]
mod tests;
