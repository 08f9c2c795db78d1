//! What is known of an event beside its fields.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{LogSource, Timestamp};

/// Where an event's time came from (RULES S1), in order of preference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeSource {
    /// A timestamp field of the event itself.
    Event,
    /// The broker's record timestamp.
    Kafka,
    /// The time at which it arrived.
    Arrival,
    /// The event's own time lay too far in the future and was replaced by the time of arrival.
    Skewed,
}

impl TimeSource {
    /// The word used in documents.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::Kafka => "kafka",
            Self::Arrival => "arrival",
            Self::Skewed => "skewed",
        }
    }
}

/// What a decoder says of an event beside its fields.
#[derive(Debug, Clone, Default)]
pub struct EventMeta<'a> {
    /// The event's own time, if it names one that parses.
    pub time: Option<Timestamp>,
    /// The id that its producer gave it (RULES S1b).
    pub id: Option<Cow<'a, str>>,
    /// The log that it belongs to.
    pub logsource: LogSource<'a>,
    /// Index within the record; 0 unless the record is a batch.
    pub sequence: u32,
}
