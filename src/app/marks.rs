//! Marked lines: kept through filters, folds, repairs and restarts.

use std::collections::BTreeSet;

use crate::domain::LineNo;
use crate::memory::{Change, LogMarks, Mark, fingerprint};
use crate::store::Store;

use super::menu::{self, MenuKind};
use super::model::{Model, Subject};
use super::repair::Anchor;
use super::view::Item;

/// Lines at the start of a file that tell it from another of its name.
const HEAD: u32 = 16;

/// How far from its old place a remembered line is looked for.
const REACH: u32 = 200;

/// Marks whose lines a repair took away that are looked for far and wide.
const MISSES: u32 = 3;

/// The marks of the log.
#[derive(Debug, Default)]
pub struct Marks {
    lines: BTreeSet<LineNo>,
    /// Remembered ones whose lines aren't there yet.
    waiting: Vec<Mark>,
    restored: Restored,
}

/// Whether what earlier runs remembered has been taken into account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Restored {
    /// Not known yet; a change waits.
    #[default]
    No,
    /// Not known yet, and there are changes.
    Changed,
    /// Yes.
    Yes,
}

impl Marks {
    /// Whether a line is marked.
    pub fn has(&self, line: LineNo) -> bool {
        self.lines.contains(&line)
    }

    /// The marked lines, ascending.
    pub fn lines(&self) -> impl DoubleEndedIterator<Item = LineNo> + '_ {
        self.lines.iter().copied()
    }

    /// The first marked line from one on.
    pub fn first_from(&self, line: LineNo) -> Option<LineNo> {
        self.lines.range(line..).next().copied()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Remembers by their texts those that a repair from `keep` on may move.
    pub(super) fn hold(&mut self, store: &Store, keep: u32) -> Vec<Anchor> {
        let moved = self.lines.split_off(&LineNo::new(keep));
        moved.into_iter().map(|line| Anchor::at(store, line)).collect()
    }

    /// Finds them again; those whose lines are gone go with them.
    pub(super) fn release(&mut self, store: &Store, held: &[Anchor]) {
        // What moved one has moved the next as far. Looking for one that is
        // gone takes a while, so that it isn't done for many.
        let (mut shift, mut missed) = (0, 0);
        for anchor in held {
            let near = anchor.line().index().checked_add_signed(shift).map(LineNo::new);
            if let Some(line) = near.filter(|line| anchor.is_at(store, *line)) {
                self.lines.insert(line);
                continue;
            }
            if missed > MISSES {
                continue;
            }
            let line = anchor.find(store);
            if anchor.is_at(store, line) {
                shift = line.index().wrapping_sub(anchor.line().index()) as i32;
                self.lines.insert(line);
            } else {
                missed += 1;
            }
        }
    }

    /// Another log has taken the place of this one.
    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }
}

/// Marks the cursor's line, or no longer.
pub(super) fn toggle(model: &mut Model) {
    let line = match model.item(model.scroll.cursor) {
        Some(Item::Line(line) | Item::Folded { line, .. }) => line,
        Some(Item::Hidden { .. }) => {
            model.answer = Some("Hidden lines can't be marked".into());
            return;
        }
        None => return,
    };
    set(model, line, !model.marks.has(line));
    let count = model.marks.len() as u64;
    let key = model.keymap.key(crate::keymap::Action::MarkList);
    let hint = key.filter(|_| count > 0).map(|key| format!("; {key} lists them"));
    let marks = crate::human::plural(count, "mark");
    model.answer = Some(format!("{marks}{}", hint.unwrap_or_default()));
}

/// Marks a line or takes its mark away.
fn set(model: &mut Model, line: LineNo, on: bool) {
    if on {
        model.marks.lines.insert(line);
    } else {
        model.marks.lines.remove(&line);
    }
    model.dirty = true;
    save(model);
}

/// Takes the mark in a row away.
pub(super) fn delete(model: &mut Model, at: usize) {
    let line = model.marks.lines().nth(at);
    if let Some(line) = line {
        set(model, line, false);
    }
}

/// Opens the list, at the mark nearest to the cursor.
pub(super) fn list(model: &mut Model) {
    if model.marks.is_empty() {
        let key = model.keymap.key(crate::keymap::Action::Mark);
        let hint = key.map(|key| format!("; {key} marks this line")).unwrap_or_default();
        model.quoted = super::jumps::any(model);
        let again = model.keymap.key(crate::keymap::Action::MarkList).filter(|_| model.quoted);
        let again = again.map(|key| format!("; {key} again goes back")).unwrap_or_default();
        model.answer = Some(format!("No marks{hint}{again}"));
        return;
    }
    let cursor = model.cursor_line();
    let at = model.marks.lines().take_while(|line| *line <= cursor).count().saturating_sub(1);
    menu::open(model, MenuKind::Marks);
    if let Some(menu) = &mut model.menu {
        menu.list.at = at;
    }
}

/// What the log is remembered by; `None` for one that can't come again.
fn key(model: &Model) -> Option<String> {
    match &model.subject {
        Subject::Build(id) => {
            let served = model.build.as_ref().and_then(|build| build.id.clone());
            let id = id.as_ref().map(ToString::to_string).or(served)?;
            Some(format!("build:{id}"))
        }
        Subject::Text { .. } => model.file.as_ref().map(|path| format!("file:{path}")),
    }
}

/// What tells the log from another of that name.
fn head(model: &Model) -> (u32, u64) {
    match model.subject {
        Subject::Build(_) => (0, 0),
        Subject::Text { .. } => {
            let lines = model.log.store().complete().min(HEAD);
            (lines, print_of(model.log.store(), lines))
        }
    }
}

fn print_of(store: &Store, lines: u32) -> u64 {
    let texts: Vec<String> = (0..lines).map(|line| store.text(LineNo::new(line))).collect();
    fingerprint(texts.iter().map(String::as_str))
}

fn print_at(store: &Store, line: u32) -> u64 {
    fingerprint([store.text(LineNo::new(line)).as_str()])
}

/// Remembers the marks for the next runs.
pub(super) fn save(model: &mut Model) {
    if model.marks.restored != Restored::Yes {
        model.marks.restored = Restored::Changed;
        return;
    }
    let Some(log) = key(model) else { return };
    let store = model.log.store();
    let mut marks: Vec<Mark> = (model.marks.lines.iter())
        .map(|line| Mark { line: line.index(), text: print_at(store, line.index()) })
        .collect();
    marks.extend(&model.marks.waiting);
    marks.sort_unstable_by_key(|mark| mark.line);
    let change = Change::Marked(LogMarks { log, head: head(model), marks });
    model.remember(change);
}

/// Takes into account what was remembered, and sets the marks whose lines have
/// come by now.
pub(super) fn refresh(model: &mut Model) {
    if model.marks.restored != Restored::Yes {
        restore(model);
    }
    if model.marks.waiting.is_empty() {
        return;
    }
    let store = model.log.store();
    let there = store.complete();
    let all = model.over || model.log.is_read();
    let mut found = Vec::new();
    model.marks.waiting.retain(|mark| {
        if mark.line >= there && !all {
            return true;
        }
        match place(store, mark, there) {
            Some(line) => found.push(LineNo::new(line)),
            // It may have been pushed down by lines that haven't come yet.
            None => return !all && there < mark.line.saturating_add(REACH),
        }
        false
    });
    model.dirty |= !found.is_empty();
    model.marks.lines.extend(found);
}

fn restore(model: &mut Model) {
    if !model.is_remembered() {
        return;
    }
    let Some(key) = key(model) else { return };
    let known = model.memory.marks.iter().find(|known| known.log == key);
    if let Some(known) = known {
        let (lines, print) = known.head;
        if model.log.store().complete() < lines && !model.over && !model.log.is_read() {
            return;
        }
        if lines == 0 || print_of(model.log.store(), lines) == print {
            model.marks.waiting = known.marks.clone();
        }
    }
    let changed = model.marks.restored == Restored::Changed;
    model.marks.restored = Restored::Yes;
    if changed {
        save(model);
    }
}

/// The line that a mark is of, nearest to where it was.
fn place(store: &Store, mark: &Mark, there: u32) -> Option<u32> {
    (0..=REACH).find_map(|far| {
        let near = [mark.line.checked_sub(far), mark.line.checked_add(far)];
        near.into_iter().flatten().find(|line| *line < there && print_at(store, *line) == mark.text)
    })
}
