//! The index templates of alerts, in either format, and of metrics, from their files in `schemas/elasticsearch`, for the index pattern in use and for either server.

use serde_json::{Value, json};

use super::index_name::IndexPattern;

const ALERTS: &str = include_str!("../../../schemas/elasticsearch/index-template.json");
const FINDINGS: &str = include_str!("../../../schemas/elasticsearch/ocsf-template.json");
const METRICS: &str = include_str!("../../../schemas/elasticsearch/metrics-template.json");

/// What an index holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    /// Alerts as ECS documents.
    Alerts,
    /// Alerts as OCSF findings.
    Findings,
    /// Values of series.
    Metrics,
}

/// Which spelling of "an object of any shape" a server knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flavour {
    /// `flattened`.
    Elasticsearch,
    /// `flat_object`, since 2.7.
    OpenSearch,
}

/// The body of the template.
pub(super) fn template(holds: Holds, pattern: &IndexPattern, flavour: Flavour, strict: bool) -> Value {
    let text = match holds {
        Holds::Alerts => ALERTS,
        Holds::Findings => FINDINGS,
        Holds::Metrics => METRICS,
    };
    // The file is part of this program, and a test reads it.
    let mut template: Value = serde_json::from_str(text).unwrap_or_default();
    if let Some(patterns) = template.get_mut("index_patterns") {
        *patterns = json!([pattern.wildcard()]);
    }
    if let Some(mappings) = template.pointer_mut("/template/mappings") {
        if strict && let Some(dynamic) = mappings.get_mut("dynamic") {
            *dynamic = "strict".into();
        }
        if flavour == Flavour::OpenSearch {
            flatten_for_opensearch(mappings);
        }
    }
    template
}

/// `flattened` becomes `flat_object`, which takes no parameters.
fn flatten_for_opensearch(mapping: &mut Value) {
    if mapping.get("type").and_then(Value::as_str) == Some("flattened") {
        *mapping = json!({"type": "flat_object"});
        return;
    }
    let properties = mapping.get_mut("properties").and_then(Value::as_object_mut);
    for (_, inner) in properties.into_iter().flatten() {
        flatten_for_opensearch(inner);
    }
}

/// Whether a refusal of the template means that the server does not know `flattened`.
pub(super) fn lacks_flattened(status: u16, body: &str) -> bool {
    status == 400 && body.contains("flattened")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_servers_get_a_body_they_know() {
        let pattern = IndexPattern::parse("ai-alerts-%Y.%m").unwrap();
        let elastic = template(Holds::Alerts, &pattern, Flavour::Elasticsearch, false);
        assert_eq!(elastic["index_patterns"], json!(["ai-alerts-*"]));
        assert_eq!(elastic["template"]["mappings"]["dynamic"], json!(false));
        assert_eq!(elastic["template"]["mappings"]["properties"]["group"]["type"], "flattened");
        let open = template(Holds::Alerts, &pattern, Flavour::OpenSearch, true);
        assert_eq!(open["template"]["mappings"]["dynamic"], "strict");
        assert_eq!(open["template"]["mappings"]["properties"]["group"], json!({"type": "flat_object"}));
        assert!(!open.to_string().contains("flattened"));
        assert_eq!(open.to_string().matches("flat_object").count(), elastic.to_string().matches("flattened").count());
    }

    #[test]
    fn s20_metrics_have_a_template_of_their_own() {
        let pattern = IndexPattern::parse("metrics-clarion.governance-%Y.%m").unwrap();
        let body = template(Holds::Metrics, &pattern, Flavour::OpenSearch, true);
        assert_eq!(body["index_patterns"], json!(["metrics-clarion.governance-*"]));
        assert!(body["priority"].as_u64() > Some(100), "the built-in metrics-*-* has 100");
        assert_eq!(body.get("data_stream"), None, "a repetition overwrites itself, which a data stream refuses");
        let metric = &body["template"]["mappings"]["properties"]["clarion"]["properties"]["metric"]["properties"];
        assert_eq!(metric["value"]["type"], "double");
        assert_eq!(body["template"]["mappings"]["properties"]["group"], json!({"type": "flat_object"}));
    }

    #[test]
    fn findings_have_a_template_of_their_own() {
        let pattern = IndexPattern::parse("alerts-clarion.ocsf-%Y.%m").unwrap();
        let body = template(Holds::Findings, &pattern, Flavour::OpenSearch, true);
        assert_eq!(body["index_patterns"], json!(["alerts-clarion.ocsf-*"]));
        let mappings = &body["template"]["mappings"];
        assert_eq!(mappings["dynamic"], "strict");
        assert_eq!(mappings["properties"]["time"], json!({"type": "date", "format": "epoch_millis"}));
        assert_eq!(mappings["properties"]["evidences"]["properties"]["data"], json!({"type": "flat_object"}));
    }

    #[test]
    fn only_an_unknown_type_is_taken_for_the_other_server() {
        let body = r#"{"error":{"type":"mapper_parsing_exception","reason":"No handler for type [flattened] declared on field [group]"}}"#;
        assert!(lacks_flattened(400, body));
        assert!(!lacks_flattened(403, body));
        assert!(!lacks_flattened(400, r#"{"error":{"type":"illegal_argument_exception"}}"#));
    }
}
