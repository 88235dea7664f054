//! Bytes of a file in memory, where the kernel copies them to fast.
//!
//! A copy to a place that lies a little behind its source, counted from the
//! starts of their pages, takes three times as long on many processors: the
//! load after each store looks as if it had to wait for that. Allocators put a
//! big buffer 16 bytes behind the start of a page, which is such a place for
//! all that is read from the start of one.

use std::ops::{Deref, DerefMut};

/// Bytes of a page.
const PAGE: usize = 4096;

/// What lies less than this behind its source is copied slowly.
const BEHIND: usize = 64;

/// How many bytes are left out at most.
pub(super) const SKIPPED: usize = BEHIND;

/// Bytes of a file from some place on.
#[derive(Debug, Default)]
pub(super) struct Slab {
    bytes: Vec<u8>,
    skip: usize,
}

impl Slab {
    /// Makes room for so many bytes of a file from a place on. What the room
    /// holds is whatever was there before.
    pub(super) fn restart(&mut self, from: u64, len: usize) -> &mut [u8] {
        self.bytes.resize(len + BEHIND, 0);
        self.skip = skip(&self.bytes, from);
        self.bytes.truncate(self.skip + len);
        self
    }

    /// Makes room for so many bytes, those that are there among them.
    pub(super) fn grow(&mut self, len: usize) {
        if len > self.len() {
            self.bytes.resize(self.skip + len, 0);
        }
    }

    /// Keeps only so many bytes.
    pub(super) fn truncate(&mut self, len: usize) {
        self.bytes.truncate(self.skip + len);
    }

    /// How many bytes of memory it has.
    pub(super) fn capacity(&self) -> usize {
        self.bytes.capacity()
    }
}

impl Deref for Slab {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.bytes.get(self.skip..).unwrap_or_default()
    }
}

impl DerefMut for Slab {
    fn deref_mut(&mut self) -> &mut [u8] {
        self.bytes.get_mut(self.skip..).unwrap_or_default()
    }
}

/// How many bytes of `room` to leave out, fewer than 64, so that what is read
/// there from a place of a file is copied fast.
pub(super) fn skip(room: &[u8], from: u64) -> usize {
    let place = (from % PAGE as u64) as usize;
    let behind = (room.as_ptr().addr() % PAGE + PAGE - place) % PAGE;
    if (1..BEHIND).contains(&behind) { BEHIND - behind } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_of_a_file_never_lie_a_little_behind_their_place_in_a_page() {
        let mut slab = Slab::default();
        for from in (0..3 * PAGE as u64).step_by(7).chain([u64::MAX - 5]) {
            let len = 300_000 - from as usize % 1000;
            slab.restart(from, len).fill(1);
            assert_eq!(slab.len(), len);
            let behind = (slab.as_ptr().addr() as u64).wrapping_sub(from) % PAGE as u64;
            assert!(behind == 0 || behind >= BEHIND as u64, "{from}: {behind}");
        }
        slab.restart(5, 9).copy_from_slice(b"some text");
        slab.truncate(4);
        slab.grow(6);
        slab.grow(2);
        assert_eq!(&slab[..4], b"some");
        assert_eq!(slab.len(), 6);
    }
}
