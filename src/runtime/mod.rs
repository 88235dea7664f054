//! The loop: terminal, input, sources, effects.
