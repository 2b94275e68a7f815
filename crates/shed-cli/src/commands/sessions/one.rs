//! Commands about one session.

use std::io::{self, Read};

use shed_core::{
    SessionName,
    time::ago,
    wire::{CreateSession, ScreenFormat, SendKeys, Session, UpdateSession},
};

use crate::{
    Context, Failure,
    args::{InfoSession, KeyValue, KillSession, NewSession, OneSession, RenameSession, ScreenSession, SendSession},
    locate,
    output::{self, table::Table},
    ssh::quote,
};

pub async fn new(context: &Context, args: NewSession) -> Result<u8, Failure> {
    let name = args.name.map_or_else(|| Ok(SessionName::default_session()), SessionName::new)?;
    let found = locate::shed_named(context, &args.shed).await?;
    let pairs = |pairs: Vec<KeyValue>| pairs.into_iter().map(|KeyValue { key, value }| (key, value)).collect();
    let request = CreateSession {
        name: Some(name.to_string()),
        command: quote::command_line(&args.command)?,
        working_dir: args.dir.map(|dir| dir.to_string_lossy().into_owned()),
        env: pairs(args.env),
        labels: pairs(args.label),
        prompt: args.prompt.map(text_or_input).transpose()?,
        resume: args.resume,
        ..CreateSession::default()
    };
    let session = found.client().create_session(found.name(), &request).await?;
    if args.json.json {
        output::json(&session)?;
    } else {
        output::say(&format!("session `{name}` runs in shed `{0}`; attach to it with `shed attach {0} -S {name}`", found.name()));
    }
    Ok(0)
}

pub async fn info(context: &Context, args: InfoSession) -> Result<u8, Failure> {
    let (found, session) = locate::session(context, &args.session, true).await?;
    if args.json.json {
        output::json(&session)?;
        return Ok(0);
    }
    let mut pairs = pairs(&session, jiff::Timestamp::now());
    pairs.insert(0, ("server", found.remote.name));
    output::data(&Table::pairs(&pairs).render())?;
    Ok(0)
}

fn pairs(session: &Session, now: jiff::Timestamp) -> Vec<(&'static str, String)> {
    let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
    let time = |time: jiff::Timestamp| format!("{time:.0} ({})", ago(time, now));
    let number = |number: Option<i64>| number.map_or_else(|| "-".to_owned(), |number| number.to_string());
    let labels: Vec<String> = session.labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
    vec![
        ("shed", session.shed_name.clone()),
        ("session", session.name.clone()),
        ("id", session.id.clone()),
        ("status", format!("{}, {}", if session.attached { "attached" } else { "detached" }, session.status.as_str())),
        ("detail", text(&session.status_detail)),
        ("exit code", number(session.exit_code.map(i64::from))),
        ("created", time(session.created_at)),
        ("active", session.last_activity_at.map_or_else(|| "-".to_owned(), time)),
        ("clients", session.attached_clients.to_string()),
        ("windows", session.window_count.to_string()),
        ("command", text(&session.command)),
        ("directory", text(&session.working_dir)),
        ("process", number(session.pid.map(i64::from))),
        ("labels", if labels.is_empty() { "-".to_owned() } else { labels.join(", ") }),
    ]
}

pub async fn rename(context: &Context, args: RenameSession) -> Result<u8, Failure> {
    let new = SessionName::new(args.new)?;
    let which = OneSession { shed: Some(args.shed), session: Some(args.session), interactive: false };
    let (found, session) = locate::session(context, &which, false).await?;
    let request = UpdateSession { name: Some(new.to_string()), labels: None };
    found.client().update_session(found.name(), &session.name, &request).await?;
    output::say(&format!("session `{}` in shed `{}` is now `{new}`", session.name, found.name()));
    Ok(0)
}

pub async fn kill(context: &Context, args: KillSession) -> Result<u8, Failure> {
    let (found, session) = locate::session(context, &args.session, false).await?;
    found.client().kill_session(found.name(), &session.name).await?;
    output::say(&format!("session `{}` in shed `{}` is ended", session.name, found.name()));
    Ok(0)
}

pub async fn send(context: &Context, args: SendSession) -> Result<u8, Failure> {
    let which = OneSession { shed: Some(args.shed), session: Some(args.session), interactive: false };
    let (found, session) = locate::session(context, &which, false).await?;
    let text = args.text.map(text_or_input).transpose()?;
    let mut keys = args.key;
    if args.enter {
        keys.push("Enter".to_owned());
    }
    found.client().send_keys(found.name(), &session.name, &SendKeys { text, keys }).await?;
    Ok(0)
}

/// The text, or standard input in place of `-`.
fn text_or_input(text: String) -> io::Result<String> {
    if text != "-" {
        return Ok(text);
    }
    let mut text = String::new();
    io::stdin().read_to_string(&mut text)?;
    Ok(text)
}

pub async fn screen(context: &Context, args: ScreenSession) -> Result<u8, Failure> {
    let (found, session) = locate::session(context, &args.session, true).await?;
    let format = if args.ansi { ScreenFormat::Ansi } else { ScreenFormat::Text };
    let screen = found.client().screen(found.name(), &session.name, format, args.scrollback).await?;
    // The empty rows below the last line would push it out of the reader's own screen.
    let screen = format!("{}\n", screen.trim_end_matches(['\n', ' ']));
    output::raw(screen.as_bytes())?;
    Ok(0)
}
