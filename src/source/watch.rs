//! A build of the service: which one is meant, then its poller.

use std::sync::Arc;

use jiff::Timestamp;
use tokio::time::Instant;

use super::Port;
use crate::api::{ApiError, BuildsApi, Client, ClientConfig, ListQuery, Retry, credentials};
use crate::config::{Env, Loaded};
use crate::domain::{BuildId, BuildStatus, FeedCommand, FeedEvent, Health, Problem};
use crate::human;
use crate::poller::{self, PollConfig};

/// What is said when there is nothing to watch.
const NO_BUILDS: &str = "There are no builds yet. `pipecat cloud deploy` starts one; \
     `buildcat demo` shows what it will look like.";

/// Which build is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// The newest that is pending or building, else the newest.
    Current,
    /// The newest.
    Latest,
    /// This one.
    Id(BuildId),
}

/// The way to the service.
pub enum Access<'a> {
    /// By the user's credential, which is still to be found.
    Of(&'a Env, &'a Loaded),
    /// By a client that is there.
    Given(Arc<dyn BuildsApi>),
}

/// Finds credential and build, then polls it.
///
/// Every step reports its own trouble on the port, so that the screen is up
/// before anything is asked. What may pass is tried again by itself, ever more
/// slowly; the rest when it is asked for.
pub async fn follow(access: Access<'_>, which: Which, config: PollConfig, mut port: Port) {
    let mut failures: u32 = 0;
    loop {
        let Trouble { why, retry } = match begin(&access, &which, &port).await {
            Ok((api, id)) => {
                let Port { events, commands } = port;
                // The poller ends by itself, with the feed or the build.
                let _ = poller::spawn(api, id, config, events, commands).await;
                return;
            }
            Err(trouble) => trouble,
        };
        let asked = match retry {
            Retry::Never => None,
            Retry::Backoff => Some(None),
            Retry::After(after) => Some(Some(after)),
        };
        let (health, mut at) = match asked {
            None => {
                failures = 0;
                (Health::Stopped { why }, None)
            }
            Some(asked) => {
                failures = failures.saturating_add(1);
                let wait = poller::backoff(failures, config.interval, asked, fastrand::f64());
                let at = Instant::now() + wait;
                (Health::Retrying { at: at.into_std(), failures, why }, Some(at))
            }
        };
        let mut news = Some(health);
        loop {
            if let Some(health) = news.take()
                && port.events.send(FeedEvent::Health(health)).await.is_err()
            {
                return;
            }
            tokio::select! {
                () = until(at) => break,
                command = port.commands.recv() => match command {
                    None | Some(FeedCommand::Stop) => return,
                    Some(FeedCommand::Refresh | FeedCommand::Resume) => {
                        if port.events.send(FeedEvent::Health(Health::Connecting)).await.is_err() {
                            return;
                        }
                        break;
                    }
                    Some(FeedCommand::Pause) if at.is_some() => {
                        at = None;
                        news = Some(Health::Paused);
                    }
                    Some(FeedCommand::Pause) => {}
                },
            }
        }
    }
}

async fn until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}

/// Why it can't begin, and whether trying again may help.
struct Trouble {
    why: Problem,
    retry: Retry,
}

impl From<ApiError> for Trouble {
    fn from(error: ApiError) -> Self {
        Self { why: error.problem(), retry: error.retry() }
    }
}

async fn begin(
    access: &Access<'_>,
    which: &Which,
    port: &Port,
) -> Result<(Arc<dyn BuildsApi>, BuildId), Trouble> {
    let brief = |brief: &str, sentence: String| Trouble {
        why: Problem { brief: brief.to_owned(), sentence },
        retry: Retry::Never,
    };
    let api = match access {
        Access::Given(api) => Arc::clone(api),
        Access::Of(env, loaded) => {
            let credential = credentials::resolve(env, loaded, Timestamp::now())
                .await
                .map_err(|error| brief("no credentials", error.to_string()))?;
            for warning in &credential.warnings {
                // Nobody to tell is no reason to stop here: the next send finds out.
                let _ = port.events.send(FeedEvent::Notice(warning.clone())).await;
            }
            let origin = loaded.origin().map_err(|why| brief("bad address", why))?;
            Arc::new(Client::new(ClientConfig::new(origin, credential))?)
        }
    };
    let id = find(&*api, which).await?.map_err(|why| brief("no builds", why))?;
    Ok((api, id))
}

/// How many of the newest builds are looked at for one that still runs.
const LOOK: u32 = 20;

/// Finds the build that is meant, or says why there is none.
///
/// # Errors
/// When the service can't be asked.
pub async fn find(api: &dyn BuildsApi, which: &Which) -> Result<Result<BuildId, String>, ApiError> {
    if let Which::Id(id) = which {
        return Ok(Ok(id.clone()));
    }
    let query = ListQuery { limit: Some(LOOK), ..ListQuery::default() };
    let page = api.builds(&query).await?;
    let mut builds: Vec<_> = page.builds.iter().map(|record| &record.build).collect();
    // The service lists the newest first, by all accounts; where the records
    // tell, they decide.
    if builds.iter().all(|build| build.created_at.is_some()) {
        builds.sort_by_key(|build| std::cmp::Reverse(build.created_at));
    }
    let runs =
        |status: &BuildStatus| matches!(status, BuildStatus::Pending | BuildStatus::Building);
    let known = |build: &&crate::domain::Build| build.id.as_deref()?.parse().ok();
    let running = |build: &&&crate::domain::Build| runs(&build.status);
    let current = builds.iter().filter(|_| *which == Which::Current);
    let found = current.filter(running).chain(&builds).find_map(known);
    Ok(found.ok_or_else(|| match builds.first() {
        None => NO_BUILDS.to_owned(),
        Some(build) => {
            let id = build.id.as_deref().filter(|id| !id.is_empty());
            let has = id.map_or("no id".to_owned(), |id| {
                format!("the id {}, which is no UUID", human::quoted(id))
            });
            format!(
                "The newest build that the service lists has {has}, and no other has one: none \
                 can be followed. `buildcat list` shows them."
            )
        }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{ApiFuture, BuildRecord, BuildsPage, LogsPage, LogsQuery};
    use crate::config::{Config, Overrides};
    use crate::domain::Build;

    struct Fake(Vec<Build>);

    impl BuildsApi for Fake {
        fn build<'a>(&'a self, _: &'a BuildId) -> ApiFuture<'a, BuildRecord> {
            unreachable!("only the list is asked for")
        }
        fn builds<'a>(&'a self, _: &'a ListQuery) -> ApiFuture<'a, BuildsPage> {
            let builds =
                self.0.iter().map(|build| BuildRecord::new(build.clone(), serde_json::Value::Null));
            let page = BuildsPage { builds: builds.collect(), ..BuildsPage::default() };
            Box::pin(async { Ok(page) })
        }
        fn logs<'a>(&'a self, _: &'a BuildId, _: &'a LogsQuery) -> ApiFuture<'a, LogsPage> {
            unreachable!("only the list is asked for")
        }
    }

    fn build(n: u8, status: BuildStatus) -> Build {
        Build {
            id: Some(format!("00000000-0000-4000-8000-0000000000{n:02}")),
            created_at: Some(format!("2026-11-23T20:00:{n:02}Z").parse().unwrap()),
            ..Build::with_status(status)
        }
    }

    async fn found(builds: Vec<Build>, which: Which) -> Option<String> {
        find(&Fake(builds), &which).await.unwrap().ok().map(|id| id.as_str()[34..].to_owned())
    }

    #[tokio::test]
    async fn a_build_without_an_id_that_can_be_asked_for_hides_no_other() {
        let strange = |id: Option<&str>| Build {
            id: id.map(Into::into),
            created_at: Some("2026-11-24T20:00:00Z".parse().unwrap()),
            ..Build::with_status(BuildStatus::Building)
        };
        let builds = vec![strange(Some("b-17")), strange(None), build(3, BuildStatus::Failed)];
        for which in [Which::Current, Which::Latest] {
            assert_eq!(found(builds.clone(), which).await.as_deref(), Some("03"));
        }
        let why = find(&Fake(vec![strange(Some("b-17"))]), &Which::Latest).await.unwrap();
        let why = why.unwrap_err();
        assert!(why.contains("has the id \"b-17\""), "{why}");
        let why = find(&Fake(vec![]), &Which::Latest).await.unwrap().unwrap_err();
        assert_eq!(why, NO_BUILDS);
    }

    #[tokio::test]
    async fn a_running_build_comes_before_newer_ones_that_are_over() {
        let builds = vec![
            build(9, BuildStatus::Failed),
            build(5, BuildStatus::Building),
            build(7, BuildStatus::Success),
        ];
        assert_eq!(found(builds.clone(), Which::Current).await.as_deref(), Some("05"));
        assert_eq!(found(builds, Which::Latest).await.as_deref(), Some("09"));
    }

    #[tokio::test]
    async fn without_a_running_build_the_newest_is_meant_whatever_the_order() {
        let builds = vec![build(1, BuildStatus::Failed), build(3, BuildStatus::Success)];
        assert_eq!(found(builds, Which::Current).await.as_deref(), Some("03"));
        assert_eq!(found(vec![], Which::Current).await, None);
    }

    #[tokio::test]
    async fn an_id_that_is_none_is_told_in_a_line() {
        let odd = |id: Option<String>| async {
            let build = Build { id, ..Build::with_status(BuildStatus::Failed) };
            find(&Fake(vec![build]), &Which::Latest).await.unwrap().unwrap_err()
        };
        let long = odd(Some(format!("{}\u{1b}[2J", "7".repeat(1 << 20)))).await;
        assert!(long.contains("has the id \"7777") && long.contains("7\"…, which"), "{long}");
        assert!(long.len() < 300, "{} bytes", long.len());
        let none = odd(None).await;
        assert!(none.starts_with("The newest build that the service lists has no id, and"));
    }

    fn following(url: &str) -> (crate::source::Feed, tokio::task::JoinHandle<()>) {
        let env = Env::empty().with("PIPECAT_API_KEY", "sk_x").with("PIPECAT_API_HOST", url);
        let loaded = Config::load(None, &env, &Overrides::default());
        let (feed, port) = crate::source::channel();
        let config = PollConfig::new(std::time::Duration::from_millis(250));
        let task = tokio::spawn(async move {
            follow(Access::Of(&env, &loaded), Which::Current, config, port).await;
        });
        (feed, task)
    }

    #[tokio::test]
    async fn without_an_answer_it_tries_again_until_it_is_paused() {
        // Kept, so that nobody else listens there.
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let url = format!("http://{}", socket.local_addr().unwrap());
        let (mut feed, task) = following(&url);
        let mut tries = 0;
        while tries < 2 {
            match feed.events.recv().await {
                Some(FeedEvent::Health(Health::Retrying { failures, .. })) => {
                    tries += 1;
                    assert_eq!(failures, tries);
                }
                other => panic!("{other:?}"),
            }
        }
        feed.commands.send(FeedCommand::Pause).await.unwrap();
        while feed.events.recv().await != Some(FeedEvent::Health(Health::Paused)) {}
        feed.commands.send(FeedCommand::Resume).await.unwrap();
        assert_eq!(feed.events.recv().await, Some(FeedEvent::Health(Health::Connecting)));
        drop(feed);
        task.await.unwrap();
    }

    #[tokio::test]
    async fn a_service_that_was_down_is_found_by_itself() {
        use crate::demo::{Fault, FaultRule, Options, Route, Scenario, Schedule, Server};
        let faults = vec![FaultRule {
            route: Route::Any,
            when: Schedule::Requests(0..1),
            fault: Fault::Html(503),
        }];
        let scenario = Scenario::embedded("default").unwrap();
        let server = Server::start(Options { faults, ..Options::new(scenario) }).await.unwrap();
        let (mut feed, _) = following(&server.url());
        let first = feed.events.recv().await;
        assert!(
            matches!(first, Some(FeedEvent::Health(Health::Retrying { failures: 1, .. }))),
            "{first:?}"
        );
        while !matches!(feed.events.recv().await.unwrap(), FeedEvent::Build(_)) {}
    }
}
