//! config.example.toml says what is true: every key, at its default.
// The lints spare #[test] functions, not what they call.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeSet;
use std::path::Path;

use buildcat::config::{Config, Env, Overrides, Source, key_names};

fn load(text: &str) -> buildcat::config::Loaded {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("config.toml");
    std::fs::write(&path, text).unwrap();
    Config::load(Some(&path), &Env::empty(), &Overrides::default())
}

fn example() -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("config.example.toml"))
        .unwrap()
}

#[test]
fn every_value_in_the_example_is_the_default() {
    let loaded = load(&example());
    assert_eq!(loaded.problems, []);
    assert_eq!(loaded.config, Config::default());
}

#[test]
fn every_key_of_the_schema_is_in_the_example_and_none_besides() {
    let mut seen = BTreeSet::new();
    for line in example().lines() {
        let line = line.strip_prefix('#').unwrap_or(line);
        if let Some(table) = line.strip_prefix('[') {
            seen.insert(table.trim_matches(['[', ']']).to_owned());
            // What follows a table's head are its own keys.
            if table.starts_with('[') || table.starts_with("keys") {
                continue;
            }
        } else if let Some((name, _)) = line.split_once(" = ")
            && name.chars().all(|c| c.is_ascii_lowercase() || c == '_')
            && !seen.contains("keys")
        {
            seen.insert(name.to_owned());
        }
    }
    let known: BTreeSet<String> = key_names().map(str::to_owned).collect();
    assert_eq!(seen, known);
}

#[test]
fn what_the_example_sets_is_set_and_what_it_leaves_out_is_unset() {
    let loaded = load(&example());
    for row in loaded.show() {
        match row.value {
            Some(_) => {
                assert!(matches!(row.source, Source::File(_)), "{} isn't in the example", row.key);
            }
            None => assert_eq!(row.source, Source::Default, "{}", row.key),
        }
    }
}

#[test]
fn the_example_is_sound_with_its_optional_keys_switched_on() {
    // A key's line begins with `#` and no blank; prose has a blank.
    let text: String = example()
        .lines()
        .map(|line| match line.strip_prefix('#') {
            Some(key) if !key.starts_with(' ') => format!("{key}\n"),
            _ => format!("{line}\n"),
        })
        .collect();
    let loaded = load(&text);
    // Both ways to give a key at once is the one thing it then complains of.
    let about: Vec<_> = loaded.problems.iter().map(|p| p.key.as_deref()).collect();
    assert_eq!(about, [Some("api_key_command")], "{:?}", loaded.problems);
    assert_eq!(loaded.config.keys.len(), 2);
    assert_eq!(loaded.config.rules.len(), 1);
    assert_eq!(loaded.config.org.as_deref(), Some("acme"));
}
