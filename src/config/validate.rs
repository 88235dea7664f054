//! One rule per kind of value: the message says the value and what is allowed.

use std::time::Duration;

use super::document::Raw;
use super::duration::{format_duration, parse_duration};
use super::model::{
    Color, MAX_LATE_LINES, MAX_POLL_INTERVAL, MIN_LATE_LINES, MIN_POLL_INTERVAL, THEMES,
};
use super::suggest::nearest;
use crate::human::quoted;

fn text(raw: &Raw, wanted: &str) -> Result<String, String> {
    match raw {
        Raw::Text(text) | Raw::Word(text) => Ok(text.trim().to_owned()),
        other => Err(format!("must be {wanted}, not {}", other.kind())),
    }
}

pub(super) fn validate_bool(raw: &Raw) -> Result<bool, String> {
    match raw {
        Raw::Bool(b) => Ok(*b),
        Raw::Word(word) => match word.trim().to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "1" => Ok(true),
            "false" | "no" | "off" | "0" => Ok(false),
            _ => Err(format!("{} is neither true nor false", quoted(word))),
        },
        Raw::Text(word) => {
            Err(format!("must be true or false without quotes, not {}", quoted(word)))
        }
        other => Err(format!("must be true or false, not {}", other.kind())),
    }
}

pub(super) fn validate_poll_interval(raw: &Raw) -> Result<Duration, String> {
    duration_within(raw, MIN_POLL_INTERVAL, MAX_POLL_INTERVAL, "3s")
}

pub(super) fn validate_late_lines(raw: &Raw) -> Result<Duration, String> {
    duration_within(raw, MIN_LATE_LINES, MAX_LATE_LINES, "30s")
}

fn duration_within(
    raw: &Raw,
    least: Duration,
    most: Duration,
    example: &str,
) -> Result<Duration, String> {
    let (min, max) = (format_duration(least), format_duration(most));
    let wanted = format!("a duration from {min} to {max}, such as \"{example}\"");
    let text = text(raw, &wanted)?;
    let duration = parse_duration(&text)
        .ok_or_else(|| format!("{} is not a duration; write {wanted}", quoted(&text)))?;
    if duration < least || duration > most {
        return Err(format!("{} is out of bounds; allowed is {wanted}", quoted(&text)));
    }
    Ok(duration)
}

pub(super) fn validate_color(raw: &Raw) -> Result<Color, String> {
    let text = text(raw, "auto, always or never")?;
    match text.as_str() {
        "auto" => Ok(Color::Auto),
        "always" => Ok(Color::Always),
        "never" => Ok(Color::Never),
        _ => Err(format!("{} is not one of auto, always, never", quoted(&text))),
    }
}

/// The name of a theme. Whether a custom one exists is checked once the
/// directory is known.
pub(super) fn validate_theme(raw: &Raw) -> Result<String, String> {
    let known = THEMES.join(", ");
    let text = text(raw, &format!("one of {known}, or the name of a theme file"))?;
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if text.is_empty() || text.len() > 64 || !text.chars().all(plain) {
        return Err(format!(
            "{} is not a theme: one of {known}, or the name (letters, digits, - and _) of a \
             file NAME.toml in themes_dir",
            quoted(&text)
        ));
    }
    Ok(text)
}

/// What to say of a theme that is neither built in nor a file.
pub(super) fn unknown_theme(name: &str, place: &str) -> String {
    let hint = nearest(name, THEMES).map(|n| format!("; did you mean {n}?")).unwrap_or_default();
    format!("there is no theme {name:?}: it is not one of {}, and {place}{hint}", THEMES.join(", "))
}

pub(super) fn validate_path(raw: &Raw) -> Result<String, String> {
    let text = text(raw, "a path")?;
    match text.as_str() {
        "" => Err("must be a path, not an empty string".to_owned()),
        _ if text.contains('\0') => Err("a path can't contain a zero byte".to_owned()),
        _ => Ok(text),
    }
}

pub(super) fn validate_host(raw: &Raw) -> Result<String, String> {
    let text = text(raw, "an address such as https://api.pipecat.daily.co")?;
    // Checked for good once insecure_http_hosts is known too.
    if text.is_empty() {
        Err("must be an address, not an empty string".to_owned())
    } else {
        Ok(text)
    }
}

pub(super) fn validate_hosts(raw: &Raw) -> Result<Vec<String>, String> {
    let wanted = "a list of host names, such as [\"build.lan\"]";
    let items: Vec<String> = match raw {
        Raw::List(items) => {
            items.iter().map(|v| text(v, "a host name")).collect::<Result<_, _>>()?
        }
        Raw::Word(words) => {
            words.split(',').map(|w| w.trim().to_owned()).filter(|w| !w.is_empty()).collect()
        }
        other => return Err(format!("must be {wanted}, not {}", other.kind())),
    };
    match items.iter().find(|name| !is_host(name)) {
        Some(bad) => Err(format!(
            "{} is not a host name: give names without scheme or path, like \"build.lan\" or \
             \"build.lan:8080\"; * is not allowed",
            quoted(bad)
        )),
        None => Ok(items),
    }
}

fn is_host(name: &str) -> bool {
    let plain =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']' | '_');
    !name.is_empty() && name.len() <= 260 && name.chars().all(plain)
}

/// The name of an organisation. It becomes part of a path.
pub(super) fn validate_org(raw: &Raw) -> Result<String, String> {
    let text = text(raw, "the name of an organisation")?;
    if text.is_empty() || text.len() > 200 {
        return Err("must be the name of an organisation, 1 to 200 characters".to_owned());
    }
    if matches!(text.as_str(), "." | "..")
        || text.chars().any(|c| c.is_control() || matches!(c, '/' | '\\' | '?' | '#'))
    {
        return Err(format!(
            "{} can't be the name of an organisation: no slashes, ?, # or control characters",
            quoted(&text)
        ));
    }
    Ok(text)
}

/// A key of the file. Its value is never repeated.
pub(super) fn validate_key(raw: &Raw) -> Result<String, String> {
    let text = text(raw, "a private key")?;
    if text.is_empty() {
        Err("must be a private key, not an empty string".to_owned())
    } else {
        Ok(text)
    }
}

/// A program and its arguments. Its value is never repeated: some people put
/// passwords there.
pub(super) fn validate_command(raw: &Raw) -> Result<Vec<String>, String> {
    let wanted = "a list such as [\"op\", \"read\", \"op://dev/pipecat/key\"], or one string";
    let argv = match raw {
        Raw::List(items) => {
            // Not trimmed: an argument may want its spaces.
            let argument = |v: &Raw| match v {
                Raw::Text(argument) => Ok(argument.clone()),
                other => Err(format!("must be a list of strings; {} is in it", other.kind())),
            };
            items.iter().map(argument).collect::<Result<Vec<_>, _>>()?
        }
        Raw::Text(line) | Raw::Word(line) => {
            shell_words::split(line).map_err(|_| "has a quote that isn't closed".to_owned())?
        }
        other => return Err(format!("must be {wanted}, not {}", other.kind())),
    };
    match argv.first() {
        None => Err(format!("must be {wanted}, not empty")),
        Some(program) if program.is_empty() => Err("must begin with a program".to_owned()),
        Some(_) if argv.iter().any(|a| a.contains('\0')) => {
            Err("can't contain a zero byte".to_owned())
        }
        Some(_) => Ok(argv),
    }
}
