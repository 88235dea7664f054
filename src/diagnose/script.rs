//! Which complaint of a script ended it.
//!
//! A script prints a complaint and goes on, or ends with it, and its text isn't
//! in the log. What came after the complaint tells: a script that said more had
//! survived it, and the last words before its end are the reason.

use super::diagnosis::Offer;
use super::engine::Diagnoser;
use super::tolerated::Weight;
use crate::domain::LineNo;

/// Lowers the weight of what a script went on after.
pub(super) fn weigh(d: &Diagnoser, tail: &[(LineNo, String)], chosen: &mut [(u16, Vec<Offer>)]) {
    let Some((last, words)) = tail.iter().rev().find(|(_, text)| !text.trim().is_empty()) else {
        return;
    };
    let ending = ending(d, *last, words, tail, chosen);
    let later: Vec<LineNo> = chosen
        .iter()
        .filter(|(index, _)| d.rules.at(*index).is_some_and(|r| r.rank >= 40 && !r.tentative))
        .flat_map(|(_, offers)| offers)
        .filter(|offer| offer.weight == Weight::Full)
        .map(|offer| offer.line)
        .collect();
    // What the same rule knows of the end only repeats it.
    let repeats = |offers: &[Offer]| offers.last().is_some_and(|offer| offer.line >= *last);
    let others = chosen.iter_mut().filter(|(_, offers)| !repeats(offers));
    for offer in others.flat_map(|(_, offers)| offers) {
        if offer.weight != Weight::Full {
            continue;
        }
        let at = tail.partition_point(|(line, _)| *line <= offer.line);
        let own = at.checked_sub(1).and_then(|at| tail.get(at));
        let Some((_, text)) = own.filter(|(line, _)| *line == offer.line) else { continue };
        let between = tail.get(at..).unwrap_or_default();
        let survived = match ending {
            Some(Ending::Shell) => true,
            Some(Ending::Complaint(from)) => {
                speaker(text).is_some_and(|name| went_on(name, between, from))
            }
            None => false,
        };
        let without = || {
            let name = speaker(text)?;
            let (line, _) = goes_without(name, between)?;
            later.iter().any(|other| other > line).then_some(())
        };
        if survived || without().is_some() {
            offer.weight = Weight::Survived;
        }
    }
}

/// How a step's output ends.
#[derive(Clone, Copy)]
enum Ending {
    /// The shell itself says that it can't go on.
    Shell,
    /// A command, or Python code, complains from this line on.
    Complaint(LineNo),
}

/// The words that a step ends with, where they don't only miss what an earlier
/// command should have brought.
fn ending(
    d: &Diagnoser,
    last: LineNo,
    words: &str,
    tail: &[(LineNo, String)],
    chosen: &[(u16, Vec<Offer>)],
) -> Option<Ending> {
    let counts = |offer: &&Offer| offer.weight == Weight::Full;
    let of_rules = |wanted: &dyn Fn(&super::Rule) -> bool| {
        let fit = chosen.iter().filter(|(index, _)| d.rules.at(*index).is_some_and(wanted));
        fit.flat_map(|(_, offers)| offers).filter(counts).map(|offer| offer.line).max()
    };
    if of_rules(&|rule| is_fatal_to_shells(&rule.id)) == Some(last) {
        return Some(Ending::Shell);
    }
    let misses = |text: &str| MISSES.iter().any(|miss| text.contains(miss));
    let mut own = tail.iter().rev().filter(|(_, text)| !text.trim().is_empty());
    let name = speaker(words);
    if misses(words)
        || name.is_some_and(|name| {
            own.by_ref().take_while(|(_, text)| about(name, text)).any(|(_, text)| misses(text))
        })
    {
        return None;
    }
    let traceback = of_rules(&|rule| rule.id == "python-exception");
    if let Some(traceback) = traceback.filter(|_| super::resolve::is_exception(words)) {
        return Some(Ending::Complaint(traceback));
    }
    let known = of_rules(&|rule| rule.rank >= 40 && !rule.tentative) == Some(last);
    (known && (speaker(words).is_some() || by_a_shell(words))).then_some(Ending::Complaint(last))
}

/// Rules whose lines a shell prints when it ends.
fn is_fatal_to_shells(rule: &str) -> bool {
    matches!(rule, "unbound-variable" | "demanded-variable")
}

/// What something says that lacks what an earlier command should have brought.
const MISSES: [&str; 14] = [
    "No such file",
    "not found",
    "not find",
    "annot open",
    "annot stat",
    "can't open",
    "No module named",
    "not in gzip format",
    "tar archive",
    "not recognized",
    "nexpected end of",
    "doesn't exist",
    "does not exist",
    "JSONDecodeError",
];

/// Whether a script printed something else between a command's complaint and
/// the line that its last one begins with.
fn went_on(name: &str, between: &[(LineNo, String)], until: LineNo) -> bool {
    between
        .iter()
        .take_while(|(line, _)| *line < until)
        .any(|(_, text)| !text.trim().is_empty() && !about(name, text))
}

/// The line by which a script says that it goes on without what failed.
fn goes_without<'a>(name: &str, between: &'a [(LineNo, String)]) -> Option<&'a (LineNo, String)> {
    const WORDS: [&str; 10] = [
        "falling back",
        "fallback",
        "using ",
        "skipping",
        "skipped",
        "ignoring",
        "ignored",
        "continuing",
        "going on",
        "non-fatal",
    ];
    let mut said = between.iter().filter(|(_, text)| !text.trim().is_empty());
    let next = said.find(|(_, text)| !about(name, text))?;
    let lower = next.1.to_ascii_lowercase();
    let fails =
        ["error", "fatal", "failed"].iter().any(|word| lower.trim_start().starts_with(word));
    (!fails && WORDS.iter().any(|word| lower.contains(word))).then_some(next)
}

/// Whether a line belongs to a command's complaint: more of its own words.
fn about(name: &str, text: &str) -> bool {
    let bare = text.trim_start();
    let unpacks = |name: &str| matches!(name, "tar" | "gzip" | "xz" | "bzip2");
    let same = |other: &str| other == name || unpacks(other) && unpacks(name);
    speaker(bare).is_some_and(same)
        || bare.starts_with("Warning: ")
        || bare.starts_with("More details")
}

/// The command that says a line, of those that complain in one line:
/// `curl: (7) …`, `cp: cannot stat …`.
fn speaker(text: &str) -> Option<&str> {
    const TOOLS: [&str; 29] = [
        "awk", "bzip2", "cat", "chmod", "chown", "cmp", "cp", "curl", "diff", "find", "grep",
        "gzip", "install", "jq", "ln", "ls", "mkdir", "mv", "patch", "rm", "rmdir", "rsync", "sed",
        "tar", "touch", "unzip", "wget", "xz", "zip",
    ];
    let (name, _) = text.split_once(": ")?;
    let name = name.trim_end_matches(" (child)");
    let name = name.rsplit('/').next().unwrap_or(name);
    TOOLS.contains(&name).then_some(name)
}

/// Whether a shell says it: `./run.sh: line 3: …`, `run.sh: 3: …`, `sh: 1: …`.
fn by_a_shell(text: &str) -> bool {
    let Some((name, rest)) = text.split_once(": ") else { return false };
    let numbered = |rest: &str| {
        let rest = rest.strip_prefix("line ").unwrap_or(rest);
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        digits > 0 && rest.get(digits..).is_some_and(|rest| rest.starts_with(": "))
    };
    !name.is_empty() && !name.contains(' ') && numbered(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<(LineNo, String)> {
        text.lines()
            .enumerate()
            .map(|(at, line)| (LineNo::new(at as u32), line.to_owned()))
            .collect()
    }

    #[test]
    fn who_says_a_line() {
        assert_eq!(speaker("curl: (7) Failed to connect"), Some("curl"));
        assert_eq!(speaker("/usr/bin/tar: x: Cannot open"), Some("tar"));
        assert_eq!(speaker("ERROR: x"), None);
        assert!(by_a_shell("./run.sh: line 3: X: unbound variable"));
        assert!(by_a_shell("run.sh: 3: X: parameter not set") && by_a_shell("/bin/sh: 1: x: y"));
        assert!(!by_a_shell("bot.py: cannot be read") && !by_a_shell("12:30: late: x"));
    }

    #[test]
    fn more_words_of_the_same_command_are_no_progress() {
        let until = LineNo::new(9);
        assert!(went_on("curl", &lines("==> next\n"), until));
        assert!(!went_on("curl", &lines("\ncurl: (6) Could not resolve"), until));
        assert!(!went_on("tar", &lines("tar: Child returned status 2"), until));
        assert!(!went_on("curl", &lines("==> next"), LineNo::new(0)));
    }

    #[test]
    fn a_script_says_that_it_does_without() {
        let says = |text: &str| goes_without("curl", &lines(text)).is_some();
        assert!(says("warning: cache not reachable, using bundled prompts"));
        assert!(says("curl: (7) again\n  falling back to the mirror"));
        assert!(!says("error: no cache, using none") && !says("all done\nskipping"));
    }
}
