//! Labels of the metrics. Their values come from configuration, rules and topics, never from event contents, so that
//! the number of series is bounded.

use prometheus_client::encoding::EncodeLabelSet;

use crate::model::Level;

/// A source by its configured name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct SourceLabel {
    source: String,
}

impl SourceLabel {
    /// The label of that source.
    #[must_use]
    pub fn of(source: &str) -> Self {
        Self { source: source.to_owned() }
    }
}

/// A stage and what it could not use.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct FaultLabels {
    stage: String,
    kind: String,
}

impl FaultLabels {
    /// The labels of that stage and kind of fault.
    #[must_use]
    pub fn of(stage: &str, kind: &str) -> Self {
        Self { stage: stage.to_owned(), kind: kind.to_owned() }
    }
}

/// A rule and the level of its alerts.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct RuleAlertLabels {
    rule: String,
    level: String,
}

impl RuleAlertLabels {
    /// The labels of that rule's alerts.
    #[must_use]
    pub fn of(rule: &str, level: Level) -> Self {
        Self { rule: rule.to_owned(), level: level.name().to_owned() }
    }
}

/// A rule that writes a series.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct RuleLabel {
    rule: String,
}

impl RuleLabel {
    /// The label of that rule.
    #[must_use]
    pub fn of(rule: &str) -> Self {
        Self { rule: rule.to_owned() }
    }
}

/// A lookup table by its configured name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct LookupLabel {
    lookup: String,
}

impl LookupLabel {
    /// The label of that table.
    #[must_use]
    pub fn of(lookup: &str) -> Self {
        Self { lookup: lookup.to_owned() }
    }
}

/// What became of other rules and tables: `taken` or `refused`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct ReloadLabel {
    result: String,
}

impl ReloadLabel {
    /// The label of that result.
    #[must_use]
    pub fn of(result: &str) -> Self {
        Self { result: result.to_owned() }
    }
}

/// A filter by its id.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct FilterLabel {
    filter: String,
}

impl FilterLabel {
    /// The label of that filter.
    #[must_use]
    pub fn of(filter: &str) -> Self {
        Self { filter: filter.to_owned() }
    }
}

/// A sink by its configured name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct SinkLabel {
    sink: String,
}

impl SinkLabel {
    /// The label of that sink.
    #[must_use]
    pub fn of(sink: &str) -> Self {
        Self { sink: sink.to_owned() }
    }
}

/// A configured bound, such as `reorder_limit`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct BoundLabel {
    bound: String,
}

impl BoundLabel {
    /// The label of that bound.
    #[must_use]
    pub fn of(bound: &str) -> Self {
        Self { bound: bound.to_owned() }
    }
}

/// A buffer, such as `reorder` or `undelivered`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct BufferLabel {
    buffer: String,
}

impl BufferLabel {
    /// The label of that buffer.
    #[must_use]
    pub fn of(buffer: &str) -> Self {
        Self { buffer: buffer.to_owned() }
    }
}

/// A partition of a source.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct PartitionLabels {
    source: String,
    topic: String,
    partition: i32,
}

impl PartitionLabels {
    /// The labels of that partition.
    #[must_use]
    pub fn of(source: &str, topic: &str, partition: i32) -> Self {
        Self { source: source.to_owned(), topic: topic.to_owned(), partition }
    }
}
