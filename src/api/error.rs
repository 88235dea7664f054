//! What can go wrong with a request, as sentences with a next step.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::domain::{BuildId, Problem};

/// What was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// The record of a build.
    Build(BuildId),
    /// The list of builds.
    Builds,
    /// The log of a build.
    Logs(BuildId),
    /// The organisations that a token belongs to.
    Organizations,
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Build(id) => write!(f, "build {}", id.short()),
            Self::Builds => f.write_str("the list of builds"),
            Self::Logs(id) => write!(f, "the log of build {}", id.short()),
            Self::Organizations => f.write_str("your organisations"),
        }
    }
}

/// Whether asking again can help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// Not before the user has done something.
    Never,
    /// Yes, after a growing pause.
    Backoff,
    /// Yes, not before this time has passed (bounded to five minutes).
    After(Duration),
}

/// The kind of credential that was sent; decides which next step helps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sent {
    /// A private key.
    #[default]
    Key,
    /// A token given to us directly, such as a personal access token.
    Token,
    /// The official CLI's own token.
    CliToken,
}

/// Where a request went, and with what. Holds no secret.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Context {
    /// Host and port; empty when unknown.
    pub host: String,
    /// The credential in words: `the key from PIPECAT_API_KEY`.
    pub credential: String,
    /// What kind it is.
    pub sent: Sent,
}

/// What stage of a request a timeout struck in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Opening the connection.
    Connecting,
    /// Waiting for the answer to begin.
    Waiting,
    /// Reading the answer.
    Reading,
}

/// What came back instead of an answer. Its `Display` is what happened; texts
/// in it are sanitised, bounded and free of the key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// 401.
    #[error("it was refused (401{})", colon(.detail))]
    Unauthorized {
        /// The service's own words.
        detail: Option<String>,
    },
    /// 403 from the API itself.
    #[error("it is not allowed (403{})", colon(.detail))]
    Forbidden {
        /// The service's own words.
        detail: Option<String>,
    },
    /// 403 as a web page: something in front of the API said no.
    #[error("a web page came back that blocks access (403{})", colon(.title))]
    Blocked {
        /// The page's title.
        title: Option<String>,
    },
    /// 404 or 410.
    #[error("it isn't there ({status}{})", colon(.detail))]
    NotFound {
        /// The HTTP status.
        status: u16,
        /// The service's own words.
        detail: Option<String>,
    },
    /// Another 4xx.
    #[error("the request was not accepted ({status}{})", colon(.detail))]
    Rejected {
        /// The HTTP status.
        status: u16,
        /// The service's own words.
        detail: Option<String>,
    },
    /// 429.
    #[error("too many requests (429{})", colon(.detail))]
    RateLimited {
        /// How long the service asks to wait.
        after: Option<Duration>,
        /// The service's own words.
        detail: Option<String>,
    },
    /// 5xx, 408 or 425.
    #[error("the service is in trouble ({status}{})", colon(.detail))]
    Server {
        /// The HTTP status.
        status: u16,
        /// How long the service asks to wait.
        after: Option<Duration>,
        /// The service's own words, or the title of the page it sent.
        detail: Option<String>,
    },
    /// 3xx. Never followed: the key belongs to one origin.
    #[error("a redirect came back ({status}{})", to_host(.to))]
    Redirect {
        /// The HTTP status.
        status: u16,
        /// The host it points to.
        to: Option<String>,
    },
    /// A success that is a web page.
    #[error("a web page came back instead of an answer{}", colon(.title))]
    NotTheApi {
        /// The page's title.
        title: Option<String>,
    },
    /// A success that can't be understood.
    #[error("the answer can't be read: {detail}")]
    Unreadable {
        /// What is wrong with it.
        detail: String,
    },
    /// The host's name can't be resolved.
    #[error("its name can't be looked up")]
    Dns,
    /// No connection comes about.
    #[error("no connection: {detail}")]
    Connect {
        /// What the system says.
        detail: String,
    },
    /// No secure connection comes about.
    #[error("no secure connection: {detail}")]
    Tls {
        /// What is wrong with the certificate or the handshake.
        detail: String,
    },
    /// It took too long.
    #[error("{}", stage_sentence(*.stage, *.limit))]
    Timeout {
        /// Where.
        stage: Stage,
        /// The limit that was passed.
        limit: Duration,
    },
    /// The connection broke before the answer was whole.
    #[error("the connection broke {}", broke_after(*.received))]
    Broken {
        /// How much of the body had arrived, in bytes.
        received: u64,
    },
    /// The answer is larger than we are willing to hold.
    #[error("the answer is larger than {} MiB; it was not read to its end", .limit >> 20)]
    TooBig {
        /// The limit in bytes.
        limit: u64,
    },
    /// No request could be made at all.
    #[error("no request could be made: {detail}")]
    Unusable {
        /// Why.
        detail: String,
    },
}

fn colon(detail: &Option<String>) -> String {
    detail.as_ref().map(|d| format!(": {d}")).unwrap_or_default()
}

fn to_host(to: &Option<String>) -> String {
    to.as_ref().map(|host| format!(" to {host}")).unwrap_or_default()
}

fn broke_after(received: u64) -> String {
    match received {
        0 => "before an answer came".to_owned(),
        n => format!("in mid-answer, after {n} bytes"),
    }
}

fn stage_sentence(stage: Stage, limit: Duration) -> String {
    let seconds = limit.as_secs_f64();
    match stage {
        Stage::Connecting => format!("no connection within {seconds} s"),
        Stage::Waiting => format!("no answer within {seconds} s"),
        Stage::Reading => format!("the answer stopped arriving (limit {seconds} s)"),
    }
}

/// A request that failed: what was asked, what came back, what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.sentence())]
pub struct ApiError {
    /// What was asked for.
    pub asked: Asked,
    /// What came back.
    pub fault: Fault,
    /// Where it was asked, and with which credential.
    pub context: Arc<Context>,
}

impl ApiError {
    /// An error without a context, as a fake API makes it.
    pub fn new(asked: Asked, fault: Fault) -> Self {
        Self { asked, fault, context: Arc::default() }
    }

    /// The whole sentence: what was asked, what came back, the next step.
    pub fn sentence(&self) -> String {
        let host = match self.context.host.as_str() {
            "" => "the service",
            host => host,
        };
        let mut next = self.next_step();
        if let Some(first) = next.get(..1) {
            next.replace_range(..1, &first.to_uppercase());
        }
        let credential = match self.context.credential.as_str() {
            "" => "the credential",
            credential => credential,
        };
        match &self.fault {
            Fault::Unauthorized { detail } => {
                format!("{host} refused {credential} (401{}). {next}.", colon(detail))
            }
            Fault::Forbidden { detail } => {
                let (asked, detail) = (&self.asked, colon(detail));
                format!("{host} doesn't let {credential} see {asked} (403{detail}). {next}.")
            }
            fault => format!("Asked {host} for {}: {fault}. {next}.", self.asked),
        }
    }

    /// A few words for a status bar.
    pub fn brief(&self) -> String {
        match &self.fault {
            Fault::Unauthorized { .. } => "refused (401)".to_owned(),
            Fault::Forbidden { .. } => "not allowed (403)".to_owned(),
            Fault::Blocked { .. } => "blocked (403)".to_owned(),
            Fault::NotFound { status, .. } => format!("not found ({status})"),
            Fault::Rejected { status, .. } => format!("not accepted ({status})"),
            Fault::RateLimited { .. } => "too many requests (429)".to_owned(),
            Fault::Server { status, .. } => status.to_string(),
            Fault::Redirect { status, .. } => format!("redirect ({status})"),
            Fault::NotTheApi { .. } => "web page, not the API".to_owned(),
            Fault::Unreadable { .. } => "unreadable answer".to_owned(),
            Fault::Dns => "no such host".to_owned(),
            Fault::Connect { .. } => "no connection".to_owned(),
            Fault::Tls { .. } => "no secure connection".to_owned(),
            Fault::Timeout { .. } => "no answer in time".to_owned(),
            Fault::Broken { .. } => "connection broke".to_owned(),
            Fault::TooBig { .. } => "answer too big".to_owned(),
            Fault::Unusable { .. } => "no request".to_owned(),
        }
    }

    /// Whether asking again can help.
    pub fn retry(&self) -> Retry {
        match &self.fault {
            Fault::RateLimited { after: Some(after), .. }
            | Fault::Server { after: Some(after), .. } => Retry::After(*after),
            Fault::RateLimited { .. }
            | Fault::Server { .. }
            | Fault::Redirect { .. }
            | Fault::NotTheApi { .. }
            | Fault::Unreadable { .. }
            | Fault::Dns
            | Fault::Connect { .. }
            | Fault::Tls { .. }
            | Fault::Timeout { .. }
            | Fault::Broken { .. }
            | Fault::TooBig { .. } => Retry::Backoff,
            Fault::Unauthorized { .. }
            | Fault::Forbidden { .. }
            | Fault::Blocked { .. }
            | Fault::NotFound { .. }
            | Fault::Rejected { .. }
            | Fault::Unusable { .. } => Retry::Never,
        }
    }

    /// The same as the feed reports it.
    pub fn problem(&self) -> Problem {
        Problem { brief: self.brief(), sentence: self.sentence() }
    }

    /// What to do now, without a full stop and in lower case.
    fn next_step(&self) -> String {
        let credential = match self.context.credential.as_str() {
            "" => "this credential",
            credential => credential,
        };
        match &self.fault {
            Fault::Unauthorized { .. } => match self.context.sent {
                Sent::Key => "create a private key in the Pipecat Cloud dashboard under \
                              Settings › API Keys, and set PIPECAT_API_KEY to it"
                    .to_owned(),
                Sent::Token => "create a new personal access token and set PIPECAT_TOKEN to it, \
                                or set PIPECAT_API_KEY to a private key"
                    .to_owned(),
                Sent::CliToken => "run `pipecat cloud auth login` to renew it".to_owned(),
            },
            Fault::Forbidden { .. } => match self.context.sent {
                Sent::Key => {
                    "use a private key of the organisation that the build belongs to".to_owned()
                }
                Sent::Token | Sent::CliToken => {
                    "name an organisation you are a member of with --org or PIPECAT_ORG".to_owned()
                }
            },
            Fault::Blocked { .. } => {
                "a proxy or firewall stands between; try another network, or ask whoever runs it"
                    .to_owned()
            }
            Fault::NotFound { .. } => match &self.asked {
                Asked::Build(_) | Asked::Logs(_) => format!(
                    "the build may have been deleted, or belong to another organisation; \
                     `buildcat list` shows what {credential} can see"
                ),
                Asked::Builds | Asked::Organizations => match self.context.sent {
                    Sent::Key => "check the address of the API (--api-host)".to_owned(),
                    Sent::Token | Sent::CliToken => {
                        "check the organisation (--org) and the address of the API (--api-host)"
                            .to_owned()
                    }
                },
            },
            Fault::Rejected { .. } => {
                "check the values of the request; if they are right, this version of buildcat \
                 and the service don't understand each other"
                    .to_owned()
            }
            Fault::RateLimited { .. } => {
                "wait a little; a longer --poll-interval asks less often".to_owned()
            }
            Fault::Server { .. } => "this is not your build's fault; try again later".to_owned(),
            Fault::Redirect { .. } => "redirects are not followed, so that the key goes nowhere \
                 else; check --api-host, or log in to the network you are in"
                .to_owned(),
            Fault::NotTheApi { .. } => "a network login page or a proxy answers in the API's \
                 place; open a browser to log in to the network, or check --api-host"
                .to_owned(),
            Fault::Unreadable { .. } => "try again; if it stays so, check --api-host".to_owned(),
            Fault::Dns | Fault::Connect { .. } => {
                "check the network connection, and --api-host if you set it".to_owned()
            }
            Fault::Tls { .. } => "nothing was sent; check this computer's clock, the network \
                 (a login page or a proxy in between?) and --api-host"
                .to_owned(),
            Fault::Timeout { .. } | Fault::Broken { .. } => {
                "check the network connection, or try again".to_owned()
            }
            Fault::TooBig { .. } => match self.asked {
                Asked::Builds => "ask for fewer with --limit".to_owned(),
                Asked::Logs(_) => "if --api-host is right, the log's lines are too long for \
                     buildcat: read it in the Pipecat Cloud dashboard"
                    .to_owned(),
                _ => "check --api-host".to_owned(),
            },
            Fault::Unusable { .. } => "check --api-host and the credential".to_owned(),
        }
    }
}
