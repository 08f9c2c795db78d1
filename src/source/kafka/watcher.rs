//! Asks the brokers where quiet partitions end, on a thread of its own so that an answer that takes long does not keep
//! records waiting. The answer counts only if it is fresh: an end that was reached before a broker's outage says nothing
//! about what was written since.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::{Offset, TopicPartitionList};

use crate::model::{Span, Timestamp};
use crate::telemetry::clock;

use super::board::Board;
use super::context::ReaderContext;

const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);

/// A broker's word: the partition ended at `end` at some time after `asked_at`.
pub(super) struct EndAnswer {
    pub(super) topic: Arc<str>,
    pub(super) partition: i32,
    pub(super) end: i64,
    pub(super) asked_at: Timestamp,
}

/// The running thread; dropping it ends the thread and waits for it.
pub(super) struct Watcher {
    pub(super) answers: Receiver<EndAnswer>,
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Watcher {
    pub(super) fn start(
        consumer: Arc<BaseConsumer<ReaderContext>>,
        board: Arc<Mutex<Board>>,
        interval: Duration,
    ) -> std::io::Result<Self> {
        let (answer_sender, answers) = channel();
        let (stop, stopped) = channel();
        let thread = thread::Builder::new()
            .name("kafka-ends".to_owned())
            .spawn(move || watch(&consumer, &board, interval, &answer_sender, &stopped))?;
        Ok(Self { answers, stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread that watches partition ends panicked");
        }
    }
}

fn watch(
    consumer: &BaseConsumer<ReaderContext>,
    board: &Mutex<Board>,
    interval: Duration,
    answers: &Sender<EndAnswer>,
    stopped: &Receiver<()>,
) {
    let quiet_for = Span(i64::try_from(interval.as_nanos()).unwrap_or(i64::MAX));
    while stopped.recv_timeout(interval) == Err(RecvTimeoutError::Timeout) {
        let asked_at = clock::now();
        let quiet = board.lock().unwrap_or_else(PoisonError::into_inner).quiet(asked_at.minus(quiet_for));
        if quiet.is_empty() {
            continue;
        }
        match ask(consumer, &quiet) {
            Ok(ends) => {
                for ((topic, partition), end) in ends {
                    if answers.send(EndAnswer { topic, partition, end, asked_at }).is_err() {
                        return;
                    }
                }
            }
            // the reader tells of an outage; an end that is not known is not told
            Err(error) => tracing::debug!(%error, "the brokers did not say where partitions end"),
        }
    }
}

type Ends = Vec<((Arc<str>, i32), i64)>;

fn ask(consumer: &BaseConsumer<ReaderContext>, partitions: &[(Arc<str>, i32)]) -> rdkafka::error::KafkaResult<Ends> {
    let mut question = TopicPartitionList::with_capacity(partitions.len());
    for (topic, partition) in partitions {
        // in a question for times, the end of the log stands for "the latest"
        question.add_partition_offset(topic, *partition, Offset::End)?;
    }
    let answer = consumer.offsets_for_times(question, ANSWER_TIMEOUT)?;
    let mut ends = Vec::new();
    for (topic, partition) in partitions {
        let Some(element) = answer.find_partition(topic, *partition) else { continue };
        if let (Ok(()), Offset::Offset(end)) = (element.error(), element.offset()) {
            ends.push(((Arc::clone(topic), *partition), end));
        }
    }
    Ok(ends)
}
