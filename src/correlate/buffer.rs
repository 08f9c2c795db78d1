//! Signals that wait for their lane's watermark, in the total order of RULES S3: event time, topic, partition, offset.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::sync::Arc;

use crate::model::{Signal, Timestamp};

/// An encoded signal with its event time.
#[derive(Debug, Clone)]
pub(super) struct Waiting {
    pub(super) time: Timestamp,
    pub(super) bytes: Arc<[u8]>,
    /// It is for correlations that take what is late: its time lies behind the watermark, but is not decided yet.
    pub(super) late: bool,
}

impl Waiting {
    /// The signal's place; only looked at when times tie.
    fn place(&self) -> Option<(&str, i32, i64, u32)> {
        Signal::decode_head(&self.bytes).ok().map(|signal| signal.place())
    }
}

impl Ord for Waiting {
    fn cmp(&self, other: &Self) -> Ordering {
        self.time
            .cmp(&other.time)
            .then_with(|| self.place().cmp(&other.place()))
            .then_with(|| self.bytes.cmp(&other.bytes))
            .then_with(|| self.late.cmp(&other.late))
    }
}

impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Waiting {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Waiting {}

/// The reorder buffer of a lane.
#[derive(Debug, Clone, Default)]
pub(super) struct Buffer {
    heap: BinaryHeap<Reverse<Waiting>>,
}

impl Buffer {
    pub(super) fn push(&mut self, waiting: Waiting) {
        self.heap.push(Reverse(waiting));
    }

    pub(super) fn len(&self) -> usize {
        self.heap.len()
    }

    /// Time of the oldest signal.
    pub(super) fn oldest(&self) -> Option<Timestamp> {
        self.heap.peek().map(|Reverse(waiting)| waiting.time)
    }

    /// The oldest signal, if the watermark has passed it. An event at the watermark itself still waits: another one of
    /// that time is not late.
    pub(super) fn pop_before(&mut self, watermark: Timestamp) -> Option<Waiting> {
        if self.heap.peek()?.0.time >= watermark && watermark != Timestamp::MAX {
            return None;
        }
        self.heap.pop().map(|Reverse(waiting)| waiting)
    }

    /// Times of everything that waits.
    pub(super) fn times(&self) -> impl Iterator<Item = Timestamp> {
        self.heap.iter().map(|Reverse(waiting)| waiting.time)
    }

    /// Everything that waits, in no order, for a snapshot.
    pub(super) fn waiting(&self) -> impl Iterator<Item = &Waiting> {
        self.heap.iter().map(|Reverse(waiting)| waiting)
    }
}
