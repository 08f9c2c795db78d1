//! Documents as the lines of a bulk request: `index` with the alert's id as `_id` and its revision as external version, so
//! that a repetition overwrites itself and an old revision never replaces a new one.

use serde_json::{Value, json};

use super::index_name::IndexPattern;
use crate::model::Timestamp;
use crate::sink::{Document, Outgoing};

/// The lines of a bulk request, two for each document. `now` becomes `event.ingested`.
pub(super) fn lines(batch: &[Outgoing], pattern: &IndexPattern, now: Timestamp) -> Vec<String> {
    batch.iter().flat_map(|outgoing| [action(&outgoing.document, pattern), source(&outgoing.document, now)]).collect()
}

fn action(document: &Document, pattern: &IndexPattern) -> String {
    let action = json!({"index": {
        "_index": pattern.index(document.time),
        "_id": document.id.to_string(),
        "version": document.revision.min(i64::MAX as u64),
        "version_type": "external",
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
    }
    body.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sink::deliver::tests::document;

    #[test]
    fn a_document_is_two_lines_with_id_version_and_time_of_sending() {
        let pattern = IndexPattern::parse("logs-clarion.alerts-%Y.%m").unwrap();
        let body = r#"{"@timestamp":"x","event":{"kind":"alert"},"text":"line\nbreak"}"#;
        let batch = [Outgoing { ticket: 1, document: document(255, 3, body) }];
        let now = Timestamp::parse("2026-11-21T08:00:05Z").unwrap();
        assert_eq!(
            lines(&batch, &pattern, now),
            [
                "{\"index\":{\"_index\":\"logs-clarion.alerts-2026.11\",\"_id\":\"000000000000000000000000000000ff\",\
                 \"version\":3,\"version_type\":\"external\"}}",
                "{\"@timestamp\":\"x\",\"event\":{\"kind\":\"alert\",\"ingested\":\"2026-11-21T08:00:05.000Z\"},\
                 \"text\":\"line\\nbreak\"}",
            ]
        );
    }
}
