//! Documents that wait to be sent. The revisions of one alert go one after the other, never two at a time: a document is
//! passed over while an earlier one of its alert is on its way.

use std::collections::{HashSet, VecDeque};

use super::Outgoing;
use crate::model::AlertId;

/// Smallest size that a destination can teach a request to have.
const FLOOR_BYTES: usize = 4 * 1024;

#[derive(Debug)]
pub(super) struct Queue {
    waiting: VecDeque<Outgoing>,
    waiting_bytes: usize,
    /// Batches that must go exactly as they are; their alerts are busy already.
    halves: VecDeque<Vec<Outgoing>>,
    busy: HashSet<AlertId>,
    documents: usize,
    bytes: usize,
}

impl Queue {
    /// A queue that makes batches of at most that many documents and bytes.
    pub(super) fn new(documents: usize, bytes: usize) -> Self {
        Self {
            waiting: VecDeque::new(),
            waiting_bytes: 0,
            halves: VecDeque::new(),
            busy: HashSet::new(),
            documents,
            bytes,
        }
    }

    pub(super) fn push(&mut self, outgoing: Outgoing) {
        self.waiting_bytes += size(&outgoing);
        self.waiting.push_back(outgoing);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty() && self.halves.is_empty()
    }

    /// Whether so much waits that no more should be taken in.
    pub(super) fn is_full(&self) -> bool {
        self.waiting.len() >= self.documents.saturating_mul(2)
    }

    /// Whether waiting for more documents would make no larger batch.
    pub(super) fn has_whole_batch(&self) -> bool {
        !self.halves.is_empty() || self.waiting.len() >= self.documents || self.waiting_bytes >= self.bytes
    }

    /// The next batch, oldest documents first, at most one of an alert; none if everything that waits must go on waiting
    /// for its alert's earlier revision.
    pub(super) fn next(&mut self) -> Option<Vec<Outgoing>> {
        if let Some(half) = self.halves.pop_front() {
            return Some(half);
        }
        let mut batch = Vec::new();
        let mut passed_over = VecDeque::new();
        let mut batch_bytes = 0;
        while let Some(outgoing) = self.waiting.pop_front() {
            let length = size(&outgoing);
            let full = batch.len() >= self.documents || (!batch.is_empty() && batch_bytes + length > self.bytes);
            if full {
                self.waiting.push_front(outgoing);
                break;
            }
            if self.busy.insert(outgoing.document.id) {
                batch_bytes += length;
                batch.push(outgoing);
            } else {
                passed_over.push_back(outgoing);
            }
        }
        self.waiting_bytes = self.waiting_bytes.saturating_sub(batch_bytes);
        passed_over.append(&mut self.waiting);
        self.waiting = passed_over;
        (!batch.is_empty()).then_some(batch)
    }

    /// The alert's document is done with; the next revision may go.
    pub(super) fn release(&mut self, id: AlertId) {
        self.busy.remove(&id);
    }

    /// Takes documents back, in front of all others, to be sent again.
    pub(super) fn put_back(&mut self, documents: Vec<Outgoing>) {
        for outgoing in documents.into_iter().rev() {
            self.busy.remove(&outgoing.document.id);
            self.waiting_bytes += size(&outgoing);
            self.waiting.push_front(outgoing);
        }
    }

    /// Takes a part of a batch back, to be sent exactly as it is.
    pub(super) fn put_half(&mut self, half: Vec<Outgoing>) {
        self.halves.push_front(half);
    }

    /// The destination found this batch too large: later ones are at most half its size.
    pub(super) fn shrink(&mut self, batch: &[Outgoing]) {
        let bytes: usize = batch.iter().map(size).sum();
        self.bytes = self.bytes.min(bytes / 2).max(FLOOR_BYTES);
    }
}

fn size(outgoing: &Outgoing) -> usize {
    /// What action lines and envelopes add to a document, roughly.
    const ENVELOPE_BYTES: usize = 256;
    outgoing.document.body.len() + ENVELOPE_BYTES
}

#[cfg(test)]
mod tests {
    use super::super::tests::outgoing;
    use super::*;
    use proptest::prelude::*;

    fn tickets(batch: Option<Vec<Outgoing>>) -> Vec<u64> {
        batch.into_iter().flatten().map(|outgoing| outgoing.ticket).collect()
    }

    #[test]
    fn revisions_of_one_alert_wait_for_each_other() {
        let mut queue = Queue::new(10, 1 << 20);
        for (ticket, id) in [(1, 7), (2, 8), (3, 7), (4, 9), (5, 7)] {
            queue.push(outgoing(ticket, id, ticket));
        }
        assert_eq!(tickets(queue.next()), [1, 2, 4]);
        assert!(tickets(queue.next()).is_empty());
        queue.release(AlertId(7));
        assert_eq!(tickets(queue.next()), [3]);
        queue.put_back(vec![outgoing(3, 7, 3)]);
        assert_eq!(tickets(queue.next()), [3], "a failed revision goes before the next one");
        queue.release(AlertId(7));
        assert_eq!(tickets(queue.next()), [5]);
        assert!(queue.is_empty());
    }

    #[test]
    fn batches_keep_their_bounds_and_halves_go_as_they_are() {
        let mut queue = Queue::new(3, 1 << 20);
        for ticket in 0..7 {
            queue.push(outgoing(ticket, u128::from(ticket), 1));
        }
        assert!(queue.has_whole_batch() && queue.is_full());
        let first = queue.next().unwrap();
        assert_eq!(first.len(), 3);
        queue.put_half(first[2..].to_vec());
        queue.put_half(first[..2].to_vec());
        assert_eq!(tickets(queue.next()), [0, 1]);
        assert_eq!(tickets(queue.next()), [2]);
        queue.shrink(&first);
        assert_eq!(queue.bytes, FLOOR_BYTES);
        let mut small = Queue::new(100, 1);
        small.push(outgoing(1, 1, 1));
        small.push(outgoing(2, 2, 1));
        assert_eq!(tickets(small.next()), [1], "a document larger than the bound goes alone");
    }

    proptest! {
        /// Against random failures: nothing is lost or doubled, and no alert's revisions overtake each other.
        #[test]
        fn every_document_goes_once_and_in_order(
            ids in proptest::collection::vec(0_u128..4, 1..40),
            fates in proptest::collection::vec(0_u8..4, 0..60),
        ) {
            let mut queue = Queue::new(5, 1 << 20);
            for (ticket, id) in ids.iter().enumerate() {
                queue.push(outgoing(ticket as u64, *id, ticket as u64));
            }
            let mut fates = fates.into_iter().chain(std::iter::repeat(0));
            let mut flying: Vec<Vec<Outgoing>> = Vec::new();
            let mut done: Vec<(u128, u64)> = Vec::new();
            while !queue.is_empty() || !flying.is_empty() {
                if let Some(batch) = queue.next() {
                    let on_their_way: Vec<u128> = flying.iter().flatten().map(|other| other.document.id.0).collect();
                    prop_assert!(batch.iter().all(|item| !on_their_way.contains(&item.document.id.0)));
                    flying.push(batch);
                }
                match fates.next() {
                    Some(1) => {}
                    Some(2) if !flying.is_empty() => { let failed = flying.remove(0); queue.put_back(failed); }
                    Some(3) if !flying.is_empty() => {
                        let mut batch = flying.remove(0);
                        let second = batch.split_off(batch.len() / 2);
                        for half in [second, batch] { if !half.is_empty() { queue.put_half(half); } }
                    }
                    _ => for item in flying.drain(..).flatten() {
                        queue.release(item.document.id);
                        done.push((item.document.id.0, item.document.revision));
                    },
                }
            }
            prop_assert_eq!(done.len(), ids.len());
            for id in 0..4 {
                let revisions: Vec<u64> = done.iter().filter(|(of, _)| *of == id).map(|(_, revision)| *revision).collect();
                prop_assert!(revisions.is_sorted());
            }
        }
    }
}
