//! `shed completions` and `shed man`

use std::{fs, path::Path};

use clap::{Command, CommandFactory};
use clap_complete::env::{Bash, EnvCompleter, Fish, Zsh};

use crate::{
    Failure,
    args::{Cli, Completions, Man, ShellArg},
    output,
};

/// `shed completions`: a few lines that ask this very program at each Tab.
pub fn completions(args: Completions) -> Result<u8, Failure> {
    let shell: &dyn EnvCompleter = match args.shell {
        ShellArg::Bash => &Bash,
        ShellArg::Zsh => &Zsh,
        ShellArg::Fish => &Fish,
    };
    let mut script = Vec::new();
    shell.write_registration("COMPLETE", "shed", "shed", "shed", &mut script)?;
    output::raw(&script)?;
    Ok(0)
}

/// `shed man`
pub fn man(args: Man) -> Result<u8, Failure> {
    let mut root = Cli::command();
    root.build();
    if let Some(folder) = args.dir {
        fs::create_dir_all(&folder)?;
        write_pages(&root, &folder)?;
        return Ok(0);
    }
    let mut command = &root;
    for word in &args.command {
        let unknown = || Failure::usage(format!("there is no command `shed {}`", args.command.join(" "))).hint("see `shed --help`");
        command = command.find_subcommand(word).ok_or_else(unknown)?;
    }
    output::raw(&page(command)?)?;
    Ok(0)
}

fn page(command: &Command) -> Result<Vec<u8>, Failure> {
    let mut page = Vec::new();
    // The name with dashes is the page's own name, as in `man shed-sessions-kill`.
    let name = command.get_display_name().unwrap_or_else(|| command.get_name()).to_owned();
    clap_mangen::Man::new(command.clone().name(name)).render(&mut page)?;
    Ok(page)
}

fn write_pages(command: &Command, folder: &Path) -> Result<(), Failure> {
    let name = command.get_display_name().unwrap_or_else(|| command.get_name());
    fs::write(folder.join(format!("{name}.1")), page(command)?)?;
    command.get_subcommands().filter(|sub| sub.get_name() != "help").try_for_each(|sub| write_pages(sub, folder))
}
