//! The task that polls one build: pacing, back-off, and the stitching of windows into one log.
