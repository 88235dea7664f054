//! The thread that looks at the project, so that the screen never waits for a
//! disk.

use std::io;
use std::path::PathBuf;

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

/// The asking end.
#[derive(Debug)]
pub struct Asker {
    questions: std::sync::mpsc::Sender<(u64, Question)>,
    answers: mpsc::Receiver<Answer>,
}

impl Asker {
    /// Asks. Of several questions that wait only the last is answered.
    pub fn ask(&self, number: u64, question: Question) {
        // A thread that is gone answers nothing; the findings stay as they are.
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

/// Starts the thread for the project in a directory. It ends with its asker.
///
/// # Errors
/// When the system has no thread to give.
pub fn spawn(dir: PathBuf, trust: Trust) -> io::Result<Asker> {
    let (questions, asked) = std::sync::mpsc::channel::<(u64, Question)>();
    let (send, answers) = mpsc::channel(4);
    std::thread::Builder::new().name("project".to_owned()).spawn(move || {
        while let Ok(mut next) = asked.recv() {
            while let Ok(newer) = asked.try_recv() {
                next = newer;
            }
            let (question, asked) = next;
            // Read anew each time: people mend the project while they watch.
            let project = Project::open(&dir);
            let findings = super::answer(&project, &asked, trust);
            if send.blocking_send(Answer { question, findings }).is_err() {
                return;
            }
        }
    })?;
    Ok(Asker { questions, answers })
}
