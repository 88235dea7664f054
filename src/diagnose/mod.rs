//! Failure rules, and the findings they give.
