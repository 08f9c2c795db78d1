//! What a Kafka source tells its caller. All events of a partition come in order.

use std::fmt;
use std::sync::Arc;

use crate::model::Timestamp;

use super::super::OwnedRecord;

/// A partition of a topic, and the source that reads it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PartitionId {
    /// Number of the source.
    pub source: u32,
    /// Topic.
    pub topic: Arc<str>,
    /// Partition of it.
    pub partition: i32,
}

impl fmt::Display for PartitionId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}[{}]", self.topic, self.partition)
    }
}

/// What a Kafka source tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourceEvent {
    /// Records of one partition, in order of their offsets.
    Batch(RecordBatch),
    /// Everything that the partition held when the clock read `at` has been delivered. Said again about once a second
    /// while that remains so; never said while the broker does not answer, so that a broker's outage does not let a
    /// watermark run ahead of what is still in the partition.
    EndOfPartition {
        /// The partition.
        partition: PartitionId,
        /// Offset behind its last record.
        offset: i64,
        /// The clock before the broker was asked.
        at: Timestamp,
        /// The clock when its last record was delivered, or when it was assigned: the partition is idle when `at` is
        /// the idle timeout after this.
        quiet_since: Timestamp,
    },
    /// Something is wrong. The source goes on by itself.
    Problem(SourceProblem),
    /// Partitions that are read from now on, and the first offset of each where it is known.
    Assigned(Vec<(PartitionId, Option<i64>)>),
    /// Partitions that another instance reads from now on.
    Revoked(Vec<PartitionId>),
}

/// Records of one partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordBatch {
    /// Number of the source.
    pub source: u32,
    /// Topic.
    pub topic: Arc<str>,
    /// Partition of it.
    pub partition: i32,
    /// In order of their offsets.
    pub records: Vec<OwnedRecord>,
    /// Offset behind the partition's last record as last heard from the broker (about a second old), for lag; at least
    /// the offset behind this batch.
    pub high_watermark: i64,
}

/// What kind of problem it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProblemKind {
    /// No connection to a broker; retried with backoff.
    Unreachable,
    /// The broker refused the credentials or the certificate; retried with backoff.
    CredentialsRefused,
    /// The user may not read the topic or use the group; retried.
    NotAuthorised,
    /// The topic is not there; looked for again.
    MissingTopic,
    /// The broker has deleted records before they were read. Reading went on at the earliest one.
    RecordsLost {
        /// The partition.
        partition: PartitionId,
        /// First offset that was lost.
        from: i64,
        /// Offset behind the last one that was lost.
        to: i64,
    },
    /// The partition ends before the offset to continue at: the topic was created anew or its log was cut off. Reading
    /// went on at the earliest record.
    LogCutOff {
        /// The partition.
        partition: PartitionId,
        /// The offset to continue at.
        expected: i64,
        /// Where the partition ends.
        end: i64,
    },
    /// The consumer cannot go on; a new one is made after a while.
    Fatal,
    /// Anything else that librdkafka reports.
    Other,
}

impl ProblemKind {
    /// A short stable word for counting.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::CredentialsRefused => "credentials_refused",
            Self::NotAuthorised => "not_authorised",
            Self::MissingTopic => "missing_topic",
            Self::RecordsLost { .. } => "records_lost",
            Self::LogCutOff { .. } => "log_cut_off",
            Self::Fatal => "fatal",
            Self::Other => "other",
        }
    }
}

/// Something is wrong: what, where, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceProblem {
    /// What kind of problem.
    pub kind: ProblemKind,
    /// The cluster by its configured brokers.
    pub cluster: Arc<str>,
    /// What is wrong, in the broker's or librdkafka's words where there are any.
    pub message: String,
    /// What to do.
    pub advice: &'static str,
}

impl SourceProblem {
    /// Records that can no longer be read because of it.
    #[must_use]
    pub fn lost_records(&self) -> u64 {
        match &self.kind {
            ProblemKind::RecordsLost { from, to, .. } => u64::try_from(to.saturating_sub(*from)).unwrap_or(0),
            _ => 0,
        }
    }
}

impl fmt::Display for SourceProblem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "kafka {}: {}: {}", self.cluster, self.message, self.advice)
    }
}
