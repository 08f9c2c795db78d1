//! How far each source partition has come, and the watermark of each lane: the minimum over its sources' partitions of
//! highest event time less lateness (RULES S2).

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::renumber::Renumbering;
use crate::model::{Span, Timestamp};
use crate::rule::plan::Lane;

/// A partition of a source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Partition {
    /// Index of the source.
    pub source: u32,
    /// Topic or file.
    pub topic: Arc<str>,
    /// Partition of the topic.
    pub partition: i32,
    /// Highest event time.
    pub highest: Option<Timestamp>,
    /// Clock of its owner, while it is idle.
    pub idle: Option<Timestamp>,
}

impl Partition {
    /// How far it has come, before lateness.
    fn reached(&self) -> Option<Timestamp> {
        self.highest.max(self.idle)
    }
}

/// First and last event time of some sources.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Extent {
    /// The lowest.
    pub first: Option<Timestamp>,
    /// The highest.
    pub last: Option<Timestamp>,
}

/// The progress of all partitions.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Progress {
    partitions: Vec<Partition>,
    /// A finite input has ended.
    ended: bool,
    /// Lane watermarks never go back.
    reached: Vec<Timestamp>,
    /// By lane, the lowest event time of those that came in time: what comes too late does not change how warm a rule was.
    starts: Vec<Option<Timestamp>>,
    /// By source, the lanes that wait for it, and how long.
    #[serde(skip)]
    waits: Vec<Vec<(usize, Span)>>,
}

impl Progress {
    /// The lanes that wait for the sources.
    pub(super) fn wait_for(&mut self, lanes: &[Lane]) {
        self.starts.resize(lanes.len(), None);
        self.waits.clear();
        for (index, lane) in lanes.iter().enumerate() {
            for (source, lateness) in &lane.sources {
                let source = *source as usize;
                self.waits.resize(self.waits.len().max(source + 1), Vec::new());
                let Some(waits) = self.waits.get_mut(source) else { continue };
                // rules below may wait longer or shorter: the lane waits for the longest
                match waits.last_mut().filter(|(known, _)| *known == index) {
                    Some((_, known)) => *known = (*known).max(*lateness),
                    None => waits.push((index, *lateness)),
                }
            }
        }
    }

    /// The handle of a partition, new or known.
    pub fn partition(&mut self, source: u32, topic: &Arc<str>, partition: i32) -> usize {
        let known = self
            .partitions
            .iter()
            .position(|known| known.source == source && known.partition == partition && known.topic == *topic);
        known.unwrap_or_else(|| {
            let topic = Arc::clone(topic);
            self.partitions.push(Partition { source, topic, partition, highest: None, idle: None });
            self.partitions.len() - 1
        })
    }

    /// Notes the event time of a record, whether a rule matches it or not.
    pub fn observe(&mut self, partition: usize, time: Timestamp) {
        if let Some(partition) = self.partitions.get_mut(partition) {
            for (lane, lateness) in self.waits.get(partition.source as usize).into_iter().flatten() {
                let Some(start) = self.starts.get_mut(*lane).filter(|start| start.is_none_or(|start| time < start))
                else {
                    continue;
                };
                if partition.reached().is_none_or(|reached| time >= reached.minus(*lateness)) {
                    *start = Some(time);
                }
            }
            partition.highest = partition.highest.max(Some(time));
        }
    }

    /// Notes that a partition is at its end and quiet, and its owner's clock.
    pub fn idle(&mut self, partition: usize, now: Timestamp) {
        if let Some(partition) = self.partitions.get_mut(partition) {
            partition.idle = partition.idle.max(Some(now));
        }
    }

    /// Notes the end of a finite input: watermarks go to infinity.
    pub fn end(&mut self) {
        self.ended = true;
    }

    /// A partition that was taken away no longer holds a watermark back.
    pub fn forget(&mut self, source: u32, topic: &str, partition: i32) {
        self.partitions
            .retain(|known| !(known.source == source && known.partition == partition && &*known.topic == topic));
    }

    /// Other rules or sources are there than before: partitions go under the new number of their source, and those of sources
    /// that are gone go; lanes that stay are as far as they were.
    pub(super) fn renumber(&mut self, with: &Renumbering, lanes: impl Fn(&[Timestamp]) -> Vec<Timestamp>) {
        self.reached = lanes(&self.reached);
        let starts: Vec<Timestamp> = self.starts.iter().map(|start| start.unwrap_or(Timestamp::MIN)).collect();
        self.starts =
            lanes(&starts).into_iter().map(|start| Some(start).filter(|start| *start > Timestamp::MIN)).collect();
        self.partitions.retain_mut(|partition| match Renumbering::of(&with.sources, partition.source) {
            Some(source) => {
                partition.source = source;
                true
            }
            None => false,
        });
    }

    /// All partitions.
    #[must_use]
    pub fn partitions(&self) -> &[Partition] {
        &self.partitions
    }

    /// The watermark of a lane as of now. Never goes back.
    pub fn watermark(&mut self, index: usize, lane: &Lane) -> Timestamp {
        let now = if self.ended { Timestamp::MAX } else { self.compute(lane) };
        self.reached.resize(self.reached.len().max(index + 1), Timestamp::MIN);
        match self.reached.get_mut(index) {
            Some(reached) => {
                *reached = now.max(*reached);
                *reached
            }
            None => now,
        }
    }

    /// Raises a lane's watermark because its buffer is full.
    pub fn raise(&mut self, index: usize, to: Timestamp) {
        self.reached.resize(self.reached.len().max(index + 1), Timestamp::MIN);
        if let Some(reached) = self.reached.get_mut(index) {
            *reached = to.max(*reached);
        }
    }

    /// First and last event time that a lane's sources have had (RULES S14).
    #[must_use]
    pub fn extent(&self, index: usize, lane: &Lane) -> Extent {
        let of_lane = self
            .partitions
            .iter()
            .filter(|partition| lane.sources.iter().any(|(source, _)| *source == partition.source));
        let first = self.starts.get(index).copied().flatten();
        Extent { first, last: of_lane.filter_map(|partition| partition.highest).max() }
    }

    /// The partition that holds a lane's watermark back, with its distance from the farthest one.
    #[must_use]
    pub fn holder(&self, lane: &Lane) -> Option<&Partition> {
        let of_lane = self
            .partitions
            .iter()
            .filter(|partition| lane.sources.iter().any(|(source, _)| *source == partition.source));
        of_lane.min_by_key(|partition| partition.reached().unwrap_or(Timestamp::MIN))
    }

    fn compute(&self, lane: &Lane) -> Timestamp {
        let mut watermark: Option<Timestamp> = None;
        for (source, lateness) in &lane.sources {
            let mut found = false;
            for partition in self.partitions.iter().filter(|partition| partition.source == *source) {
                found = true;
                let Some(reached) = partition.reached() else { return Timestamp::MIN };
                let own = reached.minus(*lateness);
                watermark = Some(watermark.map_or(own, |known: Timestamp| known.min(own)));
            }
            if !found {
                return Timestamp::MIN;
            }
        }
        watermark.unwrap_or(Timestamp::MIN)
    }

    /// Lateness of a lane's slowest source, for displays.
    #[must_use]
    pub fn lateness(lane: &Lane) -> Span {
        lane.sources.iter().map(|(_, lateness)| *lateness).max().unwrap_or_default()
    }
}
