//! What the screen shows: one file per region, each a function of the model.
