//! What the README says is what the program does.

#![allow(clippy::unwrap_used, clippy::panic)]

use clap::CommandFactory;

const README: &str = include_str!("../README.md");

/// The table between the markers, as the keymap has it.
fn keys() -> String {
    let mut table = String::from("| Keys | What they do | |\n| --- | --- | --- |\n");
    for (action, keys) in buildcat::keymap::Keymap::default().table() {
        let keys: Vec<String> =
            keys.split_whitespace().map(|key| format!("`{}`", key.replace('|', "\\|"))).collect();
        let (what, group) = (action.description(), action.group());
        table.push_str(&format!("| {} | {what} | {group} |\n", keys.join(" ")));
    }
    table
}

#[test]
fn the_key_table_is_the_keymaps() {
    let (_, rest) = README.split_once("<!-- keys: tested against the keymap -->\n").unwrap();
    let (table, _) = rest.split_once("<!-- end of keys -->").unwrap();
    assert_eq!(table, keys(), "put this into README.md:\n{}", keys());
}

#[test]
fn every_command_and_flag_is_named() {
    let cli = buildcat::cli::Cli::command();
    for command in cli.get_subcommands() {
        assert!(
            README.contains(&format!("`buildcat {}", command.get_name())),
            "{}",
            command.get_name()
        );
    }
    let missing = flags(&cli, "buildcat").into_iter().filter(|(_, flag)| !names(flag));
    assert_eq!(missing.collect::<Vec<_>>(), []);
}

/// Every long flag with its command, the commands' commands included.
fn flags(command: &clap::Command, path: &str) -> Vec<(String, String)> {
    let own = command.get_arguments().filter_map(|arg| arg.get_long());
    let mut all: Vec<(String, String)> = own
        .filter(|flag| !["help", "version", "verbose"].contains(flag))
        .map(|flag| (path.to_owned(), format!("--{flag}")))
        .collect();
    for below in command.get_subcommands() {
        all.extend(flags(below, &format!("{path} {}", below.get_name())));
    }
    all
}

/// Whether the README has the flag, not only a longer one.
fn names(flag: &str) -> bool {
    let ends = |rest: &str| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '-');
    README.match_indices(flag).any(|(at, _)| ends(&README[at + flag.len()..]))
}

#[test]
fn the_exit_statuses_are_those_of_the_help() {
    let (_, rest) = README.split_once("### Exit status\n").unwrap();
    let help = buildcat::cli::Cli::command().render_help().to_string();
    let rows: Vec<_> = rest
        .lines()
        .skip_while(|line| !line.starts_with("| 0 "))
        .take_while(|line| line.starts_with('|'))
        .map(|row| row.trim_matches(['|', ' ']).split_once(" | ").unwrap())
        .collect();
    let statuses: Vec<_> = rows.iter().map(|(status, _)| *status).collect();
    assert_eq!(statuses, ["0", "1", "2", "3", "130"]);
    for (status, meaning) in rows {
        let line = format!("\n  {status:<5}{meaning}");
        assert!(help.contains(&line), "{line}\n{help}");
    }
}

#[test]
fn the_sample_rules_are_sound() {
    let (_, rest) = README.split_once("```toml\n[[rules]]").unwrap();
    let (readme, _) = rest.split_once("```").unwrap();
    let example = include_str!("../config.example.toml");
    let (_, commented) = example.split_once("\n#[[rules]]\n").unwrap();
    let example: String =
        commented.lines().map(|line| format!("{}\n", line.trim_start_matches('#'))).collect();
    for text in [readme.to_owned(), example] {
        let text = format!("[[rules]]\n{text}");
        let source = buildcat::diagnose::Source { name: "sample", text: &text };
        let (rules, problems) = buildcat::diagnose::Rules::load(&[source]);
        assert!(problems.is_empty(), "{problems:?}");
        assert!(rules.get("acme-registry-login").is_some(), "{text}");
        let complaints: Vec<_> =
            buildcat::diagnose::check(&rules).into_iter().filter(|c| c.file == "sample").collect();
        assert!(complaints.is_empty(), "{complaints:?}");
    }
}
