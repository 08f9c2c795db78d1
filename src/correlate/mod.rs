//! Correlate: one deterministic state machine over a log of signals and progress (RULES S2 to S14).
//!
//! Definition ([`crate::rule`]), compiled form ([`crate::rule::plan::Plan`]), running state (`group`, `window`, `sequence`,
//! `absent`) and evidence (`emission`) are four different things. No clock, no I/O, no runtime: time is in the log.

mod absent;
mod buffer;
mod emission;
mod engine;
mod group;
mod input;
mod limits;
mod sequence;
mod shard;
mod snapshot;
mod suppress;
mod watermark;
mod window;

pub use engine::{Engine, Late, alert_order, signal_time};
pub use limits::{CorrelateCounts, Limits};
pub use snapshot::{Restored, SnapshotError};
pub use watermark::{Partition, Progress};
