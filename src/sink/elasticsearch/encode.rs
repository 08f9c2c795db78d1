//! Documents as the lines of a bulk request: `index` with the alert's id as `_id` and its revision as external version, so
//! that a repetition overwrites itself and an old revision never replaces a new one. A value of a series goes to an index of
//! its own, where the last one written stays.

use serde_json::{Value, json};

use super::index_name::IndexPattern;
use crate::model::Timestamp;
use crate::sink::{Content, Document, Outgoing};

/// Where documents go.
#[derive(Debug, Clone)]
pub(super) struct Indices {
    /// Alerts.
    pub(super) alerts: IndexPattern,
    /// Values of series.
    pub(super) metrics: IndexPattern,
}

/// The lines of a bulk request, two for each document. `now` becomes `event.ingested`, or `metadata.logged_time` of a finding.
pub(super) fn lines(batch: &[Outgoing], indices: &Indices, now: Timestamp) -> Vec<String> {
    batch.iter().flat_map(|outgoing| [action(&outgoing.document, indices), source(&outgoing.document, now)]).collect()
}

fn action(document: &Document, indices: &Indices) -> String {
    let (pattern, version_type) = match &document.content {
        Content::Alert(_) => (&indices.alerts, "external"),
        Content::Metric(_) => (&indices.metrics, "external_gte"),
    };
    let action = json!({"index": {
        "_index": pattern.index(document.time),
        "_id": document.id.to_string(),
        "version": document.revision.min(i64::MAX as u64),
        "version_type": version_type,
    }});
    action.to_string()
}

/// Elastic's promotion rule looks at `event.ingested`, and not every cluster has an ingest pipeline to set it.
fn source(document: &Document, now: Timestamp) -> String {
    let Ok(mut body) = serde_json::from_str::<Value>(&document.body) else {
        return document.body.to_string(); // the server will say what is wrong with it
    };
    if let Some(event) = body.get_mut("event").and_then(Value::as_object_mut) {
        event.insert("ingested".to_owned(), now.to_string().into());
    } else if let Some(metadata) = body.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.insert("logged_time".to_owned(), now.0.div_euclid(1_000_000).into());
    }
    body.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sink::deliver::tests::{document, metric};

    fn indices() -> Indices {
        Indices {
            alerts: IndexPattern::parse("logs-clarion.alerts-%Y.%m").unwrap(),
            metrics: IndexPattern::parse("metrics-clarion.governance-%Y.%m").unwrap(),
        }
    }

    #[test]
    fn s20_a_metric_goes_to_its_own_index_and_overwrites_itself() {
        let batch = [Outgoing { ticket: 1, document: metric(255, r#"{"event":{"kind":"metric"}}"#) }];
        let now = Timestamp::parse("2026-11-21T08:00:05Z").unwrap();
        assert_eq!(
            lines(&batch, &indices(), now)[0],
            "{\"index\":{\"_index\":\"metrics-clarion.governance-2026.11\",\"_id\":\"000000000000000000000000000000ff\",\
             \"version\":1,\"version_type\":\"external_gte\"}}"
        );
    }

    #[test]
    fn a_finding_says_in_its_own_words_when_it_was_sent() {
        let batch = [Outgoing { ticket: 1, document: document(255, 3, r#"{"metadata":{"version":"1.8.0"}}"#) }];
        let now = Timestamp::parse("2026-11-21T08:00:05.25Z").unwrap();
        assert_eq!(
            lines(&batch, &indices(), now)[1],
            r#"{"metadata":{"version":"1.8.0","logged_time":1795248005250}}"#
        );
    }

    #[test]
    fn a_document_is_two_lines_with_id_version_and_time_of_sending() {
        let indices = indices();
        let body = r#"{"@timestamp":"x","event":{"kind":"alert"},"text":"line\nbreak"}"#;
        let batch = [Outgoing { ticket: 1, document: document(255, 3, body) }];
        let now = Timestamp::parse("2026-11-21T08:00:05Z").unwrap();
        assert_eq!(
            lines(&batch, &indices, now),
            [
                "{\"index\":{\"_index\":\"logs-clarion.alerts-2026.11\",\"_id\":\"000000000000000000000000000000ff\",\
                 \"version\":3,\"version_type\":\"external\"}}",
                "{\"@timestamp\":\"x\",\"event\":{\"kind\":\"alert\",\"ingested\":\"2026-11-21T08:00:05.000Z\"},\
                 \"text\":\"line\\nbreak\"}",
            ]
        );
    }
}
