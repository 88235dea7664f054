//! A body, read up to a bound.

use std::time::Duration;

use reqwest::Response;

use super::error::{Fault, Stage};
use super::transport;

/// Why a body wasn't read to its end.
pub(super) enum Stopped {
    /// It is larger than this, in bytes.
    TooBig { limit: u64 },
    /// It broke after this many bytes.
    Broken { error: reqwest::Error, received: u64 },
}

impl Stopped {
    /// What it means, given the time limit that a timeout would have passed.
    pub(super) fn fault(&self, time: Duration) -> Fault {
        match self {
            Self::TooBig { limit } => Fault::TooBig { limit: *limit },
            Self::Broken { error, received } => {
                transport::fault(error, Stage::Reading, time, *received)
            }
        }
    }
}

/// Reads a whole body, at most `limit` bytes after decompression.
///
/// The decoder works on one piece at a time, so that a body that unpacks to
/// terabytes costs no more memory than one that is `limit` long.
pub(super) async fn whole(response: &mut Response, limit: u64) -> Result<Vec<u8>, Stopped> {
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(piece)) => {
                if body.len() as u64 + piece.len() as u64 > limit {
                    return Err(Stopped::TooBig { limit });
                }
                body.extend_from_slice(&piece);
            }
            Ok(None) => return Ok(body),
            Err(error) => {
                return Err(Stopped::Broken { error, received: body.len() as u64 });
            }
        }
    }
}

/// Reads what there is of an error's body, at most 64 KiB. That the rest is
/// missing or broken doesn't matter: the status has said what counts.
pub(super) async fn beginning(response: &mut Response) -> Vec<u8> {
    const ENOUGH: usize = 64 * 1024;
    let mut body = Vec::new();
    while let Ok(Some(piece)) = response.chunk().await {
        let room = ENOUGH.saturating_sub(body.len());
        body.extend_from_slice(piece.get(..room).unwrap_or(&piece));
        if body.len() >= ENOUGH {
            break;
        }
    }
    body
}
