//! A compacted topic as what it says now: read from its beginning to its end, then followed. It belongs to no consumer group,
//! and what is read here moves no watermark.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::Message;
use rdkafka::metadata::{MetadataPartition, MetadataTopic};
use rdkafka::{Offset, TopicPartitionList};

use super::super::KafkaConnection;
use super::client_config::consumer_config;
use super::options::KafkaOptions;

const POLL: Duration = Duration::from_millis(100);
const METADATA_TIMEOUT: Duration = Duration::from_secs(10);
/// Changes of a topic that is never quiet are told this often.
const AT_LEAST_EVERY: Duration = Duration::from_secs(5);
/// How often the number of partitions is looked at.
const LOOKS_AROUND: Duration = Duration::from_secs(60);
/// How long the same trouble is not told again.
const TROUBLE_AGAIN: Duration = Duration::from_secs(30);
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// What is heard of a compacted topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CompactedEvent<'a> {
    /// It is read from its beginning: what was heard before counts no longer.
    Begins,
    /// The newest record of a key; without a value the key is gone.
    Row {
        /// The record's key.
        key: Option<&'a [u8]>,
        /// Its value.
        value: Option<&'a [u8]>,
    },
    /// Everything that the topic held a moment ago has been told.
    Complete,
    /// It cannot be read; tried again. What was heard stays true.
    Unreachable(String),
}

/// Follows a compacted topic until `stop` is set. Whenever something comes through `again` it is read from its beginning; when
/// that channel closes, it ends.
pub fn follow_compacted(
    connection: &KafkaConnection,
    topic: &str,
    stop: &AtomicBool,
    again: &Receiver<()>,
    tell: &mut dyn FnMut(CompactedEvent<'_>),
) {
    let mut pause = FIRST_PAUSE;
    while !stop.load(Ordering::Relaxed) {
        let mut reader = Reader { topic, stop, again, tell, complete: false };
        match reader.read(connection) {
            Ok(()) => pause = FIRST_PAUSE,
            Err(reason) => {
                if reader.complete {
                    pause = FIRST_PAUSE;
                }
                tell(CompactedEvent::Unreachable(format!("topic {topic}: {reason}")));
                if wait(again, stop, pause) == Err(RecvTimeoutError::Disconnected) {
                    return;
                }
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }
}

/// Waits, but for no longer than until somebody wants something.
fn wait(again: &Receiver<()>, stop: &AtomicBool, pause: Duration) -> Result<(), RecvTimeoutError> {
    let until = Instant::now() + pause;
    while !stop.load(Ordering::Relaxed) && Instant::now() < until {
        match again.recv_timeout(POLL) {
            Err(RecvTimeoutError::Timeout) => {}
            other => return other,
        }
    }
    Ok(())
}

/// One reading, from the beginning on.
struct Reader<'a, 't> {
    topic: &'a str,
    stop: &'a AtomicBool,
    again: &'a Receiver<()>,
    tell: &'a mut (dyn FnMut(CompactedEvent<'_>) + 't),
    /// Whether the end has been reached once.
    complete: bool,
}

impl Reader<'_, '_> {
    /// Reads until it is to be read again or no more.
    fn read(&mut self, connection: &KafkaConnection) -> Result<(), String> {
        let mut config = consumer_config(connection, &KafkaOptions::default());
        config.set("enable.partition.eof", "true");
        config.set("statistics.interval.ms", "0");
        // a topic that was cut off is read from where it begins now
        config.set("auto.offset.reset", "earliest");
        let consumer: BaseConsumer = config.create().map_err(|error| error.to_string())?;
        let partitions = self.partitions(&consumer)?;
        let mut assigned = TopicPartitionList::new();
        for partition in &partitions {
            assigned
                .add_partition_offset(self.topic, *partition, Offset::Beginning)
                .map_err(|error| error.to_string())?;
        }
        consumer.assign(&assigned).map_err(|error| error.to_string())?;
        (self.tell)(CompactedEvent::Begins);
        self.follow(&consumer, &partitions)
    }

    fn follow(&mut self, consumer: &BaseConsumer, partitions: &BTreeSet<i32>) -> Result<(), String> {
        let mut at_end = BTreeSet::new();
        let mut changed_since: Option<Instant> = None;
        let mut looked_around = Instant::now();
        let mut troubled: Option<Instant> = None;
        while !self.stop.load(Ordering::Relaxed) {
            match consumer.poll(POLL) {
                Some(Ok(message)) => {
                    at_end.remove(&message.partition());
                    (self.tell)(CompactedEvent::Row { key: message.key(), value: message.payload() });
                    changed_since.get_or_insert_with(Instant::now);
                }
                Some(Err(KafkaError::PartitionEOF(partition))) => {
                    at_end.insert(partition);
                }
                Some(Err(error)) if ends(&error) => return Err(error.to_string()),
                Some(Err(error)) if troubled.is_none_or(|at| at.elapsed() > TROUBLE_AGAIN) => {
                    troubled = Some(Instant::now());
                    (self.tell)(CompactedEvent::Unreachable(format!("topic {}: {error}", self.topic)));
                }
                Some(Err(_)) | None => {}
            }
            let all = at_end.len() == partitions.len();
            let overdue = self.complete && changed_since.is_some_and(|since| since.elapsed() > AT_LEAST_EVERY);
            if (all && (changed_since.is_some() || !self.complete)) || overdue {
                self.complete = true;
                changed_since = None;
                (self.tell)(CompactedEvent::Complete);
            }
            if looked_around.elapsed() > LOOKS_AROUND {
                looked_around = Instant::now();
                // an answer that does not come is told by the consumer itself
                if self.partitions(consumer).is_ok_and(|now| now != *partitions) {
                    return Ok(());
                }
            }
            match self.again.try_recv() {
                Ok(()) => return Ok(()),
                Err(std::sync::mpsc::TryRecvError::Empty) => {}
                Err(std::sync::mpsc::TryRecvError::Disconnected) => return Ok(()),
            }
        }
        Ok(())
    }

    fn partitions(&self, consumer: &BaseConsumer) -> Result<BTreeSet<i32>, String> {
        let metadata =
            consumer.fetch_metadata(Some(self.topic), METADATA_TIMEOUT).map_err(|error| error.to_string())?;
        let found = metadata.topics().iter().find(|topic| topic.name() == self.topic);
        if let Some(error) = found.and_then(MetadataTopic::error) {
            return Err(RDKafkaErrorCode::from(error).to_string());
        }
        let partitions: BTreeSet<i32> =
            found.into_iter().flat_map(MetadataTopic::partitions).map(MetadataPartition::id).collect();
        if partitions.is_empty() { Err("it is not there".to_owned()) } else { Ok(partitions) }
    }
}

/// Whether a new consumer is needed, or another look at the topic.
fn ends(error: &KafkaError) -> bool {
    matches!(error, KafkaError::MessageConsumptionFatal(_))
        || matches!(
            error.rdkafka_error_code(),
            Some(
                RDKafkaErrorCode::UnknownTopicOrPartition
                    | RDKafkaErrorCode::UnknownTopic
                    | RDKafkaErrorCode::UnknownPartition
                    | RDKafkaErrorCode::TopicAuthorizationFailed
            )
        )
}
