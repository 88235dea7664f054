//! How a body gets to the client: whole, slowly, in part, or without an end.

use std::future::Future;
use std::io::Write;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use hyper::body::{Body, Frame, SizeHint};
use tokio::time::{Instant, Sleep};

/// How a body is delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Delivery {
    /// At once.
    Whole,
    /// Not beyond so many bytes; then the connection is reset.
    Reset(usize),
    /// Not beyond so many bytes; then the connection is closed.
    Truncated(usize),
    /// Not even the status line.
    Hang,
    /// In pieces.
    Slow {
        /// Bytes in one piece.
        bytes: usize,
        /// Time before each piece.
        every: Duration,
    },
    /// Again and again.
    Endless,
}

/// The error that makes hyper give the connection up.
#[derive(Debug, thiserror::Error)]
#[error("the simulated connection broke")]
pub(super) struct Broken;

/// A body under way.
pub(super) struct Sending {
    text: Bytes,
    delivery: Delivery,
    wait: Option<Pin<Box<Sleep>>>,
    /// Tells the connection to end with a reset instead of a close.
    reset: Arc<AtomicBool>,
    /// What was sent before a break has had its turn to be written out.
    flushed: bool,
}

impl Sending {
    pub(super) fn new(text: Vec<u8>, delivery: Delivery, reset: Arc<AtomicBool>) -> Self {
        let mut text = Bytes::from(text);
        if let Delivery::Reset(most) | Delivery::Truncated(most) = delivery {
            // A body that was sent whole would not be broken off.
            text.truncate(most.min(text.len().saturating_sub(1)));
        }
        Self { text, delivery, wait: None, reset, flushed: false }
    }
}

impl Body for Sending {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        let this = self.get_mut();
        let breaks = matches!(this.delivery, Delivery::Reset(_) | Delivery::Truncated(_));
        if this.text.is_empty() && breaks && !this.flushed {
            // hyper writes out what it holds when a body has nothing for it
            // right now, and drops it when the body fails.
            this.flushed = true;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        if this.text.is_empty() {
            return Poll::Ready(match this.delivery {
                Delivery::Reset(_) => {
                    this.reset.store(true, Ordering::SeqCst);
                    Some(Err(Broken))
                }
                Delivery::Truncated(_) => Some(Err(Broken)),
                _ => None,
            });
        }
        match this.delivery {
            Delivery::Slow { bytes, every } => {
                let wait = this.wait.get_or_insert_with(|| {
                    Box::pin(tokio::time::sleep_until(Instant::now() + every))
                });
                ready!(wait.as_mut().poll(cx));
                this.wait = None;
                let piece = this.text.split_to(bytes.clamp(1, this.text.len()));
                Poll::Ready(Some(Ok(Frame::data(piece))))
            }
            Delivery::Endless => Poll::Ready(Some(Ok(Frame::data(this.text.clone())))),
            _ => Poll::Ready(Some(Ok(Frame::data(std::mem::take(&mut this.text))))),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.text.is_empty()
            && !matches!(self.delivery, Delivery::Reset(_) | Delivery::Truncated(_))
    }

    fn size_hint(&self) -> SizeHint {
        match self.delivery {
            Delivery::Whole | Delivery::Hang | Delivery::Slow { .. } => {
                SizeHint::with_exact(self.text.len() as u64)
            }
            // No length is announced, so the body is chunked, and breaking it
            // off leaves it without its end.
            Delivery::Reset(_) | Delivery::Truncated(_) | Delivery::Endless => SizeHint::default(),
        }
    }
}

/// A gzip body that unpacks to `bytes` bytes of one JSON string.
pub(super) fn gzip_bomb(bytes: usize) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    let block = [b' '; 1 << 14];
    let mut left = bytes;
    while left > 0 {
        let piece = left.min(block.len());
        // Writing into memory does not fail.
        let _ = packed.write_all(block.get(..piece).unwrap_or_default());
        left -= piece;
    }
    packed.finish().unwrap_or_default()
}
