//! How the screen asks, and what it does with an answer.

use std::sync::Arc;
use std::time::Instant;

use buildcat::app::{Message, Model, Now, Options, Subject, advance, inquire, update};
use buildcat::diagnose::Rules;
use buildcat::domain::{FeedEvent, Patch};
use buildcat::explain::Trust;
use buildcat::explain::task::{Answer, Asker};
use buildcat::keymap::Keymap;
use buildcat::log::Log;
use buildcat::theme::{Depth, Styles, Theme};

use super::case::*;

const DOCKERFILE: &str = "FROM python:3.12-slim\nCOPY README.md ./\n";

fn project() -> Project {
    Project::new(&[("Dockerfile", DOCKERFILE), ("README.md", "x"), (".dockerignore", "*.md\n")])
}

/// A model that has read a log.
fn model(log: &str) -> Model {
    let rules = Arc::new(Rules::builtin());
    let now = Now { instant: Instant::now(), wall: "2026-11-24T12:00:00Z".parse().unwrap() };
    let styles = Styles::new(&Theme::default(), Depth::True);
    let subject = Subject::Text { name: "x".to_owned() };
    let mut model =
        Model::new(subject, Log::new(rules), Options::default(), Keymap::default(), styles, now);
    update(&mut model, Message::Feed(FeedEvent::Log(Patch::text(log))));
    update(&mut model, Message::Feed(FeedEvent::End));
    while advance(&mut model) {}
    model
}

#[test]
fn findings_are_there_at_once_and_better_with_the_answer() {
    let project = project();
    let mut model = model(&not_found(DOCKERFILE, 2, "README.md"));
    let first = model.findings[0].finding.title.clone();
    let (number, question) = inquire(&mut model).unwrap();
    assert!(inquire(&mut model).is_none(), "each question is passed on once");

    let mut asker = Asker::new(project.path().to_owned(), Trust::Found);
    asker.ask(number, question);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let answer = runtime.block_on(asker.answer()).unwrap();
    assert_eq!(answer.question, number);

    // An answer to another question is none.
    let late = Answer { question: number + 1, ..answer.clone() };
    update(&mut model, Message::Explained(late));
    assert_eq!(model.findings[0].finding.title, first);

    model.dirty = false;
    update(&mut model, Message::Explained(answer));
    assert!(model.dirty);
    let title = "`README.md` is left out of the upload by `*.md` (.dockerignore:1)";
    assert_eq!(model.findings[0].finding.title, title);
    assert_eq!(model.cause.as_ref().unwrap().title, title);
    assert!(model.findings[0].finding.diff.is_some());
    // Reading on asks nothing new.
    while advance(&mut model) {}
    assert_eq!(model.findings[0].finding.title, title);
    assert!(inquire(&mut model).is_none());
}

#[test]
fn of_several_questions_the_last_is_answered() {
    let project = project();
    let log = not_found(DOCKERFILE, 2, "README.md");
    let mut asker = Asker::new(project.path().to_owned(), Trust::Found);
    for number in 1..=50 {
        asker.ask(number, question(&log, None));
    }
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let last = runtime.block_on(async {
        loop {
            let answer = asker.answer().await.unwrap();
            if answer.question == 50 {
                break answer;
            }
        }
    });
    assert!(last.findings[0].finding.diff.is_some());
}
