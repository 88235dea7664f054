//! Flat build output back into phases and steps.
