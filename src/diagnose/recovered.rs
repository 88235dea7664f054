//! Which troubles of the network a step got over.
//!
//! A tool that tries again says so, and then goes on as if nothing had been:
//! such a line is no cause. It is one when the tool gave up in the end, or when
//! nothing shows that it ever got what it asked for.

use super::tolerated::Weight;
use crate::domain::LineNo;

/// A tool that fetches things and words its trouble in a way of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tool {
    Pip,
    Apt,
    Apk,
    Curl,
    Wget,
    Uv,
    Npm,
}

const TOOLS: usize = 7;

/// What a line says of a tool's luck.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Said {
    /// It tries again.
    Again,
    /// Something couldn't be fetched; whether that matters shows later.
    Trouble,
    /// It gave up.
    GaveUp,
    /// It has what it wanted.
    Went,
    /// It has part of what it wanted.
    Partly,
}

/// The lines of a step that tell of trouble, by how much they count.
#[derive(Debug, Default)]
pub(super) struct Recovered {
    /// The first line that was looked at.
    first: Option<LineNo>,
    weights: Vec<(LineNo, Weight)>,
}

impl Recovered {
    /// Judges a step's last lines, which are given ascending.
    pub(super) fn of(lines: &[(LineNo, String)]) -> Self {
        let mut said: Vec<(LineNo, Tool, Said, bool)> = Vec::new();
        // apt warns a second time of what it has already gone on without.
        let (mut fetched, mut aside) = (false, false);
        for (at, (line, text)) in lines.iter().enumerate() {
            let before = at.checked_sub(1).and_then(|at| lines.get(at));
            let after = lines.get(at + 1..).unwrap_or_default();
            let before = before.map_or("", |(_, text)| text.as_str());
            let Some((tool, what)) = tells(before, text, after) else { continue };
            if tool == Tool::Apt {
                let names = text.contains("://");
                match what {
                    Said::Partly => fetched = true,
                    Said::Trouble if text.starts_with("Err:") => fetched = false,
                    _ => {}
                }
                if names {
                    aside = beside(text);
                }
                let passed = fetched && aside && text.starts_with("W: ");
                said.push((*line, tool, if passed { Said::Again } else { what }, aside || passed));
            } else {
                said.push((*line, tool, what, false));
            }
        }
        Self { first: lines.first().map(|(line, _)| *line), weights: judge(&said) }
    }

    /// How much a line counts.
    pub(super) fn weight(&self, line: LineNo, text: &str) -> Weight {
        if self.first.is_some_and(|first| line < first) {
            // Thousands of lines came after it.
            let got_over = matches!(tells("", text, &[]), Some((_, Said::Again | Said::Trouble)));
            return if got_over { Weight::Ignored } else { Weight::Full };
        }
        let at = self.weights.binary_search_by_key(&line, |(line, _)| *line);
        at.ok().and_then(|at| self.weights.get(at)).map_or(Weight::Full, |(_, weight)| *weight)
    }
}

/// From the last line to the first, what became of each trouble.
fn judge(said: &[(LineNo, Tool, Said, bool)]) -> Vec<(LineNo, Weight)> {
    #[derive(Clone, Copy, Default)]
    struct Later {
        gave_up: bool,
        went: bool,
        partly: bool,
    }
    let mut later = [Later::default(); TOOLS];
    let mut weights = Vec::with_capacity(said.len());
    for (line, tool, what, aside) in said.iter().rev() {
        let Some(later) = later.get_mut(*tool as usize) else { continue };
        let weight = match what {
            Said::Went => {
                *later = Later { gave_up: false, went: true, partly: false };
                continue;
            }
            Said::Partly => {
                later.partly |= !later.gave_up;
                continue;
            }
            Said::Again | Said::Trouble if later.gave_up => Weight::Full,
            Said::Again | Said::Trouble if later.went => Weight::Ignored,
            Said::Again | Said::Trouble if *tool == Tool::Apt && *aside => {
                if later.partly || *what == Said::Again { Weight::Ignored } else { Weight::Full }
            }
            Said::Again => Weight::Survived,
            Said::GaveUp if later.went => Weight::Survived,
            Said::Trouble | Said::GaveUp => {
                // apt's warnings stand for themselves; the others' last try ends them.
                later.gave_up = *what == Said::GaveUp || *tool != Tool::Apt;
                Weight::Full
            }
        };
        weights.push((*line, weight));
    }
    weights.reverse();
    weights
}

/// What a line says of a tool's luck, if anything.
fn tells(before: &str, text: &str, after: &[(LineNo, String)]) -> Option<(Tool, Said)> {
    let bare = text.trim_start();
    let soon = |words: &str| after.iter().take(2).any(|(_, text)| text.contains(words));
    let starts = |all: &[&str]| all.iter().any(|words| bare.starts_with(words));
    if let Some((_, left)) = bare.split_once("Retrying (Retry(total=") {
        let last = left.starts_with("0,") || left.starts_with("0)");
        return Some((Tool::Pip, if last { Said::Trouble } else { Said::Again }));
    }
    if starts(&["Collecting ", "Downloading ", "Using cached ", "Successfully installed "]) {
        return Some((Tool::Pip, Said::Went));
    }
    if bare.contains("ConnectionPool(host=") {
        return Some((Tool::Pip, Said::GaveUp));
    }
    let reason =
        text.starts_with("  ") && (before.starts_with("Err:") || before.starts_with("Ign:"));
    if reason || starts(&["Err:", "Ign:", "W: Failed to fetch "]) {
        return Some((Tool::Apt, Said::Trouble));
    }
    if starts(&["E: Failed to fetch ", "E: Unable to fetch some archives"]) {
        return Some((Tool::Apt, Said::GaveUp));
    }
    if bare.starts_with("Fetched ") && bare.contains("B in ") {
        return Some((Tool::Apt, Said::Partly));
    }
    if starts(&["Setting up ", "Unpacking ", "Selecting previously "]) {
        return Some((Tool::Apt, Said::Went));
    }
    if starts(&["WARNING: fetching http", "WARNING: Ignoring http", "WARNING: opening http"]) {
        return Some((Tool::Apk, Said::Trouble));
    }
    if bare.starts_with("OK: ") && bare.ends_with(" packages") {
        return Some((Tool::Apk, Said::Went));
    }
    if bare.starts_with("curl: (") {
        let again = soon("Will retry in ");
        return Some((Tool::Curl, if again { Said::Again } else { Said::GaveUp }));
    }
    if starts(&["Connecting to ", "Resolving "]) && bare.contains("failed: ")
        || bare.starts_with("Read error at byte ")
    {
        let again = bare.ends_with("Retrying.") || soon("Retrying.");
        return Some((Tool::Wget, if again { Said::Again } else { Said::Trouble }));
    }
    if bare == "Giving up." {
        return Some((Tool::Wget, Said::GaveUp));
    }
    if bare.contains("awaiting response... 2") || bare.contains(" saved [") {
        return Some((Tool::Wget, Said::Went));
    }
    if bare.starts_with("Connecting to ") && bare.ends_with(" connected.") {
        return Some((Tool::Wget, Said::Went));
    }
    if ["Failed to fetch: `", "Request failed after ", "error sending request for url"]
        .iter()
        .any(|words| bare.contains(words))
    {
        return Some((Tool::Uv, Said::GaveUp));
    }
    if starts(&["Installed ", "Audited "]) && bare.contains(" package") {
        return Some((Tool::Uv, Said::Went));
    }
    if bare.starts_with("npm http fetch ") && bare.contains(" attempt ") {
        return Some((Tool::Npm, Said::Again));
    }
    if bare.starts_with("added ") && bare.contains(" package") {
        return Some((Tool::Npm, Said::Went));
    }
    None
}

/// Whether an address of apt's is one that a build can do without: the updates
/// beside a release, not the release.
fn beside(text: &str) -> bool {
    ["-updates", "-security", "-backports", "-proposed"].iter().any(|pocket| text.contains(pocket))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<Weight> {
        let lines: Vec<(LineNo, String)> = text
            .lines()
            .enumerate()
            .map(|(at, line)| (LineNo::new(at as u32), line.to_owned()))
            .collect();
        let judged = Recovered::of(&lines);
        lines.iter().map(|(line, text)| judged.weight(*line, text)).collect()
    }

    const AGAIN: &str = "WARNING: Retrying (Retry(total=4, connect=None)) after connection";
    const LAST: &str = "WARNING: Retrying (Retry(total=0, connect=None)) after connection";

    #[test]
    fn a_retry_that_helped_counts_for_nothing() {
        use Weight::*;
        assert_eq!(of(&format!("{AGAIN}\nCollecting x\nTraceback")), [Ignored, Full, Full]);
        assert_eq!(of(&format!("{AGAIN}\nERROR: No matching")), [Survived, Full]);
        assert_eq!(of(&format!("{AGAIN}\n{LAST}\nERROR: No matching")), [Full, Full, Full]);
        // A dead second index, and the package found in the first.
        let both = format!("{AGAIN}\n{LAST}\nCollecting x\n{AGAIN}\n{LAST}");
        assert_eq!(of(&both), [Ignored, Ignored, Full, Full, Full]);
    }

    #[test]
    fn apt_goes_on_without_the_updates_but_not_without_the_release() {
        use Weight::*;
        let aside = "Err:2 http://deb.example/debian trixie-updates InRelease\n  Could not connect\n\
                     Fetched 9910 kB in 2s (6 kB/s)\n\
                     W: Failed to fetch http://deb.example/debian/dists/trixie-updates/InRelease  x";
        assert_eq!(of(aside), [Ignored, Ignored, Full, Ignored]);
        assert_eq!(of(&aside.replace("-updates", "")), [Full; 4]);
        let went = format!("{}\nSetting up git (1:2.4)", aside.replace("-updates", ""));
        assert_eq!(of(&went), [Ignored, Ignored, Full, Ignored, Full]);
        let gave_up = format!("{aside}\nE: Failed to fetch http://deb.example/x.deb  y");
        assert_eq!(of(&gave_up).first(), Some(&Full));
    }

    #[test]
    fn curl_and_wget_say_when_they_try_again() {
        use Weight::*;
        let curl = "curl: (28) timed out\nWarning: Problem: timeout. Will retry in 1 seconds.";
        assert_eq!(of(curl), [Survived, Full]);
        assert_eq!(of(&format!("{curl}\ncurl: (28) timed out")), [Full; 3]);
        let wget = "Connecting to x|1.2.3.4|:443... failed: Connection timed out.\nRetrying.";
        assert_eq!(of(wget), [Survived, Full]);
        assert_eq!(of(&format!("{wget}\nGiving up.")), [Full; 3]);
        let went = format!("{wget}\nHTTP request sent, awaiting response... 200 OK");
        assert_eq!(of(&went), [Ignored, Full, Full]);
    }
}
