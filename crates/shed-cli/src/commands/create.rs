//! `shed create`

use std::{
    io::{self, IsTerminal},
    time::Duration,
};

use indicatif::{ProgressBar, ProgressStyle};
use shed_core::{ShedName, wire::CreateShed};

use crate::{
    Context, Failure,
    args::{Create, KeyValue},
    output::{self, clean},
};

/// Makes a shed and shows how it goes.
pub async fn create(context: &Context, args: Create) -> Result<u8, Failure> {
    let name = ShedName::new(args.name)?;
    let remote = context.one()?;
    let request = CreateShed {
        name: name.to_string(),
        repo: args.repo,
        image: args.image,
        profile: args.profile.map(Into::into),
        memory: args.memory,
        cpus: args.cpus,
        pids: args.pids,
        env: args.env.into_iter().map(|KeyValue { key, value }| (key, value)).collect(),
        keep_on_clone_failure: args.keep,
    };
    let creation = remote.client.create_shed(&request).await?;
    let shed = if io::stderr().is_terminal() {
        let spinner = spinner();
        let result = creation.finish(|text| spinner.set_message(clean(text))).await;
        spinner.finish_and_clear();
        result?
    } else {
        creation.finish(output::say).await?
    };
    if args.json.json {
        output::json(&shed)?;
    } else {
        output::say(&format!("shed `{name}` is {} on server `{}`; go in with `shed attach {name}`", shed.status.as_str(), remote.name));
    }
    Ok(0)
}

fn spinner() -> ProgressBar {
    let spinner = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{spinner} {wide_msg} {elapsed}") {
        spinner.set_style(style);
    }
    spinner.enable_steady_tick(Duration::from_millis(100));
    spinner
}
