//! The newest dead letters, for people to look at; all of them are where dead letters are written.

use std::collections::VecDeque;
use std::sync::Mutex;

use crate::alert::harmless;
use crate::model::{Coordinates, Fault, Timestamp};

/// Most that are remembered.
const REMEMBERED: usize = 1000;
/// Most characters of the record that are.
const TEXT: usize = 2000;
/// Most characters of the reason.
const REASON: usize = 1000;

/// A dead letter to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecentFault {
    /// When it was written.
    pub time: Timestamp,
    /// Where the record lies.
    pub coordinates: Coordinates,
    /// A short stable word.
    pub kind: String,
    /// What is wrong.
    pub reason: String,
    /// Length of the record, in bytes.
    pub bytes: usize,
    /// The beginning of the record, made harmless.
    pub text: String,
}

/// The newest dead letters.
#[derive(Debug, Default)]
pub struct RecentFaults {
    held: Mutex<(u64, VecDeque<RecentFault>)>,
}

impl RecentFaults {
    /// How many there have been since the start, and the newest of them, newest first.
    #[must_use]
    pub fn newest(&self, limit: usize) -> (u64, Vec<RecentFault>) {
        let Ok(held) = self.held.lock() else { return (0, Vec::new()) };
        (held.0, held.1.iter().take(limit).cloned().collect())
    }

    pub(super) fn note(&self, fault: &Fault, now: Timestamp) {
        // a character has at most four bytes
        let head = fault.raw.get(..TEXT * 4).unwrap_or(&fault.raw);
        let recent = RecentFault {
            time: now,
            coordinates: fault.coordinates.clone(),
            kind: fault.kind.clone(),
            reason: harmless(&fault.reason, REASON),
            bytes: fault.raw.len(),
            text: harmless(&String::from_utf8_lossy(head), TEXT),
        };
        if let Ok(mut held) = self.held.lock() {
            held.0 += 1;
            held.1.push_front(recent);
            held.1.truncate(REMEMBERED);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::FaultStage;

    #[test]
    fn only_the_newest_are_remembered_and_they_are_harmless() {
        let faults = RecentFaults::default();
        for offset in 0..1500 {
            let coordinates = Coordinates { topic: "t".into(), partition: 0, offset, sequence: 0 };
            let raw = if offset == 1499 { vec![0xff; 1 << 20] } else { "a\u{202e}\u{0}\n<b>".as_bytes().to_vec() };
            let fault = Fault { stage: FaultStage::Decode, kind: "k".into(), reason: "r\nr".into(), coordinates, raw };
            faults.note(&fault, Timestamp(offset));
        }
        let (total, newest) = faults.newest(5000);
        assert_eq!((total, newest.len(), newest[0].bytes), (1500, REMEMBERED, 1 << 20));
        assert_eq!(newest[0].text.chars().count(), TEXT);
        assert_eq!((newest[1].text.as_str(), newest[1].reason.as_str()), ("a\u{fffd}\u{fffd} <b>", "r r"));
    }
}
