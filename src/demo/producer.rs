//! Sends the generated week to the cluster, and keeps the clock of the demonstration: how far the week has come.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use rdkafka::config::ClientConfig;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, DefaultProducerContext, Producer};

use super::generator::{GeneratedRecord, LARGEST_DELAY};
use crate::model::{Span, Timestamp};
use crate::telemetry::clock;

/// How long one slice of the week takes.
const SLICE: Duration = Duration::from_millis(50);

/// How far the week had come at which moments of the wall clock. A partition is only said to be quiet up to a moment
/// whose records had all been acknowledged before.
#[derive(Debug, Default)]
pub(super) struct WeekClock {
    reached: Mutex<Vec<(Timestamp, Timestamp)>>,
    over: AtomicBool,
    read: AtomicU64,
}

/// Records that may lie in the cluster unread, and most of a slice. The mock cluster forgets the oldest of a partition
/// beyond 5 MiB, so time waits for an engine that is held up by its sinks.
const UNREAD: u64 = 2_000;
const MOST_AT_ONCE: usize = 500;

/// How fast time goes on when the week is over: a day in a second.
const AFTERWARDS: i64 = 86_400;
/// How far it then goes: past everything that the rules wait for, and no further, or series would go on into a future that
/// never was.
const AT_MOST: Span = Span::seconds(4 * 86_400);

impl WeekClock {
    /// The engine has read so many records in all.
    pub(super) fn read(&self, records: u64) {
        self.read.store(records, Ordering::Relaxed);
    }

    fn reach(&self, week: Timestamp) {
        if let Ok(mut reached) = self.reached.lock() {
            reached.push((clock::now(), week));
        }
    }

    /// The time of the week at a moment of the wall clock; before the beginning of time before the first slice.
    pub(super) fn at(&self, wall: Timestamp) -> Timestamp {
        let Ok(reached) = self.reached.lock() else { return Timestamp::MIN };
        let behind = reached.partition_point(|(moment, _)| *moment <= wall);
        let Some((moment, week)) = behind.checked_sub(1).and_then(|index| reached.get(index)) else {
            return Timestamp::MIN;
        };
        let last = behind == reached.len();
        let further = if last && self.over.load(Ordering::Relaxed) {
            wall.since(*moment).0.saturating_mul(AFTERWARDS).min(AT_MOST.0)
        } else {
            0
        };
        week.plus(Span(further))
    }
}

/// Sends all records; from `paced_from` on, a second of the wall clock is `speed` seconds of the week.
///
/// # Errors
/// The producer's words.
pub(super) fn send(
    bootstrap: &str,
    records: &[GeneratedRecord],
    paced_from: Timestamp,
    speed: f64,
    week: &WeekClock,
    stop: &AtomicBool,
    pause: &Receiver<()>,
) -> Result<(), KafkaError> {
    let producer: BaseProducer = ClientConfig::new()
        .set("bootstrap.servers", bootstrap)
        .set("linger.ms", "5")
        .set("enable.idempotence", "true")
        .create()?;
    let started = Instant::now();
    // time is not ahead of the records, however long it waited for an engine that reads them slowly
    let end = records.iter().map(|record| record.event_time).max().unwrap_or(paced_from);
    let mut rest = records;
    let (past, mut reached) = (records.partition_point(|record| record.event_time < paced_from), paced_from);
    let (before, after) = rest.split_at_checked(past).unwrap_or((rest, &[]));
    for record in before {
        send_one(&producer, record)?;
    }
    rest = after;
    while !rest.is_empty() && !stop.load(Ordering::Relaxed) {
        let sent = (records.len() - rest.len()) as u64;
        if sent > week.read.load(Ordering::Relaxed).saturating_add(UNREAD) {
            let _ = pause.recv_timeout(SLICE);
            continue;
        }
        let target = started.elapsed().as_secs_f64() * speed * 1e9;
        reached = reached.max(paced_from.plus(Span(target as i64)));
        let due = rest.partition_point(|record| record.event_time <= reached).min(MOST_AT_ONCE);
        let (slice, later) = rest.split_at_checked(due).unwrap_or((rest, &[]));
        for record in slice {
            send_one(&producer, record)?;
        }
        rest = later;
        producer.flush(Duration::from_secs(30))?;
        // the next record may have happened a little before this moment: it is only late by what the lateness covers
        let next = rest.iter().take(1000).map(|record| record.event_time).min().unwrap_or(end);
        week.reach(next.min(reached));
        if due < MOST_AT_ONCE {
            // a wait that ends early when the receiver's other end goes
            let _ = pause.recv_timeout(SLICE);
        }
    }
    producer.flush(Duration::from_secs(30))?;
    // nothing more will come: every deadline of the week passes
    week.reach(end.plus(LARGEST_DELAY));
    week.over.store(true, Ordering::Relaxed);
    Ok(())
}

fn send_one(producer: &BaseProducer<DefaultProducerContext>, record: &GeneratedRecord) -> Result<(), KafkaError> {
    loop {
        let mut headers = OwnedHeaders::new();
        for (name, value) in &record.headers {
            headers = headers.insert(Header { key: name, value: Some(value) });
        }
        let mut message = BaseRecord::<str, [u8]>::to(record.topic).payload(&record.value).headers(headers);
        message.key = record.key.as_deref();
        message.timestamp = Some(record.event_time.millis());
        match producer.send(message) {
            Ok(()) => {
                producer.poll(Duration::ZERO);
                return Ok(());
            }
            Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), _)) => {
                producer.poll(Duration::from_millis(20));
            }
            Err((error, _)) => return Err(error),
        }
    }
}
