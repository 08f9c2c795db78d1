//! Alerts and values of series that some sink has not acknowledged. They are part of every snapshot; a sink that is down fills its part, and
//! past a bound the sources wait (property 2).

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::alert::{document, metric_document};
use crate::model::{Alert, Metric};
use crate::sink::{Content, Document, Outcome, Outgoing, Receipt};

/// What is still owed to somebody.
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
    /// How much is owed to each sink.
    owed_to: Vec<u64>,
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
        Self {
            owed: BTreeMap::new(),
            waiting: (0..sinks).map(|_| VecDeque::new()).collect(),
            owed_to: vec![0; sinks],
            next: 0,
        }
    }

    /// Takes something for all sinks, or for some after a restart.
    pub(super) fn put(&mut self, content: Content, sinks: impl IntoIterator<Item = usize>) {
        let sinks: BTreeSet<usize> = sinks.into_iter().filter(|sink| *sink < self.waiting.len()).collect();
        if sinks.is_empty() {
            return;
        }
        let body = match &content {
            Content::Alert(alert) => document(alert),
            Content::Metric(metric) => metric_document(metric),
        };
        let document = Document {
            id: content.id(),
            revision: content.revision(),
            time: content.time(),
            body: body.to_string().into(),
            content,
        };
        let ticket = self.next;
        self.next += 1;
        for sink in &sinks {
            if let Some(waiting) = self.waiting.get_mut(*sink) {
                waiting.push_back(ticket);
            }
            if let Some(owed) = self.owed_to.get_mut(*sink) {
                *owed += 1;
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
        if let Some(owed) = self.owed_to.get_mut(receipt.sink) {
            *owed = owed.saturating_sub(1);
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

    /// How much is owed to a sink.
    #[must_use]
    pub(super) fn owed_to(&self, sink: usize) -> u64 {
        self.owed_to.get(sink).copied().unwrap_or_default()
    }

    /// How much is owed to somebody.
    #[must_use]
    pub(super) fn len(&self) -> usize {
        self.owed.len()
    }

    /// Whether everything is acknowledged.
    #[must_use]
    pub(super) fn is_empty(&self) -> bool {
        self.owed.is_empty()
    }

    /// For a snapshot: each of them as JSON with the sinks that it is owed to.
    pub(super) fn unacknowledged(&self) -> impl Iterator<Item = (String, Vec<usize>)> {
        self.owed.values().filter_map(|owed| {
            let json = write(&owed.document.content)?;
            Some((json, owed.sinks.iter().copied().collect()))
        })
    }
}

/// A value of a series in a snapshot; an alert stands there as it is.
#[derive(Serialize, Deserialize)]
struct Kept<M> {
    metric: M,
}

fn write(content: &Content) -> Option<String> {
    match content {
        Content::Alert(alert) => serde_json::to_string(&**alert).ok(),
        Content::Metric(metric) => serde_json::to_string(&Kept { metric: &**metric }).ok(),
    }
}

/// Reads what [`Outbox::unacknowledged`] wrote. Not as an untagged enum, which does not know the numbers of an identity.
pub(super) fn read(json: &str) -> Option<Content> {
    if let Ok(kept) = serde_json::from_str::<Kept<Metric>>(json) {
        return Some(Content::Metric(Arc::new(kept.metric)));
    }
    serde_json::from_str::<Alert>(json).ok().map(|alert| Content::Alert(Arc::new(alert)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Timestamp;
    use crate::pipeline::system_alert::SystemAlerts;
    use crate::pipeline::tally::BoundReached;

    #[test]
    fn what_is_owed_survives_a_snapshot() {
        let reached = BoundReached { bound: "reorder_limit", times: 3 };
        let alert = Arc::new(SystemAlerts::default().about(reached, Timestamp(1_795_248_000_123_456_789)).unwrap());
        let metric = Metric {
            id: alert.id,
            time: alert.time,
            rule: Arc::clone(&alert.rule),
            name: "n".into(),
            unit: None,
            group: vec![("k".into(), None)],
            value: Some(0.1),
            samples: 3,
            from: alert.time,
        };
        for content in [Content::Alert(alert), Content::Metric(Arc::new(metric))] {
            let mut outbox = Outbox::new(2);
            outbox.put(content.clone(), 0..2);
            let kept: Vec<(String, Vec<usize>)> = outbox.unacknowledged().collect();
            assert_eq!(kept.len(), 1);
            assert_eq!((read(&kept[0].0), &kept[0].1[..]), (Some(content), &[0, 1][..]));
        }
    }
}
