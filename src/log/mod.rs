//! A log and all that is derived from it.
