//! The client for the Pipecat Cloud builds API: requests, tolerant wire types, credentials, typed errors.
