//! Which region of the screen is where.
//!
//! ```text
//! ┌ top      ✗ failed  7f3f8c1e  us-west  acme/bot@0123456      1m 42s  2s ago
//! │ context  BUILD › [2/3] RUN uv sync --locked
//! │ log        57   #9 0.421 Resolving…
//! │            58 ✗ #9 0.431 error: …
//! │ head     ─ Steps ──────────────┬─ Findings ───────────────────────────────
//! │ panels    ✓ 1/3 FROM …   0.2s  │ ✗ uv.lock is out of date
//! │           ✗ 2/3 RUN uv   0.9s  │   58 │ error: the lockfile …
//! │ cause    ✗ "/uv.lock" isn't in the upload              line 58 · step 2/3
//! │ bar      step 2/3 RUN uv sync --locked      58 lines  2 failures  following
//! └ foot     ? keys  / search  e failures  q quit         (or prompt, or notice)
//! ```
//!
//! The panels lie below the log and not beside it, so that the log's rows are
//! the whole screen's: a terminal can then be told to move them, which a line
//! scrolled needs some hundred bytes for instead of some thousand.
//!
//! On a screen too narrow or too low for panels, the pane that has the keys
//! takes the place of the log. As rows get few, regions go in the order of
//! what a reader misses least: the hints, the top bar, the context, the
//! cause's row (its text moves into the bar).

use ratatui::layout::Rect;

use super::panes::{Pane, Panes};

/// The least screen that a log can be read on.
pub const LEAST: (u16, u16) = (16, 4);

/// The least screen that has panels below the log.
pub const ROOMY: (u16, u16) = (100, 20);

/// The largest screen that is drawn on; of a larger one the rest stays empty. A
/// terminal may call itself any size, and a picture takes memory for each cell.
pub const LARGEST: (u16, u16) = (2000, 1000);

/// The least rows of a screen that a hint is shown on.
pub(super) const HINTABLE: u16 = 16;

/// The most rows that a notice takes on a screen of so many.
pub(super) fn most_notice(height: u16) -> u16 {
    match height {
        ..12 => 1,
        12..HINTABLE => 2,
        _ => 4,
    }
}

/// Columns from which a finding's detail has a panel beside the list's.
pub const WIDE: u16 = 150;

/// The regions; those that there is no room for have no height.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    /// The build: status, id, where from, how long, connection.
    pub top: Rect,
    /// What the first line in sight belongs to; the title of a pane that takes
    /// the log's place.
    pub context: Rect,
    /// The log pane; has its size even while another pane covers it.
    pub log: Rect,
    /// The titles of the panels below the log.
    pub head: Rect,
    /// The steps panel.
    pub steps: Rect,
    /// The findings panel.
    pub findings: Rect,
    /// The detail of a finding.
    pub detail: Rect,
    /// The timeline.
    pub timeline: Rect,
    /// The likeliest cause, or the result.
    pub cause: Rect,
    /// What is said once, at the first start.
    pub hint: Rect,
    /// The position: step, lines, failures, following.
    pub bar: Rect,
    /// Hints, the search prompt, or a notice.
    pub foot: Rect,
    /// The pane that takes the log's place, if one does.
    pub over: Option<Pane>,
    /// Too small for any of it.
    pub too_small: bool,
}

/// What wants to be shown besides the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// A cause or a result.
    pub cause: bool,
    /// The rows of a prompt or a notice (hints alone aren't a need).
    pub foot: u16,
    /// Phases or steps.
    pub steps: bool,
    /// Findings.
    pub findings: bool,
    /// A finding in full.
    pub detail: bool,
    /// What is said at the first start.
    pub hint: bool,
}

impl Layout {
    /// The regions of a screen.
    pub fn of(width: u16, height: u16, needs: Needs, panes: &Panes) -> Self {
        if width < LEAST.0 || height < LEAST.1 {
            return Self { too_small: true, ..Self::default() };
        }
        let panels = Self::panels(width, height, needs, panes);
        let alone = !Self::is_roomy(width, height) || panes.full;
        let over = match panes.focus {
            Pane::Timeline => Some(Pane::Timeline),
            pane => Some(pane).filter(|pane| alone && *pane != Pane::Log),
        };
        let found = over == Some(Pane::Findings)
            || over.is_none() && panels.iter().flatten().any(|p| *p == Pane::Findings);

        let top = u16::from(height >= 10);
        let context = u16::from(height >= 10);
        // The findings say it already.
        let cause = u16::from(needs.cause && height >= 7 && !found);
        let foot = needs.foot.min(most_notice(height)).max(u16::from(height >= 10));
        let hint = if needs.hint && height >= HINTABLE { 2 } else { 0 };
        let bar = 1;
        let free = height - top - context - cause - hint - foot - bar;
        let dock = if panels.iter().flatten().next().is_some() {
            let wish = panes.dock.unwrap_or((height * 3 / 10).clamp(6, 16));
            wish.clamp(3, free.saturating_sub(6).max(3))
        } else {
            0
        };
        let head = u16::from(dock > 0);
        let log = free - dock - head;
        let mut y = 0;
        let mut take = |rows: u16| {
            let area = Rect::new(0, y, width, rows);
            y += rows;
            area
        };
        let mut layout = Self {
            top: take(top),
            context: take(context),
            log: take(log),
            head: take(head),
            ..Self::default()
        };
        let area = take(dock);
        layout.share(area, panels, panes);
        layout.hint = take(hint);
        layout.cause = take(cause);
        layout.bar = take(bar);
        layout.foot = take(foot);
        layout.over = over;
        match over {
            Some(Pane::Steps) => layout.steps = layout.log,
            Some(Pane::Findings) => layout.findings = layout.log,
            Some(Pane::Detail) => layout.detail = layout.log,
            Some(Pane::Timeline) => layout.timeline = layout.log,
            Some(Pane::Log) | None => {}
        }
        layout
    }

    /// Whether a screen has room for panels below the log.
    pub fn is_roomy(width: u16, height: u16) -> bool {
        width >= ROOMY.0 && height >= ROOMY.1
    }

    /// The panels below the log, from left to right.
    fn panels(width: u16, height: u16, needs: Needs, panes: &Panes) -> [Option<Pane>; 3] {
        if panes.full || panes.focus == Pane::Timeline || !Self::is_roomy(width, height) {
            return [None; 3];
        }
        let steps = needs.steps.then_some(Pane::Steps);
        let findings = needs.findings.then_some(Pane::Findings);
        let detail = (needs.findings && needs.detail).then_some(Pane::Detail);
        match detail {
            // No room for both: the one that has the keys, else the detail.
            Some(_) if width < WIDE && panes.focus == Pane::Findings => [steps, findings, None],
            Some(_) if width < WIDE => [steps, None, detail],
            _ => [steps, findings, detail],
        }
    }

    fn share(&mut self, area: Rect, panels: [Option<Pane>; 3], panes: &Panes) {
        let count = panels.iter().flatten().count() as u16;
        if count == 0 {
            return;
        }
        let first = match (panes.split, count) {
            (_, 1) => 100,
            (Some(percent), _) => percent.clamp(15, 85),
            (None, 2) => 45,
            (None, _) => 34,
        };
        let mut x = area.x;
        let mut left = count;
        for (n, pane) in panels.iter().flatten().enumerate() {
            let room = area.right() - x;
            let width = match (n, left) {
                (_, 1) => room,
                (0, _) => (u32::from(area.width) * u32::from(first) / 100) as u16,
                _ => room / left,
            };
            let part = Rect { x, width, ..area };
            match pane {
                Pane::Steps => self.steps = part,
                Pane::Findings => self.findings = part,
                Pane::Detail => self.detail = part,
                Pane::Log | Pane::Timeline => {}
            }
            // A column between two panels.
            x = (x + width + 1).min(area.right());
            left -= 1;
        }
    }

    /// The panels below the log, with their titles.
    pub fn dock(&self) -> Rect {
        Rect { height: self.hint.y.saturating_sub(self.head.y), ..self.head }
    }

    /// The log and the row above it: where words instead of a log go.
    pub fn main(&self) -> Rect {
        Rect { height: self.context.height + self.log.height, ..self.context }
    }

    /// All rows between the bars at the top and those at the bottom: where help
    /// goes.
    pub fn middle(&self) -> Rect {
        Rect { height: self.cause.y.saturating_sub(self.context.y), ..self.context }
    }

    /// Where a pane is; nowhere, with no height, if it isn't to be seen.
    pub fn pane(&self, pane: Pane) -> Rect {
        match pane {
            Pane::Log if self.over.is_some() => Rect::default(),
            Pane::Log => self.log,
            Pane::Steps => self.steps,
            Pane::Findings => self.findings,
            Pane::Detail => self.detail,
            Pane::Timeline => self.timeline,
        }
    }
}

/// The columns left of the log's text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gutter {
    /// Columns of the line number; 0 when there is no room for it.
    pub digits: u16,
    /// Columns of the time, the space after it included; 0 for none.
    pub time: u16,
    /// All columns: number, cursor, sign, time, and the space after it.
    pub width: u16,
}

/// Columns of a screen that has room for times beside the lines.
pub(super) const TIMES: u16 = 60;

impl Gutter {
    /// The gutter of a log whose largest line number is `number`, with a time
    /// column of `time` columns where there is room for it.
    pub fn of(width: u16, number: u64, time: u16) -> Self {
        let digits = number.max(1).ilog10() as u16 + 1;
        if width < 40 {
            return Self { digits: 0, time: 0, width: 2 };
        }
        let digits = digits.max(3);
        let time = if width < TIMES { 0 } else { time };
        Self { digits, time, width: digits + 3 + time }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_fill_the_screen_and_never_overlap() {
        let all =
            Needs { cause: true, foot: 9, steps: true, findings: true, detail: true, hint: true };
        for width in [0, 1, 15, 16, 20, 80, 100, 120, 200, 400] {
            for height in 0..70 {
                for needs in [
                    Needs::default(),
                    Needs { cause: true, ..Needs::default() },
                    Needs { cause: true, foot: 1, ..Needs::default() },
                    Needs { steps: true, findings: true, ..Needs::default() },
                    all,
                ] {
                    for focus in Pane::ALL.into_iter().chain([Pane::Timeline]) {
                        for (full, dock) in [(false, None), (true, None), (false, Some(60))] {
                            let panes = Panes { focus, full, dock, ..Panes::default() };
                            whole(width, height, needs, &panes);
                        }
                    }
                }
            }
        }
    }

    fn whole(width: u16, height: u16, needs: Needs, panes: &Panes) {
        let l = Layout::of(width, height, needs, panes);
        if l.too_small {
            assert!(width < LEAST.0 || height < LEAST.1);
            return;
        }
        let dock = if l.over.is_some() {
            0
        } else {
            [l.steps, l.findings, l.detail].iter().map(|r| r.height).max().unwrap_or(0)
        };
        let rows = [l.top, l.context, l.log, l.head, l.hint, l.cause, l.bar, l.foot];
        let sum = rows.iter().map(|r| r.height).sum::<u16>() + dock;
        assert_eq!(sum, height, "{width}x{height} {needs:?} {panes:?}\n{l:?}");
        assert!(l.log.height >= 2, "{width}x{height}");
        let most = most_notice(height);
        assert_eq!(l.foot.height, needs.foot.min(most).max(u16::from(height >= 10)));
        let panels = [l.steps, l.findings, l.detail];
        for (i, a) in panels.iter().enumerate() {
            assert!(a.right() <= width && a.bottom() <= height);
            assert!(panels.iter().skip(i + 1).all(|b| a.intersection(*b).is_empty()));
        }
    }

    #[test]
    fn narrow_screens_have_one_pane_and_wide_ones_up_to_four() {
        let needs = Needs { steps: true, findings: true, detail: true, ..Needs::default() };
        let shown = |width, height, focus| {
            let l = Layout::of(width, height, needs, &Panes { focus, ..Panes::default() });
            Pane::ALL.map(|pane| !l.pane(pane).is_empty())
        };
        assert_eq!(shown(80, 24, Pane::Log), [true, false, false, false]);
        assert_eq!(shown(80, 24, Pane::Findings), [false, false, true, false]);
        assert_eq!(shown(120, 40, Pane::Log), [true, true, false, true]);
        assert_eq!(shown(120, 40, Pane::Findings), [true, true, true, false]);
        assert_eq!(shown(200, 50, Pane::Log), [true, true, true, true]);
    }

    #[test]
    fn the_gutter_grows_with_the_log_and_goes_on_narrow_screens() {
        assert_eq!(Gutter::of(80, 9, 0), Gutter { digits: 3, time: 0, width: 6 });
        assert_eq!(Gutter::of(80, 12_345, 10), Gutter { digits: 5, time: 10, width: 18 });
        assert_eq!(Gutter::of(20, 12_345, 10), Gutter { digits: 0, time: 0, width: 2 });
    }
}
