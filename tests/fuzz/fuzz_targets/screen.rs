//! Any bytes as a log, a record and pasted text: only our own cells change.

#![no_main]

#[path = "../hostile.rs"]
mod hostile;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| hostile::check(data));
