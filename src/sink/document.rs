//! What goes into a sink and what comes back.

use std::sync::Arc;

use crate::model::{Alert, AlertId, Level, Timestamp};

/// One revision of an alert, ready to be sent.
#[derive(Debug, Clone)]
pub struct Document {
    /// The same in every revision.
    pub id: AlertId,
    /// A higher one replaces a lower one.
    pub revision: u64,
    /// Event time of the alert; the same in every revision.
    pub time: Timestamp,
    /// Severity.
    pub level: Level,
    /// JSON of the alert's document, without `event.ingested`.
    pub body: Arc<str>,
    /// The alert itself.
    pub alert: Arc<Alert>,
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
