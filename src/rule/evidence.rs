//! From a signal back to something a person reads: the evidence of an alert.

use std::sync::Arc;

use serde_json::Value;

use super::set::{DetectionRule, RuleSet};
use crate::model::{AlertId, Coordinates, Evidence, Scalar, Signal, StableHasher};

/// Identity of the alert that a detection raises for an event (RULES S11).
#[must_use]
pub fn detection_alert_id(rule: &DetectionRule, signal: &Signal<'_>) -> AlertId {
    let hasher = StableHasher::new("alert").part(rule.card.id.as_bytes()).part(&rule.meaning.to_le_bytes());
    AlertId(signal.anchor(hasher).finish())
}

/// A signal as evidence, with the titles of the detections that it matched.
#[must_use]
pub fn evidence(signal: &Signal<'_>, rules: &RuleSet) -> Evidence {
    let titles = signal.detections.iter().filter_map(|index| rules.detections.get(*index as usize));
    Evidence {
        time: signal.time,
        time_source: signal.time_source,
        coordinates: Coordinates {
            topic: Arc::from(signal.topic),
            partition: signal.partition,
            offset: signal.offset,
            sequence: signal.sequence,
        },
        id: signal.id.map(str::to_owned),
        rules: titles.map(|rule| rule.card.title.clone()).collect(),
        fields: signal
            .fields
            .iter()
            .map(|(slot, values)| (rules.fields.name(*slot).to_owned(), values.iter().map(json).collect()))
            .collect(),
    }
}

/// A scalar as JSON, with its type; a number that JSON cannot hold stays a text.
#[must_use]
pub fn json(scalar: &Scalar<'_>) -> Value {
    match scalar {
        Scalar::Null => Value::Null,
        Scalar::Bool(value) => Value::Bool(*value),
        Scalar::Number(text) => serde_json::from_str::<serde_json::Number>(text)
            .map_or_else(|_| Value::String((*text).to_owned()), Value::Number),
        Scalar::Text(text) => Value::String(text.clone().into_owned()),
    }
}
