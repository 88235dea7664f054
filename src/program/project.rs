//! The project that a command is about: given by name, or the one it is run in.

use std::io::Write;
use std::path::{Path, PathBuf};

use tokio::sync::mpsc::Sender;

use super::exit::first_of;
use super::{Exit, Failure, Program, flushed, stdout};
use crate::cli::{Preflight, RecordFormat};
use crate::context::preflight;
use crate::context::project::{Project, RULES};
use crate::diagnose::LARGEST_GUEST;
use crate::domain::FeedEvent;
use crate::explain::Trust;
use crate::explain::task::Asker;
use crate::headless::json;
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

    /// The project's own rules, by the name of their file, or why they can't be
    /// read; `None` when it has none.
    pub(super) fn rules(&self) -> Option<Result<(String, String), String>> {
        let path = self.dir.join(RULES);
        let path = path.strip_prefix(".").unwrap_or(&path);
        let name = path.display().to_string();
        let meta = std::fs::metadata(path).ok()?;
        if !meta.is_file() {
            return Some(Err(format!("{name} is no file; its rules are left alone.")));
        }
        if meta.len() > LARGEST_GUEST {
            let most = crate::human::bytes(LARGEST_GUEST);
            return Some(Err(format!("{name} is larger than {most}; its rules are left alone.")));
        }
        Some(match std::fs::read_to_string(path) {
            Ok(text) => Ok((name, text)),
            Err(error) => Err(format!("{name} can't be read ({error}).")),
        })
    }

    /// Has the screen show what is wrong with the project's rules.
    pub(super) fn told(events: &Sender<FeedEvent>) -> impl FnOnce(&[String]) + Send + 'static {
        let events = events.clone();
        move |problems| {
            if let Some(notice) = first_of(problems, "buildcat rules list") {
                // A screen that is gone needs no telling.
                let _ = events.try_send(FeedEvent::Notice(notice));
            }
        }
    }

    /// What explains findings by the project.
    pub(super) fn asker(&self) -> Asker {
        Asker::new(self.dir.clone(), self.trust)
    }
}

impl Program {
    pub(super) fn preflight(&self, args: &Preflight) -> Result<Exit, Failure> {
        let place = self.project_dir(args.dir.as_deref())?;
        // Where nothing says that it is a project, the report does.
        let dir = place.map_or_else(|| PathBuf::from("."), |place| place.dir);
        let report = preflight::run(&dir, &preflight::Options::with_path(self.env.os("PATH")));
        let mut out = stdout();
        let result = match args.format {
            RecordFormat::Json => json::print(&mut out, &report),
            RecordFormat::Text => write!(out, "{}", report.text()),
        };
        flushed(out, result)?;
        Ok(if report.would_fail() { Exit::BuildFailed } else { Exit::Success })
    }

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
