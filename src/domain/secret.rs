//! What no program that we start may be given.

use std::ffi::OsStr;

/// Environment variables that hold a credential of the service.
pub const SECRET_VARIABLES: [&str; 4] =
    ["PIPECAT_API_KEY", "PIPECAT_TOKEN", "PIPECAT_CLOUD_API_KEY", "PCC_API_KEY"];

/// What the names of variables begin with that may hold one besides those.
const PREFIX: &str = "PIPECAT_";

/// Whether an environment variable may hold a credential of the service, in
/// whatever case it is written. Every child process is started without those;
/// a test looks for those that aren't.
pub fn may_hold_key(name: &OsStr) -> bool {
    let name = name.to_string_lossy().to_ascii_uppercase();
    name.starts_with(PREFIX) || SECRET_VARIABLES.contains(&name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_known_by_the_variables_name() {
        for name in SECRET_VARIABLES.iter().chain(&["pipecat_token", "PIPECAT_STAGING_KEY"]) {
            assert!(may_hold_key(OsStr::new(name)), "{name}");
        }
        for name in ["PATH", "PIPECAT", "MY_PIPECAT_TOKEN", ""] {
            assert!(!may_hold_key(OsStr::new(name)), "{name}");
        }
    }
}
