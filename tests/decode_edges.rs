//! The decoder's edges: what identifies, dates and places an event, and input that is broken, huge or hostile.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "test code")]

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use clarion::decode::{CANONICAL_FIELDS, Decoder, DecoderSettings, Format, known_logsources};
use clarion::model::{Fault, FieldTable, Header, LogSource, Record, Timestamp};
use proptest::prelude::*;

#[derive(Debug, PartialEq)]
struct Seen {
    time: Option<Timestamp>,
    id: Option<String>,
    logsource: LogSource<'static>,
    sequence: u32,
    a: Option<String>,
}

fn decode_with(
    settings: &DecoderSettings,
    headers: &[(&str, &str)],
    value: Option<&[u8]>,
    reads: &[&str],
) -> Vec<Result<Seen, Fault>> {
    let mut fields = FieldTable::new();
    let slots: Vec<_> = reads.iter().map(|name| fields.slot(name)).collect();
    let topic: Arc<str> = Arc::from("topic");
    let headers: Vec<Header<'_>> =
        headers.iter().map(|(name, value)| Header { name, value: value.as_bytes() }).collect();
    let record = Record { topic: &topic, partition: 3, offset: 9, timestamp: None, headers: &headers, value };
    let mut seen = Vec::new();
    Decoder::new(settings, &fields).decode(&record, &mut |event| {
        seen.push(event.map(|(row, meta)| Seen {
            time: meta.time,
            id: meta.id.as_ref().map(ToString::to_string),
            logsource: meta.logsource.clone().into_owned(),
            sequence: meta.sequence,
            a: slots.first().and_then(|slot| row.text(*slot)).map(str::to_owned),
        }));
    });
    seen
}

fn settings(format: Format) -> DecoderSettings {
    DecoderSettings { format, ..DecoderSettings::default() }
}

fn one(settings: &DecoderSettings, text: &str) -> Seen {
    let mut seen = decode_with(settings, &[], Some(text.as_bytes()), &["a"]);
    assert_eq!(seen.len(), 1, "{seen:?}");
    seen.remove(0).unwrap()
}

fn kind(settings: &DecoderSettings, value: &[u8]) -> String {
    let mut seen = decode_with(settings, &[], Some(value), &["a"]);
    assert_eq!(seen.len(), 1);
    seen.remove(0).unwrap_err().kind
}

fn time(text: &str) -> Option<Timestamp> {
    Some(Timestamp::parse(text).unwrap())
}

#[test]
fn the_first_time_that_parses_counts() {
    let json = settings(Format::Json);
    let seen = one(
        &json,
        r#"{"ts": 1795229631, "timestamp": "soon", "time": null, "event": {"created": "2020-01-01T00:00:00Z"}}"#,
    );
    assert_eq!(seen.time, time("1795229631"));
    assert_eq!(one(&json, r#"{"event.created": "2020-01-01T00:00:00Z"}"#).time, time("2020-01-01T00:00:00Z"));
    assert_eq!(one(&json, r#"{"ts": 1795229631123.5}"#).time, time("2026-11-21T02:53:51.1235Z"));
    assert_eq!(one(&json, r#"{"ts": NaN, "time": [1795229631]}"#).time, None);
    let configured = DecoderSettings { time_fields: vec!["meta.at".to_owned()], ..settings(Format::Json) };
    assert_eq!(
        one(&configured, r#"{"ts": 5, "meta": {"at": "2021-01-01T00:00:00Z"}}"#).time,
        time("2021-01-01T00:00:00Z")
    );
    assert_eq!(one(&configured, r#"{"ts": 5}"#).time, None);
}

#[test]
fn a_configured_time_comes_before_a_native_one() {
    let native = r#"{"entity":"registered_model","action":"created","timestamp":"2026-11-21T02:53:51Z","data":{"name":"m"},"received":"2026-11-22T00:00:00Z"}"#;
    for format in [Format::Auto, Format::MlflowWebhook] {
        let configured = DecoderSettings { time_fields: vec!["received".to_owned()], ..settings(format) };
        assert_eq!(one(&configured, native).time, time("2026-11-22T00:00:00Z"));
        assert_eq!(one(&settings(format), native).time, time("2026-11-21T02:53:51Z"));
    }
}

#[test]
fn ids_are_texts_or_numbers_as_spelled() {
    let json = settings(Format::Json);
    assert_eq!(one(&json, r#"{"id": "x", "event": {"id": "y"}}"#).id.as_deref(), Some("y"));
    assert_eq!(one(&json, r#"{"id": 1.50}"#).id.as_deref(), Some("1.50"));
    assert_eq!(one(&json, r#"{"id": "", "event": {"id": {}}}"#).id, None);
    let configured = DecoderSettings { id_fields: vec!["uuid".to_owned(), "key".to_owned()], ..settings(Format::Auto) };
    assert_eq!(one(&configured, r#"{"id": "x", "key": "k"}"#).id.as_deref(), Some("k"));
}

#[test]
fn the_log_is_the_events_own_or_its_datasets_or_the_sources() {
    let fallback = LogSource { category: Some("app".to_owned().into()), ..LogSource::default() };
    let configured = DecoderSettings { logsource: fallback.clone(), ..settings(Format::Auto) };
    assert_eq!(one(&configured, "{}").logsource, fallback);
    assert_eq!(one(&configured, r#"{"event.dataset": "aigov.ticket"}"#).logsource.category.as_deref(), Some("ticket"));
    assert_eq!(one(&configured, r#"{"event": {"dataset": "other.ticket"}}"#).logsource, fallback);
    let own = one(&configured, r#"{"logsource": {"product": "x", "service": 3}, "event.dataset": "aigov.ticket"}"#);
    assert_eq!(own.logsource, LogSource { product: Some("x".into()), ..LogSource::default() });
}

#[test]
fn an_own_logsource_makes_any_shape_plain() {
    let text = r#"{"logsource": {"category": "c"}, "commit": "abc", "sig_status": "G", "a": 1}"#;
    let seen = one(&settings(Format::Auto), text);
    assert_eq!((seen.logsource.category.as_deref(), seen.a.as_deref()), (Some("c"), Some("1")));
}

#[test]
fn formats_know_their_logs() {
    assert!(known_logsources(Format::Auto).is_empty() && known_logsources(Format::Json).is_empty());
    let known = known_logsources(Format::OpaDecisionLog);
    assert_eq!(known, [LogSource::of("policy_decision", "opa", "decision_log")]);
}

#[test]
fn plain_json_that_resembles_a_native_format_stays_plain() {
    for text in [
        r#"{"entity": "user", "action": "login", "data": {}}"#,
        r#"{"decision_id": "D-1", "timestamp": "2026-11-21T02:53:51Z", "labels": {"app": "x"}}"#,
        r#"{"metrics": [{"name": "cpu", "value": 3}], "version": "1", "timestamp": "2026-11-21T02:53:51Z"}"#,
        r#"{"tests": [{"name": "x"}], "summary": {}, "version": "1"}"#,
        r#"{"commit": "abc", "branch": "main"}"#,
        r#"{"seq": 1, "action": "x", "hash": "abc"}"#,
        r#"{"records": [{"key": 1}], "number": "INC1"}"#,
        r#"{"headers": {"host": "x"}, "body": "{}"}"#,
        r#"{"headers": {"content-type": "text/plain"}, "body": "hello"}"#,
        r#"{"specversion": "1.0", "id": "1"}"#,
    ] {
        assert_eq!(one(&settings(Format::Auto), text).logsource, LogSource::default(), "{text}");
    }
}

#[test]
fn a_captured_request_and_kafka_headers_give_the_delivery_id() {
    let body =
        r#"{"entity":"registered_model","action":"created","timestamp":"2026-11-21T02:53:51Z","data":{"name":"m"}}"#;
    let wrapped = format!(
        r#"{{"headers": {{"x-mlflow-delivery-id": ["d-1"]}}, "body": {}}}"#,
        serde_json::to_string(body).unwrap()
    );
    let in_place = format!(r#"{{"headers": {{"X-MLflow-Delivery-Id": "d-1"}}, "body": {body}}}"#);
    for format in [Format::Auto, Format::MlflowWebhook] {
        for text in [&wrapped, &in_place] {
            assert_eq!(one(&settings(format), text).id.as_deref(), Some("d-1"));
        }
        let headers = [("x-mlflow-delivery-id", "d-2")];
        let seen = decode_with(&settings(format), &headers, Some(body.as_bytes()), &["a"]);
        assert_eq!(seen[0].as_ref().unwrap().id.as_deref(), Some("d-2"));
    }
    // Format `json` reads what is there.
    assert_eq!(one(&settings(Format::Json), &wrapped).id, None);
}

#[test]
fn structured_cloud_events_are_opened_by_shape_or_by_header() {
    let event =
        r#"{"specversion":"1.0","id":"7","source":"/x","type":"t","time":"2026-11-21T02:53:51Z","data":{"a":"in"}}"#;
    let header = [("Content-Type", "application/CloudEvents+json; charset=UTF-8")];
    let opened = |format, headers: &[(&str, &str)]| {
        decode_with(&settings(format), headers, Some(event.as_bytes()), &["a"]).remove(0).unwrap()
    };
    for seen in [opened(Format::Auto, &[]), opened(Format::Json, &header)] {
        assert_eq!(seen.a.as_deref(), Some("in"));
        assert_eq!(seen.id.as_deref(), Some("/x 7"));
        assert_eq!(seen.time, time("2026-11-21T02:53:51Z"));
    }
    let plain = opened(Format::Json, &[]);
    assert_eq!((plain.a, plain.id.as_deref()), (None, Some("7")));
}

#[test]
fn events_of_a_batch_in_an_envelope_have_ids_of_their_own() {
    let event = br#"{"specversion":"1.0","id":"7","source":"/x","type":"t","data":[{"id":"own"},{"b":1},3]}"#;
    let seen = decode_with(&settings(Format::Auto), &[], Some(event), &["a"]);
    assert_eq!(seen[0].as_ref().unwrap().id.as_deref(), Some("own"));
    assert_eq!(seen[1].as_ref().unwrap().id.as_deref(), Some("/x 7#1"));
    let fault = seen[2].as_ref().unwrap_err();
    assert_eq!((fault.kind.as_str(), fault.coordinates.sequence, fault.raw.as_slice()), ("wrong_schema", 2, &b"3"[..]));
}

#[test]
fn faults_carry_coordinates_and_bytes() {
    let fault = decode_with(&settings(Format::Auto), &[], None, &[]).remove(0).unwrap_err();
    assert_eq!((fault.kind.as_str(), fault.raw.len()), ("tombstone", 0));
    assert_eq!(fault.coordinates.to_string(), "topic[3]@9");
    let fault = decode_with(&settings(Format::Auto), &[], Some(b"{\"x\":\n1 2}"), &[]).remove(0).unwrap_err();
    assert_eq!(fault.raw, b"{\"x\":\n1 2}");
    assert_eq!(fault.reason, "not JSON at byte 8 (line 2): expected `,` or `}`");
    // Torn in its second member: one fault, no event.
    let seen = decode_with(&settings(Format::Auto), &[], Some(b"[{\"a\":1},{\"a\":"), &["a"]);
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].as_ref().unwrap_err().kind, "truncated");
    assert!(decode_with(&settings(Format::Auto), &[], Some(b" [ ] "), &[]).is_empty());
}

#[test]
fn native_formats_refuse_what_is_not_theirs() {
    for format in Format::ALL.into_iter().filter(|format| !matches!(format, Format::Auto | Format::Json)) {
        assert_eq!(kind(&settings(format), b"{}"), "wrong_schema", "{format}");
        assert_eq!(kind(&settings(format), b"null"), "wrong_schema", "{format}");
    }
    assert_eq!(kind(&settings(Format::MlflowWebhook), br#"{"entity":"x","action":"y","data":{}}"#), "unknown_event");
}

#[test]
fn large_deep_and_inflating_input_is_refused_within_bounds() {
    let auto = settings(Format::Auto);
    let huge = format!("{{\"a\":\"{}\"}}", "x".repeat(10 << 20));
    assert_eq!(kind(&auto, huge.as_bytes()), "too_large");
    let generous = DecoderSettings { max_bytes: 16 << 20, ..settings(Format::Auto) };
    assert_eq!(one(&generous, &huge).a.unwrap().len(), 10 << 20);
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let deep = format!("{{\"a\":{}1{}}}", open.repeat(1000), close.repeat(1000));
        assert_eq!(kind(&auto, deep.as_bytes()), "too_deep");
        let deepest = DecoderSettings { max_depth: 1_000_000, ..settings(Format::Auto) };
        assert_eq!(kind(&deepest, deep.as_bytes()), "too_deep");
    }
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(&vec![b' '; 64 << 20]).unwrap();
    assert_eq!(kind(&auto, &encoder.finish().unwrap()), "bad_gzip");
}

#[test]
fn envelopes_in_envelopes_end() {
    let mut text = "{\"a\":1}".to_owned();
    for _ in 0..5 {
        text = format!("{{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"t\",\"data\":{text}}}");
    }
    assert_eq!(kind(&settings(Format::Auto), text.as_bytes()), "too_many_envelopes");
    let nested = "{\"records\":[".repeat(40) + "{\"message_key\":\"k\",\"event_class\":\"c\"}" + &"]}".repeat(40);
    let seen = decode_with(&settings(Format::ServiceNow), &[], Some(nested.as_bytes()), &[]);
    assert_eq!(seen.len(), 1);
}

/// A report of very many columns and tests must not cost time in their product.
#[test]
fn work_grows_with_the_size_of_a_report() {
    let columns: Vec<String> = (0..20_000)
        .map(|at| format!("{{\"metric_name\":\"x\",\"config\":{{\"type\":\"evidently:metric_v2:ValueDrift\",\"column\":\"c{at}\"}},\"value\":0.1}}"))
        .collect();
    let tests: Vec<String> = (0..20_000)
        .map(|at| {
            format!(
                "{{\"id\":\"drift\",\"status\":\"FAIL\",\"metric_config\":{{\"params\":{{\"column\":\"c{at}\"}}}}}}"
            )
        })
        .collect();
    let report = format!("{{\"metrics\":[{}],\"tests\":[{}]}}", columns.join(","), tests.join(","));
    let seen = decode_with(&settings(Format::Auto), &[], Some(report.as_bytes()), &["aigov.drift.columns_count"]);
    assert_eq!(seen[0].as_ref().unwrap().a.as_deref(), Some("20000"));
}

fn fixture_bytes() -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut all = Vec::new();
    for folder in std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()) {
        for file in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if !file.to_string_lossy().ends_with(".expected.json") {
                let bytes = std::fs::read(file).unwrap();
                all.extend(bytes.split(|byte| *byte == b'\n').take(4).map(<[u8]>::to_vec));
                all.push(bytes);
            }
        }
    }
    all.retain(|bytes| bytes.len() > 2);
    all
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn mangled_fixtures_never_panic(
        which in any::<prop::sample::Index>(), cuts in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4), 1..6),
    ) {
        let fixtures = fixture_bytes();
        let mut bytes = fixtures[which.index(fixtures.len())].clone();
        for (at, byte, what) in cuts {
            if bytes.is_empty() {
                break;
            }
            let at = at.index(bytes.len());
            match what {
                0 => bytes[at] = byte,
                1 => bytes.truncate(at),
                2 => drop(bytes.remove(at)),
                _ => bytes.insert(at, byte),
            }
        }
        for format in Format::ALL {
            decode_with(&settings(format), &[], Some(&bytes), &CANONICAL_FIELDS);
        }
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..64), gzip in any::<bool>()) {
        let bytes = if gzip { [&[0x1F, 0x8B, 8, 0][..], &bytes].concat() } else { bytes };
        for format in Format::ALL {
            decode_with(&settings(format), &[("ce_id", "1")], Some(&bytes), &CANONICAL_FIELDS);
        }
    }
}
