//! `--filter` of the sessions list.

use std::str::FromStr;

use shed_core::wire::{Session, SessionStatus};

/// One `--filter`: a session passes if any of its alternatives fits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter(Vec<Test>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Test {
    Attached(bool),
    Status(SessionStatus),
    Waiting,
    Label(String, Option<String>),
}

impl Filter {
    /// Whether a session passes.
    #[must_use]
    pub fn fits(&self, session: &Session) -> bool {
        self.0.iter().any(|test| match test {
            Test::Attached(attached) => session.attached == *attached,
            Test::Status(status) => session.status == *status,
            Test::Waiting => session.status.is_waiting(),
            Test::Label(key, wanted) => session.labels.get(key).is_some_and(|value| wanted.as_ref().is_none_or(|wanted| wanted == value)),
        })
    }
}

impl FromStr for Filter {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // A label's value may hold commas, so a label filter stands alone.
        if let Some(label) = text.strip_prefix("label=") {
            let (key, value) = label.split_once('=').map_or((label, None), |(key, value)| (key, Some(value.to_owned())));
            return if key.is_empty() {
                Err("write it as `label=KEY=VALUE`".to_owned())
            } else {
                Ok(Self(vec![Test::Label(key.to_owned(), value)]))
            };
        }
        text.split(',').map(|word| one(word.trim())).collect::<Result<_, _>>().map(Self)
    }
}

fn one(word: &str) -> Result<Test, String> {
    match word {
        "attached" => return Ok(Test::Attached(true)),
        "detached" => return Ok(Test::Attached(false)),
        "waiting" => return Ok(Test::Waiting),
        _ => {}
    }
    let status = word.strip_prefix("status=").unwrap_or(word);
    let found = SessionStatus::ALL.into_iter().find(|known| known.as_str() == status);
    found.map(Test::Status).ok_or_else(|| {
        let known = SessionStatus::ALL.map(SessionStatus::as_str).join(", ");
        format!("`{word}` is none of attached, detached, waiting, {known}, label=KEY or label=KEY=VALUE")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(attached: bool, status: &str, label: &str) -> Session {
        serde_json::from_value(serde_json::json!({
            "id": "1", "name": "debug", "shed_name": "myproj", "created_at": "2026-01-25T10:00:00Z",
            "attached": attached, "status": status, "labels": {"kind": label},
        }))
        .unwrap()
    }

    #[test]
    fn filters_are_alternatives_and_labels() {
        let fits = |filter: &str, session: &Session| filter.parse::<Filter>().unwrap().fits(session);
        let failed = session(false, "failed", "a,b=c");
        for (filter, expected) in [
            ("detached", true),
            ("attached", false),
            ("running,failed", true),
            ("status=failed", true),
            ("completed", false),
            ("label=kind", true),
            ("label=kind=a,b=c", true),
            ("label=kind=a", false),
            ("label=other", false),
        ] {
            assert_eq!(fits(filter, &failed), expected, "{filter}");
        }
        for status in ["waiting_input", "waiting_permission"] {
            assert!(fits("waiting", &session(false, status, "")) && !fits("waiting", &failed), "{status}");
        }
        for bad in ["", "nonsense", "running,", "label=", "label==x"] {
            assert!(bad.parse::<Filter>().is_err(), "{bad}");
        }
    }
}
