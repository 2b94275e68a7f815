//! All help texts, as snapshots; every one has examples, and every example is a command line that is understood.

use clap::{Command, CommandFactory, Parser};
use shed_cli::args::Cli;

fn each(command: &Command, path: &[String], visit: &mut impl FnMut(&[String], &Command)) {
    visit(path, command);
    for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
        each(sub, &[path, &[sub.get_name().to_owned()]].concat(), visit);
    }
}

fn root() -> Command {
    let mut root = Cli::command().term_width(100);
    root.build();
    root
}

#[test]
fn the_command_line_is_well_formed() {
    Cli::command().debug_assert();
}

#[test]
fn s39_every_help_text() {
    each(&root(), &["shed".to_owned()], &mut |path, command| {
        insta::assert_snapshot!(path.join("-"), command.clone().render_long_help().to_string());
    });
}

#[test]
fn s39_every_command_has_examples_that_are_understood() {
    let mut examples = 0;
    each(&root(), &["shed".to_owned()], &mut |path, command| {
        let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        let (_, lines) = help.split_once("Examples:\n").unwrap_or_else(|| panic!("`{}` has no examples", path.join(" ")));
        for line in lines.lines().take_while(|line| line.starts_with("  ")) {
            let words = shlex::split(line).unwrap();
            assert!(line.len() < 80, "`{line}` does not fit a terminal");
            let Some(start) = words.iter().position(|word| word == "shed") else { continue };
            let argv = words[start..].iter().take_while(|word| !matches!(word.as_str(), "|" | ">"));
            if let Err(error) = Cli::try_parse_from(argv) {
                panic!("`{line}`: {error}");
            }
            examples += 1;
        }
    });
    assert!(examples > 40, "{examples}");
}
