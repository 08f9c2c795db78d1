//! What goes into a sink and what comes back.

use std::sync::Arc;

use crate::model::{Alert, AlertId, Metric, RuleCard, Timestamp};

/// What a document says.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// One revision of an alert.
    Alert(Arc<Alert>),
    /// A value of a series.
    Metric(Arc<Metric>),
}

impl Content {
    /// The rule that says it.
    #[must_use]
    pub fn rule(&self) -> &RuleCard {
        match self {
            Self::Alert(alert) => &alert.rule,
            Self::Metric(metric) => &metric.rule,
        }
    }

    /// Its identity.
    #[must_use]
    pub fn id(&self) -> AlertId {
        match self {
            Self::Alert(alert) => alert.id,
            Self::Metric(metric) => metric.id,
        }
    }

    /// Its event time.
    #[must_use]
    pub fn time(&self) -> Timestamp {
        match self {
            Self::Alert(alert) => alert.time,
            Self::Metric(metric) => metric.time,
        }
    }

    /// Which revision it is; a value of a series has one.
    #[must_use]
    pub fn revision(&self) -> u64 {
        match self {
            Self::Alert(alert) => alert.revision,
            Self::Metric(_) => 1,
        }
    }
}

/// One revision of an alert, or a value of a series, ready to be sent.
#[derive(Debug, Clone)]
pub struct Document {
    /// The same in every revision.
    pub id: AlertId,
    /// A higher one replaces a lower one.
    pub revision: u64,
    /// Event time; the same in every revision.
    pub time: Timestamp,
    /// JSON of the document, without `event.ingested`.
    pub body: Arc<str>,
    /// What it says.
    pub content: Content,
}

/// A document on its way to one sink.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// Given by the caller; comes back in the receipt.
    pub ticket: u64,
    /// What to deliver.
    pub document: Arc<Document>,
}

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The destination has it for good.
    Delivered,
    /// The destination will never take it.
    Rejected {
        /// Why, in the destination's own words.
        reason: String,
    },
}

/// The end of a ticket; each gets exactly one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// Index of the sink, as given to [`start`](super::start).
    pub sink: usize,
    /// The ticket.
    pub ticket: u64,
    /// How it ended.
    pub outcome: Outcome,
}

/// Whether a destination takes documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Health {
    /// Nothing was sent yet.
    Starting,
    /// The last request went through.
    Up,
    /// The last request did not; documents wait.
    Down {
        /// What went wrong and what to do about it.
        since_message: String,
    },
}
