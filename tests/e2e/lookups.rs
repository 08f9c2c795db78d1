//! Lookup tables and rules that change while the engine runs: a compacted topic of a real Kafka, an address of a real HTTP
//! server in this process, and rule files with SIGHUP.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use rdkafka::ClientConfig;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use serde_json::{Value, json};

use crate::engine::Workspace;
use crate::servers::{Kafka, KafkaOptions, wait_until};

const SOON: Duration = Duration::from_secs(90);
const EVENTS: [(&str, &str); 1] = [("events", "json")];
const TOOK_UP: &str = "goes on with what has changed";

const LISTED: &str = "
title: A listed endpoint was used
id: 5a1d7b1e-6f3b-4a55-9d0e-000000000001
level: high
logsource: {category: test}
detection: {listed: {endpoint|expand: '%endpoints%'}, condition: listed}
";

fn kafka() -> Kafka {
    let kafka = Kafka::start(&KafkaOptions::default()).unwrap();
    kafka.create_topic_with("events", 1, &[("retention.ms", "-1")]).unwrap();
    kafka
}

/// Writes events that use these endpoints; each has its name as its id.
fn produce(kafka: &Kafka, events: &[(&str, &str)]) {
    let values: Vec<Vec<u8>> = events
        .iter()
        .map(|(id, endpoint)| {
            let event = json!({
                "@timestamp": "2026-10-05T08:00:00Z", "logsource": {"category": "test"},
                "event": {"id": id}, "endpoint": endpoint,
            });
            event.to_string().into_bytes()
        })
        .collect();
    let records: Vec<(&str, &[u8])> = values.iter().map(|value| ("k", value.as_slice())).collect();
    kafka.produce("events", &records).unwrap();
}

/// Writes rows of the table, or removes them.
fn write_rows(kafka: &Kafka, rows: &[(&str, Option<&str>)]) {
    let producer: BaseProducer = ClientConfig::new().set("bootstrap.servers", kafka.bootstrap()).create().unwrap();
    for (key, row) in rows {
        let record = BaseRecord::to("tables.endpoints").key(*key);
        let record = if let Some(row) = row { record.payload(*row) } else { record };
        producer.send(record).map_err(|(error, _)| error).unwrap();
    }
    producer.flush(SOON).unwrap();
}

/// Which events were alerted, by their offsets, with the alert.
fn alerted(workspace: &Workspace) -> Vec<(i64, Value)> {
    let alerts = workspace.alerts().into_iter();
    let mut alerted: Vec<(i64, Value)> = alerts.map(|alert| (offset(&alert), alert)).collect();
    alerted.sort_by_key(|(offset, _)| *offset);
    alerted.dedup();
    alerted
}

fn offset(alert: &Value) -> i64 {
    alert["events"][0]["offset"].as_i64().unwrap_or_else(|| panic!("{alert:#}"))
}

fn version(alert: &Value) -> String {
    let lookups = &alert["rule"]["lookups"];
    lookups[0]["version"].as_str().unwrap_or_else(|| panic!("{lookups}")).to_owned()
}

fn until(workspace: &Workspace, what: &str, done: impl Fn() -> bool) {
    let waited = wait_until(what, SOON, || Ok(done()), |done| *done);
    waited.unwrap_or_else(|error| panic!("{error}\n{}", workspace.log_tail()));
}

fn until_alerted(workspace: &Workspace, offsets: &[i64]) {
    until(workspace, &format!("alerts of {offsets:?}"), || {
        alerted(workspace).iter().map(|(offset, _)| *offset).eq(offsets.iter().copied())
    });
}

#[test]
fn a_row_of_a_compacted_topic_begins_to_match_and_a_kill_behind_it_decides_nothing_otherwise() {
    let kafka = kafka();
    let compacted = [("cleanup.policy", "compact")];
    kafka.create_topic_with("tables.endpoints", 2, &compacted).unwrap();
    write_rows(&kafka, &[("loan", Some(r#"{"owner": "risk"}"#)), ("old", Some("1")), ("old", None)]);
    let mut workspace = Workspace::new(&kafka.bootstrap());
    workspace.file();
    workspace.only_rule("listed.yml", LISTED);
    workspace.lookup("endpoints", json!({"kafka": {"topic": "tables.endpoints"}}));
    // long enough to be killed between two
    workspace.snapshot_interval("10s");
    let engine = workspace.start(&EVENTS, "1h");

    // 0: not listed yet, 1: listed from the start, 2: not listed any more
    produce(&kafka, &[("a0", "fraud"), ("a1", "loan"), ("a2", "old")]);
    until_alerted(&workspace, &[1]);
    let first = version(&alerted(&workspace)[0].1);
    write_rows(&kafka, &[("fraud", Some(r#"{"owner": "risk"}"#))]);
    until(&workspace, "the new table", || workspace.times_logged(&[TOOK_UP]) == 1);
    produce(&kafka, &[("a3", "fraud")]);
    until_alerted(&workspace, &[1, 3]);
    let before = alerted(&workspace);
    let second = version(&before[1].1);
    assert_ne!(first, second);
    engine.kill();

    // what was decided since the last snapshot is decided again by the table of then, though there is another one by now
    workspace.lose_alerts();
    write_rows(&kafka, &[("fraud", None), ("loan", None), ("third", Some("1"))]);
    let engine = workspace.start(&EVENTS, "1h");
    until_alerted(&workspace, &[3]);
    assert_eq!(alerted(&workspace), before[1..]);
    until(&workspace, "the newest table", || workspace.times_logged(&[TOOK_UP]) == 2);
    produce(&kafka, &[("a4", "fraud"), ("a5", "loan"), ("a6", "third")]);
    until_alerted(&workspace, &[3, 6]);
    let third = version(&alerted(&workspace)[1].1);
    assert!(third != first && third != second);
    assert_eq!(engine.stop(Duration::from_secs(20)), Some(0), "{}", workspace.log_tail());
    let offsets: Vec<i64> = alerted(&workspace).iter().map(|(offset, _)| *offset).collect();
    assert_eq!(offsets, [3, 6]);
    assert_eq!(workspace.dead_letters(), Vec::<Value>::new());
}

/// What the server of a table answers, and what it was asked.
#[derive(Default)]
struct Served {
    status: u16,
    body: String,
    /// Answers that the table is as it was.
    unchanged: usize,
    refused: usize,
}

type Shared = Arc<Mutex<Served>>;

async fn answer(State(served): State<Shared>, headers: HeaderMap) -> Response {
    let mut served = served.lock().unwrap();
    let said = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if said(header::AUTHORIZATION) != "Bearer table-token" {
        served.refused += 1;
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let etag = format!("\"{}\"", served.body.len());
    if served.status == 200 && said(header::IF_NONE_MATCH) == etag {
        served.unchanged += 1;
        return StatusCode::NOT_MODIFIED.into_response();
    }
    let headers = [(header::CONTENT_TYPE, "text/csv".to_owned()), (header::ETAG, etag)];
    (StatusCode::from_u16(served.status).unwrap(), headers, served.body.clone()).into_response()
}

/// Serves the table on a thread of its own until the test process ends.
fn serve(served: Shared) -> SocketAddr {
    let (sender, address) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            sender.send(listener.local_addr().unwrap()).unwrap();
            axum::serve(listener, Router::new().route("/endpoints", get(answer)).with_state(served)).await.unwrap();
        });
    });
    address.recv().unwrap()
}

const SECOND_RULE: &str = "
title: The loan endpoint was used while risk owned it
id: 5a1d7b1e-6f3b-4a55-9d0e-000000000002
level: low
logsource: {category: test}
detection: {owned: {endpoint: loan, owner.name: risk}, condition: owned}
";

#[test]
fn a_table_at_an_address_and_changed_rules_are_taken_up_and_what_is_broken_is_not() {
    let served: Shared = Arc::new(Mutex::new(Served { status: 503, ..Served::default() }));
    let address = serve(Arc::clone(&served));
    let set = |status: u16, body: &str| {
        let mut served = served.lock().unwrap();
        (served.status, served.body) = (status, body.to_owned());
    };
    let kafka = kafka();
    let mut workspace = Workspace::new(&kafka.bootstrap());
    workspace.file();
    let rules = workspace.only_rule("listed.yml", LISTED);
    let token = workspace.secret("table-token", "table-token");
    workspace.lookup(
        "endpoints",
        json!({"url": format!("http://{address}/endpoints"), "refresh": "200ms", "auth": {"bearer": token}}),
    );
    workspace.enrich(json!({"lookup": "endpoints", "key": "endpoint", "fields": {"owner": "owner.name"}}));
    let engine = workspace.start(&EVENTS, "1h");
    // nothing begins without the table
    until(&workspace, "the first refusal", || workspace.has_logged(&["nothing begins without it", "503"]));
    set(200, "name,owner\nloan,risk\n");
    produce(&kafka, &[("a0", "loan"), ("a1", "fraud")]);
    until_alerted(&workspace, &[0]);
    until(&workspace, "an answer that nothing has changed", || served.lock().unwrap().unchanged > 0);

    set(200, "name,owner\nloan,risk\nfraud,risk\n");
    until(&workspace, "the new table", || workspace.times_logged(&[TOOK_UP]) == 1);
    produce(&kafka, &[("a2", "fraud")]);
    until_alerted(&workspace, &[0, 2]);
    let versions: Vec<String> = alerted(&workspace).iter().map(|(_, alert)| version(alert)).collect();
    assert_ne!(versions[0], versions[1]);

    // a broken table and a server that is down change nothing
    set(200, "name,owner\nonly\n");
    until(&workspace, "the broken table", || workspace.has_logged(&["the one in use stays", "line 2: 1 values"]));
    set(500, "");
    until(&workspace, "the broken server", || workspace.has_logged(&["the one in use stays", "500"]));

    // a rule comes in with SIGHUP; a set with an error is refused, and both rules go on
    std::fs::write(rules.join("retired.yml"), SECOND_RULE).unwrap();
    engine.hang_up();
    until(&workspace, "the new rule", || workspace.times_logged(&[TOOK_UP, "rules"]) == 1);
    std::fs::write(rules.join("broken.yml"), "title: Broken\nlogsource: {category: test}\n").unwrap();
    std::fs::remove_file(rules.join("listed.yml")).unwrap();
    engine.hang_up();
    until(&workspace, "the refusal", || workspace.has_logged(&["refused as a whole"]));
    produce(&kafka, &[("a3", "loan"), ("a4", "fraud")]);
    // the second rule sees the owner, which only the table says
    until_alerted(&workspace, &[0, 2, 3, 3, 4]);
    assert_eq!(engine.stop(Duration::from_secs(20)), Some(0), "{}", workspace.log_tail());

    // without a signal too, if so configured
    std::fs::remove_file(rules.join("broken.yml")).unwrap();
    set(200, "name,owner\nfraud,risk\n");
    workspace.watch_rules("200ms");
    let engine = workspace.start(&EVENTS, "1h");
    until(&workspace, "the engine to run", || workspace.times_logged(&["continuing from the snapshot"]) == 1);
    let taken_up = workspace.times_logged(&[TOOK_UP, "rules"]);
    std::fs::write(rules.join("listed.yml"), LISTED).unwrap();
    until(&workspace, "the changed rules", || workspace.times_logged(&[TOOK_UP, "rules"]) == taken_up + 1);
    produce(&kafka, &[("a5", "fraud")]);
    until_alerted(&workspace, &[0, 2, 3, 3, 4, 5]);
    assert_eq!(engine.stop(Duration::from_secs(20)), Some(0), "{}", workspace.log_tail());
    assert_eq!(served.lock().unwrap().refused, 0);
}
