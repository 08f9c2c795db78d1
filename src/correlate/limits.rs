//! Bounds of the correlation state (RULES S19) and what reaching one costs, always counted.

use serde::{Deserialize, Serialize};

use crate::model::Span;

/// The bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Groups of one rule in one shard.
    pub groups_per_rule: usize,
    /// Events in the window of one group.
    pub entries_per_group: usize,
    /// Signals that wait for the watermark, over all lanes.
    pub reorder: usize,
    /// Contributing events that an alert shows.
    pub evidence: usize,
    /// Alerts that rules which hear alerts were told of and that may still be taken back.
    pub told_alerts: usize,
    /// How far behind the watermark an event may come and still change what rules with `on-late` decided (RULES S12).
    pub retention: Span,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            groups_per_rule: 1_000_000,
            entries_per_group: 100_000,
            reorder: 2_000_000,
            evidence: 64,
            told_alerts: 1_000_000,
            retention: Span::seconds(86_400),
        }
    }
}

/// What correlation has counted since its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CorrelateCounts {
    /// Signals taken in.
    pub signals: u64,
    /// Signals and hits behind their rule's watermark that a rule dropped.
    pub late: u64,
    /// Signals behind the watermark that a rule with `on-late` took.
    pub late_taken: u64,
    /// Alerts that a late event showed to be wrong.
    pub retracted: u64,
    /// Signals of an event that was already there (RULES S1b).
    pub repeated: u64,
    /// Events refused because a rule had its most groups.
    pub groups_refused: u64,
    /// Events dropped from a window because it had its most entries.
    pub entries_dropped: u64,
    /// Alerts that were forgotten although they may still be taken back, because too many were remembered.
    pub told_forgotten: u64,
    /// Events that a rule left out because they lack the field that it measures, or have no number there.
    pub values_skipped: u64,
    /// Times that the reorder buffer was full and the watermark was raised.
    pub reorder_overflows: u64,
    /// Alerts raised.
    pub alerts: u64,
    /// Alerts that `suppress` held back.
    pub suppressed: u64,
    /// Values of series.
    pub metrics: u64,
}

impl CorrelateCounts {
    /// Adds another count.
    pub(super) fn add(&mut self, other: &Self) {
        self.signals += other.signals;
        self.late += other.late;
        self.late_taken += other.late_taken;
        self.retracted += other.retracted;
        self.repeated += other.repeated;
        self.groups_refused += other.groups_refused;
        self.entries_dropped += other.entries_dropped;
        self.told_forgotten += other.told_forgotten;
        self.values_skipped += other.values_skipped;
        self.reorder_overflows += other.reorder_overflows;
        self.alerts += other.alerts;
        self.suppressed += other.suppressed;
        self.metrics += other.metrics;
    }
}
