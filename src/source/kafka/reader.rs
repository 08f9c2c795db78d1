//! The poll thread: takes records, groups them into batches, hands them over, and sees to everything between.

mod offsets;

use std::collections::HashMap;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, TryRecvError, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rdkafka::config::FromClientConfigAndContext;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::{BorrowedMessage, Headers, Message};
use rdkafka::types::RDKafkaErrorCode;
use rdkafka::{ClientConfig, Offset, TopicPartitionList};

use crate::model::Timestamp;
use crate::telemetry::clock;

use super::super::{KafkaConnection, OwnedHeader, OwnedRecord, TopicSubscription};
use super::board::Board;
use super::client_config::consumer_config;
use super::context::{Notice, ReaderContext};
use super::delivery::{Delivery, HungUp};
use super::event::{PartitionId, ProblemKind, RecordBatch, SourceEvent, SourceProblem};
use super::files::Files;
use super::options::KafkaOptions;
use super::start::{OffsetLookup, StartChooser};
use super::status::SourceStatus;
use super::topics::TopicMap;
use super::trouble::{Repetition, explain};
use super::watcher::{EndAnswer, Watcher};

/// How long the thread waits between two tries to hand something over.
const RETRY_WAIT: Duration = Duration::from_millis(10);

const LONGEST_RESTART_WAIT: Duration = Duration::from_secs(30);

/// Why a Kafka source could not be started. The operator's to mend.
#[derive(Debug, thiserror::Error)]
pub enum KafkaSourceError {
    /// librdkafka refuses the properties, or a file that they name.
    #[error("cannot make a consumer for {cluster}: {error}: check `security` and `options`")]
    Consumer {
        /// The cluster by its configured brokers.
        cluster: Arc<str>,
        /// librdkafka's own words.
        error: KafkaError,
    },
    /// A topic pattern is no regular expression.
    #[error("{0}")]
    Topics(String),
    /// The system refuses a thread.
    #[error("cannot start the source's thread: {0}")]
    Thread(#[from] std::io::Error),
}

enum Command {
    Commit(Vec<(String, i32, i64)>),
}

/// A running consumer. Dropping it stops the thread and leaves the group.
pub struct KafkaSource {
    commands: Option<Sender<Command>>,
    thread: Option<JoinHandle<()>>,
    board: Arc<Mutex<Board>>,
    cluster: Arc<str>,
    sources: Vec<(u32, Arc<str>)>,
}

impl KafkaSource {
    /// Starts reading. Where to begin in a partition is asked of `lookup` whenever one is assigned. A broker that is
    /// down is no error here: it is told as a problem, and tried again.
    ///
    /// # Errors
    /// [`KafkaSourceError`] when the configuration cannot work.
    pub fn start(
        connection: &KafkaConnection,
        subscriptions: Vec<TopicSubscription>,
        lookup: OffsetLookup,
        options: KafkaOptions,
        events: SyncSender<SourceEvent>,
    ) -> Result<Self, KafkaSourceError> {
        let cluster: Arc<str> = Arc::from(connection.brokers.join(","));
        let topics = Arc::new(TopicMap::new(subscriptions).map_err(KafkaSourceError::Topics)?);
        let board = Arc::new(Mutex::new(Board::default()));
        let sources = topics.source_names();
        let config = consumer_config(connection, &options);
        let mut reader = Reader {
            topics: Arc::clone(&topics),
            cluster: Arc::clone(&cluster),
            board: Arc::clone(&board),
            files: Files::of(&config, options.files_interval),
            delivery: Delivery::new(events),
            repetition: Repetition::new(options.repeat_problem_after),
            options,
            names: HashMap::new(),
            groups: Vec::new(),
            paused: false,
            out_of_range: None,
            maker: ConsumerMaker { config, topics, lookup },
        };
        // the first one here, so that a configuration that cannot work is an error of the start
        let first =
            reader.maker.make().map_err(|error| KafkaSourceError::Consumer { cluster: Arc::clone(&cluster), error })?;
        let (commands, received) = channel();
        let thread =
            thread::Builder::new().name("kafka-source".to_owned()).spawn(move || reader.run(first, &received))?;
        Ok(Self { commands: Some(commands), thread: Some(thread), board, cluster, sources })
    }

    /// Tells the group up to where each topic's partition is durably done, as (topic, partition, next offset). Those
    /// that are not assigned here are left out.
    pub fn commit(&self, offsets: Vec<(String, i32, i64)>) {
        if let Some(commands) = &self.commands
            && commands.send(Command::Commit(offsets)).is_err()
        {
            tracing::debug!("the source has stopped, offsets are not committed");
        }
    }

    /// Its state now.
    #[must_use]
    pub fn status(&self) -> SourceStatus {
        let board = self.board.lock().unwrap_or_else(PoisonError::into_inner);
        SourceStatus::of(&board, Arc::clone(&self.cluster), self.sources.clone())
    }

    /// Stops, and waits for the thread.
    pub fn stop(self) {
        drop(self);
    }
}

impl Drop for KafkaSource {
    fn drop(&mut self) {
        drop(self.commands.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!(cluster = %self.cluster, "the thread of a kafka source panicked");
        }
    }
}

type SharedConsumer = Arc<BaseConsumer<ReaderContext>>;

/// Makes consumers: the first, and a new one after a fatal error or with new certificates.
struct ConsumerMaker {
    config: ClientConfig,
    topics: Arc<TopicMap>,
    lookup: OffsetLookup,
}

impl ConsumerMaker {
    fn make(&self) -> Result<SharedConsumer, KafkaError> {
        let chooser = StartChooser::new(OffsetLookup::clone(&self.lookup));
        let context = ReaderContext::new(Arc::clone(&self.topics), chooser);
        let consumer = BaseConsumer::from_config_and_context(&self.config, context)?;
        consumer.subscribe(&self.topics.subscription())?;
        Ok(Arc::new(consumer))
    }
}

/// Why polling ended.
enum Ending {
    Stop,
    Fatal,
    /// Certificates were replaced.
    Outdated,
}

struct Reader {
    maker: ConsumerMaker,
    files: Files,
    topics: Arc<TopicMap>,
    cluster: Arc<str>,
    board: Arc<Mutex<Board>>,
    delivery: Delivery,
    repetition: Repetition,
    options: KafkaOptions,
    /// One shared text for each topic.
    names: HashMap<String, Arc<str>>,
    /// The batches that are being filled.
    groups: Vec<RecordBatch>,
    paused: bool,
    /// Since when a partition's offset is out of range, and when to look for it next.
    out_of_range: Option<Instant>,
}

impl Reader {
    fn run(&mut self, first: SharedConsumer, commands: &Receiver<Command>) {
        let mut consumer = Some(first);
        let mut wait = self.options.restart_after;
        loop {
            if let Some(consumer) = consumer.take() {
                let began = Instant::now();
                match self.read(&consumer, commands) {
                    Ending::Stop => return,
                    Ending::Outdated => {
                        tracing::info!(cluster = %self.cluster, "certificates have changed, goes on with a new consumer");
                        wait = Duration::ZERO;
                    }
                    Ending::Fatal if began.elapsed() > LONGEST_RESTART_WAIT => wait = self.options.restart_after,
                    Ending::Fatal => {}
                }
                self.forget_all();
            }
            match commands.recv_timeout(wait) {
                Err(RecvTimeoutError::Disconnected) => return,
                Err(RecvTimeoutError::Timeout) | Ok(Command::Commit(_)) => {}
            }
            wait = (wait * 2).clamp(self.options.restart_after, LONGEST_RESTART_WAIT);
            match self.maker.make() {
                Ok(made) => consumer = Some(made),
                Err(error) => self.tell(explain(&self.cluster, &error, "")),
            }
        }
    }

    /// Polls until told to stop.
    fn read(&mut self, consumer: &SharedConsumer, commands: &Receiver<Command>) -> Ending {
        let watcher = Watcher::start(Arc::clone(consumer), Arc::clone(&self.board), self.options.end_interval);
        let Ok(watcher) = watcher else { return Ending::Fatal };
        loop {
            match commands.try_recv() {
                Ok(Command::Commit(offsets)) => self.commit(consumer, &offsets),
                Err(TryRecvError::Disconnected) => return Ending::Stop,
                Err(TryRecvError::Empty) => {}
            }
            if self.delivery.flush() == Err(HungUp) {
                return Ending::Stop;
            }
            if self.files.have_changed() {
                return Ending::Outdated;
            }
            let outcome = if self.delivery.is_blocked() {
                self.hold_back(consumer, commands)
            } else {
                self.set_paused(consumer, false);
                self.collect(consumer)
            };
            if let Err(ending) = outcome {
                return ending;
            }
            self.rescue_offsets(consumer);
            self.hear_ends(&watcher.answers);
        }
    }

    /// While the caller is behind: waits, first without polling, then with all partitions paused, so that the group
    /// still hears from us.
    fn hold_back(&mut self, consumer: &SharedConsumer, commands: &Receiver<Command>) -> Result<(), Ending> {
        if !self.paused && !self.delivery.is_blocked_for(self.options.pause_after) {
            return match commands.recv_timeout(RETRY_WAIT) {
                Ok(Command::Commit(offsets)) => {
                    self.commit(consumer, &offsets);
                    Ok(())
                }
                Err(RecvTimeoutError::Timeout) => Ok(()),
                Err(RecvTimeoutError::Disconnected) => Err(Ending::Stop),
            };
        }
        // again each time: partitions may have been assigned since
        self.paused = false;
        self.set_paused(consumer, true);
        let polled = consumer.poll(RETRY_WAIT);
        self.take(consumer, polled)?;
        self.hand_over();
        Ok(())
    }

    fn set_paused(&mut self, consumer: &SharedConsumer, paused: bool) {
        if self.paused == paused {
            return;
        }
        let outcome = consumer.assignment().and_then(|assignment| match (assignment.count(), paused) {
            (0, _) => Ok(()),
            (_, true) => consumer.pause(&assignment),
            (_, false) => consumer.resume(&assignment),
        });
        match outcome {
            Ok(()) => {
                self.paused = paused;
                self.board().paused = paused;
            }
            Err(error) => {
                let message = format!("cannot pause or resume partitions: {error}");
                self.tell(explain(&self.cluster, &error, &message));
            }
        }
    }

    /// Takes what is there, up to a batch.
    fn collect(&mut self, consumer: &SharedConsumer) -> Result<(), Ending> {
        let (mut records, mut bytes, mut wait) = (0, 0, self.options.poll_wait);
        while records < self.options.batch_records && bytes < self.options.batch_bytes {
            let polled = consumer.poll(wait);
            if polled.is_none() {
                self.take(consumer, None)?;
                break;
            }
            bytes += self.take(consumer, polled)?;
            records += 1;
            wait = Duration::ZERO;
        }
        self.hand_over();
        Ok(())
    }

    /// Takes what one poll brought, and first what its callbacks learned. Gives the bytes that it added.
    fn take(
        &mut self,
        consumer: &SharedConsumer,
        polled: Option<Result<BorrowedMessage<'_>, KafkaError>>,
    ) -> Result<usize, Ending> {
        for notice in consumer.context().take_notices() {
            self.heed(notice);
        }
        match polled {
            None => Ok(0),
            Some(Ok(message)) => Ok(self.add(&message)),
            Some(Err(error)) => {
                if error.rdkafka_error_code() == Some(RDKafkaErrorCode::AutoOffsetReset) {
                    self.out_of_range.get_or_insert_with(Instant::now);
                }
                match error {
                    KafkaError::MessageConsumptionFatal(_) => {
                        let mut problem = explain(&self.cluster, &error, &error.to_string());
                        problem.kind = ProblemKind::Fatal;
                        self.tell(problem);
                        Err(Ending::Fatal)
                    }
                    // its reason came through the context
                    _ => Ok(0),
                }
            }
        }
    }

    fn heed(&mut self, notice: Notice) {
        match notice {
            Notice::Assigned(partitions) => {
                let now = clock::now();
                let mut assigned = Vec::new();
                for (topic, partition, offset) in partitions {
                    let Some(id) = self.partition(&topic, partition) else { continue };
                    self.board().assign(&id, offset, now);
                    assigned.push((id, offset));
                }
                tracing::info!(cluster = %self.cluster, count = assigned.len(), "partitions assigned");
                self.hand_over();
                self.delivery.push(SourceEvent::Assigned(assigned));
            }
            Notice::Revoked(partitions) => {
                let ids: Vec<PartitionId> =
                    partitions.iter().filter_map(|(topic, partition)| self.partition(topic, *partition)).collect();
                tracing::info!(cluster = %self.cluster, count = ids.len(), "partitions revoked");
                self.hand_over();
                for id in &ids {
                    self.board().revoke(&id.topic, id.partition);
                }
                self.delivery.push(SourceEvent::Revoked(ids));
            }
            Notice::Error(error, _) if error.rdkafka_error_code() == Some(RDKafkaErrorCode::AutoOffsetReset) => {}
            Notice::Error(error, _)
                if error.rdkafka_error_code() == Some(RDKafkaErrorCode::AllBrokersDown)
                    && self.repetition.knows_a_cause(Instant::now()) => {}
            Notice::Error(error, reason) => self.tell(explain(&self.cluster, &error, &reason)),
            Notice::Statistics(statistics) => self.board().note_statistics(&statistics),
        }
    }

    fn add(&mut self, message: &BorrowedMessage<'_>) -> usize {
        let (topic, partition) = (message.topic(), message.partition());
        let record = owned(message);
        let size = record.size();
        // records of a partition come in runs
        let place = self.groups.iter().rposition(|group| group.partition == partition && &*group.topic == topic);
        if let Some(group) = place.and_then(|place| self.groups.get_mut(place)) {
            group.records.push(record);
            return size;
        }
        if let Some(PartitionId { source, topic, partition }) = self.partition(topic, partition) {
            self.groups.push(RecordBatch { source, topic, partition, records: vec![record], high_watermark: 0 });
        }
        size
    }

    /// Closes the batches and queues them.
    fn hand_over(&mut self) {
        if self.groups.is_empty() {
            return;
        }
        let now = clock::now();
        for mut batch in std::mem::take(&mut self.groups) {
            let next = batch.records.last().map_or(0, |record| record.offset.saturating_add(1));
            batch.high_watermark = self.board().delivered(&batch.topic, batch.partition, next, now);
            self.delivery.push(SourceEvent::Batch(batch));
        }
    }

    fn hear_ends(&mut self, answers: &Receiver<EndAnswer>) {
        // while the caller is behind, ends would only pile up
        let is_behind = self.delivery.is_blocked_for(Duration::ZERO);
        for EndAnswer { topic, partition, end, asked_at } in answers.try_iter().filter(|_| !is_behind) {
            let confirmed = self
                .board()
                .confirm_end(&topic, partition, end)
                .map(|position| (position.source, position.quiet_since))
                .filter(|(_, quiet_since)| *quiet_since <= asked_at);
            if let Some((source, quiet_since)) = confirmed {
                let partition = PartitionId { source, topic, partition };
                self.delivery.push(SourceEvent::EndOfPartition { partition, offset: end, at: asked_at, quiet_since });
            }
        }
    }

    fn commit(&mut self, consumer: &SharedConsumer, offsets: &[(String, i32, i64)]) {
        let mut list = TopicPartitionList::new();
        for (topic, partition, offset) in offsets {
            let key = (Arc::from(topic.as_str()), *partition);
            let assigned = self.board().positions.contains_key(&key);
            if assigned && let Err(error) = list.add_partition_offset(topic, *partition, Offset::Offset(*offset)) {
                tracing::warn!(%error, topic, partition, offset, "cannot commit this offset");
            }
        }
        if list.count() > 0
            && let Err(error) = consumer.commit(&list, CommitMode::Async)
        {
            tracing::warn!(%error, "cannot commit offsets to the group");
        }
    }

    fn tell(&mut self, problem: SourceProblem) {
        self.board().last_problem = Some((clock::now(), problem.to_string()));
        if self.repetition.is_news(&problem, Instant::now()) {
            tracing::error!(kind = problem.kind.name(), cluster = %problem.cluster, advice = problem.advice, "{}", problem.message);
            self.delivery.push(SourceEvent::Problem(problem));
        }
    }

    /// After a consumer has gone, its partitions are no longer ours.
    fn forget_all(&mut self) {
        self.hand_over();
        let positions = std::mem::take(&mut self.board().positions);
        let ids: Vec<PartitionId> = positions
            .into_iter()
            .map(|((topic, partition), position)| PartitionId { source: position.source, topic, partition })
            .collect();
        self.paused = false;
        self.out_of_range = None;
        if !ids.is_empty() {
            self.delivery.push(SourceEvent::Revoked(ids));
        }
    }

    fn partition(&mut self, topic: &str, partition: i32) -> Option<PartitionId> {
        let (source, _) = self.topics.source_of(topic)?;
        let topic = match self.names.get(topic) {
            Some(name) => Arc::clone(name),
            None => {
                let name: Arc<str> = Arc::from(topic);
                self.names.insert(topic.to_owned(), Arc::clone(&name));
                name
            }
        };
        Some(PartitionId { source, topic, partition })
    }

    fn board(&self) -> MutexGuard<'_, Board> {
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn owned(message: &BorrowedMessage<'_>) -> OwnedRecord {
    let headers = message.headers().map_or_else(Vec::new, |headers| {
        headers
            .iter()
            .map(|header| OwnedHeader { name: header.key.to_owned(), value: header.value.unwrap_or_default().to_vec() })
            .collect()
    });
    OwnedRecord {
        offset: message.offset(),
        timestamp: message.timestamp().to_millis().filter(|millis| *millis >= 0).map(Timestamp::from_millis),
        headers,
        value: message.payload().map(<[u8]>::to_vec),
        arrived: clock::now(),
    }
}
