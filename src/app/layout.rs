//! Which region of the screen is where.
//!
//! ```text
//! ┌ top    ✗ failed  7f3f8c1e  us-west  acme/bot@0123456        1m 42s  2s ago
//! │ log      57   #9 0.421 Resolving…
//! │          58 ✗ #9 0.431 error: …
//! │ cause  ✗ "/uv.lock" isn't in the upload                line 58 · step 2/3
//! │ bar    step 2/3 RUN uv sync --locked        58 lines  2 failures  following
//! └ foot   ? keys  / search  e failures  q quit           (or prompt, or notice)
//! ```
//!
//! As rows get few, regions go in the order of what a reader misses least:
//! the hints, the top bar, the cause's row (its text moves into the bar).

use ratatui::layout::Rect;

/// The least screen that a log can be read on.
pub const LEAST: (u16, u16) = (16, 4);

/// The regions; those that there is no room for have no height.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    /// The build: status, id, where from, how long, connection.
    pub top: Rect,
    /// The log pane.
    pub log: Rect,
    /// The likeliest cause, or the result.
    pub cause: Rect,
    /// The position: step, lines, failures, following.
    pub bar: Rect,
    /// Hints, the search prompt, or a notice.
    pub foot: Rect,
    /// Too small for any of it.
    pub too_small: bool,
}

/// What wants to be shown besides the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// A cause or a result.
    pub cause: bool,
    /// A prompt or a notice (hints alone aren't a need).
    pub foot: bool,
}

impl Layout {
    /// The regions of a screen.
    pub fn of(width: u16, height: u16, needs: Needs) -> Self {
        if width < LEAST.0 || height < LEAST.1 {
            return Self { too_small: true, ..Self::default() };
        }
        let top = u16::from(height >= 10);
        let cause = u16::from(needs.cause && height >= 7);
        let foot = u16::from(needs.foot || height >= 10);
        let bar = 1;
        let log = height - top - cause - foot - bar;
        let mut y = 0;
        let mut take = |rows: u16| {
            let area = Rect::new(0, y, width, rows);
            y += rows;
            area
        };
        Self {
            top: take(top),
            log: take(log),
            cause: take(cause),
            bar: take(bar),
            foot: take(foot),
            too_small: false,
        }
    }
}

/// The columns left of the log's text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gutter {
    /// Columns of the line number; 0 when there is no room for it.
    pub digits: u16,
    /// All columns: number, cursor, sign, and the space after it.
    pub width: u16,
}

impl Gutter {
    /// The gutter of a log whose largest line number is `number`.
    pub fn of(width: u16, number: u64) -> Self {
        let digits = number.max(1).ilog10() as u16 + 1;
        if width < 40 {
            return Self { digits: 0, width: 2 };
        }
        let digits = digits.max(3);
        Self { digits, width: digits + 3 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_fill_the_screen_and_never_overlap() {
        for width in [0, 1, 15, 16, 20, 80, 400] {
            for height in 0..60 {
                for needs in [
                    Needs::default(),
                    Needs { cause: true, foot: false },
                    Needs { cause: true, foot: true },
                ] {
                    let l = Layout::of(width, height, needs);
                    if l.too_small {
                        assert!(width < LEAST.0 || height < LEAST.1);
                        continue;
                    }
                    let rows = [l.top, l.log, l.cause, l.bar, l.foot];
                    assert_eq!(rows.iter().map(|r| r.height).sum::<u16>(), height);
                    assert!(l.log.height >= 2, "{width}x{height}");
                    assert_eq!(l.foot.height, u16::from(needs.foot || height >= 10));
                }
            }
        }
    }

    #[test]
    fn the_gutter_grows_with_the_log_and_goes_on_narrow_screens() {
        assert_eq!(Gutter::of(80, 9), Gutter { digits: 3, width: 6 });
        assert_eq!(Gutter::of(80, 12_345), Gutter { digits: 5, width: 8 });
        assert_eq!(Gutter::of(20, 12_345), Gutter { digits: 0, width: 2 });
    }
}
