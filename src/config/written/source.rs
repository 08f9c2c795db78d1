//! A source: which topics, how they are read, and how far its clock is trusted.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::decode::Format;

use super::{DurationText, EnrichSection, OptionText, SecuritySection};

/// What a source has that does not say otherwise.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SourceDefaults {
    /// How the records are read.
    pub format: Option<Format>,
    /// How far behind the newest event one may arrive and still count.
    pub lateness: Option<DurationText>,
    /// How long a partition is at its end without a record before its watermark follows the clock.
    pub idle_timeout: Option<DurationText>,
    /// An event that is further in the future than this gets its time of arrival, and is counted.
    pub max_future_skew: Option<DurationText>,
    /// Where to begin in a partition that no snapshot knows.
    pub start: Option<StartAt>,
}

/// One source of events.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SourceSection {
    /// Its name in metrics, in logs and in alerts; each name once.
    pub name: Option<String>,
    /// What kind of source it is.
    #[serde(rename = "type")]
    pub kind: Option<SourceKind>,
    /// Brokers to start from, each `host:port`. A source with brokers of its own inherits nothing from `kafka`.
    pub brokers: Option<Vec<String>>,
    /// Topic names; one that begins with `^` is a regular expression over topic names.
    pub topics: Option<Vec<String>>,
    /// How the records are read.
    pub format: Option<Format>,
    /// How far behind the newest event one may arrive and still count.
    pub lateness: Option<DurationText>,
    /// How long a partition is at its end without a record before its watermark follows the clock.
    pub idle_timeout: Option<DurationText>,
    /// An event that is further in the future than this gets its time of arrival, and is counted.
    pub max_future_skew: Option<DurationText>,
    /// Fields that hold the event's time, first one that parses; without it the format's own.
    pub time_fields: Option<Vec<String>>,
    /// Fields that hold the event's id; without it the format's own.
    pub id_fields: Option<Vec<String>>,
    /// The log source of events that do not name theirs.
    pub logsource: Option<LogSourceSection>,
    /// Fields that its events get from lookup tables, one table after the other.
    pub enrich: Option<Vec<EnrichSection>>,
    /// Where to begin in a partition that no snapshot knows.
    pub start: Option<StartAt>,
    /// Encryption and authentication, instead of that under `kafka`.
    pub security: Option<SecuritySection>,
    /// Further librdkafka consumer properties, added to those under `kafka`.
    pub options: Option<BTreeMap<String, OptionText>>,
}

/// What kind of source it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SourceKind {
    /// Topics of a Kafka cluster.
    Kafka,
}

/// Where to begin in a partition that no snapshot knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StartAt {
    /// At the oldest record.
    Earliest,
    /// Behind the newest record. Topics and partitions that appear while running are still read from their beginning.
    Latest,
}

/// A log source in Sigma's three words.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LogSourceSection {
    /// What kind of event, such as `policy_decision`.
    pub category: Option<String>,
    /// Whose log, such as `opa`.
    pub product: Option<String>,
    /// Which part of the product, such as `decision_log`.
    pub service: Option<String>,
}
