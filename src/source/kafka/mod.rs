//! Topics of a Kafka cluster as records, over a bounded channel.
//!
//! One thread polls one librdkafka `BaseConsumer` for a cluster, however many sources read from it. The consumer group
//! only divides partitions among instances and shows lag to operators: where to begin is asked of the caller, whose
//! snapshot is the truth, and nothing is ever committed before the caller says so.
//!
//! ```text
//!  librdkafka ─▶ reader (poll thread) ─▶ delivery (bounded channel, pauses partitions) ─▶ caller
//!                   ▲        ▲
//!     context ──────┘        └────── watcher (asks the brokers where partitions end)
//!     (rebalances, errors, statistics)
//! ```

mod board;
mod client_config;
mod compacted;
mod context;
mod delivery;
mod event;
mod files;
mod options;
mod reader;
mod set;
mod start;
mod status;
mod topics;
mod trouble;
mod watcher;

pub use client_config::client_settings;
pub use compacted::{CompactedEvent, follow_compacted};
pub use event::{PartitionId, ProblemKind, RecordBatch, SourceEvent, SourceProblem};
pub use options::KafkaOptions;
pub use reader::{KafkaSource, KafkaSourceError};
pub use set::SourceSet;
pub use start::OffsetLookup;
pub use status::{PartitionStatus, SourceStatus};

#[cfg(test)]
mod tests;
