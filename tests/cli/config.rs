//! `config`

use crate::support::{Home, KEY};

const BAD: &str = r#"api_hots = "x"
poll_interval = "1ms"
theme = "drak"

[keys]
qit = "q"
quit = "ctrl-alt-nope"

[[rules]]
id = "acme"
patern = "x"
"#;

#[test]
fn the_path_is_the_systems_or_the_one_named() {
    let home = Home::new();
    let usual = home.path().join(".config/buildcat/config.toml");
    home.run(&["config", "path"]).is(0, &format!("{}\n", usual.display()), "");
    let named = home.file("mine.toml", "");
    let named = named.to_str().unwrap();
    home.run(&["config", "path", "--config", named]).is(0, &format!("{named}\n"), "");
    let home = home.with("BUILDCAT_CONFIG", named);
    home.run(&["config", "path"]).is(0, &format!("{named}\n"), "");
}

#[test]
fn every_value_is_shown_with_its_source_and_secrets_are_masked() {
    let home = Home::new().with("PIPECAT_ORG", "acme").with("PIPECAT_API_KEY", KEY);
    let text = format!("theme = \"light\"\napi_key = \"{KEY}\"\n");
    home.file(".config/buildcat/config.toml", &text);
    for args in
        [&["config", "--poll-interval", "5s"][..], &["config", "show", "--poll-interval", "5s"]]
    {
        let output = home.run(args);
        assert_eq!((output.code(), output.stderr.as_str()), (Some(0), ""));
        let row = |key: &str| {
            let start = format!("{key} = ");
            let row = output.text().lines().find(|line| line.starts_with(&start)).unwrap();
            let (value, source) = row[start.len()..].rsplit_once('#').unwrap();
            (value.trim().to_owned(), source.trim().to_owned())
        };
        let is = |key, value: &str, source: &str| {
            assert_eq!(row(key), (value.to_owned(), source.to_owned()));
        };
        is("api_host", "\"https://api.pipecat.daily.co\"", "default");
        is("theme", "\"light\"", "file, line 1");
        is("api_key", "\"••••••••\"", "file, line 2");
        is("org", "\"acme\"", "PIPECAT_ORG");
        is("poll_interval", "\"5s\"", "--poll-interval");
        assert!(!output.text().contains(KEY));
    }
}

#[test]
fn all_problems_are_told_at_once_with_file_and_line() {
    let home = Home::new();
    let path = home.file(".config/buildcat/config.toml", BAD);
    let path = path.display();
    let output = home.run(&["config", "check"]);
    assert_eq!((output.code(), output.stderr.as_str()), (Some(2), ""));
    let lines: Vec<&str> = output.text().lines().collect();
    let starts = [
        format!("{path}:1: unknown key \"api_hots\"; did you mean api_host?"),
        format!("{path}:2: poll_interval: \"1ms\" is out of bounds"),
        format!("{path}:3: theme: there is no theme \"drak\""),
        format!("{path}:6: `qit` is no action; did you mean `quit`?"),
        format!("{path}:7: `quit`: \"ctrl-alt-nope\" is no key"),
        format!("{path}:9: rule \"acme\": unknown field `patern`"),
        format!("{path}: 6 problems"),
    ];
    assert_eq!(lines.len(), starts.len(), "{lines:#?}");
    for (line, start) in lines.iter().zip(&starts) {
        assert!(line.starts_with(start), "{line}\n{start}");
    }
}

#[test]
fn a_sound_configuration_has_no_problems() {
    let home = Home::new();
    let path = home.path().join(".config/buildcat/config.toml");
    let missing = format!("{} (doesn't exist; defaults apply): no problems\n", path.display());
    home.run(&["config", "check"]).is(0, &missing, "");
    let example = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("config.example.toml");
    let example = example.to_str().unwrap();
    let sound = format!("{example}: no problems\n");
    home.run(&["config", "check", "--config", example]).is(0, &sound, "");
}

#[test]
fn what_is_wrong_with_a_theme_is_told_with_its_own_file_and_line() {
    let home = Home::new();
    home.file(".config/buildcat/config.toml", "theme = \"mine\"\n");
    for (text, says) in [
        ("background = \"dark\"\n\n[rolez]\n", "mine.toml:3: unknown field `rolez`"),
        ("background = \"dark\"\nx\n", "mine.toml:2: "),
        ("background = \"dark\"\n[roles]\ntext = \"pink\"\n", "mine.toml: role text: \"pink\" is"),
    ] {
        let path = home.file(".config/buildcat/themes/mine.toml", text);
        let output = home.run(&["config", "check"]);
        assert_eq!(output.code(), Some(2));
        let told = output.text().lines().next().unwrap();
        let place = path.parent().unwrap().join(says);
        assert!(told.starts_with(place.to_str().unwrap()), "{told}\n{says}");
        assert!(!told.contains("TOML parse error"), "{told}");
        assert_eq!(output.text().lines().count(), 2, "{}", output.text());
    }
}

#[test]
fn a_file_that_cant_be_read_is_there_all_the_same() {
    let home = Home::new();
    let path = home.file(".config/buildcat/config.toml", &"# too long\n".repeat(100_000));
    let path = path.display();
    let why = format!("{path}: can't be read: it is larger than 1 MiB\n");
    let all = format!("{why}{path} (can't be read; defaults apply): 1 problem\n");
    home.run(&["config", "check"]).is(2, &all, "");
    let shown = home.run(&["config", "show"]);
    let first = format!("# {path} (can't be read; defaults apply)\n");
    assert!(shown.text().starts_with(&first), "{}", shown.text());
    // Nothing is asked of the service without what stands there.
    home.run(&["rules", "list"]).is(2, "", &format!("buildcat: {why}"));
}

#[test]
fn what_cant_be_read_is_no_obstacle_to_the_demo() {
    let home = Home::new();
    std::fs::create_dir_all(home.path().join(".config/buildcat/config.toml")).unwrap();
    let output = home.run(&["demo", "--list"]);
    assert_eq!(output.code(), Some(0), "{}", output.stderr);
    // What sends a key may be meant to send it elsewhere.
    let home = home.with("PIPECAT_API_KEY", KEY);
    home.run(&["list"]).complains(2, &["config.toml: can't be read"]);
    // One that was named was meant.
    home.run(&["demo", "--list", "--config", "mine"]).complains(2, &["mine: there is no such"]);
}

#[test]
fn every_action_is_listed_as_it_may_be_configured() {
    let home = Home::new();
    let own = "[keys]\nquit = [\"Q\", \"ctrl-x k\"]\nwrap = '\\'\nfollow = []\n";
    home.file(".config/buildcat/config.toml", own);
    let shown = home.run(&["config"]);
    let (_, listed) = shown.text().split_once("\n#[keys]\n").unwrap();
    for action in buildcat::keymap::Action::ALL {
        let (name, what) = (action.name(), action.description());
        let row = listed.lines().find(|row| row.starts_with(&format!("#{name} = ["))).unwrap();
        assert!(row.ends_with(what), "{row}");
    }
    // Put into a file as it is, it stands for the same keys.
    let table: String =
        listed.lines().map(|row| format!("{}\n", row.replacen('#', "", 1))).collect();
    home.file("copied.toml", &format!("[keys]\n{table}"));
    let copied = home.run(&["config", "--config", "copied.toml"]);
    let (_, again) = copied.text().split_once("\n#[keys]\n").unwrap();
    assert_eq!(again, listed);
    let check = home.run(&["config", "check", "--config", "copied.toml"]);
    check.is(0, "copied.toml: no problems\n", "");
    assert!(listed.contains("#quit = [\"Q\", \"ctrl-x k\"]"), "{listed}");
    assert!(listed.contains("#follow = []"), "{listed}");
}

#[test]
fn a_key_that_others_can_read_is_warned_of() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::new();
    let path = home.file("c.toml", &format!("api_key = \"{KEY}\"\n"));
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    let output = home.run(&["config", "check", "--config", "c.toml"]);
    assert_eq!((output.code(), output.stderr.as_str()), (Some(0), ""));
    assert!(output.text().starts_with("warning: c.toml holds a key"), "{}", output.text());
    assert!(output.text().contains("chmod 600 c.toml") && !output.text().contains(KEY));
}

#[test]
fn a_faulty_file_is_said_and_does_not_stop_the_work() {
    let home = Home::new();
    home.file(".config/buildcat/config.toml", "poll_interval = 3\n");
    let output = home.run(&["rules", "list"]);
    assert_eq!(output.code(), Some(0));
    assert!(output.text().lines().count() > 50);
    assert!(output.stderr.contains("config.toml:1: poll_interval"), "{}", output.stderr);
    assert_eq!(output.stderr.lines().count(), 1);
}
