//! The commands with a screen: `watch`, `open`, `demo`.

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use tokio::runtime::Runtime;

use super::builds::runtime;
use super::connect::which;
use super::exit::{cant_start, first_of, fit};
use super::local::{Opened, cant_open, needs_pipe, open};
use super::project::Place;
use super::{Exit, Failure, Program, complain, history, stdout};
use crate::api::{BuildsApi, Client, ClientConfig, Credential};
use crate::app::{Ending, Message, Model, Now, Options, State, Subject};
use crate::cli::{Demo, Open, Watch};
use crate::config::Origin;
use crate::demo::{self, Clock, Scenario, ScenarioError, Server};
use crate::domain::Health;
use crate::headless::verdict;
use crate::keymap::{BadBinding, Keymap, Override};
use crate::log::{LateRules, Log};
use crate::memory::Keeper;
use crate::outside::Tools;
use crate::poller::{self, LATE, PollConfig, QUIET};
use crate::runtime::{Ends, Errands};
use crate::source::packed::Unpacked;
use crate::source::watch::{self, Access, Which};
use crate::source::{self, Port, file, pipe};
use crate::theme::{ColorChoice, Depth, Styles, Theme};
use crate::{config, human, runtime as screen, text, theme};

/// The demo polls this much faster than a real build, so that its pictures
/// move; never faster than the service would be asked.
const DEMO_INTERVAL: Duration = Duration::from_millis(500);

impl Program {
    pub(super) fn watch(&self, args: &Watch) -> Result<Exit, Failure> {
        let which = which(args.build.as_deref())?;
        let project = self.project_dir(args.project.as_deref())?;
        let instead = "buildcat logs --follow BUILD_ID";
        self.needs_terminal(instead)?;
        let id = match &which {
            Which::Id(id) => Some(id.clone()),
            _ => None,
        };
        let runtime = runtime()?;
        let (feed, port) = source::channel();
        let loaded = (self.env.clone(), self.loaded.clone());
        let config = self.poll_config();
        let rules = self.rules(project.as_ref(), Place::told(&port.events));
        runtime.spawn(async move {
            let (env, loaded) = loaded;
            watch::follow(Access::Of(&env, &loaded), which, config, port).await;
        });
        let follow = self.loaded.config.follow;
        let model = self.model(Subject::Build(id), Log::new(rules.clone()), follow);
        let project = project.map(|project| project.asker());
        let ends = Ends { project, ..feed.into() };
        self.show(runtime, model, ends, rules, self.history(), instead)
    }

    pub(super) fn open(&self, args: &Open) -> Result<Exit, Failure> {
        let project = self.project_dir(args.project.as_deref())?;
        let piped = args.file == Path::new("-");
        let instead = if piped { "buildcat diagnose -" } else { "buildcat diagnose FILE" };
        self.needs_terminal(instead)?;
        let (feed, port) = source::channel();
        let rules = self.rules(project.as_ref(), Place::told(&port.events));
        let project = project.map(|project| project.asker());
        let ends = Ends { project, ..feed.into() };
        // Whatever there is to wait for, the loop waits for it by the way.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(cant_start)?;
        let follow = self.loaded.config.follow;
        if piped {
            needs_pipe("open")?;
            let input = Unpacked::new(io::stdin());
            pipe::spawn(input, "standard input".to_owned(), port.events).map_err(cant_start)?;
            let subject = Subject::Text { name: "standard input".to_owned() };
            let model = self.model(subject, Log::new(rules.clone()), follow);
            return self.show(runtime, model, ends, rules, self.history(), instead);
        }
        let path = &args.file;
        let name = path.display().to_string();
        let subject = Subject::Text { name: text::plain(&name).into_owned() };
        match open(path)? {
            Opened::Stream(stream) => {
                pipe::spawn(stream, name, port.events).map_err(cant_start)?;
                let model = self.model(subject, Log::new(rules.clone()), follow);
                self.show(runtime, model, ends, rules, self.history(), instead)
            }
            Opened::Packed(stream) => {
                pipe::spawn(stream, name, port.events).map_err(cant_start)?;
                let mut model = self.model(subject, Log::new(rules.clone()), args.follow);
                model.file = absolute(path);
                self.show(runtime, model, ends, rules, self.history(), instead)
            }
            Opened::File { doubt } => {
                let stamp = file::Stamp::of(path);
                let mut log =
                    Log::open(path, rules.clone()).map_err(|error| cant_open(path, &error))?;
                if args.follow {
                    log.expect_more();
                }
                runtime.spawn(file::follow(path.clone(), stamp, port));
                let mut model = self.model(subject, log, args.follow);
                model.file = absolute(path);
                model.notice = model.notice.or(doubt);
                self.show(runtime, model, ends, rules, self.history(), instead)
            }
        }
    }

    pub(super) fn demo(&self, args: &Demo) -> Result<Exit, Failure> {
        if args.list {
            let mut out = stdout();
            for scenario in demo::scenarios().map_err(unplayable)? {
                let took = human::duration(scenario.seconds);
                writeln!(out, "{:<18} {:>7}  {}", scenario.name, took, scenario.title)?;
            }
            out.flush()?;
            return Ok(Exit::Success);
        }
        let name = args.scenario.as_deref().unwrap_or("default");
        let scenario = Scenario::embedded(name).map_err(unplayable)?;
        let options =
            demo::Options { clock: Clock::Running(args.speed.0), ..demo::Options::new(scenario) };
        if args.serve {
            return self.serve(options);
        }
        let instead = "buildcat demo --serve";
        self.needs_terminal(instead)?;
        let runtime = runtime()?;
        let server = runtime.block_on(Server::start(options)).map_err(cant_serve)?;
        let id =
            server.build_id().ok_or_else(|| Failure::usage("The scenario has no id.".into()))?;
        let api = demo_client(&server)?;
        let (feed, port) = source::channel();
        // Faster scenarios are polled faster, within what the poller allows.
        let interval = DEMO_INTERVAL.div_f64(args.speed.0.max(1.0));
        let Port { events, commands } = port;
        runtime.block_on(async {
            let config = PollConfig { interval, late: LATE.div_f64(args.speed.0.max(1.0)) };
            poller::spawn(api, id.clone(), config, events, commands);
        });
        let rules = self.rules(None, |_| ());
        let follow = self.loaded.config.follow;
        let model = self.model(Subject::Build(Some(id)), Log::new(rules.clone()), follow);
        // The simulated build is of no project on this disk, and its durations
        // are nobody's.
        let exit = self.show(runtime, model, feed, rules, None, instead);
        drop(server);
        exit
    }

    fn serve(&self, options: demo::Options) -> Result<Exit, Failure> {
        self.ask(async {
            let server = Server::start(options).await.map_err(cant_serve)?;
            let mut out = stdout();
            writeln!(out, "{}", server.url())?;
            if let Some(id) = server.build_id() {
                writeln!(out, "build {id}")?;
            }
            out.flush()?;
            complain(&format!(
                "serving until interrupted; any private key or token is taken. \
                 Set PIPECAT_API_HOST={} and PIPECAT_API_KEY=sk_demo.",
                server.url()
            ));
            std::future::pending::<()>().await;
            Ok(Exit::Success)
        })
    }

    fn show(
        &self,
        runtime: Runtime,
        model: Model,
        ends: impl Into<Ends>,
        rules: LateRules,
        history: Option<PathBuf>,
        instead: &str,
    ) -> Result<Exit, Failure> {
        let folder = self.env.state_dir();
        folder.into_iter().for_each(super::keep_private);
        let memory = folder.map(|folder| Keeper::new(folder.to_owned()));
        let errands = errands(memory.clone(), history.clone(), rules);
        let ends = Ends { memory: memory.clone(), tools: self.tools(), errands, ..ends.into() };
        let outcome = runtime.block_on(screen::run(model, ends)).map_err(|error| {
            Failure::usage(format!("The terminal can't be used ({error}). Try `{instead}`."))
        })?;
        let model = &outcome.model;
        let stopped = match &model.health {
            Health::Stopped { why } => Some(why),
            // Never reached at all.
            Health::Retrying { why, .. } if model.build.is_none() => Some(why),
            _ => None,
        };
        if let Some(folder) = history {
            remember(&folder, model);
        }
        let line = verdict::line(&model.log, &model.findings, model.build.as_ref(), self.paint());
        if let Some(line) = line {
            screen::say(&line.to_string());
        }
        if let Some(memory) = memory {
            memory.finish();
        }
        let verdict = verdict::exit(&model.log, model.build.as_ref());
        let exit = match (outcome.ending, stopped) {
            (Ending::Interrupted, _) => Exit::Interrupted,
            (Ending::Signal(number), _) => Exit::of_signal(number),
            (Ending::Quit, _) if verdict == Some(false) => Exit::BuildFailed,
            // Of a log that broke off nobody knows how it goes on.
            (Ending::Quit, Some(why)) if matches!(model.subject, Subject::Text { .. }) => {
                return Err(Failure::usage(why.sentence.clone()));
            }
            (Ending::Quit, _) if verdict == Some(true) => Exit::Success,
            (Ending::Quit, Some(why)) => return Err(why.clone().into()),
            (Ending::Quit, None) => Exit::Success,
        };
        // The program ends: the system takes all of it back at once, which is
        // quicker than piece by piece and thread by thread.
        std::mem::forget((outcome, runtime));
        Ok(exit)
    }

    /// The folder in which the durations of builds are kept.
    fn history(&self) -> Option<PathBuf> {
        self.env.state_dir().map(history::folder)
    }

    fn model(&self, subject: Subject, log: Log, follow: bool) -> Model {
        let config = &self.loaded.config;
        let choice = match config.color {
            config::Color::Auto => ColorChoice::Auto,
            config::Color::Always => ColorChoice::Always,
            config::Color::Never => ColorChoice::Never,
        };
        let depth = Depth::detect(choice, |name| self.env.text(name));
        let options = Options {
            mouse: config.mouse,
            bell: config.bell,
            title: config.title,
            wrap: config.wrap,
            follow,
            redact: config.redact,
            interval: config.poll_interval.max(QUIET),
            zone: self.zone(),
            adapts: depth != Depth::None && self.adapts(),
        };
        let (keymap, bindings) = self.keymap();
        let theme = self.theme();
        let mut problems = self.problems_with(&bindings, theme.as_ref().err().cloned());
        problems.extend(self.loaded.warnings.iter().cloned());
        // What is wrong with a theme is among the problems; the usual one stands in.
        let theme = theme.unwrap_or_else(|_| theme::automatic(|name| self.env.text(name)));
        let now = Now { instant: Instant::now(), wall: Timestamp::now() };
        let styles = Styles::new(&theme, depth);
        let mut model = Model::new(subject, log, options, keymap, styles, now);
        model.notice = first_of(&problems, "buildcat config check").map(|notice| fit(&notice));
        model
    }

    /// Whether the theme is to suit the terminal's background, and the terminal
    /// may be asked for it. In a pipeline others may be talking to it as well.
    fn adapts(&self) -> bool {
        self.loaded.config.theme == "auto"
            && io::stdin().is_terminal()
            && theme::is_askable(|name| self.env.text(name))
    }

    /// The user's editor, pager and clipboard.
    fn tools(&self) -> Tools {
        Tools::new(self.env.vars(), self.env.home())
    }

    /// The time zone here. To name it, jiff lists all the zones there are,
    /// which takes longer than the first screen may; its file is enough.
    fn zone(&self) -> TimeZone {
        match std::fs::read("/etc/localtime") {
            Ok(file) if self.env.text("TZ").is_none() => {
                TimeZone::tzif("Local", &file).unwrap_or(TimeZone::UTC)
            }
            // What is not said is UTC.
            Err(_) if self.env.text("TZ").is_none() => TimeZone::UTC,
            _ => TimeZone::system(),
        }
    }

    /// The keymap, and what is wrong with the configured bindings.
    pub(super) fn keymap(&self) -> (Keymap, Vec<BadBinding>) {
        let overrides: Vec<Override> = self
            .loaded
            .config
            .keys
            .iter()
            .map(|binding| Override {
                action: binding.action.clone(),
                keys: binding.keys.clone(),
                line: usize::try_from(binding.line).ok(),
            })
            .collect();
        Keymap::with(&overrides)
    }

    /// The configured theme: a shipped one, or a file in the themes folder; else
    /// what is wrong with it, as a sentence with its place.
    pub(super) fn theme(&self) -> Result<Theme, String> {
        let config = &self.loaded.config;
        let name = config.theme.as_str();
        if name == "auto" {
            return Ok(theme::automatic(|name| self.env.text(name)));
        }
        if let Some(theme) = theme::shipped(name) {
            return Ok(theme);
        }
        let file = config.themes_dir.as_deref().map(|dir| dir.join(format!("{name}.toml")));
        let text = file.as_ref().map(std::fs::read_to_string);
        match (text, file) {
            (Some(Ok(text)), Some(file)) => Theme::parse(name, &text).map_err(|bad| {
                let line = bad.line.map(|line| format!(":{line}")).unwrap_or_default();
                format!("{}{line}: {}", file.display(), bad.problems.join("; "))
            }),
            (Some(Err(error)), Some(file)) if error.kind() != io::ErrorKind::NotFound => {
                Err(format!("{} can't be read ({error})", file.display()))
            }
            _ => {
                let shipped: Vec<&str> = theme::SHIPPED.iter().map(|(name, _)| *name).collect();
                let place = match &self.loaded.path {
                    Some(path) => format!("{}: ", path.display()),
                    None => String::new(),
                };
                Err(format!(
                    "{place}theme {name}: there is no such theme. There are auto, {}, and files \
                     in the themes folder",
                    shipped.join(", ")
                ))
            }
        }
    }

    fn needs_terminal(&self, instead: &str) -> Result<(), Failure> {
        let term = self.env.text("TERM").unwrap_or_default();
        if !self.terminal {
            return Err(Failure::usage(format!(
                "Standard output is no terminal, so there is no screen to draw on. \
                 Use `{instead}` instead."
            )));
        }
        if term.is_empty() || term == "dumb" {
            return Err(Failure::usage(format!(
                "TERM is {}, so this terminal can't show a screen. Use `{instead}` instead, \
                 or set TERM.",
                if term.is_empty() { "not set" } else { "dumb" }
            )));
        }
        Ok(())
    }
}

/// A file's name however it was called: marks are remembered by it.
fn absolute(path: &Path) -> Option<String> {
    let file = path.canonicalize().ok();
    file.map(|path| path.to_string_lossy().into_owned())
}

/// What the first picture doesn't wait for: what earlier runs remembered, and
/// the rules.
fn errands(memory: Option<Keeper>, history: Option<PathBuf>, rules: LateRules) -> Errands {
    let mut errands = Errands::default();
    if let Some(memory) = memory {
        errands.add(move || Some(Message::Remembered(Box::new(memory.load()))));
    }
    if let Some(folder) = history {
        errands.add(move || Some(Message::Past(history::load(&folder))));
    }
    errands.add(move || {
        rules.get();
        None
    });
    errands
}

/// Remembers a build that succeeded; only the next estimate suffers if that
/// can't be done.
fn remember(history: &Path, model: &Model) {
    if model.state() == State::Succeeded
        && let Err(error) = history::save(history, model.log.tree())
    {
        tracing::warn!("the steps' durations can't be kept: {error}");
    }
}

fn unplayable(error: ScenarioError) -> Failure {
    let ScenarioError::Unknown { name, known } = &error else {
        return Failure::usage(error.to_string());
    };
    let near = config::nearest(name, known.split(", "));
    let hint = near.map(|near| format!(" Did you mean {near}?")).unwrap_or_default();
    Failure::usage(format!(
        "There is no demo scenario {name:?}.{hint} `buildcat demo --list` describes them all."
    ))
}

/// The real client, pointed at the simulated service: whatever host the
/// configuration names, or may have meant to, isn't asked.
fn demo_client(server: &Server) -> Result<Arc<dyn BuildsApi>, Failure> {
    let origin = Origin::parse(&server.url(), &[]).map_err(|error| cant_serve(&error))?;
    Ok(Arc::new(Client::new(ClientConfig::new(origin, Credential::any()))?))
}

fn cant_serve(error: impl std::fmt::Display) -> Failure {
    Failure::service(format!("The simulated service can't be started ({error})."))
}
