//! Documents as HEC events: JSON objects one after the other, never a list. The alert's id and revision are indexed fields,
//! by which a search keeps the newest revision of each alert (`| dedup alert_id sortby -revision`). A value of a series has
//! a source type of its own, and `metric_id`.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Map, Value};

use super::SplunkHecConfig;
use crate::model::Timestamp;
use crate::sink::{Content, Document, Outgoing};

/// What every event carries beside the document.
#[derive(Debug, Clone)]
pub(super) struct Envelope {
    host: String,
    source: String,
    sourcetype: String,
    metrics_sourcetype: String,
    index: Option<String>,
}

impl Envelope {
    pub(super) fn new(config: &SplunkHecConfig) -> Self {
        Self {
            host: config.host.clone(),
            source: config.source.clone(),
            sourcetype: config.sourcetype().to_owned(),
            metrics_sourcetype: config.metrics_sourcetype.clone(),
            index: config.index.clone(),
        }
    }

    /// The body of a request.
    pub(super) fn body(&self, batch: &[Outgoing]) -> Vec<u8> {
        let mut body = Vec::new();
        for outgoing in batch {
            self.event(&outgoing.document, &mut body);
            body.push(b'\n');
        }
        body
    }

    /// One event. The document goes in as the bytes that it is; the envelope is written around it.
    fn event(&self, document: &Document, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"time\":");
        out.extend_from_slice(seconds(document.time).as_bytes());
        let index = self.index.as_ref().map(|index| ("index", index));
        let sourcetype = match &document.content {
            Content::Alert(_) => &self.sourcetype,
            Content::Metric(_) => &self.metrics_sourcetype,
        };
        let names = [("host", &self.host), ("source", &self.source), ("sourcetype", sourcetype)];
        for (key, value) in names.into_iter().chain(index) {
            out.extend_from_slice(format!(",\"{key}\":{}", Value::from(value.as_str())).as_bytes());
        }
        out.extend_from_slice(b",\"event\":");
        out.extend_from_slice(document.body.as_bytes());
        let mut fields = Map::new();
        let rule = document.content.rule();
        match &document.content {
            Content::Alert(_) => {
                fields.insert("alert_id".to_owned(), document.id.to_string().into());
                fields.insert("revision".to_owned(), document.revision.into());
                fields.insert("rule_id".to_owned(), rule.id.as_str().into());
                fields.insert("severity".to_owned(), rule.level.name().into());
            }
            Content::Metric(metric) => {
                fields.insert("metric_id".to_owned(), document.id.to_string().into());
                // `metric_name` would say that this is not an event, but a point of a metrics index
                fields.insert("metric".to_owned(), metric.name.as_str().into());
                fields.insert("rule_id".to_owned(), rule.id.as_str().into());
            }
        }
        out.extend_from_slice(b",\"fields\":");
        out.extend_from_slice(Value::Object(fields).to_string().as_bytes());
        out.push(b'}');
    }
}

/// Epoch seconds as a plain decimal with as many digits as needed: Splunk refuses scientific notation, and a double would
/// lose nanoseconds.
fn seconds(time: Timestamp) -> String {
    let sign = if time.0 < 0 { "-" } else { "" };
    let nanos = time.0.unsigned_abs();
    let text = format!("{sign}{}.{:09}", nanos / 1_000_000_000, nanos % 1_000_000_000);
    let short = text.trim_end_matches('0');
    short.strip_suffix('.').unwrap_or(short).to_owned()
}

/// The body compressed with gzip.
pub(super) fn gzip(body: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(body)?;
    encoder.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sink::deliver::tests::{document, metric};
    use proptest::prelude::*;

    #[test]
    fn events_follow_each_other_with_plain_times_and_stable_ids() {
        let config: SplunkHecConfig =
            serde_saphyr::from_str("url: https://a\ntoken: {env: T}\nack: none\nindex: ai\nhost: 'a\"b'\n").unwrap();
        let batch: Vec<Outgoing> = (1..=2)
            .map(|revision| Outgoing { ticket: revision, document: document(255, revision, r#"{"message":"m"}"#) })
            .collect();
        let body = String::from_utf8(Envelope::new(&config).body(&batch)).unwrap();
        let events: Vec<Value> =
            serde_json::Deserializer::from_str(&body).into_iter().collect::<Result<_, _>>().unwrap();
        assert_eq!(events.len(), 2);
        assert_eq!(
            body.lines().next().unwrap(),
            "{\"time\":1795248000.123,\"host\":\"a\\\"b\",\"source\":\"clarion\",\"sourcetype\":\"clarion:alert\",\
             \"index\":\"ai\",\"event\":{\"message\":\"m\"},\"fields\":{\"alert_id\":\"000000000000000000000000000000ff\",\
             \"revision\":1,\"rule_id\":\"rule-1\",\"severity\":\"high\"}}"
        );
        assert_eq!(events[1]["fields"]["revision"], 2);
    }

    #[test]
    fn s20_metrics_have_a_source_type_of_their_own() {
        let config: SplunkHecConfig = serde_saphyr::from_str("url: https://a\ntoken: {env: T}\nack: none\n").unwrap();
        let batch = [Outgoing { ticket: 1, document: metric(255, r#"{"event":{"kind":"metric"}}"#) }];
        let body = String::from_utf8(Envelope::new(&config).body(&batch)).unwrap();
        assert_eq!(
            body.trim_end(),
            "{\"time\":1795248000.123,\"host\":\"clarion\",\"source\":\"clarion\",\"sourcetype\":\"clarion:metric\",\
             \"event\":{\"event\":{\"kind\":\"metric\"}},\"fields\":{\"metric_id\":\"000000000000000000000000000000ff\",\
             \"metric\":\"aigov.tickets\",\"rule_id\":\"rule-1\"}}"
        );
    }

    #[test]
    fn each_format_has_a_source_type_unless_one_is_named() {
        let of = |more: &str| {
            let yaml = format!("url: https://a\ntoken: {{env: T}}\nack: none\n{more}");
            let config: SplunkHecConfig = serde_saphyr::from_str(&yaml).unwrap();
            let batch = [Outgoing { ticket: 1, document: document(255, 1, "{}") }];
            let event: Value = serde_json::from_slice(&Envelope::new(&config).body(&batch)).unwrap();
            event["sourcetype"].as_str().unwrap().to_owned()
        };
        assert_eq!(of("format: ecs\n"), "clarion:alert");
        assert_eq!(of("format: ocsf\n"), "clarion:alert:ocsf");
        assert_eq!(of("format: ocsf\nsourcetype: ocsf:finding\n"), "ocsf:finding");
    }

    #[test]
    fn times_are_exact() {
        for (nanos, text) in [
            (0, "0"),
            (1_795_248_000_000_000_000, "1795248000"),
            (1_795_248_000_000_000_001, "1795248000.000000001"),
            (-1_500_000_000, "-1.5"),
            (i64::MIN, "-9223372036.854775808"),
        ] {
            assert_eq!(seconds(Timestamp(nanos)), text);
        }
    }

    proptest! {
        #[test]
        fn no_time_is_ever_in_scientific_notation(nanos in any::<i64>()) {
            let text = seconds(Timestamp(nanos));
            let digits = text.strip_prefix('-').unwrap_or(&text);
            prop_assert!(digits.chars().all(|symbol| symbol.is_ascii_digit() || symbol == '.'), "{}", text);
            prop_assert!(text.parse::<f64>().is_ok());
        }
    }
}
