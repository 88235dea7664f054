//! What the program knows and decides: model, messages, update. No I/O, no clock.
