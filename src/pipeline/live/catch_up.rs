//! After a restart, what had been read before is read again under the rules and tables of the snapshot. Until all of it has
//! been, nothing else may come into use: what was decided once would be decided otherwise (RULES S18).
//!
//! How far the process before had come nobody knows, but it cannot have come farther than each partition reached when it is
//! seen again for the first time.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// How long partitions are waited for that the snapshot knows and nobody reads: their topic may be gone. After a kill the
/// consumer group gives its partitions out again only when the session of the one before is over (45 s).
const WAITS_FOR_ABSENT: Duration = Duration::from_secs(300);

/// A partition that is not as far yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Behind {
    /// Nobody reads it.
    Absent,
    /// It is read; how far it reached is not known.
    Read,
    /// It is read, up to this offset.
    Until(i64),
}

/// The partitions that are not as far yet as the process before may have been.
#[derive(Debug)]
pub(super) struct CatchUp {
    behind: BTreeMap<(String, i32), Behind>,
    begun: Instant,
    /// Whether there is a process before, and something was assigned or waited for long enough.
    waits_for_first: bool,
    over: bool,
}

impl CatchUp {
    /// Nothing was decided before.
    pub(super) fn nothing() -> Self {
        Self { behind: BTreeMap::new(), begun: Instant::now(), waits_for_first: false, over: true }
    }

    /// A process before had read these partitions, and maybe others.
    pub(super) fn after(partitions: impl Iterator<Item = (String, i32)>, now: Instant) -> Self {
        let behind = partitions.map(|partition| (partition, Behind::Absent)).collect();
        Self { behind, begun: now, waits_for_first: true, over: false }
    }

    pub(super) fn assigned(&mut self, topic: &str, partition: i32) {
        if !self.over {
            self.waits_for_first = false;
            self.behind.insert((topic.to_owned(), partition), Behind::Read);
        }
    }

    pub(super) fn revoked(&mut self, topic: &str, partition: i32) {
        if !self.over {
            self.behind.remove(&(topic.to_owned(), partition));
        }
    }

    /// A batch ends before the offset `next`, and the partition before `end`.
    pub(super) fn read(&mut self, topic: &str, partition: i32, next: i64, end: i64) {
        if self.over {
            return;
        }
        let key = (topic.to_owned(), partition);
        let Some(behind) = self.behind.get_mut(&key) else { return };
        let until = if let Behind::Until(until) = behind { *until } else { end };
        *behind = Behind::Until(until);
        if next >= until {
            self.behind.remove(&key);
        }
    }

    /// All of the partition has been read.
    pub(super) fn at_end(&mut self, topic: &str, partition: i32) {
        if !self.over {
            self.behind.remove(&(topic.to_owned(), partition));
        }
    }

    /// Whether everything that may have been decided has been decided again.
    pub(super) fn is_over(&mut self, now: Instant) -> bool {
        if !self.over {
            let waited = now.saturating_duration_since(self.begun) >= WAITS_FOR_ABSENT;
            let absent = self.behind.values().all(|behind| *behind == Behind::Absent);
            self.over = if waited { absent } else { self.behind.is_empty() && !self.waits_for_first };
        }
        self.over
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_there_at_the_restart_comes_first() {
        let now = Instant::now();
        assert!(CatchUp::nothing().is_over(now));
        let mut catch_up = CatchUp::after([("a".to_owned(), 0)].into_iter(), now);
        catch_up.assigned("a", 0);
        catch_up.assigned("b", 0);
        catch_up.read("a", 0, 5, 10);
        // the partition grows: what is new was decided by nobody
        catch_up.read("a", 0, 9, 20);
        assert!(!catch_up.is_over(now));
        catch_up.read("a", 0, 10, 30);
        assert!(!catch_up.is_over(now), "b is not known yet");
        catch_up.at_end("b", 0);
        assert!(catch_up.is_over(now));
        catch_up.assigned("c", 0);
        assert!(catch_up.is_over(now), "a topic of tomorrow was read by nobody before");
    }

    #[test]
    fn a_partition_that_nobody_reads_is_waited_for_a_while() {
        let now = Instant::now();
        let mut catch_up = CatchUp::after([("gone".to_owned(), 0)].into_iter(), now);
        assert!(!catch_up.is_over(now));
        catch_up.assigned("a", 0);
        assert!(!catch_up.is_over(now + WAITS_FOR_ABSENT), "a is read, and not as far yet");
        catch_up.at_end("a", 0);
        assert!(!catch_up.is_over(now));
        assert!(catch_up.is_over(now + WAITS_FOR_ABSENT));
        let mut nothing_known = CatchUp::after(std::iter::empty(), now);
        assert!(!nothing_known.is_over(now), "the process before may have read what it had not kept yet");
        assert!(nothing_known.is_over(now + WAITS_FOR_ABSENT));
    }
}
