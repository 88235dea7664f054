//! Colours and styles by role.
