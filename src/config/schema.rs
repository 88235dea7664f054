//! Every key of the configuration: its name, where else it can be set, how it
//! is checked and shown. Loading, `config show`, the suggestions and the test
//! of config.example.toml all read this one table.

use std::path::PathBuf;

use super::document::Raw;
use super::duration::format_duration;
use super::model::Config;
use super::secret::{MASK, Secret};
use super::validate as v;

/// Makes a path of the file absolute: `~/`, and relative to the file.
type ResolvePath<'a> = dyn Fn(&str) -> PathBuf + 'a;

/// One key.
pub(super) struct Key {
    /// Its name in the file.
    pub(super) name: &'static str,
    /// The environment variables that set it, the strongest first.
    pub(super) env: &'static [&'static str],
    /// Checks a value and puts it in its place.
    pub(super) set: fn(&mut Config, &Raw, &ResolvePath<'_>) -> Result<(), String>,
    /// The effective value as TOML, secrets masked; `None` when unset.
    pub(super) show: fn(&Config) -> Option<String>,
}

/// The names of all keys, the two tables included.
pub fn key_names() -> impl Iterator<Item = &'static str> {
    KEYS.iter().map(|key| key.name).chain(["keys", "rules"])
}

fn string(text: &str) -> String {
    toml::Value::from(text).to_string()
}

fn strings(list: &[String]) -> String {
    format!("[{}]", list.iter().map(|s| string(s)).collect::<Vec<_>>().join(", "))
}

/// A row of the table for a key that is true or false.
macro_rules! switch {
    ($field:ident, $env:literal) => {
        Key {
            name: stringify!($field),
            env: &[$env],
            set: |c, raw, _| v::validate_bool(raw).map(|b| c.$field = b),
            show: |c| Some(c.$field.to_string()),
        }
    };
}

/// The table. `insecure_http_hosts` and `themes_dir` have no variable: where a
/// key may go in the clear is nothing a stray variable should decide.
pub(super) const KEYS: &[Key] = &[
    Key {
        name: "api_host",
        env: &["PIPECAT_API_HOST"],
        set: |c, raw, _| v::validate_host(raw).map(|host| c.api_host = host),
        show: |c| Some(string(&c.api_host)),
    },
    Key {
        name: "insecure_http_hosts",
        env: &[],
        set: |c, raw, _| v::validate_hosts(raw).map(|hosts| c.insecure_http_hosts = hosts),
        show: |c| Some(strings(&c.insecure_http_hosts)),
    },
    Key {
        name: "org",
        env: &["PIPECAT_ORG"],
        set: |c, raw, _| v::validate_org(raw).map(|org| c.org = Some(org)),
        show: |c| c.org.as_deref().map(string),
    },
    Key {
        name: "api_key",
        env: &[],
        set: |c, raw, _| v::validate_key(raw).map(|key| c.api_key = Some(Secret::new(key))),
        show: |c| c.api_key.as_ref().map(|_| string(MASK)),
    },
    Key {
        name: "api_key_command",
        env: &[],
        set: |c, raw, _| v::validate_command(raw).map(|argv| c.api_key_command = Some(argv)),
        // The program only: arguments of some are secrets.
        show: |c| {
            let argv = c.api_key_command.as_ref()?;
            let program = string(argv.first()?);
            Some(if argv.len() > 1 {
                format!("[{program}, {}]", string(MASK))
            } else {
                format!("[{program}]")
            })
        },
    },
    Key {
        name: "poll_interval",
        env: &["BUILDCAT_POLL_INTERVAL"],
        set: |c, raw, _| v::validate_poll_interval(raw).map(|d| c.poll_interval = d),
        show: |c| Some(string(&format_duration(c.poll_interval))),
    },
    Key {
        name: "late_lines",
        env: &["BUILDCAT_LATE_LINES"],
        set: |c, raw, _| v::validate_late_lines(raw).map(|d| c.late_lines = d),
        show: |c| Some(string(&format_duration(c.late_lines))),
    },
    Key {
        name: "color",
        // NO_COLOR and CLICOLOR_FORCE are switches, not values: see load.rs.
        env: &["BUILDCAT_COLOR"],
        set: |c, raw, _| v::validate_color(raw).map(|color| c.color = color),
        show: |c| Some(string(c.color.as_str())),
    },
    Key {
        name: "theme",
        env: &["BUILDCAT_THEME"],
        set: |c, raw, _| v::validate_theme(raw).map(|theme| c.theme = theme),
        show: |c| Some(string(&c.theme)),
    },
    Key {
        name: "themes_dir",
        env: &[],
        set: |c, raw, path| v::validate_path(raw).map(|dir| c.themes_dir = Some(path(&dir))),
        show: |c| c.themes_dir.as_ref().map(|dir| string(&dir.to_string_lossy())),
    },
    switch!(bell, "BUILDCAT_BELL"),
    switch!(title, "BUILDCAT_TITLE"),
    switch!(mouse, "BUILDCAT_MOUSE"),
    switch!(wrap, "BUILDCAT_WRAP"),
    switch!(follow, "BUILDCAT_FOLLOW"),
    switch!(redact, "BUILDCAT_REDACT"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_names_every_variable_and_no_other() {
        let example = include_str!("../../config.example.toml");
        let mut named: Vec<&str> = example
            .split("Environment: ")
            .skip(1)
            .map(|rest| rest.split(['.', ',', ' ', '\n']).next().unwrap())
            .collect();
        let mut known: Vec<&str> = KEYS.iter().flat_map(|key| key.env).copied().collect();
        named.sort_unstable();
        known.sort_unstable();
        assert_eq!(named, known);
    }
}
