//! librdkafka's callbacks. They run inside `poll`; what they learn is left in a queue that the reader empties after it.

use std::sync::{Arc, Mutex, PoisonError};

use rdkafka::client::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext, RebalanceProtocol};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::statistics::Statistics;
use rdkafka::types::RDKafkaRespErr;
use rdkafka::{Offset, TopicPartitionList};

use super::start::StartChooser;
use super::topics::TopicMap;

/// What a callback learned.
pub(super) enum Notice {
    /// Partitions and their first offset where it is a number.
    Assigned(Vec<(String, i32, Option<i64>)>),
    Revoked(Vec<(String, i32)>),
    Error(KafkaError, String),
    Statistics(Box<Statistics>),
}

/// The callbacks' side of a reader.
pub(super) struct ReaderContext {
    notices: Mutex<Vec<Notice>>,
    topics: Arc<TopicMap>,
    start: Mutex<StartChooser>,
}

impl ReaderContext {
    pub(super) fn new(topics: Arc<TopicMap>, start: StartChooser) -> Self {
        Self { notices: Mutex::default(), topics, start: Mutex::new(start) }
    }

    /// Takes everything that was learned since the last call, in order.
    pub(super) fn take_notices(&self) -> Vec<Notice> {
        std::mem::take(&mut *self.notices.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn leave(&self, notice: Notice) {
        self.notices.lock().unwrap_or_else(PoisonError::into_inner).push(notice);
    }

    fn assign(&self, consumer: &BaseConsumer<Self>, offered: &TopicPartitionList) {
        let mut start = self.start.lock().unwrap_or_else(PoisonError::into_inner);
        start.look_around(consumer, &self.topics);
        let mut wanted = TopicPartitionList::new();
        let mut assigned = Vec::new();
        for element in offered.elements() {
            let (topic, partition) = (element.topic(), element.partition());
            let Some((_, from)) = self.topics.source_of(topic) else {
                tracing::warn!(topic, partition, "assigned a topic that no source reads, left alone");
                continue;
            };
            let offset = start.choose(topic, partition, from);
            if let Err(error) = wanted.add_partition_offset(topic, partition, offset) {
                self.leave(Notice::Error(error, format!("cannot begin {topic}[{partition}] at {offset:?}")));
                continue;
            }
            let number = if let Offset::Offset(number) = offset { Some(number) } else { None };
            assigned.push((topic.to_owned(), partition, number));
        }
        let outcome = match consumer.rebalance_protocol() {
            RebalanceProtocol::Cooperative => consumer.incremental_assign(&wanted),
            _ => consumer.assign(&wanted),
        };
        self.leave(Notice::Assigned(assigned));
        self.report(outcome, "cannot take partitions over");
    }

    fn revoke(&self, consumer: &BaseConsumer<Self>, taken: &TopicPartitionList) {
        let revoked = taken.elements().iter().map(|one| (one.topic().to_owned(), one.partition())).collect();
        self.leave(Notice::Revoked(revoked));
        let outcome = match consumer.rebalance_protocol() {
            RebalanceProtocol::Cooperative => consumer.incremental_unassign(taken),
            _ => consumer.unassign(),
        };
        self.report(outcome, "cannot give partitions up");
    }

    fn report(&self, outcome: KafkaResult<()>, what: &str) {
        if let Err(error) = outcome {
            let reason = format!("{what}: {error}");
            self.leave(Notice::Error(error, reason));
        }
    }
}

impl ClientContext for ReaderContext {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        match level {
            RDKafkaLogLevel::Emerg | RDKafkaLogLevel::Alert | RDKafkaLogLevel::Critical | RDKafkaLogLevel::Error => {
                tracing::error!(target: "librdkafka", facility, "{message}");
            }
            RDKafkaLogLevel::Warning => tracing::warn!(target: "librdkafka", facility, "{message}"),
            RDKafkaLogLevel::Notice | RDKafkaLogLevel::Info => {
                tracing::info!(target: "librdkafka", facility, "{message}");
            }
            RDKafkaLogLevel::Debug => tracing::debug!(target: "librdkafka", facility, "{message}"),
        }
    }

    fn stats(&self, statistics: Statistics) {
        self.leave(Notice::Statistics(Box::new(statistics)));
    }

    fn error(&self, error: KafkaError, reason: &str) {
        self.leave(Notice::Error(error, reason.to_owned()));
    }
}

impl ConsumerContext for ReaderContext {
    fn rebalance(&self, consumer: &BaseConsumer<Self>, what: RDKafkaRespErr, partitions: &mut TopicPartitionList) {
        match what {
            RDKafkaRespErr::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS => self.assign(consumer, partitions),
            RDKafkaRespErr::RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS => self.revoke(consumer, partitions),
            other => {
                self.leave(Notice::Error(KafkaError::Rebalance(other.into()), "the group failed to rebalance".into()));
                self.report(consumer.unassign(), "cannot give partitions up");
            }
        }
    }

    fn commit_callback(&self, result: KafkaResult<()>, _: &TopicPartitionList) {
        if let Err(error) = result {
            // harmless: only tools that show lag see committed offsets
            tracing::warn!(%error, "cannot commit offsets to the group");
        }
    }
}
