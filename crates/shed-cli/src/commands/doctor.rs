//! `shed doctor`: looks at everything that has to be right, and says what to do where it isn't.

use std::process::Command;

use serde::Serialize;
use shed_client::SessionQuery;
use shed_core::wire::{GuestStatus, Shed};

use crate::{
    Context, Failure,
    args::DoctorArgs,
    context::Remote,
    failure::FAILED,
    output::{
        self,
        style::{ERROR, GOOD, WARNING},
    },
    ssh::{keys, known_hosts},
};

/// How a check went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    Ok,
    Warning,
    Problem,
}

/// One line of the report.
#[derive(Debug, Clone, Serialize)]
struct Check {
    /// What was looked at; a server's name comes first.
    name: String,
    state: State,
    detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
}

impl Check {
    fn ok(name: &str, detail: impl Into<String>) -> Self {
        Self { name: name.to_owned(), state: State::Ok, detail: detail.into(), hint: None }
    }

    fn problem(name: &str, failure: Failure) -> Self {
        Self { name: name.to_owned(), state: State::Problem, detail: failure.message, hint: failure.hint }
    }
}

/// `shed doctor`
pub async fn doctor(named: Option<&str>, args: DoctorArgs) -> Result<u8, Failure> {
    let mut checks = vec![ssh_client()];
    match Context::load(named.map(str::to_owned)) {
        Ok(context) => {
            let file = &context.paths.config;
            let absent = if file.exists() { "" } else { " (not there yet)" };
            checks.push(Check::ok("configuration", format!("{}{absent}", file.display())));
            match context.searched() {
                Ok(remotes) => {
                    let asked = remotes.iter().map(|remote| server(&context, remote));
                    checks.extend(futures_util::future::join_all(asked).await.into_iter().flatten());
                }
                Err(failure) => checks.push(Check::problem("servers", failure)),
            }
        }
        Err(failure) => checks.push(Check::problem("configuration", failure)),
    }
    let healthy = checks.iter().all(|check| check.state != State::Problem);
    if args.json.json {
        output::json(&serde_json::json!({ "healthy": healthy, "checks": checks }))?;
    } else {
        output::data(&report(&checks))?;
    }
    Ok(if healthy { 0 } else { FAILED })
}

fn report(checks: &[Check]) -> String {
    let mut out = String::new();
    for check in checks {
        let (word, paint) = match check.state {
            State::Ok => ("ok     ", GOOD),
            State::Warning => ("warning", WARNING),
            State::Problem => ("problem", ERROR),
        };
        out.push_str(&format!("{}  {}: {}\n", paint.apply(word), output::clean(&check.name), output::clean(&check.detail)));
        if let Some(hint) = &check.hint {
            out.push_str(&format!("         {}\n", output::clean(hint)));
        }
    }
    out
}

fn ssh_client() -> Check {
    match Command::new("ssh").arg("-V").output() {
        // `ssh -V` writes to standard error.
        Ok(output) => Check::ok("ssh client", String::from_utf8_lossy(&output.stderr).trim().to_owned()),
        Err(error) => Check::problem("ssh client", crate::ssh::command::not_started(&error)),
    }
}

/// Everything about one server; what depends on an answer is left out where there was none.
async fn server(context: &Context, remote: &Remote) -> Vec<Check> {
    let called = |what: &str| format!("{} {what}", remote.name);
    let client = match remote.asking() {
        Ok(client) => client,
        Err(error) => return vec![Check::problem(&called("server"), error.into())],
    };
    let info = match client.info().await {
        Ok(info) => info,
        Err(error) => return vec![Check::problem(&called("server"), error.into())],
    };
    let mut checks = vec![Check::ok(&called("server"), format!("`{}` version {} at {}", info.name, info.version, remote.server.url))];
    if info.version != env!("CARGO_PKG_VERSION") {
        checks.push(Check {
            name: called("version"),
            state: State::Warning,
            detail: format!("the server has version {}, this is {}", info.version, env!("CARGO_PKG_VERSION")),
            hint: Some("use the same version on both sides".to_owned()),
        });
    }
    if info.ssh_port.is_none() {
        let failure = Failure::new("the server does not know our token").hint(format!(
            "make one with `shed-server token create`, then `shed server add {} {} --force`",
            remote.name, remote.server.url
        ));
        checks.push(Check::problem(&called("token"), failure));
        return checks;
    }
    checks.push(Check::ok(&called("token"), "accepted"));
    checks.push(match client.readyz().await {
        Ok(_) => Check::ok(&called("engine"), "answers"),
        Err(error) => Check::problem(&called("engine"), error.into()),
    });
    checks.push(host_key(context, remote, &client).await.unwrap_or_else(|failure| Check::problem(&called("host key"), failure)));
    checks.push(user_key(context, remote, &client).await.unwrap_or_else(|failure| Check::problem(&called("your key"), failure)));
    if let Ok(list) = client.list_sheds().await {
        checks.extend(list.sheds.iter().filter_map(|shed| guest(&remote.name, shed)));
    }
    if let Ok(list) = client.list_all_sessions(&SessionQuery::default()).await {
        checks.extend(list.warnings.into_iter().map(|warning| Check {
            name: called(&warning.shed_name.map_or_else(|| "sheds".to_owned(), |shed| format!("shed `{shed}`"))),
            state: State::Warning,
            detail: warning.message,
            hint: None,
        }));
    }
    checks
}

/// A running shed whose guest is not there works, but slower; the reason says what to change.
fn guest(server: &str, shed: &Shed) -> Option<Check> {
    let guest = shed.guest.as_ref()?;
    let hint = match guest.status {
        GuestStatus::Connected | GuestStatus::Connecting | GuestStatus::Unknown => return None,
        GuestStatus::Unavailable => {
            "it works all the same: each call takes a tenth of a second, and changes made inside are seen within 30 s. The guest needs \
             an image of the server's architecture and an /opt that can be written to and executed from"
        }
    };
    Some(Check {
        name: format!("{server} shed `{}`", shed.name),
        state: State::Warning,
        detail: format!("the guest can't run there: {}", guest.reason.as_deref().unwrap_or("it did not say why")),
        hint: Some(hint.to_owned()),
    })
}

async fn host_key(context: &Context, remote: &Remote, client: &shed_client::Client) -> Result<Check, Failure> {
    let name = format!("{} host key", remote.name);
    let add = format!("`shed server add {} {} --force`", remote.name, remote.server.url);
    let real = client.ssh_host_key().await?;
    match known_hosts::pinned(&context.paths, &remote.server.ssh_host, remote.server.ssh_port)? {
        Some(pinned) if Some(&pinned) == known_hosts::type_and_key(&real.public_key).as_ref() => {
            Ok(Check::ok(&name, format!("pinned, {}", real.fingerprint)))
        }
        Some(_) => Err(Failure::new("is not the one that was pinned").hint(format!("if the server was set up again: {add}"))),
        None => Err(Failure::new("is not pinned").hint(add)),
    }
}

async fn user_key(context: &Context, remote: &Remote, client: &shed_client::Client) -> Result<Check, Failure> {
    let add = format!("`shed server add {} {} --force`", remote.name, remote.server.url);
    let Some(key) = keys::find(&context.paths)? else { return Err(Failure::new("there is none").hint(add)) };
    let ours = known_hosts::type_and_key(&key.line);
    let registered = client.list_ssh_keys().await?.ssh_keys;
    match registered.iter().find(|other| known_hosts::type_and_key(&other.public_key) == ours) {
        Some(found) => {
            Ok(Check::ok(&format!("{} your key", remote.name), format!("{} is registered, {}", key.path.display(), found.fingerprint)))
        }
        None => Err(Failure::new(format!("{} is not registered", key.path.display())).hint(add)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shed_without_a_guest_is_explained() {
        let shed = |guest: serde_json::Value| {
            serde_json::from_value::<Shed>(serde_json::json!({
                "name": "odd", "status": "running", "created_at": "2026-01-25T10:00:00Z", "image": "i", "container_id": "c", "guest": guest,
            }))
            .unwrap()
        };
        let refused = shed(serde_json::json!({"status": "unavailable", "reason": "Exec format error"}));
        let check = guest("home", &refused).unwrap();
        assert_eq!((check.name.as_str(), check.state), ("home shed `odd`", State::Warning));
        assert!(check.detail.contains("Exec format error") && check.hint.unwrap().contains("architecture"));
        for fine in [serde_json::json!({"status": "connected"}), serde_json::json!({"status": "connecting"}), serde_json::Value::Null] {
            assert!(guest("home", &shed(fine)).is_none());
        }
    }

    #[test]
    fn the_report_says_what_to_do() {
        let checks =
            [Check::ok("ssh client", "OpenSSH_9.2"), Check::problem("home server", Failure::new("not reachable").hint("start it"))];
        insta::assert_snapshot!(anstream::adapter::strip_str(&report(&checks)).to_string(), @r"
        ok       ssh client: OpenSSH_9.2
        problem  home server: not reachable
                 start it
        ");
    }
}
