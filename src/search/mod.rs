//! Queries over log text and their matches.
