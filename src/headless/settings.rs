//! What the configuration says and what is wrong with it: `config`.

use std::io::{self, Write};

use crate::config::{FileState, Loaded};
use crate::keymap::{Action, Keymap};
use crate::{redact, text};

/// Where the file is, and why none of it applies.
fn place(loaded: &Loaded) -> String {
    let Some(path) = &loaded.path else { return "no configuration file".to_owned() };
    let why = match loaded.file {
        FileState::Missing => " (doesn't exist; defaults apply)",
        FileState::Unreadable => " (can't be read; defaults apply)",
        FileState::Read => "",
    };
    format!("{}{why}", text::plain(&path.display().to_string()))
}

/// Prints where the file is.
///
/// # Errors
/// When `out` can't be written.
pub fn path(out: &mut dyn Write, loaded: &Loaded) -> io::Result<()> {
    match &loaded.path {
        Some(path) => writeln!(out, "{}", text::plain(&path.display().to_string())),
        None => writeln!(out, "(none: this system names no directory for configuration)"),
    }
}

/// Prints every key with its effective value and where that comes from, then
/// every action with its keys as comments.
///
/// # Errors
/// When `out` can't be written.
pub fn show(out: &mut dyn Write, loaded: &Loaded, keymap: &Keymap) -> io::Result<()> {
    writeln!(out, "# {}", place(loaded))?;
    let rows: Vec<(String, String)> = loaded
        .show()
        .into_iter()
        .map(|row| {
            let setting = match row.value {
                // Where a key stands in the wrong place.
                Some(value) => format!("{} = {}", row.key, text::plain(&redact::keys(&value))),
                None => format!("# {} is not set", row.key),
            };
            (setting, row.source.to_string())
        })
        .collect();
    let width = rows.iter().map(|(setting, _)| text::width(setting)).filter(|w| *w <= 50).max();
    for (setting, source) in rows {
        let pad = width.unwrap_or(0).saturating_sub(text::width(&setting));
        writeln!(out, "{setting}{}  # {source}", " ".repeat(pad))?;
    }
    actions(out, keymap)
}

/// Prints the `[keys]` table that stands for a keymap, commented out.
fn actions(out: &mut dyn Write, keymap: &Keymap) -> io::Result<()> {
    writeln!(out, "\n#[keys]")?;
    let rows: Vec<(String, Action)> = Action::ALL
        .iter()
        .map(|&action| {
            let keys: toml::Value = keymap.written(action).into();
            (format!("#{} = {keys}", action.name()), action)
        })
        .collect();
    let width = rows.iter().map(|(row, _)| text::width(row)).filter(|w| *w <= 50).max();
    for (row, action) in rows {
        let pad = width.unwrap_or(0).saturating_sub(text::width(&row));
        let (place, what) = (action.context().title(), action.description());
        writeln!(out, "{row}{}  # {place}: {what}", " ".repeat(pad))?;
    }
    Ok(())
}

/// Prints all problems and warnings, or that there are none; gives whether
/// there was a problem.
///
/// # Errors
/// When `out` can't be written.
pub fn check(out: &mut dyn Write, loaded: &Loaded, problems: &[String]) -> io::Result<bool> {
    for problem in problems {
        writeln!(out, "{}", text::plain(&redact::keys(problem)))?;
    }
    for warning in &loaded.warnings {
        writeln!(out, "warning: {}", text::plain(warning))?;
    }
    let place = place(loaded);
    match problems.len() {
        0 => writeln!(out, "{place}: no problems")?,
        1 => writeln!(out, "{place}: 1 problem")?,
        n => writeln!(out, "{place}: {n} problems")?,
    }
    Ok(!problems.is_empty())
}
