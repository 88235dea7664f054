//! Long lines that were looked at, made clean.

use std::collections::VecDeque;
use std::rc::Rc;

use crate::text::{LONG, Seen};

/// Bytes of text that are kept: the lines of a screen of megabytes.
const KEPT: usize = 24 << 20;

/// The long lines looked at last, by number; they are complete, and so don't
/// change before the log is cut off.
#[derive(Debug, Default)]
pub(super) struct Sight {
    lines: VecDeque<(u32, Rc<Seen>)>,
    bytes: usize,
}

impl Sight {
    /// A line that is kept.
    pub(super) fn get(&self, line: u32) -> Option<Rc<Seen>> {
        self.lines.iter().find(|(kept, _)| *kept == line).map(|(_, text)| Rc::clone(text))
    }

    /// Keeps a line if it is long; the one kept longest goes. Shorter ones are
    /// made clean again for every frame: that is cheap.
    pub(super) fn keep(&mut self, line: u32, text: &Rc<Seen>) {
        let size = text.text.len();
        if !(LONG..=KEPT).contains(&size) {
            return;
        }
        self.lines.push_back((line, Rc::clone(text)));
        self.bytes += size;
        while self.bytes > KEPT
            && let Some((_, gone)) = self.lines.pop_front()
        {
            self.bytes -= gone.text.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Line;

    fn line(bytes: usize) -> Rc<Seen> {
        Rc::new(Line::unstyled("x".repeat(bytes)).into())
    }

    #[test]
    fn long_lines_are_kept_within_bounds() {
        let mut sight = Sight::default();
        sight.keep(1, &line(100));
        assert!(sight.get(1).is_none());
        for no in 0..30 {
            sight.keep(no, &line(1 << 20));
        }
        assert!(sight.get(5).is_none() && sight.get(29).is_some());
        assert!(sight.bytes <= KEPT && sight.lines.len() == 24);
    }
}
