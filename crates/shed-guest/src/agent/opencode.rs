//! What our plugin for OpenCode says (seen with 1.18). The plugin only hands on what it is told; the sense is made here.

use serde::Deserialize;
use serde_json::Value;

use super::{
    Said,
    claude::{cut, what_for},
    state::{Event, Tool},
};

/// The plugin: plain JavaScript without imports, so that nothing has to be installed for it.
pub const PLUGIN: &str = include_str!("opencode.js");

/// One event of OpenCode's bus (`type`, `properties`), or a hook around a tool (`tool.execute.before`, `tool.execute.after`).
#[derive(Debug, Deserialize)]
struct Input {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    properties: Value,
}

impl Input {
    fn text(&self, pointer: &str) -> &str {
        self.properties.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
    }
}

/// Reads what the plugin wrote; none if it is something else.
pub fn read(input: impl std::io::Read, prompted: bool) -> Option<Said> {
    let input: Input = serde_json::from_reader(input).ok()?;
    Some(Said { event: event(&input, prompted), conversation: input.text("/sessionID").to_owned(), kept: true })
}

fn event(input: &Input, prompted: bool) -> Event {
    match input.kind.as_str() {
        "plugin.started" => Event::Started { prompted },
        "session.idle" => Event::Done,
        "session.status" => match input.text("/status/type") {
            "idle" => Event::Done,
            "busy" | "retry" => Event::Works,
            _ => Event::Nothing,
        },
        "session.error" => Event::Done,
        "plugin.disposed" => Event::Ended,
        "tool.execute.before" => Event::ToolStarts(tool(input)),
        "tool.execute.after" => Event::ToolEnds(tool(input)),
        // `permission.updated` is the name of versions before 1.1.
        "permission.asked" | "permission.updated" => Event::Asks(permission(input)),
        "permission.replied" | "question.replied" | "question.rejected" => Event::Answered,
        "question.asked" => Event::Question(cut(input.text("/questions/0/question"))),
        "session.compacted" => Event::Answered,
        _ => Event::Nothing,
    }
}

fn tool(input: &Input) -> Tool {
    labelled(cut(input.text("/tool")), what_for(input.properties.get("args").unwrap_or(&Value::Null)))
}

fn permission(input: &Input) -> Tool {
    let kind = [input.text("/permission"), input.text("/type")].into_iter().find(|kind| !kind.is_empty()).unwrap_or_default();
    let what = what_for(input.properties.get("metadata").unwrap_or(&Value::Null));
    let pattern = cut(input.text("/patterns/0"));
    labelled(cut(kind), if what.is_empty() { pattern } else { what })
}

fn labelled(name: String, what: String) -> Tool {
    Tool { label: if what.is_empty() { name.clone() } else { format!("{name}: {what}") }, name }
}
