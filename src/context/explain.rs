//! Why a path isn't in the build context.

use std::path::Path;

use super::gitignore::{GitIgnored, git_ignored};
use super::nearest::nearest;
use super::pack::Origin;
use super::path::RelPath;
use super::simulate::Simulation;
use super::tree::{Kind, Tree};

/// What became of a path an instruction asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// It is in the context.
    Survives,
    /// Nothing of that name is there.
    Missing {
        /// The existing path that may have been meant.
        nearest: Option<RelPath>,
    },
    /// It leads out of the context directory.
    Outside,
    /// The CLI drops it.
    Dropped {
        /// The pattern.
        pattern: String,
        /// Where it is written.
        origin: Origin,
        /// What the pattern matched: the path, or a directory it is in.
        what: RelPath,
    },
    /// It is uploaded, and then BuildKit drops it.
    DroppedByBuildKit {
        /// The pattern.
        pattern: String,
        /// The ignore file.
        file: RelPath,
        /// The line, from 1.
        line: usize,
    },
    /// A directory without a file in it: only files are uploaded.
    EmptyDir,
    /// A directory of which every file is dropped.
    Emptied {
        /// One of the files.
        example: RelPath,
        /// Why that file isn't there.
        why: Box<Why>,
    },
    /// A linked directory, which is not followed.
    LinkedDir(RelPath),
    /// A link that leads nowhere, or something that isn't a file.
    NoFile(RelPath),
    /// It isn't in a checkout of the repository.
    GitIgnored(GitIgnored),
}

impl Why {
    /// A sentence about `path`, without the final stop.
    pub fn sentence(&self, path: &str) -> String {
        match self {
            Self::Survives => format!("{path} is in the build context"),
            Self::Missing { nearest: Some(near) } => {
                format!("{path} does not exist; the nearest path is {near}")
            }
            Self::Missing { nearest: None } => format!("{path} does not exist"),
            Self::Outside => format!("{path} is outside the context directory"),
            Self::Dropped { pattern, origin, what } => {
                let shown = if what.to_text() == RelPath::clamped(path).to_text() {
                    format!("{path} is")
                } else {
                    format!("{path} is in {what}, which is")
                };
                match origin {
                    Origin::Ignore { line } => format!(
                        "{shown} left out of the upload by the pattern {pattern} in line {line} of .dockerignore"
                    ),
                    Origin::Config => format!(
                        "{shown} left out of the upload by the pattern {pattern} of [build.exclude] in pcc-deploy.toml"
                    ),
                    Origin::Default => {
                        format!(
                            "{shown} left out of the upload by the CLI's default exclusion {pattern}"
                        )
                    }
                }
            }
            Self::DroppedByBuildKit { pattern, file, line } => {
                format!(
                    "{path} is uploaded, but BuildKit drops it by the pattern {pattern} in line {line} of {file}"
                )
            }
            Self::EmptyDir => format!("{path} is an empty directory, and only files are uploaded"),
            Self::Emptied { example, why } => {
                format!(
                    "no file of the directory {path} gets into the build: {}",
                    why.sentence(&example.to_text())
                )
            }
            Self::LinkedDir(link) => {
                format!("{link} is a link to a directory, and the CLI does not follow those")
            }
            Self::NoFile(what) => format!("{what} is a broken link or not a file"),
            Self::GitIgnored(git) => format!(
                "{path} is ignored by git (pattern {} in line {} of {}), so a build from GitHub does not have it unless it was added by force",
                git.pattern,
                git.line,
                git.file.display()
            ),
        }
    }
}

/// How many files of a directory are looked at for one that tells why it is empty.
const MOST: usize = 2000;

/// Says why `path`, as an instruction writes it, is or isn't in the context of an upload.
pub fn explain(tree: &dyn Tree, simulation: &Simulation, path: &str) -> Why {
    let wanted = RelPath::clamped(path);
    if simulation.passed.holds(&wanted) && !wanted.is_root() {
        return Why::Survives;
    }
    if leads_out(path) {
        return Why::Outside;
    }
    inside(tree, simulation, &wanted)
}

/// The same for a build from GitHub, where git's ignore rules stand in for the CLI's.
pub fn explain_checkout(tree: &dyn Tree, simulation: &Simulation, root: &Path, path: &str) -> Why {
    let wanted = RelPath::clamped(path);
    if leads_out(path) {
        return Why::Outside;
    }
    match tree.kind(&wanted) {
        None => Why::Missing { nearest: nearest(tree, &wanted) },
        Some(_) => match git_ignored(root, &wanted) {
            Some(ignored) => Why::GitIgnored(ignored),
            None => match by_buildkit(simulation, &wanted) {
                Some(why) => why,
                None => Why::Survives,
            },
        },
    }
}

fn leads_out(path: &str) -> bool {
    let mut depth = 0_i64;
    path.split('/').any(|part| {
        match part {
            "" | "." => {}
            ".." => depth -= 1,
            _ => depth += 1,
        }
        depth < 0
    })
}

fn by_buildkit(simulation: &Simulation, path: &RelPath) -> Option<Why> {
    let (file, pattern) = simulation.dropped_by_buildkit(path)?;
    Some(Why::DroppedByBuildKit {
        pattern: pattern.written(),
        file: file.clone(),
        line: pattern.line,
    })
}

fn inside(tree: &dyn Tree, simulation: &Simulation, wanted: &RelPath) -> Why {
    // On the way down, the first thing that stops the CLI's walk is the reason.
    for prefix in wanted.prefixes() {
        let Some(kind) = tree.kind(&prefix) else {
            return Why::Missing { nearest: nearest(tree, wanted) };
        };
        if let Some(rule) = simulation.exclusions.drops(&prefix) {
            // A path that isn't there is missing, whatever would have dropped it.
            if tree.kind(wanted).is_none() {
                return Why::Missing { nearest: nearest(tree, wanted) };
            }
            return Why::Dropped {
                pattern: rule.pattern.clone(),
                origin: rule.origin,
                what: prefix,
            };
        }
        match kind {
            Kind::LinkedDir => return Why::LinkedDir(prefix),
            Kind::Dangling | Kind::Special => return Why::NoFile(prefix),
            Kind::Dir | Kind::File { .. } => {}
        }
    }
    if matches!(tree.kind(wanted), Some(Kind::Dir)) {
        return directory(tree, simulation, wanted);
    }
    by_buildkit(simulation, wanted).unwrap_or(Why::Survives)
}

/// A directory that is kept itself: it is in the context when a file of it is.
fn directory(tree: &dyn Tree, simulation: &Simulation, dir: &RelPath) -> Why {
    if simulation.upload.files.iter().any(|file| file.path.is_within(dir)) {
        return if simulation.passed.holds(dir) {
            Why::Survives
        } else {
            by_buildkit(simulation, dir).unwrap_or(Why::Survives)
        };
    }
    let mut open = vec![dir.clone()];
    let mut seen = 0;
    while let Some(next) = open.pop() {
        let mut entries = tree.list(&next);
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        for entry in entries {
            seen += 1;
            let path = next.join(&entry.name);
            match entry.kind {
                Kind::Dir => open.push(path),
                _ => {
                    let why = Box::new(inside(tree, simulation, &path));
                    return Why::Emptied { example: path, why };
                }
            }
        }
        if seen > MOST {
            break;
        }
    }
    Why::EmptyDir
}

#[cfg(test)]
mod tests {
    use super::super::tree::MemoryTree;
    use super::*;

    fn ask(tree: &MemoryTree, path: &str) -> Why {
        explain(tree, &Simulation::new(tree, "Dockerfile", &["docs".to_owned()]), path)
    }

    #[test]
    fn every_way_to_be_missing_has_its_answer() {
        let tree = MemoryTree::new()
            .file("Dockerfile", "")
            .file("src/bot.py", "")
            .file("certs/ca.pem", "")
            .file("docs/a.md", "")
            .file("client/dist/index.html", "")
            .other("flows", Kind::Dir)
            .other("flows/deep", Kind::Dir)
            .other("shared", Kind::LinkedDir)
            .other("gone", Kind::Dangling);
        let dropped = |pattern: &str, origin, what: &str| Why::Dropped {
            pattern: pattern.to_owned(),
            origin,
            what: what.into(),
        };
        assert_eq!(ask(&tree, "src"), Why::Survives);
        assert_eq!(ask(&tree, "/src/bot.py"), Why::Survives);
        assert_eq!(ask(&tree, "bot.py"), Why::Missing { nearest: Some("src/bot.py".into()) });
        assert_eq!(ask(&tree, "certs/ca.pem"), dropped("*.pem", Origin::Default, "certs/ca.pem"));
        assert_eq!(
            ask(&tree, "client/dist/index.html"),
            dropped("dist", Origin::Default, "client/dist")
        );
        assert_eq!(ask(&tree, "docs/"), dropped("docs", Origin::Config, "docs"));
        assert_eq!(ask(&tree, "../shared"), Why::Outside);
        assert_eq!(ask(&tree, "flows/"), Why::EmptyDir);
        assert_eq!(ask(&tree, "shared"), Why::LinkedDir("shared".into()));
        assert_eq!(ask(&tree, "gone"), Why::NoFile("gone".into()));
        assert!(matches!(ask(&tree, "certs"), Why::Emptied { .. }));
        assert!(ask(&tree, "certs").sentence("certs").contains("default exclusion *.pem"));
    }

    #[test]
    fn the_line_of_either_pass_is_named() {
        let tree = MemoryTree::new()
            .file("Dockerfile", "")
            .file("data/a", "")
            .file("README.md", "")
            .file(".dockerignore", "# x\n/data\n*.md\n!README.md\n");
        let by_buildkit = Why::DroppedByBuildKit {
            pattern: "data".into(),
            file: ".dockerignore".into(),
            line: 2,
        };
        assert_eq!(ask(&tree, "data"), by_buildkit);
        let why = ask(&tree, "README.md");
        assert!(matches!(why, Why::Dropped { origin: Origin::Ignore { line: 3 }, .. }), "{why:?}");
        assert!(why.sentence("README.md").ends_with("*.md in line 3 of .dockerignore"));
    }
}
