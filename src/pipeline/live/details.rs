//! What takes a little longer to gather about a running engine: its partitions, sinks and snapshot. Twice a second is enough.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::Live;
use crate::model::{RuleWork, Timestamp};
use crate::rule::RuleSet;
use crate::sink::Health;

/// Least time between two gatherings.
const EVERY: Duration = Duration::from_millis(500);

/// The engine in more words.
#[derive(Debug, Clone, Default)]
pub struct StatusDetails {
    /// Events read since the start.
    pub events: u64,
    /// The rules in use.
    pub rules: Option<Arc<RuleSet>>,
    /// The time before which no further event is expected, over all partitions.
    pub watermark: Option<Timestamp>,
    /// Source and partition that hold it.
    pub held_by: Option<(String, i32)>,
    /// The last snapshot: when it was taken, and its size in bytes.
    pub snapshot: Option<(Timestamp, u64)>,
    /// Matches that each filter took back since it was loaded, by its id.
    pub filtered: Vec<(String, u64)>,
    /// What each detection and each correlation has cost and found since it was loaded, in the order of the rules.
    pub work: (Vec<RuleWork>, Vec<RuleWork>),
    /// Every partition that is read.
    pub partitions: Vec<PartitionStatus>,
    /// What each sink owes and has done, in their order.
    pub sinks: Vec<SinkNumbers>,
}

/// A partition that is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartitionStatus {
    /// Name of the source.
    pub source: String,
    /// Its topic.
    pub topic: Arc<str>,
    /// Its number.
    pub partition: i32,
    /// The next offset.
    pub offset: Option<i64>,
    /// Records between the last one read and the end, as last heard.
    pub lag: Option<i64>,
    /// The time before which no further event of it is expected.
    pub watermark: Option<Timestamp>,
    /// Nothing comes, and its watermark follows the clock.
    pub idle: bool,
}

/// What a sink owes and has done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SinkNumbers {
    /// Documents that it has not acknowledged.
    pub owed: u64,
    /// Documents that it has acknowledged since the start.
    pub delivered: u64,
    /// Documents that it has refused for good since the start.
    pub rejected: u64,
}

/// The details as they were last gathered.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    at: Option<Instant>,
    pub(super) details: Arc<StatusDetails>,
    pub(super) snapshot: Option<(Timestamp, u64)>,
}

impl Live {
    /// Gathers the details anew if it is time.
    pub(super) fn gather(&mut self) -> Arc<StatusDetails> {
        if self.gathered.at.is_some_and(|at| at.elapsed() < EVERY) {
            return Arc::clone(&self.gathered.details);
        }
        let plan = Arc::clone(self.core.engine().plan());
        let offsets = self.offsets.lock().map(|offsets| offsets.clone()).unwrap_or_default();
        let partition = |partition: &crate::correlate::Partition| {
            let source = plan.sources.get(partition.source as usize);
            let key = (partition.topic.to_string(), partition.partition);
            let offset = offsets.get(&key).copied();
            let end = self.ends.get(&key).copied();
            let reached = partition.highest.max(partition.idle);
            PartitionStatus {
                source: source.map(|source| source.name.clone()).unwrap_or_default(),
                topic: Arc::clone(&partition.topic),
                partition: partition.partition,
                offset,
                lag: offset.zip(end).map(|(offset, end)| (end - offset).max(0)),
                watermark: reached.zip(source).map(|(reached, source)| reached.minus(source.lateness)),
                idle: partition.idle.is_some() && partition.idle >= partition.highest,
            }
        };
        let partitions: Vec<PartitionStatus> =
            self.core.engine().progress().partitions().iter().map(partition).collect();
        let holder = partitions.iter().min_by_key(|partition| partition.watermark);
        let details = StatusDetails {
            events: self.core.counts().events,
            rules: Some(Arc::clone(&plan.rules)),
            watermark: holder.and_then(|holder| holder.watermark),
            held_by: holder.map(|holder| (holder.source.clone(), holder.partition)),
            snapshot: self.gathered.snapshot,
            filtered: self.core.filtered().map(|(filter, matches)| (filter.id.clone(), matches)).collect(),
            work: self.core.work(),
            sinks: self
                .sink_numbers
                .iter()
                .enumerate()
                .map(|(index, numbers)| SinkNumbers { owed: self.outbox.owed_to(index), ..*numbers })
                .collect(),
            partitions,
        };
        for (sink, numbers) in self.sinks.iter().zip(&details.sinks) {
            self.metrics.set_sink(sink.name(), !matches!(sink.health(), Health::Down { .. }), numbers.owed);
        }
        self.gathered.at = Some(Instant::now());
        self.gathered.details = Arc::new(details);
        Arc::clone(&self.gathered.details)
    }
}
