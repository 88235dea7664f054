//! All there is to show.

use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::domain::{Build, BuildId, Health, LineNo};
use crate::explain::Explained;
use crate::keymap::{Context, Key, Keymap};
use crate::log::Log;
use crate::memory::{Change, Memory};
use crate::parse::history::History;
use crate::parse::{Owner, payload};
use crate::redact;
use crate::theme::Styles;

use super::ask::Ask;
use super::find::{Ended, Find};
use super::findings::Folded;
use super::inquiry::Inquiry;
use super::json;
use super::jumps::Jumps;
use super::layout::{Gutter, Layout, Needs, WIDE};
use super::lists::Lists;
use super::marks::Marks;
use super::menu::Menu;
use super::message::Now;
use super::moments::TimeColumn;
use super::outgoing::Outgoing;
use super::panes::{Pane, Panes, Wish};
use super::pins::Pin;
use super::prompt::Prompt;
use super::scroll::{Follow, ItemNo, Place, Rows, Scroll, back};
use super::select::Selection;
use super::spot::Spot;
use super::state::Cause;
use super::steps::StepRows;
use super::view::{Filters, Item, Scope, View};

/// How much of the log is looked at at once for what is to be shown: about a
/// millisecond's worth.
const SLICE: u64 = 1 << 20;

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
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// Whether secrets are taken out of what leaves.
    pub redact: bool,
    /// Time between two answers of the service, at the longest: once a build is over it
    /// is asked less often than a short interval says.
    pub interval: Duration,
    /// The time zone here.
    pub zone: TimeZone,
    /// Whether the theme is to suit the terminal's background, once it is
    /// known.
    pub adapts: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            mouse: true,
            bell: true,
            title: true,
            wrap: false,
            follow: true,
            redact: true,
            interval: Duration::from_secs(5),
            zone: TimeZone::UTC,
            adapts: false,
        }
    }
}

/// The open help.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Help {
    /// Its first line in sight.
    pub top: u16,
    /// What is looked for in it, once something is.
    pub filter: Option<String>,
    /// Whether that is still being typed.
    pub typing: bool,
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

    /// What of the log is shown.
    pub view: View,
    /// Where one is in it.
    pub scroll: Scroll,
    /// Where one was before one looked at a part of the log.
    pub back: Option<Back>,
    /// Where one was before the timeline took the log's place.
    pub aside: Option<Back>,
    /// The place to come back to once what is shown has been made as far.
    pub(super) anchor: Option<Anchored>,
    /// The line one was on when what is shown changed, and its row on the
    /// screen: filters may hide it for a while, or leave less above it. Gone
    /// with the next move.
    pub(super) stood: Option<Stood>,
    /// Where one jumped from.
    pub(super) jumps: Jumps,
    /// Whether the key of the marks was pressed and there were none: again, it
    /// goes back.
    pub(super) quoted: bool,
    /// Whether the key before was a `-` that had nothing to do.
    pub(super) dashed: bool,
    /// The panes.
    pub panes: Panes,
    /// The rows of the steps panel.
    pub steps: StepRows,
    /// The rows of the panels that list findings.
    pub lists: Lists,
    /// How often what they show has changed.
    pub(super) changes: u64,
    /// What is folded in the findings panel.
    pub folded: Folded,
    /// How long the steps of earlier builds took, as far as that is remembered.
    pub past: Vec<History>,
    /// What the time column shows.
    pub time: TimeColumn,
    /// When lines arrived: the lines there were, and the time; ascending.
    pub arrivals: Vec<(u32, Timestamp)>,
    /// Whether long lines wrap.
    pub wrap: bool,
    /// Whether JSON is laid out over several rows.
    pub pretty: bool,
    /// The lines that are selected.
    pub selection: Option<Selection>,
    /// What the mouse holds on to.
    pub(super) drag: Option<Drag>,
    /// Where the cursor's line was clicked, until a key leads elsewhere.
    pub(super) spot: Option<Spot>,
    /// When the text was last scrolled by lines.
    pub(super) moved: Option<std::time::Instant>,
    /// When the end of a log that is still being counted was last gone to.
    pub(super) glanced: Option<std::time::Instant>,
    /// Whether the mouse is listened to.
    pub mouse: bool,
    /// What is on its way out.
    pub outgoing: Option<Outgoing>,
    /// How much has been sent on its way.
    pub(super) sent: u64,
    /// The search whose matches are shown.
    pub find: Option<Find>,
    /// The filters as they were before a change that is still being applied.
    pub(super) filters_before: Option<Filters>,
    /// The filters as they were before one that may leave nothing, and what is
    /// said when it did and was taken back.
    pub(super) filters_doubt: Option<(Filters, String)>,
    /// Words that stay highlighted.
    pub pins: Vec<Pin>,
    /// Marked lines.
    pub marks: Marks,
    /// The absolute path of the log, for one that is a file.
    pub file: Option<String>,
    /// A list over the log, while open.
    pub menu: Option<Menu>,
    /// The search that was ended last, to be taken up again.
    pub(super) ended: Option<Ended>,
    /// How the next expression is read, unless it is changed.
    pub search_options: crate::search::Options,
    /// The prompt, while open.
    pub prompt: Option<Prompt>,
    /// A question that waits for an answer.
    pub ask: Option<Ask>,
    /// Whether what is said once, at the first start, is being said.
    pub hint: bool,
    /// The help, while open.
    pub help: Option<Help>,
    /// Something the source wants a person to know; stays until closed.
    pub notice: Option<String>,
    /// What of a trouble with the source was told in full, until it is over.
    pub(super) trouble: Option<String>,
    /// The answer to the last key; gone with the next, or with the mouse.
    pub answer: Option<String>,
    /// Keys of a chord pressed so far.
    pub pending: Vec<Key>,
    /// The number typed before a key, as in `123G`.
    pub count: Option<u64>,

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

    /// What is remembered from one run to the next.
    pub memory: Memory,
    /// What is new in it and has not been handed out to be kept.
    pub(super) news: Vec<Change>,
    /// What came to be remembered before the memory had been read; `None` from
    /// then on.
    early: Option<Vec<Change>>,
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
        let (scroll, wrap) = (Scroll::new(options.follow), options.wrap);
        let mouse = options.mouse;
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
            view: View::default(),
            scroll,
            back: None,
            aside: None,
            anchor: None,
            stood: None,
            jumps: Jumps::default(),
            quoted: false,
            dashed: false,
            panes: Panes::default(),
            steps: StepRows::default(),
            lists: Lists::default(),
            changes: 0,
            folded: Folded::default(),
            past: Vec::new(),
            time: TimeColumn::default(),
            arrivals: Vec::new(),
            wrap,
            pretty: false,
            selection: None,
            drag: None,
            spot: None,
            moved: None,
            glanced: None,
            mouse,
            outgoing: None,
            sent: 0,
            find: None,
            filters_before: None,
            filters_doubt: None,
            pins: Vec::new(),
            marks: Marks::default(),
            file: None,
            menu: None,
            ended: None,
            search_options: crate::search::Options::default(),
            prompt: None,
            ask: None,
            hint: false,
            help: None,
            notice: None,
            trouble: None,
            answer: None,
            pending: Vec::new(),
            count: None,
            now,
            width: 80,
            height: 24,
            dirty: true,
            title: String::new(),
            memory: Memory::default(),
            news: Vec::new(),
            early: Some(Vec::new()),
        }
    }

    /// Remembers something, for this run and the next ones. What was typed with
    /// a key in it (to see whether a log shows it) isn't written anywhere.
    pub(super) fn remember(&mut self, change: Change) {
        self.memory.apply(&change);
        if let Some(early) = &mut self.early {
            early.push(change.clone());
        }
        let holds_key = match &change {
            Change::Searched(typed) | Change::Commanded(typed) => {
                let words = typed.replace(r"\b", " ");
                redact::keys(&words) != words
            }
            _ => false,
        };
        if !holds_key {
            self.news.push(change);
        }
    }

    /// Whether what earlier runs remembered has been read.
    pub(super) fn is_remembered(&self) -> bool {
        self.early.is_none()
    }

    /// What earlier runs remembered has been read.
    pub(super) fn remembered(&mut self, memory: Memory) {
        self.memory = memory;
        for change in self.early.take().unwrap_or_default() {
            self.memory.apply(&change);
        }
        self.panes.dock = self.panes.dock.or(self.memory.panes.dock);
        self.panes.split = self.panes.split.or(self.memory.panes.split);
        // Where there is no room for it, the next start says it.
        if !self.memory.hinted && self.height >= super::layout::HINTABLE {
            self.hint = true;
            self.remember(Change::Hinted);
        }
        self.dirty = true;
    }

    /// Where keys go now.
    pub fn context(&self) -> Context {
        if self.help.is_some() { Context::Help } else { self.beneath() }
    }

    /// Where they go but for the help.
    pub(super) fn beneath(&self) -> Context {
        if self.prompt.is_some() || self.ask.is_some() {
            Context::Prompt
        } else if self.menu.is_some() {
            Context::Menu
        } else if self.panes.focus != Pane::Log {
            Context::List
        } else {
            Context::Log
        }
    }

    /// Which region of the screen is where.
    pub fn layout(&self) -> Layout {
        let wished = |wish: Wish, auto: bool| match wish {
            Wish::Auto => auto,
            Wish::Shown => true,
            Wish::Hidden => false,
        };
        let found = !self.findings.is_empty();
        let needs = Needs {
            cause: self.cause_row(),
            foot: self.foot(),
            steps: wished(self.panes.steps, !self.steps.all().is_empty()),
            findings: wished(self.panes.findings, found),
            hint: self.hint,
            // One finding says all there is to say in the list.
            detail: found
                && wished(self.panes.detail, self.width >= WIDE && self.findings.len() > 1),
        };
        Layout::of(self.width, self.height, needs, &self.panes)
    }

    /// The columns left of the log's text.
    pub fn gutter(&self) -> Gutter {
        let store = self.log.store();
        let last = LineNo::new(store.len().saturating_sub(1));
        Gutter::of(self.width, store.number(last), self.time_column().width())
    }

    /// What the time column shows: where only one step is looked at, the
    /// seconds that were taken out of its lines, if nothing else is chosen.
    pub fn time_column(&self) -> TimeColumn {
        match (self.time, self.view.scope()) {
            (TimeColumn::Off, Scope::Step(_)) => TimeColumn::Step,
            (column, _) => column,
        }
    }

    /// The columns of the log's text.
    pub fn text_width(&self) -> u16 {
        self.width.saturating_sub(self.gutter().width + self.scrollbar_width())
    }

    /// How many of the lines that are shown came since following was paused.
    pub fn new_lines(&self) -> u64 {
        let Follow::Paused { since } = self.scroll.follow else { return 0 };
        if since >= self.log.store().len() {
            return 0;
        }
        let since = LineNo::new(since);
        let at = self.view.nearest(&self.log, since);
        let is_new = |item: Item| item.line() >= since;
        let first = if self.item(at).is_some_and(is_new) { at } else { at.next() };
        let Some(last) = self.view.len(&self.log).checked_sub(1) else { return 0 };
        if first.index() > last {
            return 0;
        }
        let items = u64::from(last - first.index()) + 1;
        self.view.count(first, ItemNo::new(last)).unwrap_or(items)
    }

    /// The heights of what is shown.
    pub fn rows(&self) -> LogRows<'_> {
        LogRows {
            log: &self.log,
            view: &self.view,
            width: usize::from(self.text_width().max(1)),
            wrap: self.wrap,
            pretty: self.pretty,
        }
    }

    /// What is shown at a position.
    pub fn item(&self, at: ItemNo) -> Option<Item> {
        self.view.item(&self.log, at)
    }

    /// The line under the cursor.
    pub fn cursor_line(&self) -> LineNo {
        self.item(self.scroll.cursor).map_or(LineNo::FIRST, Item::line)
    }

    /// The line one is on and its row on the screen: the cursor's, or those that
    /// were when filters or a fold came over them.
    pub(super) fn place(&self) -> (LineNo, u32) {
        let item = self.item(self.scroll.cursor);
        let stood = self.stood.filter(|Stood { line, beside, .. }| match item {
            Some(Item::Hidden { first, lines }) => {
                line.index().checked_sub(first.index()).is_some_and(|into| into < lines)
            }
            Some(Item::Folded { step, .. }) => self.log.tree().owner(*line) == Owner::Step(step),
            Some(Item::Line(shown)) => shown == beside.unwrap_or(*line),
            None => false,
        });
        stood.map(|stood| (stood.line, stood.row)).unwrap_or_else(|| {
            let height = u32::from(self.layout().log.height);
            let row = self.scroll.cursor_row(&self.rows(), height);
            (item.map_or(LineNo::FIRST, Item::line), row)
        })
    }

    /// Whether a line is shown without the builder's prefix.
    pub fn strips_prefix(&self) -> bool {
        matches!(self.view.scope(), Scope::Step(_))
    }

    /// Changes what is shown; the cursor's line stays where it is.
    pub(super) fn reshape(&mut self, change: impl FnOnce(&mut View)) {
        let anchored = self.anchor.take().unwrap_or_else(|| Anchored::of(self));
        change(&mut self.view);
        self.dirty = true;
        self.view.advance(&self.log, SLICE);
        self.anchor = Some(anchored);
        self.drop_anchor(false);
    }

    /// Looks at more of the log for what is shown; whether there is more.
    pub(super) fn extend_view(&mut self) -> bool {
        let before = self.view.len(&self.log);
        let more = self.view.advance(&self.log, SLICE);
        self.dirty |= before != self.view.len(&self.log);
        self.drop_anchor(!more);
        more
    }

    /// Goes back to the anchored line, once it has been looked at.
    fn drop_anchor(&mut self, all: bool) {
        let Some(anchor) = self.anchor else { return };
        if !all && self.view.looked(&self.log) <= anchor.line.index() {
            return;
        }
        self.anchor = None;
        self.dirty = true;
        if anchor.following {
            self.scroll.follow = Follow::Following;
            return;
        }
        let mut scroll = self.scroll;
        scroll.pause(&self.rows());
        self.scroll = scroll;
        let nearest = self.view.nearest(&self.log, anchor.line);
        // Nothing can be done with lines that filters hide; with the next one it can.
        let passing = |at: &ItemNo| matches!(self.item(*at), Some(Item::Line(_)));
        let hidden = matches!(self.item(nearest), Some(Item::Hidden { .. }));
        let near = || std::iter::once(nearest.next()).chain(nearest.prev());
        let beside = if hidden { near().find(passing) } else { None };
        let item = beside.unwrap_or(nearest);
        self.scroll.cursor = item;
        let beside = beside.and_then(|at| self.item(at)).map(Item::line);
        self.stood = Some(Stood { line: anchor.line, row: anchor.row, beside });
        self.scroll.top = back(&self.rows(), Place { item, row: 0 }, anchor.row);
    }
}

/// A line that one was on, while it isn't shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stood {
    line: LineNo,
    /// Its row on the screen.
    row: u32,
    /// The line beside it that the cursor is on instead.
    beside: Option<LineNo>,
}

/// A line that stays where it is on the screen while what is shown changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Anchored {
    line: LineNo,
    row: u32,
    following: bool,
}

impl Anchored {
    /// The same place on the screen for another line.
    pub(super) fn moved(self, line: LineNo) -> Self {
        Self { line, ..self }
    }

    /// The cursor's line.
    pub(super) fn of(model: &Model) -> Self {
        let (line, row) = model.place();
        Self { line, row, following: model.scroll.is_following() }
    }
}

/// Where one was before one looked at a part of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Back {
    place: Anchored,
    pane: Pane,
    left: u32,
}

impl Back {
    /// Here.
    pub(super) fn of(model: &Model) -> Self {
        Self { place: Anchored::of(model), pane: model.panes.focus, left: model.scroll.left }
    }

    /// The line one was on.
    pub(super) fn line(&self) -> LineNo {
        self.place.line
    }

    /// The same place on the screen for another line.
    pub(super) fn moved(self, line: LineNo) -> Self {
        Self { place: self.place.moved(line), ..self }
    }

    /// Back there.
    pub(super) fn restore(self, model: &mut Model) {
        model.anchor = Some(self.place);
        model.panes.focus = self.pane;
        model.scroll.left = self.left;
        model.drop_anchor(false);
    }
}

/// What the mouse holds on to while its button is down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Drag {
    /// Lines, from this one on; and where the pointer is.
    Lines {
        /// The line it began on.
        from: LineNo,
        /// The screen row of the pointer.
        row: u16,
        /// When the pane scrolls next, for a pointer outside of it.
        due: Option<std::time::Instant>,
    },
    /// The scrollbar.
    Bar,
}

/// Columns by which the later rows of a wrapped line are indented.
pub const HANG: usize = 2;

/// The heights of what is shown of a log as it is laid out now.
#[derive(Clone, Copy, Debug)]
pub struct LogRows<'a> {
    log: &'a Log,
    view: &'a View,
    /// Columns of the text.
    width: usize,
    wrap: bool,
    pretty: bool,
}

impl Rows for LogRows<'_> {
    fn len(&self) -> u32 {
        self.view.len(self.log)
    }

    fn lines(&self) -> u32 {
        self.log.store().len()
    }

    fn height(&self, item: ItemNo) -> u32 {
        if self.uniform() {
            return 1;
        }
        let Some(Item::Line(line)) = self.view.item(self.log, item) else { return 1 };
        let line = self.log.store().sight(line);
        let clean = &line.text;
        let strips = matches!(self.view.scope(), Scope::Step(_));
        let shown = if strips { payload(clean).1 } else { clean };
        let cut = clean.len() - shown.len();
        let parts = if self.pretty { json::rows(shown) } else { None };
        let rows = match parts {
            Some(parts) if self.wrap => {
                let part = |part: &json::JsonRow| {
                    let place = cut + part.range.start..cut + part.range.end;
                    line.rows(place, part.room(self.width), HANG)
                };
                parts.iter().map(part).sum()
            }
            Some(parts) => parts.len(),
            None if self.wrap => line.rows(cut..clean.len(), self.width, HANG),
            None => 1,
        };
        u32::try_from(rows).unwrap_or(u32::MAX)
    }

    fn uniform(&self) -> bool {
        !self.wrap && !self.pretty
    }
}
