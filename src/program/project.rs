//! The project that a command is about: given by name, or the one it is run in.

use std::path::{Path, PathBuf};

use super::{Failure, Program};
use crate::context::project::Project;
use crate::explain::Trust;
use crate::explain::task::{self, Asker};
use crate::text;

/// Where a project is, and how it was come by.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) dir: PathBuf,
    pub(super) trust: Trust,
}

impl Place {
    /// Reads the project.
    pub(super) fn open(&self) -> Project {
        Project::open(&self.dir)
    }

    /// The thread that explains findings by the project.
    pub(super) fn asker(&self) -> Option<Asker> {
        // Without the thread the findings are told in the log's own words.
        task::spawn(self.dir.clone(), self.trust).ok()
    }
}

impl Program {
    /// The project: the one that was typed, else the one around the current
    /// directory.
    pub(super) fn project_dir(&self, typed: Option<&Path>) -> Result<Option<Place>, Failure> {
        if let Some(dir) = typed {
            is_dir(dir)?;
            return Ok(Some(Place { dir: dir.to_owned(), trust: Trust::Named }));
        }
        let here = std::env::current_dir().ok();
        let Some(found) = here.as_deref().and_then(Project::find) else { return Ok(None) };
        // As a person would type it, which is how paths in it are shown.
        let dir = if here.as_ref() == Some(&found.dir) { PathBuf::from(".") } else { found.dir };
        Ok(Some(Place { dir, trust: Trust::Found }))
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
