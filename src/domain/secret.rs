//! What no program that we start may be given.

/// Environment variables that hold a credential of the service. Every child
/// process is started without them; a test looks for those that aren't.
pub const SECRET_VARIABLES: [&str; 4] =
    ["PIPECAT_API_KEY", "PIPECAT_TOKEN", "PIPECAT_CLOUD_API_KEY", "PCC_API_KEY"];
