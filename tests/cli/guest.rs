//! `.buildcat.toml`: rules that come with a project.

use crate::support::Home;

const RULE: &str = "[[rules]]\nid = \"acme-gate\"\ncategory = \"build-command\"\nrank = 95\n\
    pattern = 'acme gate (?P<subject>\\w+) is shut'\ntitle = \"The gate {subject} is shut\"\n\
    fix = \"Open it.\"\nmatches = [\"acme gate north is shut\"]\n";

const LOG: &str = "#5 [2/2] RUN gate\n#5 0.1 acme gate north is shut\n\
    #5 ERROR: process \"/bin/sh -c gate\" did not complete successfully: exit code: 3\n";

fn home(rules: &str) -> Home {
    let home = Home::new();
    home.file("build.log", LOG);
    home.file("bot/Dockerfile", "FROM x\nRUN gate\n");
    home.file("bot/.buildcat.toml", rules);
    home
}

#[test]
fn a_projects_rules_are_tried_and_listed() {
    let home = home(RULE);
    let output = home.run(&["diagnose", "build.log", "--project", "bot"]);
    assert_eq!((output.code(), output.stderr.as_str()), (Some(1), ""));
    assert!(output.text().starts_with("✗ The gate north is shut\n"), "{}", output.text());
    let mut command = home.command(&["rules", "show", "acme-gate"]);
    command.current_dir(home.path().join("bot"));
    let output = crate::support::finished(command.spawn().unwrap());
    assert!(output.text().starts_with("acme-gate  .buildcat.toml:1\n"), "{}", output.text());
    // Elsewhere nobody knows them.
    let output = home.run(&["diagnose", "build.log"]);
    assert!(!output.text().contains("The gate"), "{}", output.text());
}

/// Whoever wrote the project wrote them.
#[test]
fn a_projects_rules_cant_write_to_the_terminal() {
    let hostile = r"\u001b]0;x\u0007\u001b[2J\u009b2J\u202e\u200b";
    let rule = RULE
        .replace("is shut\"\nfix", &format!("is shut {hostile}\"\nfix"))
        .replace("Open it.", &format!("Open\\n::error::it {hostile}"))
        + &format!("cause = \"C{hostile}\"\nlinks = [\"https://a.example/{hostile}\"]\n");
    let home = home(&rule);
    let bot = home.path().join("bot");
    for args in [
        &["diagnose", "../build.log"][..],
        &["diagnose", "../build.log", "--format", "json"],
        &["diagnose", "../build.log", "--format", "markdown"],
        &["diagnose", "../build.log", "--format", "github"],
        &["rules", "list"],
        &["rules", "show", "acme-gate"],
        &["rules", "test", ".buildcat.toml"],
    ] {
        let mut command = home.command(args);
        command.current_dir(&bot);
        let output = crate::support::finished(command.spawn().unwrap());
        let hostile = |c: char| (c.is_control() && c != '\n') || "\u{202e}\u{200b}".contains(c);
        assert!(!output.text().contains(hostile), "{args:?}: {:?}", output.text());
        assert!(!output.text().contains("\n::error::"), "{args:?}: {:?}", output.text());
        assert_eq!(output.stderr, "", "{args:?}");
        let shows = args.contains(&"test") || output.text().contains("is shut");
        assert!(shows, "{args:?}: {}", output.text());
    }
}

#[test]
fn bad_rules_are_reported_with_their_line_and_the_others_stay() {
    let bad = format!(
        "api_host = \"https://evil.example\"\n{RULE}\n[[rules]]\nid = \"broken\"\ncategory = \"x\"\n\
         pattern = '(unclosed'\ntitle = \"t\"\n\n{}\n{}",
        RULE.replace("acme-gate", "copy-missing"),
        RULE.replace("acme-gate", "huge").replace("\\w+", "(?:\\w{1000}){1000}")
    );
    let output = home(&bad).run(&["diagnose", "build.log", "--project", "bot"]);
    assert_eq!(output.code(), Some(1));
    assert!(output.text().starts_with("✗ The gate north is shut\n"), "{}", output.text());
    let said: Vec<&str> = output.stderr.lines().collect();
    assert_eq!(said.len(), 4, "{}", output.stderr);
    assert!(said[0].starts_with("buildcat: bot/.buildcat.toml:1: a project's file holds [[rules]] and nothing else; `api_host`"));
    assert!(said[1].starts_with("buildcat: bot/.buildcat.toml:11: rule \"broken\": the pattern"));
    assert!(
        said[2]
            .starts_with("buildcat: bot/.buildcat.toml:17: rule \"copy-missing\": the id is taken")
    );
    assert!(said[3].contains("rule \"huge\": the pattern") && said[3].ends_with("is too large"));
}

#[test]
fn a_file_that_is_no_toml_or_too_large_is_left_alone() {
    let output = home("= nonsense").run(&["diagnose", "build.log", "--project", "bot"]);
    assert_eq!(output.code(), Some(1));
    assert!(output.stderr.starts_with("buildcat: bot/.buildcat.toml:1: "), "{}", output.stderr);
    let large = format!("# {}\n{RULE}", "x".repeat(300_000));
    let output = home(&large).run(&["diagnose", "build.log", "--project", "bot"]);
    assert_eq!(output.code(), Some(1));
    assert!(output.stderr.contains("bot/.buildcat.toml is larger than"), "{}", output.stderr);
}
