//! Layer 3: the stages wired together. [`Core`] is the pure part, from a record to alerts; the rest is threads, delivery
//! and snapshots around it.

#[cfg(feature = "live")]
mod change;
mod core;
mod counts;
#[cfg(feature = "live")]
mod dead_letters;
#[cfg(feature = "live")]
mod live;
#[cfg(feature = "live")]
mod outbox;
pub mod rule_tests;
mod store;
#[cfg(feature = "live")]
mod system_alert;
#[cfg(feature = "live")]
mod tally;

pub use core::{Arrival, Core, CoreSource, Output};
pub use counts::{CoreCounts, SourceCounts};
pub use store::{KeptTable, Snapshot, SnapshotStore, StoreError};

#[cfg(feature = "live")]
pub use change::{Change, PendingChange};
#[cfg(feature = "live")]
pub use dead_letters::{DeadLetterError, DeadLetters};
#[cfg(feature = "live")]
pub use live::{
    ClockMap, LatestStatus, Live, LiveError, LiveParts, LiveSettings, LiveStatus, PartitionStatus, RecentFault,
    RecentFaults, SharedOffsets, SinkNumbers, StatusDetails, Watch,
};
