//! The state of the engine as bytes, and back. What it means is tied to the rules; what becomes of it when they have changed is
//! in `carry`.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::alert_events::Told;
use super::arrival::Arrival;
use super::buffer::Waiting;
use super::carry::{Layout, carry};
use super::engine::Engine;
use super::group::Group;
use super::limits::CorrelateCounts;
use super::shard::{Hit, HitOrder};
use super::suppress::Suppressor;
use super::told::ToldAlerts;
use super::watermark::Progress;
use crate::model::{AlertId, KeyHash, Signal, Timestamp};

const VERSION: u32 = 9;

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
    /// The rules or sources have changed since. Correlations that are as they were go on; new and changed ones begin with the
    /// next event, and know nothing of what came before.
    Changed {
        /// Correlations that go on.
        kept: usize,
        /// Correlations that begin.
        begun: usize,
        /// Correlations that are gone or were changed.
        gone: usize,
        /// Groups that were theirs.
        groups: usize,
    },
}

/// The whole state.
#[derive(Serialize, Deserialize)]
pub(super) struct State {
    version: u32,
    pub(super) layout: Layout,
    pub(super) progress: Progress,
    pub(super) suppressor: Suppressor,
    pub(super) told: BTreeMap<AlertId, Told>,
    counts: CorrelateCounts,
    said: u64,
    pub(super) done: Vec<Timestamp>,
    pub(super) since: Vec<Timestamp>,
    /// Lane, whether it is late, and the signal.
    pub(super) waiting: Vec<(u32, bool, Vec<u8>)>,
    pub(super) arrivals: Vec<SavedArrival>,
    /// Lane and hit.
    pub(super) hits: Vec<(u32, HitOrder, Hit)>,
    /// Correlation, key and group.
    pub(super) groups: Vec<(u32, KeyHash, Group)>,
}

/// A signal that came out of order, with the watermarks at its arrival.
#[derive(Serialize, Deserialize)]
pub(super) struct SavedArrival {
    pub(super) marks: Vec<Timestamp>,
    pub(super) late: bool,
    pub(super) bytes: Vec<u8>,
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
            layout: Layout::of(&self.plan),
            progress: self.progress.clone(),
            suppressor: self.suppressor.clone(),
            told: self.told.saved(),
            counts: self.counts(),
            said: self.said,
            done: self.done.clone(),
            since: self.since.clone(),
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
        let mut state: State = postcard::from_bytes(bytes)?;
        let restored =
            if state.layout == Layout::of(&self.plan) { Restored::Complete } else { carry(&mut state, &self.plan) };
        self.progress = state.progress;
        self.progress.wait_for(&self.plan.lanes);
        self.counts = state.counts;
        self.suppressor = state.suppressor;
        self.told = ToldAlerts::of(state.told);
        self.said = state.said;
        let shards = self.shards.len();
        self.done = state.done;
        self.begin_since(state.since);
        for (lane, late, bytes) in state.waiting {
            let Ok(signal) = Signal::decode(&bytes) else { continue };
            let (shard, time) = (signal.key.shard(shards), signal.time);
            if let Some(buffer) = self.shards.get_mut(shard).and_then(|shard| shard.buffers.get_mut(lane as usize)) {
                buffer.push(time, Waiting { bytes: Arc::from(bytes.as_slice()), late });
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
        Ok(restored)
    }
}
