//! What lies outside of the screen and takes what leaves it: the clipboard,
//! files, editors, pagers.
//!
//! ```text
//!   Parcel ──► Dock ──► worker thread ──► file, clipboard's program
//!                          │
//!                          ▼
//!     Landed: room for more │ a report │ text for the terminal's clipboard
//!             │ a file for a program that gets the terminal
//! ```
//!
//! Files are written and programs fed by a thread of their own, so that a slow
//! disk never keeps a key waiting. No shell is involved anywhere, and no
//! program gets a variable that may hold a key. `osc52.rs` is the smallest
//! file and shows the shape.

mod clipboard;
mod dock;
mod editor;
mod osc52;
mod tools;

pub use dock::{Dock, Landed};
pub use osc52::{Wrap, sequence};
pub use tools::{Ended, Tools};
