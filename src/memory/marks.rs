//! Marked lines of logs, remembered without their text.

use serde::{Deserialize, Serialize};

/// Logs whose marks are remembered.
const LOGS: usize = 100;

/// Marks that are remembered of one log.
const MARKS: usize = 1000;

/// The marks of a log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogMarks {
    /// Which log: `build:` and its id, or `file:` and the path.
    pub log: String,
    /// How many lines at its start tell it from others under that name, and
    /// their [`fingerprint`]. A build's id tells enough: none, and 0.
    #[serde(default)]
    pub head: (u32, u64),
    /// The marks, in the order of the lines.
    pub marks: Vec<Mark>,
}

/// A marked line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// The position of the line.
    pub line: u32,
    /// The [`fingerprint`] of its text: a log holds secrets more often than
    /// anyone would like, and they have no business here.
    pub text: u64,
}

/// A number that tells texts apart: FNV-1a, which stays the same for ever.
pub fn fingerprint<'a>(texts: impl IntoIterator<Item = &'a str>) -> u64 {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    let mut eat = |byte: u8| hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    for text in texts {
        text.bytes().for_each(&mut eat);
        eat(b'\n');
    }
    hash
}

/// Puts a log's marks in place of those known of it; none forget the log.
pub(super) fn put(list: &mut Vec<LogMarks>, marks: &LogMarks) {
    list.retain(|known| known.log != marks.log);
    if marks.marks.is_empty() {
        return;
    }
    let mut marks = marks.clone();
    marks.marks.truncate(MARKS);
    list.push(marks);
    let over = list.len().saturating_sub(LOGS);
    list.drain(..over);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(log: &str, lines: &[u32]) -> LogMarks {
        let marks = lines.iter().map(|&line| Mark { line, text: 7 }).collect();
        LogMarks { log: log.to_owned(), head: (0, 0), marks }
    }

    #[test]
    fn a_logs_marks_replace_those_before_and_none_forget_it() {
        let mut list = Vec::new();
        put(&mut list, &of("a", &[1]));
        put(&mut list, &of("b", &[2]));
        put(&mut list, &of("a", &[3, 4]));
        assert_eq!(list, [of("b", &[2]), of("a", &[3, 4])]);
        put(&mut list, &of("b", &[]));
        assert_eq!(list, [of("a", &[3, 4])]);
        for n in 0..2 * LOGS {
            put(&mut list, &of(&n.to_string(), &[1]));
        }
        assert_eq!(list.len(), LOGS);
    }

    #[test]
    fn a_fingerprint_is_the_same_for_ever() {
        assert_eq!(fingerprint([]), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fingerprint(["a"]), 0x089b_dc07_b544_e7b2);
        assert_ne!(fingerprint(["ab", "c"]), fingerprint(["a", "bc"]));
    }
}
