//! What the configuration says and what is wrong with it: `config`.

use std::io::{self, Write};

use crate::config::Loaded;
use crate::{redact, text};

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

/// Prints every key with its effective value and where that comes from.
///
/// # Errors
/// When `out` can't be written.
pub fn show(out: &mut dyn Write, loaded: &Loaded) -> io::Result<()> {
    match &loaded.path {
        Some(path) => {
            let missing = if loaded.exists { "" } else { " (doesn't exist; defaults apply)" };
            writeln!(out, "# {}{missing}", text::plain(&path.display().to_string()))?;
        }
        None => writeln!(out, "# no configuration file")?,
    }
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
    let place = match (&loaded.path, loaded.exists) {
        (Some(path), true) => text::plain(&path.display().to_string()).into_owned(),
        (Some(path), false) => {
            format!("{} (doesn't exist; defaults apply)", text::plain(&path.display().to_string()))
        }
        (None, _) => "no configuration file".to_owned(),
    };
    match problems.len() {
        0 => writeln!(out, "{place}: no problems")?,
        1 => writeln!(out, "{place}: 1 problem")?,
        n => writeln!(out, "{place}: {n} problems")?,
    }
    Ok(!problems.is_empty())
}
