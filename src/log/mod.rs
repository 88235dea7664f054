//! A log and all that is derived from it.
//!
//! ```text
//!   FeedEvent ──► apply / grew / reopened / end ──► Store      (append)
//!                                                     │ derive(budget)
//!                                                     ▼
//!                              Parser ─► Tree ─► Diagnoser ─► Diagnosis
//! ```
//!
//! Ingest is one path for every source: what arrives is appended, then the new
//! lines are handed to whatever derives from them, each exactly once and in
//! order. Deriving is cut into slices so that keys are answered in between
//! while a big file is being read.

mod rules;

use std::fs::File;
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use crate::diagnose::{Diagnoser, Diagnosis, Lines};
use crate::domain::{Build, LineNo, Patch};
use crate::parse::{Parser, Tree, carried};
use crate::store::Store;
use crate::text;

pub use rules::LateRules;

/// How many bytes of log one slice of deriving takes, so that a slice stays
/// well below the time of a frame.
pub const SLICE: u64 = 512 * 1024;

/// How many bytes the very first slice takes.
const FIRST: u64 = 8 * 1024;

/// How many times as much is counted as understood in a slice, if that takes no
/// longer than a frame. Counting is many times faster and tells how long the
/// log is, so it may run ahead.
const AHEAD: u64 = 64;

/// After how many slices of a long log it is asked what they mean so far, the
/// first time.
const TELLING: u32 = 16;

/// A log, its lines and what they mean.
#[derive(Debug)]
pub struct Log {
    store: Store,
    /// The file the store reads, for a log that is one.
    path: Option<PathBuf>,
    parser: Parser,
    rules: LateRules,
    /// Made with the first line, which is when the rules are waited for.
    diagnoser: Option<Diagnoser>,
    diagnosis: Diagnosis,
    record: Option<Build>,
    /// How many positions have been given to what derives.
    derived: u32,
    /// The last position was given although its line had no end yet.
    tentative: bool,
    /// The file has grown while we looked: its last line is still being written.
    growing: bool,
    /// Whether it is known to be written still.
    written: bool,
    /// There is more of the file than has been counted.
    counting: bool,
    /// All there is has been read and derived from; nothing new has come.
    settled: bool,
    ended: bool,
    generation: u64,
    /// How often deriving has begun anew.
    anew: u64,
    /// Slices read in a row, and with which it is asked what they mean.
    slices: u32,
    telling: u32,
    trouble: Option<String>,
}

impl Log {
    /// An empty log that will be appended to, diagnosed by `rules`.
    pub fn new(rules: impl Into<LateRules>) -> Self {
        Self::over(Store::new(), None, rules)
    }

    /// The log in a file. Nothing is read yet: see [`Log::derive`].
    ///
    /// # Errors
    /// When the file can't be opened.
    pub fn open(path: &Path, rules: impl Into<LateRules>) -> io::Result<Self> {
        Ok(Self::over(Store::open_file(File::open(path)?), Some(path.to_owned()), rules))
    }

    fn over(store: Store, path: Option<PathBuf>, rules: impl Into<LateRules>) -> Self {
        Self {
            store,
            path,
            parser: Parser::new(),
            diagnoser: None,
            diagnosis: Diagnosis::default(),
            record: None,
            rules: rules.into(),
            derived: 0,
            tentative: false,
            growing: false,
            written: false,
            counting: false,
            settled: false,
            ended: false,
            generation: 0,
            anew: 0,
            slices: 0,
            telling: TELLING,
            trouble: None,
        }
    }

    /// The lines.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// What the lines derived so far make: phases and steps.
    pub fn tree(&self) -> &Tree {
        self.parser.tree()
    }

    /// Why the build failed, as far as the lines derived so far and the record
    /// tell.
    pub fn diagnosis(&self) -> &Diagnosis {
        &self.diagnosis
    }

    /// The build's record, where one was taken into account.
    pub fn build(&self) -> Option<&Build> {
        self.record.as_ref()
    }

    /// The lines that state a failure, ascending.
    pub fn failure_lines(&self) -> &[LineNo] {
        self.diagnoser.as_ref().map_or(&[], Diagnoser::failure_lines)
    }

    /// The lines that warn, ascending.
    pub fn warning_lines(&self) -> &[LineNo] {
        self.diagnoser.as_ref().map_or(&[], Diagnoser::warning_lines)
    }

    /// The file it is, for a log that is one.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// How many positions the tree knows of.
    pub fn derived(&self) -> u32 {
        self.derived
    }

    /// Whether it is a file, read to the end it has now; more may be appended.
    pub fn is_read(&self) -> bool {
        let begun = self.derived > 0 || self.settled;
        self.path.is_some() && !self.growing && begun && self.derived == self.store.len()
    }

    /// Whether it is a file that is said to be written still.
    pub fn is_written(&self) -> bool {
        self.written
    }

    /// Whether how long it is isn't known yet: more of its file is to be counted.
    pub fn is_counting(&self) -> bool {
        self.counting
    }

    /// Whether all there is has been read and derived from.
    pub fn is_settled(&self) -> bool {
        self.settled
    }

    /// A number that grows whenever lines that were there may have changed or
    /// gone: what was found in them must be looked for again.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// A number that grows whenever what was derived may have changed or gone,
    /// not merely grown.
    pub fn anew(&self) -> u64 {
        self.anew
    }

    /// Why the file can't be read any more, as a sentence, once.
    pub fn take_trouble(&mut self) -> Option<String> {
        self.trouble.take()
    }

    /// Applies a change that a source delivered.
    pub fn apply(&mut self, patch: &Patch) {
        let before = self.store.complete();
        self.settled = false;
        self.store.apply(patch);
        if let Some(keep) = patch.keep
            && keep < before
        {
            self.generation += 1;
            if keep < self.derived {
                self.forget();
            }
        }
        self.retract();
    }

    /// Says that the file is still being written: where it ends now, nothing
    /// has.
    pub fn expect_more(&mut self) {
        self.written = true;
        self.growing = true;
    }

    /// Says that the file behind the store has grown.
    pub fn grew(&mut self) {
        self.ended = false;
        self.growing = true;
        self.settled = false;
        if let Some(diagnoser) = &mut self.diagnoser {
            diagnoser.resume();
        }
        self.retract();
    }

    /// Begins anew with the file that now has the log's name.
    pub fn reopened(&mut self) {
        let Some(path) = self.path.clone() else { return };
        match File::open(&path) {
            Ok(file) => {
                self.store = Store::open_file(file);
                self.generation += 1;
                self.ended = false;
                self.growing = self.written;
                self.settled = false;
                self.forget();
            }
            Err(error) => self.complain("opened again", &error),
        }
    }

    /// Says that the source has ended.
    pub fn end(&mut self) {
        self.store.finish();
        self.ended = true;
        self.settled = false;
    }

    /// Takes the build's record into account.
    pub fn record(&mut self, build: &Build) {
        if self.record.as_ref() != Some(build) {
            self.record = Some(build.clone());
            self.diagnoser().record(build);
            self.diagnose();
            self.settled = false;
        }
    }

    /// Reads on in the file and derives from new lines, about `budget` bytes;
    /// whether there is more to do.
    pub fn derive(&mut self, budget: u64) -> bool {
        if self.settled {
            return false;
        }
        let more = self.read_on(budget);
        // While there is much to read, what it means is asked now and then:
        // a log of many steps changes its mind with every slice. An answer may
        // cost with what was read, so it is asked for less and less often.
        self.slices = if more { self.slices.saturating_add(1) } else { 0 };
        if self.slices == 0 || self.slices >= self.telling {
            self.telling = self.slices.saturating_add(TELLING.max(self.slices / 4));
            self.diagnose();
        }
        more
    }

    fn read_on(&mut self, budget: u64) -> bool {
        let known = self.store.bytes();
        // The first page first: its lines are shown before there is time to
        // count the others.
        let budget = if known == 0 { budget.min(FIRST) } else { budget };
        let reading = self.path.is_some() && self.index(budget);
        self.counting = reading;
        if reading || self.derived == 0 && self.store.bytes() > known {
            // Lines are shown before they are understood.
            return true;
        }
        let deriving = self.fold(budget);
        if !reading && !deriving && self.path.is_some() {
            self.take_open_line();
        }
        if !reading && !deriving && (self.ended || self.path.is_some() && !self.growing) {
            self.parser.finish();
            self.diagnoser().finish();
        }
        self.settled = !reading && !deriving;
        !self.settled
    }

    fn diagnose(&mut self) {
        if let Some(diagnoser) = &mut self.diagnoser {
            self.diagnosis = diagnoser.diagnosis(self.parser.tree(), &StoreLines(&self.store));
        }
    }

    fn diagnoser(&mut self) -> &mut Diagnoser {
        self.diagnoser.get_or_insert_with(|| {
            let mut diagnoser = Diagnoser::new(self.rules.get());
            if let Some(record) = &self.record {
                diagnoser.record(record);
            }
            diagnoser
        })
    }

    /// Reads and derives from all there is.
    pub fn derive_all(&mut self) {
        // What the findings are in between is nobody's business here.
        while self.read_on(SLICE) {}
        self.diagnose();
    }

    fn index(&mut self, budget: u64) -> bool {
        let ahead = if self.store.is_empty() { 1 } else { AHEAD };
        match self.store.index_more(budget.saturating_mul(ahead)) {
            Ok(more) => more,
            Err(error) => {
                self.complain("read", &error);
                false
            }
        }
    }

    fn fold(&mut self, budget: u64) -> bool {
        let end = self.store.complete();
        if self.derived >= end {
            return false;
        }
        self.diagnoser();
        let Self { store, parser, diagnoser: Some(diagnoser), derived, .. } = self else {
            return false;
        };
        let mut scratch = String::new();
        let mut left = budget;
        let stopped = store.for_each(LineNo::new(*derived)..LineNo::new(end), |no, raw| {
            Self::take(store, parser, diagnoser, no, raw, &mut scratch);
            *derived = no.index() + 1;
            left = left.saturating_sub(raw.len() as u64 + 1);
            if left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        stopped.is_break() && self.derived < end
    }

    fn take(
        store: &Store,
        parser: &mut Parser,
        diagnoser: &mut Diagnoser,
        no: LineNo,
        raw: &[u8],
        scratch: &mut String,
    ) {
        if store.gap(no).is_some() {
            parser.gap(no);
            diagnoser.gap(no);
        } else {
            let clean = carried(text::clean(raw, scratch));
            parser.line(no, clean);
            diagnoser.line(no, clean, parser.tree());
        }
    }

    /// A saved log may lack the line end of its last line; whether the file
    /// will still grow can't be known. The line is taken as it is, and taken
    /// back if it turns out to go on: once, since taking back means deriving
    /// everything again.
    fn take_open_line(&mut self) {
        if self.tentative
            || self.derived != self.store.complete()
            || self.derived == self.store.len()
        {
            return;
        }
        let no = LineNo::new(self.derived);
        let (mut raw, mut scratch) = (Vec::new(), String::new());
        self.store.raw(no, &mut raw);
        self.diagnoser();
        if let Some(diagnoser) = &mut self.diagnoser {
            Self::take(&self.store, &mut self.parser, diagnoser, no, &raw, &mut scratch);
        }
        self.derived += 1;
        self.tentative = true;
    }

    /// Takes back what was derived from a line that had no end yet.
    fn retract(&mut self) {
        if self.tentative {
            self.forget();
        }
    }

    fn forget(&mut self) {
        self.parser = Parser::new();
        self.diagnoser = None;
        self.diagnosis = Diagnosis::default();
        self.derived = 0;
        self.tentative = false;
        self.anew += 1;
    }

    fn complain(&mut self, what: &str, error: &io::Error) {
        let name = self.path.as_deref().map(|p| p.display().to_string()).unwrap_or_default();
        self.trouble =
            Some(format!("{} can't be {what} ({error}); what was read stays", text::plain(&name)));
    }
}

/// The store as the diagnosis reads it again.
struct StoreLines<'a>(&'a Store);

impl Lines for StoreLines<'_> {
    fn text(&self, line: LineNo) -> Option<String> {
        let there = line.index() < self.0.len() && self.0.gap(line).is_none();
        there.then(|| carried(&self.0.text(line)).to_owned())
    }

    fn len(&self) -> u32 {
        self.0.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnose::{Outcome, Rules};
    use crate::domain::{Missing, Piece};
    use std::sync::Arc;

    const BUILD: &str = "#0 building with \"default\" instance using docker driver\n\n\
        #1 [1/2] FROM docker.io/library/python:3.12\n#1 CACHED\n\n\
        #2 [2/2] RUN false\n#2 ERROR: process \"/bin/sh -c false\" did not complete successfully: exit code: 1\n";

    fn rules() -> Arc<Rules> {
        Arc::new(Rules::builtin())
    }

    fn steps(log: &Log) -> Vec<String> {
        log.tree().steps().iter().map(|s| format!("{} {:?}", s.label(), s.state())).collect()
    }

    #[test]
    fn what_arrives_is_appended_and_derived_from() {
        let mut whole = Log::new(rules());
        whole.apply(&Patch::text(BUILD));
        whole.derive_all();
        assert_eq!(steps(&whole).len(), 2, "{:?}", steps(&whole));

        let mut bytes = Log::new(rules());
        for byte in BUILD.as_bytes() {
            bytes.apply(&Patch::text([*byte]));
            bytes.derive(1);
        }
        bytes.derive_all();
        assert_eq!(steps(&bytes), steps(&whole));
        assert_eq!(bytes.derived(), whole.derived());
    }

    #[test]
    fn a_repair_of_derived_lines_derives_them_again() {
        let mut log = Log::new(rules());
        log.apply(&Patch::text("#1 [1/2] FROM a\n#1 DONE 0.1s\n"));
        log.derive_all();
        let patch = Patch {
            keep: Some(0),
            append: vec![Piece::Gap(Missing::Lines(3)), Piece::Text(BUILD.into())],
        };
        log.apply(&patch);
        log.derive_all();
        assert_eq!(log.generation(), 1);
        assert_eq!(steps(&log).len(), 2);
        assert_eq!(log.store().text(LineNo::FIRST), "--- buildcat: 3 lines missing here ---");
    }

    #[test]
    fn a_saved_logs_last_line_counts_without_its_end_and_may_still_go_on() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("build.log");
        std::fs::write(&path, BUILD.trim_end()).unwrap();
        let mut log = Log::open(&path, rules()).unwrap();
        log.derive_all();
        let failed = steps(&log);
        assert!(failed.iter().any(|s| s.contains("Failed")), "{failed:?}");

        std::fs::write(&path, format!("{}7\n#3 [2/2] COPY a b\n", BUILD.trim_end())).unwrap();
        log.grew();
        log.derive_all();
        assert_eq!(steps(&log).len(), 3, "{:?}", steps(&log));
        assert_eq!(log.derived(), log.store().len());
    }

    #[test]
    fn a_file_that_is_still_written_has_not_stopped_where_it_ends_now() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("build.log");
        let text = "#0 building with \"default\" instance\n#5 [2/3] RUN make\n#5 0.5 x\n";
        std::fs::write(&path, text).unwrap();
        let mut log = Log::open(&path, rules()).unwrap();
        log.derive_all();
        assert_eq!(log.diagnosis().outcome, Outcome::Timeout);
        let mut log = Log::open(&path, rules()).unwrap();
        log.expect_more();
        for _ in 0..2 {
            log.derive_all();
            assert_eq!((log.diagnosis().outcome, log.is_read()), (Outcome::Unknown, false));
            log.reopened();
        }
        std::fs::write(&path, BUILD).unwrap();
        log.reopened();
        log.derive_all();
        assert_eq!(log.diagnosis().outcome, Outcome::Failed);
    }

    #[test]
    fn an_empty_file_has_been_read_unless_it_is_still_written() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("build.log");
        std::fs::write(&path, "").unwrap();
        let mut log = Log::open(&path, rules()).unwrap();
        assert!(!log.is_read());
        log.derive_all();
        assert!(log.is_read());
        log.grew();
        assert!(!log.is_read());
        let mut log = Log::open(&path, rules()).unwrap();
        log.expect_more();
        log.derive_all();
        assert!(!log.is_read());
    }

    #[test]
    fn a_replaced_file_begins_anew() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("build.log");
        std::fs::write(&path, BUILD).unwrap();
        let mut log = Log::open(&path, rules()).unwrap();
        log.derive_all();
        std::fs::write(&path, "one\n").unwrap();
        log.reopened();
        log.derive_all();
        assert_eq!((log.store().len(), log.tree().steps().len()), (1, 0));
        std::fs::remove_file(&path).unwrap();
        log.reopened();
        assert!(log.take_trouble().unwrap().contains("build.log can't be opened again"));
        assert_eq!(log.store().text(LineNo::FIRST), "one");
    }
}
