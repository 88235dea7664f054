//! The log: line numbers, signs, and text in its own colours.
//!
//! ```text
//!   57     #9 0.421 Resolving dependencies…
//!   58›✗   #9 0.431 error: the lockfile at `uv.lock` …
//!  │  ││
//!  │  │└ sign: ▶ the cause  ▷ what proves it  ✗ failure  ! warning  ▸ step
//!  │  │        ■ phase  $ command  ↑ said before  ~ lines missing
//!  │  │        · only around what filters pick
//!  │  └ cursor ›, mark ◆, both ◈
//!  └ number
//! ```
//!
//! Only lines in sight are read; a row costs its cells.

use std::ops::Range;
use std::rc::Rc;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};

use crate::app::view::{Item, Scope, Test};
use crate::app::{BarRow, Gutter, HANG, ItemNo, Model, Place, Rows, TimeColumn, json};
use crate::domain::LineNo;
use crate::human;
use crate::keymap::Action;
use crate::parse::{self, Owner, StepId, StepState, line_role, payload};
use crate::text::{self, Glyph, Line, PlainView, SgrStyle, View};
use crate::theme::{Depth, Role};

use super::{Drawn, put, scrollbar};

/// What the rows of the log show, where that can be said in a few words.
#[derive(Debug, Default)]
pub(super) struct Memo {
    look: Option<Look>,
    /// What the first row shows.
    top: ItemNo,
    rows: Vec<Option<Row>>,
    /// The rows of the scrollbar, those that are known.
    bar: Vec<Option<Option<BarRow>>>,
}

/// What all rows have in common.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Look {
    /// The log's: the text of a line that others follow changes only with it.
    generation: u64,
    /// The view's: which lines are only around what filters pick.
    version: u64,
    scope: Scope,
    gutter: Gutter,
    width: u16,
    left: u32,
}

/// What a row shows.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Row {
    /// Nothing: the log has ended.
    Nothing,
    /// Lines that filters hide.
    Hidden { lines: u32, here: bool, all: bool },
    /// A line that others follow.
    Line { no: LineNo, kind: Kind, role: parse::Role, here: bool, marked: bool },
}

impl Look {
    /// `None` where a row shows more than can be said: parts of lines, times,
    /// what was searched for, what is selected.
    fn of(model: &Model, area: Rect) -> Option<Self> {
        let plain = model.rows().uniform()
            && model.view.len(&model.log) > 0
            && model.selection.is_none()
            && model.find.is_none()
            && !model.pins.iter().any(|pin| pin.on)
            && model.time_column() == TimeColumn::Off;
        plain.then(|| Self {
            generation: model.log.generation(),
            version: model.view.version(),
            scope: model.view.scope(),
            gutter: model.gutter(),
            width: area.width,
            left: model.scroll.left,
        })
    }
}

impl Row {
    /// What the row of an item is to show; `known` is what one of the same
    /// place showed before. `None` where that can't be said. `text` gets the
    /// line if it has to be read.
    fn of(
        model: &Model,
        at: ItemNo,
        known: Option<Self>,
        text: &mut Option<Rc<Line>>,
    ) -> Option<Self> {
        let here = model.scroll.cursor == at && !model.scroll.is_following();
        match model.item(at) {
            None => Some(Self::Nothing),
            Some(Item::Hidden { lines, .. }) => {
                Some(Self::Hidden { lines, here, all: model.view.shows_none(&model.log) })
            }
            // How many lines it hides is told as well.
            Some(Item::Folded { .. }) => None,
            // The last line may go on.
            Some(Item::Line(no)) if no.next().index() >= model.log.store().len() => None,
            Some(Item::Line(no)) => {
                let role = match known {
                    Some(Self::Line { no: before, role, .. }) if before == no => role,
                    _ => line_role(&text.insert(model.log.store().sight(no)).text),
                };
                let kind = Kind::of(model, no, role);
                Some(Self::Line { no, kind, role, here, marked: model.marks.has(no) })
            }
        }
    }

    /// Whether it differs from another one in the gutter only.
    fn has_text_of(self, other: Self) -> bool {
        match (self, other) {
            (Self::Line { no, kind, .. }, Self::Line { no: other, kind: sort, .. }) => {
                (no, kind) == (other, sort)
            }
            _ => false,
        }
    }
}

/// The columns of the log without the scrollbar's.
fn text_area(model: &Model, area: Rect) -> Rect {
    Rect { width: area.width.saturating_sub(model.scrollbar_width()), ..area }
}

/// Draws what isn't there yet, the scrollbar included.
pub(super) fn redraw(model: &Model, area: Rect, buf: &mut Buffer, drawn: &mut Drawn) {
    let Some(look) = Look::of(model, area) else {
        drawn.log = Memo::default();
        drawn.straighten();
        return drawn.rows(area, buf, |buf| {
            draw(model, area, buf);
            let rows = model.scrollbar(area.height);
            for (y, row) in (area.top()..area.bottom()).zip(rows) {
                scrollbar::draw(model, Some(row), area.right().saturating_sub(1), y, buf);
            }
        });
    };
    let mut memo = std::mem::take(&mut drawn.log);
    let top = model.scroll.top.item;
    if memo.look != Some(look) {
        memo = Memo { look: Some(look), top, ..Memo::default() };
    }
    let height = usize::from(area.height);
    memo.rows.resize(height, None);
    memo.bar.resize(height, None);
    memo.follow(top, drawn);
    // Which lines are only around others is told in the gutter as well.
    let around = model.view.filters().context > 0 && model.view.filters().active();
    for (i, y) in (area.top()..area.bottom()).enumerate() {
        let at = ItemNo::new(top.index().saturating_add(i as u32));
        let (Some(known), Some(bar)) = (memo.rows.get_mut(i), memo.bar.get_mut(i)) else { break };
        let mut text = None;
        let row = Row::of(model, at, *known, &mut text);
        if row.is_some() && row == *known {
            continue;
        }
        let here = Rect { y: drawn.place(y), height: 1, ..text_area(model, area) };
        match (row, *known) {
            (Some(row @ Row::Line { no, kind, here: cursor, marked, .. }), Some(known))
                if row.has_text_of(known) && !around =>
            {
                drawn.empty(y, here.left()..here.left() + look.gutter.width, buf);
                number(model, here, no, (kind, false), (cursor, marked), buf);
            }
            _ => {
                drawn.empty(y, area.left()..area.right(), buf);
                draw_item(model, Place { item: at, row: 0 }, text, here, buf);
                *bar = None;
            }
        }
        *known = row;
    }
    if model.scrollbar_width() > 0 {
        let rows = model.scrollbar(area.height);
        for (i, (y, known)) in (area.top()..).zip(&mut memo.bar).enumerate() {
            let row = rows.get(i).copied();
            if *known != Some(row) {
                *known = Some(row);
                let x = area.right().saturating_sub(1);
                drawn.touch(y, x..area.right());
                scrollbar::draw(model, row, x, drawn.place(y), buf);
            }
        }
    }
    drawn.log = memo;
}

impl Memo {
    /// Moves what is known, and what was drawn, to where another first row puts
    /// it.
    fn follow(&mut self, top: ItemNo, drawn: &mut Drawn) {
        let (was, now) = (self.top.index(), top.index());
        self.top = top;
        let by = usize::try_from(was.abs_diff(now)).unwrap_or(usize::MAX);
        let height = self.rows.len();
        if by == 0 {
            return;
        }
        if by >= height {
            self.rows.fill(None);
            self.bar.fill(None);
            return;
        }
        let up = now > was;
        if up {
            self.rows.rotate_left(by);
            self.bar.rotate_left(by);
        } else {
            self.rows.rotate_right(by);
            self.bar.rotate_right(by);
        }
        let uncovered = if up { height - by..height } else { 0..by };
        self.rows.get_mut(uncovered.clone()).unwrap_or_default().fill(None);
        self.bar.get_mut(uncovered).unwrap_or_default().fill(None);
        drawn.turn(by as u16, up);
    }
}

/// Draws all of it, whatever takes how many rows.
fn draw(model: &Model, area: Rect, buf: &mut Buffer) {
    let area = text_area(model, area);
    let selected = model.selected();
    let mut place = model.scroll.top;
    let mut y = area.top();
    if model.view.len(&model.log) == 0 {
        nothing(model, area, buf);
        return;
    }
    while y < area.bottom() {
        if model.item(place.item).is_none() {
            break;
        }
        let top = y;
        y += draw_item(model, place, None, Rect { y, height: area.bottom() - y, ..area }, buf);
        if selected.is_some_and(|(first, last)| (first..=last).contains(&place.item)) {
            select(model, Rect { y: top, height: y - top, ..area }, buf);
        }
        place.item = place.item.next();
        place.row = 0;
    }
}

/// Draws an item from one of its rows on; how many rows it took. `text` is its
/// line, if that has been read already.
fn draw_item(
    model: &Model,
    place: Place,
    text: Option<Rc<Line>>,
    area: Rect,
    buf: &mut Buffer,
) -> u16 {
    let Some(item) = model.item(place.item) else { return 0 };
    let row = Rect { height: 1, ..area };
    let line = text.unwrap_or_else(|| model.log.store().sight(item.line()));
    let shown = Shown::of(model, place.item, item, line);
    if let Item::Hidden { lines, .. } = item {
        hidden(model, row, lines, shown.here(model), buf);
        return 1;
    }
    let rows = shown.rows(model, place.row as usize, usize::from(area.height));
    for (i, (y, cells)) in (area.top()..).zip(&rows).enumerate() {
        let row = Rect { y, ..row };
        shown.gutter(model, row, place.row == 0 && i == 0, buf);
        shown.text(model, row, cells, buf);
    }
    if let Item::Folded { step, .. } = item {
        folded(model, row, step, buf);
    }
    rows.len() as u16
}

/// Marks rows as selected: all of them in one look, which is legible whatever
/// colours are beneath. Matches keep theirs.
fn select(model: &Model, area: Rect, buf: &mut Buffer) {
    let gutter = model.gutter().width;
    let style = Style::reset().patch(model.styles.get(Role::Selection));
    let matches = [Role::Match, Role::MatchCurrent].map(|role| model.styles.get(role));
    for y in area.top()..area.bottom() {
        // Up to the end of the text: blanks beyond it would cost a terminal
        // far away as much as the text.
        let full = (area.left()..area.right())
            .rev()
            .find(|x| buf.cell((*x, y)).is_some_and(|cell| cell.symbol() != " "));
        let end = full.map_or(area.left(), |x| x + 1).max(area.left() + gutter + 1);
        for x in area.left() + gutter..end.min(area.right()) {
            let Some(cell) = buf.cell_mut((x, y)) else { continue };
            let found = matches.iter().any(|m| m.bg.is_some() && m.bg == cell.style().bg);
            if !found {
                cell.set_style(style);
            }
        }
    }
}

/// Says that nothing is left to see.
fn nothing(model: &Model, area: Rect, buf: &mut Buffer) {
    let words = if model.view.filters().active() {
        "No line passes the filters"
    } else {
        "No lines here yet"
    };
    let style = model.styles.get(Role::Dim);
    buf.set_stringn(area.x + 2, area.y, words, usize::from(area.width.saturating_sub(2)), style);
}

/// Lines that filters hide: one row for all of them.
fn hidden(model: &Model, area: Rect, lines: u32, here: bool, buf: &mut Buffer) {
    let gutter = model.gutter();
    if here {
        let x = area.x + gutter.digits;
        buf.set_stringn(x, area.y, "›", 1, model.styles.get(Role::Cursor));
    }
    let mut words = format!("⋯ {} hidden", human::plural(u64::from(lines), "line"));
    if model.view.shows_none(&model.log) {
        words.push_str(&why_none(model));
    }
    let x = area.x + gutter.width;
    let room = usize::from(area.right().saturating_sub(x));
    buf.set_stringn(x, area.y, words, room, model.styles.get(Role::Dim));
}

/// Why filters leave nothing, and what brings it back.
fn why_none(model: &Model) -> String {
    let key = |action, does: &str| {
        let key = model.keymap.key(action);
        key.map_or_else(String::new, |key| format!("; {key} {does}"))
    };
    let mut on = model.view.filters().list.iter().filter(|filter| filter.on);
    match (on.next().map(|filter| &filter.test), on.next()) {
        (Some(Test::Trouble), None) => {
            format!(": no failures or warnings{}", key(Action::OnlyTrouble, "shows all"))
        }
        _ => format!(": none passes{}", key(Action::FilterList, "lists the filters")),
    }
}

/// What a fold hides, at the end of its row.
fn folded(model: &Model, area: Rect, step: StepId, buf: &mut Buffer) {
    let lines = model.view.folded_lines(step);
    let tree = model.log.tree();
    let inside = |line: LineNo| tree.owner(line) == Owner::Step(step);
    let findings = model.findings.iter().map(|told| &told.finding);
    let found = findings.filter(|f| f.line.is_some_and(inside)).count() as u64;
    let mut words = format!(" ⊞ {}", human::plural(u64::from(lines), "line"));
    if found > 0 {
        words.push_str(&format!(", {}", human::plural(found, "finding")));
    }
    words.push(' ');
    let width = text::width(&words) as u16;
    let x = area.right().saturating_sub(width).max(area.x + model.gutter().width);
    let role = if found > 0 { Role::Failure } else { Role::Hint };
    let room = usize::from(area.right().saturating_sub(x));
    buf.set_stringn(x, area.y, words, room, model.styles.get(role));
}

/// What a line is, for its sign and its look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Cause,
    Proof,
    Repeat,
    Failure,
    Warning,
    Step,
    Phase,
    Command,
    Done,
    Excerpt,
    Quiet,
    Gap,
    Plain,
}

impl Kind {
    /// `role` is what the line's text tells by itself.
    fn of(model: &Model, line: LineNo, role: parse::Role) -> Self {
        let log = &model.log;
        if log.store().gap(line).is_some() {
            return Self::Gap;
        }
        if model.cause.as_ref().is_some_and(|cause| cause.line == Some(line)) {
            return Self::Cause;
        }
        if model.lists.is_proof(line) {
            return Self::Proof;
        }
        if log.tree().repeat_of(line).is_some() {
            return Self::Repeat;
        }
        if log.failure_lines().binary_search(&line).is_ok() {
            return Self::Failure;
        }
        if log.warning_lines().binary_search(&line).is_ok() {
            return Self::Warning;
        }
        match role {
            parse::Role::Header => Self::Step,
            parse::Role::Phase => Self::Phase,
            parse::Role::Command => Self::Command,
            parse::Role::Warning => Self::Warning,
            parse::Role::Done | parse::Role::Cached => Self::Done,
            parse::Role::PhaseFailed
            | parse::Role::CommandFailed
            | parse::Role::Error
            | parse::Role::FinalError => Self::Failure,
            // Marked in the text itself, by `>>>`.
            parse::Role::ExcerptMarked => Self::Excerpt,
            parse::Role::Status | parse::Role::Agent | parse::Role::Rule => Self::Quiet,
            _ => Self::Plain,
        }
    }

    fn sign(self) -> &'static str {
        match self {
            Self::Cause => "▶",
            Self::Proof => "▷",
            Self::Repeat => "↑",
            Self::Failure => "✗",
            Self::Warning => "!",
            Self::Step => "▸",
            Self::Phase => "■",
            Self::Command => "$",
            Self::Gap => "~",
            Self::Done | Self::Excerpt | Self::Quiet | Self::Plain => " ",
        }
    }

    fn role(self) -> Role {
        match self {
            Self::Cause | Self::Proof | Self::Failure | Self::Excerpt => Role::Failure,
            Self::Warning => Role::Warning,
            Self::Step => Role::Step,
            Self::Phase => Role::Phase,
            Self::Command => Role::Command,
            Self::Done => Role::Done,
            Self::Quiet | Self::Repeat => Role::Dim,
            Self::Gap => Role::Gap,
            Self::Plain => Role::Text,
        }
    }
}

fn failed(model: &Model, step: StepId) -> bool {
    model.log.tree().step(step).is_some_and(|step| step.state() == StepState::Failed)
}

/// A line in sight.
struct Shown {
    item: ItemNo,
    no: LineNo,
    line: Rc<Line>,
    kind: Kind,
    /// Bytes of the builder's prefix (`#9 0.431 `), which is shown quietly.
    prefix: usize,
    /// Whether it may take several rows: a fold's row is one.
    foldable: bool,
    /// Whether it is only there for being around lines that filters pick.
    around: bool,
    /// Bytes at the start that are not shown: the prefix, in a step's own view.
    cut: usize,
    matches: Vec<Range<usize>>,
    /// Where pinned words are, the later pins over the earlier ones.
    pins: Vec<(Range<usize>, Role)>,
    /// Where the match one is at begins.
    current: Option<usize>,
}

/// A screen row of a line.
struct Cells<'a> {
    /// What is drawn: a text of which each byte fills a column, then these.
    plain: &'a str,
    glyphs: Vec<Glyph<'a>>,
    /// The byte of the line that the glyphs count from.
    base: usize,
    /// Columns it is indented by.
    indent: u16,
    /// Whether there is more to the left, to the right.
    left: bool,
    right: bool,
}

impl Shown {
    fn of(model: &Model, item: ItemNo, shown: Item, line: Rc<Line>) -> Self {
        let no = shown.line();
        let kind = match shown {
            Item::Folded { step, .. } if failed(model, step) => Kind::Failure,
            _ => Kind::of(model, no, line_role(&line.text)),
        };
        let prefix = match kind {
            Kind::Plain | Kind::Failure | Kind::Warning | Kind::Cause | Kind::Proof => {
                line.text.len() - payload(&line.text).1.len()
            }
            _ => 0,
        };
        let find = model.find.as_ref();
        let matches = find.map_or_else(Vec::new, |f| f.query().find_in(&line.text).collect());
        let current = find
            .and_then(|f| f.current(model.cursor_line()))
            .filter(|place| place.line == no)
            .map(|place| place.byte);
        let cut =
            if model.strips_prefix() { line.text.len() - payload(&line.text).1.len() } else { 0 };
        let pins = model.pins.iter().filter(|pin| pin.on);
        let pins = pins
            .flat_map(|pin| pin.query.find_in(&line.text).map(|range| (range, pin.role())))
            .collect();
        let foldable = matches!(shown, Item::Line(_));
        let filters = model.view.filters();
        let around = filters.context > 0
            && foldable
            && filters.active()
            && !filters.pass(&model.log, no, &line.text);
        Self { item, no, line, kind, prefix, foldable, around, cut, matches, pins, current }
    }

    /// Whether nothing but its prefix looks in any other way than the rest.
    fn is_bare(&self) -> bool {
        self.line.runs.is_empty() && self.matches.is_empty() && self.pins.is_empty()
    }

    /// Whether the cursor is on it.
    fn here(&self, model: &Model) -> bool {
        model.scroll.cursor == self.item && !model.scroll.is_following()
    }

    /// Its rows from `skip` on, at most `room`.
    fn rows(&self, model: &Model, skip: usize, room: usize) -> Vec<Cells<'_>> {
        let width = usize::from(model.text_width());
        let text = self.line.text.get(self.cut..).unwrap_or_default();
        let whole = || vec![json::JsonRow { range: 0..text.len(), indent: 0 }];
        let parts = match self.foldable && model.pretty {
            true => json::rows(text).unwrap_or_else(whole),
            false => whole(),
        };
        let mut rows: Vec<Cells<'_>> = Vec::new();
        let mut skip = skip;
        for part in parts {
            let left = room.saturating_sub(rows.len());
            if left == 0 {
                break;
            }
            let Some(piece) = text.get(part.range.clone()) else { continue };
            let (indent, width) = (part.indent(width), part.room(width));
            let base = self.cut + part.range.start;
            if !self.foldable || !model.wrap {
                if skip > 0 {
                    skip -= 1;
                    continue;
                }
                let (from, indent) = (model.scroll.left as usize, indent as u16);
                rows.push(match text::plain_view(piece, from, width) {
                    Some(PlainView { text: plain, left, right }) => {
                        let (base, glyphs) = (base + from, Vec::new());
                        Cells { plain, glyphs, base, indent, left, right }
                    }
                    None => {
                        let View { glyphs, left, right } = text::view(piece, from, width);
                        Cells { plain: "", glyphs, base, indent, left, right }
                    }
                });
                continue;
            }
            let wrapped = text::wrap(piece, width, HANG, skip, left);
            if wrapped.is_empty() {
                skip = skip.saturating_sub(text::rows(piece, width, HANG));
            }
            for (i, row) in wrapped.iter().enumerate() {
                let hang = if skip + i == 0 { 0 } else { HANG.min(width.saturating_sub(1)) };
                let glyphs = text::row_glyphs(piece, row, width - hang);
                let indent = (indent + hang) as u16;
                rows.push(Cells { plain: "", glyphs, base, indent, left: false, right: false });
            }
            if !wrapped.is_empty() {
                skip = 0;
            }
        }
        if rows.is_empty() {
            let (glyphs, base) = (Vec::new(), self.cut);
            rows.push(Cells { plain: "", glyphs, base, indent: 0, left: false, right: false });
        }
        rows
    }

    fn gutter(&self, model: &Model, area: Rect, first: bool, buf: &mut Buffer) {
        if !first {
            return;
        }
        let gutter = model.gutter();
        let at = (self.here(model), model.marks.has(self.no));
        let x = number(model, area, self.no, (self.kind, self.around), at, buf);
        if gutter.time > 0
            && self.kind != Kind::Gap
            && let Some(stamp) = model.stamp(model.time_column(), self.item, self.no)
        {
            let role = if stamp.silence { Role::Warning } else { Role::Number };
            let width = usize::from(gutter.time) - 1;
            let text = format!("{:>width$}", stamp.text);
            buf.set_stringn(x + 1, area.y, text, width, model.styles.get(role));
        }
    }

    fn text(&self, model: &Model, area: Rect, row: &Cells<'_>, buf: &mut Buffer) {
        let start = area.x + model.gutter().width + row.indent;
        let mut runs = self.line.runs.iter().peekable();
        let mut matches = self.matches.iter().peekable();
        let role = if self.around { Role::Dim } else { self.kind.role() };
        let base = model.styles.get(role);
        let dim = model.styles.get(Role::Dim);
        let mut style_of = |byte: usize, end: usize| {
            let mut style = if byte < self.prefix { dim } else { base };
            while runs.next_if(|run| run.range.end <= byte).is_some() {}
            if let Some(run) = runs.peek().filter(|run| run.range.contains(&byte)) {
                style = style.patch(own(run.style, model.styles.depth()));
            }
            // A match may begin or end inside of what is one character to see.
            let over = |range: &Range<usize>| range.start < end && range.end > byte;
            if let Some((_, role)) = self.pins.iter().rfind(|(range, _)| over(range)) {
                style = Style::reset().patch(model.styles.get(*role));
            }
            while matches.next_if(|m| m.end <= byte).is_some() {}
            if let Some(found) = matches.peek().filter(|m| over(m)) {
                let role = if self.current == Some(found.start) {
                    Role::MatchCurrent
                } else {
                    Role::Match
                };
                style = Style::reset().patch(model.styles.get(role));
            }
            style
        };
        // What looks alike is drawn in one go.
        let mut from = 0;
        while from < row.plain.len() {
            let byte = row.base + from;
            let style = style_of(byte, byte + 1);
            let to = match self.is_bare() {
                true if byte < self.prefix => (self.prefix - row.base).min(row.plain.len()),
                true => row.plain.len(),
                false => from + 1,
            };
            let (x, piece) = (start.saturating_add(from as u16), row.plain.get(from..to));
            let room = usize::from(area.right().saturating_sub(x));
            put(buf, x, area.y, piece.unwrap_or_default(), room, style);
            from = to;
        }
        for glyph in &row.glyphs {
            let (byte, end) = (row.base + glyph.range.start, row.base + glyph.range.end);
            self.put(start, glyph, area, style_of(byte, end), buf);
        }
        let more = model.styles.get(Role::Frame);
        if row.left {
            mark(buf, start, area, "‹", more);
        }
        if row.right {
            mark(buf, area.right().saturating_sub(1), area, "›", more);
        }
    }

    fn put(&self, start: u16, glyph: &Glyph<'_>, area: Rect, style: Style, buf: &mut Buffer) {
        let Ok(column) = u16::try_from(glyph.column) else { return };
        let x = start.saturating_add(column);
        if glyph.symbol.len() == 1 {
            // Nearly all there is; it needs no segmentation. A space may
            // stand for several.
            let end = x.saturating_add(glyph.width as u16).min(area.right());
            for x in x..end {
                if let Some(cell) = buf.cell_mut((x, area.y)) {
                    cell.set_symbol(glyph.symbol).set_style(style);
                }
            }
        } else if x < area.right() {
            buf.set_stringn(x, area.y, glyph.symbol, usize::from(area.right() - x), style);
        }
    }
}

/// Draws the number of a line, and its signs: whether the cursor is there and
/// whether it is marked, what kind it is and whether it is only around others.
/// The column behind them.
fn number(
    model: &Model,
    area: Rect,
    no: LineNo,
    (kind, around): (Kind, bool),
    (here, marked): (bool, bool),
    buf: &mut Buffer,
) -> u16 {
    let gutter = model.gutter();
    let style = |role| model.styles.get(role);
    let set = |x: u16, sign: &str, role: Role, buf: &mut Buffer| {
        buf.set_stringn(x, area.y, sign, 1, style(role));
    };
    let mut x = area.x;
    if gutter.digits > 0 {
        let role = if here { Role::Cursor } else { Role::Number };
        let width = usize::from(gutter.digits);
        let number = match kind {
            Kind::Gap => " ".repeat(width),
            _ => format!("{:>width$}", model.log.store().number(no)),
        };
        put(buf, x, area.y, &number, width, style(role));
        x += gutter.digits;
        match (here, marked) {
            (true, true) => set(x, "◈", Role::Mark, buf),
            (true, false) => set(x, "›", Role::Cursor, buf),
            (false, true) => set(x, "◆", Role::Mark, buf),
            (false, false) => {}
        }
        x += 1;
    } else {
        if marked {
            set(x + 1, "◆", Role::Mark, buf);
        }
        if here && kind.sign() == " " {
            set(x, "›", Role::Cursor, buf);
        }
    }
    let (sign, role) = match (kind.sign(), around) {
        (" ", true) => ("·", Role::Dim),
        (sign, _) => (sign, kind.role()),
    };
    put(buf, x, area.y, sign, 1, style(role))
}

/// A sign over the first or last cell of the text: it goes on there. A wide
/// character that the sign would cut in half goes altogether.
fn mark(buf: &mut Buffer, x: u16, area: Rect, sign: &str, style: Style) {
    if x >= area.right() {
        return;
    }
    let wide_before =
        x > area.x && buf.cell((x - 1, area.y)).is_some_and(|cell| text::width(cell.symbol()) > 1);
    if wide_before && let Some(cell) = buf.cell_mut((x - 1, area.y)) {
        cell.set_symbol(" ");
    }
    let wide_here = buf.cell((x, area.y)).is_some_and(|cell| text::width(cell.symbol()) > 1);
    if wide_here
        && x + 1 < area.right()
        && let Some(cell) = buf.cell_mut((x + 1, area.y))
    {
        cell.set_symbol(" ");
    }
    if let Some(cell) = buf.cell_mut((x, area.y)) {
        cell.set_symbol(sign).set_style(Style::reset().patch(style));
    }
}

/// A log's own style, as far as the terminal can show it.
fn own(sgr: SgrStyle, depth: Depth) -> Style {
    let color = |color: text::Color| {
        depth.show(match color {
            text::Color::Indexed(i) => Color::Indexed(i),
            text::Color::Rgb(r, g, b) => Color::Rgb(r, g, b),
        })
    };
    let mut style = Style::new();
    style.fg = sgr.fg.and_then(color);
    style.bg = sgr.bg.and_then(color);
    for (on, modifier) in [
        (sgr.bold, Modifier::BOLD),
        (sgr.dim, Modifier::DIM),
        (sgr.italic, Modifier::ITALIC),
        (sgr.underline, Modifier::UNDERLINED),
        (sgr.strike, Modifier::CROSSED_OUT),
        (sgr.reverse, Modifier::REVERSED),
    ] {
        if on {
            style = style.add_modifier(modifier);
        }
    }
    style
}
