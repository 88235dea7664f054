//! pip and its like: chains of causes, and what a requirement really says.

pub(super) mod advice;
pub(super) mod build;
pub(super) mod git;
pub(super) mod header;
pub(super) mod index;
pub(super) mod package;
pub(super) mod poetry;
pub(super) mod requirement;
pub(super) mod wheel;
