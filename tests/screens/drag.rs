//! A drag that leaves the log: it scrolls on by the clock, which the test moves.

use std::time::Duration;

use crate::harness::*;
use buildcat::app::{ItemNo, Message, Model, Now, Options, Place, Subject, next_tick};
use buildcat::domain::{FeedEvent, Patch};
use crossterm::event::{Event, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

const DOWN: MouseEventKind = MouseEventKind::Down(MouseButton::Left);
const DRAG: MouseEventKind = MouseEventKind::Drag(MouseButton::Left);
const UP: MouseEventKind = MouseEventKind::Up(MouseButton::Left);

/// A log on a screen, and what time it is there.
struct Screen {
    model: Model,
    start: Now,
    millis: u64,
}

impl Screen {
    fn new(lines: usize, width: u16, height: u16) -> Self {
        let options = Options { follow: false, ..Options::default() };
        let model = model_of(Subject::Text { name: "build.log".into() }, options);
        let mut screen = Self { start: model.now, model, millis: 0 };
        screen.tell(Message::Resize(width, height));
        screen.add(lines);
        screen
    }

    fn tell(&mut self, message: Message) {
        tell(&mut self.model, vec![message]);
    }

    fn add(&mut self, lines: usize) {
        let text: String = (1..=lines).map(|i| format!("this is line {i}\n")).collect();
        self.tell(Message::Feed(FeedEvent::Log(Patch::text(text))));
    }

    fn mouse(&mut self, kind: MouseEventKind, row: u16) {
        let (column, modifiers) = (20, KeyModifiers::NONE);
        self.tell(Message::Mouse(MouseEvent { kind, column, row, modifiers }));
    }

    fn keys(&mut self, script: &str) {
        for event in keys(script) {
            if let Event::Key(event) = event {
                self.tell(Message::Key(event));
            }
        }
    }

    /// Lets time pass as the loop does, which wakes when the model says so;
    /// how often it woke.
    fn wait(&mut self, millis: u64) -> usize {
        let end = self.millis + millis;
        let mut woken = 0;
        while let Some(at) = next_tick(&self.model) {
            let at = at.saturating_duration_since(self.start.instant).as_millis() as u64;
            if at > end {
                break;
            }
            self.at(at.max(self.millis));
            woken += 1;
            assert!(woken < 1000, "it never sleeps");
        }
        self.at(end);
        woken
    }

    fn at(&mut self, millis: u64) {
        self.millis = millis;
        let passed = Duration::from_millis(millis);
        let now = Now { instant: self.start.instant + passed, wall: self.start.wall + passed };
        self.tell(Message::Now(now));
    }

    fn last(&self) -> u32 {
        self.model.selected().unwrap().1.index()
    }

    fn top(&self) -> u32 {
        self.model.scroll.top.item.index()
    }
}

#[test]
fn it_scrolls_at_a_steady_pace_until_the_button_is_up() {
    let mut screen = Screen::new(1000, 80, 24);
    screen.mouse(DOWN, 10);
    screen.mouse(DRAG, 23);
    let before = screen.last();
    screen.wait(400);
    assert_eq!(screen.last(), before + 10);
    // Just as fast while the pointer moves about out there.
    for row in [22, 23].into_iter().cycle().take(80) {
        screen.mouse(DRAG, row);
        screen.wait(5);
    }
    assert_eq!(screen.last(), before + 20);
    // Back in the pane it stands still.
    screen.mouse(DRAG, 12);
    assert_eq!(screen.wait(1000), 0);
    screen.mouse(DRAG, 23);
    screen.wait(80);
    screen.mouse(UP, 23);
    let stood = screen.last();
    assert_eq!(screen.wait(1000), 0);
    assert_eq!(screen.last(), stood);
}

#[test]
fn it_stops_at_the_ends_and_goes_on_with_the_log() {
    let mut screen = Screen::new(40, 80, 24);
    screen.mouse(DOWN, 10);
    screen.mouse(DRAG, 23);
    screen.wait(3000);
    assert_eq!(screen.last(), 39);
    assert_eq!(screen.wait(10_000), 0);
    screen.add(5);
    screen.wait(1000);
    assert_eq!(screen.last(), 44);
    screen.mouse(DRAG, 0);
    screen.wait(3000);
    assert_eq!(screen.model.selected().unwrap().0, ItemNo::FIRST);
    assert_eq!(screen.model.scroll.top, Place::default());
    assert_eq!(screen.wait(10_000), 0);
}

/// Where the pane reaches to the edge of the screen, a pointer can't leave it.
#[test]
fn it_scrolls_on_the_first_row_of_the_screen() {
    let mut screen = Screen::new(100, 80, 9);
    screen.keys("G");
    screen.mouse(DOWN, 4);
    screen.mouse(DRAG, 1);
    assert_eq!(screen.wait(1000), 0);
    screen.mouse(DRAG, 0);
    let before = screen.top();
    screen.wait(400);
    assert_eq!(screen.top(), before - 10);
}

#[test]
fn it_ends_with_its_selection_and_under_what_covers_the_log() {
    for (script, back) in [("<esc>", ""), ("v", ""), ("?", "<esc>"), ("/", "<esc>"), ("&", "<esc>")]
    {
        let mut screen = Screen::new(1000, 80, 24);
        screen.mouse(DOWN, 10);
        screen.mouse(DRAG, 23);
        screen.wait(80);
        screen.keys(script);
        let scroll = screen.model.scroll;
        assert_eq!(screen.wait(1000), 0, "{script}");
        screen.keys(back);
        // The button may be up meanwhile, which the log wasn't told.
        assert_eq!(screen.wait(1000), 0, "{script}");
        screen.mouse(DRAG, 23);
        screen.wait(1000);
        assert_eq!(screen.model.scroll, scroll, "{script}");
    }
    let mut screen = Screen::new(1000, 80, 24);
    screen.mouse(DOWN, 10);
    screen.mouse(DRAG, 23);
    screen.tell(Message::Resize(80, 30));
    assert_eq!(screen.wait(1000), 0);
}

#[test]
fn lines_of_several_rows_go_by_one_by_one() {
    let mut screen = Screen::new(0, 40, 25);
    let text: String = (0..200).map(|i| format!("{i} {}\n", "word ".repeat(20))).collect();
    screen.tell(Message::Feed(FeedEvent::Log(Patch::text(text))));
    screen.keys("w");
    screen.mouse(DOWN, 10);
    // Whatever the row that it leaves by is part of.
    for edge in [21, 22, 23] {
        let before = screen.top();
        screen.mouse(DRAG, edge);
        assert!(screen.top() <= before + 1, "{edge}: from {before} to {}", screen.top());
    }
    for _ in 0..20 {
        let before = screen.top();
        screen.wait(40);
        assert!(screen.top() <= before + 1, "from {before} to {}", screen.top());
    }
}
