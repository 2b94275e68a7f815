//! Our hooks in Claude Code's settings, beside whatever else stands there. Pure.

use serde_json::{Value, json};

use super::claude::HOOKS;

/// How long Claude Code waits for a hook before it gives up, in seconds. Ours take milliseconds.
const TIMEOUT_SECONDS: u32 = 5;

/// The settings are not what Claude Code would take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Odd {
    /// Not an object.
    #[error("the settings are not a JSON object")]
    Settings,
    /// `hooks` is not an object of lists.
    #[error("`hooks` is not an object of lists")]
    Hooks,
}

/// Puts our hooks in, in place of older ones of ours. What others have put there stays.
///
/// # Errors
/// [`Odd`]; the settings are as they were then.
pub fn add(settings: &mut Value, program: &str) -> Result<(), Odd> {
    let mut new = settings.clone();
    remove(&mut new)?;
    let all = new.as_object_mut().ok_or(Odd::Settings)?;
    let hooks = all.entry("hooks").or_insert_with(|| json!({})).as_object_mut().ok_or(Odd::Hooks)?;
    for (event, tools) in HOOKS {
        let mut group = json!({"hooks": [{"type": "command", "command": command(program), "timeout": TIMEOUT_SECONDS}]});
        if let Some(group) = group.as_object_mut().filter(|_| tools) {
            group.insert("matcher".to_owned(), "*".into());
        }
        hooks.entry(event).or_insert_with(|| json!([])).as_array_mut().ok_or(Odd::Hooks)?.push(group);
    }
    *settings = new;
    Ok(())
}

/// Takes our hooks out, and what is empty then.
///
/// # Errors
/// [`Odd`]; the settings are as they were then.
pub fn remove(settings: &mut Value) -> Result<(), Odd> {
    let all = settings.as_object_mut().ok_or(Odd::Settings)?;
    let Some(hooks) = all.get_mut("hooks") else { return Ok(()) };
    let groups_of = hooks.as_object_mut().ok_or(Odd::Hooks)?;
    if groups_of.values().any(|groups| !groups.is_array()) {
        return Err(Odd::Hooks);
    }
    let before = groups_of.len();
    groups_of.retain(|_, groups| {
        let Some(groups) = groups.as_array_mut() else { return true };
        let ours = groups.iter().any(has_ours);
        groups.iter_mut().for_each(without_ours);
        groups.retain(|group| !ours || !is_empty(group));
        !ours || !groups.is_empty()
    });
    if groups_of.is_empty() && before > 0 {
        all.remove("hooks");
    }
    Ok(())
}

/// The command as Claude Code gives it to a shell. A guest that is gone, or can't run, is no error to show.
fn command(program: &str) -> String {
    format!("'{}' hook claude 2>/dev/null || true", program.replace('\'', r"'\''"))
}

fn is_ours(hook: &Value) -> bool {
    let command = hook.get("command").and_then(Value::as_str).unwrap_or_default();
    command.contains("shed-guest") && command.contains(" hook claude")
}

fn has_ours(group: &Value) -> bool {
    group.get("hooks").and_then(Value::as_array).is_some_and(|hooks| hooks.iter().any(is_ours))
}

fn without_ours(group: &mut Value) {
    if let Some(hooks) = group.get_mut("hooks").and_then(Value::as_array_mut) {
        hooks.retain(|hook| !is_ours(hook));
    }
}

fn is_empty(group: &Value) -> bool {
    group.get("hooks").and_then(Value::as_array).is_some_and(Vec::is_empty)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PROGRAM: &str = "/opt/shed/shed-guest";

    #[test]
    fn t13_ours_stand_beside_those_of_others_and_go_without_a_trace() {
        let own = json!({
            "model": "opus",
            "hooks": {
                "Stop": [{"hooks": [{"type": "command", "command": "say done"}]}],
                "Mine": [],
                "PreToolUse": [{"matcher": "Bash", "hooks": [{"type": "command", "command": "check"}]}],
            },
        });
        let mut settings = own.clone();
        add(&mut settings, "/old/shed-guest").unwrap();
        add(&mut settings, PROGRAM).unwrap();
        let once = settings.clone();
        add(&mut settings, PROGRAM).unwrap();
        assert_eq!(settings, once);
        assert_eq!(settings["hooks"]["Stop"].as_array().unwrap().len(), 2);
        assert_eq!(settings["hooks"]["Stop"][0], own["hooks"]["Stop"][0]);
        assert_eq!(settings["hooks"]["Stop"][1]["hooks"][0]["command"], "'/opt/shed/shed-guest' hook claude 2>/dev/null || true");
        assert_eq!(settings["hooks"]["PreToolUse"][1]["matcher"], "*");
        assert_eq!(settings["model"], "opus");
        remove(&mut settings).unwrap();
        assert_eq!(settings, own);
        let mut fresh = json!({});
        add(&mut fresh, PROGRAM).unwrap();
        remove(&mut fresh).unwrap();
        assert_eq!(fresh, json!({}));
    }

    #[test]
    fn t13_settings_that_are_not_understood_are_left_alone() {
        for odd in [json!([]), json!("x"), json!({"hooks": 3}), json!({"hooks": {"Stop": "x"}})] {
            let mut settings = odd.clone();
            assert!(add(&mut settings, PROGRAM).is_err(), "{odd}");
            assert_eq!(settings, odd);
        }
    }

    fn any_settings() -> impl Strategy<Value = Value> {
        let hook = "[a-z ]{0,6}".prop_map(|command| json!({"type": "command", "command": command}));
        let group = proptest::collection::vec(hook, 0..3).prop_map(|hooks| json!({"matcher": "x", "hooks": hooks}));
        let events = proptest::sample::select(vec!["Stop", "PreToolUse", "SessionStart", "Else"]);
        let hooks = proptest::collection::btree_map(events.prop_map(str::to_owned), proptest::collection::vec(group, 0..3), 0..4);
        hooks.prop_map(|hooks| json!({"theme": "dark", "hooks": hooks}))
    }

    proptest! {
        #[test]
        fn t13_adding_and_removing_gives_back_what_was(settings in any_settings()) {
            let mut changed = settings.clone();
            add(&mut changed, PROGRAM).unwrap();
            prop_assert_ne!(&changed, &settings);
            remove(&mut changed).unwrap();
            // An empty group beside ours is of no use to anybody.
            let mut expected = settings;
            let hooks = expected["hooks"].as_object_mut().unwrap();
            for (event, _) in HOOKS {
                if let Some(groups) = hooks.get_mut(event).and_then(Value::as_array_mut) {
                    groups.retain(|group| !is_empty(group));
                    if groups.is_empty() {
                        hooks.remove(event);
                    }
                }
            }
            if hooks.is_empty() {
                expected.as_object_mut().unwrap().remove("hooks");
            }
            prop_assert_eq!(changed, expected);
        }
    }
}
