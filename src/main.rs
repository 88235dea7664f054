//! The `buildcat` program.

fn main() {}
