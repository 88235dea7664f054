//! What is done once the first picture is shown, so that it waits for none of
//! it.

use std::fmt;

use tokio::sync::mpsc;

use crate::app::Message;

type Errand = Box<dyn FnOnce() -> Option<Message> + Send>;

/// Errands that haven't been begun.
#[derive(Default)]
pub struct Errands(Vec<Errand>);

impl Errands {
    /// Adds one that comes after the others; what it finds out is a message.
    pub fn add(&mut self, errand: impl FnOnce() -> Option<Message> + Send + 'static) {
        self.0.push(Box::new(errand));
    }

    /// Begins them, one after the other, on a thread of their own.
    pub(super) fn begin(self) -> Option<mpsc::Receiver<Message>> {
        if self.0.is_empty() {
            return None;
        }
        let (send, messages) = mpsc::channel(self.0.len());
        let thread = std::thread::Builder::new().name("errands".to_owned());
        let run = move || {
            for message in self.0.into_iter().filter_map(|errand| errand()) {
                if send.blocking_send(message).is_err() {
                    return;
                }
            }
        };
        // Without the thread nothing was remembered, and the rules are read
        // when they are needed.
        let begun = thread.spawn(run);
        begun.inspect_err(|error| tracing::warn!(%error, "there is no thread for errands")).ok()?;
        Some(messages)
    }
}

impl fmt::Debug for Errands {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Errands").field(&self.0.len()).finish()
    }
}
