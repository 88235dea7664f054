//! Edits of single instructions.
