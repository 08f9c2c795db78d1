//! Records in and out of a topic, with librdkafka, for tests that look at what the engine reads and writes.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use rdkafka::client::ClientContext;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::Message;
use rdkafka::metadata::{MetadataPartition, MetadataTopic};
use rdkafka::producer::{BaseProducer, BaseRecord, DeliveryResult, Producer, ProducerContext};
use rdkafka::util::Timeout;
use rdkafka::{Offset, TopicPartitionList};

use super::ServerError;

const TIMEOUT: Duration = Duration::from_secs(20);

/// One record of a topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    /// The partition it is in.
    pub(crate) partition: i32,
    /// Its place in the partition.
    pub(crate) offset: i64,
    /// The key; `None` if it has none.
    pub(crate) key: Option<Vec<u8>>,
    /// The value; `None` for a tombstone.
    pub(crate) payload: Option<Vec<u8>>,
}

/// Keeps the reason why a record could not be delivered; flushing alone succeeds even then.
#[derive(Default)]
struct Deliveries(Mutex<Option<String>>);

impl ClientContext for Deliveries {}

impl ProducerContext for Deliveries {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        if let (Err((error, _)), Ok(mut reason)) = (result, self.0.lock()) {
            reason.get_or_insert_with(|| error.to_string());
        }
    }
}

/// Writes records, each a key and a value, and returns when the broker has acknowledged all of them.
///
/// # Errors
/// [`ServerError::Request`] if one cannot be written.
pub(super) fn produce(config: &ClientConfig, topic: &str, records: &[(&str, &[u8])]) -> Result<(), ServerError> {
    let failed = |reason: String| ServerError::Request { request: format!("writing to topic {topic}"), reason };
    let mut config = config.clone();
    config.set("queue.buffering.max.messages", "1000000").set("linger.ms", "5");
    config.set("message.timeout.ms", TIMEOUT.as_millis().to_string());
    // A topic that is not there is an error soon: `create_topic` returns only when its topic can be written.
    config.set("topic.metadata.propagation.max.ms", "1000");
    let producer: BaseProducer<Deliveries> =
        config.create_with_context(Deliveries::default()).map_err(|error| failed(error.to_string()))?;
    for (key, payload) in records {
        let record = BaseRecord::to(topic).key(*key).payload(*payload);
        producer.send(record).map_err(|(error, _)| failed(error.to_string()))?;
        producer.poll(Duration::ZERO);
    }
    producer.flush(TIMEOUT).map_err(|error| failed(error.to_string()))?;
    let reason = producer.context().0.lock().ok().and_then(|mut reason| reason.take());
    reason.map_or(Ok(()), |reason| Err(failed(reason)))
}

/// Reads every record that is in the topic now, of all partitions, ordered by partition and offset.
///
/// # Errors
/// [`ServerError::Request`] if the topic cannot be read to its end.
pub(super) fn read_all(config: &ClientConfig, topic: &str) -> Result<Vec<Record>, ServerError> {
    let failed = |reason: String| ServerError::Request { request: format!("reading topic {topic}"), reason };
    let said = |error: rdkafka::error::KafkaError| failed(error.to_string());
    let mut config = config.clone();
    config.set("group.id", "clarion-test-reader").set("enable.auto.commit", "false");
    config.set("enable.partition.eof", "true").set("isolation.level", "read_committed");
    // An empty partition would otherwise hold up the end of the others.
    config.set("fetch.wait.max.ms", "10");
    let consumer: BaseConsumer = config.create().map_err(said)?;
    let metadata = consumer.fetch_metadata(Some(topic), TIMEOUT).map_err(said)?;
    let partitions: Vec<i32> =
        metadata.topics().iter().flat_map(MetadataTopic::partitions).map(MetadataPartition::id).collect();
    if partitions.is_empty() {
        return Err(failed("there is no such topic".to_owned()));
    }
    let mut assignment = TopicPartitionList::new();
    for &partition in &partitions {
        assignment.add_partition_offset(topic, partition, Offset::Beginning).map_err(said)?;
    }
    consumer.assign(&assignment).map_err(said)?;

    let mut records = Vec::new();
    let mut at_end = std::collections::BTreeSet::new();
    let started = Instant::now();
    while at_end.len() < partitions.len() {
        if started.elapsed() > TIMEOUT {
            return Err(failed(format!("did not reach the end of all partitions, only of {at_end:?}")));
        }
        match consumer.poll(Timeout::After(Duration::from_millis(200))) {
            Some(Ok(message)) => records.push(Record {
                partition: message.partition(),
                offset: message.offset(),
                key: message.key().map(<[u8]>::to_vec),
                payload: message.payload().map(<[u8]>::to_vec),
            }),
            Some(Err(rdkafka::error::KafkaError::PartitionEOF(partition))) => {
                at_end.insert(partition);
            }
            Some(Err(error)) => return Err(said(error)),
            None => {}
        }
    }
    records.sort_by_key(|record| (record.partition, record.offset));
    Ok(records)
}
