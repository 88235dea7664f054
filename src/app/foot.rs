//! What stands in the last rows: answers, notices, and what is typed.

use crate::domain::Health;
use crate::text;

use super::layout::most_notice;
use super::model::Model;

/// Columns that the keys beside the last line of a notice take, each.
const KEY: usize = 12;

/// Columns that a counter takes beside what is said.
const COUNTER: usize = 24;

impl Model {
    /// What is said in the last rows, if it is the answer to a key or a notice,
    /// in the lines that it takes: more than one where it is long and the screen
    /// has room, and the last of those with room for what stands beside it.
    pub fn said_lines(&self) -> Vec<String> {
        let asks = self.prompt.is_some() || self.ask.is_some();
        if asks || self.count.is_some() || !self.pending.is_empty() {
            return Vec::new();
        }
        if let Some(answer) = &self.answer {
            return self.folded(answer, self.find.as_ref().map_or(0, |_| COUNTER));
        }
        let busy = self.outgoing.is_some() || self.selection.is_some();
        let Some(notice) = self.notice.as_ref().filter(|_| !busy) else { return Vec::new() };
        let keys = if self.can_retry() { 2 } else { 1 };
        self.folded(&format!("! {notice}"), keys * KEY)
    }

    /// What is wrong with what is being typed, in lines above it, where there is
    /// no room for that beside it.
    pub fn prompt_lines(&self) -> Vec<String> {
        let Some(prompt) = self.prompt.as_ref().filter(|_| self.help.is_none()) else {
            return Vec::new();
        };
        let broken = prompt.broken.as_ref().map(|broken| &broken.sentence);
        let Some(said) = broken.or(prompt.note.as_ref()) else { return Vec::new() };
        let counter = if prompt.takes_expressions() { COUNTER } else { 0 };
        let typed = text::width(prompt.input.value()) + counter + KEY;
        let width = usize::from(self.width.saturating_sub(2)).max(1);
        let most = usize::from(most_notice(self.height));
        if most == 1 || text::width(said) + typed <= width {
            return Vec::new();
        }
        let mut lines = text::fold(said, width);
        lines.truncate(most - 1);
        lines
    }

    /// The rows that the foot needs.
    pub(super) fn foot(&self) -> u16 {
        let rows = match self.said_lines().len() {
            0 if self.prompt.is_some() => self.prompt_lines().len() + 1,
            0 => usize::from(
                self.ask.is_some()
                    || self.outgoing.is_some()
                    || self.selection.is_some()
                    || !self.pending.is_empty()
                    || self.count.is_some(),
            ),
            rows => rows,
        };
        u16::try_from(rows).unwrap_or(u16::MAX)
    }

    /// Whether asking again may help.
    pub fn can_retry(&self) -> bool {
        matches!(self.health, Health::Stopped { .. } | Health::Retrying { .. }) && !self.over
    }

    /// A text in lines, with so many columns left beside the last.
    fn folded(&self, said: &str, beside: usize) -> Vec<String> {
        let width = usize::from(self.width.saturating_sub(2)).max(1);
        let most = usize::from(most_notice(self.height));
        if most == 1 || text::width(said) + beside <= width {
            return vec![said.to_owned()];
        }
        let mut lines = text::fold(said, width);
        if lines.last().is_some_and(|last| text::width(last) + beside > width) {
            lines.push(String::new());
        }
        if lines.len() > most {
            let rest = lines.split_off(most - 1).join(" ");
            lines.push(rest.trim_end().to_owned());
        }
        lines
    }
}
