//! Alerts and values of series that some sink has not acknowledged. They are part of every snapshot; a sink that is down fills its part, and
//! past a bound the sources wait (property 2). What is kept is what they say: the documents are made of it, one for each
//! format in use, so that a sink whose format was changed is given what it is owed in the new one.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::alert::{document, metric_document, ocsf_document};
use crate::model::{Alert, Metric};
use crate::sink::{Content, Document, DocumentFormat, Outcome, Outgoing, Receipt};

/// What is still owed to somebody.
#[derive(Debug)]
struct Owed {
    content: Content,
    /// What it is in each format that one of the sinks takes.
    documents: BTreeMap<DocumentFormat, Arc<Document>>,
    sinks: BTreeSet<usize>,
}

/// The outbox.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    owed: BTreeMap<u64, Owed>,
    /// The format of each sink.
    formats: Vec<DocumentFormat>,
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
    /// An outbox for sinks of these formats.
    #[must_use]
    pub(super) fn new(formats: Vec<DocumentFormat>) -> Self {
        let waiting = formats.iter().map(|_| VecDeque::new()).collect();
        let owed_to = vec![0; formats.len()];
        Self { owed: BTreeMap::new(), formats, waiting, owed_to, next: 0 }
    }

    /// Takes something for all sinks, or for some after a restart.
    pub(super) fn put(&mut self, content: Content, sinks: impl IntoIterator<Item = usize>) {
        let sinks: BTreeSet<usize> = sinks.into_iter().filter(|sink| *sink < self.waiting.len()).collect();
        if sinks.is_empty() {
            return;
        }
        let mut documents = BTreeMap::new();
        for format in sinks.iter().filter_map(|sink| self.formats.get(*sink)) {
            documents.entry(*format).or_insert_with(|| Arc::new(made(&content, *format)));
        }
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
        self.owed.insert(ticket, Owed { content, documents, sinks });
    }

    /// Hands waiting documents of a sink to `send` until that gives one back.
    pub(super) fn drain(&mut self, sink: usize, mut send: impl FnMut(Outgoing) -> Result<(), Outgoing>) {
        let (Some(waiting), Some(format)) = (self.waiting.get_mut(sink), self.formats.get(sink)) else { return };
        while let Some(ticket) = waiting.front().copied() {
            let Some(document) = self.owed.get(&ticket).and_then(|owed| owed.documents.get(format)) else {
                waiting.pop_front();
                continue;
            };
            if send(Outgoing { ticket, document: Arc::clone(document) }).is_err() {
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
        let document = self.formats.get(receipt.sink).and_then(|format| owed.documents.get(format)).map(Arc::clone);
        if owed.sinks.is_empty() {
            self.owed.remove(&receipt.ticket);
        }
        match &receipt.outcome {
            Outcome::Delivered => None,
            Outcome::Rejected { reason } => Some(Refused { document: document?, reason: reason.clone() }),
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
            let json = write(&owed.content)?;
            Some((json, owed.sinks.iter().copied().collect()))
        })
    }
}

/// The document of something in a format. A value of a series is the same in all.
fn made(content: &Content, format: DocumentFormat) -> Document {
    let body = match (content, format) {
        (Content::Alert(alert), DocumentFormat::Ecs) => document(alert),
        (Content::Alert(alert), DocumentFormat::Ocsf) => ocsf_document(alert),
        (Content::Metric(metric), _) => metric_document(metric),
    };
    Document {
        id: content.id(),
        revision: content.revision(),
        time: content.time(),
        body: body.to_string().into(),
        content: content.clone(),
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

    use DocumentFormat::{Ecs, Ocsf};

    fn contents() -> [Content; 2] {
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
        [Content::Alert(alert), Content::Metric(Arc::new(metric))]
    }

    /// What a sink is given.
    fn given(outbox: &mut Outbox, sink: usize) -> Vec<Outgoing> {
        let mut given = Vec::new();
        outbox.drain(sink, |outgoing| {
            given.push(outgoing);
            Ok(())
        });
        given
    }

    fn is_finding(outgoing: &Outgoing) -> bool {
        outgoing.document.body.contains("\"class_uid\":2004")
    }

    #[test]
    fn what_is_owed_survives_a_snapshot() {
        for content in contents() {
            let mut outbox = Outbox::new(vec![Ecs, Ocsf]);
            outbox.put(content.clone(), 0..2);
            let kept: Vec<(String, Vec<usize>)> = outbox.unacknowledged().collect();
            assert_eq!(kept.len(), 1);
            assert_eq!((read(&kept[0].0), &kept[0].1[..]), (Some(content), &[0, 1][..]));
        }
    }

    #[test]
    fn each_sink_is_given_alerts_in_its_format_and_metrics_as_they_are() {
        let mut outbox = Outbox::new(vec![Ecs, Ocsf, Ecs, Ocsf]);
        for content in contents() {
            outbox.put(content, 0..4);
        }
        let documents: Vec<Vec<Outgoing>> = (0..4).map(|sink| given(&mut outbox, sink)).collect();
        let alerts: Vec<bool> = documents.iter().map(|to_sink| is_finding(&to_sink[0])).collect();
        assert_eq!(alerts, [false, true, false, true]);
        assert!(Arc::ptr_eq(&documents[1][0].document, &documents[3][0].document), "made once");
        assert!(documents.iter().all(|to_sink| to_sink[1].document.body == documents[0][1].document.body));
        for (sink, to_sink) in documents.iter().enumerate() {
            let outcome = Outcome::Rejected { reason: "no".into() };
            let refused = outbox.settle(&Receipt { sink, ticket: to_sink[0].ticket, outcome }).unwrap();
            assert_eq!(refused.document.body, to_sink[0].document.body, "the dead letter is what was refused");
        }
        assert_eq!(outbox.len(), 1);
    }

    #[test]
    fn a_sink_whose_format_was_changed_is_given_what_it_is_owed_in_the_new_one() {
        let [alert, _] = contents();
        let mut before = Outbox::new(vec![Ecs]);
        before.put(alert, 0..1);
        assert!(!is_finding(&given(&mut before, 0)[0]));
        let (json, sinks) = before.unacknowledged().next().unwrap();
        let mut after = Outbox::new(vec![Ocsf]);
        after.put(read(&json).unwrap(), sinks);
        assert!(is_finding(&given(&mut after, 0)[0]));
    }
}
