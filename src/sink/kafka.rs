//! Writing to a Kafka topic: dead letters. Idempotent, acknowledged by all replicas; nothing is given up silently.

use std::time::{Duration, Instant};

use rdkafka::ClientContext;
use rdkafka::config::ClientConfig;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::{BaseProducer, BaseRecord, DeliveryResult, Producer, ProducerContext};

use std::sync::Arc;
use std::sync::Mutex;

/// How long a flush waits.
const FLUSH: Duration = Duration::from_secs(30);

/// Why a topic cannot be written to.
#[derive(Debug, thiserror::Error)]
#[error("topic {topic}: {reason}: check that it exists and that the user may write to it")]
pub struct TopicWriterError {
    /// The topic.
    pub topic: String,
    /// What librdkafka or the broker said.
    pub reason: String,
}

/// Remembers the first delivery that failed for good.
#[derive(Default)]
struct Failures(Mutex<Option<String>>);

struct Context(Arc<Failures>);

impl ClientContext for Context {}

impl ProducerContext for Context {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        if let Err((error, _)) = result
            && let Ok(mut first) = self.0.0.lock()
        {
            first.get_or_insert_with(|| error.to_string());
        }
    }
}

/// A producer for one topic.
pub struct TopicWriter {
    topic: String,
    producer: BaseProducer<Context>,
    failures: Arc<Failures>,
}

impl TopicWriter {
    /// Makes the producer; `config` holds brokers and security.
    ///
    /// # Errors
    /// [`TopicWriterError`] when librdkafka refuses the settings.
    pub fn new(mut config: ClientConfig, topic: &str) -> Result<Self, TopicWriterError> {
        let failures = Arc::new(Failures::default());
        config.set("enable.idempotence", "true").set("acks", "all").set("message.max.bytes", "4194304");
        let producer = config
            .create_with_context(Context(Arc::clone(&failures)))
            .map_err(|error| TopicWriterError { topic: topic.to_owned(), reason: error.to_string() })?;
        Ok(Self { topic: topic.to_owned(), producer, failures })
    }

    fn error(&self, reason: &dyn ToString) -> TopicWriterError {
        TopicWriterError { topic: self.topic.clone(), reason: reason.to_string() }
    }

    /// Hands a record to the producer; waits while its queue is full.
    ///
    /// # Errors
    /// [`TopicWriterError`] when an earlier delivery failed, or the queue stays full for 30 s.
    pub fn send(&self, key: Option<&[u8]>, value: &[u8]) -> Result<(), TopicWriterError> {
        let started = Instant::now();
        loop {
            let mut record = BaseRecord::<[u8], [u8]>::to(&self.topic).payload(value);
            record.key = key;
            match self.producer.send(record) {
                Ok(()) => {
                    self.producer.poll(Duration::ZERO);
                    return self.check();
                }
                Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), _)) if started.elapsed() < FLUSH => {
                    self.producer.poll(Duration::from_millis(50));
                }
                Err((error, _)) => return Err(self.error(&error)),
            }
        }
    }

    /// Waits until everything sent is acknowledged.
    ///
    /// # Errors
    /// [`TopicWriterError`] when a delivery failed or took longer than 30 s.
    pub fn flush(&self) -> Result<(), TopicWriterError> {
        self.producer.flush(FLUSH).map_err(|error| self.error(&error))?;
        self.check()
    }

    fn check(&self) -> Result<(), TopicWriterError> {
        let first = self.failures.0.lock().ok().and_then(|mut first| first.take());
        first.map_or(Ok(()), |reason| Err(self.error(&reason)))
    }
}
