//! A build and its status, as the program reasons about them.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;

/// The identifier of a build: a UUID in its 8-4-4-4-12 form, lower case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BuildId(String);

impl BuildId {
    /// The identifier as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first eight characters, enough to tell builds apart on a screen.
    pub fn short(&self) -> &str {
        self.0.get(..8).unwrap_or(&self.0)
    }
}

impl fmt::Display for BuildId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A text that is no UUID.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is not a build id. A build id is a UUID such as \
     7f3f8c1e-2b57-4a0e-9d0c-5f2b6c1a9e44; `buildcat list` shows yours."
)]
pub struct NotABuildId(pub String);

impl FromStr for BuildId {
    type Err = NotABuildId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let groups = [8usize, 4, 4, 4, 12];
        let mut parts = text.split('-');
        let ok = groups.iter().all(|&len| {
            parts.next().is_some_and(|part| {
                part.len() == len && part.bytes().all(|b| b.is_ascii_hexdigit())
            })
        }) && parts.next().is_none();
        if ok { Ok(Self(text.to_ascii_lowercase())) } else { Err(NotABuildId(text.to_owned())) }
    }
}

/// The state of a build, as the service reports it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum BuildStatus {
    /// Queued; no container yet, so no log.
    Pending,
    /// Running.
    Building,
    /// Over, and an image was pushed.
    Success,
    /// Over, without an image.
    Failed,
    /// Stopped by the service's time limit.
    Timeout,
    /// Stopped by somebody.
    Cancelled,
    /// A word this version doesn't know; shown as it is, as far as a word goes.
    Other(String),
}

/// Characters of an unknown status that are kept: it stands in bars and titles.
const LONGEST_WORD: usize = 64;

impl BuildStatus {
    /// The status a word of the API stands for; letter case doesn't matter.
    pub fn from_api(word: &str) -> Self {
        match word.to_ascii_lowercase().as_str() {
            "pending" | "queued" => Self::Pending,
            "building" | "in_progress" | "running" => Self::Building,
            "success" | "succeeded" => Self::Success,
            "failed" | "failure" | "error" => Self::Failed,
            "timeout" | "timed_out" => Self::Timeout,
            "cancelled" | "canceled" | "stopped" => Self::Cancelled,
            _ => Self::Other(word.chars().take(LONGEST_WORD).collect()),
        }
    }

    /// The words of the service that this version knows, as they are shown.
    pub const WORDS: [&str; 6] =
        ["pending", "building", "success", "failed", "timeout", "cancelled"];

    /// The word a person is shown.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Pending => "pending",
            Self::Building => "building",
            Self::Success => "success",
            Self::Failed => "failed",
            Self::Timeout => "timeout",
            Self::Cancelled => "cancelled",
            Self::Other(word) => word,
        }
    }

    /// The sign that stands for it wherever it is shown, one column wide: no
    /// meaning is carried by colour alone.
    pub fn sign(&self) -> &'static str {
        match self {
            Self::Pending => "◌",
            Self::Building => "●",
            Self::Success => "✓",
            Self::Failed => "✗",
            Self::Timeout => "◷",
            Self::Cancelled => "■",
            Self::Other(_) => "?",
        }
    }

    /// Whether no further change is expected. An unknown word is taken for a
    /// state in between: polling on is safe, stopping early is not.
    pub fn is_terminal(&self) -> bool {
        matches!(self, Self::Success | Self::Failed | Self::Timeout | Self::Cancelled)
    }

    /// Whether the build is over and brought no image.
    pub fn is_failure(&self) -> bool {
        matches!(self, Self::Failed | Self::Timeout | Self::Cancelled)
    }
}

impl fmt::Display for BuildStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A build's record. Every field but the status may be missing.
///
/// Texts are as served: not sanitised. Field list: the `Build` schema of the
/// public API, plus what the official CLI reads besides.
#[derive(Clone, Debug, PartialEq)]
pub struct Build {
    /// The identifier, as served.
    pub id: Option<String>,
    /// The organisation it belongs to.
    pub organization_id: Option<String>,
    /// Its state.
    pub status: BuildStatus,
    /// The region it was built for, such as `us-west`.
    pub region: Option<String>,
    /// First 16 hex digits of the MD5 of the uploaded archive.
    pub context_hash: Option<String>,
    /// Path of the Dockerfile in the build context.
    pub dockerfile_path: Option<String>,
    /// The image that was pushed.
    pub image_uri: Option<String>,
    /// A console address; of no use without access to the service's account.
    pub logs_url: Option<String>,
    /// The service's own summary of a failure; often generic.
    pub error_message: Option<String>,
    /// Size of the uploaded archive in bytes.
    pub context_size_bytes: Option<u64>,
    /// Size of the image in bytes.
    pub image_size_bytes: Option<u64>,
    /// How long it took, in seconds.
    pub build_duration_seconds: Option<f64>,
    /// When it began to run.
    pub started_at: Option<Timestamp>,
    /// When it was over.
    pub completed_at: Option<Timestamp>,
    /// When it was asked for.
    pub created_at: Option<Timestamp>,
    /// When the record last changed.
    pub updated_at: Option<Timestamp>,
    /// `owner/name`, for a build from GitHub.
    pub repo_full_name: Option<String>,
    /// The git ref, for a build from GitHub.
    pub git_ref: Option<String>,
    /// The commit, for a build from GitHub.
    pub commit_sha: Option<String>,
}

impl Build {
    /// A record of which only the status is known.
    pub fn with_status(status: BuildStatus) -> Self {
        Self {
            id: None,
            organization_id: None,
            status,
            region: None,
            context_hash: None,
            dockerfile_path: None,
            image_uri: None,
            logs_url: None,
            error_message: None,
            context_size_bytes: None,
            image_size_bytes: None,
            build_duration_seconds: None,
            started_at: None,
            completed_at: None,
            created_at: None,
            updated_at: None,
            repo_full_name: None,
            git_ref: None,
            commit_sha: None,
        }
    }

    /// Whether it is over: by its status, or, where that is a word this version doesn't know,
    /// by the moment at which it was completed.
    pub fn is_over(&self) -> bool {
        let unknown = matches!(self.status, BuildStatus::Other(_));
        self.status.is_terminal() || unknown && self.completed_at.is_some()
    }

    /// Whether it is over, and isn't known to have brought an image.
    pub fn is_failure(&self) -> bool {
        self.is_over() && self.status != BuildStatus::Success
    }

    /// `repo@commit` (or `repo@ref`) where the build came from GitHub.
    pub fn source(&self) -> Option<String> {
        let repo = self.repo_full_name.as_deref()?;
        let commit = self.commit_sha.as_deref().map(|sha| sha.get(..7).unwrap_or(sha));
        Some(match commit.or(self.git_ref.as_deref()) {
            Some(at) => format!("{repo}@{at}"),
            None => repo.to_owned(),
        })
    }

    /// Seconds from the start of the build to its end, as far as the record
    /// tells: the service's own figure first, then the difference of times.
    pub fn duration_seconds(&self) -> Option<f64> {
        if let Some(seconds) = self.build_duration_seconds {
            return Some(seconds);
        }
        let start = self.started_at.or(self.created_at)?;
        Some(self.completed_at?.duration_since(start).as_secs_f64().max(0.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_build_id_is_a_uuid() {
        let id: BuildId = "7F3F8C1E-2b57-4a0e-9d0c-5f2b6c1a9e44".parse().unwrap();
        assert_eq!(id.as_str(), "7f3f8c1e-2b57-4a0e-9d0c-5f2b6c1a9e44");
        assert_eq!(id.short(), "7f3f8c1e");
        for bad in [
            "",
            "latest",
            "7f3f8c1e2b574a0e9d0c5f2b6c1a9e44",
            "../builds",
            "7f3f8c1e-2b57-4a0e-9d0c-5f2b6c1a9e4g",
            "7f3f8c1e-2b57-4a0e-9d0c-5f2b6c1a9e44-",
        ] {
            assert!(bad.parse::<BuildId>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn unknown_statuses_are_kept_and_not_taken_for_the_end() {
        let status = BuildStatus::from_api("quarantined");
        assert_eq!(status.as_str(), "quarantined");
        assert!(!status.is_terminal());
        let endless = BuildStatus::from_api(&"x".repeat(1 << 20));
        assert_eq!(endless.as_str().len(), LONGEST_WORD);
    }

    #[test]
    fn of_an_unknown_status_the_time_of_its_end_tells() {
        let build = |status: &str, completed: bool| {
            let build = Build::with_status(BuildStatus::from_api(status));
            Build { completed_at: completed.then_some(Timestamp::UNIX_EPOCH), ..build }
        };
        for (status, completed, over, failure) in [
            ("failed", false, true, true),
            ("success", true, true, false),
            ("expired", true, true, true),
            ("exporting", false, false, false),
            ("building", true, false, false),
        ] {
            let build = build(status, completed);
            assert_eq!((build.is_over(), build.is_failure()), (over, failure), "{status}");
        }
    }

    #[test]
    fn the_source_names_repository_and_commit() {
        let mut build = Build::with_status(BuildStatus::Failed);
        assert_eq!(build.source(), None);
        build.repo_full_name = Some("acme/bot".into());
        build.git_ref = Some("main".into());
        assert_eq!(build.source().as_deref(), Some("acme/bot@main"));
        build.commit_sha = Some("0123456789abcdef".into());
        assert_eq!(build.source().as_deref(), Some("acme/bot@0123456"));
    }
}
