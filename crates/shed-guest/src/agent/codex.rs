//! What Codex says to its `notify` program: one JSON argument at the end of each turn
//! (<https://github.com/openai/codex/blob/main/docs/config.md#notify>).

use serde_json::Value;

use super::{Said, state::Event};

/// Reads the argument; none if it is something else.
#[must_use]
pub fn read(argument: &str) -> Option<Said> {
    let input: Value = serde_json::from_str(argument).ok()?;
    let text = |key: &str| input.get(key).and_then(Value::as_str).unwrap_or_default();
    let event = match text("type") {
        "agent-turn-complete" => Event::Done,
        "approval-requested" => Event::StillAsks("approval".to_owned()),
        _ => Event::Nothing,
    };
    // `thread-id` is the conversation's; older versions only have the turn's.
    Some(Said { event, conversation: text("thread-id").to_owned(), kept: true })
}

/// The setting that makes Codex call `program`, as the value of `-c`. TOML has JSON's strings.
#[must_use]
pub fn setting(program: &str) -> String {
    format!("notify={}", Value::from(vec![program, "hook", "codex"]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t11_the_end_of_a_turn_waits_for_input() {
        // From the documentation.
        let documented = r#"{"type":"agent-turn-complete","thread-id":"b5f6c1c2-1111-2222-3333-444455556666","turn-id":"12345","cwd":"/Users/alice/projects/example","input-messages":["Rename `foo` to `bar` and update the callsites."],"last-assistant-message":"Rename complete and verified `cargo build` succeeds."}"#;
        let said = read(documented).unwrap();
        assert_eq!((said.event, said.conversation.as_str()), (Event::Done, "b5f6c1c2-1111-2222-3333-444455556666"));
        assert_eq!(read(r#"{"type":"new"}"#).unwrap().event, Event::Nothing);
        assert_eq!(read("garbage"), None);
    }

    #[test]
    fn t13_the_setting_is_toml() {
        assert_eq!(setting("/opt/a \"b\"/shed-guest"), r#"notify=["/opt/a \"b\"/shed-guest","hook","codex"]"#);
    }
}
