//! What an operator may ask of a running source.

use std::sync::Arc;

use crate::model::Timestamp;

use super::board::Board;
use super::event::PartitionId;

/// State of a source at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceStatus {
    /// The cluster by its configured brokers.
    pub cluster: Arc<str>,
    /// Number and name of the sources that read from it.
    pub sources: Vec<(u32, Arc<str>)>,
    /// Assigned partitions in order.
    pub partitions: Vec<PartitionStatus>,
    /// The last problem and when it was told.
    pub last_problem: Option<(Timestamp, String)>,
    /// Whether polling is paused because the caller is behind.
    pub paused: bool,
}

/// State of a partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartitionStatus {
    /// The partition.
    pub partition: PartitionId,
    /// Next offset to deliver, if known.
    pub next: Option<i64>,
    /// Records that are still to be read, if known; about a second old.
    pub lag: Option<i64>,
    /// Whether everything has been delivered.
    pub at_end: bool,
}

impl SourceStatus {
    pub(super) fn of(board: &Board, cluster: Arc<str>, sources: Vec<(u32, Arc<str>)>) -> Self {
        let partitions = board
            .positions
            .iter()
            .map(|((topic, partition), position)| PartitionStatus {
                partition: PartitionId { source: position.source, topic: Arc::clone(topic), partition: *partition },
                next: position.next,
                lag: if position.at_end {
                    Some(0)
                } else {
                    position.end.zip(position.next).map(|(end, next)| end.saturating_sub(next).max(0))
                },
                at_end: position.at_end,
            })
            .collect();
        Self { cluster, sources, partitions, last_problem: board.last_problem.clone(), paused: board.paused }
    }
}
