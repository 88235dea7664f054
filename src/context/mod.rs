//! The local project: Dockerfile, ignore rules, and what an upload would hold.
