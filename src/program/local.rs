//! The commands that read a log from anywhere and print: `steps`, `diagnose`, `rules`.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, IsTerminal, Read, Seek, Write};
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::project::Place;
use super::{Exit, Failure, Program, complain, flushed, stdout};
use crate::cli::{Diagnose, DiagnosisFormat, RecordFormat, RulesAction, Steps};
use crate::diagnose::{RuleError, Rules, Source, check};
use crate::domain::{Build, BuildId, FeedEvent, Health, Patch};
use crate::explain::{self, Question};
use crate::headless::{findings, github, json, markdown};
use crate::log::{LateRules, Log};
use crate::parse::dockerfile::Dockerfile;
use crate::source::packed::{Packing, Unpacked};
use crate::source::pipe::Input;
use crate::source::watch::Which;
use crate::{human, parse, source, text};

/// Columns of the tree where the width of the screen isn't known.
const COLUMNS: usize = 100;

impl Program {
    pub(super) fn steps(&self, args: &Steps) -> Result<Exit, Failure> {
        let (log, read) = self.whole_log(&args.log, "steps", None)?;
        let dockerfile = dockerfile(args)?;
        let dockerfile = dockerfile.as_ref();
        let number = |line| log.store().number(line);
        let over = log.build().is_none_or(Build::is_over);
        let mut out = stdout();
        let result = match args.format {
            RecordFormat::Json => {
                json::print(&mut out, &parse::report::json(log.tree(), &number, dockerfile))
            }
            RecordFormat::Text => {
                write!(out, "{}", parse::report::text(log.tree(), COLUMNS, dockerfile, over))
            }
        };
        flushed(out, result)?;
        Ok(read)
    }

    pub(super) fn diagnose(&self, args: &Diagnose) -> Result<Exit, Failure> {
        let project = self.project_dir(args.project.as_deref())?;
        let (log, read) = self.whole_log(&args.log, "diagnose", project.as_ref())?;
        // Of a build its record tells, whether it has a log or not.
        let empty = log.store().is_empty() && log.build().is_none();
        if empty {
            complain(&format!("{} is empty: there is nothing to diagnose.", name(&args.log)));
        }
        let question = Question::of(log.diagnosis(), log.tree(), log.build());
        let told = match &project {
            Some(project) => explain::answer(&project.open(), &question, project.trust),
            None => question.plain(),
        };
        let redact = self.loaded.config.redact;
        let mut out = stdout();
        let result = match args.format {
            DiagnosisFormat::Json => json::print(&mut out, &findings::json(&log, &told)),
            DiagnosisFormat::Text if empty => Ok(()),
            DiagnosisFormat::Text => findings::print(&mut out, &log, &told, self.paint()),
            DiagnosisFormat::Markdown => {
                markdown::print(&mut out, &log, &args.log.to_string_lossy(), &told, redact)
            }
            DiagnosisFormat::Github => {
                github::print(&mut out, &told, self.workspace().as_deref(), redact)
            }
        };
        flushed(out, result)?;
        let failed = log.diagnosis().cause().is_some();
        Ok(if failed { Exit::BuildFailed } else { read })
    }

    /// The directory that GitHub sees paths from, where it is at work.
    fn workspace(&self) -> Option<PathBuf> {
        self.env.text("GITHUB_WORKSPACE").map(PathBuf::from)
    }

    pub(super) fn rule_commands(&self, action: &RulesAction) -> Result<Exit, Failure> {
        let mut out = stdout();
        let rules = || -> Result<_, Failure> {
            let project = self.project_dir(None)?;
            Ok(self.rules(project.as_ref(), complain_all).get())
        };
        match action {
            RulesAction::List => {
                let result = findings::list(&mut out, &*rules()?, self.paint());
                flushed(out, result)?;
            }
            RulesAction::Show { id } => {
                let rules = rules()?;
                let rule = rules.get(id).ok_or_else(|| {
                    let known = rules.all().iter().map(|rule| rule.id.as_str());
                    let near = crate::config::nearest(id, known);
                    let hint =
                        near.map(|near| format!(" Did you mean {near}?")).unwrap_or_default();
                    Failure::usage(format!(
                        "There is no rule {id:?}.{hint} `buildcat rules list` lists them."
                    ))
                })?;
                let result = findings::show(&mut out, rule, self.paint());
                flushed(out, result)?;
            }
            RulesAction::Test { file } => {
                let name = file.display().to_string();
                let text =
                    std::fs::read_to_string(file).map_err(|error| cant_open(file, &error))?;
                let (rules, problems) = Rules::load(&[Source { name: &name, text: &text }]);
                let ours = rules.all().iter().filter(|rule| rule.file == name).count();
                let complaints = check(&rules);
                let mut said = problems.len();
                for problem in &problems {
                    writeln!(out, "{}", text::plain(&problem.to_string()))?;
                }
                // Whatever else is complained of is not this file's doing,
                // unless its rules took a built-in one's lines.
                for complaint in complaints.iter().filter(|c| c.file == name || c.thief.is_some()) {
                    writeln!(out, "{}", text::plain(&complaint.to_string()))?;
                    said += 1;
                }
                let result = match said {
                    0 => writeln!(
                        out,
                        "{}: {}, no problems",
                        text::plain(&name),
                        human::plural(ours as u64, "rule")
                    ),
                    n => writeln!(
                        out,
                        "{}: {}",
                        text::plain(&name),
                        human::plural(n as u64, "problem")
                    ),
                };
                flushed(out, result)?;
                return Ok(if said == 0 { Exit::Success } else { Exit::Usage });
            }
        }
        Ok(Exit::Success)
    }

    /// The failure rules, which a thread begins to read at once: for commands
    /// that have nothing else to do first.
    pub(super) fn early_rules(
        &self,
        project: Option<&Place>,
        tell: impl FnOnce(&[String]) + Send + 'static,
    ) -> LateRules {
        let rules = self.rules(project, tell);
        let early = rules.clone();
        // Without the thread they are read when they are needed.
        let read = move || early.get();
        let _ = std::thread::Builder::new().name("rules".to_owned()).spawn(read);
        rules
    }

    /// The failure rules: ours, the configuration's and the project's; `tell`
    /// hears what is wrong with the project's when they are read.
    pub(super) fn rules(
        &self,
        project: Option<&Place>,
        tell: impl FnOnce(&[String]) + Send + 'static,
    ) -> LateRules {
        let (name, text) = self.rule_text();
        let guest = project.cloned();
        LateRules::new(move || {
            let more: Vec<Source<'_>> =
                text.iter().map(|text| Source { name: &name, text }).collect();
            let guest = guest.and_then(|project| project.rules());
            let (guest, mut problems) = match &guest {
                Some(Ok((name, text))) => (Some(Source { name, text }), Vec::new()),
                Some(Err(problem)) => (None, vec![problem.clone()]),
                None => (None, Vec::new()),
            };
            let (rules, _, complaints) = Rules::load_with(&more, guest);
            problems.extend(complaints.iter().map(ToString::to_string));
            if !problems.is_empty() {
                tell(&problems);
            }
            Arc::new(rules)
        })
    }

    /// What is wrong with the configuration's own rules.
    pub(super) fn rule_problems(&self) -> Vec<String> {
        let (name, text) = self.rule_text();
        let Some(text) = text else { return Vec::new() };
        load(&name, Some(&text)).1.iter().map(ToString::to_string).collect()
    }

    /// The configuration as a text of rules, if it has some, and its name.
    fn rule_text(&self) -> (String, Option<String>) {
        let name = self.loaded.path.as_deref().map(|path| path.display().to_string());
        let text = self.loaded.text.as_ref().filter(|_| !self.loaded.config.rules.is_empty());
        (name.unwrap_or_default(), text.map(|text| text.expose().to_owned()))
    }

    /// All of a saved log, of standard input, or of a build, for a command; and
    /// the exit status that reading it stands for where it tells of no failure.
    fn whole_log(
        &self,
        typed: &OsStr,
        command: &str,
        project: Option<&Place>,
    ) -> Result<(Log, Exit), Failure> {
        if typed == "-" {
            needs_pipe(command)?;
        }
        let rules = self.early_rules(project, complain_all);
        let mut torn = None;
        let mut log = if typed == "-" {
            let mut log = Log::new(rules);
            torn = pour(&mut Unpacked::new(io::stdin().lock()), &mut log).err();
            log
        } else if let Some(which) = build(typed) {
            self.fetch(which, Log::new(rules))?
        } else {
            let path = Path::new(typed);
            match open(path)? {
                Opened::File { doubt } => {
                    doubt.iter().for_each(|doubt| complain(doubt));
                    Log::open(path, rules).map_err(|error| cant_open(path, &error))?
                }
                Opened::Packed(mut stream) | Opened::Stream(mut stream) => {
                    let mut log = Log::new(rules);
                    torn = pour(&mut stream, &mut log).err();
                    log
                }
            }
        };
        log.derive_all();
        if let Some(trouble) = log.take_trouble() {
            return Err(Failure::usage(trouble));
        }
        if let Some(error) = torn {
            let name = name(typed);
            if log.store().is_empty() {
                return Err(cant_open(Path::new(&name), &error));
            }
            complain(&format!("{name} can't be read to its end ({error}): the rest is missing."));
            // That it ends there is not the build's doing.
            return Ok((log, Exit::Usage));
        }
        log.end();
        log.derive_all();
        Ok((log, Exit::Success))
    }

    fn fetch(&self, which: Which, mut log: Log) -> Result<Log, Failure> {
        let mut found = None;
        let exit = self.ask(async {
            let api = self.connect().await?;
            let id = self.build_id(&*api, &which).await?;
            let (mut feed, port) = source::channel();
            tokio::spawn(source::once::read(api, id, port));
            while let Some(event) = feed.events.recv().await {
                match event {
                    FeedEvent::Log(patch) => log.apply(&patch),
                    FeedEvent::Build(build) => log.record(&build),
                    FeedEvent::Notice(notice) => complain(&notice),
                    FeedEvent::Health(Health::Stopped { why }) => return Err(why.into()),
                    FeedEvent::Health(Health::Retrying { why, .. }) => {
                        complain(&format!("{} Trying again.", why.sentence));
                    }
                    _ => {}
                }
            }
            found = Some(log);
            Ok(Exit::Success)
        })?;
        found.ok_or(Failure::Said(exit, "Interrupted.".to_owned()))
    }
}

/// The Dockerfile that was built: the one that is named, or the one that was
/// saved beside the log under its name.
fn dockerfile(args: &Steps) -> Result<Option<Dockerfile>, Failure> {
    let (path, named) = match &args.dockerfile {
        Some(path) => (path.clone(), true),
        None if Path::new(&args.log).is_file() => {
            (Path::new(&args.log).with_extension("Dockerfile"), false)
        }
        None => return Ok(None),
    };
    match std::fs::read(&path) {
        Ok(text) => Ok(Some(Dockerfile::parse(&String::from_utf8_lossy(&text)))),
        Err(error) if named => Err(cant_open(&path, &error)),
        Err(_) => Ok(None),
    }
}

/// What a log is called that was typed so.
fn name(typed: &OsStr) -> String {
    match typed.to_string_lossy() {
        typed if typed == "-" => "Standard input".to_owned(),
        typed => text::plain(&typed).into_owned(),
    }
}

/// The build that is meant: by its id, whatever files there are, or the latest,
/// unless there is a file of that name.
fn build(typed: &OsStr) -> Option<Which> {
    match typed.to_str()?.parse::<BuildId>() {
        Ok(id) => Some(Which::Id(id)),
        Err(_) => (typed == "latest" && !Path::new(typed).exists()).then_some(Which::Latest),
    }
}

/// Says all of it on standard error.
fn complain_all(problems: &[String]) {
    problems.iter().for_each(|problem| complain(problem));
}

fn load(name: &str, text: Option<&str>) -> (Rules, Vec<RuleError>) {
    let more: Vec<Source<'_>> = text.iter().map(|text| Source { name, text }).collect();
    Rules::load(&more)
}

/// What a path leads to.
#[derive(Debug)]
pub(super) enum Opened {
    /// A file that can be read anywhere, and again.
    File {
        /// Why it may be no text, as a sentence.
        doubt: Option<String>,
    },
    /// A file that is unpacked on the way.
    Packed(Unpacked<Input>),
    /// A pipe or a device, which can be read once.
    Stream(Unpacked<Input>),
}

/// Bytes at the start of a file that are looked at for what it is.
const HEAD: usize = 4096;

pub(super) fn open(path: &Path) -> Result<Opened, Failure> {
    if path.metadata().is_ok_and(|there| there.file_type().is_fifo()) {
        return Ok(Opened::Stream(Unpacked::new(Input::Named(path.to_owned()))));
    }
    let mut file = File::open(path).map_err(|error| cant_open(path, &error))?;
    let kind = file.metadata().map_err(|error| cant_open(path, &error))?.file_type();
    if kind.is_dir() {
        let name = path.display().to_string();
        return Err(Failure::usage(format!(
            "{} is a folder. Give the log file in it.",
            text::plain(&name)
        )));
    }
    if !kind.is_file() {
        return Ok(Opened::Stream(Unpacked::new(Input::Open(file))));
    }
    let mut head = [0; HEAD];
    let read = file.read(&mut head).and_then(|read| file.rewind().map(|()| read));
    let read = read.map_err(|error| cant_open(path, &error))?;
    let head = head.get(..read).unwrap_or_default();
    let name = path.display().to_string();
    let name = text::plain(&name);
    match Packing::of(head) {
        None if matches!(head, [0xff, 0xfe, ..] | [0xfe, 0xff, ..]) => {
            Err(Failure::usage(format!(
                "{name} is UTF-16 text. `iconv -f UTF-16 -t UTF-8 {} | buildcat` reads it.",
                shell_words::quote(&name)
            )))
        }
        None => Ok(Opened::File { doubt: doubt(&name, head) }),
        Some(Packing::Gzip) => Ok(Opened::Packed(Unpacked::new(Input::Open(file)))),
        Some(other) => Err(Failure::usage(format!(
            "{name} is compressed ({}). `{} {} | buildcat` reads it.",
            other.name(),
            other.program(),
            shell_words::quote(&name)
        ))),
    }
}

/// Why a file may be no text, by its first bytes; what a log does with a NUL
/// now and then is no reason.
fn doubt(name: &str, head: &[u8]) -> Option<String> {
    let nuls = memchr::memchr_iter(0, head).count();
    (nuls * 20 > head.len()).then(|| format!("{name} may be a binary file"))
}

pub(super) fn cant_open(path: &Path, error: &io::Error) -> Failure {
    let name = path.display().to_string();
    let hint = match error.kind() {
        io::ErrorKind::NotFound => "there is no such file",
        io::ErrorKind::PermissionDenied => "you may not read it",
        _ => return Failure::usage(format!("{} can't be read ({error}).", text::plain(&name))),
    };
    Failure::usage(format!("{} can't be read: {hint}.", text::plain(&name)))
}

/// Nothing is typed into a log: a terminal as standard input is a mistake.
pub(super) fn needs_pipe(command: &str) -> Result<(), Failure> {
    if !io::stdin().is_terminal() {
        return Ok(());
    }
    Err(Failure::usage(format!(
        "Standard input is this terminal. Give a saved log, or pipe one in: docker build . 2>&1 | buildcat {command}"
    )))
}

fn pour(input: &mut dyn Read, log: &mut Log) -> io::Result<()> {
    let mut chunk = vec![0; 64 * 1024];
    loop {
        match input.read(&mut chunk) {
            Ok(0) => return Ok(()),
            Ok(n) => log.apply(&Patch::text(chunk.get(..n).unwrap_or_default())),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
