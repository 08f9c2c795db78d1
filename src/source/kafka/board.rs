//! The positions of all assigned partitions, shared by the reader, the watcher and whoever asks for the status.

use std::collections::BTreeMap;
use std::sync::Arc;

use rdkafka::statistics::Statistics;

use crate::model::Timestamp;

use super::event::PartitionId;

/// Where reading stands in a partition.
#[derive(Debug, Clone)]
pub(super) struct Position {
    pub(super) source: u32,
    /// Offset of the next record to deliver; unknown until the first record where reading began at an end of the log.
    pub(super) next: Option<i64>,
    /// Offset behind the last record, as last heard.
    pub(super) end: Option<i64>,
    /// When its last record was delivered, or when it was assigned.
    pub(super) quiet_since: Timestamp,
    pub(super) at_end: bool,
    /// The fetcher had reached this end and everything fetched had been handed over, by the statistics.
    drained_to: Option<i64>,
}

/// Positions by topic and partition.
#[derive(Debug, Default)]
pub(super) struct Board {
    pub(super) positions: BTreeMap<(Arc<str>, i32), Position>,
    pub(super) last_problem: Option<(Timestamp, String)>,
    pub(super) paused: bool,
}

impl Board {
    pub(super) fn assign(&mut self, partition: &PartitionId, next: Option<i64>, now: Timestamp) {
        let position =
            Position { source: partition.source, next, end: None, quiet_since: now, at_end: false, drained_to: None };
        self.positions.insert((Arc::clone(&partition.topic), partition.partition), position);
    }

    pub(super) fn revoke(&mut self, topic: &Arc<str>, partition: i32) {
        self.positions.remove(&(Arc::clone(topic), partition));
    }

    /// Notes that everything before `next` has been delivered; gives the end of the partition as far as known.
    pub(super) fn delivered(&mut self, topic: &Arc<str>, partition: i32, next: i64, now: Timestamp) -> i64 {
        let Some(position) = self.positions.get_mut(&(Arc::clone(topic), partition)) else { return next };
        position.next = Some(next);
        position.quiet_since = now;
        position.at_end = false;
        position.end = position.end.max(Some(next));
        position.end.unwrap_or(next)
    }

    pub(super) fn note_statistics(&mut self, statistics: &Statistics) {
        for ((topic, partition), position) in &mut self.positions {
            let seen = statistics.topics.get(topic.as_ref()).and_then(|topic| topic.partitions.get(partition));
            let Some(seen) = seen else { continue };
            if seen.ls_offset >= 0 {
                position.end = position.end.max(Some(seen.ls_offset));
            }
            // the length of the fetch queue is that of the whole consumer's: too long at worst, never too short
            let drained = seen.eof_offset >= 0 && seen.fetchq_cnt == 0;
            position.drained_to = drained.then_some(seen.eof_offset);
        }
    }

    /// Partitions without a record since `before`.
    pub(super) fn quiet(&self, before: Timestamp) -> Vec<(Arc<str>, i32)> {
        let quiet = self.positions.iter().filter(|(_, position)| position.quiet_since <= before);
        quiet.map(|(key, _)| key.clone()).collect()
    }

    /// Judges a broker's answer that the partition ended at `end`: the position, if everything before that end has been
    /// delivered. Offsets of transaction markers are never delivered, so that the position can be short of the end;
    /// then the fetcher's own word counts.
    pub(super) fn confirm_end(&mut self, topic: &Arc<str>, partition: i32, end: i64) -> Option<&Position> {
        let position = self.positions.get_mut(&(Arc::clone(topic), partition))?;
        position.end = position.end.max(Some(end));
        position.at_end = position.next == Some(end) || position.drained_to == Some(end);
        position.at_end.then_some(position)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_confirmed_only_by_what_was_delivered() {
        let topic: Arc<str> = Arc::from("t");
        let mut board = Board::default();
        let id = PartitionId { source: 1, topic: Arc::clone(&topic), partition: 0 };
        board.assign(&id, None, Timestamp(10));
        assert!(board.confirm_end(&topic, 0, 5).is_none(), "nothing is known to be delivered");
        assert_eq!(board.delivered(&topic, 0, 3, Timestamp(20)), 5);
        assert!(board.confirm_end(&topic, 0, 5).is_none(), "two records are missing");
        board.delivered(&topic, 0, 5, Timestamp(30));
        assert_eq!(board.confirm_end(&topic, 0, 5).map(|position| position.quiet_since), Some(Timestamp(30)));
        assert_eq!(board.quiet(Timestamp(29)), []);
        assert_eq!(board.quiet(Timestamp(30)).len(), 1);
        board.revoke(&topic, 0);
        assert!(board.confirm_end(&topic, 0, 5).is_none());
    }

    #[test]
    fn behind_a_transaction_marker_the_fetcher_is_believed() {
        let topic: Arc<str> = Arc::from("t");
        let mut board = Board::default();
        board.assign(&PartitionId { source: 1, topic: Arc::clone(&topic), partition: 0 }, Some(3), Timestamp(0));
        if let Some(position) = board.positions.get_mut(&(Arc::clone(&topic), 0)) {
            position.drained_to = Some(4);
        }
        assert!(board.confirm_end(&topic, 0, 5).is_none());
        assert!(board.confirm_end(&topic, 0, 4).is_some());
    }
}
