//! Sizes and intervals of a Kafka source that are no business of an operator.

use std::time::Duration;

/// Sizes and intervals; the defaults suit production, tests shorten them.
#[derive(Debug, Clone)]
pub struct KafkaOptions {
    /// Consumer group.
    pub group: String,
    /// Events that wait in the channel before polling pauses, counted over all sources of a set.
    pub channel_capacity: usize,
    /// Most records of a batch.
    pub batch_records: usize,
    /// Most bytes of a poll's batches together.
    pub batch_bytes: usize,
    /// How long polling waits for a record.
    pub poll_wait: Duration,
    /// How often quiet partitions are asked for their end.
    pub end_interval: Duration,
    /// How long the channel may be full before partitions are paused.
    pub pause_after: Duration,
    /// How often new topics and partitions are looked for.
    pub discovery_interval: Duration,
    /// How long the same problem is not told again.
    pub repeat_problem_after: Duration,
    /// First wait after a fatal error; doubles up to 30 s.
    pub restart_after: Duration,
    /// How often certificates are looked at, which may have been replaced.
    pub files_interval: Duration,
}

impl Default for KafkaOptions {
    fn default() -> Self {
        Self {
            group: "clarion-detect".to_owned(),
            channel_capacity: 64,
            batch_records: 1000,
            batch_bytes: 1 << 20,
            poll_wait: Duration::from_millis(100),
            end_interval: Duration::from_secs(1),
            pause_after: Duration::from_millis(500),
            discovery_interval: Duration::from_secs(10),
            repeat_problem_after: Duration::from_secs(30),
            restart_after: Duration::from_secs(1),
            files_interval: Duration::from_secs(30),
        }
    }
}
