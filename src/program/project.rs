//! The project that a command is about: given by name, or the one it is run in.

use std::path::{Path, PathBuf};

use super::{Failure, Program};
use crate::context::project::Project;
use crate::explain::task::{self, Asker};
use crate::text;

impl Program {
    /// The directory of the project: the one that was typed, else the one
    /// around the current directory.
    pub(super) fn project_dir(&self, typed: Option<&Path>) -> Result<Option<PathBuf>, Failure> {
        if let Some(dir) = typed {
            return is_dir(dir).map(|()| Some(dir.to_owned()));
        }
        let here = std::env::current_dir().ok();
        let Some(found) = here.as_deref().and_then(Project::find) else { return Ok(None) };
        // As a person would type it, which is how paths in it are shown.
        Ok(Some(if here.as_ref() == Some(&found.dir) { PathBuf::from(".") } else { found.dir }))
    }

    /// The thread that explains findings by a project.
    pub(super) fn asker(dir: Option<&Path>) -> Option<Asker> {
        // Without the thread the findings are told in the log's own words.
        dir.and_then(|dir| task::spawn(dir.to_owned()).ok())
    }
}

/// Refuses what is no directory.
pub(super) fn is_dir(dir: &Path) -> Result<(), Failure> {
    if dir.is_dir() {
        return Ok(());
    }
    let name = dir.display().to_string();
    let name = text::plain(&name);
    Err(Failure::usage(if dir.exists() {
        format!("{name} is not a directory. Give the project's directory.")
    } else {
        format!("There is no directory {name}. Give the project's directory.")
    }))
}
