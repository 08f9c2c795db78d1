//! A running route: takes documents in, lets them wait in their groups, sends one message at a time, and gives a receipt for each
//! document when the message with it was taken or refused for good. Until then it is owed, as to every sink.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::channel::{Answer, Channel};
use super::groups::{Bundle, Groups, Moment, Pacing};
use super::notice::{Notice, Told};
use super::route::RouteSettings;
use crate::sink::deliver::{Backoff, Trouble, TroubleKind};
use crate::sink::{Content, Document, Health, Outcome, Outgoing, Receipt, RetrySettings, SinkHandle};

/// Alerts of one message at most.
pub(super) const ALERTS: usize = 500;
/// Documents that wait before the route takes them.
const WAITING: usize = 256;

/// What a route counts.
#[derive(Debug, Default)]
pub struct NotificationCounts {
    /// Messages that the receiver has taken.
    pub messages: AtomicU64,
    /// Alerts that were told as an entry of a list because the limit held them back.
    pub held_back: AtomicU64,
    /// Messages that a template could not make, so that they were made without it.
    pub template_failures: AtomicU64,
    /// Alerts that wait in the route now.
    pub waiting: AtomicU64,
}

/// What a kind of notification gives its route.
pub(super) struct RouteParts<'a, C> {
    pub(super) sink: usize,
    pub(super) name: String,
    pub(super) channel: C,
    pub(super) route: &'a RouteSettings,
    pub(super) retry: &'a RetrySettings,
    /// Bytes of the documents of one message.
    pub(super) bytes: usize,
    pub(super) console: Option<String>,
    pub(super) counts: Arc<NotificationCounts>,
    pub(super) health: Health,
}

/// Starts the task of a route.
pub(super) fn spawn<C: Channel>(parts: RouteParts<'_, C>, receipts: mpsc::UnboundedSender<Receipt>) -> SinkHandle {
    let RouteParts { sink, name, channel, route, retry, bytes, console, counts, health } = parts;
    let (input, documents) = mpsc::channel(WAITING);
    let (health, watched) = watch::channel(health);
    let (hurry, hurried) = watch::channel(false);
    let retries = Arc::new(AtomicU64::new(0));
    let pacing = Pacing {
        wait: route.group_wait.0,
        interval: route.group_interval.0,
        limit: route.limit.map(|limit| (limit.messages, limit.per.0)),
        alerts: ALERTS,
        bytes,
    };
    let running = Running {
        sink,
        name: name.clone(),
        channel: Arc::new(channel),
        route: route.clone(),
        console,
        groups: Groups::new(pacing),
        began: Instant::now(),
        backoff: Backoff::new(retry.initial.0, retry.max.0),
        resume: Instant::now(),
        pending: None,
        receipts,
        health,
        retries: Arc::clone(&retries),
        counts: Arc::clone(&counts),
    };
    let task = tokio::spawn(running.run(documents, hurried));
    SinkHandle::new(name, input, watched, retries, task).for_notifications(route.clone(), hurry, counts)
}

/// What alerts of one message have in common.
type Key = Vec<(String, String)>;
/// A message and what it is made of.
type Sent<C> = (Bundle<(Key, Outgoing)>, Arc<<C as Channel>::Message>);

struct Running<C: Channel> {
    sink: usize,
    name: String,
    channel: Arc<C>,
    route: RouteSettings,
    console: Option<String>,
    groups: Groups<Key, (Key, Outgoing)>,
    /// Moments count from here.
    began: Instant,
    backoff: Backoff,
    /// No message goes before.
    resume: Instant,
    /// The message that must go again.
    pending: Option<Sent<C>>,
    receipts: mpsc::UnboundedSender<Receipt>,
    health: watch::Sender<Health>,
    retries: Arc<AtomicU64>,
    counts: Arc<NotificationCounts>,
}

impl<C: Channel> Running<C> {
    async fn run(mut self, mut documents: mpsc::Receiver<Outgoing>, mut hurried: watch::Receiver<bool>) {
        let mut sending: JoinSet<(Sent<C>, Answer)> = JoinSet::new();
        let mut open = true;
        let mut may_be_hurried = true;
        loop {
            let wake = self.send_what_is_due(&mut sending);
            self.counts.waiting.store(self.groups.held() as u64, Ordering::Relaxed);
            if !open && self.groups.is_empty() {
                return;
            }
            tokio::select! {
                Some(answered) = sending.join_next() => match answered {
                    Ok((sent, answer)) => self.settle(sent, answer),
                    // A message cannot panic by our lints; if it does, the route must not go on without its alerts.
                    Err(error) => {
                        tracing::error!(sink = %self.name, %error, "a message ended abnormally, the route stops");
                        return;
                    }
                },
                document = documents.recv(), if open && self.groups.held() < self.route.held => match document {
                    Some(outgoing) => self.take(outgoing),
                    None => {
                        open = false;
                        self.groups.hurry();
                    }
                },
                changed = hurried.changed(), if may_be_hurried => {
                    may_be_hurried = changed.is_ok();
                    if *hurried.borrow() {
                        self.groups.hurry();
                    }
                }
                () = tokio::time::sleep_until(wake.unwrap_or_else(Instant::now)), if wake.is_some() => {}
                else => {
                    tracing::error!(sink = %self.name, "alerts wait for a message that is not on its way");
                    return;
                }
            }
        }
    }

    fn now(&self) -> Moment {
        self.began.elapsed()
    }

    fn take(&mut self, outgoing: Outgoing) {
        let Content::Alert(alert) = &outgoing.document.content else {
            self.give_receipt(&outgoing, Outcome::Delivered);
            return;
        };
        let key = self.route.group_of(alert);
        let (id, level, bytes) = (alert.id, alert.rule.level, outgoing.document.body.len());
        let now = self.now();
        self.groups.add(key.clone(), id, level, bytes, (key, outgoing), now);
    }

    /// Sends the next message if one may go. Returns when to look again, if time alone can change anything.
    fn send_what_is_due(&mut self, sending: &mut JoinSet<(Sent<C>, Answer)>) -> Option<Instant> {
        if !sending.is_empty() {
            return None;
        }
        if Instant::now() < self.resume {
            return Some(self.resume);
        }
        let sent = match self.pending.take() {
            Some(again) => again,
            None => {
                let now = self.now();
                let Some(bundle) = self.groups.next(now) else {
                    // never in the past: what is due and could not go waits for something else than time
                    return self.groups.wake().map(|at| self.began + at.max(now + Duration::from_millis(1)));
                };
                let told = self.told(&bundle);
                let message = Arc::new(self.channel.compose(&told));
                (bundle, message)
            }
        };
        let channel = Arc::clone(&self.channel);
        sending.spawn(async move {
            let answer = channel.send(&sent.1).await;
            (sent, answer)
        });
        None
    }

    fn told(&self, bundle: &Bundle<(Key, Outgoing)>) -> Told {
        let newest = |revisions: &[(Key, Outgoing)], in_full| {
            revisions.last().and_then(|(_, outgoing)| Notice::of(&outgoing.document, self.console.as_deref(), in_full))
        };
        let alerts = bundle.alerts.iter().filter_map(|waiting| newest(&waiting.revisions, true)).collect();
        let more = bundle.more.iter().filter_map(|waiting| newest(&waiting.revisions, false)).collect();
        let first = bundle.alerts.first().and_then(|waiting| waiting.revisions.first());
        Told::new(&self.name, first.map(|(key, _)| key.clone()).unwrap_or_default(), alerts, more)
    }

    fn settle(&mut self, sent: Sent<C>, answer: Answer) {
        match answer {
            Answer::Taken { .. } => {
                self.backoff.reset();
                self.report(Health::Up);
                self.counts.messages.fetch_add(1, Ordering::Relaxed);
                self.counts.held_back.fetch_add(sent.0.more.len() as u64, Ordering::Relaxed);
                self.finish(&sent.0, &Outcome::Delivered);
            }
            Answer::TooLarge { said } | Answer::Invalid { said } => {
                tracing::debug!(sink = %self.name, %said, "a message was not taken as it is, it goes in parts");
                if let Some(only) = self.groups.part(sent.0) {
                    tracing::warn!(sink = %self.name, reason = %said, "the receiver refused an alert for good");
                    self.finish(&only, &Outcome::Rejected { reason: said });
                }
            }
            Answer::Trouble(trouble) => {
                self.pause(trouble);
                self.pending = Some(sent);
            }
        }
    }

    fn pause(&mut self, trouble: Trouble) {
        tracing::debug!(sink = %self.name, kind = ?trouble.kind, reason = %trouble.message, "a message failed");
        self.retries.fetch_add(1, Ordering::Relaxed);
        let pause = match trouble.kind {
            TroubleKind::Overloaded | TroubleKind::Unreachable => self.backoff.next(),
            TroubleKind::Credentials | TroubleKind::Misconfigured => self.backoff.longest(),
        };
        self.resume = Instant::now() + trouble.wait.map_or(pause, |wait| wait.max(pause));
        self.report(Health::Down { since_message: trouble.message });
    }

    fn finish(&mut self, bundle: &Bundle<(Key, Outgoing)>, outcome: &Outcome) {
        let mut revisions = 0;
        for (_, outgoing) in bundle.alerts.iter().chain(&bundle.more).flat_map(|waiting| &waiting.revisions) {
            self.give_receipt(outgoing, outcome.clone());
            revisions += 1;
        }
        self.groups.finished(revisions, self.now());
    }

    fn give_receipt(&self, outgoing: &Outgoing, outcome: Outcome) {
        // Nobody listens any more only when the pipeline has gone; then nothing is left to tell.
        let _ = self.receipts.send(Receipt { sink: self.sink, ticket: outgoing.ticket, outcome });
    }

    fn report(&self, health: Health) {
        self.health.send_if_modified(|current| {
            if *current == health {
                return false;
            }
            match &health {
                Health::Down { since_message } => {
                    tracing::warn!(sink = %self.name, reason = %since_message, "alerts wait for the receiver");
                }
                Health::Up => tracing::info!(sink = %self.name, "the receiver takes messages"),
                Health::Starting => {}
            }
            *current = health;
            true
        });
    }
}

/// Sends a message about a document, marked as a test, and says what the receiver answered.
pub(super) async fn try_once<C: Channel>(
    channel: &C,
    name: &str,
    route: &RouteSettings,
    console: Option<&str>,
    example: &Document,
) -> Result<String, String> {
    let Content::Alert(alert) = &example.content else { return Err("there is no alert to tell".to_owned()) };
    let alerts = Notice::of(example, console, true).into_iter().collect();
    let told = Told::new(name, route.group_of(alert), alerts, Vec::new()).into_test();
    match channel.send(&channel.compose(&told)).await {
        Answer::Taken { said } => Ok(said),
        Answer::TooLarge { said } | Answer::Invalid { said } => Err(said),
        Answer::Trouble(trouble) => Err(trouble.message),
    }
}

#[cfg(test)]
#[path = "run_tests.rs"]
mod tests;
