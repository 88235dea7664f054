//! Where a project keeps what a build is made of.

use std::path::{Path, PathBuf};

use super::disk::DiskTree;
use super::path::RelPath;
use super::tree::{TEXT_LIMIT, Tree};

/// The official CLI's configuration file.
pub const CONFIG: &str = "pcc-deploy.toml";

/// A project's own rules for buildcat.
pub const RULES: &str = ".buildcat.toml";

/// A project as the official CLI sees it when it is run in `dir`.
#[derive(Clone, Debug)]
pub struct Project {
    /// The directory the CLI would be run in.
    pub dir: PathBuf,
    /// The directory that is uploaded.
    pub context: PathBuf,
    /// What the CLI's configuration says.
    pub settings: Settings,
}

/// What `pcc-deploy.toml` says about builds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// `[build] context_dir`, seen from the current directory.
    pub context_dir: String,
    /// `[build] dockerfile`, seen from the context directory.
    pub dockerfile: String,
    /// `[build.exclude] patterns`.
    pub exclude: Vec<String>,
    /// `architecture`: `arm64` or `amd64`; builds are for arm64 without it.
    pub architecture: Option<String>,
    /// Whether builds are made from a GitHub repository (`[git] repo`).
    pub github: bool,
    /// What is wrong with the file, if something is.
    pub trouble: Option<Trouble>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            context_dir: ".".to_owned(),
            dockerfile: "Dockerfile".to_owned(),
            exclude: Vec::new(),
            architecture: None,
            github: false,
            trouble: None,
        }
    }
}

/// What is wrong with `pcc-deploy.toml`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// The line, from 1, where one can be named.
    pub line: Option<usize>,
    /// A sentence.
    pub message: String,
    /// Whether the CLI stops at it. It passes over a file that isn't TOML at all.
    pub refused: bool,
}

/// The keys the CLI takes at the top (pipecatcloud 1.4.0).
const KEYS: [&str; 16] = [
    "agent_name",
    "image",
    "build_id",
    "image_credentials",
    "secret_set",
    "region",
    "scaling",
    "docker",
    "build",
    "agent_profile",
    "krisp_viva",
    "git",
    "websocket_auth",
    "max_session_duration",
    "resources",
    "architecture",
];

impl Project {
    /// Reads the project in `dir`, whatever of it is there.
    pub fn open(dir: impl Into<PathBuf>) -> Self {
        let dir = dir.into();
        let settings = match DiskTree::new(&dir).read(&CONFIG.into(), TEXT_LIMIT) {
            Ok(bytes) => Settings::read(&String::from_utf8_lossy(&bytes)),
            Err(_) => Settings::default(),
        };
        // The CLI resolves context_dir against the current directory, not against the file.
        let context = match settings.context_dir.as_str() {
            "." | "./" => dir.clone(),
            below => dir.join(below),
        };
        Self { dir, context, settings }
    }

    /// The project `start` is in: the nearest directory upwards with a `pcc-deploy.toml`, a
    /// `Dockerfile` or rules for buildcat, else with one of the other files a project has; no
    /// further than the top of a git repository.
    pub fn find(start: &Path) -> Option<Self> {
        const LIKELY: [&str; 3] = [CONFIG, "Dockerfile", RULES];
        const POSSIBLE: [&str; 4] =
            [".dockerignore", "pyproject.toml", "requirements.txt", "dockerfile"];
        let with = |names: &[&str]| {
            let end = |dir: &Path| dir.join(".git").exists();
            let found = start
                .ancestors()
                .find(|dir| names.iter().any(|name| dir.join(name).is_file()) || end(dir))?;
            names.iter().any(|name| found.join(name).is_file()).then(|| Self::open(found))
        };
        with(&LIKELY).or_else(|| with(&POSSIBLE))
    }

    /// The tree that is uploaded.
    pub fn tree(&self) -> DiskTree {
        DiskTree::new(&self.context)
    }

    /// A path of the context as a person in the project's directory writes it.
    pub fn shown(&self, path: &RelPath) -> String {
        let dir = RelPath::from(self.settings.context_dir.as_str());
        let outside = self.settings.context_dir.starts_with('/');
        let slash = if outside { "/" } else { "" };
        format!("{slash}{}", dir.join(path.bytes()))
    }

    /// The text of the Dockerfile, where it can be read.
    pub fn dockerfile_text(&self) -> Option<String> {
        let path = self.context.join(&self.settings.dockerfile);
        let tree = DiskTree::new(path.parent()?);
        let name = RelPath::new(path.file_name()?.as_encoded_bytes());
        tree.read(&name, TEXT_LIMIT).ok().map(|b| String::from_utf8_lossy(&b).into_owned())
    }

    /// The processor builds are for.
    pub fn arch(&self) -> &str {
        self.settings.architecture.as_deref().unwrap_or("arm64")
    }

    /// The Python files that say what is installed, of those that are there.
    pub fn requirements(&self) -> Vec<&'static str> {
        let names = ["pyproject.toml", "uv.lock", "requirements.txt"];
        names.into_iter().filter(|name| self.context.join(name).is_file()).collect()
    }
}

impl Settings {
    /// Reads the text of a `pcc-deploy.toml` as the CLI takes it.
    pub fn read(text: &str) -> Self {
        let mut out = Self::default();
        let table: toml::Table = match text.parse() {
            Ok(table) => table,
            Err(error) => {
                let error: toml::de::Error = error;
                let before = error.span().and_then(|span| text.get(..span.start));
                out.trouble = Some(Trouble {
                    line: before.map(|before| 1 + before.matches('\n').count()),
                    message: format!("{CONFIG} isn't valid TOML, and the CLI ignores all of it"),
                    refused: false,
                });
                return out;
            }
        };
        out.trouble = unknown_key(&table, text);
        out.architecture = string(table.get("architecture"));
        out.github = table.get("git").and_then(|git| git.get("repo")).is_some();
        if let Some(build) = table.get("build") {
            if let Some(dir) = string(build.get("context_dir")) {
                out.context_dir = dir;
            }
            if let Some(file) = string(build.get("dockerfile")) {
                out.dockerfile = file;
            }
            out.exclude = match build.get("exclude").and_then(|e| e.get("patterns")) {
                Some(toml::Value::Array(all)) => {
                    all.iter().filter_map(|p| string(Some(p))).collect()
                }
                // The CLI walks over a string letter by letter.
                Some(toml::Value::String(text)) => text.chars().map(String::from).collect(),
                _ => Vec::new(),
            };
        }
        out
    }
}

fn string(value: Option<&toml::Value>) -> Option<String> {
    value.and_then(toml::Value::as_str).map(str::to_owned)
}

fn unknown_key(table: &toml::Table, text: &str) -> Option<Trouble> {
    let key = table.keys().find(|key| !KEYS.contains(&key.as_str()))?;
    let is_key = |line: &str| {
        let line = line.trim_start_matches(['[', ' ', '\t', '"']);
        line.strip_prefix(key.as_str())
            .is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric()))
    };
    let message = if key == "enable_krisp" {
        "the CLI refuses enable_krisp: Krisp is set up in the [krisp_viva] section now".to_owned()
    } else {
        format!("the CLI refuses the key {key}")
    };
    Some(Trouble { line: text.lines().position(is_key).map(|i| i + 1), message, refused: true })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_what_the_cli_takes() {
        let text = "agent_name = 'x'\n[build]\ncontext_dir = 'app'\ndockerfile = 'docker/Dockerfile'\n\
            [build.exclude]\npatterns = ['*.md', 'docs/']\n[scaling]\nmin_agents = 1\n";
        let settings = Settings::read(text);
        assert_eq!(settings.context_dir, "app");
        assert_eq!(settings.dockerfile, "docker/Dockerfile");
        assert_eq!(settings.exclude, ["*.md", "docs/"]);
        assert_eq!(settings.trouble, None);
        assert_eq!(Settings::read("build = { exclude = { patterns = 'ab' } }").exclude, ["a", "b"]);
    }

    #[test]
    fn what_the_cli_refuses_has_a_line() {
        let trouble = Settings::read("agent_name = 'x'\nenable_krisp = true\n").trouble.unwrap();
        assert_eq!((trouble.line, trouble.refused), (Some(2), true));
        let trouble = Settings::read("agent_name = 'x'\n[build\n").trouble.unwrap();
        assert_eq!((trouble.line, trouble.refused), (Some(2), false));
    }

    #[test]
    fn a_project_is_found_from_inside() {
        let dir = tempfile::tempdir().unwrap();
        let deep = dir.path().join("p/src/deep");
        std::fs::create_dir_all(&deep).unwrap();
        std::fs::create_dir(dir.path().join(".git")).unwrap();
        assert!(Project::find(&deep).is_none());
        std::fs::write(dir.path().join("p/Dockerfile"), "FROM x\n").unwrap();
        let project = Project::find(&deep).unwrap();
        assert_eq!(project.dir, dir.path().join("p"));
        assert_eq!(project.dockerfile_text().as_deref(), Some("FROM x\n"));
        assert_eq!(project.arch(), "arm64");
        assert!(project.requirements().is_empty());
    }
}
