//! Every row of what is known about files that go missing on their way into a build.
#![allow(clippy::unwrap_used)]

use buildcat::context::moby::{Matcher, Verdict};
use buildcat::context::pack::{Exclusions, pack};
use buildcat::context::path::RelPath;
use buildcat::context::preflight;
use buildcat::context::tree::{Kind, MemoryTree};

fn cli_keeps(ignore: Option<&str>, path: &str) -> bool {
    let mut tree = MemoryTree::new().file(path, "x");
    if let Some(ignore) = ignore {
        tree = tree.file(".dockerignore", ignore);
    }
    pack(&tree, &Exclusions::load(&tree, &[])).holds(&path.into())
}

fn docker_keeps(ignore: &str, path: &str) -> bool {
    let matcher = Matcher::new(ignore.as_bytes()).unwrap();
    matches!(matcher.verdict(&path.into()).unwrap(), Verdict::Kept(_))
}

#[test]
fn default_exclusions_match_at_any_depth() {
    let dropped = [
        "dist/x.whl",
        "client/dist/index.html",
        "app/build/x.js",
        "src/env/core.py",
        ".env.example",
        ".env.production",
        "certs/ca.pem",
        "keys/a.key",
        "lib/libfoo.so",
        "models/.cache/x",
        ".git/HEAD",
        ".github/workflows/x.yml",
        "pcc-deploy.toml",
        "tests/fixtures/call.log",
        "a/b/node_modules/x.js",
    ];
    for path in dropped {
        assert!(!cli_keeps(None, path), "{path}");
    }
    let kept = [
        "uv.lock",
        "requirements.txt",
        "README.md",
        ".python-version",
        "env.example",
        "wheels/x.whl",
        ".npmrc",
        ".netrc",
        ".envrc",
        "uv.toml",
        "pip.conf",
        "credentials.json",
        "service-account.json",
    ];
    for path in kept {
        assert!(cli_keeps(None, path), "{path}");
    }
    let tree = MemoryTree::new().file(".dockerignore", [0xff]);
    assert!(pack(&tree, &Exclusions::load(&tree, &[])).holds(&".dockerignore".into()));
}

/// Every pattern of the defaults drops a name of its kind, at the top and below.
#[test]
fn every_default_exclusion_is_in_force() {
    let patterns = ".git .gitignore .gitattributes .env .env.* *.pem *.key __pycache__ *.pyc *.pyo *.pyd *.so .Python \
        .venv venv ENV env .pytest_cache .coverage htmlcov .tox .nox .mypy_cache .ruff_cache .vscode .idea *.swp *.swo \
        dist build *.egg-info *.egg .eggs node_modules .github .claude .codex .cursor pcc-deploy.toml \
        .ipynb_checkpoints .cache .DS_Store Thumbs.db *.log";
    let all: Vec<&str> = patterns.split_whitespace().collect();
    assert_eq!(all.len(), buildcat::context::pack::DEFAULT_EXCLUSIONS.len());
    for pattern in all {
        let name = pattern.replace('*', "x");
        for path in [name.clone(), format!("a/b/{name}"), format!("a/{name}/c.py")] {
            assert!(!cli_keeps(None, &path), "{path}");
            // One of the user's own switches them all off.
            assert!(cli_keeps(Some("# nothing\n"), &path), "{path}");
        }
    }
}

/// What instructions of Dockerfiles ask for, and the default that drops it.
#[test]
fn typical_instructions_and_the_default_that_drops_their_source() {
    for (instruction, file, pattern) in [
        ("COPY dist/*.whl /tmp/", "dist/a.whl", "dist"),
        ("COPY client/dist ./static", "client/dist/index.html", "dist"),
        ("COPY app/build ./", "app/build/x.js", "build"),
        ("COPY .env.example ./", ".env.example", ".env.*"),
        ("COPY .env.production ./", ".env.production", ".env.*"),
        ("COPY certs/ca.pem /etc/", "certs/ca.pem", "*.pem"),
        ("COPY keys/a.key /etc/", "keys/a.key", "*.key"),
        ("COPY lib/libfoo.so /usr/lib/", "lib/libfoo.so", "*.so"),
        ("COPY models/.cache /models", "models/.cache/x", ".cache"),
        ("RUN --mount=type=bind,source=.git,target=.git true", ".git/HEAD", ".git"),
        ("COPY .github/x.yml ./", ".github/x.yml", ".github"),
        ("COPY pcc-deploy.toml ./", "pcc-deploy.toml", "pcc-deploy.toml"),
        ("COPY tests/fixtures/call.log ./", "tests/fixtures/call.log", "*.log"),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let full = dir.path().join(file);
        std::fs::create_dir_all(full.parent().unwrap()).unwrap();
        std::fs::write(full, "").unwrap();
        std::fs::write(dir.path().join("Dockerfile"), format!("FROM x\n{instruction}\n")).unwrap();
        let report = preflight::run(dir.path(), &preflight::Options::default());
        let problem = report.problems.iter().find(|p| p.rule == "missing-source").unwrap();
        assert!(
            problem.message.contains(&format!("default exclusion {pattern}")),
            "{instruction}: {}",
            problem.message
        );
        assert_eq!((problem.file.as_deref(), problem.line), (Some("Dockerfile"), Some(2)));
    }
}

#[test]
fn the_cli_and_docker_on_the_same_line() {
    // (.dockerignore, path, kept by the CLI, kept by Docker)
    let rows = [
        ("*\n!bot.py\n!Dockerfile\n", "bot.py", false, true),
        ("*\n!bot.py\n!Dockerfile\n", "Dockerfile", false, true),
        ("*.md\n!README.md\n", "README.md", false, true),
        ("Dockerfile*\n", "Dockerfile", false, false),
        ("Dockerfile*\n", "docker/Dockerfile.dev", false, true),
        ("*.md\n", "prompts/system.md", false, true),
        ("*.wav\n", "assets/x.wav", false, true),
        ("*.lock\n", "sub/uv.lock", false, true),
        ("data\n", "src/data/a.json", false, true),
        ("data/\n", "src/data/a.json", false, true),
        ("./data\n", "src/data/a.json", false, true),
        ("models\n", "app/models/m.py", false, true),
        ("lib\n", "src/lib/x.py", false, true),
        ("config\n", "src/config/x.py", false, true),
        ("env\n", "src/env/x.py", false, true),
        ("test*\n", "src/test_utils.py", false, true),
        ("*/*.wav\n", "a/b/x.wav", false, true),
        ("node_modules\n", "client/node_modules/x.js", false, true),
        ("/data\n", "data/a", true, false),
        ("**/data\n", "data/a", true, false),
        ("**/__pycache__\n", "__pycache__/a.pyc", true, false),
        ("**/*.pyc\n", "a.pyc", true, false),
        ("a/../b\n", "b", true, false),
        // A backslash is a letter to the CLI and an escape to Docker: `\ ` is a blank.
        ("src\\ a\n", "src a", true, false),
        ("**\n", "x/y", false, false),
        ("\u{feff}data\n", "data/a", true, false),
        ("data\r\n", "data/a", false, false),
        ("data # comment\n", "data/a", true, true),
        (" # note\n", "x", true, true),
        ("", ".env", true, true),
        ("", ".git/HEAD", true, true),
        ("", ".venv/bin/python", true, true),
    ];
    for (ignore, path, cli, docker) in rows {
        assert_eq!(cli_keeps(Some(ignore), path), cli, "CLI {ignore:?} {path}");
        assert_eq!(docker_keeps(ignore, path), docker, "Docker {ignore:?} {path}");
    }
}

#[test]
fn build_exclude_counts_only_without_a_dockerignore() {
    let extra = ["docs/".to_owned(), "!keep.md".to_owned()];
    let tree = MemoryTree::new().file("docs/a", "").file("keep.md", "").file("x.log", "");
    let upload = pack(&tree, &Exclusions::load(&tree, &extra));
    assert!(!upload.holds(&"docs/a".into()) && upload.holds(&"keep.md".into()));
    let tree = tree.file(".dockerignore", "# nothing\n");
    let upload = pack(&tree, &Exclusions::load(&tree, &extra));
    assert!(upload.holds(&"docs/a".into()) && upload.holds(&"x.log".into()));
}

#[test]
fn only_files_are_uploaded() {
    let tree = MemoryTree::new()
        .other("flows", Kind::Dir)
        .other("linked", Kind::LinkedDir)
        .file("bot.py", "x");
    let upload = pack(&tree, &Exclusions::load(&tree, &[]));
    let paths: Vec<&RelPath> = upload.files.iter().map(|file| &file.path).collect();
    assert_eq!(paths, [&RelPath::from("bot.py")]);
    assert_eq!(upload.abort, None);
    let tree = tree.other("gone", Kind::Dangling);
    assert!(pack(&tree, &Exclusions::load(&tree, &[])).abort.is_some());
}

#[test]
fn five_hundred_megabytes_is_the_limit() {
    const LIMIT: u64 = 500 * 1024 * 1024;
    for (size, fits) in [(LIMIT, true), (LIMIT + 1, false)] {
        let tree = MemoryTree::new().sized("model.bin", size);
        let upload = pack(&tree, &Exclusions::load(&tree, &[]));
        assert_eq!(upload.abort.is_none(), fits, "{size}");
    }
}

/// Trees and pattern files the official packer was run on (pipecatcloud 1.4.0, CPython 3.11),
/// with what it packed.
#[test]
fn recorded_runs_of_the_official_packer() {
    let cases: serde_json::Value =
        serde_json::from_str(include_str!("context/packed.json")).unwrap();
    let cases = cases.as_array().unwrap();
    assert!(cases.len() >= 500);
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    for case in cases {
        let mut tree = MemoryTree::new();
        for entry in case["tree"].as_array().unwrap() {
            let path = RelPath::from(text(&entry[0]).as_str());
            tree = match &entry[1] {
                serde_json::Value::String(kind) => tree.other(
                    path,
                    match kind.as_str() {
                        "dir" => Kind::Dir,
                        "linked-dir" => Kind::LinkedDir,
                        _ => Kind::Dangling,
                    },
                ),
                size => tree.sized(path, size.as_u64().unwrap()),
            };
        }
        if let serde_json::Value::Array(bytes) = &case["ignore"] {
            let bytes: Vec<u8> = bytes.iter().map(|b| b.as_u64().unwrap() as u8).collect();
            tree = tree.file(".dockerignore", bytes);
        }
        let extra: Vec<String> = case["extra"].as_array().unwrap().iter().map(text).collect();
        let upload = pack(&tree, &Exclusions::load(&tree, &extra));
        match case["packed"].as_array() {
            None => assert!(upload.abort.is_some(), "{case}"),
            Some(expected) => {
                let expected: Vec<String> = expected.iter().map(text).collect();
                let found: Vec<String> = upload.files.iter().map(|f| f.path.to_text()).collect();
                assert_eq!(found, expected, "{case}");
                assert_eq!(upload.bytes, case["bytes"].as_u64().unwrap(), "{case}");
                assert_eq!(upload.abort, None);
            }
        }
    }
}
