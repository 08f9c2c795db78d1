//! Correlate: one deterministic state machine over a log of signals and progress (RULES S2 to S14).
//!
//! Definition ([`crate::rule`]), compiled form ([`crate::rule::plan::Plan`]), running state (`group`, `window`, `sequence`,
//! `absent`, `series`) and evidence (`emission`) are four different things. What comes out of order (`arrival`) changes a group
//! through its `history`. No clock, no I/O, no runtime: time is in the log.

mod absent;
mod aggregate;
mod alert_events;
mod arrival;
mod buckets;
mod buffer;
mod carry;
mod combined;
mod decay;
mod delivery;
mod difference;
mod emission;
mod engine;
mod group;
mod handed;
mod history;
mod input;
mod limits;
mod novelty;
mod order;
mod renumber;
mod repetitions;
mod said;
mod sequence;
mod series;
mod shard;
mod snapshot;
mod subscription;
mod suppress;
mod told;
mod watermark;
mod window;

pub use engine::{Engine, Late, alert_order, metric_order, signal_time};
pub use limits::{CorrelateCounts, Limits};
pub use snapshot::{Restored, SnapshotError};
pub use watermark::{Partition, Progress};
