//! Signals as a stream of facts.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use futures_util::Stream;
use tokio::signal::unix::{Signal as Listener, SignalKind, signal};

/// A signal that the screen answers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// SIGINT from outside; the keyboard's Ctrl-C arrives as a key.
    Interrupt,
    /// SIGTERM, SIGHUP or SIGQUIT, by its number: end now.
    End(i32),
    /// SIGCONT: back from a stop; the terminal may have been changed.
    Continue,
    /// SIGWINCH: the terminal has another size. Crossterm tells of it too, but
    /// not of one that comes while it starts.
    Resized,
}

/// The signals of this process.
#[derive(Debug)]
pub struct Signals {
    listeners: [(Signal, Listener); 6],
}

impl Signals {
    /// Begins to listen; the default actions no longer apply.
    pub fn listen() -> io::Result<Self> {
        let (term, hup) = (SignalKind::terminate(), SignalKind::hangup());
        let quit = SignalKind::quit();
        let cont = SignalKind::from_raw(rustix::process::Signal::CONT.as_raw());
        Ok(Self {
            listeners: [
                (Signal::Interrupt, signal(SignalKind::interrupt())?),
                (Signal::End(term.as_raw_value()), signal(term)?),
                (Signal::End(hup.as_raw_value()), signal(hup)?),
                (Signal::End(quit.as_raw_value()), signal(quit)?),
                (Signal::Continue, signal(cont)?),
                (Signal::Resized, signal(SignalKind::window_change())?),
            ],
        })
    }
}

impl Stream for Signals {
    type Item = Signal;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Signal>> {
        for (meaning, listener) in &mut self.listeners {
            if let Poll::Ready(Some(())) = listener.poll_recv(cx) {
                return Poll::Ready(Some(*meaning));
            }
        }
        Poll::Pending
    }
}

/// Whether a signal has said to end: known at once, even while the loop waits
/// for a terminal that nobody reads, or for a key.
#[derive(Clone, Debug, Default)]
pub struct Endings {
    sent: Arc<AtomicBool>,
    /// By one that the keyboard sends, too, to all that run in front.
    typed: Arc<AtomicBool>,
}

impl Endings {
    /// Begins to listen.
    pub fn listen() -> io::Result<Self> {
        let endings = Self::default();
        for (kind, said) in [
            (SignalKind::terminate(), &endings.sent),
            (SignalKind::hangup(), &endings.sent),
            (SignalKind::interrupt(), &endings.typed),
            (SignalKind::quit(), &endings.typed),
        ] {
            signal_hook::flag::register(kind.as_raw_value(), Arc::clone(said))?;
        }
        Ok(endings)
    }

    /// Whether the program is to end.
    pub fn is_due(&self) -> bool {
        self.sent.load(Ordering::SeqCst) || self.typed.load(Ordering::SeqCst)
    }

    /// Forgets what was typed: it was meant for a program that had the
    /// terminal.
    pub fn forget_typed(&self) {
        self.typed.store(false, Ordering::SeqCst);
    }
}

/// Stops this process and the rest of its pipeline, as Ctrl-Z would, until
/// the shell continues it. Without a shell to do so the kernel ignores it.
pub fn stop() -> io::Result<()> {
    Ok(rustix::process::kill_current_process_group(rustix::process::Signal::TSTP)?)
}
