//! The thread that looks at the project, so that the screen never waits for a
//! disk.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel};

use tokio::sync::mpsc;

use super::told::{Explained, Question, Trust};
use crate::context::project::Project;

/// An answer, and which question it is for.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The number of the question.
    pub question: u64,
    /// Its findings, explained; in its order.
    pub findings: Vec<Explained>,
}

/// The asking end. The thread begins with the first question, and ends with
/// its asker.
#[derive(Debug)]
pub struct Asker {
    questions: Sender<(u64, Question)>,
    answers: mpsc::Receiver<Answer>,
    /// What the thread needs, until it has it.
    idle: Option<Idle>,
}

#[derive(Debug)]
struct Idle {
    dir: PathBuf,
    trust: Trust,
    asked: Receiver<(u64, Question)>,
    send: mpsc::Sender<Answer>,
}

impl Asker {
    /// Asks the project in a directory.
    pub fn new(dir: PathBuf, trust: Trust) -> Self {
        let (questions, asked) = channel();
        let (send, answers) = mpsc::channel(4);
        Self { questions, answers, idle: Some(Idle { dir, trust, asked, send }) }
    }

    /// Asks. Of several questions that wait only the last is answered.
    pub fn ask(&mut self, number: u64, question: Question) {
        if let Some(idle) = self.idle.take() {
            let thread = std::thread::Builder::new().name("project".to_owned());
            // A system that has no thread to give answers nothing; the
            // findings stay in the log's own words.
            let begun = thread.spawn(move || idle.work());
            let _ = begun.inspect_err(|error| tracing::warn!(%error, "the project isn't read"));
        }
        // Nor does a thread that is gone.
        let _ = self.questions.send((number, question));
    }

    /// An answer that is there already.
    pub fn ready(&mut self) -> Option<Answer> {
        self.answers.try_recv().ok()
    }

    /// The next answer; `None` when there will be none.
    pub async fn answer(&mut self) -> Option<Answer> {
        self.answers.recv().await
    }
}

impl Idle {
    fn work(self) {
        while let Ok(mut next) = self.asked.recv() {
            while let Ok(newer) = self.asked.try_recv() {
                next = newer;
            }
            let (question, asked) = next;
            // Read anew each time: people mend the project while they watch.
            let project = Project::open(&self.dir);
            let findings = super::answer(&project, &asked, self.trust);
            if self.send.blocking_send(Answer { question, findings }).is_err() {
                return;
            }
        }
    }
}
