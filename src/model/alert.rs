//! An alert: one revision of what a rule raised for one group. Plain data; the documents made of it are in `alert`.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{AlertId, Coordinates, Level, Span, TimeSource, Timestamp};

/// What an alert carries of its rule. Shared by all alerts of the rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleCard {
    /// Sigma `id`, else `name`, else title.
    pub id: String,
    /// Sigma `title`.
    pub title: String,
    /// Sigma `name`, if it has one.
    pub name: Option<String>,
    /// What the rule looks for and why.
    pub description: Option<String>,
    /// Severity.
    pub level: Level,
    /// Sigma `status`.
    pub status: Option<String>,
    /// Sigma `author`.
    pub author: Option<String>,
    /// Sigma `tags`, `namespace.value`.
    pub tags: Vec<String>,
    /// Where to read on.
    pub references: Vec<String>,
    /// When it is a false alarm.
    pub falsepositives: Vec<String>,
    /// What to do when it alerts, step by step (custom key `triage`).
    pub triage: Vec<String>,
    /// `detection` or the correlation's type, such as `temporal_ordered`.
    pub kind: String,
    /// The correlation's timespan; zero for detections.
    pub timespan: Span,
    /// The file it was loaded from, as given.
    pub file: String,
    /// Risk score of its alerts, 0 to 100.
    pub risk_score: u8,
    /// Whom the risk of its alerts falls on (RULES S17).
    #[serde(default)]
    pub entities: Vec<RiskEntity>,
    /// Lookup tables that it was compiled with.
    #[serde(default)]
    pub lookups: Vec<LookupVersion>,
}

/// An entity that the risk of an alert falls on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RiskEntity {
    /// What it is, such as `model` or `user`.
    pub kind: String,
    /// The field that holds its name.
    pub field: String,
}

/// A lookup table in the version that a rule was compiled with (RULES S18).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LookupVersion {
    /// Its name.
    pub name: String,
    /// SHA-256 of its file, in hexadecimal.
    pub version: String,
}

/// Where an alert stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AlertStatus {
    /// The condition holds, or held once and needs no end.
    Open,
    /// The episode has ended; counts are final.
    Closed,
    /// A late event showed that it should not have been raised.
    Retracted,
}

impl AlertStatus {
    /// The word used in documents.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed => "closed",
            Self::Retracted => "retracted",
        }
    }
}

/// What was waited for and did not come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Absence {
    /// Titles of the rules of which no event came.
    pub missing: Vec<String>,
    /// Start of the span in which one was looked for.
    pub from: Timestamp,
    /// End of that span: until when it was waited for.
    pub until: Timestamp,
}

/// An event that contributed to an alert.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// Event time.
    pub time: Timestamp,
    /// Where that time came from.
    pub time_source: TimeSource,
    /// Where the record lies.
    pub coordinates: Coordinates,
    /// Producer's id.
    pub id: Option<String>,
    /// Titles of the rules that it matched for this alert.
    pub rules: Vec<String>,
    /// Projected fields, dotted name and values.
    pub fields: Vec<(String, Vec<serde_json::Value>)>,
}

/// One revision of an alert.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Alert {
    /// The same in every revision and every replay.
    pub id: AlertId,
    /// Counts from 1; a higher one replaces a lower one.
    pub revision: u64,
    /// Open, closed or retracted.
    pub status: AlertStatus,
    /// Event time at which the condition became true, or the deadline of an absence. Never changes.
    pub time: Timestamp,
    /// The rule.
    pub rule: Arc<RuleCard>,
    /// Group-by fields (alias names) and canonical values; `None` is a missing value under `missing-key: group`.
    pub group: Vec<(String, Option<String>)>,
    /// Number of contributing events, evidence or not.
    pub count: u64,
    /// Alerts that `suppress` held back behind this one.
    pub suppressed: u64,
    /// Time of the first contributing event.
    pub first_seen: Timestamp,
    /// Time of the last contributing event.
    pub last_seen: Timestamp,
    /// The measured value (count, distinct count, …), for rules that measure one.
    pub value: Option<f64>,
    /// The threshold in words, such as `>= 5`, for rules that have one.
    pub threshold: Option<String>,
    /// What did not happen, for rules with absence.
    pub absence: Option<Absence>,
    /// The rule had not seen a whole timespan of history yet (RULES S14).
    pub cold_start: bool,
    /// Contributing events, oldest first, at most the newest 64.
    pub evidence: Vec<Evidence>,
    /// For a retraction: id or coordinates of the late event that caused it.
    pub cause: Option<String>,
}
