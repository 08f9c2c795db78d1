//! What others may ask about a running engine: whether it moves, what it reads, how its sinks are.

use std::sync::{Arc, Mutex};

use super::{Live, RecentFaults, StatusDetails};
use crate::model::{Span, Timestamp};
use crate::sink::Health;
use crate::telemetry::clock;

/// Without a turn for this long the engine hangs: a turn takes milliseconds, a snapshot seconds.
const HANGS_AFTER: Span = Span::seconds(60);

/// Shared between the engine, which writes it every turn, and who asks.
#[derive(Debug, Default)]
pub struct LiveStatus {
    latest: Mutex<Option<LatestStatus>>,
    /// The newest dead letters.
    pub faults: RecentFaults,
}

/// The engine at one moment.
#[derive(Debug, Clone)]
pub struct LatestStatus {
    /// The clock at its last turn.
    pub turned: Timestamp,
    /// Partitions that it reads.
    pub partitions: usize,
    /// Alerts that some sink has not acknowledged.
    pub owed: usize,
    /// Alerts owed beyond which sources wait.
    pub owed_limit: usize,
    /// Name and health of each sink.
    pub sinks: Vec<(String, Health)>,
    /// More words, gathered less often.
    pub details: Arc<StatusDetails>,
}

impl LiveStatus {
    /// The last turn; `None` before the first.
    #[must_use]
    pub fn latest(&self) -> Option<LatestStatus> {
        self.latest.lock().ok()?.clone()
    }

    fn set(&self, status: LatestStatus) {
        if let Ok(mut latest) = self.latest.lock() {
            *latest = Some(status);
        }
    }
}

impl LatestStatus {
    /// Why it should be started anew; nothing when it is alive.
    #[must_use]
    pub fn hangs(&self, now: Timestamp) -> Option<String> {
        let silent = now.since(self.turned);
        (silent > HANGS_AFTER).then(|| format!("no turn for {silent}"))
    }

    /// Why it is not ready to do its work; nothing when it is. A sink that is down is no reason while its alerts can
    /// be kept.
    #[must_use]
    pub fn not_ready(&self, now: Timestamp) -> Option<String> {
        if let Some(hangs) = self.hangs(now) {
            return Some(hangs);
        }
        if self.partitions == 0 {
            return Some("no partition is assigned yet".to_owned());
        }
        if self.owed >= self.owed_limit {
            return Some(format!("{} alerts are owed to sinks that do not take them: sources wait", self.owed));
        }
        None
    }
}

impl Live {
    pub(super) fn note_status(&mut self) {
        let details = self.gather();
        self.status.set(LatestStatus {
            turned: clock::now(),
            partitions: self.assigned,
            owed: self.outbox.len(),
            owed_limit: self.settings.outbox_limit,
            sinks: self.sinks.iter().map(|sink| (sink.name().to_owned(), sink.health())).collect(),
            details,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ready_means_reading_and_able_to_keep_alerts() {
        let status = LatestStatus {
            turned: Timestamp(0),
            partitions: 3,
            owed: 5,
            owed_limit: 100,
            sinks: Vec::new(),
            details: Arc::default(),
        };
        assert_eq!(status.not_ready(Timestamp(0)), None);
        assert!(LatestStatus { partitions: 0, ..status.clone() }.not_ready(Timestamp(0)).is_some());
        assert!(LatestStatus { owed: 100, ..status.clone() }.not_ready(Timestamp(0)).is_some());
        let later = Timestamp(0).plus(Span::seconds(61));
        assert!(status.hangs(later).is_some() && status.not_ready(later).is_some());
        assert_eq!(status.hangs(Timestamp(0).plus(Span::seconds(59))), None);
    }
}
