//! Decoding: the one-pass scanner beside `serde_json::Value` and a serde struct, on the same 600-byte events with the same
//! six fields. `cargo bench --bench decode --no-default-features`.
#![allow(clippy::unwrap_used, missing_docs, reason = "a benchmark")]

use std::fmt::Write as _;
use std::hint::black_box;
use std::sync::Arc;

use clarion::decode::{Decoder, DecoderSettings, Format};
use clarion::model::{FieldTable, Record, Timestamp};
use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use serde::Deserialize;

fn main() {
    divan::main();
}

const EVENTS: usize = 1000;

/// What a dozen detection rules about approvals read.
const FIELDS: [&str; 6] =
    ["event.action", "event.id", "user.name", "aigov.model.name", "aigov.model.version", "aigov.decision.outcome"];

/// Canonical events of about 600 bytes, as Python's `json.dumps` spaces them.
fn plain() -> Vec<Vec<u8>> {
    (0..EVENTS)
        .map(|number| {
            let mut event = String::new();
            write!(
                event,
                r#"{{"@timestamp": "2026-11-21T02:53:{:02}.698655Z", "event": {{"id": "3f2c9a1e-{number:04x}-4f6e-9a55-0b8f4c2d7e11", "action": "policy.decision", "outcome": "failure", "dataset": "aigov.policy_decision"}}, "user": {{"name": "user{}@example.com", "id": "u-{number}"}}, "source": {{"address": "10.0.{}.7:59943"}}, "aigov": {{"model": {{"name": "credit-risk-{}", "version": "{}"}}, "decision": {{"id": "d-{number}", "outcome": "deny", "kind": "policy"}}, "policy": {{"name": "aigov/deployment/allow", "revision": "W3sibCI6InN5cyJ9XQ"}}}}, "labels": {{"app": "validation-sidecar", "env": "prod", "region": "eu-central-1"}}, "metrics": {{"timer_rego_query_eval_ns": {}, "timer_server_handler_ns": 412000}}}}"#,
                number % 60, number % 97, number % 250, number % 13, number % 7, 50_000 + number,
            )
            .unwrap();
            event.into_bytes()
        })
        .collect()
}

/// OPA decision log events of about the same size.
fn opa() -> Vec<Vec<u8>> {
    (0..EVENTS)
        .map(|number| {
            format!(
                r#"{{"labels":{{"app":"validation-sidecar","id":"1780d507-aea2-45cc-ae50-fa153c8e4a5a","version":"1.10.0"}},"decision_id":"4ca636c1-55e4-417a-{number:04x}-4aceb67960d1","bundles":{{"aigov":{{"revision":"W3sibCI6InN5cy9jYXRhbG9nIiwicyI6NDA3MX1d"}}}},"path":"aigov/deployment/allow","input":{{"user":"user{}@example.com","action":"deploy","model":{{"name":"credit-risk-{}","version":"{}"}},"endpoint":{{"id":"ep-{}"}},"environment":"production"}},"result":false,"requested_by":"[::1]:59943","timestamp":"2026-11-21T02:53:{:02}.123456789Z","metrics":{{"timer_rego_query_eval_ns":{},"timer_server_handler_ns":412000}},"req_id":{number}}}"#,
                number % 97, number % 13, number % 7, number % 5, number % 60, 50_000 + number,
            )
            .into_bytes()
        })
        .collect()
}

/// MLflow webhook bodies, which are short.
fn mlflow() -> Vec<Vec<u8>> {
    (0..EVENTS)
        .map(|number| {
            format!(
                r#"{{"entity": "model_version_alias", "action": "created", "timestamp": "2026-11-21T02:53:{:02}.067030+00:00", "data": {{"name": "credit-risk-{}", "alias": "production", "version": "{}"}}}}"#,
                number % 60, number % 13, number % 7,
            )
            .into_bytes()
        })
        .collect()
}

fn scan(bencher: Bencher<'_, '_>, events: &[Vec<u8>], format: Format) {
    let mut fields = FieldTable::new();
    for name in FIELDS {
        fields.slot(name);
    }
    let mut decoder = Decoder::new(&DecoderSettings { format, ..DecoderSettings::default() }, &fields);
    let topic: Arc<str> = Arc::from("events");
    let bytes: usize = events.iter().map(Vec::len).sum();
    bencher.counter(ItemsCount::new(events.len())).counter(BytesCount::new(bytes)).bench_local(move || {
        let mut read = 0_usize;
        for value in events {
            let record =
                Record { topic: &topic, partition: 0, offset: 0, timestamp: None, headers: &[], value: Some(value) };
            decoder.decode(&record, &mut |event| {
                if let Ok((row, meta)) = event {
                    read += usize::from(meta.time.is_some());
                    black_box(row);
                }
            });
        }
        assert_eq!(read, events.len());
    });
}

#[divan::bench]
fn scanner_json(bencher: Bencher<'_, '_>) {
    scan(bencher, &plain(), Format::Json);
}

#[divan::bench]
fn scanner_auto(bencher: Bencher<'_, '_>) {
    scan(bencher, &plain(), Format::Auto);
}

#[divan::bench]
fn scanner_opa(bencher: Bencher<'_, '_>) {
    scan(bencher, &opa(), Format::OpaDecisionLog);
}

#[divan::bench]
fn scanner_opa_by_shape(bencher: Bencher<'_, '_>) {
    scan(bencher, &opa(), Format::Auto);
}

#[divan::bench]
fn scanner_mlflow(bencher: Bencher<'_, '_>) {
    scan(bencher, &mlflow(), Format::MlflowWebhook);
}

#[divan::bench]
fn serde_json_value(bencher: Bencher<'_, '_>) {
    let events = plain();
    let bytes: usize = events.iter().map(Vec::len).sum();
    let pointers = FIELDS.map(|name| format!("/{}", name.replace('.', "/")));
    bencher.counter(ItemsCount::new(events.len())).counter(BytesCount::new(bytes)).bench_local(move || {
        for event in &events {
            let tree: serde_json::Value = serde_json::from_slice(event).unwrap();
            for pointer in &pointers {
                black_box(tree.pointer(pointer).and_then(serde_json::Value::as_str).unwrap());
            }
            let time = tree.pointer("/@timestamp").and_then(serde_json::Value::as_str).unwrap();
            black_box(Timestamp::parse(time).unwrap());
        }
    });
}

#[derive(Deserialize)]
struct Event<'a> {
    #[serde(rename = "@timestamp", borrow)]
    timestamp: &'a str,
    #[serde(borrow)]
    event: What<'a>,
    #[serde(borrow)]
    user: Who<'a>,
    #[serde(borrow)]
    aigov: Domain<'a>,
}

#[derive(Deserialize)]
struct What<'a> {
    id: &'a str,
    action: &'a str,
}

#[derive(Deserialize)]
struct Who<'a> {
    name: &'a str,
}

#[derive(Deserialize)]
struct Domain<'a> {
    #[serde(borrow)]
    model: Model<'a>,
    #[serde(borrow)]
    decision: Decision<'a>,
}

#[derive(Deserialize)]
struct Model<'a> {
    name: &'a str,
    version: &'a str,
}

#[derive(Deserialize)]
struct Decision<'a> {
    outcome: &'a str,
}

#[divan::bench]
fn serde_struct(bencher: Bencher<'_, '_>) {
    let events = plain();
    let bytes: usize = events.iter().map(Vec::len).sum();
    bencher.counter(ItemsCount::new(events.len())).counter(BytesCount::new(bytes)).bench_local(move || {
        for bytes in &events {
            let event: Event<'_> = serde_json::from_slice(bytes).unwrap();
            black_box((event.event.id, event.event.action, event.user.name, event.aigov.decision.outcome));
            black_box((event.aigov.model.name, event.aigov.model.version));
            black_box(Timestamp::parse(event.timestamp).unwrap());
        }
    });
}
