//! `/api/v1/stream`: alerts as they come and change, and how the engine is, as server-sent events. Each stream is bounded: one
//! that is too far behind is told to fetch anew, and one that takes nothing is cut off by its connection.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse as _;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::unfold;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{OwnedSemaphorePermit, broadcast};
use tokio::time::{Interval, MissedTickBehavior, interval};

use super::history::Change;
use super::problem::{Answer, Problem};
use super::state::{STREAMS, Shared};
use super::status::status;

/// How often the status is sent.
const STATUS_EVERY: Duration = Duration::from_secs(2);
/// Most changes that a stream gets which comes back; with more it fetches anew.
const RESUMED: usize = 1000;

struct Stream {
    shared: Arc<Shared>,
    changes: broadcast::Receiver<Change>,
    ticks: Interval,
    waiting: VecDeque<Event>,
    /// Changes up to this one were sent.
    sent: u64,
    _permit: OwnedSemaphorePermit,
}

/// `GET /api/v1/stream`.
pub(super) async fn get(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Answer {
    let full = |_| Problem::new(StatusCode::SERVICE_UNAVAILABLE, format!("there are {STREAMS} streams already"));
    let permit = Arc::clone(&shared.streams).try_acquire_owned().map_err(full)?;
    // followed before the store is asked, so that nothing falls between
    let changes = shared.history.follow();
    let mut waiting = VecDeque::new();
    let mut sent = 0;
    if let Some(last) = headers.get("last-event-id") {
        let last = last.to_str().ok().and_then(|last| last.parse::<u64>().ok());
        let missed = match last {
            Some(last) => shared.ask(move |history| history.changes_since(last, RESUMED)).await?,
            None => None,
        };
        match missed {
            Some(missed) => {
                sent = missed.last().map_or(0, |change| change.number);
                waiting.extend(missed.iter().filter_map(alert_event));
            }
            None => waiting.push_back(gap()),
        }
    }
    let mut ticks = interval(STATUS_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let stream = Stream { shared, changes, ticks, waiting, sent, _permit: permit };
    let events = unfold(stream, |mut stream| async move {
        let event = stream.next().await?;
        Some((Ok::<Event, Infallible>(event), stream))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(Duration::from_secs(15))).into_response())
}

impl Stream {
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.waiting.pop_front() {
                return Some(event);
            }
            tokio::select! {
                biased;
                _ = self.ticks.tick() => {
                    return Some(Event::default().event("status").data(status(&self.shared).to_string()));
                }
                change = self.changes.recv() => match change {
                    Ok(change) if change.number <= self.sent => {}
                    Ok(change) => self.waiting.extend(alert_event(&change)),
                    Err(RecvError::Lagged(_)) => return Some(gap()),
                    Err(RecvError::Closed) => return None,
                },
            }
        }
    }
}

fn alert_event(change: &Change) -> Option<Event> {
    // no line break is in it: JSON writes them as two characters
    let alert = serde_json::to_string(&change.alert).ok()?;
    Some(Event::default().event("alert").id(change.number.to_string()).data(alert))
}

fn gap() -> Event {
    Event::default().event("gap").data("{}")
}
