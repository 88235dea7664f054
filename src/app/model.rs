//! All there is to show.

use crate::domain::{Build, BuildId, Health, LineNo};
use crate::explain::Explained;
use crate::keymap::{Context, Key, Keymap};
use crate::log::Log;
use crate::store::Store;
use crate::text;
use crate::theme::Styles;

use super::find::{Find, Prompt};
use super::inquiry::Inquiry;
use super::layout::{Gutter, Layout, Needs};
use super::message::Now;
use super::scroll::{Rows, Scroll};
use super::state::Cause;

/// What is being looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A build of the service; `None` until the newest one is known.
    Build(Option<BuildId>),
    /// A saved log or a pipe, by the name a person knows it by.
    Text {
        /// The file's name, or `standard input`.
        name: String,
    },
}

/// What the configuration says about the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Whether the mouse is used.
    pub mouse: bool,
    /// Whether the bell rings when a build ends.
    pub bell: bool,
    /// Whether the terminal's title tells the state.
    pub title: bool,
    /// Whether long lines wrap at first.
    pub wrap: bool,
    /// Whether the newest lines are followed at first.
    pub follow: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { mouse: true, bell: true, title: true, wrap: false, follow: true }
    }
}

/// The open help.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Help {
    /// Its first line in sight.
    pub top: u16,
}

/// Everything the screen shows, and nothing it doesn't depend on.
#[derive(Debug)]
pub struct Model {
    /// What is being looked at.
    pub subject: Subject,
    /// What the configuration says.
    pub options: Options,
    /// Which key does what.
    pub keymap: Keymap,
    /// How it looks.
    pub styles: Styles,

    /// The log and what is derived from it.
    pub log: Log,
    /// The build's record, once known.
    pub build: Option<Build>,
    /// How the source is doing.
    pub health: Health,
    /// Whether the source has said everything.
    pub over: bool,
    /// Whether the build was seen before it ended, so that its end is news.
    pub seen_running: bool,

    /// What was found, the root cause first: at once in the log's own words,
    /// and a moment later with what the project tells (diff, local lines).
    pub findings: Vec<Explained>,
    /// What was asked of the project about them.
    pub inquiry: Inquiry,
    /// The likeliest cause of the failure, as far as it is known.
    pub cause: Option<Cause>,

    /// Where one is in the log.
    pub scroll: Scroll,
    /// Whether long lines wrap.
    pub wrap: bool,
    /// The search whose matches are shown.
    pub find: Option<Find>,
    /// The search prompt, while open.
    pub prompt: Option<Prompt>,
    /// The help, while open.
    pub help: Option<Help>,
    /// Something the source wants a person to know; stays until closed.
    pub notice: Option<String>,
    /// The answer to the last key; gone with the next.
    pub answer: Option<String>,
    /// Keys of a chord pressed so far.
    pub pending: Vec<Key>,

    /// The time.
    pub now: Now,
    /// Columns of the screen.
    pub width: u16,
    /// Rows of the screen.
    pub height: u16,
    /// Whether the picture may differ from the one drawn last.
    pub dirty: bool,
    /// The title that was set last.
    pub title: String,
}

impl Model {
    /// A model before anything has been heard, at the given time.
    pub fn new(
        subject: Subject,
        log: Log,
        options: Options,
        keymap: Keymap,
        styles: Styles,
        now: Now,
    ) -> Self {
        Self {
            subject,
            options,
            keymap,
            styles,
            log,
            build: None,
            health: Health::Connecting,
            over: false,
            seen_running: false,
            findings: Vec::new(),
            inquiry: Inquiry::default(),
            cause: None,
            scroll: Scroll::new(options.follow),
            wrap: options.wrap,
            find: None,
            prompt: None,
            help: None,
            notice: None,
            answer: None,
            pending: Vec::new(),
            now,
            width: 80,
            height: 24,
            dirty: true,
            title: String::new(),
        }
    }

    /// Where keys go now.
    pub fn context(&self) -> Context {
        if self.help.is_some() {
            Context::Help
        } else if self.prompt.is_some() {
            Context::Prompt
        } else {
            Context::Log
        }
    }

    /// Which region of the screen is where.
    pub fn layout(&self) -> Layout {
        let needs = Needs {
            cause: self.cause_row(),
            foot: self.prompt.is_some()
                || self.notice.is_some()
                || self.answer.is_some()
                || !self.pending.is_empty(),
        };
        Layout::of(self.width, self.height, needs)
    }

    /// The columns left of the log's text.
    pub fn gutter(&self) -> Gutter {
        let store = self.log.store();
        let last = LineNo::new(store.len().saturating_sub(1));
        Gutter::of(self.width, store.number(last))
    }

    /// The columns of the log's text.
    pub fn text_width(&self) -> u16 {
        self.width.saturating_sub(self.gutter().width)
    }

    /// The heights of the log's lines.
    pub fn rows(&self) -> LogRows<'_> {
        LogRows {
            store: self.log.store(),
            wrap: self.wrap.then(|| usize::from(self.text_width().max(1))),
        }
    }
}

/// Columns by which the later rows of a wrapped line are indented.
pub const HANG: usize = 2;

/// The heights of a log's lines as they are laid out now.
#[derive(Clone, Copy, Debug)]
pub struct LogRows<'a> {
    store: &'a Store,
    /// The width at which lines wrap.
    wrap: Option<usize>,
}

impl Rows for LogRows<'_> {
    fn len(&self) -> u32 {
        self.store.len()
    }

    fn height(&self, line: LineNo) -> u32 {
        match self.wrap {
            None => 1,
            Some(width) => {
                let rows = text::rows(&self.store.text(line), width, HANG);
                u32::try_from(rows).unwrap_or(u32::MAX)
            }
        }
    }

    fn uniform(&self) -> bool {
        self.wrap.is_none()
    }
}
