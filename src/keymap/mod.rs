//! Actions, the keys bound to them, and the help that follows from both.
