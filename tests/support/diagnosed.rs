//! A log diagnosed as the program reads it.

use std::sync::Arc;

use buildcat::diagnose::{Diagnoser, Diagnosis, Rules};
use buildcat::domain::LineNo;
use buildcat::parse::Parser;
use buildcat::text;

/// What is found in these lines, and what was parsed of them.
pub fn diagnosed<'a>(
    rules: &Arc<Rules>,
    raw: impl Iterator<Item = &'a [u8]>,
) -> (Diagnosis, Parser) {
    let mut scratch = String::new();
    let lines: Vec<String> = raw.map(|raw| text::clean(raw, &mut scratch).to_owned()).collect();
    let mut parser = Parser::new();
    let mut diagnoser = Diagnoser::new(rules.clone());
    for (at, line) in lines.iter().enumerate() {
        let number = LineNo::new(at as u32);
        parser.line(number, line);
        diagnoser.line(number, line, parser.tree());
    }
    parser.finish();
    diagnoser.finish();
    (diagnoser.diagnosis(parser.tree(), &lines), parser)
}
