//! From candidate lines to findings: which scene, which rule, which line.

use super::draft::Draft;
use super::engine::{Candidate, Diagnoser, Lines, clip, statement};
use super::outcome::outcome;
use super::passed::overwritten;
use super::recovered::Recovered;
use super::rule::Pick;
use super::scene::Scene;
use super::tolerated::{Course, Weight};
use super::{
    Confidence, Diagnosis, Finding, Kind, Outcome, fallback, hidden, matcher, record, resolve,
    script, wrapped,
};
use crate::domain::LineNo;
use crate::parse::{StepState, Tree, line_role, payload};

/// The findings for what has been read.
pub(super) fn diagnose(d: &Diagnoser, tree: &Tree, lines: &dyn Lines) -> Diagnosis {
    let outcome = outcome(tree, d.record.as_ref(), d.finished);
    let findings = match outcome {
        Outcome::Success => passed(d, tree, lines),
        Outcome::Failed | Outcome::Timeout => causes(d, tree, lines, outcome),
        Outcome::Unknown => live(d, tree, lines),
    };
    Diagnosis { outcome, findings }
}

/// The scene of the failure.
fn scene<'a>(tree: &'a Tree, lines: &'a dyn Lines, outcome: Outcome) -> Scene<'a> {
    if let Some(id) = tree.failing_step() {
        return Scene::of_step(tree, lines, id);
    }
    // The service ended the phase with whatever ran in it.
    if outcome == Outcome::Timeout
        && tree.phases().iter().any(|phase| phase.state.is_timeout())
        && let Some(step) = tree
            .steps()
            .iter()
            .rev()
            .find(|s| matches!(s.state(), StepState::Running | StepState::Cancelled))
    {
        return Scene::of_step(tree, lines, step.id());
    }
    let failed = tree.commands().iter().enumerate().find(|(_, c)| c.failed);
    if let Some(build) = tree.failing_build() {
        let command = build.command.and_then(|at| tree.commands().get(at));
        let start = command.map_or(build.first_line, |c| c.line).index();
        let end = command.map_or(tree.len(), |c| c.last_line.index().saturating_add(1));
        return Scene::of_lines(tree, lines, start..end, command, Some(build));
    }
    if let Some((at, command)) = failed {
        let build = tree.builds().iter().rev().find(|b| b.command == Some(at));
        let range = command.line.index()..command.last_line.index().saturating_add(1);
        return Scene::of_lines(tree, lines, range, Some(command), build);
    }
    if let Some(phase) = tree.phases().iter().find(|p| p.state.is_failure()) {
        let range = phase.first_line.index()..phase.last_line.index().saturating_add(2);
        return Scene::of_lines(tree, lines, range, None, None);
    }
    if outcome == Outcome::Timeout {
        if let Some(id) = tree.current() {
            return Scene::of_step(tree, lines, id);
        }
        if let Some(command) = tree.commands().last() {
            let range = command.line.index()..tree.len();
            return Scene::of_lines(tree, lines, range, Some(command), None);
        }
    }
    Scene::of_lines(tree, lines, 0..tree.len(), None, tree.builds().last())
}

fn causes(d: &Diagnoser, tree: &Tree, lines: &dyn Lines, outcome: Outcome) -> Vec<Finding> {
    let record = d.record.as_ref();
    if let Some(finding) = record::finding(record, tree, lines) {
        return vec![finding];
    }
    let candidates = d.candidates();
    let main = scene(tree, lines, outcome);
    if outcome == Outcome::Timeout {
        let said = last_word(d, &main, &candidates, record.is_some());
        let told = record.is_some() || tree.phases().iter().any(|phase| phase.state.is_timeout());
        let guess = if told { fallback::timeout } else { fallback::cut_off };
        let draft = said.unwrap_or_else(|| guess(&main));
        return vec![draft.finding(d, &main, Confidence::High)];
    }
    if let Some(scene) = cancelled(&main) {
        let known = best(d, &main, &candidates, false);
        let draft = known.unwrap_or_else(|| fallback::cancelled(&scene));
        return vec![draft.finding(d, &scene, Confidence::Medium)];
    }
    let known = best(d, &main, &candidates, false);
    // The record can be ahead of the log: then what failed is still to come.
    let told = super::outcome::outcome(tree, None, false);
    let ahead = !d.finished && !tree.is_empty() && told == Outcome::Unknown;
    if known.is_none() && ahead {
        return vec![];
    }
    let mut draft = known.unwrap_or_else(|| fallback::failed(&main));
    let mut findings = match hidden::download(d, &main, &draft, &candidates) {
        Some((scene, draft)) => vec![draft.finding(d, &scene, Confidence::High)],
        None => {
            match hidden::installation(d, &main, &draft, &candidates) {
                Some(earlier) => draft = earlier,
                None => hidden::tell(&main, &mut draft),
            }
            vec![draft.finding(d, &main, Confidence::High)]
        }
    };
    // Steps that failed on their own beside it: parallel stages.
    if let Some(step) = main.the_step() {
        let others = tree.steps().iter().filter(|s| {
            s.build() == step.build() && s.id() != step.id() && s.state() == StepState::Failed
        });
        for other in others.take(8) {
            let scene = Scene::of_step(tree, lines, other.id());
            let Some(draft) = best(d, &scene, &candidates, false) else { continue };
            let finding = draft.finding(d, &scene, Confidence::Medium);
            let known = findings.iter().any(|f| {
                f.rule == finding.rule && (f.subject == finding.subject || f.line == finding.line)
            });
            if !known {
                findings.push(finding);
            }
        }
    }
    findings
}

/// What ended a step whose log stops before the builder says so: the cause of
/// a failure, given as the last thing that was printed. Not for a build that
/// the service itself says ran out of time.
fn last_word(
    d: &Diagnoser,
    main: &Scene<'_>,
    candidates: &[Candidate],
    recorded: bool,
) -> Option<Draft> {
    if recorded || main.tree.phases().iter().any(|phase| phase.state.is_failure()) {
        return None;
    }
    let last = main.last(8).into_iter().find(|(_, text)| !text.trim().is_empty())?.0;
    let mut draft = best(d, main, candidates, true).filter(|draft| !draft.retryable)?;
    let final_words = d.rules.all().iter().find(|rule| rule.id == draft.rule)?.rank >= 80;
    if !final_words || last.index().saturating_sub(draft.line.index()) > 6 {
        return None;
    }
    draft.most = draft.most.min(Confidence::Medium);
    Some(draft)
}

/// The step that ran when the whole build was called off.
fn cancelled<'a>(main: &Scene<'a>) -> Option<Scene<'a>> {
    let build = main.build.filter(|_| main.step.is_none())?;
    let error = build.final_error.as_ref()?;
    if !["context canceled", "DeadlineExceeded", "context deadline exceeded"]
        .iter()
        .any(|words| error.text.contains(words))
    {
        return None;
    }
    let step = main.tree.steps().iter().rev().find(|step| {
        matches!(step.state(), StepState::Cancelled | StepState::Running)
            && main.tree.builds().get(step.build()).is_some_and(|b| std::ptr::eq(b, build))
    })?;
    Some(Scene::of_step(main.tree, main.lines, step.id()))
}

/// While the build runs: what a failed step shows already, or what a running
/// one prints that looks like the end of it.
fn live(d: &Diagnoser, tree: &Tree, lines: &dyn Lines) -> Vec<Finding> {
    let record = d.record.as_ref();
    if let Some(finding) = record::finding(record, tree, lines) {
        return vec![finding];
    }
    let candidates = d.candidates();
    let open = tree.current().map(|id| Scene::of_step(tree, lines, id));
    let failed = tree
        .steps()
        .iter()
        .rev()
        .find(|s| s.state() == StepState::Failed)
        .map(|s| Scene::of_step(tree, lines, s.id()));
    if let Some(scene) = failed
        && let Some(draft) = best(d, &scene, &candidates, false)
    {
        return vec![draft.finding(d, &scene, Confidence::Medium)];
    }
    let scene = match open {
        Some(scene) => scene,
        None => {
            let command = tree.commands().last();
            let running = command.filter(|c| c.ended.is_none());
            let plain = tree.phases().is_empty() && tree.builds().is_empty();
            let start = match running {
                Some(command) => command.line.index(),
                None if plain => 0,
                None => return Vec::new(),
            };
            let build = tree.builds().last();
            Scene::of_lines(tree, lines, start..tree.len(), running, build)
        }
    };
    best(d, &scene, &candidates, true)
        .map(|draft| vec![draft.finding(d, &scene, Confidence::Low)])
        .unwrap_or_default()
}

/// What is wrong with a build that succeeded.
fn passed(d: &Diagnoser, tree: &Tree, lines: &dyn Lines) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    let scene = Scene::of_lines(tree, lines, 0..tree.len(), None, None);
    for candidate in d.candidates() {
        let Some(rule) = d.rules.at(candidate.rule) else { continue };
        if rule.kind != Kind::PassedBut || findings.iter().any(|f| f.rule == rule.id) {
            continue;
        }
        let scene = match tree.owner(candidate.line) {
            crate::parse::Owner::Step(id) => &Scene::of_step(tree, lines, id),
            _ => &scene,
        };
        if let Some(draft) = draft(d, scene, candidate.rule, candidate.line, None) {
            findings.push(draft.finding(d, scene, Confidence::Medium));
        }
        if findings.len() == 8 {
            break;
        }
    }
    if let Some((step, draft)) = overwritten(tree) {
        let scene = Scene::of_step(tree, lines, step.id());
        if scene.workdir().is_none_or(|dir| dir == "/app") {
            findings.push(draft.finding(d, &scene, Confidence::Low));
        }
    }
    findings
}

/// A line that a rule of the scene matches.
pub(super) struct Offer {
    pub(super) line: LineNo,
    /// The sentence, where it was wrapped.
    text: Option<String>,
    pub(super) weight: Weight,
    place: Option<usize>,
}

/// Lines of one rule that are weighed: as many of the first as of the last.
const WEIGHED: usize = 12;

/// The most specific rule of a scene, and its line.
fn best(d: &Diagnoser, scene: &Scene<'_>, candidates: &[Candidate], live: bool) -> Option<Draft> {
    let mut chosen: Vec<(u16, Vec<Offer>)> = Vec::new();
    // A loop tries again: what counts is what its last try said.
    let tries =
        scene.shell().is_some_and(|shell| shell.contains("; do ") && shell.contains("done"));
    let service = scene.is_service();
    let mut offer = |rule: u16, line: LineNo, text: Option<String>| {
        let Some(known) = d.rules.at(rule) else { return };
        if known.kind != Kind::Cause || (live && (known.tentative || known.rank < 60)) {
            return;
        }
        if service && of_a_tool(known) {
            return;
        }
        if !known.phases.is_empty() {
            let phase = scene.command.and_then(|c| scene.tree.phase(c.phase?));
            if !phase.is_some_and(|p| known.phases.iter().any(|name| name == p.name.as_ref())) {
                return;
            }
        }
        let offer = Offer { line, text, weight: Weight::Full, place: None };
        match chosen.iter_mut().find(|(known, _)| *known == rule) {
            Some((_, offers)) => match offers.binary_search_by_key(&line, |offer| offer.line) {
                // The whole sentence says more than its first line.
                Ok(at) if offer.text.is_some() => {
                    offers
                        .get_mut(at)
                        .into_iter()
                        .for_each(|place| place.text = offer.text.clone());
                }
                Ok(_) => {}
                Err(at) => offers.insert(at, offer),
            },
            None => chosen.push((rule, vec![offer])),
        }
    };
    for candidate in candidates {
        let own = scene.contains(candidate.line) && !scene.in_block(candidate.line);
        if own && scene.tree.repeat_of(candidate.line).is_none() {
            offer(candidate.rule, candidate.line, None);
        }
    }
    let mut tail = scene.last(3000);
    tail.reverse();
    // Only the tree knows of these that a command printed them.
    let mut found = Vec::new();
    for (line, text) in tail.iter().filter(|(line, _)| scene.in_block(*line)) {
        d.rules.matching(clip(text), &mut found);
        for rule in &found {
            if d.rules.at(*rule).is_some_and(|rule| rule.place != super::Place::Builder) {
                offer(*rule, *line, None);
            }
        }
    }
    let uv = scene.is_block() && scene.shell().is_some_and(|shell| shell.contains("uv "));
    for (rule, line, text) in wrapped::matches(&d.rules, &tail, candidates, uv) {
        offer(rule, line, Some(text));
    }
    if chosen.is_empty() {
        return None;
    }
    let rule = |index: u16| d.rules.at(index);
    for (_, offers) in &mut chosen {
        if offers.len() > 2 * WEIGHED {
            offers.drain(WEIGHED..offers.len() - WEIGHED);
        }
    }
    let course = Course::of(scene);
    weigh(d, scene, &course, &tail, &mut chosen);
    // Of each rule the line that counts most.
    let mut ranked: Vec<(u16, Offer)> = Vec::new();
    for (index, mut offers) in chosen {
        let Some(known) = rule(index) else { continue };
        if known.pick == Pick::Last || tries && !known.tentative {
            offers.reverse();
        }
        if let Some(offer) = offers.into_iter().min_by_key(|offer| offer.weight) {
            ranked.push((index, offer));
        }
    }
    // What a step tolerated is its last word all the same where nothing else
    // spoke: a silent test behind it failed.
    let last = tail.iter().rev().find(|(_, text)| !text.trim().is_empty()).map(|(line, _)| *line);
    ranked.retain(|(_, offer)| offer.weight != Weight::Ignored || Some(offer.line) == last);
    let rank = |index: u16| rule(index).map_or(0, |r| r.rank);
    ranked
        .sort_by_key(|(index, offer)| (offer.weight, std::cmp::Reverse(rank(*index)), offer.line));
    starved(d, &course, &mut ranked);
    ranked.into_iter().find_map(|(index, offer)| {
        let mut draft = draft(d, scene, index, offer.line, offer.text)?;
        match offer.weight {
            Weight::Full => {}
            Weight::Survived => draft.most = draft.most.min(Confidence::Medium),
            Weight::Ignored => draft.most = Confidence::Low,
        }
        Some(draft)
    })
}

/// Whether a rule knows the words of what runs in a build: not of the service,
/// nor of git, which fetches the source as well.
fn of_a_tool(rule: &super::Rule) -> bool {
    const FILES: [&str; 11] = [
        "pip.toml",
        "uv.toml",
        "poetry.toml",
        "apt.toml",
        "node.toml",
        "network.toml",
        "shell.toml",
        "python.toml",
        "tests.toml",
        "lint.toml",
        "compile.toml",
    ];
    FILES.contains(&rule.file.as_str())
}

/// How much each line counts, by the course that the step took.
fn weigh(
    d: &Diagnoser,
    scene: &Scene<'_>,
    course: &Course,
    tail: &[(LineNo, String)],
    chosen: &mut [(u16, Vec<Offer>)],
) {
    let fetches = |rule: &super::Rule| {
        rule.retryable || matches!(rule.category.as_str(), "network" | "tls-certificate")
    };
    let any = chosen.iter().any(|(index, _)| d.rules.at(*index).is_some_and(fetches));
    let recovered = if any { Recovered::of(tail) } else { Recovered::default() };
    let python = course.runs_python();
    let mut others: Vec<(LineNo, Option<usize>)> = Vec::new();
    for (index, offers) in chosen.iter_mut() {
        let Some(rule) = d.rules.at(*index) else { continue };
        for (nth, offer) in offers.iter_mut().enumerate() {
            let text = offer.text.clone().or_else(|| scene.text(offer.line));
            let Some(text) = text else { continue };
            if any {
                offer.weight = recovered.weight(offer.line, &text);
            }
            let foreign = rule.is_of_python() && python && of_an_installer(scene, offer.line);
            if !foreign {
                offer.place = course.place(rule, &text, nth);
            }
            if rule.rank >= 40 && !rule.tentative && offer.weight == Weight::Full {
                others.push((offer.line, offer.place));
            }
        }
    }
    // What tests that passed have printed is no failure if one came after them.
    let passed = tail.iter().rev().find(|(_, text)| tests_passed(text)).map(|(line, _)| *line);
    let passed = passed.filter(|passed| others.iter().any(|(line, _)| line > passed));
    let report = failed_tests(d, tail, chosen);
    for offer in chosen.iter_mut().flat_map(|(_, offers)| offers) {
        offer.weight = offer.weight.max(course.weigh(offer.line, offer.place, &others));
        if passed.is_some_and(|passed| offer.line < passed) {
            offer.weight = offer.weight.max(Weight::Survived);
        }
    }
    // A command that isn't there ends a step with 127, and failed tests with 1.
    if scene.exit_code() == Some(1) && chosen.iter().any(|(index, _)| names_test(d, *index)) {
        let missed = chosen.iter_mut().filter(|(index, _)| {
            d.rules.at(*index).is_some_and(|rule| rule.category == "command-not-found")
        });
        for offer in missed.flat_map(|(_, offers)| offers) {
            offer.weight = offer.weight.max(Weight::Survived);
        }
    }
    // Nor are the words that tests which failed have printed the failure.
    let others = chosen.iter_mut().filter(|(index, _)| !of_tests(d, *index));
    for offer in others.flat_map(|(_, offers)| offers) {
        if report.as_ref().is_some_and(|report| report.contains(&offer.line)) {
            offer.weight = offer.weight.max(Weight::Survived);
        }
    }
    if scene.step.is_some() {
        script::weigh(d, tail, chosen);
    }
}

fn of_tests(d: &Diagnoser, rule: u16) -> bool {
    d.rules.at(rule).is_some_and(|rule| rule.file == "tests.toml")
}

/// Whether a rule's line names a test that failed.
fn names_test(d: &Diagnoser, rule: u16) -> bool {
    of_tests(d, rule) && d.rules.at(rule).is_some_and(|rule| rule.rank >= 70)
}

/// The lines between the beginning of pytest's report and its sum of failures,
/// where a rule for tests has a line among them.
fn failed_tests(
    d: &Diagnoser,
    tail: &[(LineNo, String)],
    chosen: &[(u16, Vec<Offer>)],
) -> Option<std::ops::Range<LineNo>> {
    let sum = tail.iter().rposition(|(_, text)| {
        let bare = text.trim_matches(|c: char| c == '=' || c.is_whitespace());
        bare.starts_with(|c: char| c.is_ascii_digit())
            && bare.contains(" failed")
            && bare.contains(" in ")
    })?;
    let above = tail.get(..sum)?;
    let begins = |words: &str| above.iter().rposition(|(_, text)| text.contains(words));
    let start = begins("= test session starts =").or_else(|| begins("= FAILURES ="))?;
    let report = above.get(start)?.0..tail.get(sum)?.0;
    chosen
        .iter()
        .filter(|(index, _)| of_tests(d, *index))
        .flat_map(|(_, offers)| offers)
        .any(|offer| report.contains(&offer.line))
        .then_some(report)
}

/// Whether a line sums up tests of which none failed: `12 passed in 0.31s`.
fn tests_passed(text: &str) -> bool {
    let bare = text.trim_matches(|c: char| c == '=' || c.is_whitespace());
    let counted = bare.strip_prefix("Tests: ").unwrap_or(bare).trim_start();
    counted.starts_with(|c: char| c.is_ascii_digit())
        && counted.contains(" passed")
        && (counted.contains(" in ") || counted.contains(" total"))
        && !counted.contains(" failed")
        && !counted.contains(" error")
}

/// Whether a traceback is pip's or uv's, of itself or of a build it quotes.
fn of_an_installer(scene: &Scene<'_>, line: LineNo) -> bool {
    scene.after(line, 1).iter().any(|(_, text)| text.contains("/pip/"))
        || resolve::quoted(scene, line, scene.indent(line))
}

/// A command that should have fed others through a pipe, and couldn't, comes
/// before their complaint that something isn't there.
fn starved(d: &Diagnoser, course: &Course, ranked: &mut [(u16, Offer)]) {
    let category = |index: u16| d.rules.at(index).map_or("", |rule| rule.category.as_str());
    let Some((first, offer)) = ranked.first() else { return };
    let misses = matches!(
        category(*first),
        "command-not-found" | "system-package" | "script-failed" | "python-package-not-found"
    );
    if !misses || course.feeds(offer.place) {
        return;
    }
    let before = offer.line;
    ranked.sort_by_key(|(index, offer)| {
        let fed = offer.weight == Weight::Full
            && offer.line < before
            && course.feeds(offer.place)
            && matches!(
                category(*index),
                "command-not-found" | "network" | "tls-certificate" | "auth-denied"
            );
        !fed
    });
}

/// What a rule says of a line, unless its resolver finds that it doesn't fit.
pub(super) fn draft(
    d: &Diagnoser,
    scene: &Scene<'_>,
    index: u16,
    line: LineNo,
    text: Option<String>,
) -> Option<Draft> {
    let rule = d.rules.at(index)?;
    let text = match text {
        Some(text) => text,
        None if scene.in_block(line) => clip(&scene.text(line)?).to_owned(),
        None => {
            let clean = scene.lines.text(line)?;
            let (seconds, text) = payload(&clean);
            let role =
                if seconds.is_some() { crate::parse::Role::Output } else { line_role(&clean) };
            statement(clip(text), role).to_owned()
        }
    };
    let captures = matcher::captures(rule, &text)?;
    let mut draft = Draft::of_rule(rule, line, text, captures);
    if rule.pick == Pick::First {
        of_the_chain(scene, rule, &mut draft);
    }
    if draft.subject().is_none() && rule.patterns().any(|p| p.contains("(?P<subject")) {
        name_nearby(scene, rule, &mut draft);
    }
    if let Some(name) = &rule.resolver
        && !resolve::run(name, scene, &mut draft)
    {
        return None;
    }
    if draft.is_nameless() && resolve::is_exception(&draft.text) {
        let file = resolve::file_of_exception(scene, &draft);
        file.into_iter().for_each(|file| draft.set_subject(file));
    }
    of_the_pipeline(scene, &mut draft);
    Some(draft)
}

/// Python code that catches an exception and raises another repeats what was
/// wrong; the last one that the same rule knows says it best.
fn of_the_chain(scene: &Scene<'_>, rule: &super::Rule, draft: &mut Draft) {
    for (line, text) in resolve::chain(scene, draft) {
        if let Some(captures) = matcher::captures(rule, clip(&text)) {
            draft.evidence.push(draft.line);
            draft.line = line;
            draft.text = text;
            draft.captures = captures;
        }
    }
}

/// Tools say "this failed:" on one line and what failed on a line below it:
/// takes the subject from the nearest line that the same rule knows.
fn name_nearby(scene: &Scene<'_>, rule: &super::Rule, draft: &mut Draft) {
    for (line, text) in scene.after(draft.line, 12) {
        let Some(captures) = matcher::captures(rule, clip(&text)) else { continue };
        if let Some(subject) = captures.get("subject") {
            draft.set_found(subject);
            draft.evidence.push(line);
            return;
        }
    }
}

/// What fails before any image is built is the pipeline's own affair.
fn of_the_pipeline(scene: &Scene<'_>, draft: &mut Draft) {
    let own = scene.step.is_none() && scene.build.is_none() && scene.command.is_some();
    if own && matches!(draft.category.as_str(), "command-not-found" | "script-failed") {
        draft.category = "build-command".to_owned();
    }
    if scene.registry_command() == Some("tag") && draft.category == "build-command" {
        draft.category = "image-push".to_owned();
    }
}
