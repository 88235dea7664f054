//! The layers of the configuration, their problems and their sources.
// The lints spare #[test] functions, not what they call.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::path::PathBuf;
use std::time::Duration;

use buildcat::config::{Color, Config, Env, FileState, Loaded, Overrides, Secret, Source};

struct Dir(tempfile::TempDir);

impl Dir {
    fn with(text: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("config.toml"), text).unwrap();
        Self(dir)
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("config.toml")
    }

    fn env(&self) -> Env {
        Env::empty().with_config_dir(self.0.path()).with_home(self.0.path())
    }

    fn load(&self, env: &Env, flags: &Overrides) -> Loaded {
        Config::load(None, env, flags)
    }
}

fn file(text: &str) -> Loaded {
    let dir = Dir::with(text);
    dir.load(&dir.env(), &Overrides::default())
}

fn messages(loaded: &Loaded) -> Vec<String> {
    loaded.problems.iter().map(|p| p.message.clone()).collect()
}

#[test]
fn without_a_file_the_defaults_hold() {
    let loaded = Config::load(None, &Env::empty(), &Overrides::default());
    assert_eq!((loaded.config, loaded.path), (Config::default(), None));
    let dir = tempfile::tempdir().unwrap();
    let env = Env::empty().with_config_dir(dir.path());
    let loaded = Config::load(None, &env, &Overrides::default());
    assert_eq!(loaded.problems, []);
    assert_eq!(
        (loaded.path, loaded.file),
        (Some(dir.path().join("config.toml")), FileState::Missing)
    );
}

#[test]
fn each_layer_lies_over_the_one_before() {
    let dir = Dir::with("poll_interval = \"10s\"\norg = \"file\"\n");
    let loaded = dir.load(&dir.env(), &Overrides::default());
    assert_eq!(loaded.config.poll_interval, Duration::from_secs(10));
    assert_eq!(loaded.source("poll_interval"), Source::File(1));
    let env = dir.env().with("BUILDCAT_POLL_INTERVAL", "20s").with("PIPECAT_ORG", "env");
    let loaded = dir.load(&env, &Overrides::default());
    assert_eq!(loaded.config.poll_interval, Duration::from_secs(20));
    assert_eq!(loaded.source("poll_interval"), Source::Env("BUILDCAT_POLL_INTERVAL"));
    let flags = Overrides {
        poll_interval: Some("250ms".into()),
        org: Some("flag".into()),
        api_host: Some("http://127.0.0.1:1".into()),
        color: Some("never".into()),
    };
    let loaded = dir.load(&env, &flags);
    assert_eq!(loaded.problems, []);
    assert_eq!(loaded.config.poll_interval, Duration::from_millis(250));
    assert_eq!(loaded.config.org.as_deref(), Some("flag"));
    assert_eq!(loaded.config.api_host, "http://127.0.0.1:1");
    assert_eq!(loaded.config.color, Color::Never);
    assert_eq!(loaded.source("org"), Source::Flag("--org"));
    assert_eq!(loaded.source("bell"), Source::Default);
}

#[test]
fn a_bad_value_leaves_the_layer_beneath() {
    let dir = Dir::with("poll_interval = \"10s\"\nwrap = true\n");
    let env = dir.env().with("BUILDCAT_POLL_INTERVAL", "often").with("BUILDCAT_WRAP", "maybe");
    let flags = Overrides { poll_interval: Some("1ms".into()), ..Overrides::default() };
    let loaded = dir.load(&env, &flags);
    assert_eq!(loaded.config.poll_interval, Duration::from_secs(10));
    assert!(loaded.config.wrap);
    let said = messages(&loaded);
    assert_eq!(said.len(), 3, "{said:?}");
    assert!(said[0].starts_with("BUILDCAT_POLL_INTERVAL: \"often\" is not a duration"), "{said:?}");
    assert!(said[1].starts_with("BUILDCAT_WRAP: \"maybe\""), "{said:?}");
    assert!(said[2].starts_with("--poll-interval: \"1ms\" is out of bounds"), "{said:?}");
}

#[test]
fn all_problems_come_at_once_with_their_lines() {
    let dir = Dir::with(
        "colour = \"auto\"\nwrap = \"yes\"\npoll_interval = \"6m\"\n\ntheme = \"drak\"\n\
         api_host = \"http://build.lan\"\nmouse = 1\ninsecure_http_hosts = [\"*\"]\norg = \"a/b\"\n\
         api_key_command = \"echo 'x\"\nfrobnicate = 1\ncolor = \"sometimes\"\n[keys]\nquit = 1\n",
    );
    let loaded = dir.load(&dir.env(), &Overrides::default());
    let shown: Vec<String> = loaded.problems.iter().map(ToString::to_string).collect();
    let file = dir.path().display().to_string();
    for (line, part) in [
        (1, "unknown key \"colour\"; did you mean color?"),
        (2, "wrap: must be true or false without quotes"),
        (3, "poll_interval: \"6m\" is out of bounds; allowed is a duration from 250ms to 5m"),
        (5, "there is no theme \"drak\": it is not one of auto, dark, light, high-contrast, plain"),
        (5, "did you mean dark?"),
        (6, "insecure_http_hosts"),
        (7, "mouse: must be true or false, not a number"),
        (8, "insecure_http_hosts: \"*\" is not a host name"),
        (9, "org: \"a/b\" can't be the name of an organisation"),
        (10, "api_key_command: has a quote that isn't closed"),
        (11, "unknown key \"frobnicate\"; known are api_host,"),
        (12, "color: \"sometimes\" is not one of auto, always, never"),
        (14, "the keys of quit must be a string or a list of strings"),
    ] {
        let place = format!("{file}:{line}: ");
        let found = shown.iter().any(|s| s.starts_with(&place) && s.contains(part));
        assert!(found, "{line} {part}: {shown:#?}");
    }
    assert_eq!(loaded.problems.len(), 12);
    let mut expected = Config { api_host: "http://build.lan".into(), ..Config::default() };
    expected.themes_dir.clone_from(&loaded.config.themes_dir);
    assert_eq!(loaded.config, expected, "defaults stand in, but never another host");
    assert!(loaded.config.origin().is_err());
}

#[test]
fn a_syntax_error_leaves_the_rest_in_force() {
    let loaded = file("wrap = true\nbell = = false\ntitle = false\n");
    assert!(loaded.config.wrap && !loaded.config.title);
    assert!(
        loaded.problems.iter().any(|p| p.line == Some(2) && p.message.contains("not valid TOML"))
    );
}

#[test]
fn a_named_file_must_exist_and_be_readable_text() {
    let dir = tempfile::tempdir().unwrap();
    let missing = dir.path().join("missing.toml");
    let loaded = Config::load(Some(&missing), &Env::empty(), &Overrides::default());
    assert_eq!(messages(&loaded), ["there is no such file"]);
    let env = Env::empty().with("BUILDCAT_CONFIG", &missing);
    assert_eq!(messages(&Config::load(None, &env, &Overrides::default())).len(), 1);
    std::fs::write(&missing, b"\xff\xfe").unwrap();
    let loaded = Config::load(Some(&missing), &Env::empty(), &Overrides::default());
    assert_eq!(messages(&loaded), ["can't be read: it is not UTF-8"]);
    std::fs::write(&missing, vec![b'#'; (1 << 20) + 1]).unwrap();
    let loaded = Config::load(Some(&missing), &Env::empty(), &Overrides::default());
    assert_eq!(messages(&loaded), ["can't be read: it is larger than 1 MiB"]);
    std::fs::write(&missing, b"\xef\xbb\xbfwrap = true\r\n").unwrap();
    let loaded = Config::load(Some(&missing), &Env::empty(), &Overrides::default());
    assert!(loaded.problems.is_empty() && loaded.config.wrap, "{:?}", loaded.problems);
    let loaded = Config::load(Some(dir.path()), &Env::empty(), &Overrides::default());
    assert_eq!(loaded.problems.len(), 1, "a directory is no file");
}

#[test]
fn the_flag_beats_the_variable_that_beats_the_usual_place() {
    let dir = Dir::with("org = \"usual\"\n");
    let named = dir.0.path().join("named.toml");
    std::fs::write(&named, "org = \"named\"\n").unwrap();
    let flagged = dir.0.path().join("flagged.toml");
    std::fs::write(&flagged, "org = \"flagged\"\n").unwrap();
    let env = dir.env().with("BUILDCAT_CONFIG", &named);
    let org = |loaded: Loaded| loaded.config.org;
    assert_eq!(org(dir.load(&dir.env(), &Overrides::default())).as_deref(), Some("usual"));
    assert_eq!(org(dir.load(&env, &Overrides::default())).as_deref(), Some("named"));
    let loaded = Config::load(Some(&flagged), &env, &Overrides::default());
    assert_eq!(loaded.config.org.as_deref(), Some("flagged"));
}

#[test]
fn the_colour_switches_of_other_programs_are_honoured() {
    let color = |pairs: &[(&str, &str)]| {
        let env = pairs.iter().fold(Env::empty(), |env, (k, v)| env.with(k, v));
        let loaded = Config::load(None, &env, &Overrides::default());
        (loaded.config.color, loaded.source("color"))
    };
    assert_eq!(color(&[]).0, Color::Auto);
    assert_eq!(color(&[("NO_COLOR", "1")]), (Color::Never, Source::Env("NO_COLOR")));
    assert_eq!(color(&[("NO_COLOR", "")]).0, Color::Auto, "empty is unset");
    assert_eq!(color(&[("CLICOLOR_FORCE", "1")]).0, Color::Always);
    assert_eq!(color(&[("CLICOLOR_FORCE", "0")]).0, Color::Auto);
    assert_eq!(color(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]).0, Color::Never);
    assert_eq!(color(&[("NO_COLOR", "1"), ("BUILDCAT_COLOR", "always")]).0, Color::Always);
    let flags = Overrides { color: Some("always".into()), ..Overrides::default() };
    let loaded = Config::load(None, &Env::empty().with("NO_COLOR", "1"), &flags);
    assert_eq!(loaded.config.color, Color::Always);
}

#[test]
fn a_theme_of_ones_own_is_a_file_in_the_themes_directory() {
    let dir = Dir::with("theme = \"mine\"\n");
    assert_eq!(dir.load(&dir.env(), &Overrides::default()).problems.len(), 1);
    std::fs::create_dir(dir.0.path().join("themes")).unwrap();
    std::fs::write(dir.0.path().join("themes/mine.toml"), "").unwrap();
    let loaded = dir.load(&dir.env(), &Overrides::default());
    assert_eq!((loaded.problems.len(), loaded.config.theme.as_str()), (0, "mine"));
    let dir = Dir::with("theme = \"mine\"\nthemes_dir = \"looks\"\n");
    std::fs::create_dir(dir.0.path().join("looks")).unwrap();
    std::fs::write(dir.0.path().join("looks/mine.toml"), "").unwrap();
    let loaded = dir.load(&dir.env(), &Overrides::default());
    assert_eq!(loaded.problems, [], "relative to the file");
    for hostile in ["../../etc/passwd", "a b", "", "\u{1b}[2J"] {
        let loaded = file(&format!("theme = {}\n", toml::Value::from(hostile)));
        assert_eq!(loaded.problems.len(), 1, "{hostile:?}");
        assert!(loaded.problems[0].message.chars().all(|c| !c.is_control()));
    }
}

#[test]
fn commands_are_lists_or_words() {
    let argv = |text: &str| file(text).config.api_key_command;
    let words = |list: &[&str]| Some(list.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>());
    assert_eq!(argv("api_key_command = [\"a b\", \" c \"]\n"), words(&["a b", " c "]));
    assert_eq!(
        argv("api_key_command = 'pass show \"my key\"'\n"),
        words(&["pass", "show", "my key"])
    );
    assert_eq!(
        argv("api_key_command = 'x $HOME; y | z'\n"),
        words(&["x", "$HOME;", "y", "|", "z"])
    );
    for bad in ["[]", "\"\"", "\"  \"", "[\"\"]", "[1]", "5", "[\"a\\u0000\"]"] {
        let loaded = file(&format!("api_key_command = {bad}\n"));
        assert_eq!((loaded.problems.len(), loaded.config.api_key_command), (1, None), "{bad}");
    }
}

#[test]
fn secrets_are_not_shown() {
    let loaded = file(
        "api_key = \"sk_topsecret\"\n\
         api_key_command = [\"tool\", \"--password\", \"pw_topsecret\"]\n",
    );
    assert_eq!(loaded.config.api_key, Some(Secret::new("sk_topsecret")));
    let shown = format!("{:?} {:?} {:?}", loaded.show(), loaded.problems, loaded.warnings);
    assert!(!shown.contains("topsecret"), "{shown}");
    assert!(!format!("{:?}", loaded.config.api_key).contains("topsecret"));
    // A key in the wrong place, and of the wrong type.
    for text in [
        "api_key = sk_topsecret\n",
        "api_key = [\"sk_topsecret\"]\n",
        "api_key = \"sk_topsecret\nwrap = true\n",
        "api_host = \"https://sk_topsecret@api.example.com\"\n",
        "mouse = [\"sk_topsecret\"]\n",
        "api_key_command = \"tool --password 'pw_topsecret\"\n",
    ] {
        let loaded = file(text);
        let said = format!("{:?} {}", loaded.problems, loaded.problems[0]);
        assert!(!said.contains("topsecret"), "{text}: {said}");
    }
}

#[cfg(unix)]
#[test]
fn a_file_with_a_key_that_others_can_read_is_warned_about() {
    use std::os::unix::fs::PermissionsExt as _;
    for (text, mode, warned) in [
        ("api_key = \"sk_1\"\n", 0o600, false),
        ("api_key = \"sk_1\"\n", 0o640, true),
        ("api_key = \"sk_1\"\n", 0o604, true),
        ("api_key_command = [\"echo\", \"sk_1234567890\"]\n", 0o644, true),
        ("api_key_command = [\"sh\", \"-c\", \"echo pcc_pat_123456\"]\n", 0o644, true),
        ("# api_key = \"sk_1234567890\"\n", 0o644, true),
        ("api_key_command = [\"pass\", \"show\", \"pipecat\"]\n", 0o644, false),
        ("# A private key (sk_…).\nwrap = true\n", 0o644, false),
    ] {
        let dir = Dir::with(text);
        std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(mode)).unwrap();
        let loaded = dir.load(&dir.env(), &Overrides::default());
        assert_eq!(!loaded.warnings.is_empty(), warned, "{text} {mode:o}");
        assert!(loaded.warnings.iter().all(|w| w.contains("chmod 600") && !w.contains("sk_1")));
    }
}

#[test]
fn named_hosts_may_be_spoken_to_without_tls() {
    let loaded =
        file("api_host = \"http://build.lan:8080\"\ninsecure_http_hosts = [\"build.lan\"]\n");
    assert_eq!(loaded.problems, []);
    assert_eq!(loaded.config.origin().unwrap().to_string(), "http://build.lan:8080");
    // Not from the environment: only the file can say so.
    let env = Env::empty()
        .with("PIPECAT_API_HOST", "http://build.lan")
        .with("BUILDCAT_INSECURE_HTTP_HOSTS", "build.lan");
    let loaded = Config::load(None, &env, &Overrides::default());
    assert_eq!(loaded.problems.len(), 1);
    assert!(loaded.config.origin().is_err());
}

#[test]
fn show_gives_every_value_with_its_source() {
    let dir = Dir::with("bell = false\n");
    let env = dir.env().with("PIPECAT_API_HOST", "https://other.example");
    let rows = dir.load(&env, &Overrides::default()).show();
    let row = |key: &str| rows.iter().find(|r| r.key == key).unwrap();
    assert_eq!(row("bell").value.as_deref(), Some("false"));
    assert_eq!(row("bell").source.to_string(), "file, line 1");
    assert_eq!(row("api_host").value.as_deref(), Some("\"https://other.example\""));
    assert_eq!(row("api_host").source.to_string(), "PIPECAT_API_HOST");
    assert_eq!(row("poll_interval").value.as_deref(), Some("\"3s\""));
    assert_eq!((row("org").value.as_deref(), row("org").source), (None, Source::Default));
}

#[test]
fn below_what_is_no_folder_there_is_no_file() {
    let home = tempfile::NamedTempFile::new().unwrap();
    let env = Env::empty().with_config_dir(home.path());
    let loaded = Config::load(None, &env, &Overrides::default());
    assert_eq!((loaded.problems, loaded.file), (vec![], FileState::Missing));
}

/// Where a file may have meant to name another host, no key is sent to the usual one.
#[test]
fn a_broken_file_names_no_host_by_leaving_it_out() {
    for (text, line) in [
        ("api_host = 5\n", 1),
        ("\napi-host = \"http://127.0.0.1:1\"\n", 2),
        ("api_hots = \"http://127.0.0.1:1\"\n", 1),
        ("x = [\napi_host = \"http://127.0.0.1:1\"\n", 2),
        ("<<<<<<< HEAD\napi_host = \"http://127.0.0.1:1\"\n", 1),
        ("api_host = \"http://127.0.0.1:1\n", 1),
        ("api_host = \"http://127.0.0.1:1\"\napi_host = \"http://127.0.0.1:2\"\n", 2),
        ("mouse = true\n[rules]\napi_host = \"http://127.0.0.1:1\"\n", 2),
    ] {
        let dir = Dir::with(text);
        let loaded = dir.load(&dir.env(), &Overrides::default());
        let why = loaded.origin().expect_err(text);
        assert!(why.starts_with(&format!("{}:{line} is wrong", dir.path().display())), "{why}");
        assert!(why.ends_with("or name the host with --api-host"), "{why}");
        // Who names the host knows it.
        let flags = Overrides { api_host: Some("http://127.0.0.1:3".into()), ..Default::default() };
        assert_eq!(dir.load(&dir.env(), &flags).origin().unwrap().authority(), "127.0.0.1:3");
        let env = dir.env().with("PIPECAT_API_HOST", "http://127.0.0.1:4");
        let loaded = dir.load(&env, &Overrides::default());
        assert_eq!(loaded.origin().unwrap().authority(), "127.0.0.1:4");
    }
    // One that is no host stands for none, wherever it comes from.
    let env = Env::empty().with("PIPECAT_API_HOST", "http://[bad");
    assert!(Config::load(None, &env, &Overrides::default()).origin().is_err());
    let flags = Overrides { api_host: Some("http://[bad".into()), ..Default::default() };
    assert!(Config::load(None, &Env::empty(), &flags).origin().is_err());
    let unreadable = tempfile::tempdir().unwrap();
    std::fs::create_dir(unreadable.path().join("config.toml")).unwrap();
    let env = Env::empty().with_config_dir(unreadable.path());
    assert!(Config::load(None, &env, &Overrides::default()).origin().is_err());
    // What is about something else is a warning.
    for text in ["mouse = 1\n", "frobnicate = 1\n", "poll_interval = \"x\"\n", ""] {
        assert_eq!(
            file(text).origin().map(|o| o.authority()).ok().as_deref(),
            Some("api.pipecat.daily.co"),
            "{text}"
        );
    }
}
