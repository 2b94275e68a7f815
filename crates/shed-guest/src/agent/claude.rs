//! What Claude Code's hooks say (<https://code.claude.com/docs/en/hooks>; seen with 2.1).

use serde::Deserialize;
use serde_json::Value;

use super::{
    Said,
    state::{Event, Tool},
};

/// The hooks that are installed, with whether they are bound to tools (and so need a matcher).
pub const HOOKS: [(&str, bool); 12] = [
    ("SessionStart", false),
    ("UserPromptSubmit", false),
    ("PreToolUse", true),
    ("PostToolUse", true),
    ("PostToolUseFailure", true),
    ("PermissionRequest", true),
    ("Notification", false),
    ("Stop", false),
    ("StopFailure", false),
    ("SubagentStop", false),
    ("PreCompact", false),
    ("SessionEnd", false),
];

/// The longest text that goes into a label, in characters; the rest of a command is not read in a column.
const LABEL_MAX: usize = 200;

/// Values of any type, so that one that changes its type hides nothing but itself. What is not named here, such as a tool's
/// output of megabytes, is read over without being kept.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Input {
    hook_event_name: Value,
    session_id: Value,
    tool_name: Value,
    tool_input: Value,
    notification_type: Value,
    message: Value,
    reason: Value,
    source: Value,
    trigger: Value,
    agent_id: Value,
    background_tasks: Value,
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Reads a hook's input. `prompted` says that the agent was started with a prompt. None if it is not a hook's input.
pub fn read(input: impl std::io::Read, prompted: bool) -> Option<Said> {
    let input: Input = serde_json::from_reader(input).ok()?;
    let name = text(&input.hook_event_name);
    // `agent_id` is there exactly in what happens inside a sub-agent; the session's own work goes on around it.
    let event = if input.agent_id.is_null() { event(name, &input, prompted) } else { helper(name, &input) };
    // A conversation is on disk from its first prompt on; one that only started can't be resumed.
    let started = name == "SessionStart" && matches!(text(&input.source), "startup" | "clear" | "");
    (!name.is_empty()).then(|| Said { event, conversation: text(&input.session_id).to_owned(), kept: !started })
}

fn event(name: &str, input: &Input, prompted: bool) -> Event {
    match name {
        "SessionStart" => match text(&input.source) {
            "compact" => Event::Compacted,
            "clear" => Event::Started { prompted: false },
            _ => Event::Started { prompted },
        },
        "UserPromptSubmit" => Event::Prompted,
        "PreToolUse" | "PermissionRequest" if text(&input.tool_name) == "AskUserQuestion" => Event::Question(question(&input.tool_input)),
        "PreToolUse" => Event::ToolStarts(tool(input)),
        "PostToolUse" | "PostToolUseFailure" => Event::ToolEnds(tool(input)),
        "PermissionRequest" => Event::Asks(tool(input)),
        "Notification" => match text(&input.notification_type) {
            "permission_prompt" => Event::StillAsks(cut(text(&input.message))),
            "elicitation_dialog" => Event::Question(cut(text(&input.message))),
            "idle_prompt" => Event::StillIdle,
            "agent_needs_input" => Event::StillNeeds(cut(text(&input.message))),
            _ => Event::Nothing,
        },
        // A sub-agent in the background outlives the turn that started it; its end starts another turn.
        "Stop" if helpers(&input.background_tasks) => Event::DoneButHelpers,
        "Stop" | "StopFailure" => Event::Done,
        "PreCompact" => Event::Compacts { asked: text(&input.trigger) != "auto" },
        // The process goes on with another conversation.
        "SessionEnd" if matches!(text(&input.reason), "clear" | "resume") => Event::Nothing,
        "SessionEnd" => Event::Ended,
        _ => Event::Nothing,
    }
}

/// Of what sub-agents do only their dialogs count, which stand in the agent's own screen and wait for the person.
fn helper(name: &str, input: &Input) -> Event {
    match name {
        "PermissionRequest" => Event::Asks(tool(input)),
        "PostToolUse" | "PostToolUseFailure" => Event::HelperToolEnds(tool(input)),
        _ => Event::Nothing,
    }
}

fn helpers(tasks: &Value) -> bool {
    let runs = |task: &Value| {
        task.get("type").is_some_and(|kind| kind == "subagent") && task.get("status").is_some_and(|status| status == "running")
    };
    tasks.as_array().is_some_and(|tasks| tasks.iter().any(runs))
}

fn tool(input: &Input) -> Tool {
    let name = cut(text(&input.tool_name));
    let what = what_for(&input.tool_input);
    Tool { label: if what.is_empty() { name.clone() } else { format!("{name}: {what}") }, name }
}

/// The part of a tool's input that tells most.
pub(super) fn what_for(input: &Value) -> String {
    let keys = ["command", "file_path", "filePath", "notebook_path", "path", "url", "query", "pattern", "skill", "description"];
    cut(keys.iter().map(|key| text(input.get(key).unwrap_or(&Value::Null))).find(|text| !text.is_empty()).unwrap_or_default())
}

fn question(input: &Value) -> String {
    cut(text(input.pointer("/questions/0/question").unwrap_or(&Value::Null)))
}

/// One line of bounded length.
pub(super) fn cut(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(LABEL_MAX).collect();
    line.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn said(input: Value) -> Said {
        read(input.to_string().as_bytes(), false).unwrap()
    }

    fn event_of(input: Value) -> Event {
        said(input).event
    }

    fn bash(command: &str) -> Tool {
        Tool { name: "Bash".into(), label: format!("Bash: {command}") }
    }

    #[test]
    fn t11_t12_each_hook_is_an_event() {
        let tool = json!({"command": "touch a\nls", "description": "x"});
        let with = |name: &str| json!({"session_id": "0a", "hook_event_name": name, "tool_name": "Bash", "tool_input": tool, "tool_response": {"stdout": "x"}});
        assert_eq!(event_of(with("PreToolUse")), Event::ToolStarts(bash("touch a ls")));
        assert_eq!(event_of(with("PostToolUse")), Event::ToolEnds(bash("touch a ls")));
        assert_eq!(event_of(with("PostToolUseFailure")), Event::ToolEnds(bash("touch a ls")));
        assert_eq!(event_of(with("PermissionRequest")), Event::Asks(bash("touch a ls")));
        assert_eq!(event_of(with("Stop")), Event::Done);
        assert_eq!(event_of(with("SubagentStop")), Event::Nothing);
        assert_eq!(event_of(with("SomethingNew")), Event::Nothing);
        assert_eq!(event_of(json!({"hook_event_name": "PreCompact", "trigger": "auto"})), Event::Compacts { asked: false });
        let asks = json!({"hook_event_name": "Notification", "notification_type": "permission_prompt", "message": "Claude needs you"});
        assert_eq!(event_of(asks), Event::StillAsks("Claude needs you".into()));
        let question =
            json!({"hook_event_name": "PreToolUse", "tool_name": "AskUserQuestion", "tool_input": {"questions": [{"question": "Which?"}]}});
        assert_eq!(event_of(question), Event::Question("Which?".into()));
    }

    #[test]
    fn t11_an_end_that_goes_on_with_another_conversation_is_none() {
        let end = |reason: &str| event_of(json!({"hook_event_name": "SessionEnd", "reason": reason}));
        assert_eq!(
            [end("clear"), end("resume"), end("prompt_input_exit"), end("logout")],
            [Event::Nothing, Event::Nothing, Event::Ended, Event::Ended]
        );
        let cleared = said(json!({"hook_event_name": "SessionStart", "source": "clear", "session_id": "new"}));
        assert_eq!(cleared, Said { event: Event::Started { prompted: false }, conversation: "new".into(), kept: false });
        assert!(said(json!({"hook_event_name": "SessionStart", "source": "resume", "session_id": "new"})).kept);
    }

    #[test]
    fn t27_what_a_sub_agent_does_is_not_the_session_s() {
        for name in ["PreToolUse", "UserPromptSubmit", "Stop", "SubagentStart", "SubagentStop", "SessionEnd"] {
            let input = json!({"hook_event_name": name, "tool_name": "Bash", "agent_id": "a1", "agent_type": "Explore", "session_id": "s"});
            assert_eq!(event_of(input), Event::Nothing, "{name}");
        }
        // Its dialog stands in the agent's own screen.
        let asks =
            json!({"hook_event_name": "PermissionRequest", "tool_name": "Bash", "tool_input": {"command": "make"}, "agent_id": "a1"});
        assert_eq!(event_of(asks), Event::Asks(bash("make")));
        // With `--agent` the main conversation has a type, and no id.
        assert_eq!(event_of(json!({"hook_event_name": "Stop", "agent_type": "reviewer"})), Event::Done);
    }

    proptest! {
        #[test]
        fn no_input_panics(bytes in proptest::collection::vec(any::<u8>(), 0..99), text in r"\PC*") {
            let _ = read(bytes.as_slice(), false);
            let _ = read(format!(r#"{{"hook_event_name":{text}"#).as_bytes(), true);
        }

        #[test]
        fn odd_values_hide_nothing_but_themselves(odd in prop_oneof![Just(json!(7)), Just(json!(["x"])), Just(json!({"a": 1})), Just(json!(null))]) {
            let input = json!({"hook_event_name": "PreToolUse", "tool_name": "Bash", "tool_input": odd, "session_id": odd, "message": odd});
            prop_assert_eq!(event_of(input), Event::ToolStarts(Tool { name: "Bash".into(), label: "Bash".into() }));
        }
    }
}
