//! What the upload leaves out where a project says nothing else.

use super::super::draft::Draft;

/// What the upload leaves out of a project without a .dockerignore, as far as
/// Dockerfiles ask for it: the pattern, and what to do instead.
const LEFT_OUT: [(&str, &str); 13] = [
    (
        ".env",
        "Don't bring it into the image: put its values into a secret set, which the agent gets as environment variables.",
    ),
    (".git", "Give what is asked of git (version, commit) as an ARG or in a file."),
    (".venv", "Make the environment in the image (`uv sync`)."),
    ("venv", "Make the environment in the image (`uv sync`)."),
    ("node_modules", "Install the packages in the image (`npm ci`)."),
    (
        "dist",
        "Build it in the image, put it under another name, or write a .dockerignore: it replaces the defaults.",
    ),
    (
        "build",
        "Build it in the image, put it under another name, or write a .dockerignore: it replaces the defaults.",
    ),
    (
        "env",
        "Make a virtual environment in the image; a directory of code needs another name, or a .dockerignore, which replaces the defaults.",
    ),
    (".cache", "Put it under another name (models/), or fetch it in the image."),
    ("*.log", "Put it under another ending, or write a .dockerignore: it replaces the defaults."),
    (
        "*.so",
        "Put it into an archive or a wheel, or write a .dockerignore: it replaces the defaults.",
    ),
    ("*.pem", "A certificate may go under another ending (.crt); a key belongs into a secret set."),
    ("*.key", "A key belongs into a secret set, not into the image."),
];

/// Says which pattern leaves out a path by default, if one does, and what to do
/// instead.
pub(super) fn left_out(path: &str, draft: &mut Draft) {
    let found = LEFT_OUT.iter().find_map(|(pattern, instead)| {
        let matches = path.split('/').find_map(|part| match pattern.strip_prefix('*') {
            Some(ending) => part.ends_with(ending).then_some(*pattern),
            None if part == *pattern => Some(*pattern),
            None => (*pattern == ".env" && part.starts_with(".env.")).then_some(".env.*"),
        });
        Some((matches?, instead))
    });
    let Some((pattern, instead)) = found else { return };
    draft.captures.set("pattern", pattern);
    draft.cause = Some("The upload leaves out `{pattern}` by default (a .dockerignore of the project's own would replace that list); and a checkout from GitHub has only what is committed.".to_owned());
    draft.fix = Some((*instead).to_owned());
}

#[cfg(test)]
mod tests {
    use super::{LEFT_OUT, left_out};
    use crate::context::pack::DEFAULT_EXCLUSIONS;
    use crate::diagnose::draft::Draft;
    use crate::domain::LineNo;

    /// A diagnosis without a project says of some patterns that they are left
    /// out by default.
    #[test]
    fn what_is_said_to_be_left_out_is() {
        for (pattern, _) in LEFT_OUT {
            assert!(DEFAULT_EXCLUSIONS.contains(&pattern), "{pattern}");
        }
    }

    #[test]
    fn the_pattern_is_the_one_that_leaves_it_out() {
        let pattern = |path: &str| {
            let mut draft = Draft::of_code("x", "copy-source-missing", LineNo::new(0), "x");
            left_out(path, &mut draft);
            draft.captures.get("pattern").map(str::to_owned)
        };
        assert_eq!(pattern(".env").as_deref(), Some(".env"));
        assert_eq!(pattern("config/.env.prod").as_deref(), Some(".env.*"));
        assert_eq!(pattern("dist/app.env.js").as_deref(), Some("dist"));
        assert_eq!(pattern("certs/my.env.pem").as_deref(), Some("*.pem"));
        assert_eq!(pattern("src/main.py"), None);
    }
}
