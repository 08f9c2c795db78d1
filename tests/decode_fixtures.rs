//! Every fixture below `tests/fixtures` decodes to the canonical form beside it, by shape and by configured format alike;
//! the canonical form is valid against the schema of its kind, and reads back as itself.
//!
//! `UPDATE_FIXTURES=1 cargo test --test decode_fixtures` writes the expectations anew: read the difference before
//! committing it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "test code")]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clarion::decode::{CANONICAL_FIELDS, Decoder, DecoderSettings, Format, known_logsources};
use clarion::model::{FieldTable, Header, Record, Scalar};
use serde_json::{Map, Value, json};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

/// Fixtures of all sources, sorted; what stands beside them left out.
fn fixtures() -> Vec<PathBuf> {
    let mut found = Vec::new();
    for folder in std::fs::read_dir(root()).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()) {
        for file in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            let name = file.file_name().unwrap().to_string_lossy().into_owned();
            if !name.ends_with(".expected.json") && !name.ends_with(".headers.json") {
                found.push(file);
            }
        }
    }
    found.sort();
    found
}

fn source_of(fixture: &Path) -> String {
    fixture.parent().unwrap().file_name().unwrap().to_string_lossy().into_owned()
}

/// The format that a source of this folder would be configured with.
fn format_of(fixture: &Path) -> Format {
    match source_of(fixture).as_str() {
        "mlflow" => Format::MlflowWebhook,
        "opa" => Format::OpaDecisionLog,
        "evidently" => Format::Evidently,
        "git" => Format::GitDecisionLog,
        "decision_log" => Format::ChainedDecisionLog,
        "jira" => Format::Jira,
        "servicenow" => Format::ServiceNow,
        _ => Format::Auto,
    }
}

fn beside(fixture: &Path, suffix: &str) -> PathBuf {
    let name = fixture.file_name().unwrap().to_string_lossy().into_owned();
    let stem = name.split_once(".json").map_or(name.as_str(), |(stem, _)| stem);
    fixture.with_file_name(format!("{stem}.{suffix}.json"))
}

/// The records of a fixture: a line each for `.jsonl`, else the whole file.
fn records(fixture: &Path) -> Vec<Vec<u8>> {
    let bytes = std::fs::read(fixture).unwrap();
    if fixture.extension().is_some_and(|extension| extension == "jsonl") {
        bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(<[u8]>::to_vec).collect()
    } else {
        vec![bytes]
    }
}

fn headers(fixture: &Path) -> Vec<(String, String)> {
    let Ok(text) = std::fs::read_to_string(beside(fixture, "headers")) else { return Vec::new() };
    let map: Map<String, Value> = serde_json::from_str(&text).unwrap();
    map.into_iter().map(|(name, value)| (name, value.as_str().unwrap().to_owned())).collect()
}

fn value_of(scalar: &Scalar<'_>) -> Value {
    match scalar {
        Scalar::Null => Value::Null,
        Scalar::Bool(value) => json!(value),
        Scalar::Number(spelled) => serde_json::from_str(spelled).unwrap_or_else(|_| json!(spelled)),
        Scalar::Text(text) => json!(text),
    }
}

fn put(object: &mut Map<String, Value>, name: &str, value: Value) {
    match name.split_once('.') {
        None => drop(object.insert(name.to_owned(), value)),
        Some((first, rest)) => {
            let inner = object.entry(first).or_insert_with(|| json!({}));
            put(inner.as_object_mut().unwrap(), rest, value);
        }
    }
}

/// The canonical forms of all events of these records, or the kinds of their faults.
fn decode(records: &[Vec<u8>], headers: &[(String, String)], format: Format, extra: &[&str]) -> Vec<Value> {
    let mut fields = FieldTable::new();
    for name in CANONICAL_FIELDS.iter().chain(extra) {
        fields.slot(name);
    }
    let mut decoder = Decoder::new(&DecoderSettings { format, ..DecoderSettings::default() }, &fields);
    let topic: Arc<str> = Arc::from("fixture");
    let headers: Vec<Header<'_>> =
        headers.iter().map(|(name, value)| Header { name, value: value.as_bytes() }).collect();
    let mut out = Vec::new();
    for (offset, value) in (0..).zip(records) {
        let record =
            Record { topic: &topic, partition: 0, offset, timestamp: None, headers: &headers, value: Some(value) };
        decoder.decode(&record, &mut |event| match event {
            Err(fault) => out.push(json!({
                "record": fault.coordinates.offset, "sequence": fault.coordinates.sequence,
                "fault": { "kind": fault.kind, "reason": fault.reason },
            })),
            Ok((row, meta)) => {
                let mut event = Map::new();
                for name in fields.names() {
                    let slot = fields.find(name).unwrap();
                    let mut values: Vec<Value> = row.values(slot).map(value_of).collect();
                    match values.len() {
                        0 if row.is_present(slot) => put(&mut event, name, json!([])),
                        0 => {}
                        1 => put(&mut event, name, values.remove(0)),
                        _ => put(&mut event, name, Value::Array(values)),
                    }
                }
                out.push(json!({
                    "record": offset, "sequence": meta.sequence,
                    "meta": {
                        "time": meta.time.map(|time| time.to_string()), "id": meta.id,
                        "logsource": {
                            "category": meta.logsource.category, "product": meta.logsource.product,
                            "service": meta.logsource.service,
                        },
                    },
                    "event": event,
                }));
            }
        });
    }
    out
}

#[test]
fn every_fixture_decodes_to_what_stands_beside_it() {
    let update = std::env::var_os("UPDATE_FIXTURES").is_some();
    let fixtures = fixtures();
    assert!(fixtures.len() > 25, "{}", fixtures.len());
    for fixture in &fixtures {
        let actual = Value::Array(decode(&records(fixture), &headers(fixture), Format::Auto, &[]));
        let path = beside(fixture, "expected");
        if update {
            std::fs::write(&path, serde_json::to_string_pretty(&actual).unwrap() + "\n").unwrap();
        }
        let text = std::fs::read_to_string(&path).unwrap_or_else(|_| panic!("{} is missing", path.display()));
        let expected: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(actual, expected, "{}", fixture.display());
    }
}

#[test]
fn a_configured_format_reads_the_same_as_the_shape() {
    for fixture in fixtures() {
        let by_shape = decode(&records(&fixture), &headers(&fixture), Format::Auto, &[]);
        let configured = decode(&records(&fixture), &headers(&fixture), format_of(&fixture), &[]);
        assert_eq!(by_shape.len(), configured.len(), "{}", fixture.display());
        for (by_shape, configured) in by_shape.iter().zip(&configured) {
            // Where the shape is not recognised, the event is plain JSON by shape and a fault by configuration.
            let is_plain = by_shape.pointer("/meta/logsource/category").is_some_and(Value::is_null);
            if configured.get("fault").is_some() && is_plain {
                continue;
            }
            assert_eq!(by_shape, configured, "{}", fixture.display());
        }
    }
}

#[test]
fn events_belong_to_a_log_that_the_format_is_known_for() {
    for fixture in fixtures() {
        let known = known_logsources(format_of(&fixture));
        for event in decode(&records(&fixture), &headers(&fixture), format_of(&fixture), &[]) {
            let Some(logsource) = event.pointer("/meta/logsource").filter(|_| !known.is_empty()) else { continue };
            let matches = known.iter().any(|known| {
                logsource.get("category").and_then(Value::as_str) == known.category.as_deref()
                    && logsource.get("product").and_then(Value::as_str) == known.product.as_deref()
                    && logsource.get("service").and_then(Value::as_str) == known.service.as_deref()
            });
            assert!(matches, "{} {logsource}", fixture.display());
        }
    }
}

fn canonical_events() -> Vec<(PathBuf, Value)> {
    let mut all = Vec::new();
    for fixture in fixtures() {
        for decoded in decode(&records(&fixture), &headers(&fixture), Format::Auto, &[]) {
            let Some(event) = decoded.get("event") else { continue };
            let mut event = event.clone();
            let logsource = decoded.pointer("/meta/logsource").unwrap().clone();
            if logsource.get("category").is_some_and(|category| !category.is_null()) {
                let words = logsource.as_object().unwrap().clone();
                let present: Map<String, Value> = words.into_iter().filter(|(_, word)| !word.is_null()).collect();
                event.as_object_mut().unwrap().insert("logsource".to_owned(), Value::Object(present));
                all.push((fixture.clone(), event));
            }
        }
    }
    all
}

#[test]
fn canonical_forms_are_valid_against_the_schema_of_their_kind() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/events");
    let mut checked = std::collections::BTreeMap::new();
    for (fixture, event) in canonical_events() {
        let category = event.pointer("/logsource/category").and_then(Value::as_str).unwrap();
        let path = folder.join(format!("{category}.json"));
        let Ok(text) = std::fs::read_to_string(&path) else {
            assert!(source_of(&fixture) == "plain", "no schema for {category}");
            continue;
        };
        let schema: Value = serde_json::from_str(&text).unwrap();
        let validator = jsonschema::draft202012::new(&schema).unwrap();
        let errors: Vec<String> =
            validator.iter_errors(&event).map(|error| format!("{} at {}", error, error.instance_path())).collect();
        assert!(errors.is_empty(), "{}: {errors:#?}\n{event:#}", fixture.display());
        *checked.entry(category.to_owned()).or_insert(0) += 1;
    }
    assert_eq!(checked.len(), 5, "{checked:?}");
}

#[test]
fn schemas_refuse_what_they_should() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/events");
    for (category, wrong) in [
        ("drift_report", json!({"event": {"action": "drift.report"}, "aigov": {"drift": {"detected": "yes"}}})),
        (
            "policy_decision",
            json!({"event": {"action": "policy.decision"}, "aigov": {"decision": {"outcome": "perhaps"}}}),
        ),
        (
            "human_decision",
            json!({"event": {"action": "decision.approval"}, "aigov": {"decision": {"signature": "good"}}}),
        ),
        ("model_registry", json!({"event": {"action": 7}, "aigov": {"model": {"name": "m"}}})),
        ("ticket", json!({"event": {"action": "ticket.created"}, "aigov": {"ticket": {"status": "Open"}}})),
    ] {
        let text = std::fs::read_to_string(folder.join(format!("{category}.json"))).unwrap();
        let validator = jsonschema::draft202012::new(&serde_json::from_str(&text).unwrap()).unwrap();
        assert!(!validator.is_valid(&wrong), "{category} accepts {wrong}");
    }
}

#[test]
fn a_canonical_form_reads_back_as_itself() {
    for (fixture, mut event) in canonical_events() {
        let bytes = serde_json::to_vec(&event).unwrap();
        let again = decode(&[bytes], &[], Format::Auto, &[]);
        let read = again.first().and_then(|decoded| decoded.get("event")).unwrap();
        event.as_object_mut().unwrap().remove("logsource");
        assert_eq!(read, &event, "{}", fixture.display());
    }
}

#[test]
fn native_names_stay_reachable() {
    for (fixture, record, names) in [
        (
            "mlflow/every-event.written.jsonl",
            0,
            vec![
                ("data.tags.owner", json!("risk-ml")),
                ("mlflow.data.name", json!("credit-risk")),
                ("mlflow.entity", json!("registered_model")),
            ],
        ),
        (
            "opa/decision-log-batch.documented.json",
            0,
            vec![
                ("opa.input.method", json!("GET")),
                ("input.path", json!("/salary/bob")),
                ("labels.app", json!("my-example-app")),
            ],
        ),
        ("jira/issues.written.jsonl", 0, vec![("jira.issue.key", json!("AIGOV-1432"))]),
        ("servicenow/table-records.written.jsonl", 0, vec![("servicenow.number", json!("INC0010112"))]),
        (
            "git/log.captured.jsonl",
            2,
            vec![("git.signer", json!("alice@example.com")), ("git.trailers.Ethical-Review", json!("passed"))],
        ),
        ("decision_log/chain.written.jsonl", 0, vec![("decision_log.payload.reason", json!("validated on Q3 data"))]),
        (
            "evidently/snapshot-0.7.23.captured.json",
            0,
            vec![("evidently.tests.status", json!(["FAIL", "FAIL", "SUCCESS", "FAIL", "FAIL"]))],
        ),
        (
            "cloudevents/evidently-structured.written.json",
            0,
            vec![("cloudevent.subject", json!("credit-risk/3")), ("cloudevent.type", json!("ai.evidently.report.v2"))],
        ),
        ("cloudevents/binary.written.json", 0, vec![("cloudevent.source", json!("https://mlflow.example.com"))]),
    ] {
        let path = root().join(fixture);
        let asked: Vec<&str> = names.iter().map(|(name, _)| *name).collect();
        let decoded = decode(&records(&path), &headers(&path), Format::Auto, &asked);
        for (name, expected) in names {
            let pointer = format!("/event/{}", name.replace('.', "/"));
            assert_eq!(decoded[record].pointer(&pointer), Some(&expected), "{fixture} {name}");
        }
    }
}
