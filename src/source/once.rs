//! A build's log as it is now, read whole and once.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::api::{ApiError, ApiFuture, BuildsApi, Fault, LogsPage, LogsQuery, Retry, split_event};
use crate::domain::{BuildId, FeedEvent, Health};
use crate::poller::{Anchor, Stitcher, Window, backoff, closes, suspicion};

use super::Port;

/// How many turns may be taken to learn what a window of the service is.
const TURNS: usize = 20;

/// So often in a row a service that is busy is asked again,
const TRIES: u32 = 4;
/// and so long it can ask to wait.
const PATIENCE: Duration = Duration::from_secs(30);
/// The wait after the first time is about so long, and then longer.
const FIRST: Duration = Duration::from_secs(1);

/// Reads record and log, and reports them. A fault ends it, but for one that a service has that
/// is busy, or that answered before: then it is asked a few times more.
pub async fn read(api: Arc<dyn BuildsApi>, id: BuildId, port: Port) {
    let patience = Patience { port: &port, answered: false };
    let events = match whole(&*api, &id, patience).await {
        Ok(events) => events,
        Err(error) => vec![FeedEvent::Health(Health::Stopped { why: error.problem() })],
    };
    for event in events.into_iter().chain([FeedEvent::End]) {
        if port.events.send(event).await.is_err() {
            return;
        }
    }
}

/// Asks again where that may help.
struct Patience<'a> {
    port: &'a Port,
    /// Something was answered before.
    answered: bool,
}

impl Patience<'_> {
    async fn ask<'a, T>(&mut self, ask: impl Fn() -> ApiFuture<'a, T>) -> Result<T, ApiError> {
        let mut failures = 0;
        loop {
            let error = match ask().await {
                Ok(answer) => {
                    self.answered = true;
                    return Ok(answer);
                }
                Err(error) => error,
            };
            let busy = matches!(error.fault, Fault::RateLimited { .. });
            let asked = match error.retry() {
                Retry::After(after) if after <= PATIENCE => Some(after),
                Retry::Backoff if self.answered || busy => None,
                _ => return Err(error),
            };
            failures += 1;
            if failures >= TRIES {
                return Err(error);
            }
            let at = Instant::now() + backoff(failures, FIRST, asked, fastrand::f64());
            let health = Health::Retrying { at: at.into_std(), failures, why: error.problem() };
            // Where nobody listens any more, that shows when all is read.
            let _ = self.port.events.send(FeedEvent::Health(health)).await;
            tokio::time::sleep_until(at).await;
        }
    }
}

async fn whole(
    api: &dyn BuildsApi,
    id: &BuildId,
    mut patience: Patience<'_>,
) -> Result<Vec<FeedEvent>, ApiError> {
    let build = patience.ask(|| api.build(id)).await?.build;
    let since = Instant::now();
    let mut stitcher = Stitcher::new();
    for _ in 0..TURNS {
        let mut next = Some(stitcher.ask(true, since.elapsed()));
        while let Some(ask) = next {
            let query = LogsQuery { limit: ask.limit, next_token: ask.token.clone() };
            let outcome = match patience.ask(|| api.logs(id, &query)).await {
                Ok(page) => stitcher.receive(&ask, window(page)),
                // What is refused tells what the service doesn't take.
                Err(error)
                    if stitcher.is_open_to(&ask)
                        && matches!(error.fault, Fault::Rejected { status: 400, .. }) =>
                {
                    stitcher.refused(&ask)
                }
                Err(error) => return Err(error),
            };
            next = outcome.page;
        }
        if stitcher.settled() {
            break;
        }
    }
    stitcher.seal();
    // Not as it was read, a page before the other.
    let mut events = vec![FeedEvent::Log(stitcher.all())];
    if let Some(anchor) = stitcher.cut_off() {
        let part = match anchor {
            Anchor::Head => "end, where a failure would be,",
            Anchor::Tail => "beginning",
        };
        events.push(FeedEvent::Notice(format!(
            "The service doesn't hand out the whole log: its {part} is missing."
        )));
    }
    if let Some(count) = stitcher.suspect(closes(&build.status)) {
        events.push(FeedEvent::Notice(suspicion(count)));
    }
    events.push(FeedEvent::Build(Box::new(build)));
    events.push(FeedEvent::Health(Health::Complete));
    Ok(events)
}

fn window(page: LogsPage) -> Window {
    let lines = page.events.iter().flat_map(|event| split_event(event)).map(Into::into).collect();
    Window { lines, events: page.events.len(), token: page.next_token }
}
