use std::path::Path;

use super::*;
use crate::config::{Config, Overrides};

/// A home directory of its own, with the official CLI's file if given.
struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn cli(&self, text: &str) {
        let dir = self.0.path().join(".config/pipecatcloud");
        std::fs::create_dir_all(&dir).unwrap();
        private(&dir.join("pipecatcloud.toml"), text);
    }

    fn config(&self, text: &str) {
        private(&self.0.path().join("config.toml"), text);
    }

    fn env(&self) -> Env {
        Env::empty().with_home(self.0.path()).with_config_dir(self.0.path())
    }

    async fn resolve(&self, env: Env) -> Result<Credential, CredentialError> {
        self.resolve_for(env, None).await
    }

    async fn resolve_for(
        &self,
        env: Env,
        org: Option<&str>,
    ) -> Result<Credential, CredentialError> {
        let flags = Overrides { org: org.map(str::to_owned), ..Overrides::default() };
        let loaded = Config::load(None, &env, &flags);
        assert_eq!(loaded.problems, [], "the configuration of the test is sound");
        resolve(&env, &loaded, NOW.parse().unwrap()).await
    }
}

const NOW: &str = "2026-11-24T00:00:00Z";

fn private(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap();
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

fn key(text: &str) -> Identity {
    Identity::Key(Secret::new(text))
}

fn token(text: &str, org: Option<&str>) -> Identity {
    let org = org.map(str::to_owned);
    Identity::Token { token: Secret::new(text), org, preferred_org: None }
}

#[tokio::test]
async fn the_order_is_key_token_configuration_cli_file() {
    let home = Home::new();
    assert_eq!(home.resolve(home.env()).await, Err(CredentialError::None));
    home.cli("token = \"tok_cli\"\norg = \"acme\"\n");
    let found = home.resolve(home.env()).await.unwrap();
    assert_eq!(found.identity, token("tok_cli", Some("acme")));
    assert!(matches!(found.source, Source::CliFile(_)));
    home.config("api_key_command = [\"printf\", \"sk_command\"]\n");
    assert_eq!(home.resolve(home.env()).await.unwrap().identity, key("sk_command"));
    home.config("api_key = \"sk_config\"\n");
    let found = home.resolve(home.env()).await.unwrap();
    assert_eq!(found.identity, key("sk_config"));
    assert!(found.label().starts_with("the key in ") && found.label().ends_with("(api_key)"));
    let env = home.env().with("PIPECAT_TOKEN", "tok_env").with("PIPECAT_ORG", "initech");
    let found = home.resolve(env.clone()).await.unwrap();
    assert_eq!(found.identity, token("tok_env", Some("initech")));
    assert_eq!(found.label(), "the token from PIPECAT_TOKEN");
    let found = home.resolve(env.with("PIPECAT_API_KEY", "sk_env")).await.unwrap();
    assert_eq!(found.identity, key("sk_env"));
    assert_eq!(found.label(), "the key from PIPECAT_API_KEY");
}

#[tokio::test]
async fn the_kind_of_credential_decides_the_paths() {
    let home = Home::new();
    let with = |name: &str, value: &str| home.env().with(name, value);
    let found = home.resolve_for(with("PIPECAT_API_KEY", "sk_1"), Some("acme")).await.unwrap();
    assert_eq!(found.identity, key("sk_1"), "--org doesn't change what a key is");
    let found = home.resolve_for(with("PIPECAT_API_KEY", "pcc_pat_1"), Some("acme")).await.unwrap();
    assert_eq!(found.identity, token("pcc_pat_1", Some("acme")));
    let found = home.resolve(with("PIPECAT_TOKEN", "pcc_pat_demo")).await.unwrap();
    assert_eq!(found.identity, token("pcc_pat_demo", None), "the client asks for the org");
    let found = home.resolve(with("PIPECAT_TOKEN", "sk_1")).await.unwrap();
    assert_eq!(found.identity, key("sk_1"));
}

#[tokio::test]
async fn a_token_without_an_organisation_prefers_the_clis() {
    let home = Home::new();
    home.cli("org = \"acme\"\ntoken = \"other\"\n");
    let found = home.resolve(home.env().with("PIPECAT_TOKEN", "t")).await.unwrap();
    let Identity::Token { org: None, preferred_org: Some(preferred), .. } = found.identity else {
        panic!("{found:?}")
    };
    assert_eq!(preferred, "acme");
    home.cli("this is no TOML");
    assert!(home.resolve(home.env().with("PIPECAT_TOKEN", "t")).await.is_ok());
}

#[tokio::test]
async fn a_bad_credential_is_an_error_and_not_skipped() {
    let home = Home::new();
    home.cli("token = \"tok_cli\"\n");
    let said = home.resolve(home.env().with("PIPECAT_API_KEY", "pk_public")).await.unwrap_err();
    assert_eq!(said, CredentialError::Public(Source::KeyVariable));
    let said = home.resolve(home.env().with("PIPECAT_API_KEY", "sk_a\nb")).await.unwrap_err();
    assert!(matches!(said, CredentialError::Odd { .. }));
    // Blank is not bad: it is not set.
    assert!(home.resolve(home.env().with("PIPECAT_API_KEY", " \n")).await.is_ok());
}

#[tokio::test]
async fn an_expired_token_names_the_command_that_renews_it() {
    let home = Home::new();
    let now: Timestamp = NOW.parse().unwrap();
    let at = |seconds: i64| now.as_second() + seconds;
    for expired in [
        format!("{}", at(-1)),
        format!("{}", at(59)),
        format!("{}.25", at(-3600)),
        format!("\"{}\"", at(0)),
        format!("\"{}.5\"", at(0)),
        format!("{}", at(0) * 1000),
        "\"2026-11-23T00:00:00Z\"".to_owned(),
        "2026-11-23T00:00:00Z".to_owned(),
    ] {
        home.cli(&format!("token = \"tok_secret\"\ntoken_expires_at = {expired}\n"));
        let error = home.resolve(home.env()).await.unwrap_err();
        let said = error.to_string();
        assert!(said.contains("`pipecat cloud auth login`"), "{expired}: {said}");
        assert!(said.contains("expired") && !said.contains("tok_secret"), "{said}");
        home.cli(&format!("token = \"pcc_pat_1\"\ntoken_expires_at = {expired}\n"));
        assert!(home.resolve(home.env()).await.is_ok(), "a personal access token is exempt");
    }
    for sound in
        [format!("{}", at(61)), "0".into(), "\"\"".into(), "\"soon\"".into(), "true".into()]
    {
        home.cli(&format!("token = \"tok\"\ntoken_expires_at = {sound}\n"));
        assert!(home.resolve(home.env()).await.is_ok(), "{sound}");
    }
}

#[tokio::test]
async fn an_organisations_table_can_hold_the_token() {
    let home = Home::new();
    home.cli("org = \"acme\"\n[acme]\ntoken = \"tok_acme\"\n[initech]\ntoken = \"tok_initech\"\n");
    let found = home.resolve(home.env()).await.unwrap();
    assert_eq!(found.identity, token("tok_acme", Some("acme")));
    let found = home.resolve_for(home.env(), Some("initech")).await.unwrap();
    assert_eq!(found.identity, token("tok_initech", Some("initech")));
    let none = home.resolve_for(home.env(), Some("other")).await;
    assert_eq!(none, Err(CredentialError::None));
    // Logged out: the CLI leaves an empty file or empty values.
    home.cli("token = \"\"\n");
    assert_eq!(home.resolve(home.env()).await, Err(CredentialError::None));
}

#[tokio::test]
async fn a_broken_cli_file_is_named_and_not_quoted() {
    let home = Home::new();
    home.cli("org = \"acme\"\ntoken = tok_secret_unquoted\n");
    let said = home.resolve(home.env()).await.unwrap_err().to_string();
    assert!(said.contains("pipecatcloud.toml") && said.contains("line 2"), "{said}");
    assert!(!said.contains("tok_secret"), "{said}");
}

#[tokio::test]
async fn the_cli_file_can_lie_elsewhere() {
    let home = Home::new();
    private(&home.0.path().join("other.toml"), "token = \"tok_other\"\n");
    let env = home.env().with("PIPECAT_CONFIG_PATH", "~/other.toml");
    assert_eq!(home.resolve(env).await.unwrap().identity, token("tok_other", None));
}

#[tokio::test]
async fn a_file_that_others_can_read_is_warned_about_and_not_changed() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = Home::new();
    home.cli("token = \"tok_secret\"\n");
    assert!(home.resolve(home.env()).await.unwrap().warnings.is_empty());
    let path = home.0.path().join(".config/pipecatcloud/pipecatcloud.toml");
    for mode in [0o640, 0o604, 0o644] {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        let warnings = home.resolve(home.env()).await.unwrap().warnings;
        assert!(warnings[0].contains(&format!("{mode:o}")) && warnings[0].contains("chmod 600"));
        let after = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(after & 0o777, mode, "read-only means read-only");
    }
}

#[tokio::test]
async fn a_command_runs_without_a_shell_and_without_our_secrets() {
    let home = Home::new();
    let run = |config: &'static str| {
        home.config(config);
        home.resolve(home.env().with("PATH", "/usr/bin:/bin"))
    };
    let found = run("api_key_command = 'printf \"%s\\n\" \"sk_$HOME\" second'\n").await.unwrap();
    assert_eq!(found.identity, key("sk_$HOME"), "no shell expands it, one line is taken");
    let found =
        run("api_key_command = [\"sh\", \"-c\", \"echo noise sk_leak >&2; echo sk_x\"]\n").await;
    assert_eq!(found.unwrap().label(), "the key from api_key_command (sh)");
    for (config, why) in [
        ("api_key_command = [\"false\"]\n", "failed with exit status 1"),
        ("api_key_command = [\"true\"]\n", "printed nothing"),
        ("api_key_command = [\"no-such-program-of-ours\"]\n", "was not found"),
        ("api_key_command = [\"sh\", \"-c\", \"kill -9 $$\"]\n", "was killed"),
    ] {
        let said = run(config).await.unwrap_err().to_string();
        assert!(said.contains(why), "{config}: {said}");
    }
    let said = run("api_key_command = [\"sh\", \"-c\", \"echo sk_leak >&2; exit 3\"]\n").await;
    let said = said.unwrap_err().to_string();
    assert!(said.contains("exit status 3") && !said.contains("sk_leak"), "{said}");

    let env = home
        .env()
        .with("PATH", "/usr/bin:/bin")
        .with("PIPECAT_TOKEN", "tok_secret")
        .with("KEPT", "sk_kept");
    let argv = |script: &str| vec!["sh".to_owned(), "-c".to_owned(), script.to_owned()];
    let line = command::first_line(&argv("echo $KEPT$PIPECAT_TOKEN"), &env, COMMAND_TIME).await;
    assert_eq!(line.as_deref(), Ok("sk_kept"));
    let short = Duration::from_millis(50);
    let said = command::first_line(&argv("exec sleep 60"), &env, short).await.unwrap_err();
    assert_eq!(said, "took longer than 0.05 s");
}

#[test]
fn having_none_says_how_to_get_one_and_that_the_demo_needs_none() {
    let said = CredentialError::None.to_string();
    for part in
        ["PIPECAT_API_KEY", "Settings › API Keys", "pipecat cloud auth login", "buildcat demo"]
    {
        assert!(said.contains(part), "{part}");
    }
}
