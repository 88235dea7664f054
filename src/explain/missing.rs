//! A COPY, ADD or mount whose source isn't in the build context, and a
//! Dockerfile that isn't.

use super::case::{Case, Told};
use super::diff::Edit;
use super::ignore;
use super::told::Trust;
use super::words;
use crate::context::explain::{Why, explain, explain_checkout};
use crate::context::pack::Origin;
use crate::context::path::RelPath;
use crate::context::preflight::secret;
use crate::context::tree::{Kind, Tree};

pub(super) fn explain_missing(case: &Case<'_>, told: &mut Told<'_>) -> bool {
    let dockerfile = told.category() == "dockerfile-not-found";
    if !dockerfile && told.category() != "copy-source-missing" {
        return false;
    }
    let asked = if dockerfile {
        case.dockerfile_path()
    } else {
        let Some(subject) = told.subject() else { return false };
        subject.to_owned()
    };
    let path = RelPath::clamped(&asked);
    // What comes from another stage or image is no business of the upload's.
    let foreign = ["--from=", "from="].iter().any(|mark| told.instruction().contains(mark));
    let source = told.source(case, &path).map(|source| source.written.clone());
    if (foreign && source.is_none()) || asked.is_empty() || asked.starts_with('/') {
        return false;
    }
    let simulation = case.simulation();
    let written = source.clone().unwrap_or_else(|| asked.clone());
    let ask = if leads_out(&written) { &written } else { &asked };
    let why = if case.question.is_checkout() {
        explain_checkout(&case.tree, simulation, &case.project.context, ask)
    } else {
        explain(&case.tree, simulation, ask)
    };
    let known = case.trust == Trust::Named || case.question.build.is_some();
    let here = match (&why, dockerfile) {
        (Why::Survives | Why::Missing { nearest: None }, true) => known,
        (_, true) => true,
        (_, false) => told.lines.is_some() || case.trust == Trust::Named,
    };
    if !here {
        return false;
    }
    if dockerfile && simulation.upload.files.is_empty() && !case.question.is_checkout() {
        return empty(case, told, &path);
    }
    tell(case, told, &why, &path, &asked);
    if let (Why::Missing { nearest: Some(near) }, false) = (&why, dockerfile) {
        renamed(case, told, &path, near);
    }
    true
}

/// Says why a path isn't in the build, and what to change where it is dropped.
pub(super) fn tell(case: &Case<'_>, told: &mut Told<'_>, why: &Why, path: &RelPath, asked: &str) {
    say(case, told, why, path, asked);
    match why {
        Why::Dropped { .. } | Why::DroppedByBuildKit { .. } | Why::Emptied { .. } => {
            dropped(case, told, path);
        }
        Why::GitIgnored(git) => git_ignored(case, told, path, git),
        _ => {}
    }
}

fn leads_out(path: &str) -> bool {
    path.split('/').any(|part| part == "..")
}

/// Title and cause.
fn say(case: &Case<'_>, told: &mut Told<'_>, why: &Why, path: &RelPath, asked: &str) {
    let sentence = upper(&format!("{}.", why.sentence(&path.to_text())));
    let by_cli = "The official CLI matches a pattern against every part of a path and knows no \
                  `!`, unlike Docker";
    match why {
        Why::Missing { nearest } => {
            let lock = path.name() == b"uv.lock";
            told.title(match nearest {
                Some(near) => format!("`{asked}` does not exist in the project; there is `{near}`"),
                None => format!("`{asked}` does not exist in the project"),
            });
            let place = told.place().map(|at| format!("{at} asks for it. ")).unwrap_or_default();
            told.cause(format!(
                "{place}It was never made, or has another name or place{}.",
                if lock { ": `uv lock` makes it" } else { "" }
            ));
            match nearest {
                _ if lock => {
                    told.fix("Run `uv lock`, commit uv.lock, and deploy again.".to_owned());
                }
                Some(near) => told.fix(format!("Write `{near}` if that is what is meant.")),
                None => {}
            }
        }
        Why::Dropped { pattern, origin, what } => {
            let by = origin_of(*origin);
            told.title(format!("`{path}` is left out of the upload by `{pattern}` ({by})"));
            let how = match origin {
                Origin::Ignore { .. } => by_cli,
                Origin::Config | Origin::Default => {
                    "The official CLI matches a pattern against every part of a path"
                }
            };
            let inside =
                if what == path { String::new() } else { format!(" `{path}` lies in `{what}`.") };
            told.cause(format!("The file is there, but isn't uploaded.{inside} {how}."));
        }
        Why::DroppedByBuildKit { pattern, file, line } => {
            told.title(format!("`{path}` is left out of the build by `{pattern}` ({file}:{line})"));
            told.cause(
                "It is uploaded, and then BuildKit applies .dockerignore again, by Docker's rules."
                    .to_owned(),
            );
        }
        Why::Emptied { example, why } => {
            told.title(format!("Nothing of `{path}` gets into the build"));
            told.cause(upper(&format!("{}.", why.sentence(&example.to_text()))));
        }
        Why::Outside => {
            told.title(format!("`{asked}` is outside the context directory"));
            let dir = &case.project.settings.context_dir;
            told.cause(format!("Only what is in `{dir}` is uploaded; `..` stops there."));
            told.fix(
                "Move it into the context directory, or make the directory above both the context \
                 ([build] context_dir in pcc-deploy.toml) and adapt the paths."
                    .to_owned(),
            );
        }
        Why::EmptyDir => {
            told.title(format!("`{path}` is an empty directory, and only files are uploaded"));
            told.cause(sentence);
            told.fix(format!(
                "Put a file into it (such as `{path}/.gitkeep`), or make it in the image: \
                 `RUN mkdir -p {path}`."
            ));
        }
        Why::LinkedDir(link) => {
            told.title(format!("`{link}` is a link to a directory, which isn't uploaded"));
            told.cause(sentence);
            told.fix(format!("Put the directory itself in the place of the link `{link}`."));
        }
        Why::NoFile(what) => {
            told.title(format!("`{what}` is a broken link or no file"));
            told.cause(sentence);
        }
        Why::GitIgnored(git) => {
            told.title(format!(
                "`{path}` isn't in the repository: git ignores it by `{}` ({}:{})",
                git.pattern,
                shown(case, git),
                git.line
            ));
            told.cause(
                "The build was made from a clean checkout of GitHub, which has no ignored files."
                    .to_owned(),
            );
        }
        Why::Survives => {
            let checkout = case.question.is_checkout();
            told.cause(if checkout {
                format!(
                    "`{path}` is here and git doesn't ignore it: it isn't committed, or was \
                     committed after this build."
                )
            } else {
                format!(
                    "`{path}` is here now and would be uploaded: it was made after this build, or \
                     the build was started in another directory ([build] context_dir is seen from \
                     the current one)."
                )
            });
            told.fix(if checkout {
                format!("Commit and push `{path}`, and build again.")
            } else {
                "Deploy again from this directory.".to_owned()
            });
        }
    }
}

fn origin_of(origin: Origin) -> String {
    match origin {
        Origin::Ignore { line } => format!(".dockerignore:{line}"),
        Origin::Config => "[build.exclude] in pcc-deploy.toml".to_owned(),
        Origin::Default => "a default exclusion of the CLI".to_owned(),
    }
}

/// The path of a `.gitignore` as a person in the project writes it.
fn shown(case: &Case<'_>, git: &crate::context::gitignore::GitIgnored) -> String {
    let dir = case.project.dir.canonicalize().unwrap_or_default();
    let below = git.file.strip_prefix(dir).unwrap_or(&git.file);
    below.display().to_string()
}

/// What to change so that a dropped path comes in.
fn dropped(case: &Case<'_>, told: &mut Told<'_>, path: &RelPath) {
    if let Some(what) = secret(&case.tree, path) {
        told.fix(format!(
            "`{path}` looks like {what}: better leave it out of the image and give it to the \
             agent as a secret set."
        ));
        return;
    }
    match ignore::let_in(case, path) {
        Some(change) => {
            told.fix(change.fix);
            told.diff(change.diff);
        }
        None => told.fix(
            "Change the pattern so that it matches only what is to stay out; `buildcat preflight` \
             shows what would be uploaded."
                .to_owned(),
        ),
    }
}

/// Nothing at all is uploaded.
fn empty(case: &Case<'_>, told: &mut Told<'_>, path: &RelPath) -> bool {
    let all = case.simulation().exclusions.rules.iter().find_map(|rule| match rule.origin {
        Origin::Ignore { line } if matches!(rule.pattern.as_str(), "*" | "**") => {
            Some((rule.pattern.clone(), line))
        }
        _ => None,
    });
    let Some((pattern, line)) = all else { return false };
    told.title(format!(
        "Nothing is uploaded: `{pattern}` in .dockerignore:{line} drops every file"
    ));
    told.cause(
        "The official CLI knows no `!` patterns, so an allow-list keeps nothing, not even the \
         Dockerfile."
            .to_owned(),
    );
    if case.tree.kind(path).is_some() {
        dropped(case, told, path);
    }
    true
}

/// The path that was meant, in the Dockerfile.
fn renamed(case: &Case<'_>, told: &mut Told<'_>, path: &RelPath, near: &RelPath) {
    let (Some(source), Some(lines)) = (told.source(case, path), told.lines.clone()) else { return };
    let is_dir = |path: &RelPath| matches!(case.tree.kind(path), Some(Kind::Dir));
    let slash = source.written.ends_with('/');
    let certain = source.path.as_deref() == Some(source.written.as_str())
        && !source.is_wild()
        && (!slash || is_dir(near))
        && case.simulation().passed.holds(near)
        && alike(case, path, near);
    if !certain {
        return;
    }
    // Written as the other was: with `./` or `/` in front, and a slash behind.
    let front = ["./", "/"].iter().find(|front| source.written.starts_with(**front));
    let with = format!("{}{near}{}", front.unwrap_or(&""), if slash { "/" } else { "" });
    let Some(file) = &case.file else { return };
    let Some(edit) = words::replace_source(file, &lines, source, &with) else { return };
    let place = told.place().unwrap_or_default();
    if let Some(diff) = case.dockerfile_diff(&[edit]) {
        told.fix(format!("Write `{with}` for `{}` in {place}.", source.written));
        told.diff(Some(diff));
    }
}

/// Whether one path is surely meant by the other: another case, a slip of the
/// keyboard in the same directory, or the only file of that name.
fn alike(case: &Case<'_>, path: &RelPath, near: &RelPath) -> bool {
    let (a, b) = (path.to_text().to_lowercase(), near.to_text().to_lowercase());
    if a == b {
        return true;
    }
    if path.parent() == near.parent() {
        let end = |text: &str| text.rsplit_once('.').map(|(_, end)| end.to_owned());
        return end(&a) == end(&b) && crate::context::nearest::distance(&a, &b) <= 2;
    }
    let same_name = |file: &&RelPath| file.name() == path.name();
    let entries = case.simulation().entries().collect::<Vec<_>>();
    path.name() == near.name() && entries.iter().copied().filter(same_name).count() == 1
}

/// The line taken out of `.gitignore`.
fn git_ignored(
    case: &Case<'_>,
    told: &mut Told<'_>,
    path: &RelPath,
    git: &crate::context::gitignore::GitIgnored,
) {
    let file = shown(case, git);
    told.fix(format!(
        "Take `{}` (line {}) out of {file}, then `git add {path}`, commit and push.",
        git.pattern, git.line
    ));
    let literal = git.pattern.trim().trim_matches('/');
    if literal != path.to_text() && literal.as_bytes() != path.name() {
        return;
    }
    let text = std::fs::read_to_string(&git.file).unwrap_or_default();
    let again = text.lines().filter(|line| line.trim().trim_matches('/') == literal).count();
    if again == 1 {
        told.diff(super::diff::unified(&file, &text, &[Edit::remove(git.line)]));
    }
}

fn upper(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        // A path begins as it is written.
        Some(c) if text.split(' ').next().is_some_and(|w| w.contains(['/', '.'])) => {
            format!("{c}{}", chars.as_str())
        }
        Some(c) => format!("{}{}", c.to_uppercase(), chars.as_str()),
        None => String::new(),
    }
}
