//! Signals that want an end of what runs without a screen.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::Poll;

use futures_util::FutureExt;
use futures_util::future::Shared;
use tokio::signal::unix::{SignalKind, signal};

/// Ready when an end is wanted, with the number of the signal that said so; for all
/// who wait for it at once.
pub(super) type Told = Shared<Pin<Box<dyn Future<Output = i32>>>>;

/// Listens from the call on.
pub(super) fn told() -> Told {
    let ended: Pin<Box<dyn Future<Output = i32>>> = Box::pin(ended());
    ended.shared()
}

/// What comes of some work, or the signal that came first. Work that waits for the
/// same may have something to finish, and does so before.
pub(super) async fn unless_told<T>(work: impl Future<Output = T>, told: Told) -> Result<T, i32> {
    let mut work = pin!(work);
    let number = tokio::select! {
        biased;
        done = &mut work => return Ok(done),
        number = told => number,
    };
    // It may have waited in vain a moment before.
    work.now_or_never().ok_or(number)
}

/// Ready when the user, or whoever runs us, wants an end, with the number of the
/// signal that said so. Listens from the call on.
fn ended() -> impl Future<Output = i32> {
    let listen = |kind| (kind, signal(kind).ok());
    let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::quit()];
    let mut listeners = kinds.map(listen);
    let hung_up = hung_up();
    async move {
        let said = poll_fn(|cx| {
            for (kind, listener) in &mut listeners {
                let heard = listener.as_mut().is_some_and(|heard| heard.poll_recv(cx).is_ready());
                if heard {
                    return Poll::Ready(kind.as_raw_value());
                }
            }
            Poll::Pending
        });
        tokio::select! {
            number = said => number,
            () = hung_up => SignalKind::hangup().as_raw_value(),
        }
    }
}

/// Ready when the terminal is gone; never where whoever started us doesn't want
/// that to end us (`nohup`). Where that isn't to be known, the system's own way
/// stays.
fn hung_up() -> impl Future<Output = ()> {
    let hangup = SignalKind::hangup();
    let ignored = std::fs::read_to_string("/proc/self/status")
        .ok()
        .and_then(|status| {
            let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"))?;
            u64::from_str_radix(mask.trim(), 16).ok()
        })
        .is_none_or(|mask| (mask >> (hangup.as_raw_value() - 1)) & 1 == 1);
    // To listen is to take it: then it isn't ignored any more.
    let listener = if ignored { None } else { signal(hangup).ok() };
    async {
        match listener {
            Some(mut listener) => {
                listener.recv().await;
            }
            None => std::future::pending().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_finishes_though_it_was_told_after_it_was_asked() {
        let (tell, hear) = tokio::sync::oneshot::channel();
        let hear: Pin<Box<dyn Future<Output = i32>>> =
            Box::pin(hear.map(|heard| heard.unwrap_or_default()));
        let told = hear.shared();
        let mut tell = Some(tell);
        let mut waits = told.clone();
        let work = poll_fn(move |cx| {
            let heard = waits.poll_unpin(cx);
            // The signal comes now, between one listener and the other.
            tell.take().map(|tell| tell.send(15));
            heard
        });
        assert_eq!(unless_told(work, told.clone()).now_or_never(), Some(Ok(15)));
        let work = std::future::pending::<()>();
        assert_eq!(unless_told(work, told).now_or_never(), Some(Err(15)));
    }
}
