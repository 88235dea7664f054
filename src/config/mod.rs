//! The configuration file, its layers and its validation.
