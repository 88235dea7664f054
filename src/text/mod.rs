//! What may reach a terminal: sanitising of raw bytes into text and style runs.
