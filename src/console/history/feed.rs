//! The history as a sink. It never holds the engine up: what cannot be stored, or not soon enough, is counted, logged once in
//! a while, and acknowledged.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::time::Duration;

use tokio::time::Instant;

use super::History;
use crate::model::{Span, Timestamp};
use crate::sink::{LocalDocuments, LocalReceipts, Outgoing};
use crate::telemetry::{Counter, clock};

/// Most documents of one write.
const AT_ONCE: usize = 512;
/// Writes that wait for the one before.
const WAITING: usize = 16;
/// How long the engine's documents wait for a disk that does not answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often it is looked for what has become too old while nothing comes.
const QUIET: Duration = Duration::from_secs(60);
/// Least time between two lines of the log about the same trouble.
const LOG_EVERY: Span = Span::seconds(60);

/// Documents that are not in the history although they came.
#[derive(Debug, Default)]
pub struct Missed {
    count: Counter,
    logged: AtomicI64,
}

impl Missed {
    /// Counts with this counter.
    #[must_use]
    pub fn counted(count: Counter) -> Self {
        Self { count, logged: AtomicI64::default() }
    }

    /// How many.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count.get()
    }

    fn note(&self, documents: usize, reason: &str, now: Timestamp) {
        self.count.inc_by(documents as u64);
        let total = self.count.get();
        let logged = self.logged.load(Ordering::Relaxed);
        if logged == 0 || now.since(Timestamp(logged)) >= LOG_EVERY {
            self.logged.store(now.0, Ordering::Relaxed);
            tracing::error!(
                missed = total,
                reason,
                "the console's history could not be written; sinks are not affected"
            );
        }
    }
}

/// Takes documents into the history until there are no more.
pub async fn feed(history: Arc<History>, missed: Arc<Missed>, mut documents: LocalDocuments) {
    let receipts = documents.receipts();
    let (sender, batches) = sync_channel::<Vec<Outgoing>>(WAITING);
    let writer = {
        let (receipts, missed) = (receipts.clone(), Arc::clone(&missed));
        tokio::task::spawn_blocking(move || write(&history, &missed, &receipts, &batches))
    };
    let mut patience = PATIENCE;
    loop {
        let batch = documents.next(AT_ONCE).await;
        if batch.is_empty() {
            break;
        }
        if let Err(batch) = hand_over(&sender, batch, patience).await {
            // who has waited once in vain does not wait again
            patience = Duration::ZERO;
            missed.note(batch.len(), "the disk does not answer", clock::now());
            receipts.delivered(&batch);
        } else {
            patience = PATIENCE;
        }
    }
    drop(sender);
    if let Err(error) = writer.await {
        tracing::error!(%error, "the console's history has ended");
    }
}

async fn hand_over(
    sender: &SyncSender<Vec<Outgoing>>,
    mut batch: Vec<Outgoing>,
    patience: Duration,
) -> Result<(), Vec<Outgoing>> {
    let deadline = Instant::now() + patience;
    loop {
        match sender.try_send(batch) {
            Ok(()) => return Ok(()),
            Err(TrySendError::Disconnected(back)) => return Err(back),
            Err(TrySendError::Full(back)) if Instant::now() >= deadline => return Err(back),
            Err(TrySendError::Full(back)) => batch = back,
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

fn write(history: &History, missed: &Missed, receipts: &LocalReceipts, batches: &Receiver<Vec<Outgoing>>) {
    loop {
        let now = clock::now();
        match batches.recv_timeout(QUIET) {
            Ok(batch) => {
                if let Err(error) = history.put(batch.iter().map(|outgoing| &*outgoing.document), clock::now()) {
                    missed.note(batch.len(), &error.to_string(), now);
                }
                receipts.delivered(&batch);
            }
            Err(RecvTimeoutError::Timeout) => {
                if let Err(error) = history.forget_old(clock::now()) {
                    missed.note(0, &error.to_string(), now);
                }
            }
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}
