//! Streams of events for the reference and for the engine: small alphabets, so that ties, repetitions, missing and
//! multiple keys are frequent.

use serde_json::{Map, Value, json};

/// 2026-01-05T00:00:00Z, a multiple of every timespan that is generated.
pub(crate) const START: i64 = 1_767_571_200;
/// Nanoseconds of a second.
pub(crate) const SECOND: i64 = 1_000_000_000;

/// An event as its producer wrote it.
#[derive(Clone, PartialEq)]
pub(crate) struct Event {
    /// Its line in the file, from 1; it decides ties.
    pub(crate) line: i64,
    /// Event time in seconds after [`START`].
    pub(crate) second: i64,
    /// The producer's id.
    pub(crate) id: Option<String>,
    /// Which of the detections a, b, c and d it matches.
    pub(crate) matches: [bool; 4],
    /// Fields `k`, `j` (keys), `v` and `w` (values).
    pub(crate) fields: [Option<Value>; 4],
}

/// Names of the fields.
pub(crate) const FIELDS: [&str; 4] = ["k", "j", "v", "w"];
/// Names of the detections.
pub(crate) const DETECTIONS: [&str; 4] = ["a", "b", "c", "d"];

impl std::fmt::Debug for Event {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "line {}: {}", self.line, String::from_utf8_lossy(&self.record(-START)))
    }
}

impl Event {
    /// Event time in nanoseconds.
    pub(crate) fn time(&self) -> i64 {
        (START + self.second) * SECOND
    }

    /// The record, `shift` seconds later.
    pub(crate) fn record(&self, shift: i64) -> Vec<u8> {
        let mut record = Map::new();
        record.insert("ts".to_owned(), json!(START + self.second + shift));
        if let Some(id) = &self.id {
            record.insert("id".to_owned(), json!(id));
        }
        for (name, matches) in DETECTIONS.iter().zip(self.matches) {
            if matches {
                record.insert(format!("is_{name}"), json!(true));
            }
        }
        for (name, value) in FIELDS.iter().zip(&self.fields) {
            if let Some(value) = value {
                record.insert((*name).to_owned(), value.clone());
            }
        }
        serde_json::to_vec(&record).unwrap()
    }

    /// The values of a field as keys compare them (RULES S5): each once, none when it is missing, null or an object.
    pub(crate) fn values(&self, field: &str) -> Vec<String> {
        let index = FIELDS.iter().position(|name| *name == field);
        let Some(value) = index.and_then(|index| self.fields[index].as_ref()) else { return Vec::new() };
        let members = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
        let mut texts = Vec::new();
        for member in members {
            let text = match member {
                Value::String(text) => text,
                Value::Bool(flag) => flag.to_string(),
                Value::Number(number) => {
                    let text = number.to_string();
                    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
                }
                Value::Null | Value::Object(_) | Value::Array(_) => continue,
            };
            if !texts.contains(&text) {
                texts.push(text);
            }
        }
        texts
    }

    /// The numbers of a field, in quarters, as often as they are there.
    pub(crate) fn quarters(&self, field: &str) -> Vec<i64> {
        let index = FIELDS.iter().position(|name| *name == field);
        let Some(value) = index.and_then(|index| self.fields[index].as_ref()) else { return Vec::new() };
        let members = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
        members
            .iter()
            .filter_map(|member| match member {
                Value::String(text) => quarters(text),
                Value::Number(number) => quarters(&number.to_string()),
                _ => None,
            })
            .collect()
    }
}

/// A text as a number of quarters.
pub(crate) fn quarters(text: &str) -> Option<i64> {
    text.parse::<f64>().ok().map(|number| (number * 4.0) as i64)
}
