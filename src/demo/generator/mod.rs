//! A believable week of AI operations at a lender, in the producers' own formats, with planted incidents and near misses
//! for the five mission rules. Pure: seed and start are arguments; the same arguments give the same bytes.
//!
//! ```text
//! incidents ─┐
//!            ├▶ script (drafts in any order) ─▶ hash chain ─▶ order of arrival ─▶ records
//! background ┘
//! ```
//! Background events raise nothing: whatever a mission rule finds beyond what is planted here is an error of the rule or
//! of the engine. The week is preceded by a sparse history of five weeks, so that rules that look back 30 days are warm.

mod background;
mod cast;
mod decision_log;
mod evidently;
mod incident;
mod jira;
mod mlflow;
mod opa;
mod rhythm;
mod script;

use crate::model::{Span, Timestamp};

use script::Script;

/// What to generate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GeneratorSettings {
    /// Chooses everything that is left to chance.
    pub seed: u64,
    /// Midnight at which the week begins, best a Monday.
    pub start: Timestamp,
    /// About how many events; planted ones and reports always come, policy decisions fill up.
    pub events: usize,
}

impl GeneratorSettings {
    /// A week of 60,000 events.
    #[must_use]
    pub fn new(seed: u64, start: Timestamp) -> Self {
        Self { seed, start, events: 60_000 }
    }
}

/// Topic of MLflow's webhooks.
pub const MLFLOW_TOPIC: &str = "mlflow.webhooks";
/// Topic of OPA's decision logs.
pub const OPA_TOPIC: &str = "opa.decisions";
/// Topic of Evidently's reports.
pub const EVIDENTLY_TOPIC: &str = "evidently.reports";
/// Topic of the hash-chained decision log.
pub const DECISION_LOG_TOPIC: &str = "governance.decisions";
/// Topic of Jira's webhooks.
pub const JIRA_TOPIC: &str = "jira.webhooks";

/// No record arrives later than this after its event.
pub const LARGEST_DELAY: Span = Span::seconds(55);

/// One record as it would lie in Kafka.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GeneratedRecord {
    /// Topic.
    pub topic: &'static str,
    /// Record key; records of one key keep their order in a partition.
    pub key: Option<String>,
    /// Record headers.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The producer's own format.
    pub value: Vec<u8>,
    /// When it happened, as the value says, too.
    pub event_time: Timestamp,
}

/// Something that was planted: an incident that a rule must find, or a near miss that it must not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planted {
    /// Name of the rule.
    pub incident: &'static str,
    /// The alert's group key: canonical field and value.
    pub key: Vec<(String, String)>,
    /// Event time of the alert; of a near miss, when it would have been.
    pub at: Timestamp,
    /// Whether nothing may be found.
    pub near_miss: bool,
    /// What happened, in a sentence.
    pub story: String,
}

/// What was generated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Week {
    /// In order of arrival, which is that of event time but for [`LARGEST_DELAY`].
    pub records: Vec<GeneratedRecord>,
    /// In order of `at`.
    pub planted: Vec<Planted>,
}

/// Names of the mission rules, as the planted incidents use them.
pub mod rule_names {
    /// A model version goes to production without a risk-assessment pass in the 30 days before.
    pub const DEPLOYMENT: &str = "deployment_without_risk_assessment";
    /// Five policy denials of one endpoint in a row within ten minutes.
    pub const STREAK: &str = "consecutive_policy_violations";
    /// Drift and at least ten complaints in an hour about one model within six hours.
    pub const DRIFT: &str = "drift_with_complaints";
    /// A high-risk denial that nobody reviews within 24 hours.
    pub const REVIEW: &str = "decision_not_reviewed";
    /// Several of these about one model within a week.
    pub const RISK: &str = "accumulated_risk";
}

/// Generates the week.
#[must_use]
pub fn generate(settings: &GeneratorSettings) -> Week {
    let mut script = Script::new(settings);
    incident::plant(&mut script);
    background::fill(&mut script);
    script.finish()
}

#[cfg(test)]
mod tests;
