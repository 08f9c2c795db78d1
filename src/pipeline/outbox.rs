//! Alerts that some sink has not acknowledged. They are part of every snapshot; a sink that is down fills its part, and
//! past a bound the sources wait (property 2).

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use crate::alert::document;
use crate::model::Alert;
use crate::sink::{Document, Outcome, Outgoing, Receipt};

/// An alert that is still owed to somebody.
#[derive(Debug)]
struct Owed {
    document: Arc<Document>,
    sinks: BTreeSet<usize>,
}

/// The outbox.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    owed: BTreeMap<u64, Owed>,
    /// Tickets that each sink's queue had no room for yet, in order.
    waiting: Vec<VecDeque<u64>>,
    next: u64,
}

/// A document that a sink refused for good.
#[derive(Debug)]
pub(super) struct Refused {
    /// What it refused.
    pub(super) document: Arc<Document>,
    /// Its words.
    pub(super) reason: String,
}

impl Outbox {
    /// An outbox for that many sinks.
    #[must_use]
    pub(super) fn new(sinks: usize) -> Self {
        Self { owed: BTreeMap::new(), waiting: (0..sinks).map(|_| VecDeque::new()).collect(), next: 0 }
    }

    /// Takes an alert for all sinks, or for some after a restart.
    pub(super) fn put(&mut self, alert: Alert, sinks: impl IntoIterator<Item = usize>) {
        let sinks: BTreeSet<usize> = sinks.into_iter().filter(|sink| *sink < self.waiting.len()).collect();
        if sinks.is_empty() {
            return;
        }
        let body: Arc<str> = document(&alert).to_string().into();
        let alert = Arc::new(alert);
        let document =
            Document { id: alert.id, revision: alert.revision, time: alert.time, level: alert.rule.level, body, alert };
        let ticket = self.next;
        self.next += 1;
        for sink in &sinks {
            if let Some(waiting) = self.waiting.get_mut(*sink) {
                waiting.push_back(ticket);
            }
        }
        self.owed.insert(ticket, Owed { document: Arc::new(document), sinks });
    }

    /// Hands waiting documents of a sink to `send` until that gives one back.
    pub(super) fn drain(&mut self, sink: usize, mut send: impl FnMut(Outgoing) -> Result<(), Outgoing>) {
        let Some(waiting) = self.waiting.get_mut(sink) else { return };
        while let Some(ticket) = waiting.front().copied() {
            let Some(owed) = self.owed.get(&ticket) else {
                waiting.pop_front();
                continue;
            };
            if send(Outgoing { ticket, document: Arc::clone(&owed.document) }).is_err() {
                return;
            }
            waiting.pop_front();
        }
    }

    /// Settles a receipt; gives the document back when it was refused for good.
    pub(super) fn settle(&mut self, receipt: &Receipt) -> Option<Refused> {
        let owed = self.owed.get_mut(&receipt.ticket)?;
        if !owed.sinks.remove(&receipt.sink) {
            return None;
        }
        let document = Arc::clone(&owed.document);
        if owed.sinks.is_empty() {
            self.owed.remove(&receipt.ticket);
        }
        match &receipt.outcome {
            Outcome::Delivered => None,
            Outcome::Rejected { reason } => Some(Refused { document, reason: reason.clone() }),
        }
    }

    /// Alerts that are owed to somebody.
    #[must_use]
    pub(super) fn len(&self) -> usize {
        self.owed.len()
    }

    /// Whether everything is acknowledged.
    #[must_use]
    pub(super) fn is_empty(&self) -> bool {
        self.owed.is_empty()
    }

    /// For a snapshot: each alert as JSON with the sinks that it is owed to.
    pub(super) fn unacknowledged(&self) -> impl Iterator<Item = (String, Vec<usize>)> {
        self.owed.values().filter_map(|owed| {
            let json = serde_json::to_string(&*owed.document.alert).ok()?;
            Some((json, owed.sinks.iter().copied().collect()))
        })
    }
}
