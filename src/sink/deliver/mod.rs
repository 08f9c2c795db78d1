//! The part of delivery that all sinks share, read from top to bottom: take documents in, put batches together, send them
//! within a bound that adapts, look at what came back, give receipts, pause and send again.
//!
//! How a batch is sent is the sink's [`Transport`]; which document may go when is the [`Queue`]'s; how long to pause is
//! the [`Backoff`]'s; how many requests may be on their way is the [`Concurrency`]'s.

mod backoff;
mod concurrency;
mod queue;
mod transport;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;

pub(super) use self::backoff::Backoff;
use self::concurrency::Concurrency;
use self::queue::Queue;
use super::{BatchSettings, Health, Outcome, Outgoing, Receipt, RetrySettings, SinkHandle};

pub(super) use self::transport::{Reply, Transport, Trouble, TroubleKind, Verdict};

/// Documents that wait before the bounded channel, for each document that fits a batch.
const WAITING_BATCHES: usize = 2;
/// Documents taken from the channel at once.
const TAKEN_AT_ONCE: usize = 256;

/// What a sink sets for its delivery.
#[derive(Debug, Clone)]
pub(super) struct DeliverySettings {
    pub(super) batch: BatchSettings,
    pub(super) retry: RetrySettings,
    /// Requests on their way at most.
    pub(super) concurrency: usize,
}

/// Starts the delivery task of a sink. `health` is what the start-up check found.
pub(super) fn spawn<T: Transport>(
    sink: usize,
    name: String,
    transport: T,
    settings: &DeliverySettings,
    receipts: mpsc::UnboundedSender<Receipt>,
    health: Health,
) -> SinkHandle {
    let (input, documents) = mpsc::channel(settings.batch.documents.clamp(1, 4096) * WAITING_BATCHES);
    let (health, watched) = watch::channel(health);
    let retries = Arc::new(AtomicU64::new(0));
    let delivery = Delivery {
        sink,
        name: name.clone(),
        transport: Arc::new(transport),
        queue: Queue::new(settings.batch.documents.max(1), settings.batch.max_bytes.bytes()),
        concurrency: Concurrency::new(settings.concurrency),
        backoff: Backoff::new(settings.retry.initial.0, settings.retry.max.0),
        linger: settings.batch.linger.0,
        due: None,
        resume: Instant::now(),
        receipts,
        health,
        retries: Arc::clone(&retries),
    };
    SinkHandle::new(name, input, watched, retries, tokio::spawn(delivery.run(documents)))
}

struct Delivery<T> {
    sink: usize,
    name: String,
    transport: Arc<T>,
    queue: Queue,
    concurrency: Concurrency,
    backoff: Backoff,
    linger: Duration,
    /// When the oldest waiting document has waited long enough for others.
    due: Option<Instant>,
    /// No request starts before.
    resume: Instant,
    receipts: mpsc::UnboundedSender<Receipt>,
    health: watch::Sender<Health>,
    /// Requests that are repeated.
    retries: Arc<AtomicU64>,
}

/// A request that came back.
struct Answered {
    batch: Vec<Outgoing>,
    reply: Reply,
}

impl<T: Transport> Delivery<T> {
    async fn run(mut self, mut documents: mpsc::Receiver<Outgoing>) {
        let mut running: JoinSet<Answered> = JoinSet::new();
        let mut open = true;
        let mut arrived = Vec::new();
        loop {
            let wake = self.send_what_is_ready(&mut running, open);
            if !open && self.queue.is_empty() && running.is_empty() {
                return;
            }
            tokio::select! {
                Some(answered) = running.join_next() => match answered {
                    Ok(answered) => self.settle(answered),
                    // A request cannot panic by our lints; if it does, the sink must not go on without its documents.
                    Err(error) => {
                        tracing::error!(sink = %self.name, %error, "a request ended abnormally, the sink stops");
                        return;
                    }
                },
                count = documents.recv_many(&mut arrived, TAKEN_AT_ONCE), if open && !self.queue.is_full() => {
                    open = count > 0;
                    for outgoing in arrived.drain(..) {
                        self.queue.push(outgoing);
                    }
                    self.due.get_or_insert_with(|| Instant::now() + self.linger);
                }
                () = tokio::time::sleep_until(wake.unwrap_or_else(Instant::now)), if wake.is_some() => {}
                else => {
                    tracing::error!(sink = %self.name, "documents wait for a request that is not on its way");
                    return;
                }
            }
        }
    }

    /// Starts as many requests as may be on their way. Returns when to look again, if time alone can change anything.
    fn send_what_is_ready(&mut self, running: &mut JoinSet<Answered>, open: bool) -> Option<Instant> {
        while running.len() < self.concurrency.limit() {
            let now = Instant::now();
            if self.queue.is_empty() {
                self.due = None;
                return None;
            }
            if now < self.resume {
                return Some(self.resume);
            }
            let due = *self.due.get_or_insert(now + self.linger);
            if now < due && open && !self.queue.has_whole_batch() {
                return Some(due);
            }
            let batch = self.queue.next()?; // else all that waits is behind an earlier revision of the same alert
            let transport = Arc::clone(&self.transport);
            running.spawn(async move {
                let reply = transport.deliver(&batch).await;
                Answered { batch, reply }
            });
        }
        None
    }

    fn settle(&mut self, Answered { batch, reply }: Answered) {
        match reply {
            Reply::TooLarge { said } => self.divide(batch, said, true),
            Reply::Invalid { said } => self.divide(batch, said, false),
            Reply::Items { verdicts, trouble } => {
                let progress = self.receive(batch, verdicts);
                self.adapt(progress, trouble);
            }
        }
    }

    /// Gives receipts and takes back what must go again. Returns whether any document is done with.
    fn receive(&mut self, batch: Vec<Outgoing>, verdicts: Vec<Verdict>) -> bool {
        let mut again = Vec::new();
        let mut verdicts = verdicts.into_iter();
        let before = batch.len();
        for outgoing in batch {
            // A verdict that is missing is never taken for a good one.
            match verdicts.next().unwrap_or(Verdict::Again) {
                Verdict::Done => self.finish(&outgoing, Outcome::Delivered),
                Verdict::Refused { reason } => self.refuse(&outgoing, reason),
                Verdict::Again => again.push(outgoing),
            }
        }
        let progress = again.len() < before;
        self.queue.put_back(again);
        progress
    }

    /// A request was refused as a whole because of its size or one of its documents: each half goes by itself.
    fn divide(&mut self, mut batch: Vec<Outgoing>, said: String, too_large: bool) {
        if let [only] = batch.as_slice() {
            self.refuse(only, said);
            return;
        }
        if too_large {
            self.queue.shrink(&batch);
        }
        tracing::debug!(sink = %self.name, documents = batch.len(), too_large, %said, "a request is sent again in halves");
        let second = batch.split_off(batch.len() / 2);
        self.queue.put_half(second);
        self.queue.put_half(batch);
    }

    fn refuse(&mut self, outgoing: &Outgoing, reason: String) {
        tracing::warn!(
            sink = %self.name,
            alert = %outgoing.document.id,
            revision = outgoing.document.revision,
            %reason,
            "the destination refused an alert for good"
        );
        self.finish(outgoing, Outcome::Rejected { reason });
    }

    fn finish(&mut self, outgoing: &Outgoing, outcome: Outcome) {
        self.queue.release(outgoing.document.id);
        // Nobody listens any more only when the pipeline has gone; then nothing is left to tell.
        let _ = self.receipts.send(Receipt { sink: self.sink, ticket: outgoing.ticket, outcome });
    }

    /// Learns from an answer: how many requests at once, how long to pause, how the destination is.
    fn adapt(&mut self, progress: bool, trouble: Option<Trouble>) {
        if let Some(trouble) = &trouble {
            tracing::debug!(sink = %self.name, kind = ?trouble.kind, progress, reason = %trouble.message, "a request failed");
        }
        let now = Instant::now();
        let Some(trouble) = trouble else {
            self.backoff.reset();
            self.concurrency.succeeded();
            self.report(Health::Up);
            return;
        };
        self.retries.fetch_add(1, Ordering::Relaxed);
        match trouble.kind {
            TroubleKind::Overloaded => self.concurrency.overloaded(),
            TroubleKind::Unreachable | TroubleKind::Credentials | TroubleKind::Misconfigured => {
                self.concurrency.unreachable();
            }
        }
        if now >= self.resume {
            // Requests that failed together count as one failure.
            let pause = match trouble.kind {
                _ if progress => self.backoff.shortest(),
                TroubleKind::Overloaded | TroubleKind::Unreachable => self.backoff.next(),
                TroubleKind::Credentials | TroubleKind::Misconfigured => self.backoff.longest(),
            };
            self.resume = now + trouble.wait.map_or(pause, |wait| wait.max(pause));
        }
        if progress {
            self.report(Health::Up);
        } else {
            self.report(Health::Down { since_message: trouble.message });
        }
    }

    fn report(&self, health: Health) {
        self.health.send_if_modified(|current| {
            if *current == health {
                return false;
            }
            match &health {
                Health::Down { since_message } => {
                    tracing::warn!(sink = %self.name, reason = %since_message, "alerts wait for the destination");
                }
                Health::Up => tracing::info!(sink = %self.name, "the destination takes alerts"),
                Health::Starting => {}
            }
            *current = health;
            true
        });
    }
}

#[cfg(test)]
pub(super) mod tests;
