//! The state of the engine as bytes, and back. What it means is tied to the rules: groups are found again by the meaning
//! of their rule, and slots by the names of their fields.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::arrival::Arrival;
use super::buffer::Waiting;
use super::engine::Engine;
use super::group::Group;
use super::limits::CorrelateCounts;
use super::shard::{Hit, HitOrder};
use super::suppress::Suppressor;
use super::watermark::Progress;
use crate::model::{KeyHash, Signal, Timestamp};

const VERSION: u32 = 4;

/// Why a state cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// Written by another version of the engine.
    #[error(
        "the state has format version {0}, this engine reads {VERSION}: run the version that wrote it, or remove the state directory to replay"
    )]
    Version(u32),
    /// The bytes are not a state.
    #[error("the state is damaged ({0}): restore it from a copy, or remove the state directory to replay")]
    Damaged(#[from] postcard::Error),
}

/// What a restore brought back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Restored {
    /// All of it.
    Complete,
    /// The rules or sources have changed since: progress was restored, the state of correlations was not, and they start
    /// cold.
    RulesChanged {
        /// Events that waited for their watermark, which no correlation will count.
        waiting: usize,
        /// Groups that are forgotten.
        groups: usize,
    },
}

#[derive(Serialize, Deserialize)]
struct State {
    version: u32,
    meaning: u128,
    fields: Vec<String>,
    sources: Vec<String>,
    progress: Progress,
    suppressor: Suppressor,
    counts: CorrelateCounts,
    said: u64,
    done: Vec<Timestamp>,
    /// Lane, whether it is late, and the signal.
    waiting: Vec<(u32, bool, Vec<u8>)>,
    arrivals: Vec<SavedArrival>,
    hits: Vec<(u32, HitOrder, Hit)>,
    groups: Vec<(u32, KeyHash, Group)>,
}

/// A signal that came out of order, with the watermarks at its arrival.
#[derive(Serialize, Deserialize)]
struct SavedArrival {
    marks: Vec<Timestamp>,
    late: bool,
    bytes: Vec<u8>,
}

impl Engine {
    /// The whole state as bytes; it can be restored into any number of shards.
    ///
    /// # Errors
    /// [`SnapshotError::Damaged`] when it cannot be encoded, which would be a defect.
    pub fn snapshot(&self) -> Result<Vec<u8>, SnapshotError> {
        let mut waiting: Vec<(u32, bool, Vec<u8>)> = Vec::new();
        let mut hits = Vec::new();
        let mut groups = Vec::new();
        for shard in &self.shards {
            for (lane, buffer) in (0_u32..).zip(&shard.buffers) {
                waiting.extend(buffer.waiting().map(|waiting| (lane, waiting.late, waiting.bytes.to_vec())));
            }
            for (lane, of_lane) in (0_u32..).zip(&shard.hits) {
                hits.extend(of_lane.iter().map(|(order, hit)| (lane, order.clone(), hit.clone())));
            }
            for (correlation, of_rule) in (0_u32..).zip(&shard.groups) {
                groups.extend(of_rule.iter().map(|(key, group)| (correlation, *key, group.clone())));
            }
        }
        waiting.sort();
        hits.sort_by(|one, two| (one.0, &one.1).cmp(&(two.0, &two.1)));
        groups.sort_by_key(|(correlation, key, _)| (*correlation, *key));
        let state = State {
            version: VERSION,
            meaning: self.plan.rules.meaning(),
            fields: self.plan.rules.fields.names().to_vec(),
            sources: self.plan.sources.iter().map(|source| source.name.clone()).collect(),
            progress: self.progress.clone(),
            suppressor: self.suppressor.clone(),
            counts: self.counts(),
            said: self.said,
            done: self.done.clone(),
            waiting,
            arrivals: self
                .arrivals
                .iter()
                .map(|arrival| SavedArrival {
                    marks: arrival.marks.to_vec(),
                    late: arrival.late,
                    bytes: arrival.bytes.to_vec(),
                })
                .collect(),
            hits,
            groups,
        };
        Ok(postcard::to_allocvec(&state)?)
    }

    /// Takes a state over. The engine must be new.
    ///
    /// # Errors
    /// [`SnapshotError`] when the bytes are damaged or of another version.
    pub fn restore(&mut self, bytes: &[u8]) -> Result<Restored, SnapshotError> {
        let (version, _) = postcard::take_from_bytes::<u32>(bytes)?;
        if version != VERSION {
            return Err(SnapshotError::Version(version));
        }
        let state: State = postcard::from_bytes(bytes)?;
        self.progress = state.progress;
        self.counts = state.counts;
        let same_sources = state.sources.iter().eq(self.plan.sources.iter().map(|source| &source.name));
        if state.meaning != self.plan.rules.meaning() || state.fields != self.plan.rules.fields.names() || !same_sources
        {
            let name = |index: u32| state.sources.get(index as usize);
            let now = |name: &String| self.plan.sources.iter().position(|source| source.name == *name);
            let index = |index: u32| name(index).and_then(now).and_then(|index| u32::try_from(index).ok());
            self.progress.begin_anew(index);
            return Ok(Restored::RulesChanged { waiting: state.waiting.len(), groups: state.groups.len() });
        }
        self.suppressor = state.suppressor;
        self.said = state.said;
        let shards = self.shards.len();
        self.done = state.done;
        for (lane, late, bytes) in state.waiting {
            let Ok(signal) = Signal::decode(&bytes) else { continue };
            let (shard, time) = (signal.key.shard(shards), signal.time);
            if let Some(buffer) = self.shards.get_mut(shard).and_then(|shard| shard.buffers.get_mut(lane as usize)) {
                buffer.push(Waiting { time, bytes: Arc::from(bytes.as_slice()), late });
            }
        }
        self.arrivals = state
            .arrivals
            .into_iter()
            .map(|saved| Arrival { marks: saved.marks.into(), late: saved.late, bytes: saved.bytes.into() })
            .collect();
        for (lane, order, hit) in state.hits {
            let shard = order.key.shard(shards);
            if let Some(hits) = self.shards.get_mut(shard).and_then(|shard| shard.hits.get_mut(lane as usize)) {
                hits.insert(order, hit);
            }
        }
        for (correlation, key, group) in state.groups {
            let of_rule =
                self.shards.get_mut(key.shard(shards)).and_then(|shard| shard.groups.get_mut(correlation as usize));
            if let Some(groups) = of_rule {
                groups.insert(key, group);
            }
        }
        let done = self.done.clone();
        self.shards.iter_mut().for_each(|shard| shard.set_timers(&done));
        Ok(Restored::Complete)
    }
}
