//! An alert as a list shows it, made of its document and of nothing else.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::alert::harmless;

/// Most characters of a text in a summary.
const TEXT: usize = 1000;
/// Most members of a list in a summary.
const MEMBERS: usize = 32;

/// An alert as a list shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Its identity, 32 hexadecimal digits.
    pub id: String,
    /// The newest revision.
    pub revision: u64,
    /// Event time.
    pub time: String,
    /// When this instance first had it.
    pub seen: String,
    /// `open`, `closed` or `retracted`.
    pub status: String,
    /// `critical` to `informational`.
    pub level: String,
    /// The rule that raised it.
    pub rule: RuleName,
    /// The rule's title.
    pub message: String,
    /// What happened, in a plain sentence.
    pub reason: String,
    /// The model that it is about.
    pub model: ModelName,
    /// Group-by fields and their values.
    pub group: Vec<(String, Option<String>)>,
    /// Techniques, such as `AML.T0018`.
    pub techniques: Vec<String>,
    /// 0 to 100.
    pub risk_score: f64,
    /// Contributing events.
    pub count: u64,
    /// Time of the first of them.
    pub first_seen: String,
    /// Time of the last of them.
    pub last_seen: String,
    /// How many of them the document shows.
    pub evidence: u64,
    /// What people have said of it.
    pub life: Life,
}

/// A rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleName {
    /// Its id.
    pub id: String,
    /// Its title.
    pub name: String,
}

/// A model.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelName {
    /// Its name.
    pub name: Option<String>,
    /// Its version.
    pub version: Option<String>,
}

/// What people have said of an alert.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Life {
    /// `new`, `acknowledged` or `closed`.
    pub state: String,
    /// Who said so.
    pub by: Option<String>,
    /// When.
    pub at: Option<String>,
    /// Why.
    pub reason: Option<String>,
}

impl Default for Life {
    fn default() -> Self {
        Self { state: "new".to_owned(), by: None, at: None, reason: None }
    }
}

impl Summary {
    /// The summary of a document. What is absent there is empty here.
    #[must_use]
    pub fn of(document: &Value, seen: &str) -> Self {
        let at = |path: &str| document.pointer(path);
        let text = |path: &str| at(path).and_then(first_text).unwrap_or_default();
        let number = |path: &str| at(path).and_then(Value::as_u64).unwrap_or_default();
        let group = at("/group").map(flatten).unwrap_or_default();
        Self {
            id: text("/alert/id"),
            revision: number("/alert/revision"),
            time: text("/@timestamp"),
            seen: seen.to_owned(),
            status: text("/alert/status"),
            level: text("/rule/level"),
            rule: RuleName { id: text("/rule/id"), name: text("/rule/name") },
            message: text("/message"),
            reason: text("/event/reason"),
            model: ModelName {
                name: at("/aigov/model/name").and_then(first_text),
                version: at("/aigov/model/version").and_then(first_text),
            },
            group: group.into_iter().take(MEMBERS).collect(),
            techniques: at("/threat/technique/id").map(texts).unwrap_or_default(),
            risk_score: at("/event/risk_score").and_then(Value::as_f64).unwrap_or_default(),
            count: number("/alert/count"),
            first_seen: text("/alert/first_seen"),
            last_seen: text("/alert/last_seen"),
            evidence: at("/events").and_then(Value::as_array).map_or(0, |events| events.len() as u64),
            life: Life::default(),
        }
    }
}

/// Nested objects as dotted names and texts, made harmless; a list as its members with commas between.
#[must_use]
pub fn flatten(value: &Value) -> Vec<(String, Option<String>)> {
    let mut pairs = Vec::new();
    let mut waiting: Vec<(String, &Value)> = vec![(String::new(), value)];
    while let Some((name, value)) = waiting.pop() {
        match value {
            Value::Object(members) => {
                let named = |(key, value): (&String, _)| {
                    (if name.is_empty() { key.clone() } else { format!("{name}.{key}") }, value)
                };
                let inner: Vec<(String, &Value)> = members.iter().map(named).collect();
                waiting.extend(inner.into_iter().rev());
            }
            Value::Null => pairs.push((harmless(&name, TEXT), None)),
            Value::Array(_) => pairs.push((harmless(&name, TEXT), Some(harmless(&texts(value).join(", "), TEXT)))),
            _ => pairs.push((harmless(&name, TEXT), first_text(value))),
        }
    }
    pairs
}

/// The texts of a list, or the one that it is.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Array(members) => members.iter().take(MEMBERS).filter_map(first_text).collect(),
        one => first_text(one).into_iter().collect(),
    }
}

fn first_text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(harmless(text, TEXT)),
        Value::Array(members) => members.first().and_then(first_text),
        other => Some(harmless(&other.to_string(), TEXT)),
    }
}
