//! The hash-chained decision log: one JSON object a line, each with the hash of the one before.

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::model::Timestamp;

use super::cast::{Endpoint, model_named};
use super::{DECISION_LOG_TOPIC, GeneratedRecord};

/// What somebody decided. Payloads hold texts, whole numbers and truths only, whose canonical form is plain.
pub(super) struct Entry {
    pub(super) time: Timestamp,
    pub(super) actor: &'static str,
    pub(super) action: &'static str,
    pub(super) subject: String,
    pub(super) payload: Value,
}

/// A risk assessment of a model version.
pub(super) fn risk_assessment(
    time: Timestamp,
    actor: &'static str,
    model: &str,
    version: u32,
    outcome: &str,
    score: u32,
) -> Entry {
    let payload = json!({
        "assessment_id": format!("RA-{model}-{version}"), "model": model, "version": version.to_string(),
        "outcome": outcome, "risk_score": score, "approver": actor,
    });
    Entry { time, actor, action: "risk_assessment", subject: format!("{model}/{version}"), payload }
}

/// A human review of a policy decision of an endpoint; its subject is the model that was used.
pub(super) fn review(
    time: Timestamp,
    actor: &'static str,
    decision: &str,
    endpoint: &'static Endpoint,
    outcome: &str,
) -> Entry {
    let model = model_named(endpoint.model);
    let payload = json!({ "reviewed_decision_id": decision, "endpoint": endpoint.id, "outcome": outcome });
    Entry { time, actor, action: "review", subject: format!("{}/{}", model.name, model.version), payload }
}

/// Chains entries, which are in order of time.
pub(super) fn chain(entries: &[Entry]) -> Vec<GeneratedRecord> {
    let mut previous = "0".repeat(64);
    let mut records = Vec::with_capacity(entries.len());
    for (index, entry) in entries.iter().enumerate() {
        let mut body = json!({
            "seq": index + 1, "ts": entry.time.to_string(), "actor": entry.actor, "action": entry.action,
            "subject": entry.subject, "payload": entry.payload, "prev_hash": previous,
        });
        previous = hash(&body);
        if let Value::Object(fields) = &mut body {
            fields.insert("hash".to_owned(), Value::from(previous.as_str()));
        }
        records.push(GeneratedRecord {
            topic: DECISION_LOG_TOPIC,
            key: Some("decision-log".to_owned()),
            headers: Vec::new(),
            value: body.to_string().into_bytes(),
            event_time: entry.time,
        });
    }
    records
}

/// SHA-256 of the canonical form (RFC 8785) of a record without its `hash`.
pub(super) fn hash(record: &Value) -> String {
    let digest = Sha256::digest(canonical(record).to_string().as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Keys in order. For texts, whole numbers and truths, what serde_json writes then is the canonical form; all keys here
/// are ASCII, for which the order of bytes is that of UTF-16.
fn canonical(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let mut sorted: Vec<(&String, &Value)> = fields.iter().collect();
            sorted.sort_by_key(|(key, _)| *key);
            sorted.into_iter().map(|(key, value)| (key.clone(), canonical(value))).collect::<Map<_, _>>().into()
        }
        Value::Array(items) => items.iter().map(canonical).collect(),
        scalar => scalar.clone(),
    }
}
