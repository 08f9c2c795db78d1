//! The whole path: native records in Apache Kafka, the program as a process, documents in Elasticsearch (TLS, security)
//! and at an HEC receiver with acknowledgement. What must arrive is computed by the pure machine over the same records,
//! and every document is compared byte for byte.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use clarion::alert::{document, metric_document};
use clarion::correlate::Limits;
use clarion::decode::{DecoderSettings, Format, known_logsources};
use clarion::demo::generator::{
    DECISION_LOG_TOPIC, EVIDENTLY_TOPIC, GeneratedRecord, GeneratorSettings, JIRA_TOPIC, MLFLOW_TOPIC, OPA_TOPIC, Week,
    generate,
};
use clarion::demo::{Found, Verdict, shipped_rules};
use clarion::model::{Alert, Header, Metric, Record, Span, Timestamp};
use clarion::pipeline::{Arrival, Core, CoreSource, Output};
use clarion::rule::load_texts;
use clarion::rule::plan::SourceSpec;
use clarion::telemetry::clock;
use rdkafka::ClientConfig;
use rdkafka::message::OwnedHeaders;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use serde_json::{Value, json};

use crate::engine::Workspace;
use crate::servers::{Elasticsearch, ElasticsearchOptions, Hec, HecOptions, Kafka, KafkaOptions, wait_until};

const INDICES: &str = "logs-clarion.alerts-*";
/// Those that raise alerts, and two series: of all of them a week has some 100,000 values, which `panels` looks at.
const RULES: [&str; 3] = ["rules/base", "rules/mission", "rules/metrics/drift_"];
const METRICS: &str = "metrics-clarion.governance-*";
const SOON: Duration = Duration::from_secs(90);
/// Longer than any test: only what is read moves a watermark.
const NEVER: &str = "1h";
pub(crate) const TOPICS: [(&str, &str); 5] = [
    (MLFLOW_TOPIC, "mlflow_webhook"),
    (OPA_TOPIC, "opa_decision_log"),
    (EVIDENTLY_TOPIC, "evidently"),
    (DECISION_LOG_TOPIC, "chained_decision_log"),
    (JIRA_TOPIC, "jira"),
];
pub(crate) const PARTITIONS: [i32; 5] = [1, 3, 1, 1, 1];

/// 2026-10-05, a Monday.
const START: Timestamp = Timestamp(1_791_158_400_000_000_000);

fn week() -> Week {
    generate(&GeneratorSettings { events: 6_000, ..GeneratorSettings::new(11, START) })
}

/// Where a record goes: its topic's partitions in turn.
pub(crate) struct Placed<'a> {
    record: &'a GeneratedRecord,
    partition: i32,
    offset: i64,
}

pub(crate) fn place(records: &[GeneratedRecord]) -> Vec<Placed<'_>> {
    let mut next: BTreeMap<(&str, i32), i64> = BTreeMap::new();
    let mut turn: BTreeMap<&str, i32> = BTreeMap::new();
    records
        .iter()
        .map(|record| {
            let partitions = TOPICS.iter().zip(PARTITIONS).find(|((topic, _), _)| *topic == record.topic).unwrap().1;
            let turn = turn.entry(record.topic).or_insert(0);
            let partition = *turn % partitions;
            *turn += 1;
            let offset = next.entry((record.topic, partition)).or_insert(0);
            *offset += 1;
            Placed { record, partition, offset: *offset - 1 }
        })
        .collect()
}

pub(crate) fn produce(bootstrap: &str, placed: &[Placed<'_>]) {
    let producer: BaseProducer =
        ClientConfig::new().set("bootstrap.servers", bootstrap).set("enable.idempotence", "true").create().unwrap();
    for Placed { record, partition, .. } in placed {
        let mut headers = OwnedHeaders::new();
        for (name, value) in &record.headers {
            headers = headers.insert(rdkafka::message::Header { key: name, value: Some(value) });
        }
        let message = BaseRecord::<str, [u8]>::to(record.topic)
            .partition(*partition)
            .payload(&record.value)
            .headers(headers)
            .timestamp(record.event_time.millis());
        producer.send(message).map_err(|(error, _)| error).unwrap();
        producer.poll(Duration::ZERO);
    }
    producer.flush(Duration::from_secs(30)).unwrap();
}

/// What the pure machine says.
pub(crate) struct Expected {
    /// The document of the last revision of each alert, by id.
    pub(crate) documents: BTreeMap<String, Value>,
    /// All revisions.
    revisions: BTreeSet<(String, u64)>,
    /// The last revisions.
    pub(crate) alerts: Vec<Alert>,
    /// Values of series.
    pub(crate) metrics: Vec<Metric>,
}

/// Whether a shipped rule is one of [`RULES`].
fn is_run(name: &str) -> bool {
    RULES.iter().any(|one| name.starts_with(one))
}

/// What the pure machine says of these records, when nothing has come after them until now.
fn expected(placed: &[Placed<'_>]) -> Expected {
    let rules = shipped_rules().into_iter().filter(|(name, _)| is_run(name)).collect();
    expected_until(placed, clock::now(), rules)
}

/// What the pure machine says of these records, when all partitions have been silent until a time behind them.
pub(crate) fn expected_until(
    placed: &[Placed<'_>],
    silent_until: Timestamp,
    rules: Vec<(Arc<str>, String)>,
) -> Expected {
    let rules = load_texts(rules).set.unwrap();
    let sources = TOPICS
        .iter()
        .map(|(topic, format)| {
            let format: Format = format.parse().unwrap();
            CoreSource {
                spec: SourceSpec {
                    name: (*topic).to_owned(),
                    lateness: Span::seconds(60),
                    logsources: known_logsources(format),
                },
                decoder: DecoderSettings { format, ..DecoderSettings::default() },
                max_future_skew: Span::seconds(300),
            }
        })
        .collect();
    let mut core = Core::new(rules, sources, Limits::default(), 1, false);
    let mut out = Output::default();
    for Placed { record, partition, offset } in placed {
        let source = TOPICS.iter().position(|(topic, _)| *topic == record.topic).unwrap();
        let topic: Arc<str> = record.topic.into();
        let headers: Vec<Header<'_>> = record.headers.iter().map(|(name, value)| Header { name, value }).collect();
        let lent = Record {
            topic: &topic,
            partition: *partition,
            offset: *offset,
            timestamp: Some(Timestamp::from_millis(record.event_time.millis())),
            headers: &headers,
            value: Some(&record.value),
        };
        let now = record.event_time.plus(Span::seconds(60));
        core.take(source, &lent, Arrival::At(now), &mut out);
    }
    for Placed { record, partition, .. } in placed {
        let source = TOPICS.iter().position(|(topic, _)| *topic == record.topic).unwrap();
        let progress = core.engine().progress();
        let partition = progress.partition(u32::try_from(source).unwrap(), &record.topic.into(), *partition);
        progress.idle(partition, silent_until);
    }
    core.advance(&mut out);
    assert!(out.faults.is_empty(), "{:?}", out.faults.first());
    let mut last: BTreeMap<String, Alert> = BTreeMap::new();
    let revisions = out.alerts.iter().map(|alert| (alert.id.to_string(), alert.revision)).collect();
    for alert in out.alerts {
        let id = alert.id.to_string();
        if last.get(&id).is_none_or(|known| known.revision < alert.revision) {
            last.insert(id, alert);
        }
    }
    let documents = last.iter().map(|(id, alert)| (id.clone(), document(alert))).collect();
    Expected { documents, revisions, alerts: last.into_values().collect(), metrics: out.metrics }
}

/// What the index holds, by id, without the time at which the sink sent it; the version must be the revision.
pub(crate) fn indexed(node: &Elasticsearch) -> BTreeMap<String, Value> {
    // an index that was made a moment ago cannot be searched yet: it holds nothing that is missed
    let hits = node.search_all(INDICES).unwrap_or_default();
    let documents = hits.into_iter().map(|hit| {
        let mut source = hit["_source"].clone();
        assert!(source["event"].as_object_mut().unwrap().remove("ingested").is_some());
        assert_eq!(hit["_version"], source["alert"]["revision"]);
        (hit["_id"].as_str().unwrap().to_owned(), source)
    });
    documents.collect()
}

/// The alerts that the receiver has: id and revision of each.
fn received(hec: &Hec) -> BTreeSet<(String, u64)> {
    let events = hec.received().unwrap();
    events
        .iter()
        .filter(|event| event["sourcetype"] != "clarion:metric")
        .map(|event| {
            let alert = &event["event"]["alert"];
            (alert["id"].as_str().unwrap().to_owned(), alert["revision"].as_u64().unwrap())
        })
        .collect()
}

/// The documents of values up to the last event, by id: behind it there are more with every hour of silence.
fn values(documents: impl Iterator<Item = Value>, placed: &[Placed<'_>]) -> BTreeMap<String, Value> {
    let last = placed.iter().map(|one| one.record.event_time).max().unwrap();
    let time = |document: &Value| Timestamp::parse(document["@timestamp"].as_str().unwrap()).unwrap();
    let in_time = documents.filter(|document| time(document) <= last).map(|mut document| {
        // the collector writes 0.0 as 0
        let value = &mut document["clarion"]["metric"]["value"];
        *value = json!(value.as_f64());
        document
    });
    in_time.map(|document| (document["event"]["id"].as_str().unwrap().to_owned(), document)).collect()
}

/// The values that the index and the receiver hold are those of the pure machine, and no others.
fn assert_values(metrics: &[Metric], placed: &[Placed<'_>], node: &Elasticsearch, hec: &Hec) {
    let expected = values(metrics.iter().map(metric_document), placed);
    assert!(!expected.is_empty());
    let indexed = node.search_all(METRICS).unwrap().into_iter().map(|mut hit| {
        assert!(hit["_source"]["event"].as_object_mut().unwrap().remove("ingested").is_some());
        hit["_source"].take()
    });
    let received = hec.received().unwrap().into_iter().filter(|event| event["sourcetype"] == "clarion:metric");
    for found in [values(indexed, placed), values(received.map(|mut event| event["event"].take()), placed)] {
        let odd = found.iter().find(|(id, document)| expected.get(*id) != Some(document));
        assert_eq!((odd, found.len()), (None, expected.len()));
    }
}

pub(crate) fn kafka_with_topics() -> Kafka {
    let kafka = Kafka::start(&KafkaOptions::default()).unwrap();
    for ((topic, _), partitions) in TOPICS.iter().zip(PARTITIONS) {
        // the week lies behind the broker's usual retention
        kafka.create_topic_with(topic, partitions, &[("retention.ms", "-1")]).unwrap();
    }
    kafka
}

/// Reads fields that no other rule reads, and matches nothing.
const LATER: &str = "
title: Never
name: never
logsource: {category: model_registry}
detection: {s: {aigov.never: true, a.field: of its own}, condition: s}
---
title: Never twice
name: never_twice
correlation: {type: event_count, rules: [never], group-by: [another.field], timespan: 1h, condition: {gte: 2}}
";

#[test]
fn killed_half_way_and_started_again_the_documents_are_exactly_those() {
    let week = week();
    let placed = place(&week.records);
    let Expected { documents, revisions, alerts, metrics } = expected(&placed);
    let verdict = Verdict::of(&week.planted, &alerts.iter().filter_map(Found::of).collect());
    assert!(verdict.is_right(), "missed {:?}, unexpected {:?}", verdict.missed, verdict.unexpected);

    let kafka = kafka_with_topics();
    let node = Elasticsearch::start(&ElasticsearchOptions::default()).unwrap();
    let hec = Hec::start(&HecOptions::with_ack()).unwrap();
    let mut workspace = Workspace::new(&kafka.bootstrap());
    workspace.shipped_rules(is_run);
    workspace.elasticsearch(&node);
    workspace.splunk(&hec);

    // kills at several places: before the first snapshot, in the middle, behind the last record
    let (first, rest) = placed.split_at(placed.len() / 2);
    let (second, third) = rest.split_at(rest.len() / 2);
    produce(&kafka.bootstrap(), first);
    let engine = workspace.start(&TOPICS, NEVER);
    let some = wait_until("the first alerts", SOON, || Ok(indexed(&node).len()), |count| *count >= 1);
    some.unwrap_or_else(|error| panic!("{error}\n{}", workspace.log_tail()));
    engine.kill();

    produce(&kafka.bootstrap(), second);
    let engine = workspace.start(&TOPICS, NEVER);
    wait_until("a snapshot", SOON, || Ok(workspace.has_snapshot()), |there| *there).unwrap();
    engine.kill();

    // the rules that were there go on from the snapshot, though everything in them has another number now
    workspace.add_rule("a_rule_that_comes_later.yml", LATER);
    produce(&kafka.bootstrap(), third);
    let mut engine = workspace.start(&TOPICS, "2s");
    let all = wait_until(
        "all documents",
        SOON,
        || Ok((indexed(&node), received(&hec))),
        |(indexed, received)| *indexed == documents && *received == revisions,
    );
    if all.is_err() {
        let (indexed, received) = (indexed(&node), received(&hec));
        let odd: Vec<_> =
            indexed.iter().filter(|(id, document)| documents.get(*id) != Some(document)).take(2).collect();
        let missing: Vec<_> = documents.keys().filter(|id| !indexed.contains_key(*id)).collect();
        let unsent: Vec<_> = revisions.difference(&received).collect();
        panic!("odd {odd:#?}\nmissing {missing:?}\nnot received {unsent:?}\n{}", workspace.log_tail());
    }
    assert!(engine.is_running());
    assert_eq!(engine.stop(Duration::from_secs(20)), Some(0), "{}", workspace.log_tail());
    assert_eq!(workspace.dead_letters(), Vec::<Value>::new());
    // nothing more came while it drained
    assert_eq!(indexed(&node), documents);
    assert_values(&metrics, &placed, &node, &hec);
}

#[test]
fn while_elasticsearch_is_away_nothing_is_lost_and_splunk_goes_on() {
    let week = week();
    let placed = place(&week.records);
    let Expected { documents, revisions, metrics, .. } = expected(&placed);

    let kafka = kafka_with_topics();
    let mut node = Elasticsearch::start(&ElasticsearchOptions::default()).unwrap();
    let hec = Hec::start(&HecOptions::with_ack()).unwrap();
    let mut workspace = Workspace::new(&kafka.bootstrap());
    workspace.shipped_rules(is_run);
    workspace.elasticsearch(&node);
    workspace.splunk(&hec);

    let (first, second) = placed.split_at(placed.len() / 2);
    produce(&kafka.bootstrap(), first);
    let engine = workspace.start(&TOPICS, NEVER);
    wait_until("the first alerts", SOON, || Ok(indexed(&node).len()), |count| *count >= 1).unwrap();
    let before = received(&hec).len();

    node.stop();
    produce(&kafka.bootstrap(), second);
    let more = wait_until("the receiver to get more", SOON, || Ok(received(&hec).len()), |count| *count > before + 2);
    more.unwrap_or_else(|error| panic!("{error}\n{}", workspace.log_tail()));
    // killed while one sink is owed alerts: they are in the snapshot
    engine.kill();
    let engine = workspace.start(&TOPICS, "2s");
    let all =
        wait_until("the receiver to have everything", SOON, || Ok(received(&hec)), |received| *received == revisions);
    all.unwrap_or_else(|error| panic!("{error}\n{}", workspace.log_tail()));

    node.restart().unwrap();
    let all = wait_until("the index to have everything", SOON, || Ok(indexed(&node)), |indexed| *indexed == documents);
    all.unwrap_or_else(|error| panic!("{error}\n{}", workspace.log_tail()));
    assert_eq!(engine.stop(Duration::from_secs(20)), Some(0));
    assert_values(&metrics, &placed, &node, &hec);
}

#[test]
fn what_cannot_be_used_is_buried_with_its_place_and_the_stream_goes_on() {
    let kafka = Kafka::start(&KafkaOptions::default()).unwrap();
    kafka.create_topic_with("plain", 1, &[("retention.ms", "-1")]).unwrap();
    let deny = |second: u32| {
        json!({
            "@timestamp": format!("2026-10-05T08:00:{second:02}Z"),
            "logsource": {"category": "policy_decision", "product": "opa", "service": "decision_log"},
            "event": {"action": "policy.decision", "id": format!("d{second}")},
            "aigov": {"decision": {"outcome": "deny"}, "endpoint": {"id": "loan"}},
        })
        .to_string()
        .into_bytes()
    };
    let deep = format!("{}1{}", "[".repeat(1000), "]".repeat(1000)).into_bytes();
    let bad: Vec<Vec<u8>> = vec![
        b"{\"cut\":".to_vec(),
        b"no json".to_vec(),
        vec![0xff, 0xfe, 0x00],
        deep,
        b"{\"@timestamp\":\"2026-10-05T08:00:00Z\",\"aigov\":{\"endpoint\":{\"id\":1,\"id\":2}}}".to_vec(),
    ];
    let mut values: Vec<Vec<u8>> = Vec::new();
    for (second, bad) in (0_u32..).zip(&bad) {
        values.push(deny(second));
        values.push(bad.clone());
    }
    let records: Vec<(&str, &[u8])> = values.iter().map(|value| ("k", value.as_slice())).collect();
    kafka.produce("plain", &records).unwrap();

    let hec = Hec::start(&HecOptions::with_ack()).unwrap();
    let mut workspace = Workspace::new(&kafka.bootstrap());
    workspace.shipped_rules(is_run);
    workspace.splunk(&hec);
    let engine = workspace.start(&[("plain", "json")], "2s");
    let alert = wait_until("the streak", SOON, || Ok(received(&hec).len()), |count| *count == 2);
    alert.unwrap_or_else(|error| panic!("{error}\n{}", workspace.log_tail()));
    assert_eq!(engine.stop(Duration::from_secs(20)), Some(0));

    let letters = workspace.dead_letters();
    let found: Vec<(i64, &str)> =
        letters.iter().map(|letter| (letter["offset"].as_i64().unwrap(), letter["kind"].as_str().unwrap())).collect();
    let kinds: Vec<&str> = found.iter().map(|(_, kind)| *kind).collect();
    assert_eq!(found.iter().map(|(offset, _)| *offset).collect::<Vec<_>>(), [1, 3, 5, 7, 9], "{kinds:?}");
    assert_eq!(kinds, ["truncated", "not_json", "not_utf8", "too_deep", "duplicate_key"]);
    assert_eq!(letters[1]["raw"], json!("no json"));
    assert_eq!(letters[2]["raw_base64"], json!("//4A"));
}
