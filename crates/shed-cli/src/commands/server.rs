//! `shed server …`

use std::io::{self, BufRead, IsTerminal, Read, Write};

use ratatui::crossterm::{
    event::{self, Event, KeyCode, KeyEventKind, KeyModifiers},
    terminal::{disable_raw_mode, enable_raw_mode},
};
use serde::Serialize;
use shed_client::{Client, ServerUrl, Token};
use shed_core::{ServerName, wire::AddSshKey};

use crate::{
    Context, Failure,
    args::{AddServer, ServerCommand},
    config::{self, Paths, Server, host_is_plain},
    output::{self, table::Table},
    ssh::{keys, known_hosts},
};

/// `shed server …`
pub async fn run(command: ServerCommand) -> Result<u8, Failure> {
    match command {
        ServerCommand::Add(args) => add(args).await,
        ServerCommand::List(args) => list(args.json),
        ServerCommand::Remove { name } => remove(&name),
        ServerCommand::SetDefault { name } => set_default(&name),
    }
}

async fn add(args: AddServer) -> Result<u8, Failure> {
    let name = ServerName::new(args.name.as_str())?;
    let paths = Paths::from_env()?;
    let known = config::load(&paths)?;
    if known.servers.contains_key(name.as_str()) && !args.force {
        return Err(Failure::new(format!("server `{name}` is there already")).hint("replace it with --force, or choose another name"));
    }
    let url = ServerUrl::new(&args.url).map_err(|error| Failure::usage(error.to_string()).hint("for example `http://127.0.0.1:8080`"))?;
    let ssh_host = args.ssh_host.clone().unwrap_or_else(|| url.host().to_owned());
    if !host_is_plain(&ssh_host) {
        return Err(Failure::usage(format!("`{ssh_host}` is not a host name")));
    }
    if !url.is_https() && !url.is_loopback() {
        output::warn(&format!("the token goes to `{url}` unencrypted; use https, or a tunnel to the server's loopback address"));
    }
    let token = token(&args)?;
    if token.reveal().is_empty() {
        return Err(Failure::new("no token was given").hint(
            "make one on the server with `shed-server token create --name NAME`, and give it with --token-file, SHED_TOKEN or --token",
        ));
    }
    if !token.is_well_formed() {
        return Err(Failure::new("the token has spaces or control characters in it")
            .hint("make one on the server with `shed-server token create --name NAME`"));
    }
    let client = Client::new(&url.to_string(), Some(token.clone()))?;
    let info = client.info().await?;
    let Some(port) = info.ssh_port else {
        return Err(Failure::new(format!("server `{}` at {url} does not know this token", info.name))
            .hint("make one on the server with `shed-server token create --name NAME`"));
    };
    let server = Server {
        url: url.to_string(),
        token: token.reveal().to_owned(),
        ssh_host: ssh_host.clone(),
        ssh_port: args.ssh_port.unwrap_or(port),
    };
    let host_key = client.ssh_host_key().await?;
    check_pinned(&paths, &server, &host_key.public_key, args.force)?;
    known_hosts::pin(&paths, &ssh_host, server.ssh_port, &host_key.public_key)?;
    let key = keys::find_or_make(&paths)?;
    client.add_ssh_key(&AddSshKey { public_key: key.line, name: None }).await?;
    let is_default = config::update(&paths, |config| {
        if config.servers.contains_key(name.as_str()) && !args.force {
            return Err(Failure::new(format!("server `{name}` was just added by another command")).hint("replace it with --force"));
        }
        config.servers.insert(name.to_string(), server);
        Ok(*config.default.get_or_insert_with(|| name.to_string()) == name.as_str())
    })?;
    output::say(&format!(
        "server `{name}` ({} {}) is added{}",
        info.name,
        info.version,
        if is_default { " and is the default" } else { "" }
    ));
    output::say(&format!("its SSH host key is {}", host_key.fingerprint));
    output::say(&format!("your key {} is registered", key.path.display()));
    Ok(0)
}

/// A host key that differs from the pinned one is only taken with `--force`.
fn check_pinned(paths: &Paths, server: &Server, key: &str, force: bool) -> Result<(), Failure> {
    match known_hosts::pinned(paths, &server.ssh_host, server.ssh_port)? {
        Some(old) if Some(&old) != known_hosts::type_and_key(key).as_ref() && !force => {
            let place = known_hosts::endpoint(&server.ssh_host, server.ssh_port);
            Err(Failure::new(format!("the SSH host key of `{place}` is not the one that was pinned"))
                .hint("if the server was set up again, add it with --force; if not, somebody stands between"))
        }
        _ => Ok(()),
    }
}

/// The token from where the user put it, in the order of the help text.
fn token(args: &AddServer) -> Result<Token, Failure> {
    if let Some(token) = &args.token {
        return Ok(Token::new(token));
    }
    if let Some(file) = &args.token_file {
        let mut text = String::new();
        if file.as_os_str() == "-" {
            io::stdin().read_to_string(&mut text)?;
        } else {
            text = std::fs::read_to_string(file).map_err(|error| Failure::new(format!("`{}`: {error}", file.display())))?;
        }
        return Ok(Token::new(&text));
    }
    if let Some(token) = std::env::var("SHED_TOKEN").ok().filter(|token| !token.is_empty()) {
        return Ok(Token::new(&token));
    }
    if !io::stdin().is_terminal() {
        let mut line = String::new();
        io::stdin().lock().read_line(&mut line)?;
        return Ok(Token::new(&line));
    }
    hidden_line("token: ").map(|line| Token::new(&line))
}

/// Reads a line without showing it.
fn hidden_line(prompt: &str) -> Result<String, Failure> {
    let mut err = io::stderr();
    write!(err, "{prompt}")?;
    err.flush()?;
    enable_raw_mode()?;
    let line = read_keys();
    disable_raw_mode()?;
    writeln!(err)?;
    line
}

fn read_keys() -> Result<String, Failure> {
    let mut line = String::new();
    loop {
        let Event::Key(key) = event::read()? else { continue };
        if key.kind == KeyEventKind::Release {
            continue;
        }
        match key.code {
            KeyCode::Enter => return Ok(line),
            KeyCode::Char('c' | 'd') if key.modifiers.contains(KeyModifiers::CONTROL) => return Err(Failure::silent(130)),
            KeyCode::Backspace => {
                line.pop();
            }
            KeyCode::Char(c) => line.push(c),
            _ => {}
        }
    }
}

#[derive(Debug, Serialize)]
struct Row<'a> {
    name: &'a str,
    default: bool,
    url: &'a str,
    ssh_host: &'a str,
    ssh_port: u16,
}

fn list(json: bool) -> Result<u8, Failure> {
    let config = Context::load(None)?.config;
    let default = config.choose(None).map(|(name, _)| name).unwrap_or_default();
    let rows: Vec<Row> = config
        .servers
        .iter()
        .map(|(name, server)| Row {
            name,
            default: name == default,
            url: &server.url,
            ssh_host: &server.ssh_host,
            ssh_port: server.ssh_port,
        })
        .collect();
    if json {
        output::json(&serde_json::json!({ "servers": rows }))?;
    } else if rows.is_empty() {
        output::say("no servers yet; add one with `shed server add NAME URL`");
    } else {
        let mut table = Table::new(&["SERVER", "DEFAULT", "URL", "SSH"]);
        for row in &rows {
            let ssh = format!("{}:{}", row.ssh_host, row.ssh_port);
            table.row(vec![row.name.into(), if row.default { "yes" } else { "-" }.into(), row.url.into(), ssh.into()]);
        }
        output::data(&table.render())?;
    }
    Ok(0)
}

fn remove(name: &str) -> Result<u8, Failure> {
    let paths = Paths::from_env()?;
    let (removed, still_used, default) = config::update(&paths, |config| {
        let removed = config.servers.remove(name).ok_or_else(|| config.unknown(name))?;
        if config.default.as_deref() == Some(name) {
            // With one server left there is nothing to choose.
            config.default = if config.servers.len() == 1 { config.servers.keys().next().cloned() } else { None };
        }
        let still_used = config.servers.values().any(|other| other.ssh_host == removed.ssh_host && other.ssh_port == removed.ssh_port);
        Ok((removed, still_used, config.default.clone()))
    })?;
    if !still_used {
        known_hosts::unpin(&paths, &removed.ssh_host, removed.ssh_port)?;
    }
    let now = default.map_or_else(String::new, |default| format!("; the default is `{default}`"));
    output::say(&format!("server `{name}` is forgotten{now}"));
    Ok(0)
}

fn set_default(name: &str) -> Result<u8, Failure> {
    config::update(&Paths::from_env()?, |config| {
        if !config.servers.contains_key(name) {
            return Err(config.unknown(name));
        }
        config.default = Some(name.to_owned());
        Ok(())
    })?;
    output::say(&format!("the default server is `{name}`"));
    Ok(0)
}
