//! A simulated Pipecat Cloud API on loopback that plays recorded builds.
