//! Sources that aren't in the context.

use super::case::*;

const BASE: &str = "FROM python:3.12-slim\nWORKDIR /app\n";

fn copying(what: &str) -> String {
    format!("{BASE}COPY {what} ./\nCMD [\"python\", \"bot.py\"]\n")
}

#[test]
fn a_slip_of_the_keyboard_is_mended_in_the_dockerfile() {
    for (written, there) in [
        ("./Bot.py", "bot.py"),
        ("requirments.txt", "requirements.txt"),
        ("/bot.py", "src/bot.py"),
        ("sorce/", "source/a.py"),
    ] {
        let text = copying(written);
        let project = Project::new(&[("Dockerfile", &text), (there, "x")]);
        let path = written.trim_start_matches("./").trim_matches('/');
        let told = project.explained(&not_found(&text, 3, path));
        let there = if written.ends_with('/') { "source" } else { there };
        assert_eq!(
            told.finding.title,
            format!("`{path}` does not exist in the project; there is `{there}`")
        );
        project.apply(&told);
        assert_eq!(project.errors(), [""; 0], "{written}");
        assert_eq!(project.read("Dockerfile").lines().count(), 4);
    }
}

#[test]
fn what_may_be_meant_is_said_but_not_changed() {
    // Two of that name; another ending; a name that is used twice in the line.
    for (written, files) in [
        ("bot.py", vec!["a/bot.py", "b/bot.py"]),
        ("config.yml", vec!["config.yaml"]),
        ("--chown=bt:bt bt bt", vec!["bot"]),
    ] {
        let text = copying(written);
        let mut all = vec![("Dockerfile", text.as_str())];
        all.extend(files.iter().map(|file| (*file, "x")));
        let path = written.rsplit(' ').next().unwrap();
        let told = Project::new(&all).explained(&not_found(&text, 3, path));
        assert!(
            told.finding.title.contains("does not exist in the project"),
            "{}",
            told.finding.title
        );
        assert_eq!(told.finding.diff, None);
    }
}

#[test]
fn a_lock_that_was_never_made_is_to_be_made() {
    let text = format!(
        "{BASE}RUN --mount=type=bind,source=uv.lock,target=uv.lock \\\n    uv sync --locked\n"
    );
    let project = Project::new(&[("Dockerfile", &text), ("pyproject.toml", "")]);
    let told = project.explained(&not_found(&text, 3, "uv.lock"));
    assert_eq!(told.finding.title, "`uv.lock` does not exist in the project");
    assert_eq!(
        told.finding.fix.as_deref(),
        Some("Run `uv lock`, commit uv.lock, and deploy again.")
    );
    assert_eq!(told.finding.diff, None);
}

#[test]
fn a_pattern_that_drops_just_this_goes() {
    let text = copying("README.md bot.py");
    let project = Project::new(&[
        ("Dockerfile", &text),
        ("README.md", "x"),
        ("bot.py", "x"),
        ("notes/a.txt", "x"),
        (".dockerignore", "# docs\nnotes\n*.md\n!README.md\n"),
    ]);
    let told = project.explained(&not_found(&text, 3, "README.md"));
    assert_eq!(
        told.finding.title,
        "`README.md` is left out of the upload by `*.md` (.dockerignore:3)"
    );
    assert_eq!(told.finding.fix.as_deref(), Some("Take `*.md` (line 3) out of .dockerignore."));
    project.apply(&told);
    assert_eq!(project.read(".dockerignore"), "# docs\nnotes\n!README.md\n");
    assert_eq!(project.errors(), [""; 0]);
    assert!(!project.uploaded().iter().any(|file| file.starts_with("notes")));
}

#[test]
fn what_else_a_pattern_drops_stays_out() {
    let text = copying("README.md src/data");
    let project = Project::new(&[
        ("Dockerfile", &text),
        ("README.md", "x"),
        ("CHANGES.md", "x"),
        ("docs/a.md", "x"),
        ("src/data/a.json", "x"),
        ("data/big.bin", "x"),
        (".dockerignore", "*.md\ndata\n"),
    ]);
    let told = project.explained(&not_found(&text, 3, "README.md"));
    project.apply(&told);
    // What Docker would keep (docs/a.md: `*.md` is the top's only) may come in.
    assert_eq!(project.read(".dockerignore"), "CHANGES.md\ndata\n");
    let told = project.explained(&not_found(&text, 3, "src/data"));
    assert_eq!(
        told.finding.title,
        "`src/data` is left out of the upload by `data` (.dockerignore:2)"
    );
    project.apply(&told);
    assert_eq!(project.read(".dockerignore"), "CHANGES.md\ndata/*\n");
    assert_eq!(project.errors(), [""; 0]);
    let files = project.uploaded();
    assert!(files.contains(&"src/data/a.json".to_owned()), "{files:?}");
    assert!(!files.contains(&"data/big.bin".to_owned()), "{files:?}");
    assert!(!files.contains(&"CHANGES.md".to_owned()), "{files:?}");
}

#[test]
fn an_allow_list_becomes_a_list_of_what_stays_out() {
    let text = copying("bot.py");
    let project = Project::new(&[
        ("Dockerfile", &text),
        ("bot.py", "x"),
        ("src/lib.py", "x"),
        ("src/secret.txt", "x"),
        ("notes/a", "x"),
        ("b.txt", "x"),
        (".git/config", "x"),
        (".dockerignore", "*\n!bot.py\n!Dockerfile\n!src/lib.py\n"),
    ]);
    let log = "#1 [internal] load build definition from Dockerfile\n#1 transferring dockerfile: 2B done\n\
        #1 DONE 0.0s\nERROR: failed to build: failed to solve: failed to read dockerfile: open Dockerfile: no such file or directory\n";
    let told = project.explained(log);
    assert_eq!(told.finding.title, "Nothing is uploaded: `*` in .dockerignore:1 drops every file");
    project.apply(&told);
    assert_eq!(project.errors(), [""; 0]);
    assert_eq!(project.read(".dockerignore"), ".git\nb.txt\nnotes\nsrc/secret.txt\n");
    assert_eq!(project.uploaded(), [".dockerignore", "Dockerfile", "bot.py", "src/lib.py"]);
}

#[test]
fn a_dockerfile_that_is_ignored_comes_in() {
    let text = copying("bot.py");
    let project = Project::new(&[
        ("Dockerfile", &text),
        ("Dockerfile.dev", "x"),
        ("bot.py", "x"),
        (".dockerignore", "Dockerfile*\n"),
    ]);
    let log = "#1 [internal] load build definition from Dockerfile\n\
        ERROR: failed to build: failed to solve: failed to read dockerfile: open Dockerfile: no such file or directory\n";
    let told = project.explained(log);
    assert_eq!(
        told.finding.title,
        "`Dockerfile` is left out of the upload by `Dockerfile*` (.dockerignore:1)"
    );
    project.apply(&told);
    assert_eq!(project.read(".dockerignore"), "Dockerfile.dev\n");
    assert_eq!(project.errors(), [""; 0]);

    let told = Project::new(&[("dockerfile", "FROM x\n")]).explained(log);
    assert_eq!(
        told.finding.title,
        "`Dockerfile` does not exist in the project; there is `dockerfile`"
    );
}

#[test]
fn a_default_exclusion_needs_an_ignore_file() {
    let text = copying("dist/app.whl");
    let project = Project::new(&[
        ("Dockerfile", &text),
        ("dist/app.whl", "x"),
        ("bot.py", "x"),
        (".env", "TOKEN=x"),
        ("x.log", "x"),
    ]);
    let told = project.explained(&not_found(&text, 3, "dist/app.whl"));
    assert_eq!(
        told.finding.title,
        "`dist/app.whl` is left out of the upload by `dist` (a default exclusion of the CLI)"
    );
    project.apply(&told);
    assert_eq!(project.errors(), [""; 0]);
    let files = project.uploaded();
    assert_eq!(files, [".dockerignore", "Dockerfile", "bot.py", "dist/app.whl"]);
    assert_eq!(project.read(".dockerignore").lines().count(), 43);
}

#[test]
fn what_the_configuration_excludes_is_taken_out_there() {
    let text = copying("docs");
    for list in [
        "patterns = ['a', 'docs/']\n",
        "patterns = [\n  \"docs\",\n  \"a\",\n]\n",
        "patterns = [\"docs\"]\n",
    ] {
        let toml = format!("[build]\n[build.exclude]\n{list}");
        let project = Project::new(&[
            ("Dockerfile", &text),
            ("docs/a.md", "x"),
            ("a", "x"),
            ("pcc-deploy.toml", &toml),
        ]);
        let told = project.explained(&not_found(&text, 3, "docs"));
        assert_eq!(
            told.finding.title,
            "`docs` is left out of the upload by `docs` ([build.exclude] in pcc-deploy.toml)"
        );
        project.apply(&told);
        assert_eq!(project.errors(), [""; 0], "{list}");
    }
}

#[test]
fn buildkits_own_pass_is_told_apart() {
    let text = copying("data");
    let project =
        Project::new(&[("Dockerfile", &text), ("data/a", "x"), (".dockerignore", "/data\n")]);
    let told = project.explained(&not_found(&text, 3, "data"));
    assert_eq!(told.finding.title, "`data` is left out of the build by `data` (.dockerignore:1)");
    project.apply(&told);
    assert_eq!(project.errors(), [""; 0]);

    let text = copying("keep.bin");
    let project = Project::new(&[
        ("Dockerfile", &text),
        ("keep.bin", "x"),
        ("other.bin", "x"),
        (".dockerignore", "**/*.bin\n"),
    ]);
    let told = project.explained(&not_found(&text, 3, "keep.bin"));
    project.apply(&told);
    assert_eq!(project.read(".dockerignore"), "**/*.bin\n!keep.bin\n");
    assert_eq!(project.errors(), [""; 0]);
}

#[test]
fn a_secret_is_not_let_in() {
    let text = copying(".env");
    let project = Project::new(&[("Dockerfile", &text), (".env", "A=b")]);
    let told = project.explained(&not_found(&text, 3, ".env"));
    assert!(told.finding.title.contains("by `.env`"), "{}", told.finding.title);
    assert!(told.finding.fix.unwrap().contains("secret set"));
    assert_eq!(told.finding.diff, None);
    // Nor one that the same pattern drops.
    let text = copying("certs");
    let project = Project::new(&[
        ("Dockerfile", &text),
        ("certs/ca.pem", "-----BEGIN CERTIFICATE-----"),
        ("server.pem", "-----BEGIN PRIVATE KEY-----"),
    ]);
    let told = project.explained(&not_found(&text, 3, "certs"));
    assert_eq!(told.finding.title, "Nothing of `certs` gets into the build");
    project.apply(&told);
    assert!(!project.uploaded().contains(&"server.pem".to_owned()));
    assert!(project.uploaded().contains(&"certs/ca.pem".to_owned()));
}

#[test]
fn what_no_edit_mends_is_explained() {
    let text = copying("flows/ x");
    let project = Project::new(&[("Dockerfile", &text)]);
    std::fs::create_dir(project.path().join("flows")).unwrap();
    let told = project.explained(&not_found(&text, 3, "flows"));
    assert_eq!(told.finding.title, "`flows` is an empty directory, and only files are uploaded");

    let text = copying("../shared x");
    let project = Project::new(&[("Dockerfile", &text)]);
    let told = project.explained(&not_found(&text, 3, "shared"));
    assert_eq!(told.finding.title, "`shared` is outside the context directory");

    let text = copying("bot.py");
    let project = Project::new(&[("Dockerfile", &text), ("bot.py", "x")]);
    let told = project.explained(&not_found(&text, 3, "bot.py"));
    assert!(told.finding.cause.unwrap().starts_with("`bot.py` is here now and would be uploaded"));
    assert_eq!(told.finding.diff, None);
}

#[cfg(unix)]
#[test]
fn a_linked_directory_is_not_followed() {
    let text = copying("shared");
    let project = Project::new(&[("Dockerfile", &text), ("real/a", "x")]);
    std::os::unix::fs::symlink("real", project.path().join("shared")).unwrap();
    let told = project.explained(&not_found(&text, 3, "shared"));
    assert_eq!(told.finding.title, "`shared` is a link to a directory, which isn't uploaded");
}

#[test]
fn a_checkout_has_no_ignored_files() {
    let text = copying("uv.lock");
    let project = Project::new(&[
        ("Dockerfile", &text),
        ("uv.lock", "x"),
        (".git/HEAD", "x"),
        (".gitignore", "__pycache__\n# lock\nuv.lock\n"),
    ]);
    let log = not_found(&text, 3, "uv.lock");
    let told = project.checkout(&log);
    assert_eq!(
        told.finding.title,
        "`uv.lock` isn't in the repository: git ignores it by `uv.lock` (.gitignore:3)"
    );
    let diff = told.finding.diff.clone().unwrap();
    assert!(diff.contains("-uv.lock\n"), "{diff}");
    // However the project is named.
    let up = project.path().join("sub/..");
    std::fs::create_dir(project.path().join("sub")).unwrap();
    std::fs::create_dir(project.path().join("sub/.git")).unwrap();
    let mut build = buildcat::domain::Build::with_status(buildcat::domain::BuildStatus::Failed);
    build.commit_sha = Some("0123456".into());
    let asked = question(&log, Some(build));
    let open = buildcat::context::project::Project::open(up);
    let told = buildcat::explain::answer(&open, &asked, buildcat::explain::Trust::Named).remove(0);
    assert_eq!(told.finding.diff.as_deref(), Some(diff.as_str()));
    // An upload by the CLI doesn't ask git.
    let told = project.explained(&log);
    assert!(told.finding.cause.unwrap().contains("is here now"));
}

#[test]
fn a_context_below_the_project_is_named_from_there() {
    let text = copying("README.md");
    let project = Project::new(&[
        ("app/Dockerfile", &text),
        ("app/README.md", "x"),
        ("app/.dockerignore", "*.md\n"),
        ("pcc-deploy.toml", "[build]\ncontext_dir = 'app'\n"),
    ]);
    let told = project.explained(&not_found(&text, 3, "README.md"));
    assert_eq!(told.finding.dockerfile.as_ref().unwrap().path.as_deref(), Some("app/Dockerfile"));
    project.apply(&told);
    assert_eq!(project.read("app/.dockerignore"), "");
}

#[test]
fn another_stages_files_are_no_matter_of_the_upload() {
    let text = "FROM python:3.12 AS b\nFROM python:3.12-slim\nCOPY --from=b /out/x /x\n";
    let project = Project::new(&[("Dockerfile", text)]);
    let log = not_found(text, 3, "out/x");
    let plain = question(&log, None).plain().remove(0);
    assert_eq!(project.explained(&log).finding.title, plain.finding.title);
}
