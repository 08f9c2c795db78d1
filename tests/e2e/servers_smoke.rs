//! One round trip through each real server: it starts, takes something, gives it back, and still has it after a stop and
//! a restart. When one of these fails, look at the servers before the engine.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test, and the functions that only tests call")]

use std::time::{Duration, Instant};

use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use serde_json::{Value, json};

use crate::servers::{
    Elasticsearch, ElasticsearchOptions, Hec, HecOptions, Kafka, KafkaOptions, OpenSearch, OpenSearchVersion,
    ServerError, wait_until,
};

const SOON: Duration = Duration::from_secs(10);

#[test]
fn kafka_keeps_records_over_a_restart() -> Result<(), ServerError> {
    let mut kafka = Kafka::start(&KafkaOptions::default())?;
    kafka.create_topic("events", 3)?;
    kafka.produce("events", &[("a", b"1"), ("b", b"2"), ("a", b"3")])?;
    let records = kafka.read_all("events")?;
    assert_eq!(records.len(), 3);
    assert!(kafka.produce("unknown", &[("a", b"1")]).is_err(), "a topic came into being by itself");
    let of_a: Vec<_> = records.iter().filter(|record| record.key.as_deref() == Some(b"a")).collect();
    assert_eq!(of_a.iter().map(|record| record.partition).max(), of_a.iter().map(|record| record.partition).min());

    kafka.stop();
    assert!(std::net::TcpStream::connect(kafka.bootstrap()).is_err(), "a stopped broker listens");
    kafka.restart()?;
    assert_eq!(kafka.read_all("events")?, records);
    kafka.kill();
    kafka.restart()?;
    assert_eq!(kafka.read_all("events")?, records);
    Ok(())
}

#[test]
fn kafka_lets_in_only_who_trusts_and_knows_it() -> Result<(), ServerError> {
    let kafka = Kafka::start(&KafkaOptions::with_sasl())?;
    let right = &kafka.sasl_user().password;
    for mechanism in ["PLAIN", "SCRAM-SHA-512"] {
        let login = |ca: &std::path::Path, password: &str| {
            let mut config = ClientConfig::new();
            config.set("bootstrap.servers", kafka.sasl_bootstrap()).set("security.protocol", "sasl_ssl");
            config.set("ssl.ca.location", ca.to_string_lossy()).set("sasl.mechanism", mechanism);
            config.set("sasl.username", &kafka.sasl_user().name).set("sasl.password", password);
            let consumer: BaseConsumer = config.create().unwrap();
            consumer.fetch_metadata(None, Duration::from_secs(3)).is_ok()
        };
        assert!(login(kafka.ca_pem_path(), right), "{mechanism}\n{}", kafka.log_tail());
        assert!(!login(kafka.ca_pem_path(), "wrong"), "{mechanism} with a wrong password");
        assert!(!login(kafka.stranger_ca_pem_path(), right), "{mechanism} with a wrong authority");
    }
    Ok(())
}

#[test]
fn elasticsearch_keeps_documents_over_a_restart() -> Result<(), ServerError> {
    let mut node = Elasticsearch::start(&ElasticsearchOptions::default())?;
    let writer = node.writer_http()?;
    let template = json!({"index_patterns": ["logs-clarion.*"], "priority": 250});
    writer.expect("PUT", "/_index_template/logs-clarion", Some(&template))?;
    let index = "logs-clarion.alerts-default";
    assert_eq!(bulk(&writer, index, &["b", "a", "b"])?, [201, 201, 409]);
    assert_eq!(writer.send("GET", &format!("/{index}/_search"), None)?.status, 403, "the writer may search");
    assert_eq!(bulk(&writer, "other", &["a"])?, [403]);

    let found = node.search_all("logs-clarion.*")?;
    assert_eq!(ids(&found), ["a", "b"]);
    assert_eq!(found[0]["_version"], 1);
    assert_eq!(node.search_all("logs-nothing.*")?, [] as [Value; 0]);

    node.stop();
    assert!(writer.send("GET", "/", None).is_err(), "a stopped node answers");
    node.restart_with(&ElasticsearchOptions::default().coordinating_limit("1kb").max_content_length("8kb"))?;
    assert_eq!(node.search_all("logs-clarion.*")?, found);

    let too_many: Vec<String> = (0..30).map(|number| format!("more-{number}")).collect();
    let too_many: Vec<&str> = too_many.iter().map(String::as_str).collect();
    assert_eq!(send_bulk(&writer, index, &too_many)?.status, 429);
    assert_eq!(send_bulk(&writer, index, &vec!["x"; 300])?.status, 413);
    node.put_index_settings(index, &json!({"index.blocks.write": true}))?;
    assert_eq!(bulk(&writer, index, &["c"])?, [403]);
    Ok(())
}

#[test]
fn opensearch_keeps_documents_over_a_restart() -> Result<(), ServerError> {
    let mut node = OpenSearch::start(OpenSearchVersion::Three)?;
    assert_eq!(node.http().expect("GET", "/", None)?["version"]["distribution"], "opensearch");
    assert_eq!(bulk(node.http(), "alerts", &["b", "a", "b"])?, [201, 201, 409]);
    let found = node.search_all("alerts")?;
    assert_eq!(ids(&found), ["a", "b"]);
    node.stop();
    assert!(node.http().send("GET", "/", None).is_err(), "a stopped node answers");
    node.restart()?;
    assert_eq!(node.search_all("alerts")?, found);
    Ok(())
}

#[test]
fn hec_keeps_events_over_a_restart() -> Result<(), ServerError> {
    let mut hec = Hec::start(&HecOptions::with_ack())?;
    let sent = json!({
        "time": 1_795_229_631.5, "host": "h", "source": "clarion", "sourcetype": "clarion:alert", "index": "main",
        "event": {"id": "1", "risk": 3, "tags": ["a", "b"], "nested": {"deep": true}}, "fields": {"severity": "high"},
    });
    let channel = "channel=0b1f5a3e-0f4e-4a52-8a44-5f4c9b6f2a10";
    let path = format!("/services/collector/event?{channel}");
    let reply = hec.http().expect("POST", &path, Some(&sent))?;
    assert_eq!(reply["code"], 0);
    let id = reply["ackId"].as_u64().unwrap();
    let asked = json!({"acks": [id]});
    let poll = || hec.http().expect("POST", &format!("/services/collector/ack?{channel}"), Some(&asked));
    wait_until("the acknowledgement", SOON, poll, |acks| acks["acks"][id.to_string()] == true)?;
    let received = wait_until("the event", SOON, || hec.received(), |events| !events.is_empty())?;
    assert_eq!(received, std::slice::from_ref(&sent));

    hec.stop();
    assert!(hec.http().send("GET", "/", None).is_err(), "a stopped collector answers");
    hec.restart()?;
    assert_eq!(hec.received()?, [sent]);
    Ok(())
}

#[test]
fn hec_with_tls_refuses_a_wrong_token_and_a_large_body() -> Result<(), ServerError> {
    let hec = Hec::start(&HecOptions { tls: true, max_body_bytes: 1_000, ack: false })?;
    let event = json!({"event": "something"});
    let client = reqwest_client(&hec);
    let post = |token: &str, body: String| {
        let request = client.post(format!("{}/services/collector/event", hec.url()));
        request.header("authorization", format!("Splunk {token}")).body(body).send().unwrap().status().as_u16()
    };
    assert_eq!(post(hec.token(), event.to_string()), 200);
    assert_eq!(post("wrong", event.to_string()), 401);
    assert!(post(hec.token(), json!({"event": "x".repeat(2_000)}).to_string()) >= 400);
    wait_until("one event", SOON, || hec.received(), |events| events.len() == 1)?;
    Ok(())
}

/// A server that several tests share outlives the thread of the test that started it, and works inside a runtime.
#[tokio::test]
async fn a_server_outlives_the_thread_that_started_it() -> Result<(), ServerError> {
    let start = std::thread::spawn(|| Hec::start(&HecOptions::default()));
    let hec = start.join().unwrap()?;
    let started = Instant::now();
    let ask = || hec.http().send("GET", "/services/collector/health", None);
    wait_until("half a second", SOON, ask, |reply| reply.status == 200 && started.elapsed().as_millis() > 500)?;
    Ok(())
}

fn reqwest_client(hec: &Hec) -> reqwest::blocking::Client {
    let authority = reqwest::Certificate::from_pem(&std::fs::read(hec.ca_pem_path()).unwrap()).unwrap();
    reqwest::blocking::Client::builder().tls_certs_only([authority]).build().unwrap()
}

/// Creates documents with these ids and returns the status of each.
fn bulk(http: &crate::servers::Http, index: &str, ids: &[&str]) -> Result<Vec<u64>, ServerError> {
    let reply = send_bulk(http, index, ids)?;
    assert_eq!(reply.status, 200, "{}", reply.body);
    Ok(reply.body["items"].as_array().unwrap().iter().map(|item| item["create"]["status"].as_u64().unwrap()).collect())
}

fn send_bulk(http: &crate::servers::Http, index: &str, ids: &[&str]) -> Result<crate::servers::Reply, ServerError> {
    let lines = ids.iter().map(|id| {
        let action = json!({"create": {"_index": index, "_id": id}});
        format!("{action}\n{}\n", json!({"@timestamp": "2026-11-21T10:00:00Z", "message": id}))
    });
    http.send_text("POST", "/_bulk", "application/x-ndjson", Some(lines.collect()))
}

fn ids(hits: &[Value]) -> Vec<&str> {
    hits.iter().map(|hit| hit["_id"].as_str().unwrap()).collect()
}
