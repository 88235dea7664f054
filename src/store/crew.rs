//! Work on a text, shared out among the processor's cores.
//!
//! The text is cut into pieces; each is taken by whichever thread is free, and
//! the results come in the order of the pieces. The threads live as long as the
//! call: starting one takes some hundredths of a millisecond.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::index::BLOCK;
use super::slab::Slab;

/// Bytes of a piece: it stays in a core's own cache while it is looked at.
pub(crate) const PIECE: u64 = 16 * BLOCK;

/// With fewer pieces a second thread isn't worth its start.
const FEW: u64 = 4;

/// Threads at most; more would only wait for memory.
const THREADS: usize = 4;

/// What one thread works with, kept from call to call.
#[derive(Debug, Default)]
pub(super) struct Desk {
    pub(super) buffer: Slab,
    /// Room to make lines clean in.
    pub(super) scratch: String,
}

/// Does so many pieces of work; after so much `time` no more are begun, if
/// `least` have been. The results of the first ones, in order.
pub(super) fn share<T: Send>(
    pieces: u64,
    least: u64,
    time: Duration,
    desks: &mut Vec<Desk>,
    work: impl Fn(u64, &mut Desk) -> T + Sync,
) -> Vec<T> {
    let threads = if pieces < FEW { 1 } else { threads() };
    desks.resize_with(desks.len().max(threads), Desk::default);
    let taken = AtomicU64::new(0);
    let begun = Instant::now();
    let turn = &|desk: &mut Desk| {
        let mut done = Vec::new();
        // Whatever was taken is done, so that no piece is missing between.
        while taken.load(Ordering::Relaxed) < least || begun.elapsed() < time {
            let number = taken.fetch_add(1, Ordering::Relaxed);
            if number >= pieces {
                break;
            }
            done.push((number, work(number, desk)));
        }
        done
    };
    let mut done = std::thread::scope(|scope| {
        let mut desks = desks.iter_mut().take(threads);
        let mine = desks.next();
        let helpers: Vec<_> = desks
            .filter_map(|desk| {
                let thread = std::thread::Builder::new().name("share".to_owned());
                thread.spawn_scoped(scope, move || turn(desk)).ok()
            })
            .collect();
        let mut done = mine.map(turn).unwrap_or_default();
        for helper in helpers {
            match helper.join() {
                Ok(more) => done.extend(more),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        done
    });
    done.sort_unstable_by_key(|(number, _)| *number);
    done.into_iter().map(|(_, result)| result).collect()
}

/// How many threads work.
fn threads() -> usize {
    // Asking the system takes longer than starting a thread.
    static CORES: OnceLock<usize> = OnceLock::new();
    *CORES.get_or_init(|| {
        std::thread::available_parallelism().map_or(1, |cores| cores.get().min(THREADS))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_come_in_order_and_none_is_missing() {
        let mut desks = Vec::new();
        for pieces in [1, 3, 4, 1000] {
            let done = share(pieces, 1, Duration::MAX, &mut desks, |number, _| number);
            assert_eq!(done, (0..pieces).collect::<Vec<_>>());
        }
        let done = share(1000, 7, Duration::ZERO, &mut desks, |number, _| number);
        assert!((7..1000).contains(&done.len()));
        assert_eq!(done, (0..done.len() as u64).collect::<Vec<_>>());
    }
}
