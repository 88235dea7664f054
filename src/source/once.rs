//! A build's log as it is now, read whole and once.

use std::sync::Arc;

use tokio::time::Instant;

use crate::api::{ApiError, BuildsApi, Fault, LogsQuery, split_event};
use crate::domain::{BuildId, FeedEvent, Health, Patch};
use crate::poller::{Anchor, Ask, Stitcher, Window, closes, suspicion};

use super::Port;

/// How many turns may be taken to learn what a window of the service is.
const TURNS: usize = 20;

/// Reads record and log, and reports them; a first fault ends it.
pub async fn read(api: Arc<dyn BuildsApi>, id: BuildId, port: Port) {
    let events = match whole(&*api, &id).await {
        Ok(events) => events,
        Err(error) => vec![FeedEvent::Health(Health::Stopped { why: error.problem() })],
    };
    for event in events.into_iter().chain([FeedEvent::End]) {
        if port.events.send(event).await.is_err() {
            return;
        }
    }
}

async fn whole(api: &dyn BuildsApi, id: &BuildId) -> Result<Vec<FeedEvent>, ApiError> {
    let build = api.build(id).await?.build;
    let since = Instant::now();
    let mut stitcher = Stitcher::new();
    let mut patches: Vec<Patch> = Vec::new();
    for _ in 0..TURNS {
        let mut next = Some(stitcher.ask(true, since.elapsed()));
        while let Some(ask) = next {
            let outcome = match window(api, id, &ask).await {
                Ok(window) => stitcher.receive(&ask, window),
                // What is refused tells what the service doesn't take.
                Err(error)
                    if stitcher.is_open_to(&ask)
                        && matches!(error.fault, Fault::Rejected { status: 400, .. }) =>
                {
                    stitcher.refused(&ask)
                }
                Err(error) => return Err(error),
            };
            patches.extend(outcome.patches);
            next = outcome.page;
        }
        if stitcher.settled() {
            break;
        }
    }
    patches.push(stitcher.seal());
    let mut events: Vec<FeedEvent> =
        patches.into_iter().filter(|patch| !patch.is_empty()).map(FeedEvent::Log).collect();
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

async fn window(api: &dyn BuildsApi, id: &BuildId, ask: &Ask) -> Result<Window, ApiError> {
    let query = LogsQuery { limit: ask.limit, next_token: ask.token.clone() };
    let page = api.logs(id, &query).await?;
    let lines = page.events.iter().flat_map(|event| split_event(event)).map(Into::into).collect();
    Ok(Window { lines, events: page.events.len(), token: page.next_token })
}
