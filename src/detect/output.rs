//! What detection of a batch of events gives: encoded signals, and the alerts of detections that stand alone.

use crate::model::{Alert, KeyHash};

/// Counters of the detect stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DetectCounts {
    /// Events that matched some rule.
    pub matched: u64,
    /// Matches that a filter took back.
    pub filtered: u64,
    /// Signals made.
    pub signals: u64,
    /// Group keys that were missing or null, so that a rule did not correlate the event.
    pub group_key_missing: u64,
    /// Group keys beyond the 64 that an array fans out to.
    pub group_key_capped: u64,
}

/// Signals and alerts of a batch. Reused: [`Detected::clear`] keeps the memory.
#[derive(Debug, Default)]
pub struct Detected {
    bytes: Vec<u8>,
    ends: Vec<(usize, KeyHash, u32)>,
    /// Alerts of detections.
    pub alerts: Vec<Alert>,
    /// Counters since the last clear.
    pub counts: DetectCounts,
}

impl Detected {
    /// Appends a signal: `write` puts its encoded form behind what is there.
    pub(super) fn push(&mut self, key: KeyHash, channel: u32, write: impl FnOnce(&mut Vec<u8>)) {
        write(&mut self.bytes);
        self.ends.push((self.bytes.len(), key, channel));
        self.counts.signals += 1;
    }

    /// The signals in the order of their events: key, channel and encoded bytes.
    pub fn signals(&self) -> impl Iterator<Item = (KeyHash, u32, &[u8])> {
        let mut start = 0;
        self.ends.iter().filter_map(move |(end, key, channel)| {
            let bytes = self.bytes.get(start..*end)?;
            start = *end;
            Some((*key, *channel, bytes))
        })
    }

    /// Number of signals.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is no signal.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
        self.alerts.clear();
        self.counts = DetectCounts::default();
    }
}
