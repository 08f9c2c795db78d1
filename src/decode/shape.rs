//! Which producer wrote a document, by keys that only its documents have. In doubt nobody did: it is plain JSON.

use super::Format;
use super::json::Value;

/// Top-level keys that are looked at.
pub(super) const KEYS: [&str; 30] = [
    "entity",
    "action",
    "data",
    "decision_id",
    "timestamp",
    "path",
    "query",
    "labels",
    "type",
    "metrics",
    "tests",
    "version",
    "summary",
    "metric_results",
    "metadata",
    "commit",
    "sig_status",
    "seq",
    "hash",
    "prev_hash",
    "webhookEvent",
    "issue",
    "records",
    "sys_id",
    "sys_updated_on",
    "sys_created_on",
    "number",
    "result",
    "bundles",
    "report",
];

/// The format whose signature the document bears. `value` gives the value at a key of [`KEYS`].
pub(super) fn recognise<'v, 'a: 'v>(value: impl Fn(&str) -> Option<&'v Value<'a>>) -> Option<Format> {
    let text = |key: &str| value(key).and_then(|value| value.string());
    let has_object = |key: &str| value(key).is_some_and(Value::is_object);
    let first_of = |key: &str| value(key).and_then(|value| value.elements().next());
    if text("entity").is_some() && text("action").is_some() && text("timestamp").is_some() && has_object("data") {
        return Some(Format::MlflowWebhook);
    }
    if text("decision_id").is_some() && text("timestamp").is_some() {
        // OPA always sets both of these labels itself; they are looked for only where nothing else tells.
        let is_agent =
            || value("labels").is_some_and(|labels| labels.get("id").is_some() && labels.get("version").is_some());
        if text("path").is_some() || text("query").is_some() || is_agent() {
            return Some(Format::OpaDecisionLog);
        }
    }
    if has_object("metric_results") && has_object("report") && text("timestamp").is_some() {
        return Some(Format::Evidently);
    }
    if first_of("metrics").is_some_and(|metric| is_evidently_metric(&metric)) {
        return Some(Format::Evidently);
    }
    if text("version").is_some()
        && has_object("summary")
        && first_of("tests").is_some_and(|test| test.get("status").is_some() && test.get("parameters").is_some())
    {
        return Some(Format::Evidently);
    }
    if text("commit").is_some() && text("sig_status").is_some() {
        return Some(Format::GitDecisionLog);
    }
    if value("seq").is_some() && text("action").is_some() && text("hash").is_some() && text("prev_hash").is_some() {
        return Some(Format::ChainedDecisionLog);
    }
    if text("webhookEvent").is_some() && has_object("issue") {
        return Some(Format::Jira);
    }
    let is_table_record = |record: &Value<'_>| {
        record.get("sys_id").is_some()
            && (record.get("sys_updated_on").is_some() || record.get("sys_created_on").is_some())
    };
    if value("sys_id").is_some() && (value("sys_updated_on").is_some() || value("sys_created_on").is_some()) {
        return Some(Format::ServiceNow);
    }
    if first_of("result").is_some_and(|record| is_table_record(&record)) {
        return Some(Format::ServiceNow);
    }
    let is_push = |record: &Value<'_>| {
        record.get("message_key").is_some()
            && (record.get("event_class").is_some() || record.get("time_of_event").is_some())
    };
    if first_of("records").is_some_and(|record| is_push(&record) || is_table_record(&record)) {
        return Some(Format::ServiceNow);
    }
    None
}

/// A metric of either generation: `{"metric_name" or "metric_id": "ValueDrift(…)", "config": {"type": "evidently:…"}}` or
/// `{"metric": "DatasetDriftMetric", "result": {…}}`.
fn is_evidently_metric(metric: &Value<'_>) -> bool {
    let of_evidently = metric
        .at(&["config", "type"])
        .is_some_and(|kind| kind.string().is_some_and(|kind| kind.starts_with("evidently:")));
    let named_call = ["metric_name", "metric_id"].iter().any(|key| {
        metric.get(key).is_some_and(|name| name.string().is_some_and(|name| name.contains('(') && name.ends_with(')')))
    });
    let legacy = metric
        .get("metric")
        .is_some_and(|name| name.string().is_some_and(|name| name.ends_with("Metric") || name.ends_with("Table")))
        && metric.get("result").is_some();
    of_evidently || (named_call && metric.get("value").is_some()) || legacy
}
