//! What all handlers share, and how they ask the history without holding anything else up.

use std::sync::Arc;

use axum::http::StatusCode;
use tokio::sync::Semaphore;

use super::exceptions::Writer;
use super::history::{History, HistoryError, Missed};
use super::problem::Problem;
use super::rules::RuleTexts;
use super::sessions::Sessions;
use crate::pipeline::LiveStatus;

/// Questions to the history at once.
const QUESTIONS: usize = 4;
/// Streams of events at once.
pub(super) const STREAMS: usize = 64;

/// What all handlers share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) history: Arc<History>,
    pub(super) missed: Arc<Missed>,
    pub(super) status: Arc<LiveStatus>,
    pub(super) instance: String,
    pub(super) started: String,
    /// The kind of each sink, in their order.
    pub(super) sink_kinds: Vec<String>,
    pub(super) demo: bool,
    pub(super) rules: RuleTexts,
    /// Writes exceptions, where they may be written.
    pub(super) exceptions: Option<Arc<Writer>>,
    pub(super) sessions: Sessions,
    pub(super) streams: Arc<Semaphore>,
    questions: Arc<Semaphore>,
}

impl Shared {
    pub(super) fn new(parts: super::ConsoleParts, started: String) -> Self {
        Self {
            history: parts.history,
            missed: parts.missed,
            status: parts.status,
            instance: parts.instance,
            started,
            sink_kinds: parts.sink_kinds,
            demo: parts.demo,
            rules: parts.rules,
            exceptions: parts.exceptions.map(|parts| Arc::new(Writer::new(parts))),
            sessions: Sessions::new(parts.token),
            streams: Arc::new(Semaphore::new(STREAMS)),
            questions: Arc::new(Semaphore::new(QUESTIONS)),
        }
    }

    /// Asks the history, on a thread that may wait for a disk.
    pub(super) async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&History) -> Result<T, HistoryError> + Send + 'static,
    ) -> Result<T, Problem> {
        let history = Arc::clone(&self.history);
        Ok(self.work(move || question(&history)).await??)
    }

    /// Does something on a thread that may wait for a disk.
    pub(super) async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let busy = |_| Problem::new(StatusCode::SERVICE_UNAVAILABLE, "the console is ending");
        let permit = Arc::clone(&self.questions).acquire_owned().await.map_err(busy)?;
        let working = tokio::task::spawn_blocking(move || {
            let answer = work();
            drop(permit);
            answer
        });
        working.await.map_err(|error| {
            tracing::error!(%error, "work for the console has ended abnormally");
            Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "that could not be done: see the log")
        })
    }
}
