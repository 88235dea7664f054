//! Keys, actions, and which key means which action where.
//!
//! The defaults are `assets/keymap/default.toml`; a user's `[keys]` table is
//! laid over them. Help, the footer and the README's table are read from the
//! live [`Keymap`], so they can't disagree with what the keys do. Template
//! for a file of this module: `key.rs`.

mod action;
mod key;

use std::fmt;

pub use action::{Action, Context};
pub use key::{Key, NotAKey};

/// The text of the default bindings.
pub const DEFAULTS: &str = include_str!("../../assets/keymap/default.toml");

/// One action's keys as a user wrote them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Override {
    /// The action's name.
    pub action: String,
    /// Its keys; a space separates the keys of a chord.
    pub keys: Vec<String>,
    /// The 1-based line it stands on, where known.
    pub line: Option<usize>,
}

/// A binding that can't be honoured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadBinding {
    /// The 1-based line it stands on, where known.
    pub line: Option<usize>,
    /// What is wrong, and what would be right.
    pub message: String,
}

impl fmt::Display for BadBinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

/// One way to express an action: a key, or a few in a row.
#[derive(Clone, Debug, PartialEq)]
struct Binding {
    keys: Vec<Key>,
    action: Action,
    /// Where a user wrote it; `None` for a default.
    line: Option<Option<usize>>,
}

/// What keys pressed in a row mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resolution {
    /// This action.
    Action(Action),
    /// The beginning of a chord; wait for the next key.
    Pending,
    /// Nothing.
    Unbound,
}

/// The bindings in force.
#[derive(Clone, Debug, PartialEq)]
pub struct Keymap {
    /// Those of one action after those of the other.
    bindings: Vec<Binding>,
}

impl Default for Keymap {
    fn default() -> Self {
        Self::with(&[]).0
    }
}

impl Keymap {
    /// The defaults with a user's bindings laid over them, and everything
    /// that is wrong with those. What is wrong is left out; the rest holds.
    pub fn with(overrides: &[Override]) -> (Self, Vec<BadBinding>) {
        let mut bad = Vec::new();
        let mut own: Vec<Binding> = Vec::new();
        let mut replaced: Vec<Action> = Vec::new();
        for entry in overrides {
            let line = entry.line;
            let Some(action) = Action::from_name(&entry.action) else {
                let hint = match Action::nearest(&entry.action) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "`buildcat config show` lists the actions".to_owned(),
                };
                let message = format!("`{}` is no action; {hint}", entry.action);
                bad.push(BadBinding { line, message });
                continue;
            };
            replaced.push(action);
            for text in &entry.keys {
                match chord(text) {
                    Ok(keys) => match own.iter().find(|b| clash(b, &keys, action)) {
                        Some(other) => bad.push(BadBinding {
                            line,
                            message: if other.action == action {
                                format!("`{text}` is given to `{}` twice", action.name())
                            } else {
                                format!(
                                    "`{text}` is given to `{}` and to `{}`; one key can do one thing",
                                    other.action.name(),
                                    action.name()
                                )
                            },
                        }),
                        None => own.push(Binding { keys, action, line: Some(line) }),
                    },
                    Err(why) => bad.push(BadBinding {
                        line,
                        message: format!("`{}`: {why}", action.name()),
                    }),
                }
            }
        }
        let mut bindings: Vec<Binding> = defaults()
            .into_iter()
            .filter(|b| !replaced.contains(&b.action))
            .filter(|b| !own.iter().any(|mine| clash(mine, &b.keys, b.action)))
            .collect();
        bindings.extend(own);
        bindings.sort_by_key(|b| b.action);
        (Self { bindings }, bad)
    }

    /// What `keys`, pressed in a row in `context`, mean.
    pub fn resolve(&self, context: Context, keys: &[Key]) -> Resolution {
        for &place in context.chain() {
            let mut pending = false;
            for binding in self.bindings.iter().filter(|b| b.action.context() == place) {
                if binding.keys == keys {
                    return Resolution::Action(binding.action);
                }
                pending |= binding.keys.starts_with(keys);
            }
            if pending {
                return Resolution::Pending;
            }
        }
        Resolution::Unbound
    }

    /// The keys of an action as a person reads them, the shortest form of
    /// each, in the order they were given.
    pub fn keys(&self, action: Action) -> Vec<String> {
        self.signs(action).collect()
    }

    /// The first key of an action, for hints.
    pub fn key(&self, action: Action) -> Option<String> {
        self.signs(action).next()
    }

    /// The keys of an action as a configuration file names them.
    pub fn written(&self, action: Action) -> Vec<String> {
        let name = |b: &Binding| b.keys.iter().map(Key::to_string).collect::<Vec<_>>().join(" ");
        self.bound(action).map(name).collect()
    }

    fn signs(&self, action: Action) -> impl Iterator<Item = String> {
        self.bound(action).map(|b| b.keys.iter().map(|k| k.sign()).collect::<Vec<_>>().join(" "))
    }

    fn bound(&self, action: Action) -> impl Iterator<Item = &Binding> {
        let first = self.bindings.partition_point(|b| b.action < action);
        self.bindings.iter().skip(first).take_while(move |b| b.action == action)
    }

    /// Every bound action with its keys, in the order of help.
    pub fn table(&self) -> Vec<(Action, String)> {
        Action::ALL
            .iter()
            .map(|&action| (action, self.keys(action).join(" ")))
            .filter(|(_, keys)| !keys.is_empty())
            .collect()
    }
}

/// Whether `keys` for `action` can't stand beside a binding: the same place,
/// and one is the other or its beginning.
fn clash(binding: &Binding, keys: &[Key], action: Action) -> bool {
    let (here, there) = (binding.action.context(), action.context());
    let same_place = here == there || here == Context::Anywhere || there == Context::Anywhere;
    same_place && (binding.keys.starts_with(keys) || keys.starts_with(&binding.keys))
}

fn chord(text: &str) -> Result<Vec<Key>, NotAKey> {
    let keys = text.split_whitespace().map(str::parse).collect::<Result<Vec<Key>, _>>()?;
    if keys.is_empty() { Err(NotAKey(text.to_owned())) } else { Ok(keys) }
}

/// The bindings of [`DEFAULTS`]. Every start waits for them, so only the TOML
/// that is in there is understood: a line for an action. A test proves that all
/// of it is.
fn defaults() -> Vec<Binding> {
    let mut bindings = Vec::new();
    for line in DEFAULTS.lines() {
        let Some((name, list)) = line.split_once(" = [") else { continue };
        let Some(action) = Action::from_name(name) else { continue };
        for text in list.strip_suffix(']').unwrap_or(list).split(", ") {
            let text = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
            if let Some(keys) = text.and_then(|text| chord(text).ok()) {
                bindings.push(Binding { keys, action, line: None });
            }
        }
    }
    bindings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str) -> Vec<Key> {
        chord(text).unwrap()
    }

    fn bind(action: &str, keys: &[&str], line: usize) -> Override {
        Override {
            action: action.into(),
            keys: keys.iter().map(|k| (*k).to_owned()).collect(),
            line: Some(line),
        }
    }

    #[test]
    fn the_defaults_bind_every_action_without_a_clash() {
        let table: toml::Table = toml::from_str(DEFAULTS).unwrap();
        let overrides: Vec<Override> = table
            .iter()
            .map(|(name, list)| Override {
                action: name.clone(),
                keys: list.as_array().unwrap().iter().map(|k| k.as_str().unwrap().into()).collect(),
                line: None,
            })
            .collect();
        let (map, bad) = Keymap::with(&overrides);
        assert_eq!(bad, vec![]);
        for action in Action::ALL {
            assert!(!map.keys(*action).is_empty(), "{} has no key", action.name());
            assert_eq!(map.keys(*action), Keymap::default().keys(*action));
        }
    }

    #[test]
    fn a_key_means_one_thing_in_one_place() {
        let map = Keymap::default();
        assert_eq!(map.resolve(Context::Log, &keys("j")), Resolution::Action(Action::LineDown));
        assert_eq!(map.resolve(Context::Help, &keys("j")), Resolution::Action(Action::HelpDown));
        assert_eq!(map.resolve(Context::Prompt, &keys("j")), Resolution::Unbound);
        for place in Context::ALL {
            assert_eq!(map.resolve(place, &keys("ctrl-c")), Resolution::Action(Action::Interrupt));
        }
    }

    #[test]
    fn a_user_takes_keys_and_makes_chords() {
        let (map, bad) = Keymap::with(&[
            bind("top", &["g g"], 3),
            bind("wrap", &["e"], 4),
            bind("follow", &[], 5),
        ]);
        assert_eq!(bad, vec![]);
        assert_eq!(map.resolve(Context::Log, &keys("g")), Resolution::Pending);
        assert_eq!(map.resolve(Context::Log, &keys("g g")), Resolution::Action(Action::Top));
        assert_eq!(map.resolve(Context::Log, &keys("home")), Resolution::Unbound);
        assert_eq!(map.resolve(Context::Log, &keys("e")), Resolution::Action(Action::Wrap));
        assert_eq!(map.resolve(Context::Log, &keys("f")), Resolution::Unbound);
        assert!(map.table().iter().all(|(action, _)| *action != Action::Follow));
    }

    #[test]
    fn all_that_is_wrong_is_said_at_once() {
        let (map, bad) = Keymap::with(&[
            bind("pagedown", &["x"], 10),
            bind("wrap", &["hyper-w", "W"], 11),
            bind("search", &["W"], 12),
            bind("top", &["t", "t"], 13),
            bind("quit", &["ctrl-c"], 14),
            bind("interrupt", &["ctrl-c"], 15),
        ]);
        let said: Vec<String> = bad.iter().map(ToString::to_string).collect();
        assert_eq!(said.len(), 5, "{said:#?}");
        assert!(said[0].starts_with("line 10: `pagedown` is no action; did you mean `page-down`?"));
        assert!(said[1].starts_with("line 11: `wrap`: \"hyper-w\" is no key"));
        assert!(said[2].starts_with("line 12: `W` is given to `wrap` and to `search`"));
        assert!(said[3].starts_with("line 13: `t` is given to `top` twice"));
        assert!(said[4].starts_with("line 15: `ctrl-c` is given to `quit` and to `interrupt`"));
        assert_eq!(map.resolve(Context::Log, &keys("W")), Resolution::Action(Action::Wrap));
    }
}
