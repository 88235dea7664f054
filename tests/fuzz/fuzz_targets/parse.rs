//! The steps model on arbitrary bytes: no panic, and every line has one owner.

#![no_main]

use buildcat::domain::LineNo;
use buildcat::parse::dockerfile::Dockerfile;
use buildcat::parse::joins::joins;
use buildcat::parse::{Parser, line_role, payload, report};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let mut parser = Parser::new();
    for (at, line) in text.split('\n').enumerate() {
        let number = LineNo::new(at as u32);
        // A NUL stands for a place where lines are missing.
        if line == "\0" {
            parser.gap(number);
        } else {
            parser.line(number, line);
        }
        let _ = line_role(line);
    }
    parser.finish();
    let tree = parser.tree();
    let mut next = 0;
    for (lines, owner) in tree.runs() {
        assert_eq!(lines.start.index(), next);
        assert_eq!(tree.owner(lines.start), owner);
        next = lines.end.index();
    }
    assert_eq!(next, tree.len());
    let _ = report::json(tree, &report::plain_numbers, None);
    let _ = report::text(tree, 40, None, true);
    let _ = Dockerfile::parse(&text).place(tree);
    let numbered = text.split('\n').enumerate();
    let _ = joins(numbered.map(|(at, line)| (LineNo::new(at as u32), payload(line).1)));
});
