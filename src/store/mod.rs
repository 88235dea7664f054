//! The log itself: append-only, stable line numbers, in memory or in a file.
