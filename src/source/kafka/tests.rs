//! The source against librdkafka's mock cluster, in process and without a network beyond the loopback.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::mocking::MockCluster;
use rdkafka::producer::{BaseProducer, BaseRecord, DefaultProducerContext, Producer};
use rdkafka::util::Timeout;

use super::super::{KafkaConnection, Start, TopicSubscription};
use super::*;
use crate::model::Timestamp;

type Cluster = MockCluster<'static, DefaultProducerContext>;

const PATIENCE: Duration = Duration::from_secs(60);

fn cluster(topics: &[(&str, i32)]) -> Cluster {
    let cluster = MockCluster::new(2).unwrap();
    for (topic, partitions) in topics {
        cluster.create_topic(topic, *partitions, 1).unwrap();
    }
    cluster
}

fn producer(cluster: &Cluster) -> BaseProducer {
    ClientConfig::new().set("bootstrap.servers", cluster.bootstrap_servers()).create().unwrap()
}

/// Writes `numbers` as values to a partition, and waits for the broker.
fn produce(producer: &BaseProducer, topic: &str, partition: i32, numbers: std::ops::Range<usize>, padding: usize) {
    for number in numbers {
        let value = format!("{number}{}", " ".repeat(padding));
        let headers = OwnedHeaders::new().insert(Header { key: "n", value: Some(&number.to_string()) });
        let mut record = BaseRecord::<str, str>::to(topic)
            .partition(partition)
            .payload(&value)
            .headers(headers)
            .timestamp(1_000 + number as i64);
        while let Err((_, back)) = producer.send(record) {
            producer.poll(Duration::from_millis(10));
            record = back;
        }
    }
    producer.flush(Timeout::After(PATIENCE)).unwrap();
}

fn options() -> KafkaOptions {
    KafkaOptions {
        end_interval: Duration::from_millis(100),
        discovery_interval: Duration::from_millis(300),
        poll_wait: Duration::from_millis(20),
        ..KafkaOptions::default()
    }
}

fn subscription(source: u32, topics: &[&str], start: Start) -> TopicSubscription {
    let topics = topics.iter().map(|topic| (*topic).to_owned()).collect();
    TopicSubscription { source, name: Arc::from(format!("source-{source}")), topics, start }
}

fn start(
    brokers: String,
    subscriptions: Vec<TopicSubscription>,
    snapshot: &[(&str, i32, i64)],
    options: KafkaOptions,
) -> (KafkaSource, Receiver<SourceEvent>) {
    let known: BTreeMap<(String, i32), i64> =
        snapshot.iter().map(|(topic, partition, offset)| (((*topic).to_owned(), *partition), *offset)).collect();
    let lookup: OffsetLookup = Arc::new(move |topic, partition| known.get(&(topic.to_owned(), partition)).copied());
    let (sender, receiver) = sync_channel(options.channel_capacity);
    let connection = quick(brokers);
    (KafkaSource::start(&connection, subscriptions, lookup, options, sender).unwrap(), receiver)
}

fn quick(brokers: String) -> KafkaConnection {
    let mut connection = KafkaConnection::plaintext(vec![brokers]);
    // the mock coordinator waits for a session timeout before each rebalance but the first
    connection.options =
        [("session.timeout.ms", "4000"), ("heartbeat.interval.ms", "200"), ("fetch.wait.max.ms", "50")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec();
    connection
}

/// Offset, when the broker was asked, since when the partition is quiet.
type End = (i64, Timestamp, Timestamp);

/// Everything a source told, by kind.
#[derive(Default)]
struct Heard {
    /// Offsets by topic and partition, in order of arrival.
    offsets: BTreeMap<(String, i32), Vec<i64>>,
    values: BTreeMap<(String, i32), Vec<String>>,
    ends: BTreeMap<(String, i32), Vec<End>>,
    problems: Vec<SourceProblem>,
    assigned: Vec<(PartitionId, Option<i64>)>,
    revoked: Vec<PartitionId>,
    last_batch: Option<RecordBatch>,
}

impl Heard {
    fn note(&mut self, event: SourceEvent) {
        match event {
            SourceEvent::Batch(batch) => {
                let key = (batch.topic.to_string(), batch.partition);
                for record in &batch.records {
                    self.offsets.entry(key.clone()).or_default().push(record.offset);
                    let value = String::from_utf8_lossy(record.value.as_deref().unwrap_or_default()).trim().to_owned();
                    self.values.entry(key.clone()).or_default().push(value);
                }
                self.last_batch = Some(batch);
            }
            SourceEvent::EndOfPartition { partition, offset, at, quiet_since } => {
                let key = (partition.topic.to_string(), partition.partition);
                self.ends.entry(key).or_default().push((offset, at, quiet_since));
            }
            SourceEvent::Problem(problem) => self.problems.push(problem),
            SourceEvent::Assigned(partitions) => self.assigned.extend(partitions),
            SourceEvent::Revoked(partitions) => self.revoked.extend(partitions),
        }
    }

    fn until(&mut self, receiver: &Receiver<SourceEvent>, what: &str, enough: impl Fn(&Self) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !enough(self) {
            let left = deadline.saturating_duration_since(Instant::now());
            match receiver.recv_timeout(left) {
                Ok(event) => self.note(event),
                Err(_) => panic!(
                    "never saw {what}: counts {:?}, ends {:?}, assigned {:?}, revoked {:?}, problems {:?}",
                    self.offsets.iter().map(|(key, offsets)| (key, offsets.len())).collect::<Vec<_>>(),
                    self.ends,
                    self.assigned,
                    self.revoked,
                    self.problems
                ),
            }
        }
    }

    fn count(&self) -> usize {
        self.offsets.values().map(Vec::len).sum()
    }
}

/// Receives for that long.
fn listen(receiver: &Receiver<SourceEvent>, heard: &mut Heard, time: Duration) {
    let deadline = Instant::now() + time;
    while let Ok(event) = receiver.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
        heard.note(event);
    }
}

#[test]
fn every_partition_is_read_in_order_to_its_end() {
    let cluster = cluster(&[("opa", 3), ("mlflow", 1)]);
    let producer = producer(&cluster);
    for partition in 0..2 {
        produce(&producer, "opa", partition, 0..700, 0);
    }
    produce(&producer, "mlflow", 0, 0..5, 0);
    let subscriptions = vec![subscription(4, &["opa"], Start::Earliest), subscription(9, &["mlflow"], Start::Earliest)];
    let (source, receiver) = start(cluster.bootstrap_servers(), subscriptions, &[], options());
    let mut heard = Heard::default();
    heard.until(&receiver, "four ends, twice each", |heard| {
        heard.ends.len() == 4 && heard.ends.values().all(|ends| ends.len() >= 2)
    });
    assert_eq!(heard.offsets[&("opa".to_owned(), 1)], (0..700).collect::<Vec<_>>());
    assert_eq!(heard.offsets[&("mlflow".to_owned(), 0)], (0..5).collect::<Vec<_>>());
    assert_eq!(heard.values[&("opa".to_owned(), 0)][699], "699");
    assert_eq!(heard.ends[&("opa".to_owned(), 2)][0].0, 0, "an empty partition is at its end, too");
    assert_eq!(heard.ends[&("opa".to_owned(), 0)][0].0, 700);
    for ends in heard.ends.values() {
        assert!(ends.iter().all(|(_, at, quiet_since)| quiet_since <= at));
        assert!(ends.windows(2).all(|pair| pair[0].1 < pair[1].1 && pair[0].2 == pair[1].2));
    }
    assert_eq!(heard.problems, []);
    let batch = heard.last_batch.unwrap();
    let record = &batch.records[0];
    assert_eq!(record.headers[0].name, "n");
    assert_eq!(record.timestamp, Some(Timestamp::from_millis(1_000 + record.offset)));
    assert!(batch.high_watermark > batch.records.last().unwrap().offset);
    let status = source.status();
    assert_eq!(status.partitions.len(), 4);
    assert!(status.partitions.iter().all(|partition| partition.lag == Some(0) && partition.at_end));
    assert_eq!(status.partitions[0].partition.source, 9);
    source.stop();
}

#[test]
fn reading_begins_where_the_snapshot_says() {
    let cluster = cluster(&[("t", 2)]);
    let producer = producer(&cluster);
    produce(&producer, "t", 0, 0..10, 0);
    produce(&producer, "t", 1, 0..10, 0);
    let snapshot = [("t", 0, 7), ("t", 1, 10)];
    let subscriptions = vec![subscription(0, &["t"], Start::Earliest)];
    let (_source, receiver) = start(cluster.bootstrap_servers(), subscriptions, &snapshot, options());
    let mut heard = Heard::default();
    heard.until(&receiver, "both ends", |heard| heard.ends.len() == 2);
    assert_eq!(heard.offsets, BTreeMap::from([(("t".to_owned(), 0), vec![7, 8, 9])]));
    assert_eq!(heard.assigned.iter().map(|(_, offset)| *offset).collect::<Vec<_>>(), [Some(7), Some(10)]);
    produce(&producer, "t", 1, 10..11, 0);
    heard.until(&receiver, "the new record", |heard| heard.count() == 4);
    assert_eq!(heard.offsets[&("t".to_owned(), 1)], [10]);
}

#[test]
fn certificates_that_are_replaced_are_taken_up_and_no_record_is_lost() {
    let cluster = cluster(&[("t", 2)]);
    let producer = producer(&cluster);
    produce(&producer, "t", 0, 0..10, 0);
    let folder = tempfile::tempdir().unwrap();
    let authority = folder.path().join("ca.pem");
    std::fs::write(&authority, "one").unwrap();
    let offsets: Arc<Mutex<BTreeMap<(String, i32), i64>>> = Arc::default();
    let known = Arc::clone(&offsets);
    let lookup: OffsetLookup =
        Arc::new(move |topic, partition| known.lock().unwrap().get(&(topic.to_owned(), partition)).copied());
    let (sender, receiver) = sync_channel(64);
    let mut connection = quick(cluster.bootstrap_servers());
    // read by nobody where nothing is encrypted
    connection.security.ca_file = Some(authority.clone());
    let watching = KafkaOptions { files_interval: Duration::from_millis(50), ..options() };
    let subscriptions = vec![subscription(0, &["t"], Start::Earliest)];
    let _source = KafkaSource::start(&connection, subscriptions, lookup, watching, sender).unwrap();
    let mut heard = Heard::default();
    heard.until(&receiver, "the records", |heard| heard.count() == 10);
    offsets.lock().unwrap().insert(("t".to_owned(), 0), 10);
    std::fs::write(&authority, "two").unwrap();
    heard.until(&receiver, "another consumer", |heard| heard.revoked.len() == 2 && heard.assigned.len() == 4);
    produce(&producer, "t", 0, 10..20, 0);
    heard.until(&receiver, "the records after", |heard| heard.count() >= 20);
    assert_eq!(heard.offsets[&("t".to_owned(), 0)], (0..20).collect::<Vec<_>>());
    assert_eq!(heard.problems, []);
}

#[test]
fn a_slow_caller_loses_nothing_and_the_source_pauses() {
    let cluster = cluster(&[("t", 2)]);
    let producer = producer(&cluster);
    produce(&producer, "t", 0, 0..3000, 20);
    produce(&producer, "t", 1, 0..3000, 20);
    let slow =
        KafkaOptions { channel_capacity: 1, batch_records: 50, pause_after: Duration::from_millis(50), ..options() };
    let (source, receiver) =
        start(cluster.bootstrap_servers(), vec![subscription(0, &["t"], Start::Earliest)], &[], slow);
    let mut heard = Heard::default();
    heard.until(&receiver, "a record", |heard| heard.count() > 0);
    let deadline = Instant::now() + PATIENCE;
    let nothing = sync_channel::<()>(0).1;
    let lag = |source: &KafkaSource| -> i64 { source.status().partitions.iter().filter_map(|one| one.lag).sum() };
    while !(source.status().paused && lag(&source) > 0) {
        assert!(Instant::now() < deadline, "it never paused: {:?}", source.status());
        let _ = nothing.recv_timeout(Duration::from_millis(10));
    }
    produce(&producer, "t", 0, 3000..3100, 0);
    heard.until(&receiver, "all records and both ends", |heard| heard.count() == 6100 && heard.ends.len() == 2);
    assert_eq!(heard.offsets[&("t".to_owned(), 0)], (0..3100).collect::<Vec<_>>());
    assert_eq!(heard.offsets[&("t".to_owned(), 1)], (0..3000).collect::<Vec<_>>());
    assert!(!source.status().paused);
    assert_eq!(heard.revoked, [], "it stayed in the group");
}

#[test]
fn topics_that_appear_later_are_read_from_their_beginning_even_with_start_latest() {
    let cluster = cluster(&[("ai.old", 1), ("other", 1)]);
    let producer = producer(&cluster);
    produce(&producer, "ai.old", 0, 0..10, 0);
    produce(&producer, "other", 0, 0..10, 0);
    let subscriptions = vec![subscription(0, &["^ai[.].*"], Start::Latest)];
    let (_source, receiver) = start(cluster.bootstrap_servers(), subscriptions, &[], options());
    let mut heard = Heard::default();
    heard.until(&receiver, "the end of the old topic", |heard| !heard.ends.is_empty());
    cluster.create_topic("ai.new", 2, 1).unwrap();
    produce(&producer, "ai.new", 1, 0..3, 0);
    produce(&producer, "ai.old", 0, 10..12, 0);
    heard.until(&receiver, "records of both", |heard| heard.count() >= 5);
    assert_eq!(heard.offsets[&("ai.old".to_owned(), 0)], [10, 11], "the past is skipped, the new is not");
    assert_eq!(heard.offsets[&("ai.new".to_owned(), 1)], [0, 1, 2]);
    assert!(!heard.offsets.contains_key(&("other".to_owned(), 0)));
    assert_eq!(heard.revoked, [], "the old topic was kept while the new one came");
}

#[test]
fn a_broker_that_is_down_is_told_with_advice() {
    let refused = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (source, receiver) = start(refused.to_string(), vec![subscription(0, &["t"], Start::Earliest)], &[], options());
    let mut heard = Heard::default();
    heard.until(&receiver, "a problem", |heard| !heard.problems.is_empty());
    let problem = &heard.problems[0];
    assert_eq!(problem.kind, ProblemKind::Unreachable, "{problem}");
    assert!(problem.to_string().contains(&refused.to_string()) && problem.advice.contains("`brokers`"), "{problem}");
    assert!(source.status().last_problem.is_some());
}

#[test]
fn a_missing_topic_is_told_and_read_when_it_is_there() {
    let cluster = cluster(&[("there", 1)]);
    let subscriptions = vec![subscription(0, &["there", "missing"], Start::Earliest)];
    let (_source, receiver) = start(cluster.bootstrap_servers(), subscriptions, &[], options());
    let mut heard = Heard::default();
    heard.until(&receiver, "the problem", |heard| !heard.problems.is_empty());
    let problem = &heard.problems[0];
    assert_eq!(problem.kind, ProblemKind::MissingTopic, "{problem}");
    assert!(problem.message.contains("missing") && problem.advice.contains("create the topic"), "{problem}");
    cluster.create_topic("missing", 1, 1).unwrap();
    produce(&producer(&cluster), "missing", 0, 0..2, 0);
    heard.until(&receiver, "its records", |heard| heard.count() == 2);
}

#[test]
fn deleted_records_are_counted_and_reading_goes_on_at_the_earliest() {
    // the mock broker keeps 5 MiB of a partition
    let cluster = cluster(&[("t", 1)]);
    let producer = producer(&cluster);
    produce(&producer, "t", 0, 0..700, 10_000);
    let (_source, receiver) =
        start(cluster.bootstrap_servers(), vec![subscription(3, &["t"], Start::Earliest)], &[("t", 0, 1)], options());
    let mut heard = Heard::default();
    heard.until(&receiver, "the end", |heard| !heard.ends.is_empty());
    let offsets = &heard.offsets[&("t".to_owned(), 0)];
    let [problem] = heard.problems.as_slice() else { panic!("one problem: {:?}", heard.problems) };
    let ProblemKind::RecordsLost { partition, from, to } = &problem.kind else { panic!("{problem}") };
    assert_eq!((partition.source, *from, *to), (3, 1, offsets[0]));
    assert_eq!(problem.lost_records() as i64, offsets[0] - 1);
    assert_eq!(*offsets, (offsets[0]..700).collect::<Vec<_>>());
}

#[test]
fn a_log_that_was_cut_off_is_told_and_read_from_its_beginning() {
    let cluster = cluster(&[("t", 2)]);
    let producer = producer(&cluster);
    produce(&producer, "t", 0, 0..4, 0);
    produce(&producer, "t", 1, 0..4, 0);
    let snapshot = [("t", 0, 99), ("t", 1, 2)];
    let (_source, receiver) =
        start(cluster.bootstrap_servers(), vec![subscription(0, &["t"], Start::Earliest)], &snapshot, options());
    let mut heard = Heard::default();
    heard.until(&receiver, "both ends", |heard| heard.ends.len() == 2);
    assert_eq!(heard.offsets[&("t".to_owned(), 0)], [0, 1, 2, 3]);
    assert_eq!(heard.offsets[&("t".to_owned(), 1)], [2, 3], "the other partition goes on undisturbed");
    let [problem] = heard.problems.as_slice() else { panic!("one problem: {:?}", heard.problems) };
    assert!(matches!(problem.kind, ProblemKind::LogCutOff { expected: 99, end: 4, .. }), "{problem}");
    assert_eq!(problem.lost_records(), 0);
}

#[test]
fn no_end_is_told_while_the_broker_does_not_answer() {
    let cluster = cluster(&[("t", 1)]);
    let producer = producer(&cluster);
    produce(&producer, "t", 0, 0..3, 0);
    let (_source, receiver) =
        start(cluster.bootstrap_servers(), vec![subscription(0, &["t"], Start::Earliest)], &[], options());
    let mut heard = Heard::default();
    heard.until(&receiver, "the end", |heard| !heard.ends.is_empty());
    let (_, first_at, quiet_since) = heard.ends[&("t".to_owned(), 0)][0];
    cluster.broker_down(1).unwrap();
    cluster.broker_down(2).unwrap();
    listen(&receiver, &mut heard, Duration::from_millis(500));
    heard.ends.clear();
    listen(&receiver, &mut heard, Duration::from_millis(1500));
    assert!(heard.ends.is_empty(), "{:?}", heard.ends);
    cluster.broker_up(1).unwrap();
    cluster.broker_up(2).unwrap();
    heard.until(&receiver, "the end again", |heard| !heard.ends.is_empty());
    let (_, at, still_quiet_since) = heard.ends[&("t".to_owned(), 0)][0];
    assert!(at > first_at);
    // on a machine that is so busy that the group gave the partition up, quiet since it was assigned anew
    let given_up = !heard.revoked.is_empty();
    assert!(given_up || still_quiet_since == quiet_since, "quiet since the last record, not since the outage");
}

#[test]
fn what_the_caller_commits_is_seen_by_lag_tools_and_does_not_move_the_start() {
    let cluster = cluster(&[("t", 1)]);
    produce(&producer(&cluster), "t", 0, 0..10, 0);
    let subscriptions = vec![subscription(0, &["t"], Start::Earliest)];
    let (source, receiver) = start(cluster.bootstrap_servers(), subscriptions.clone(), &[], options());
    let mut heard = Heard::default();
    heard.until(&receiver, "the end", |heard| !heard.ends.is_empty());
    source.commit(vec![("t".to_owned(), 0, 6), ("not.ours".to_owned(), 0, 6)]);
    let tool: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", cluster.bootstrap_servers())
        .set("group.id", "clarion-detect")
        .create()
        .unwrap();
    let mut asked = rdkafka::TopicPartitionList::new();
    asked.add_partition("t", 0);
    let deadline = Instant::now() + PATIENCE;
    loop {
        let committed = tool.committed_offsets(asked.clone(), PATIENCE).unwrap();
        if committed.elements()[0].offset() == rdkafka::Offset::Offset(6) {
            break;
        }
        assert!(Instant::now() < deadline, "never committed: {committed:?}");
    }
    source.stop();
    let (_source, receiver) = start(cluster.bootstrap_servers(), subscriptions, &[("t", 0, 8)], options());
    let mut again = Heard::default();
    again.until(&receiver, "the rest", |heard| !heard.ends.is_empty());
    assert_eq!(again.offsets[&("t".to_owned(), 0)], [8, 9]);
}

#[test]
fn two_instances_divide_the_partitions_and_the_second_ones_end_gives_them_back() {
    let cluster = cluster(&[("t", 4)]);
    let subscriptions = vec![subscription(0, &["t"], Start::Earliest)];
    let (_first, first_receiver) = start(cluster.bootstrap_servers(), subscriptions.clone(), &[], options());
    let mut first = Heard::default();
    first.until(&first_receiver, "all partitions", |heard| heard.assigned.len() == 4);
    let (second, second_receiver) = start(cluster.bootstrap_servers(), subscriptions, &[], options());
    first.until(&first_receiver, "two taken away", |heard| heard.revoked.len() == 2);
    let mut other = Heard::default();
    other.until(&second_receiver, "two partitions", |heard| heard.assigned.len() == 2);
    drop(second_receiver);
    second.stop();
    first.until(&first_receiver, "them back", |heard| heard.assigned.len() == 6);
}

#[test]
fn a_property_that_librdkafka_does_not_know_is_an_error_of_the_start() {
    let mut connection = KafkaConnection::plaintext(vec!["127.0.0.1:1".to_owned()]);
    connection.options = vec![("fetch.min.bites".to_owned(), "1".to_owned())];
    let (sender, _receiver) = sync_channel(1);
    let outcome = KafkaSource::start(&connection, vec![], Arc::new(|_, _| None), options(), sender);
    let error = outcome.err().map(|error| error.to_string()).unwrap_or_default();
    assert!(error.contains("fetch.min.bites") && error.contains("127.0.0.1:1"), "{error}");
}
